"""``assess attest`` as people use it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessor.inputs.words import load_words
from assessor.model.attestation import Answer
from tests.unit.cli.conftest import Assess
from tests.unit.cli.folders import assessment
from tests.unit.cli.terminals import assess_on_terminal

TODAY = date.today()  # noqa: DTZ011 - as the command itself
WHO = ("--by", "A. Bakker", "--role", "eigenaar")
SAID = ("--answer", "yes", *WHO, "--text", "Twee blussers.")


def _photo(folder: Path, name: str = "blusser.jpg") -> Path:
    path = folder / name
    path.write_bytes(b"\xff\xd8\xff\xe0 a photo")
    return path


def _listed(assess: Assess, folder: Path, *words: str) -> dict[str, Any]:
    done = assess(folder, "attest", "--list", "--json", *words)
    assert done.code == 0, done.err
    items = [json.loads(line) for line in done.out.splitlines()]
    return {item["measure"]: item for item in items}


def test_from_options_alone(assess: Assess, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    photo = _photo(tmp_path)

    done = assess(folder, "attest", "fire-safety", *SAID, "--file", str(photo))

    assert done.code == 0, done.err
    (attestation,) = load_words(folder).attestations
    assert attestation.answer is Answer.YES
    assert (attestation.by, attestation.role) == ("A. Bakker", "eigenaar")
    assert attestation.given == TODAY
    assert attestation.expires == TODAY + timedelta(days=365)
    assert [file.name for file in attestation.files] == ["blusser.jpg"]
    assert "geldig tot en met" in done.out
    assert attestation.id in done.err


def test_days_and_json(assess: Assess, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    until = TODAY + timedelta(days=40)
    days = ("--date", f"{TODAY:%d-%m-%Y}", "--expires", until.isoformat())

    done = assess(folder, "attest", "fire-safety", *SAID, *days, "--json")

    told = json.loads(done.out)
    assert told["expires"] == until.isoformat()
    assert told["attestation"] == load_words(folder).attestations[0].id


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name a measure"),
        (("fire-safty", *SAID), "did you mean 'fire-safety'"),
        (("tls", *SAID), "anyone can see it from outside"),
        (("fire-safety", "--answer", "yes"), "not said: --text, --by, --role"),
        (("fire-safety", *SAID, "--date", "soon"), "'soon' is no day"),
        (("fire-safety", *SAID, "--date", "2990-01-01"), "still to come"),
        (("fire-safety", *SAID, "--expires", "2001-01-01"), "that day is over"),
        (("fire-safety", *SAID, "--file", "gone.jpg"), "gone.jpg cannot be read: No such file"),
        (("fire-safety", *SAID, "--file", "assessment.yaml/x"), "cannot be read"),
        (("fire-safety", *SAID, "--file", "."), "it is no file"),
        (("fire-safety", "--list"), "--list shows all measures"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    assess: Assess, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    folder = assessment(tmp_path / "c")

    done = assess(folder, "attest", *words)

    assert done.code == 2, done.err
    assert told in done.err
    assert "mend:" in done.err
    assert not (folder / "attestations").exists()


def test_the_list_tells_what_is_missing_and_when_the_rest_expires(
    assess: Assess, tmp_path: Path
) -> None:
    folder = assessment(tmp_path / "c")
    until = TODAY + timedelta(days=20)

    assert {item["state"] for item in _listed(assess, folder).values()} == {"missing"}
    assess(folder, "attest", "fire-safety", *SAID, "--expires", until.isoformat())
    assess(folder, "attest", "ups", "--answer", "no", *WHO, "--text", "Er is er geen.")

    listed = _listed(assess, folder)
    assert listed.keys() == {"fire-safety", "confidentiality-agreement", "ups"}
    assert listed["fire-safety"] | {"attestation": ""} == {
        "measure": "fire-safety",
        "kind": "physical",
        "promised": True,
        "state": "soon",
        "days_left": 20,
        "attestation": "",
        "answer": "yes",
        "by": "A. Bakker",
        "given": TODAY.isoformat(),
        "expires": until.isoformat(),
        "files": [],
    }
    assert listed["confidentiality-agreement"]["state"] == "missing"
    assert listed["ups"]["promised"] is False
    assert list(_listed(assess, folder, "--all"))[-1] in ("fire-safety", "ups"), (
        "what counts stands last"
    )

    shown = assess(folder, "attest", "--list", "--lang", "en")
    assert "Fire safety: yes, valid through" in shown.out
    assert "Emergency power: no, valid through" in shown.out
    assert "not in the statement" in shown.out
    assert "assess questionnaire" in shown.err


def test_expired_words_are_told(assess: Assess, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    assess(folder, "attest", "fire-safety", *SAID)
    (path,) = (folder / "attestations").glob("*.yaml")
    text = path.read_text("utf-8")
    yesterday = TODAY - timedelta(days=1)
    old = text.replace(f"given: {TODAY}", "given: 2020-01-01")
    path.write_text(
        old.replace(f"expires: {TODAY + timedelta(days=365)}", f"expires: {yesterday}"), "utf-8"
    )

    assert _listed(assess, folder)["fire-safety"]["state"] == "expired"
    assert _listed(assess, folder)["fire-safety"]["days_left"] == -1


def test_altered_evidence_stops_the_list(assess: Assess, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    assess(folder, "attest", "fire-safety", *SAID, "--file", str(_photo(tmp_path)))
    (kept,) = (folder / "attestations" / "files").iterdir()
    kept.write_bytes(b"something else")

    done = assess(folder, "attest", "--list")

    assert done.code == 2
    assert "'blusser.jpg' was altered" in done.err


def test_without_a_statement_nothing_is_promised(assess: Assess, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", statement=None)

    done = assess(folder, "attest", "--list")

    assert done.code == 0
    assert done.out == ""
    assert "geen privacyverklaring" in done.err
    assert len(_listed(assess, folder, "--all")) > 40


def test_on_a_terminal_it_asks_for_what_is_missing(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    photo = _photo(tmp_path, "de blusser's foto.jpg")

    with assess_on_terminal(folder, "attest", "fire-safety", "--by", "A. Bakker") as screen:
        screen.wait_for("Wat telt als bewijs", "Enter: overslaan")
        screen.type("misschien")
        screen.wait_for("Antwoord met ja, deels of nee", "Enter: overslaan")
        screen.type("deels")
        screen.wait_for("in eigen woorden")
        screen.type("", "Eén blusser, gekeurd in maart.")
        screen.wait_for("mag niet leeg zijn", "pad van een bestand")
        screen.type("nergens.jpg", str(folder / "assessment.yaml"), f"'{tmp_path}/gone'")
        screen.wait_for("geen bestand nergens.jpg", "gaat mee", "geen bestand")
        screen.type(str(photo), "")
        screen.wait_for("(1 kB) gaat mee", "Op welke dag")
        screen.type("32-1-2026", "1-3-2990")
        screen.wait_for("Schrijf een datum", "Geldig tot en met")
        screen.type("", "eigenaar")
        screen.wait_for("moet nog komen", "Op welke dag")
        screen.type("", "")
        assert screen.end() == 0, screen.seen

    (attestation,) = load_words(folder).attestations
    assert attestation.answer is Answer.PARTLY
    assert attestation.text == "Eén blusser, gekeurd in maart."
    assert attestation.by == "A. Bakker"
    assert attestation.role == "eigenaar"
    assert [file.name for file in attestation.files] == [
        "assessment.yaml.txt",
        "de blusser's foto.jpg",
    ]
    assert attestation.expires == TODAY + timedelta(days=365)


def test_a_path_dropped_on_the_terminal_may_stand_between_quotes(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", language="en")
    photo = _photo(tmp_path, "a photo.jpg")

    with assess_on_terminal(folder, "attest", "ups", "--answer", "yes", *WHO) as screen:
        screen.wait_for("Explain")
        screen.type("It hangs there.", f"'{photo}' ", str(photo).replace(" ", "\\ "), "", "", "")
        assert screen.end() == 0, screen.seen

    assert [file.name for file in load_words(folder).attestations[0].files] == ["a photo.jpg"] * 2


@pytest.mark.parametrize(("keys", "told"), [("", "Overgeslagen"), ("q", "Overgeslagen")])
def test_whoever_skips_records_nothing(tmp_path: Path, keys: str, told: str) -> None:
    folder = assessment(tmp_path / "c")

    with assess_on_terminal(folder, "attest", "fire-safety") as screen:
        screen.wait_for("Enter: overslaan")
        screen.type(keys)
        assert screen.end() == 0

    assert told in screen.seen
    assert not (folder / "attestations").exists()


def test_interrupted_halfway_it_records_nothing(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")

    with assess_on_terminal(folder, "attest", "fire-safety") as screen:
        screen.wait_for("Enter: overslaan")
        screen.type("ja")
        screen.wait_for("in eigen woorden")
        screen.interrupt()
        assert screen.end() == 130, screen.seen

    assert "Nothing was recorded" in screen.seen
    assert not (folder / "attestations").exists()


def test_a_folder_that_may_not_be_written(assess: Assess, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    (folder / "attestations").write_text("in the way", encoding="utf-8")

    done = assess(folder, "attest", "ups", *SAID, "--file", str(_photo(tmp_path)))

    assert done.code == 2
    assert "attestations: cannot be read: Not a directory" in done.err
