"""Heimdall Data Format: InSpec's ``exec json``, as MITRE Heimdall and the SAF tools open it.

A control is a measure as one check saw it on one target: Heimdall calls a control passed as soon
as one of its results is, so a control of several targets would hide what is unknown. ``unknown``
is skipped, which Heimdall shows as Not Reviewed; a check that failed itself is an error.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from assessor.model.attestation import Answer, Attestation
from assessor.model.check import Severity
from assessor.report.clean import one_line
from assessor.report.exports.sheet import Line, Promise, Sheet, Standing, Told
from assessor.report.exports.words import PRODUCT, Json, dump, facts, filled, moment, prose

_IMPACT = {Severity.LOW: 0.3, Severity.MEDIUM: 0.5, Severity.HIGH: 0.7, Severity.CRITICAL: 1.0}
_STATUS = {
    Standing.PASS: "passed",
    Standing.ATTESTED: "passed",
    Standing.FAIL: "failed",
    Standing.WAIVED: "failed",
    Standing.UNKNOWN: "skipped",
    Standing.NOT_APPLICABLE: "skipped",
}
_DEFAULT_IMPACT = 0.5


def render(sheet: Sheet) -> str:
    """The run as HDF, ending in a newline."""
    found = [(each, _finding(sheet, each)) for each in sheet.told]
    words = [
        (promise, line, _words(sheet, promise, line))
        for promise in sheet.promises
        for line in promise.lines
        if line.verdict.attestations or not line.told
    ]
    controls = [*(control for _, _, control in words), *(control for _, control in found)]
    _number(controls)
    groups = [
        {
            "id": f"{promise.number} {promise.id}",
            "title": promise.quote or promise.name,
            "controls": [
                *(str(it["id"]) for of, _, it in words if of is promise),
                *(str(it["id"]) for told, it in found if promise.number in told.promises),
            ],
        }
        for promise in sheet.promises
    ]
    version = one_line(sheet.facts.assess_version, 40)
    profile = {
        "name": f"{PRODUCT}-{one_line(sheet.facts.profile, 80)}",
        "title": sheet.title,
        "version": version,
        "summary": prose(
            *(f"{each.name}: {each.word}. {each.quote}".strip() for each in sheet.promises[:50])
        ),
        "maintainer": one_line(sheet.facts.assessor, 120) or PRODUCT,
        "sha256": _digest(sheet),
        "attributes": [],
        "supports": [],
        "status": "loaded",
        "groups": groups,
        "controls": controls,
    }
    return (
        dump(
            {
                "platform": {
                    "name": PRODUCT,
                    "release": version,
                    "target_id": sheet.organisation or one_line(sheet.facts.vantage, 120),
                },
                "version": version,
                "statistics": {"duration": _duration(sheet), "controls": _count(controls)},
                "profiles": [profile],
            },
            indent=1,
        )
        + "\n"
    )


def _finding(sheet: Sheet, told: Told) -> Json:
    finding, judgement = told.finding, told.finding.judgement
    impact = _IMPACT[told.severity] if told.severity else _DEFAULT_IMPACT
    result: Json = {
        "status": _STATUS[told.standing],
        "code_desc": f"{told.place}: {told.title}",
        "start_time": moment(told.at),
        "resource": told.rule,
        "resource_id": told.place,
    }
    if told.error and told.standing is Standing.UNKNOWN:
        result |= {"status": "error", "exception": told.says, "message": told.says}
        result["backtrace"] = told.error.splitlines() or [told.error]
    elif result["status"] == "skipped":
        result["skip_message"] = f"{told.word}: {told.says}"
    else:
        result["message"] = told.says
    label = sheet.texts
    control = _control(
        id=f"{told.rule}/{one_line(finding.measure, 80)}@{told.place}",
        title=f"{told.place}: {told.measure} ({told.title})",
        desc=told.criterion or told.title,
        descriptions=[
            {"label": "check", "data": prose(told.says, _promised(sheet, told))},
            *([{"label": "fix", "data": told.remedy}] if told.remedy else []),
            *({"label": "waiver", "data": sheet.waiver(each)} for each in told.waivers),
            *(
                {"label": label["label.proof_of"], "data": f"sha256:{digest}"}
                for digest in finding.evidence
            ),
        ],
        # Heimdall takes an impact of nothing for not applicable
        impact=0.0 if told.standing is Standing.NOT_APPLICABLE else impact,
        code=dump(
            filled(
                expected=facts(judgement.expected),
                observed=facts(judgement.observed),
                parameters=facts(finding.parameters),
            ),
            indent=1,
        ),
        refs=[
            filled(
                ref=", ".join(one_line(part) for part in (it.title, it.section, it.date) if part),
                url=one_line(it.url),
            )
            for it in told.sources
        ],
        tags=filled(
            measure=finding.measure,
            check=told.rule,
            check_version=finding.check_version,
            target=told.place,
            outcome=finding.outcome.value,
            severity=told.severity.value if told.severity else "",
            promises=[str(number) for number in told.promises],
            evidence_sha256=list(finding.evidence),
            manifest_sha256=sheet.manifest,
            uuid=told.uuid,
        ),
        source_location={"ref": f"checks/{told.rule}", "line": 1},
        results=[result],
    )
    accepted = [each for each in told.waivers if each.counts_on(sheet.context.day)]
    if told.standing is Standing.WAIVED and accepted:
        control["waiver_data"] = {
            "expiration_date": accepted[0].until.isoformat(),
            "justification": sheet.waiver(accepted[0]),
            "run": True,
            "skipped_due_to_waiver": True,
            "message": sheet.waiver(accepted[0]),
        }
    return control


def _words(sheet: Sheet, promise: Promise, line: Line) -> Json:
    """A measure that people answer for, or that nothing was found of."""
    status = _STATUS[line.standing]
    said = f"{line.word}. {line.why}"
    result: Json = {
        "status": status,
        "code_desc": f"{line.title}: {line.word}",
        "start_time": moment(sheet.facts.started_at),
        ("skip_message" if status == "skipped" else "message"): said,
    }
    attested = line.verdict.attestations
    control = _control(
        id=line.measure,
        title=line.title,
        desc=promise.quote or line.title,
        descriptions=[
            {"label": "check", "data": said},
            *({"label": "attestation", "data": sheet.attestation(each)} for each in attested),
        ],
        impact=_DEFAULT_IMPACT,
        code="",
        refs=[],
        tags=filled(
            measure=line.measure,
            verdict=line.verdict.verdict.value,
            promises=[str(promise.number)],
            evidence_sha256=[file.sha256 for each in attested for file in each.files],
            manifest_sha256=sheet.manifest,
        ),
        source_location={"ref": "words.json", "line": 1},
        results=[result],
    )
    counts = [each for each in attested if each.counts_on(sheet.context.day)]
    # Heimdall reads these as the word that decided; where a machine decided, there is none.
    if counts and (line.standing is Standing.ATTESTED or not line.told):
        newest = max(counts, key=lambda each: (each.given, each.recorded_at))
        control["attestation_data"] = _attestation(sheet, newest)
    return control


def _attestation(sheet: Sheet, each: Attestation) -> Json:
    return {
        "explanation": sheet.attestation(each),
        "frequency": f"{(each.expires - each.given).days}d",
        "status": "passed" if each.answer is Answer.YES else "failed",
        "updated": each.given.isoformat(),
        "updated_by": one_line(f"{each.by}, {each.role}", 200),
    }


def _number(controls: Iterable[Json]) -> None:
    """Tells controls apart that would have the same id: a claim's own parameters, or two claims."""
    seen: Counter[str] = Counter()
    for control in controls:
        name = str(control["id"])
        seen[name] += 1
        if seen[name] > 1:
            control["id"] = f"{name} ({seen[name]})"
        attested = control.get("attestation_data")
        if isinstance(attested, dict):
            attested["control_id"] = control["id"]


def _control(**entries: object) -> Json:
    return entries


def _promised(sheet: Sheet, told: Told) -> str:
    return "\n".join(
        f"{promise.name}: {promise.quote}".strip(": ")
        for promise in sheet.promises
        if promise.number in told.promises
    )


def _digest(sheet: Sheet) -> str:
    """What was looked for, as one number: the profile and the versions of its checks."""
    versions = sorted({(each.rule, each.finding.check_version) for each in sheet.told})
    words = ascii((sheet.facts.profile, sheet.facts.assess_version, versions))
    return hashlib.sha256(words.encode()).hexdigest()


def _duration(sheet: Sheet) -> float:
    return max(0.0, (sheet.result.finished_at - sheet.facts.started_at).total_seconds())


def _count(controls: Iterable[Json]) -> Json:
    count = Counter(
        str(result["status"])
        for control in controls
        for result in _results(control)
        if isinstance(result, dict)
    )
    return {status: {"total": count[status]} for status in ("passed", "skipped", "failed")}


def _results(control: Json) -> list[object]:
    results = control["results"]
    return results if isinstance(results, list) else []
