"""``assess questionnaire`` on a real pseudo-terminal."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from assessor.inputs.words import load_words
from tests.unit.cli.conftest import Assess
from tests.unit.cli.folders import assessment
from tests.unit.cli.terminals import Screen, assess_on_terminal

TODAY = date.today()  # noqa: DTZ011 - as the command itself


def _answer(screen: Screen, text: str, *who: str) -> None:
    screen.wait_for("Enter: overslaan")
    screen.type("j", text, "", "", "", *(who or ("", "")))
    screen.wait_for("Bewaard, geldig tot en met")


def test_stopped_and_taken_up_again(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")

    with assess_on_terminal(folder, "questionnaire") as screen:
        shown = screen.wait_for("2 vragen", "[1/2] Geheimhouding (nog niet beantwoord)", "Enter:")
        assert "De verklaring zegt: “" in shown
        assert "geheimhoudingsverklaring" in shown
        screen.type("ja", "Iedereen heeft getekend.", "", "", "", "A. Bakker", "eigenaar")
        screen.wait_for("Bewaard, geldig tot en met", "[2/2] Brandveiligheid", "Enter: overslaan")
        screen.type("q")
        assert screen.end() == 0, screen.seen
    assert "Gestopt" in screen.seen
    assert "Klaar: 1 beantwoord, 1 nog open." in screen.seen

    with assess_on_terminal(folder, "questionnaire") as screen:
        screen.wait_for("Eén vraag", "[1/1] Brandveiligheid")
        _answer(screen, "Twee blussers.")  # name and role are those of the last time
        assert screen.end() == 0, screen.seen
    assert "Klaar: 1 beantwoord, 0 nog open." in screen.seen

    with assess_on_terminal(folder, "questionnaire") as screen:
        assert screen.end() == 0
    assert "geen vraag die een antwoord nodig heeft" in screen.seen

    attestations = load_words(folder).attestations
    assert [item.measure for item in attestations] == ["confidentiality-agreement", "fire-safety"]
    assert {(item.by, item.role) for item in attestations} == {("A. Bakker", "eigenaar")}
    assert attestations[0].expires == TODAY + timedelta(days=730)


def test_skipped_questions_stay_open(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", language="en")

    with assess_on_terminal(folder, "questionnaire") as screen:
        screen.wait_for("2 questions", "[1/2]", "Enter: skip")
        screen.type("")
        screen.wait_for("Skipped", "[2/2]", "Enter: skip")
        screen.type("")
        assert screen.end() == 0

    assert "Done: 0 answered, 2 still open." in screen.seen
    assert not (folder / "attestations").exists()


def test_interrupted_it_keeps_what_was_answered(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")

    with assess_on_terminal(folder, "questionnaire") as screen:
        _answer(screen, "Iedereen.", "A. Bakker", "eigenaar")
        screen.wait_for("Enter: overslaan")
        screen.interrupt()
        assert screen.end() == 130, screen.seen

    assert "Gestopt" in screen.seen
    assert len(load_words(folder).attestations) == 1


def test_an_expired_answer_is_asked_again_and_shown(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    (folder / "attestations").mkdir()
    (folder / "attestations" / "old.yaml").write_text(
        "measure: fire-safety\nanswer: partly\nby: Jo\nrole: owner\ntext: Alleen een melder.\n"
        "given: 2024-01-01\nexpires: 2024-12-31\nrecorded_at: 2024-01-01\n",
        encoding="utf-8",
    )

    with assess_on_terminal(folder, "questionnaire", "--lang", "en") as screen:
        screen.wait_for("Enter: skip")
        screen.type("")
        shown = screen.wait_for("Fire safety (expired on 2024-12-31)", "Enter: skip")
        screen.type("q")
        assert screen.end() == 0

    assert "Earlier answer (partly, Jo, 2024-01-01):" in shown
    assert "Alleen een melder." in shown


def test_everything_can_be_asked(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", statement=None)

    with assess_on_terminal(folder, "questionnaire") as screen:
        assert screen.end() == 0
    assert "geen privacyverklaring" in screen.seen

    with assess_on_terminal(folder, "questionnaire", "--all") as screen:
        screen.wait_for("51 vragen", "Enter: overslaan")
        screen.type("q")
        assert screen.end() == 0


def test_what_was_said_cannot_command_the_terminal(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    (folder / "attestations").mkdir()
    (folder / "attestations" / "old.yaml").write_text(
        'measure: fire-safety\nanswer: yes\nby: "Jo\\e[31m"\nrole: owner\n'
        'text: "Een \\e[2J\\e]0;gotcha\\a melder."\n'
        "given: 2024-01-01\nexpires: 2024-12-31\nrecorded_at: 2024-01-01\n",
        encoding="utf-8",
    )

    with assess_on_terminal(folder, "questionnaire") as screen:
        screen.wait_for("Enter: overslaan")
        screen.type("")
        screen.wait_for("gotcha", "Enter: overslaan")
        screen.type("q")
        assert screen.end() == 0

    assert "\x1b" not in screen.seen
    assert "\x07" not in screen.seen


def test_without_a_terminal_it_says_what_to_do(assess: Assess, tmp_path: Path) -> None:
    done = assess(assessment(tmp_path / "c"), "questionnaire")

    assert done.code == 2
    assert "assess attest" in done.err
