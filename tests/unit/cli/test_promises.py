"""Which questions an assessment raises: its statement, what was decided about it, its last run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from assessor.cli.promises import read_questionnaire
from assessor.evidence.conclusions import Conclusions
from assessor.evidence.store import RunFolder
from assessor.model.plan import Plan
from assessor.model.statement import MeasureVerdict, Verdict
from tests.factories import AT, make_measure_verdict, make_run_facts
from tests.unit.cli.folders import assessment

STATEMENT = """\
# Beveiliging

- Ons draadloos netwerk is beveiligd met WPA2.
- Er staat een firewall op de server.
- Er hangen brandblussers in het kantoor.
"""


def _asked(folder: Path) -> list[str]:
    return [due.measure.id for due in read_questionnaire(folder).due]


def _run(
    folder: Path, verdicts: Iterable[MeasureVerdict], name: str = "20261124T090500Z-4f2a"
) -> None:
    run = RunFolder(folder / "runs" / name)
    run.create(make_run_facts(), Plan(()))
    run.write("findings.json", Conclusions(AT, (), (), tuple(verdicts)))


def test_before_the_first_run_what_no_check_looks_at_is_asked(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", statement=STATEMENT)

    assert _asked(folder) == ["wifi-security", "fire-safety"], "the profile has a firewall check"


@pytest.mark.parametrize(
    ("verdict", "rule", "asked"),
    [
        (Verdict.KEPT, "all-pass", False),
        (Verdict.PARTLY, "some-fail", False),
        (Verdict.PARTLY, "some-unknown", True),
        (Verdict.ATTESTED, "attested", True),
        (Verdict.EXPIRED, "attestation-expired", True),
        (Verdict.BROKEN, "attested-no", True),
    ],
)
def test_what_the_last_run_left_unproven_is_asked(
    tmp_path: Path, verdict: Verdict, rule: str, asked: bool
) -> None:
    folder = assessment(tmp_path / "c", statement=STATEMENT)
    _run(folder, [make_measure_verdict("firewall", Verdict.UNPROVEN, "all-unknown")], "2025-1")
    _run(folder, [make_measure_verdict("firewall", verdict, rule)])

    assert ("firewall" in _asked(folder)) is asked


def test_a_technical_measure_that_was_attested_stays_in_sight(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", statement=STATEMENT)
    (folder / "attestations").mkdir()
    (folder / "attestations" / "a.yaml").write_text(
        "measure: backup\nanswer: yes\nby: Jo\nrole: owner\ntext: So it is.\n"
        "given: 2026-01-01\nexpires: 2026-12-31\nrecorded_at: 2026-01-01\n",
        encoding="utf-8",
    )

    asked = read_questionnaire(folder)

    assert [due.measure.id for due in asked.due] == ["wifi-security", "backup", "fire-safety"]
    assert "backup" not in asked.promised
    assert asked.promised["fire-safety"] == ("Er hangen brandblussers in het kantoor.",)


def test_what_was_decided_about_a_sentence_counts(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", statement=STATEMENT)
    (folder / "claims.yaml").write_text(
        "decisions:\n- quote: Er hangen brandblussers in het kantoor.\n  measures: [ups]\n"
        "  by: Jo\n  at: 2026-11-01T09:00:00Z\n",
        encoding="utf-8",
    )

    assert _asked(folder) == ["wifi-security", "ups"]


def test_one_measure_is_asked_without_reading_the_statement(tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c", statement="\0 not text")

    asked = read_questionnaire(folder, only="firewall")

    assert [due.measure.id for due in asked.due] == ["firewall"]
    assert asked.promised == {}
