"""``assess statement review``, ``decide``, ``diff``: people's word lasts over a changing text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.assess import assess
from tests.end_to_end.inventory import write_assessment
from tests.unit.cli.terminals import assess_on_terminal

STATEMENT = """# Security

We use a firewall.

The protection of our data is basic.
"""
PROFILE = """
id: none
title: {nl: Geen, en: None}
checks: {}
measures: [firewall]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = {"name": "here", "role": "server", "transport": "local"}
    write_assessment(tmp_path, [target], statement="privacy.md", profile="none")
    (tmp_path / "privacy.md").write_text(STATEMENT)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "none.yaml").write_text(PROFILE)
    return tmp_path


def decide(folder: Path, *words: str) -> None:
    done = assess(folder, "statement", "decide", *words, "--by", "Jo")
    assert done.returncode == 0, done.stderr


def promised(folder: Path) -> dict[str, list[str]]:
    """What the newest run took the statement to promise."""
    run = max((folder / "runs").iterdir())
    claims = json.loads((run / "statement.json").read_text())["claims"]
    return {claim["quote"]: claim["measures"] for claim in claims}


def test_a_decision_is_kept_with_who_and_when_and_counts_in_a_run(folder: Path) -> None:
    decide(folder, "The protection of our data is basic.", "--measure", "general-measures")
    kept = (folder / "claims.yaml").read_text()
    assert "by: Jo" in kept
    assert "at: 20" in kept
    assess(folder, "run", "--quiet")
    assert promised(folder)["The protection of our data is basic."] == ["general-measures"]


def test_a_decision_needs_a_sentence_of_the_statement_and_a_measure_that_exists(
    folder: Path,
) -> None:
    for words, says in (
        (["We have a moat.", "--none"], "no such sentence"),
        (["We use a firewall.", "--measure", "firewal"], "did you mean firewall"),
        (["We use a firewall."], "--measure ID"),
    ):
        done = assess(folder, "statement", "decide", *words)
        assert done.returncode == 2
        assert says in done.stderr


def test_review_on_a_terminal_asks_until_it_is_answered_and_keeps_each_answer(
    folder: Path,
) -> None:
    decide(folder, "We use a firewall.", "--none")
    with assess_on_terminal(folder, "statement", "review", "--all", "--by", "Jo") as screen:
        screen.wait_for("We use a firewall.")
        screen.type("firewal")
        screen.wait_for("did you mean firewall")
        screen.type("firewall")
        screen.wait_for("[2/2]", "The protection of our data is basic.")
        screen.type("skip")
        screen.wait_for("1 decisions were kept in")
        assert screen.end() == 0
    assess(folder, "run", "--quiet")
    assert promised(folder)["We use a firewall."] == ["firewall"]


def test_diff_names_what_was_added_changed_and_removed_and_lost_decisions(folder: Path) -> None:
    decide(folder, "We use a firewall.", "--measure", "firewall")
    assess(folder, "run", "--quiet")
    (folder / "privacy.md").write_text("# Security\n\nWe make daily backups.\n")
    done = assess(folder, "statement", "diff")
    assert done.returncode == 0, done.stderr
    assert "added    We make daily backups." in done.stdout
    assert "removed  We use a firewall." in done.stdout
    assert "a decision of Jo is about a sentence that is gone: We use a firewall." in done.stdout


def test_there_must_be_a_run_or_a_file_to_compare_with(folder: Path) -> None:
    done = assess(folder, "statement", "diff")
    assert done.returncode == 3
    (folder / "old.md").write_text("# Security\n\nWe use a firewall and make backups.\n")
    done = assess(folder, "statement", "diff", "old.md", "privacy.md")
    assert "changed  We use a firewall and make backups." in done.stdout
