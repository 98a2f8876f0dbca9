"""Reports as the settings say, as the command line says, and in the browser."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.assess import assess, last_run
from tests.unit.inputs.pictures import svg

SETTINGS = """\
organisation: Bakkerij Zoet
assessor: Koek ICT
language: nl
targets: [{name: hier, role: server, transport: local}]
report:
  formats: [html, json]
  audiences: [client, internal]
  region: BE
  logo: logo.svg
  colour: "#ffe08a"
  accent: "#ff8800"
  contact: {name: Helpdesk, email: help@koek.example}
"""


@pytest.fixture(name="client", scope="module")
def _client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client's folder with a house style, in which one run was made."""
    folder = tmp_path_factory.mktemp("zoet")
    (folder / "assessment.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "logo.svg").write_bytes(svg("<rect width='40' height='20'/>"))
    done = assess(folder, "run", "-q")
    assert done.returncode in {0, 1, 3}, done.stderr
    (folder / "told").write_text(done.stdout)
    return folder


def names(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The names of the files that were printed."""
    assert done.returncode == 0, done.stderr
    return [Path(line).name for line in done.stdout.splitlines()]


def text(client: Path, name: str) -> str:
    return (last_run(client) / name).read_text(encoding="utf-8")


def test_a_run_writes_what_the_settings_ask_for_and_says_for_whom(client: Path) -> None:
    run = last_run(client)
    told = (client / "told").read_text()

    assert {path.name for path in run.glob("report.*")} == {
        "report.nl.html",
        "report.nl.json",
        "report.nl.client.html",
        "report.nl.client.json",
    }
    assert f"Rapport voor uzelf: {run / 'report.nl.html'}\n" in told
    assert f"Rapport voor uw klant: {run / 'report.nl.client.html'}\n" in told


def test_the_house_style_and_the_region_of_the_settings_are_in_them(client: Path) -> None:
    for name in ("report.nl.html", "report.nl.client.html"):
        page = text(client, name)
        assert '<html lang="nl-BE">' in page
        assert "data:image/svg+xml;base64," in page
        assert "Logo van Koek ICT" in page
        assert "mailto:help@koek.example" in page
        assert "--house: #ffe08a" in page
        assert "img-src data:" in page


def test_json_for_programmes_is_that_for_who_assesses(client: Path) -> None:
    """Whatever the first audience is: with --json a run prints the whole of it."""
    whole = json.loads(text(client, "report.nl.json"))
    assert [target["name"] for target in whole["targets"]] == ["hier"]


def test_forms_languages_and_readers_may_be_chosen(client: Path) -> None:
    done = assess(
        client, "report", "--format", "html", "--lang", "en,nl-NL", "--audience", "internal"
    )

    assert names(done) == ["report.en.html", "report.nl.html"]
    assert '<html lang="en">' in text(client, "report.en.html")
    assert '<html lang="nl">' in text(client, "report.nl.html")
    again = assess(client, "report", "--format", "html", "--format", "json", "--lang", "nl")
    assert names(again) == [
        "report.nl.client.html",
        "report.nl.client.json",
        "report.nl.html",
        "report.nl.json",
    ]
    assert '<html lang="nl-BE">' in text(client, "report.nl.html")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--format", "html,xls"], "choose from html, pdf, json, md, docx, summary"),
        (["--format", "htm"], "did you mean 'html'?"),
        (["--lang", "fr"], "choose from nl, nl-BE, nl-NL, en"),
        (["--lang", "nl,nl-BE"], "written to the same file"),
        (["--audience", "boss"], "choose from internal, client"),
        (["--templates", "nowhere"], "there is no folder nowhere"),
    ],
)
def test_a_wrong_word_is_told_and_writes_nothing(client: Path, words: list[str], what: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in last_run(client).iterdir()}

    done = assess(client, "report", *words)

    assert done.returncode == 2
    assert what in done.stderr
    assert {path: path.stat().st_mtime_ns for path in last_run(client).iterdir()} == before


def test_other_commands_know_the_region_too(client: Path) -> None:
    schedule = ("schedule", "install", "--dry-run", "--user", "--with", "cron", "--")
    for words in ((*schedule, "--lang", "nl-BE"), ("export", "--format", "csv", "--lang", "nl-BE")):
        done = assess(client, *words)
        assert done.returncode == 0, done.stderr
    assert assess(client, *schedule, "--lang", "fr").returncode == 2


def test_help_shows_how_it_is_used(client: Path) -> None:
    told = assess(client, "report", "--help").stdout

    assert "assess report --format html,pdf --lang nl,en" in told
    assert "html|pdf|json|md|docx|summary" in told


def test_templates_of_ones_own_go_before_ours(client: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    path = tmp_path / "parts" / "masthead.html.j2"
    path.write_text("<header>Eigen kop: {{ view.summary.title }}</header>", encoding="utf-8")
    words = ("report", "--format", "html", "--lang", "en", "--templates", str(tmp_path))

    assert names(assess(client, *words))
    assert "<header>Eigen kop: Bakkerij Zoet</header>" in text(client, "report.en.html")

    path.write_text("<header>\n{{ view.nothing }}</header>", encoding="utf-8")
    done = assess(client, *words)
    assert done.returncode == 2
    assert f"{path}:2: this template is broken: UndefinedError" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_template_costs_a_run_its_report_and_nothing_else(
    client: Path, tmp_path: Path
) -> None:
    (tmp_path / "house" / "parts").mkdir(parents=True)
    (tmp_path / "house" / "parts" / "masthead.html.j2").write_text("{{ view.nothing }}")
    (tmp_path / "logo.svg").write_bytes((client / "logo.svg").read_bytes())
    settings = SETTINGS + "  templates: house\n"
    (tmp_path / "assessment.yaml").write_text(settings, encoding="utf-8")

    done = assess(tmp_path, "run", "-q")

    assert done.returncode == 2
    assert "masthead.html.j2:1: this template is broken" in done.stderr
    run = last_run(tmp_path)
    assert {path.name for path in run.glob("report.*")} == {
        "report.nl.json",
        "report.nl.client.json",
    }
    listed = assess(tmp_path, "history", "--json").stdout
    assert json.loads(listed.splitlines()[-1])["finished"] is True
    assert assess(tmp_path, "verify").returncode == 0


def test_wrong_settings_are_told_before_anything_is_asked(client: Path, tmp_path: Path) -> None:
    (tmp_path / "assessment.yaml").write_text(SETTINGS, encoding="utf-8")

    done = assess(tmp_path, "run", "-q")

    assert done.returncode == 2
    assert "assessment.yaml:9: report.logo: logo.svg: there is no such file" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_run_by_its_path_has_the_style_of_its_own_assessment(
    client: Path, tmp_path: Path
) -> None:
    run = last_run(client)

    done = assess(tmp_path, "report", str(run), "--format", "html", "--audience", "client")

    assert names(done) == ["report.nl.client.html"]
    assert "Logo van Koek ICT" in text(client, "report.nl.client.html")
    assert list(tmp_path.iterdir()) == []


def test_open_prints_where_it_is_and_opens_it(client: Path, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    page = last_run(client) / "report.nl.html"

    done = assess(client, "open", BROWSER=str(browser))

    assert names(done) == ["report.nl.html"]
    assert done.stderr == ""
    assert opened.read_text().strip() == page.as_uri()


def test_open_writes_what_is_not_there(client: Path) -> None:
    page = last_run(client) / "report.en.client.html"
    page.unlink(missing_ok=True)

    done = assess(client, "open", "--lang", "en", "--audience", "client", "--print")

    assert done.stdout == f"{page}\n"
    assert '<html lang="en">' in page.read_text(encoding="utf-8")
    # The one in other words of the same language is not taken for it.
    for tag, lang in (("nl-NL", "nl"), ("nl", "nl-BE")):
        assert names(assess(client, "open", "--lang", tag, "--print")) == ["report.nl.html"]
        assert f'<html lang="{lang}">' in text(client, "report.nl.html")


def test_open_without_a_browser_says_so(client: Path) -> None:
    done = assess(client, "open")

    assert names(done) == ["report.nl.html"]
    assert "no browser" in done.stderr
    assert "no browser" not in assess(client, "open", "--print").stderr


def test_open_of_no_run_is_told(tmp_path: Path) -> None:
    done = assess(tmp_path, "open", "--print")

    assert done.returncode == 3
    assert "holds no runs yet" in done.stderr
