"""Writes a run as JSON, after the schema ``reports/report.schema.json``.

For programmes: everything by its id, with the sentences of the HTML report beside it. Raw outputs
stay in the run's folder; each capture is named by the digest under which it is kept there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from assessor.model.attestation import Attestation, Waiver
from assessor.model.capture import Captured, NotCaptured
from assessor.model.check import CheckInfo
from assessor.model.evidence import Stored, TargetEvidence
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Finding, Message
from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.run import Reference, RunResult
from assessor.model.statement import ClaimVerdict, MeasureVerdict, Verdict
from assessor.model.target import Target
from assessor.report.context import Context, line_facts
from assessor.report.texts import ReportTexts

FORMAT = "assess-report"
VERSION = 1

# What could mislead in an editor or a terminal is written as an escape, which JSON allows inside
# texts, and outside them none of it occurs.
_ESCAPED = re.compile(
    "[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=1)

Json = dict[str, object]


def json_pieces(
    result: RunResult,
    reference: Reference,
    language: Language,
    texts: ReportTexts,
    presentation: Presentation | None = None,
) -> Iterator[str]:
    """The run as JSON, ending in a newline, piece by piece: of many hosts it is megabytes.

    Args:
        result: the run.
        reference: the catalogue of measures and the checks with their texts.
        language: of the sentences in it.
        texts: the report's own texts, in that language.
        presentation: for whom it is.
    """
    writer = _Writer(Context(result, reference, language, texts, presentation))
    for piece in _laid_out(writer.report()):
        yield _ESCAPED.sub(_escape, piece)


def _laid_out(document: Mapping[str, object]) -> Iterator[str]:
    """``document`` as the encoder lays it out, where an iterator stands for a list."""
    lead = "{\n "
    for name, value in document.items():
        yield f"{lead}{_JSON.encode(name)}: "
        if isinstance(value, Iterator):
            between = "[\n  "
            for item in value:
                yield between + _indented(item, 2)
                between = ",\n  "
            yield "\n ]" if between.startswith(",") else "[]"
        else:
            yield _indented(value, 1)
        lead = ",\n "
    yield "\n}\n"


def _indented(value: object, depth: int) -> str:
    # A line feed is part of the layout: within a text it is written as an escape.
    return _JSON.encode(value).replace("\n", "\n" + " " * depth)


class _Writer:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._ids = {
            context.key(finding): f"f{number}" for number, finding in enumerate(context.findings, 1)
        }

    def report(self) -> Json:
        """The whole; what there may be thousands of is made when it is asked for."""
        context, result = self._context, self._context.result
        statement = result.statement
        return {
            "format": FORMAT,
            "version": VERSION,
            "language": context.language.value,
            "audience": context.presentation.audience.value,
            "run": self._run(),
            "statement": {
                "source": statement.source,
                "format": statement.format,
                "sha256": statement.sha256,
                "language": statement.language.value,
                "characters": len(statement.text),
            }
            if statement
            else None,
            "summary": {
                "claims": _count(claim.verdict for claim in result.claims),
                "measures": _count(line.verdict for line in result.measures),
            },
            "claims": (self._claim(claim) for claim in result.claims),
            "measures": (self._measure(line) for line in result.measures),
            "findings": (self._finding(finding) for finding in context.findings),
            "checks": [
                _check(context.reference.checks[check], context.check_title(check), context)
                for check in sorted({each.check for each in context.findings if each.check})
                if check in context.reference.checks
            ],
            "targets": (
                _target(target, result.evidence.get(name), withheld=context.for_client)
                for name, target in context.targets.items()
            ),
        }

    def _run(self) -> Json:
        facts = self._context.result.facts
        return {
            "id": facts.id,
            "assess_version": facts.assess_version,
            "profile": facts.profile,
            "organisation": facts.organisation,
            "assessor": facts.assessor,
            "started_at": _time(facts.started_at),
            "finished_at": _time(self._context.result.finished_at),
            "vantage": facts.vantage or None,
            "previous": facts.previous or None,
            "left_out": list(facts.left_out),
            "not_asked": [each.target.name for each in self._context.result.plan.not_asked],
        }

    def _claim(self, verdict: ClaimVerdict) -> Json:
        claim = verdict.claim
        return {
            "id": claim.id,
            "quote": claim.quote,
            "start": claim.start,
            "end": claim.end,
            "heading": claim.heading,
            "verdict": verdict.verdict.value,
            "rule": verdict.rule,
            "parameters": {measure: dict(values) for measure, values in claim.parameters.items()},
            "readings": [
                {
                    "measure": reading.measure,
                    "phrase": reading.phrase,
                    "rule": reading.rule,
                    "score": reading.score,
                }
                for reading in claim.readings
            ],
            "measures": [self._measure(line) for line in verdict.measures],
        }

    def _measure(self, line: MeasureVerdict) -> Json:
        entry = self._context.reference.measures.get(line.measure)
        return {
            "measure": line.measure,
            "title": self._context.measure_title(line.measure),
            "kind": entry.kind.value if entry else None,
            "verdict": line.verdict.value,
            "rule": line.rule,
            "why": self._context.rule(line),
            "facts": _facts(line_facts(line)),
            "findings": [self._ids[self._context.key(finding)] for finding in line.findings],
            "attestations": [_attestation(each) for each in line.attestations],
            "waivers": [_waiver(each) for each in line.waivers],
        }

    def _finding(self, finding: Finding) -> Json:
        judgement = finding.judgement
        return {
            "id": self._ids[self._context.key(finding)],
            "check": finding.check,
            "check_version": finding.check_version,
            "target": finding.target,
            "measure": judgement.measure,
            "outcome": judgement.outcome.value,
            "message": self._message(finding, judgement.message),
            "remedy": self._context.remedy(finding) or None,
            "expected": _facts(judgement.expected),
            "observed": _facts(judgement.observed),
            "advice": [self._message(finding, each) for each in judgement.advice],
            "parameters": _facts(finding.parameters),
            "evidence": list(finding.evidence),
            "error": finding.error or None,
        }

    def _message(self, finding: Finding, message: Message) -> Json:
        return {
            "id": message.id,
            "facts": _facts(message.facts),
            "text": self._context.message(finding, message),
        }


def _check(info: CheckInfo, title: str, context: Context) -> Json:
    return {
        "id": info.id,
        "version": info.version,
        "title": title,
        "severity": info.severity.value,
        "criterion": info.criterion.text.get(context.language, ""),
        "sources": [
            {
                "title": source.title,
                "section": source.section,
                "url": source.url,
                "date": source.date,
            }
            for source in info.criterion.sources
        ],
    }


def _attestation(each: Attestation) -> Json:
    return {
        "id": each.id,
        "answer": each.answer.value,
        "by": each.by,
        "role": each.role,
        "text": each.text,
        "given": each.given.isoformat(),
        "expires": each.expires.isoformat(),
        "recorded_at": _time(each.recorded_at),
        "files": [
            {"name": file.name, "sha256": file.sha256, "size": file.size} for file in each.files
        ],
    }


def _waiver(each: Waiver) -> Json:
    return {
        "check": each.check,
        "target": each.target,
        "reason": each.reason,
        "by": each.by,
        "until": each.until.isoformat(),
        "recorded_at": _time(each.recorded_at),
    }


def _target(target: Target, evidence: TargetEvidence | None, *, withheld: bool) -> Json:
    gap = evidence.gap if evidence else None
    return {
        "name": target.name,
        "role": target.role.value,
        "platform": target.platform.value,
        "transport": None if withheld else target.transport.value,
        "address": target.address or None,
        "at": _time(evidence.at) if evidence else None,
        "complete": evidence.complete if evidence else False,
        "clock_skew_s": _fact(evidence.clock_skew_s) if evidence else None,
        "gap": _missing(gap) if gap else None,
        "captures": [
            _capture(key, stored, withheld=withheld)
            for key, stored in (evidence.captures.items() if evidence else ())
        ],
    }


def _capture(key: str, stored: Stored, *, withheld: bool) -> Json:
    capture = stored.capture
    known: Json = {"probe": key, "sha256": stored.digest, "at": _time(capture.at)}
    match capture:
        case Captured() if withheld:
            return known
        case Captured():
            return known | {
                "exit_status": capture.exit_status,
                "duration_s": capture.duration_s,
                "characters": len(capture.stdout),
                "truncated": capture.truncated,
                "undecodable": capture.undecodable,
            }
        case NotCaptured():
            return known | {"missing": _missing(capture)}


def _missing(missing: NotCaptured) -> Json:
    return {"reason": missing.reason.value, "detail": missing.detail, "mend": missing.mend}


def _count(verdicts: Iterable[Verdict]) -> Json:
    seen = list(verdicts)
    return {
        **{verdict.value: seen.count(verdict) for verdict in Verdict},
        "total": len(seen),
    }


def _facts(facts: Facts | Mapping[str, Fact]) -> Json:
    return {name: _fact(value) for name, value in facts.items()}


def _fact(value: Fact) -> object:
    if isinstance(value, tuple):
        return [_fact(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no word for it
    return value


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
