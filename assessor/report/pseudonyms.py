"""Puts pseudonyms in the place of people's account names, in all that a report shows of a run.

Which facts hold such names, a check says itself (``personal`` in ``check.yaml``). A name gets the
same pseudonym in every run of an assessment, so a reader can see that somebody came or went; only
whoever has the assessment's key can tell who it is. The run's own evidence stays as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from assessor.model.capture import Capture, Captured, NotCaptured
from assessor.model.check import CheckInfo
from assessor.model.evidence import Stored, TargetEvidence
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Finding, Judgement, Message
from assessor.model.run import RunResult
from assessor.model.statement import MeasureVerdict

NOBODY = frozenset({"root", "Administrator"})
"""Accounts that are on every machine: their names tell nothing about a person."""
_DIGITS = 6

Cover = Callable[[str], str]


def pseudonymised(result: RunResult, checks: Mapping[str, CheckInfo], key: bytes) -> RunResult:
    """``result`` with a pseudonym for every person's account name.

    Args:
        result: the run.
        checks: say which of their facts hold names.
        key: the assessment's own; without it nobody can try out names against the pseudonyms.
    """
    if not _names(result, checks):
        return result
    cover = cover_of(result, checks, key)
    findings = tuple(_finding(finding, cover) for finding in result.findings)
    return replace(
        result,
        findings=findings,
        evidence={name: _evidence(each, cover) for name, each in result.evidence.items()},
        claims=tuple(
            replace(claim, measures=tuple(_measure(each, cover) for each in claim.measures))
            for claim in result.claims
        ),
        measures=tuple(_measure(each, cover) for each in result.measures),
    )


def cover_of(result: RunResult, checks: Mapping[str, CheckInfo], key: bytes) -> Cover:
    """Puts pseudonyms in the place of the names of ``result``, in any text."""
    known = {name: pseudonym(name, key) for name in _names(result, checks)}
    if not known:
        return lambda text: text
    # The longest first: "jan" must not be taken out of "jan.smit".
    listed = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    words = re.compile(rf"(?<![\w.-])(?:{listed})(?![\w-]|\.\w)")
    return lambda text: words.sub(lambda found: known[found[0]], text)


def pseudonym(name: str, key: bytes) -> str:
    """``account-`` and six hexadecimal digits of the name's keyed hash (HMAC-SHA-256)."""
    return f"account-{hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:_DIGITS]}"


def _names(result: RunResult, checks: Mapping[str, CheckInfo]) -> frozenset[str]:
    found: set[str] = set()
    claimed = [measure for claim in result.claims for measure in claim.measures]
    promised = [finding for measure in claimed for finding in measure.findings]
    for finding in (*result.findings, *promised):
        info = checks.get(finding.check)
        if info is None:
            continue
        judgement = finding.judgement
        for facts in (
            judgement.expected,
            judgement.observed,
            judgement.message.facts,
            *(message.facts for message in judgement.advice),
        ):
            for name in info.personal & facts.keys():
                found.update(_texts(facts[name]))
    return frozenset(found - NOBODY)


def _texts(value: Fact) -> Iterable[str]:
    """The names in a fact: a list of them, or a text in which commas part them."""
    items = value if isinstance(value, tuple) else (value,)
    listed = [part for item in items if isinstance(item, str) for part in item.split(", ")]
    return [part for part in listed if part and not part.startswith("…")]


def _measure(measure: MeasureVerdict, cover: Cover) -> MeasureVerdict:
    return replace(measure, findings=tuple(_finding(each, cover) for each in measure.findings))


def _finding(finding: Finding, cover: Cover) -> Finding:
    judgement = finding.judgement
    covered = Judgement(
        judgement.measure,
        judgement.outcome,
        _message(judgement.message, cover),
        _facts(judgement.expected, cover),
        _facts(judgement.observed, cover),
        tuple(_message(message, cover) for message in judgement.advice),
    )
    return replace(finding, judgement=covered, error=cover(finding.error))


def _message(message: Message, cover: Cover) -> Message:
    return Message(message.id, _facts(message.facts, cover))


def _facts(facts: Facts, cover: Cover) -> Facts:
    return {name: _fact(value, cover) for name, value in facts.items()}


def _fact(value: Fact, cover: Cover) -> Fact:
    if isinstance(value, str):
        return cover(value)
    if isinstance(value, tuple):
        return tuple(cover(item) if isinstance(item, str) else item for item in value)
    return value


def _evidence(evidence: TargetEvidence, cover: Cover) -> TargetEvidence:
    captures = {
        key: Stored(_capture(stored.capture, cover), stored.digest)
        for key, stored in evidence.captures.items()
    }
    gap = evidence.gap
    return replace(evidence, captures=captures, gap=gap and _gap(gap, cover))


def _capture(capture: Capture, cover: Cover) -> Capture:
    if isinstance(capture, Captured):
        return replace(capture, stdout=cover(capture.stdout), stderr=cover(capture.stderr))
    return _gap(capture, cover)


def _gap(gap: NotCaptured, cover: Cover) -> NotCaptured:
    return replace(gap, detail=cover(gap.detail), mend=cover(gap.mend))
