"""What the history keeps of a run, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assessor.chronicle import record_of
from assessor.errors import EvidenceError
from assessor.evidence.store import RunFolder
from assessor.history.extract import (
    LONGEST_NAME,
    LONGEST_QUOTE,
    Concluded,
    Conclusions,
    JudgedClaim,
    JudgedMeasure,
    plain,
    record,
)
from assessor.model.attestation import Words
from assessor.model.finding import Outcome
from assessor.model.statement import Verdict
from tests.factories import (
    AT,
    make_attestation,
    make_claim,
    make_finding,
    make_run_facts,
    make_target,
    make_waiver,
)
from tests.unit.history.months import write_months

HOSTILE = "a\x00b\ud800c" + "d" * 20_000


def concluded(**more: object) -> Concluded:
    run = Concluded(make_run_facts(), "m", "s", Conclusions(AT, (), (), ()), (), Words())
    inner = {name: more.pop(name) for name in ("findings", "claims", "measures") if name in more}
    run = replace(run, conclusions=replace(run.conclusions, **inner))  # type: ignore[arg-type]
    return replace(run, **more)  # type: ignore[arg-type]


def test_a_run_as_the_history_keeps_it() -> None:
    found = record(
        concluded(
            findings=(
                make_finding(target="a", facts={"secret": "not kept"}),
                make_finding(Outcome.UNKNOWN, target="b"),
            ),
            claims=(JudgedClaim(make_claim(), Verdict.PARTLY, "some-fail"),),
            measures=(JudgedMeasure("firewall", Verdict.KEPT, "all-pass"),),
            targets=(make_target("a"), make_target("b")),
            words=Words((make_attestation(),), (make_waiver(),)),
        )
    )
    summary = found.summary
    assert [(row.name, row.seen) for row in summary.targets] == [("a", True), ("b", False)]
    assert summary.outcomes == {
        Outcome.PASS: 1,
        Outcome.FAIL: 0,
        Outcome.UNKNOWN: 1,
        Outcome.NOT_APPLICABLE: 0,
    }
    assert summary.verdicts() == {Verdict.PARTLY: 1}
    assert (summary.attestations[0].by, summary.waivers[0].until.year) == ("Jo", 2027)
    assert "not kept" not in repr(found)


def test_hostile_texts_are_plain_and_bounded() -> None:
    found = record(
        concluded(
            facts=replace(make_run_facts(), organisation=HOSTILE, vantage=HOSTILE),
            findings=(make_finding(target=HOSTILE, check=HOSTILE, message=HOSTILE),),
            claims=(JudgedClaim(make_claim(HOSTILE, heading=HOSTILE), Verdict.KEPT, "r"),),
        )
    )
    told = [
        found.summary.organisation,
        found.findings[0].target,
        found.findings[0].message,
        found.summary.claims[0].heading,
    ]
    assert {len(text) for text in told} == {LONGEST_NAME}
    assert len(found.summary.claims[0].quote) == LONGEST_QUOTE
    repr(found).encode()
    assert "\x00" not in found.summary.claims[0].quote


def test_plain_cuts_at_the_limit_only() -> None:
    assert plain("a" * LONGEST_NAME) == "a" * LONGEST_NAME
    assert plain("a" * (LONGEST_NAME + 1)) == "a" * (LONGEST_NAME - 1) + "…"


@pytest.mark.parametrize("name", ["findings.json", "words.json", "plan.json", "statement.json"])
def test_a_run_that_is_not_as_it_was_sealed_is_refused(tmp_path: Path, name: str) -> None:
    (run,) = write_months(tmp_path, 1, hosts=1, checks=2)
    path = run.path / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(EvidenceError, match=rf"{name}: differs from what was sealed"):
        record_of(run)
    path.unlink()
    with pytest.raises(EvidenceError, match=name):
        record_of(run)


@pytest.mark.parametrize("manifest", ["", "[]", '{"subject": [{}]}', '{"subject": 3}'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, manifest: str) -> None:
    (run,) = write_months(tmp_path, 1, hosts=1, checks=2)
    (run.path / "manifest.json").write_text(manifest)
    with pytest.raises(EvidenceError, match=r"manifest\.json"):
        record_of(run)


def test_a_run_under_another_name_is_refused(tmp_path: Path) -> None:
    (run,) = write_months(tmp_path, 1, hosts=1, checks=2)
    with pytest.raises(EvidenceError, match="not what a run leaves"):
        record_of(RunFolder(run.path.rename(run.path.with_name("20200101T000000Z-0000"))))
