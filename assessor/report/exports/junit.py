"""JUnit XML, as Jenkins and GitLab read it: a suite of the promises, and one for each target.

``unknown`` is an error: the test could not be run, which is neither a pass nor a skip. An accepted
deviation is skipped, with who accepted it and until when.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assessor.report.clean import one_line, visible
from assessor.report.exports.sheet import Promise, Sheet, Standing, Told
from assessor.report.exports.words import PRODUCT, moment, prose, short

_TAGS = {
    Standing.FAIL: "failure",
    Standing.UNKNOWN: "error",
    Standing.WAIVED: "skipped",
    Standing.NOT_APPLICABLE: "skipped",
}
"""What a test case holds; one that holds none of these passed."""


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    group: str
    standing: Standing
    kind: str
    message: str
    body: str
    out: str


def render(sheet: Sheet) -> str:
    """The run as JUnit XML, ending in a newline."""
    root = ET.Element("testsuites", name=_attribute(sheet.title))
    suite = sheet.texts["label.claims" if sheet.result.statement else "label.measures"]
    _suite(root, sheet, suite, map(_promise, [sheet] * len(sheet.promises), sheet.promises))
    by_place: dict[str, list[Told]] = {target.name: [] for target in sheet.targets}
    for told in sheet.told:
        by_place.setdefault(told.finding.target, []).append(told)
    for place, found in by_place.items():
        _suite(root, sheet, place, (_finding(sheet, each) for each in found), host=place)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(each.get(name, "0")) for each in root)))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(
    root: ET.Element, sheet: Sheet, name: str, cases: Iterable[_Case], host: str = ""
) -> None:
    suite = ET.SubElement(root, "testsuite", name=_attribute(name))
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("tool", f"{PRODUCT} {sheet.facts.assess_version}"),
        ("run", sheet.facts.id),
        ("profile", sheet.facts.profile),
        ("manifest-sha256", sheet.manifest),
    ):
        if value:
            ET.SubElement(properties, "property", name=key, value=_attribute(value))
    count: Counter[str] = Counter()
    for case in cases:
        count["tests"] += 1
        element = ET.SubElement(
            suite, "testcase", name=_attribute(case.name), classname=_attribute(case.group)
        )
        if tag := _TAGS.get(case.standing):
            count[tag] += 1
            held = ET.SubElement(element, tag, type=case.kind, message=_attribute(case.message))
            held.text = _text(case.body)
        if case.out:
            ET.SubElement(element, "system-out").text = _text(case.out)
    suite.set("tests", str(count["tests"]))
    suite.set("failures", str(count["failure"]))
    suite.set("errors", str(count["error"]))
    suite.set("skipped", str(count["skipped"]))
    suite.set("timestamp", moment(sheet.facts.started_at).removesuffix("Z"))
    if host:
        suite.set("hostname", _attribute(host))


def _promise(sheet: Sheet, promise: Promise) -> _Case:
    said = [
        f"{line.title}: {text}"
        for line in promise.lines
        for text in (
            *(sheet.attestation(each) for each in line.verdict.attestations),
            *(sheet.waiver(each) for each in line.verdict.waivers),
        )
    ]
    files = [
        f"sha256 {file.sha256} {file.name}"
        for line in promise.lines
        for each in line.verdict.attestations
        for file in each.files
    ]
    message = f"{promise.word}. {promise.why}"
    return _Case(
        promise.name if not promise.quote else f"{promise.name}: {one_line(promise.quote, 200)}",
        "promises",
        promise.standing,
        promise.verdict.value,
        message,
        prose(message, promise.quote),
        prose(promise.quote, message, *said, *files),
    )


def _finding(sheet: Sheet, told: Told) -> _Case:
    judgement = told.finding.judgement
    waivers = [sheet.waiver(each) for each in told.waivers]
    sources = "; ".join(
        ", ".join(filter(None, (each.title, each.section, each.date, each.url)))
        for each in told.sources
    )
    label = sheet.texts
    entries = (
        (label["label.criterion"], told.criterion),
        (label["label.source"], sources),
        (label["label.expected"], short(judgement.expected)),
        (label["label.observed"], short(judgement.observed)),
        (label["label.parameters"], short(told.finding.parameters)),
        (label["label.remedy"], told.remedy),
        (label["label.proof_of"], " ".join(f"sha256:{each}" for each in told.finding.evidence)),
    )
    listed = "\n".join(f"{name}: {value}" for name, value in entries if value)
    body = prose(told.says, told.remedy, *waivers, told.error)
    waived = told.standing is Standing.WAIVED and waivers
    return _Case(
        f"{told.measure}: {told.title}" if told.measure != told.title else told.title,
        f"{told.place}.{told.rule}.{told.finding.measure}",
        told.standing,
        told.standing.value if told.standing is Standing.WAIVED else told.finding.outcome.value,
        waivers[0] if waived else told.says,
        body,
        prose(told.says, *waivers, listed),
    )


def _attribute(text: str) -> str:
    return one_line(text, 1_000)


def _text(text: str) -> str:
    """``text`` of which XML 1.0 can hold every character."""
    return visible(text, lines=True)
