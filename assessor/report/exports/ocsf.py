"""OCSF 1.5.0, class Compliance Finding (2003): an event for each promise and each finding.

One event a line (JSON Lines), as pipelines take them in. What is unknown has the
``compliance.status_id`` 0, Unknown; what is only attested has 99, Other.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from assessor.model.check import Severity
from assessor.model.target import Target
from assessor.report.clean import one_line
from assessor.report.exports.sheet import Promise, Sheet, Standing, Told
from assessor.report.exports.words import (
    PRODUCT,
    Json,
    dump,
    facts,
    filled,
    milliseconds,
    prose,
    uuid,
)

VERSION = "1.5.0"
CATEGORY, CLASS, CREATE = 2, 2003, 1

_STATUS = {
    Standing.PASS: (1, "Pass"),
    Standing.FAIL: (3, "Fail"),
    Standing.WAIVED: (3, "Fail"),
    Standing.UNKNOWN: (0, "Unknown"),
    Standing.ATTESTED: (99, "Attested"),
    Standing.NOT_APPLICABLE: (99, "Not Applicable"),
}
_SEVERITY = {
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_INFORMATIONAL = (1, "Informational")
_UNKNOWN = (0, "Unknown")
_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def render(sheet: Sheet) -> str:
    """The run as events, one a line."""
    events = [
        *(_promise(sheet, each) for each in sheet.promises),
        *(_finding(sheet, each) for each in sheet.told),
    ]
    return "".join(f"{dump(event)}\n" for event in events)


def _event(
    sheet: Sheet, standing: Standing, severity: tuple[int, str], code: str, uid: str
) -> Json:
    open_status = {
        Standing.FAIL: (1, "New"),
        Standing.UNKNOWN: (1, "New"),
        Standing.WAIVED: (3, "Suppressed"),
    }.get(standing)
    known: Json = {
        "activity_id": CREATE,
        "activity_name": "Create",
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + CREATE,
        "type_name": "Compliance Finding: Create",
        "severity_id": severity[0],
        "severity": severity[1],
        "metadata": filled(
            version=VERSION,
            uid=uid,
            correlation_uid=sheet.facts.id,
            event_code=code,
            log_name=PRODUCT,
            tenant_uid=sheet.organisation,
            product={
                "name": PRODUCT,
                "version": one_line(sheet.facts.assess_version, 40),
                "lang": sheet.language.value,
                "uid": PRODUCT,
                "vendor_name": PRODUCT,
            },
        ),
    }
    if open_status:
        known["status_id"], known["status"] = open_status
    return known


def _finding(sheet: Sheet, told: Told) -> Json:
    finding, judgement = told.finding, told.finding.judgement
    target = sheet.context.targets.get(finding.target)
    waivers = [sheet.waiver(each) for each in told.waivers]
    sources = [
        ", ".join(one_line(each) for each in (it.title, it.section, it.date) if each)
        for it in told.sources
    ]
    severity = _INFORMATIONAL
    if told.standing in {Standing.FAIL, Standing.WAIVED}:
        severity = _SEVERITY[told.severity] if told.severity else _UNKNOWN
    elif told.standing is Standing.UNKNOWN:
        severity = _UNKNOWN
    status, caption = _STATUS[told.standing]
    return _event(sheet, told.standing, severity, told.rule, told.uuid) | filled(
        time=milliseconds(told.at),
        message=f"{told.title} ({told.place}): {told.says}",
        status_code=finding.outcome.value,
        status_detail=prose(*waivers),
        finding_info=filled(
            uid=told.lasting,
            title=told.title,
            desc=told.criterion,
            types=["compliance"],
            src_url=next((it.url for it in told.sources if it.url.startswith("https://")), ""),
        ),
        compliance={
            **filled(
                control=finding.measure,
                desc=told.measure,
                standards=sources or [sheet.facts.profile],
                requirements=[
                    promise.quote or promise.name
                    for promise in sheet.promises
                    if promise.number in told.promises
                ],
                control_parameters=[
                    {"name": name, "value": str(value)}
                    for name, value in facts(finding.parameters).items()
                ],
                checks=[
                    filled(
                        uid=told.rule,
                        name=told.title,
                        desc=told.criterion,
                        version=str(finding.check_version),
                        standards=sources,
                        severity=told.severity.value if told.severity else "",
                        status=caption,
                    )
                    | {"status_id": status}
                ],
                status_code=finding.outcome.value,
                status_details=[told.says, *waivers],
                status=caption,
            ),
            "status_id": status,
        },
        remediation=filled(desc=told.remedy, references=_addresses(told)) if told.remedy else None,
        resources=[_resource(finding.target, target)],
        evidences=[
            {"name": f"sha256:{digest}", "data": {"sha256": digest}} for digest in finding.evidence
        ],
        unmapped=filled(
            expected=facts(judgement.expected),
            observed=facts(judgement.observed),
            waivers=waivers,
            promises=list(told.promises),
            error=told.error,
            manifest_sha256=sheet.manifest,
        ),
    )


def _promise(sheet: Sheet, promise: Promise) -> Json:
    severity = {Standing.FAIL: (99, "Other"), Standing.WAIVED: (99, "Other")}.get(
        promise.standing, _UNKNOWN if promise.standing is Standing.UNKNOWN else _INFORMATIONAL
    )
    status, caption = _STATUS[promise.standing]
    uid = sheet.id("promise", promise.id, str(promise.number))
    attested = [each for line in promise.lines for each in line.verdict.attestations]
    said = [
        *(sheet.attestation(each) for each in attested),
        *(sheet.waiver(each) for line in promise.lines for each in line.verdict.waivers),
    ]
    return _event(sheet, promise.standing, severity, "promise", uid) | filled(
        time=milliseconds(sheet.facts.started_at),
        message=f"{promise.name}: {promise.word}. {promise.why}",
        status_code=promise.verdict.value,
        finding_info=filled(
            uid=uuid("promise", sheet.facts.organisation, promise.id),
            title=promise.name,
            desc=promise.quote,
            types=["promise"],
        ),
        compliance={
            **filled(
                control=promise.id,
                desc=promise.quote or promise.name,
                requirements=[promise.quote or promise.name],
                standards=[
                    one_line(sheet.result.statement.source, 300)
                    if sheet.result.statement
                    else sheet.facts.profile
                ],
                status_code=promise.verdict.value,
                status_details=[promise.why, *said],
                status=caption,
                assessments=[
                    {
                        "uid": line.measure,
                        "name": line.title,
                        "desc": f"{line.word}. {line.why}",
                        "category": line.standing.value,
                        "meets_criteria": line.standing is Standing.PASS,
                    }
                    for line in promise.lines
                ],
            ),
            "status_id": status,
        },
        resources=[filled(name=sheet.organisation or PRODUCT, type="organisation")],
        evidences=[
            {
                "name": one_line(file.name, 120) or file.sha256,
                "data": {"sha256": file.sha256, "size": file.size, "attestation": each.id},
            }
            for each in attested
            for file in each.files
        ],
        unmapped=filled(
            attestations=[
                {
                    "measure": each.measure,
                    "answer": each.answer.value,
                    "by": each.by,
                    "role": each.role,
                    "given": each.given.isoformat(),
                    "expires": each.expires.isoformat(),
                    "counts": each.counts_on(sheet.context.day),
                }
                for each in attested
            ],
            manifest_sha256=sheet.manifest,
        ),
    )


def _resource(name: str, target: Target | None) -> Json:
    shown = one_line(name, 120) or PRODUCT
    resource: Json = {"name": shown, "uid": shown}
    if target is None:
        return resource
    resource["type"] = target.role.value
    resource["labels"] = [target.platform.value, target.transport.value]
    try:
        resource["ip"] = str(ipaddress.ip_address(target.address))
    except ValueError:
        if _HOST_NAME.fullmatch(target.address):
            resource["hostname"] = target.address
    return resource


def _addresses(told: Told) -> Iterable[str]:
    return [one_line(each.url) for each in told.sources if each.url.startswith("https://")]
