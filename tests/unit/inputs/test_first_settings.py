"""The first assessment.yaml reads back as it was meant."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessor import bundled
from assessor.errors import UsageError
from assessor.inputs.assessment import load_assessment
from assessor.inputs.first_settings import (
    FirstSettings,
    first_targets,
    render,
    write_first_settings,
)
from assessor.inputs.measures import load_measures
from assessor.model.language import Language
from assessor.model.target import Role, TransportKind
from tests.unit.inputs.pictures import PNG


def _settings(organisation: str = "Acme", assessor: str = "") -> FirstSettings:
    return FirstSettings(organisation, assessor, Language.EN, None, "mkb", first_targets(["local"]))


MEASURES = tuple(load_measures(bundled.folder("profiles") / "measures.yaml"))
_any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(deadline=None, max_examples=60)
@given(_any_text, _any_text)
@example('Jansen & Zn.: "IT\'s" #1 - {x} [y] *z !a %b |', "no")
@example("\x00\x1b\x7f\x85\ufeff\u2028\U0001f600", "\r\n\t")
def test_any_name_reads_back_as_it_was(organisation: str, assessor: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_first_settings(Path(folder), _settings(organisation, assessor))

        assessment = load_assessment(Path(folder), known_measures=MEASURES)

    assert assessment.organisation == organisation
    assert assessment.assessor == assessor
    assert assessment.language is Language.EN


@pytest.mark.parametrize(
    ("text", "name", "role", "address", "port", "user"),
    [
        ("web01.example.nl", "web01.example.nl", Role.SERVER, "web01.example.nl", None, None),
        ("jan@web01:2222", "web01", Role.SERVER, "web01", 2222, "jan"),
        ("ssh://jan@web01:2222/", "web01", Role.SERVER, "web01", 2222, "jan"),
        ("[2001:db8::1]:22", "2001-db8-1", Role.SERVER, "2001:db8::1", 22, None),
        ("nas=admin@192.0.2.9", "192.0.2.9", Role.NAS, "192.0.2.9", None, "admin"),
        ("https://www.example.nl/x?y", "www.example.nl", Role.SITE, "www.example.nl", None, None),
        ("https://example.nl:8443", "example.nl", Role.SITE, "example.nl", 8443, None),
        ("mail:example.nl", "example.nl", Role.MAIL_DOMAIN, "example.nl", None, None),
        ("mailto:info@example.nl", "example.nl", Role.MAIL_DOMAIN, "example.nl", None, None),
    ],
)
def test_targets_in_short(
    tmp_path: Path,
    text: str,
    name: str,
    role: Role,
    address: str,
    port: int | None,
    user: str | None,
) -> None:
    settings = FirstSettings("", "", Language.NL, None, "mkb", first_targets([text]))
    write_first_settings(tmp_path, settings)

    (target,) = load_assessment(tmp_path).targets

    assert (target.name, target.role, target.address) == (name, role, address)
    assert (target.port, target.user) == (port, user)


def test_this_machine_in_short(tmp_path: Path) -> None:
    write_first_settings(
        tmp_path,
        FirstSettings("", "", Language.NL, None, "mkb", first_targets(["workstation=local"])),
    )

    (target,) = load_assessment(tmp_path).targets

    assert (target.transport, target.role) == (TransportKind.LOCAL, Role.WORKSTATION)


def test_names_are_made_unique_without_losing_the_address(tmp_path: Path) -> None:
    targets = first_targets(["https://example.nl", "mail:example.nl", "jan@EXAMPLE.nl"])
    write_first_settings(tmp_path, FirstSettings("", "", Language.NL, None, "mkb", targets))

    found = load_assessment(tmp_path).targets

    assert [(target.name, target.address) for target in found] == [
        ("example.nl", "example.nl"),
        ("example.nl-2", "example.nl"),
        ("EXAMPLE.nl-3", "EXAMPLE.nl"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "printer=a",
        "https://",
        "http://example.nl",
        "https://jan:x@example.nl",
        "https://example.nl:99999",
        "jan:hunter2@web01",
        "web01:99999",
        "web01:",
        "@web01",
        "mail:",
        "-oProxyCommand=x",
        "site=jan@web01:0",
    ],
)
def test_texts_that_name_no_target(text: str) -> None:
    with pytest.raises(UsageError):
        first_targets([text])


def test_settings_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "assessment.yaml"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(UsageError, match="exists already"):
        write_first_settings(tmp_path, _settings())

    assert path.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")

    with pytest.raises(UsageError, match="cannot make the folder"):
        write_first_settings(tmp_path / "file" / "folder", _settings())


def test_the_examples_in_the_comments_are_true(tmp_path: Path) -> None:
    """Every commented setting, uncommented, is one that loads."""
    lines = render(_settings()).splitlines()
    text = "\n".join(
        line.removeprefix("# ")
        if line.startswith(("# groups:", "#   linux:", "#     user:", "#     privilege:", "# run:"))
        else line
        for line in lines
    )
    (tmp_path / "assessment.yaml").write_text(text, encoding="utf-8")

    assessment = load_assessment(tmp_path)

    assert assessment.limits.jobs == 16
    assert assessment.limits.deadline_s == 120


def test_every_field_of_a_target_in_the_comments_is_true(tmp_path: Path) -> None:
    lines = iter(render(_settings()).splitlines())
    for line in lines:
        if line.startswith("# Its other settings"):
            break
    fields = []
    for line in lines:
        if not line.startswith("#"):
            break
        fields.append(_without_remark(line))
    text = "groups: {linux: }\ntargets:\n- name: a\n  role: nas\n" + "\n".join(fields)
    (tmp_path / "assessment.yaml").write_text(text, encoding="utf-8")

    (target,) = load_assessment(tmp_path).targets

    assert target.port == 2222
    assert target.tags == ("production",)
    assert len(target.secrets) == 3


def _without_remark(line: str) -> str:
    """``#   port: 2222    why`` as ``  port: 2222``: two spaces begin a remark."""
    body = line.removeprefix("# ")
    indent = len(body) - len(body.lstrip())
    return " " * indent + body.strip().split("  ")[0]


def test_the_example_of_a_report_is_one(tmp_path: Path) -> None:
    """Whoever takes the signs away from the example has settings that are read."""
    lines = render(_settings()).splitlines(keepends=True)
    start = lines.index("# report:\n")
    end = lines.index("\n", start)
    example = [line.removeprefix("# ") for line in lines[start:end]]
    (tmp_path / "assessment.yaml").write_text(
        "".join([*lines[:start], *example, *lines[end:]]), encoding="utf-8"
    )
    (tmp_path / "logo.png").write_bytes(PNG)

    report = load_assessment(tmp_path, known_measures=MEASURES).report

    assert report.region == "BE"
    assert report.style.colour == "#16303f"
    assert report.style.logo
    assert report.style.contact.name == "Helpdesk"
