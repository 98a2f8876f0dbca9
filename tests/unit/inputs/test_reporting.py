"""What assessment.yaml says of reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError, InputErrors
from assessor.inputs.assessment import load_assessment
from assessor.inputs.reporting import load_report_settings
from assessor.model.report_settings import (
    Audience,
    Contact,
    Format,
    HouseStyle,
    Logo,
    ReportSettings,
)
from tests.unit.inputs.folders import ONE_TARGET, folder_with, placed, refused
from tests.unit.inputs.pictures import PNG, svg

WHOLE = """\
report:
  formats: [html, json, pdf, md, docx, summary, html]
  audiences: client
  region: BE
  logo: huisstijl/logo.png
  colour: "#16303F"
  accent: "#1a5276"
  contact:
    name: Helpdesk
    email: help@zoet.example
    phone: "+32 2 555 01 23"
    website: https://www.zoet.example/contact
    address: |
      Kerkstraat 1
      9000 Gent
  templates: sjablonen
"""


def test_everything_that_may_be_said_is_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ONE_TARGET + WHOLE)
    (folder / "huisstijl").mkdir()
    (folder / "huisstijl" / "logo.png").write_bytes(PNG)
    (folder / "sjablonen").mkdir()

    report = load_assessment(folder).report

    assert report == ReportSettings(
        formats=(
            Format.HTML,
            Format.JSON,
            Format.PDF,
            Format.MARKDOWN,
            Format.DOCX,
            Format.SUMMARY,
        ),
        audiences=(Audience.CLIENT,),
        region="BE",
        style=HouseStyle(
            colour="#16303f",
            accent="#1a5276",
            logo=Logo("image/png", PNG),
            contact=Contact(
                "Helpdesk",
                "help@zoet.example",
                "+32 2 555 01 23",
                "https://www.zoet.example/contact",
                "Kerkstraat 1\n9000 Gent\n",
            ),
        ),
        templates=folder / "sjablonen",
    )
    assert load_report_settings(folder) == report


@pytest.mark.parametrize("settings", ["", "report:\n", "report: {region: NL}\n"])
def test_without_settings_it_is_as_usual(tmp_path: Path, settings: str) -> None:
    folder = folder_with(tmp_path, ONE_TARGET + settings)

    assert load_assessment(folder).report == load_report_settings(folder) == ReportSettings()
    assert ReportSettings().formats == (Format.HTML, Format.JSON)
    assert ReportSettings().audiences == (Audience.INTERNAL, Audience.CLIENT)


def test_without_an_assessment_it_is_as_usual(tmp_path: Path) -> None:
    assert load_assessment(tmp_path).report == load_report_settings(tmp_path) == ReportSettings()


def test_reports_of_old_runs_wait_for_nothing_else_in_the_settings(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "targets: [{name: a b}]\nreport: {region: BE}\n")

    assert load_report_settings(folder).region == "BE"


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ("formats: [html, xml]", "report.formats[1]", "html, json, pdf, md, docx, summary"),
        ("formats: []", "report.formats", "at least 1"),
        ("audiences: everybody", "report.audiences", "must be one of internal, client"),
        ("region: FR", "report.region", "must be one of NL, BE"),
        ("colour: 16303f", "report.colour", "six hexadecimal digits"),
        ("colour: #16303f", "report.colour", "six hexadecimal digits"),
        ('accent: "#fff"', "report.accent", "six hexadecimal digits"),
        ('accent: "red; } body { display: none"', "report.accent", "six hexadecimal digits"),
        ('accent: "#16303f\\n}"', "report.accent", "six hexadecimal digits"),
        ("logo: logo.png", "report.logo", "logo.png: there is no such file"),
        ("logo: bad.svg", "report.logo", "bad.svg, line 1: this SVG holds <script>"),
        ("templates: nowhere", "report.templates", "there is no folder 'nowhere'"),
        ("contact: {email: a b}", "report.contact.email", "no e-mail address"),
        ('contact: {phone: "bel mij"}', "report.contact.phone", "no telephone number"),
        ("contact: {phone: 025550123}", "report.contact.phone", "must be a text"),
        ("contact: {website: zoet.example}", "report.contact.website", "no address of a website"),
        ('contact: {website: "javascript:x"}', "report.contact.website", "no address of a website"),
        ("contact: {website: 'http://[x'}", "report.contact.website", "no address of a website"),
        ("contact: {mail: a@b.example}", "report.contact.mail", "no setting of this place"),
        ("colors: {}", "report.colors", "no setting of this place"),
    ],
)
def test_a_fault_names_its_line_its_field_and_the_mend(
    tmp_path: Path, line: str, field: str, message: str
) -> None:
    folder = folder_with(tmp_path, f"{ONE_TARGET}report:\n  {line}\n")
    (folder / "bad.svg").write_bytes(svg("<script/>"))

    (problem,) = refused(folder)
    with pytest.raises(InputError) as alone:
        load_report_settings(folder)

    assert placed((problem,)) == [(3, field)]
    assert message in problem.message
    assert str(alone.value) == str(problem)


def test_a_colour_and_a_logo_say_how_they_are_mended(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, f"{ONE_TARGET}report:\n  colour: #16303f\n  accent: blue\n")

    with pytest.raises(InputErrors) as caught:
        load_report_settings(folder)

    assert [problem.mend for problem in caught.value.problems] == [
        'write for example "#16303f"; without quotes # begins a remark'
    ] * 2


def test_a_part_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ONE_TARGET + "report: pdf\n")

    assert placed(refused(folder)) == [(2, "report")]
