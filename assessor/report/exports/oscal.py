"""OSCAL assessment results 1.1.3 (NIST), in JSON.

A finding of ours is an OSCAL *observation* of an inventory item; a promise and a measure are OSCAL
*findings*, with a statement or an objective as target. OSCAL has ``satisfied`` and
``not-satisfied`` only: what is unknown is not satisfied, with the reason ``other`` and the property
``standing`` that says so. A failing finding is also a *risk*, which a waiver turns into a
``deviation-approved``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from urllib.parse import quote

from assessor.model.attestation import Attestation
from assessor.model.target import Target
from assessor.report.clean import one_line
from assessor.report.exports.oscal_parts import (
    OSCAL,
    People,
    Resources,
    markup,
    props,
    token,
)
from assessor.report.exports.sheet import Line, Promise, Sheet, Standing, Told
from assessor.report.exports.words import PRODUCT, Json, dump, filled, moment, prose, short, uuid

_REASONS = {Standing.PASS: "pass", Standing.FAIL: "fail"}
_SATISFIED = frozenset({Standing.PASS, Standing.ATTESTED})


def render(sheet: Sheet) -> str:
    """The run as OSCAL assessment results, ending in a newline."""
    people, resources = People(sheet), Resources(sheet)
    result = _result(sheet, people, resources)
    document = {
        "metadata": _metadata(sheet, people),
        "import-ap": {"href": f"#{resources.plan}"},
        "results": [result],
        "back-matter": {"resources": resources.listed()},
    }
    # another language, other checks or pseudonyms make it another document
    known = {"uuid": sheet.id("oscal", uuid(dump(document))), **document}
    return dump({"assessment-results": known}, indent=1) + "\n"


def _metadata(sheet: Sheet, people: People) -> Json:
    return filled(
        title=markup(sheet.title),
        **{"last-modified": moment(sheet.result.finished_at)},
        version=one_line(sheet.facts.id, 120) or "1",
        **{"oscal-version": OSCAL},
        props=props(
            ("assess-version", sheet.facts.assess_version),
            ("profile", sheet.facts.profile),
            ("language", sheet.language.value),
            ("vantage", sheet.facts.vantage),
            ("previous-manifest-sha256", sheet.facts.previous),
        ),
        roles=people.roles(),
        parties=people.parties(),
        **{"responsible-parties": people.responsible()},
    )


def _result(sheet: Sheet, people: People, resources: Resources) -> Json:
    measures = sorted(
        {line.measure for line in (*sheet.lines, *_promised(sheet))}
        | {one_line(each.finding.measure, 80) for each in sheet.told}
    )
    selection: Json = (
        {"include-controls": [{"control-id": token(each)} for each in measures]}
        if measures
        else {"include-all": {}}
    )
    attested = {
        each.id: each
        for line in (*sheet.lines, *_promised(sheet))
        for each in line.verdict.attestations
    }
    failing = [each for each in sheet.told if each.standing in {Standing.FAIL, Standing.WAIVED}]
    at_risk = {each.uuid: _risk_of(sheet, each) for each in failing}
    entries = {
        "uuid": sheet.id("result"),
        "title": markup(sheet.title),
        "description": markup(_description(sheet)),
        "start": moment(sheet.facts.started_at),
        "end": moment(sheet.result.finished_at),
        "local-definitions": filled(
            **{
                "inventory-items": [_item(sheet, each) for each in sheet.targets],
                "assessment-assets": _assets(sheet),
            }
        ),
        "reviewed-controls": {"control-selections": [selection]},
        "observations": [
            *(_observation(sheet, each, resources) for each in sheet.told),
            *(_word(sheet, each, people, resources) for each in attested.values()),
        ],
        "risks": [_risk(sheet, each) for each in failing],
        "findings": [
            *(_promise(sheet, each, at_risk) for each in sheet.promises if each.claim),
            *(_measure(sheet, each, at_risk) for each in sheet.lines),
        ],
    }
    return {name: entry for name, entry in entries.items() if entry not in ([], {})}


def _description(sheet: Sheet) -> str:
    counts = Counter(promise.word for promise in sheet.promises)
    return "; ".join(f"{word}: {number}" for word, number in counts.items()) or sheet.title


def _promised(sheet: Sheet) -> list[Line]:
    return [line for promise in sheet.promises for line in promise.lines]


def _item(sheet: Sheet, target: Target) -> Json:
    evidence = sheet.result.evidence.get(target.name)
    gap = evidence.gap if evidence else None
    return filled(
        uuid=_target(sheet, target.name),
        description=markup(one_line(target.name, 120)) or "-",
        props=[
            *props(("asset-id", target.name), ns=""),
            *props(
                ("role", target.role.value),
                ("platform", target.platform.value),
                ("transport", target.transport.value),
                ("address", target.address),
                ("complete", "yes" if evidence and evidence.complete else "no"),
                ("gap", gap.reason.value if gap else ""),
            ),
        ],
        remarks=markup(one_line(gap.detail)) if gap else "",
    )


def _assets(sheet: Sheet) -> Json:
    tool, platform = sheet.id("tool"), sheet.id("platform")
    return {
        "components": [
            {
                "uuid": tool,
                "type": "software",
                "title": PRODUCT,
                "description": f"{PRODUCT} {markup(one_line(sheet.facts.assess_version, 40))}",
                "props": props(("version", sheet.facts.assess_version), ns=""),
                "status": {"state": "operational"},
            }
        ],
        "assessment-platforms": [
            {
                "uuid": platform,
                "title": markup(one_line(sheet.facts.vantage, 120) or PRODUCT),
                "uses-components": [{"component-uuid": tool}],
            }
        ],
    }


def _observation(sheet: Sheet, told: Told, resources: Resources) -> Json:
    finding, judgement = told.finding, told.finding.judgement
    journal = f"observations/{quote(finding.target, safe='._-', errors='replace')}.jsonl"
    return filled(
        uuid=told.uuid,
        title=markup(f"{told.title} ({told.place})"),
        description=markup(told.says or told.word),
        props=props(
            ("outcome", finding.outcome.value),
            ("standing", told.standing.value),
            ("measure", finding.measure),
            ("check", told.rule),
            ("check-version", str(finding.check_version)),
            ("severity", told.severity.value if told.severity else ""),
            ("lasting-uuid", told.lasting),
            ("expected", short(judgement.expected)),
            ("observed", short(judgement.observed)),
            ("parameters", short(finding.parameters)),
        ),
        links=[{"href": f"#{resources.source(each)}", "rel": "reference"} for each in told.sources],
        methods=["TEST"],
        types=["finding"],
        origins=[{"actors": [{"type": "tool", "actor-uuid": sheet.id("tool")}]}],
        subjects=[
            {
                "subject-uuid": _target(sheet, finding.target),
                "type": "inventory-item",
                "title": markup(told.place or PRODUCT),
            }
        ],
        **{
            "relevant-evidence": [
                {
                    "href": journal,
                    "description": f"SHA-256 {markup(one_line(digest, 64))}",
                    "props": props(("line-sha256", digest)),
                }
                for digest in finding.evidence
            ]
        },
        collected=moment(told.at),
        remarks=markup(prose(told.criterion, told.error)),
    )


def _word(sheet: Sheet, each: Attestation, people: People, resources: Resources) -> Json:
    """An attestation: somebody was asked, and answers for it."""
    return filled(
        uuid=sheet.id("attestation", each.id),
        title=markup(sheet.context.measure_title(each.measure)),
        description=markup(sheet.attestation(each)),
        props=props(
            ("measure", each.measure),
            ("answer", each.answer.value),
            ("counts", "yes" if each.counts_on(sheet.context.day) else "no"),
        ),
        methods=["INTERVIEW"],
        types=["control-objective"],
        origins=[{"actors": [{"type": "party", "actor-uuid": people.of(each.by)}]}],
        **{
            "relevant-evidence": [
                {
                    "href": f"#{resources.file(file)}",
                    "description": markup(one_line(file.name, 120) or "SHA-256"),
                }
                for file in each.files
            ]
        },
        collected=moment(each.recorded_at),
        expires=_end_of(each.expires, each.recorded_at),
    )


def _risk(sheet: Sheet, told: Told) -> Json:
    accepted = [each for each in told.waivers if each.counts_on(sheet.context.day)]
    waived = told.standing is Standing.WAIVED
    return filled(
        uuid=_risk_of(sheet, told),
        title=markup(f"{told.measure} ({told.place})"),
        description=markup(told.says or told.word),
        statement=markup(prose(*(sheet.waiver(each) for each in told.waivers)) or told.says) or "-",
        props=props(
            ("severity", told.severity.value if told.severity else ""),
            ("measure", told.finding.measure),
            *((("waived-until", accepted[0].until.isoformat()),) if waived and accepted else ()),
        ),
        status="deviation-approved" if waived else "open",
        origins=[{"actors": [{"type": "tool", "actor-uuid": sheet.id("tool")}]}],
        deadline=_end_of(accepted[0].until, accepted[0].recorded_at) if accepted else "",
        remediations=[
            {
                "uuid": sheet.id("remedy", told.uuid),
                "lifecycle": "recommendation",
                "title": markup(sheet.texts["label.remedy"]),
                "description": markup(told.remedy),
            }
        ]
        if told.remedy
        else [],
        **{"related-observations": [{"observation-uuid": told.uuid}]},
    )


def _promise(sheet: Sheet, promise: Promise, at_risk: Mapping[str, str]) -> Json:
    told = [each for line in promise.lines for each in line.told]
    return _finding(
        sheet,
        uid=sheet.id("promise", promise.id, str(promise.number)),
        title=promise.name,
        description=promise.quote,
        target={"type": "statement-id", "target-id": token(f"claim-{promise.id}")},
        standing=promise.standing,
        said=f"{promise.word}. {promise.why}",
        properties=(
            ("verdict", promise.verdict.value),
            *((f"measure-{number}", line.measure) for number, line in enumerate(promise.lines, 1)),
        ),
        told=told,
        attested=[each for line in promise.lines for each in line.verdict.attestations],
        at_risk=at_risk,
    )


def _measure(sheet: Sheet, line: Line, at_risk: Mapping[str, str]) -> Json:
    return _finding(
        sheet,
        uid=sheet.id("measure", line.measure),
        title=line.title,
        description=line.why,
        target={"type": "objective-id", "target-id": token(line.measure)},
        standing=line.standing,
        said=f"{line.word}. {line.why}",
        properties=(("verdict", line.verdict.verdict.value), ("rule", line.verdict.rule)),
        told=line.told,
        attested=line.verdict.attestations,
        at_risk=at_risk,
    )


def _finding(
    sheet: Sheet,
    *,
    uid: str,
    title: str,
    description: str,
    target: Json,
    standing: Standing,
    said: str,
    properties: Iterable[tuple[str, str]],
    told: Iterable[Told],
    attested: Iterable[Attestation],
    at_risk: Mapping[str, str],
) -> Json:
    seen = list(dict.fromkeys(each.uuid for each in told))
    observations = [*seen, *(sheet.id("attestation", each.id) for each in attested)]
    return filled(
        uuid=uid,
        title=markup(title) or "-",
        description=markup(description) or "-",
        props=props(("standing", standing.value), *properties),
        target={
            **target,
            "status": {
                "state": "satisfied" if standing in _SATISFIED else "not-satisfied",
                "reason": _REASONS.get(standing, "other"),
                "remarks": markup(said),
            },
        },
        **{
            "related-observations": [
                {"observation-uuid": each} for each in dict.fromkeys(observations)
            ],
            "related-risks": [{"risk-uuid": at_risk[each]} for each in seen if each in at_risk],
        },
    )


def _target(sheet: Sheet, name: str) -> str:
    return sheet.id("target", name)


def _risk_of(sheet: Sheet, told: Told) -> str:
    return sheet.id("risk", told.uuid)


def _end_of(last: date, zone: datetime) -> str:
    """The end of the last day on which something counts."""
    return moment(datetime.combine(last, time(23, 59, 59), zone.tzinfo))
