"""SARIF 2.1.0 (OASIS): a result for each finding, and one for each promise of the statement.

``unknown`` is kind ``open``: the tool had not enough to decide. An accepted deviation is a failing
result with a suppression.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from assessor.model.attestation import Waiver
from assessor.model.check import CheckInfo, Severity, Source
from assessor.model.statement import StatementText
from assessor.report.clean import one_line
from assessor.report.exports.sheet import Promise, Sheet, Standing, Told
from assessor.report.exports.words import (
    PRODUCT,
    Json,
    dump,
    facts,
    filled,
    moment,
    prose,
    uuid,
)

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
PROMISE = "promise"
NO_CHECK = "no-check"

_KINDS = {
    Standing.PASS: "pass",
    Standing.FAIL: "fail",
    Standing.WAIVED: "fail",
    Standing.ATTESTED: "informational",
    Standing.UNKNOWN: "open",
    Standing.NOT_APPLICABLE: "notApplicable",
}
_LEVELS = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
_OFFSETS_COUNT = frozenset({"text", "markdown"})
"""Formats of which a claim's offsets are those in the file itself."""


def render(sheet: Sheet) -> str:
    """The run as a SARIF log, ending in a newline."""
    result = sheet.result
    whole = bool(result.evidence) and all(each.complete for each in result.evidence.values())
    gaps = [each for each in result.evidence.values() if each.gap]
    run = {
        "tool": {"driver": _driver(sheet)},
        "automationDetails": {
            "id": f"{PRODUCT}/{one_line(sheet.facts.profile, 80)}/{one_line(sheet.facts.id, 80)}",
            "guid": sheet.id("sarif"),
        },
        "language": sheet.language.value,
        "columnKind": "unicodeCodePoints",
        "invocations": [
            filled(
                startTimeUtc=moment(sheet.facts.started_at),
                endTimeUtc=moment(result.finished_at),
                toolExecutionNotifications=[
                    {
                        "level": "error",
                        "message": _message(
                            f"{each.target}: "
                            + sheet.texts[f"reason.{each.gap.reason}.what"]
                            + f" {one_line(each.gap.detail)}"
                        ),
                    }
                    for each in gaps
                    if each.gap
                ],
            )
            | {"executionSuccessful": whole}
        ],
        "results": [
            *(_promise(sheet, each) for each in sheet.promises),
            *(_finding(sheet, each) for each in sheet.told),
        ],
        "properties": filled(
            organisation=sheet.organisation,
            assessor=one_line(sheet.facts.assessor, 120),
            vantage=one_line(sheet.facts.vantage, 120),
            manifestSha256=sheet.manifest,
        ),
    }
    if statement := result.statement:
        run["artifacts"] = [
            {
                "location": _address(statement),
                "roles": ["analysisTarget"],
                "hashes": {"sha-256": statement.sha256},
                "sourceLanguage": statement.language.value,
            }
        ]
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _driver(sheet: Sheet) -> Json:
    named = {each.rule: each for each in sheet.told}
    rules = [_rule(sheet, each) for _, each in sorted(named.items())]
    title = sheet.texts["label.claims"]
    promise = {"id": PROMISE, "shortDescription": {"text": _safe(title)}}
    return {
        "name": PRODUCT,
        "version": one_line(sheet.facts.assess_version, 40),
        "language": sheet.language.value,
        "rules": [promise, *rules],
    }


def _rule(sheet: Sheet, told: Told) -> Json:
    if told.rule == NO_CHECK:
        return {"id": NO_CHECK}
    texts = sheet.context.check_texts(told.finding.check)
    info = sheet.context.check_info(told.finding.check)
    sources = "\n".join(_source(each) for each in told.sources)
    return filled(
        id=told.rule,
        shortDescription={"text": _safe(told.title)},
        fullDescription={"text": _safe(told.criterion)} if told.criterion else None,
        help={"text": _safe(prose(texts.why if texts else "", told.criterion, sources) or "-")},
        helpUri=next((each.url for each in told.sources if _is_address(each.url)), None),
        defaultConfiguration={"level": _level(told.severity)},
        properties=_rule_properties(info),
    )


def _rule_properties(info: CheckInfo | None) -> Json:
    if info is None:
        return {}
    return {
        "tags": ["security", *info.measures],
        "version": info.version,
        "severity": info.severity.value,
        "sources": [
            filled(title=each.title, section=each.section, url=each.url, date=each.date)
            for each in info.criterion.sources
        ],
    }


def _finding(sheet: Sheet, told: Told) -> Json:
    finding, judgement = told.finding, told.finding.judgement
    kind = _KINDS[told.standing]
    return filled(
        ruleId=told.rule,
        kind=kind,
        level=_level(told.severity) if kind == "fail" else "none",
        guid=told.uuid,
        message=_message(f"{told.title} ({told.place}): {told.says}", told.remedy),
        locations=[
            {
                "logicalLocations": [
                    {
                        "name": told.place,
                        "fullyQualifiedName": f"{told.place}/{finding.measure}",
                        "kind": "resource",
                    }
                ]
            }
        ],
        partialFingerprints={"assessFinding/v1": told.lasting},
        suppressions=[
            _suppression(sheet, each) for each in told.waivers if each.counts_on(sheet.context.day)
        ]
        if kind == "fail"
        else [],
        properties=filled(
            measure=finding.measure,
            measureTitle=told.measure,
            outcome=finding.outcome.value,
            remedy=told.remedy,
            expected=facts(judgement.expected),
            observed=facts(judgement.observed),
            parameters=facts(finding.parameters),
            evidenceSha256=list(finding.evidence),
            promises=list(told.promises),
            waivers=[sheet.waiver(each) for each in told.waivers],
            error=told.error,
        ),
    )


def _promise(sheet: Sheet, promise: Promise) -> Json:
    kind = _KINDS[promise.standing]
    statement = sheet.result.statement
    level = "warning" if promise.verdict.value == "partly" else "error"
    waivers = dict.fromkeys(
        waiver
        for line in promise.lines
        for waiver in line.verdict.waivers
        if waiver.counts_on(sheet.context.day)
    )
    return filled(
        ruleId=PROMISE,
        kind=kind,
        level=level if kind == "fail" else "none",
        guid=sheet.id("promise", promise.id, str(promise.number)),
        message=_message(f"{promise.name}: {promise.word}. {promise.why}", promise.quote),
        locations=[_place(statement, promise)] if statement else [],
        partialFingerprints={
            "assessPromise/v1": uuid("promise", sheet.facts.organisation, promise.id)
        },
        suppressions=[_suppression(sheet, each) for each in waivers]
        if promise.standing is Standing.WAIVED
        else [],
        properties=filled(
            verdict=promise.verdict.value,
            quote=promise.quote,
            measures={
                line.measure: filled(
                    verdict=line.verdict.verdict.value,
                    rule=line.verdict.rule,
                    attestations=[sheet.attestation(each) for each in line.verdict.attestations],
                    attestationFilesSha256=[
                        file.sha256 for each in line.verdict.attestations for file in each.files
                    ],
                    waivers=[sheet.waiver(each) for each in line.verdict.waivers],
                )
                for line in promise.lines
            },
        ),
    )


def _place(statement: StatementText, promise: Promise) -> Json:
    """Where the promise stands in the statement."""
    physical: Json = {"artifactLocation": {**_address(statement), "index": 0}}
    claim = promise.claim
    if claim and claim.end > claim.start and statement.format in _OFFSETS_COUNT:
        start = statement.text.count("\n", 0, claim.start)
        end = statement.text.count("\n", 0, claim.end)
        physical["region"] = {
            "startLine": start + 1,
            "startColumn": claim.start - statement.text.rfind("\n", 0, claim.start),
            "endLine": end + 1,
            "endColumn": claim.end - statement.text.rfind("\n", 0, claim.end),
            "charOffset": claim.start,
            "charLength": claim.end - claim.start,
            "snippet": {"text": promise.quote},
        }
    logical = {"name": promise.name, "kind": "resource"}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _suppression(sheet: Sheet, waiver: Waiver) -> Json:
    return {
        "kind": "external",
        "status": "accepted",
        "guid": sheet.id("waiver", waiver.check, waiver.target, waiver.recorded_at.isoformat()),
        "justification": sheet.waiver(waiver),
    }


def _level(severity: Severity | None) -> str:
    return _LEVELS[severity] if severity else "warning"


def _source(source: Source) -> str:
    parts = (source.title, source.section, source.date, source.url)
    return ", ".join(one_line(each) for each in parts if each)


def _address(statement: StatementText) -> Json:
    """The statement's address or path as a URI reference."""
    source = one_line(statement.source, 1000)
    safe = "/:?#[]@!$&'()*+,;=~" if _is_address(source) else "/~"
    return {"uri": quote(source, safe=safe) or "statement"}


def _is_address(text: str) -> bool:
    return re.fullmatch(r"https?://[!-~]+", text) is not None and '"' not in text


def _message(*texts: str) -> Json:
    return {"text": _safe(prose(*texts) or "-")}


def _safe(text: str) -> str:
    """``text`` in which nothing is a link or a place to fill in (SARIF 2.1.0, 3.11.5 and 3.11.6).

    Braces are doubled, as the standard asks. A bracket that could end a link's text is parted from
    the parenthesis behind it.
    """
    return text.replace("](", "] (").replace("{", "{{").replace("}", "}}")
