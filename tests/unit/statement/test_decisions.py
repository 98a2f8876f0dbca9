"""People's word on what a sentence promises goes before the mapper's, and lasts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.errors import InputError
from assessor.inputs.decisions import decisions_file, load_decisions, save_decisions
from assessor.model.decision import Decision
from assessor.model.language import Language
from assessor.model.statement import Claim, Reading, StatementText
from assessor.statement.decisions import changes, decide, stale, to_review

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
TEXT = "We use a firewall. We lock our\ndoors. We like tea. We make backups."


def statement(text: str = TEXT) -> StatementText:
    return StatementText("s.txt", "text", text, "0" * 64, Language.EN)


def claim(quote: str, *measures: str, score: float = 1.0, text: str = TEXT) -> Claim:
    start = text.index(quote)
    readings = tuple(Reading(measure, quote, "r", score) for measure in measures)
    return Claim(quote[:8], quote, start, start + len(quote), "", measures, {}, readings)


def decision(quote: str, *measures: str) -> Decision:
    return Decision(quote, measures, "Jo", AT)


FIREWALL = claim("We use a firewall.", "firewall")
TEA = claim("We like tea.")
BACKUPS = claim("We make backups.", "backup", score=0.5)


def test_a_decision_goes_before_the_mapper_whatever_the_white_space() -> None:
    decided = decide(statement(), [FIREWALL], [decision("we use  a FIREWALL.", "mfa")])
    assert [(c.quote, c.measures) for c in decided] == [("We use a firewall.", ("mfa",))]
    assert decided[0].readings[0].rule == "review"
    assert "Jo, 2026-11-01" in decided[0].readings[0].phrase


def test_a_promise_that_the_mapper_missed_is_added_in_its_place() -> None:
    decided = decide(
        statement(), [FIREWALL, BACKUPS], [decision("We lock our doors.", "physical-access")]
    )
    added = decided[1]
    assert added.quote == TEXT[added.start : added.end] == "We lock our\ndoors."
    assert [c.start for c in decided] == sorted(c.start for c in decided)


def test_a_decision_that_it_promises_nothing_takes_the_measures_away() -> None:
    (decided,) = decide(statement(), [FIREWALL], [decision(FIREWALL.quote)])
    assert decided.measures == ()


def test_the_last_decision_counts() -> None:
    given = [decision(TEA.quote, "ups"), decision(TEA.quote, "mfa")]
    assert decide(statement(), [TEA], given)[0].measures == ("mfa",)


def test_unmapped_and_unsure_claims_are_reviewed_until_decided() -> None:
    everything = [FIREWALL, TEA, BACKUPS]
    assert to_review(everything, []) == (TEA, BACKUPS)
    assert to_review(everything, [decision(TEA.quote), decision(BACKUPS.quote, "backup")]) == ()


def test_a_decision_about_a_sentence_that_is_gone_is_named() -> None:
    gone = decision("We have a moat.", "physical-access")
    assert stale(statement(), [gone, decision("We lock our doors.")]) == (gone,)
    assert decide(statement(), [FIREWALL], [gone]) == (FIREWALL,)


def test_changes_between_two_versions() -> None:
    old = "We use a firewall. Passwords are changed every three months. We keep paper in a safe."
    new = "Passwords are changed every six months. We use a firewall. We train our staff."
    before = [
        claim("We use a firewall.", "firewall", text=old),
        claim("Passwords are changed every three months.", "password-rotation", text=old),
        claim("We keep paper in a safe.", "physical-access", text=old),
    ]
    after = [
        claim("Passwords are changed every six months.", "password-rotation", text=new),
        claim("We use a firewall.", "firewall", text=new),
        claim("We train our staff.", "awareness-training", text=new),
    ]
    found = changes(before, after)
    assert [c.quote for c in found.added] == ["We train our staff."]
    assert [c.quote for c in found.removed] == ["We keep paper in a safe."]
    assert [(a.quote, b.quote) for a, b in found.changed] == [(before[1].quote, after[0].quote)]
    assert found.unchanged == 1


def test_decisions_are_kept_beside_the_statement(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    path = decisions_file(tmp_path, "texts/privacy.md")
    assert path == tmp_path / "texts" / "claims.yaml"
    assert decisions_file(tmp_path, "https://x.example/p") == tmp_path / "claims.yaml"
    given = [decision("We use a\nfirewall: yes, 'really'.", "firewall"), decision("# no", "mfa")]
    save_decisions(path, given)
    loaded = load_decisions(path, {"firewall", "mfa"})
    assert [(d.measures, d.by, d.at) for d in loaded] == [(d.measures, d.by, d.at) for d in given]
    assert loaded[0].quote == "We use a firewall: yes, 'really'."


def test_a_decision_for_a_measure_that_does_not_exist_is_refused_with_its_place(
    tmp_path: Path,
) -> None:
    path = tmp_path / "claims.yaml"
    save_decisions(path, [decision("x", "firewal")])
    with pytest.raises(InputError, match=r"claims\.yaml:\d+.*firewal") as caught:
        load_decisions(path, {"firewall"})
    assert "firewall" in str(caught.value)
