"""Judges what a run collected, and seals what was concluded.

No connection is made here: the same evidence gives the same conclusions, today and in a year.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.errors import EvidenceError
from assessor.evaluate.judge import Bench
from assessor.evidence.conclusions import Conclusions
from assessor.evidence.manifest import Concluded, seal
from assessor.evidence.purge import purged
from assessor.evidence.seals import has_stamp
from assessor.evidence.signing import SigningKey
from assessor.evidence.store import RunFolder
from assessor.model.finding import Finding
from assessor.model.run import RunResult
from assessor.pipeline import Checks
from assessor.statement.verdicts import Court


def conclude(run: RunFolder, checks: Checks) -> RunResult:
    """Judges the evidence of ``run``: no connection, and the same again from the same evidence.

    Raises:
        EvidenceError: the run's folder is damaged.
    """
    if (gone := purged(run)) is not None:
        raise EvidenceError(
            f"run {run.id}: its raw observations were deleted on {gone.at:%Y-%m-%d}; what was "
            "found stands in findings.json and in its reports, and cannot be judged again"
        )
    facts, plan, evidence, record = run.facts(), run.plan(), run.evidence(), run.statement()
    # What promises something that no measure was found for awaits a person's review.
    mapped = [claim for claim in record.claims if claim.measures] if record else []
    catalogue = checks.catalogue
    bench = Bench(
        plan,
        evidence,
        catalogue.infos,
        catalogue.check,
        facts.started_at,
        run.memory(),
        {measure for claim in mapped for measure, values in claim.parameters.items() if values},
    )
    words = run.words()
    day = facts.started_at.date()
    court = Court(checks.measures, bench.findings_for, words, day, plan.not_asked)
    claims = court.claims(mapped)
    promised = {measure for claim in claims for measure in claim.claim.measures}
    chosen = [m for m in checks.measures if m in (promised if claims else facts.measures)]
    measures = tuple(court.measure(measure) for measure in chosen)
    ends = [stored.capture.at for item in evidence.values() for stored in item.captures.values()]
    return RunResult(
        facts=facts,
        finished_at=max([facts.started_at, *ends]),
        plan=plan,
        evidence=evidence,
        findings=bench.findings(),
        statement=record.statement if record else None,
        claims=claims,
        measures=measures,
        remembered=bench.remembered(),
        stamped=has_stamp(run),
        words=words,
    )


def keep_conclusions(run: RunFolder, result: RunResult, key: SigningKey | None = None) -> None:
    """Stores what was concluded and seals the run; ``key`` signs it."""
    run.write("findings.json", conclusions(result))
    if result.remembered.secrets:
        run.write("remembered.json", result.remembered)
    seal(run, result.facts, concluded(result), key)


def concluded(result: RunResult, derived_from: str = "") -> Concluded:
    """What the manifest says of ``result`` beside its files."""
    versions = {finding.check: finding.check_version for finding in result.findings}
    return Concluded(result.finished_at, dict(sorted(versions.items())), derived_from)


def conclusions(result: RunResult) -> Conclusions:
    """The part of ``result`` that ``findings.json`` keeps."""
    return Conclusions(result.finished_at, result.findings, result.claims, result.measures)


def differences(run: RunFolder, result: RunResult) -> tuple[str, ...]:
    """Where ``result`` concludes otherwise than what is stored; a line for each finding."""
    stored = run.conclusions()
    before = {} if stored is None else _by_place(stored.findings)
    after = _by_place(result.findings)
    return tuple(
        f"{target}: {check}: {measure}: {_said(before.get(place))} is now {_said(after.get(place))}"
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
        for target, check, measure in [place]
    )


def _by_place(findings: Iterable[Finding]) -> dict[tuple[str, str, str], Finding]:
    return {(item.target, item.check, item.measure): item for item in findings}


def _said(finding: Finding | None) -> str:
    return "nothing" if finding is None else f"{finding.outcome} ({finding.judgement.message.id})"
