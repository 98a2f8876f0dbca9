"""CSV after RFC 4180: one table of promises, measures, findings, attestations and waivers.

A spreadsheet takes a cell that begins with one of ``= + - @`` for a formula, wherever the text
came from. Such a cell gets an apostrophe before it (OWASP, CSV Injection). Every cell is one line:
a reader that splits at line feeds or at semicolons meets no cell that begins otherwise.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from assessor.report.clean import cut, one_line, visible
from assessor.report.exports.sheet import Line, Promise, Sheet, Told
from assessor.report.exports.words import MAX_TEXT, moment, short

COLUMNS = (
    "record", "run", "at", "organisation", "promise", "quote", "measure", "measure_title",
    "target", "role", "address", "check", "check_version", "title", "result", "standing", "word",
    "severity", "text", "remedy", "criterion", "sources", "expected", "observed", "parameters",
    "evidence_sha256", "by", "from", "until", "waived_until", "uuid",
)  # fmt: skip

_FORMULA = re.compile(r"^[\s'\"]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_CELL_WITHIN = re.compile(r"([;|\t,]\s*[\"']*\s*)(?=[=+@\-\uff1d\uff0b\uff0d\uff20])")


def render(sheet: Sheet) -> str:
    """The run as CSV, with a header; lines end in CR LF."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(sheet):
        known = {"run": sheet.facts.id, "organisation": sheet.organisation, **row}
        writer.writerow([cell(known.get(name, "")) for name in COLUMNS])
    return stream.getvalue()


def cell(text: str) -> str:
    """``text`` on one line, that no spreadsheet takes for a formula."""
    line = visible(cut(" ".join(text[: MAX_TEXT * 2].split()), MAX_TEXT))
    if _FORMULA.match(line) or _FORMULA.match(text):
        line = f"'{line}"
    return _CELL_WITHIN.sub(r"\1'", line)


def _rows(sheet: Sheet) -> Iterable[dict[str, str]]:
    for promise in sheet.promises:
        if promise.claim:
            yield _promise(sheet, promise)
        for line in promise.lines:
            row = _line(sheet, promise, line)
            yield row
            yield from _said(sheet, row, line)
    for told in sheet.told:
        yield _finding(sheet, told)


def _promise(sheet: Sheet, promise: Promise) -> dict[str, str]:
    return {
        "record": "promise",
        "at": moment(sheet.facts.started_at),
        "promise": str(promise.number),
        "quote": promise.quote,
        "measure": ", ".join(line.measure for line in promise.lines),
        "title": promise.name,
        "result": promise.verdict.value,
        "standing": promise.standing.value,
        "word": promise.word,
        "text": promise.why,
        "uuid": sheet.id("promise", promise.id, str(promise.number)),
    }


def _line(sheet: Sheet, promise: Promise, line: Line) -> dict[str, str]:
    return {
        "record": "measure",
        "at": moment(sheet.facts.started_at),
        "promise": str(promise.number) if promise.claim else "",
        "measure": line.measure,
        "measure_title": line.title,
        "title": line.title,
        "result": line.verdict.verdict.value,
        "standing": line.standing.value,
        "word": line.word,
        "text": line.why,
        "uuid": sheet.id("measure", promise.id, str(promise.number), line.measure),
    }


def _said(sheet: Sheet, row: dict[str, str], line: Line) -> Iterable[dict[str, str]]:
    common = {name: row[name] for name in ("promise", "measure", "measure_title")}
    for said in line.verdict.attestations:
        yield common | {
            "record": "attestation",
            "at": moment(said.recorded_at),
            "result": said.answer.value,
            "standing": _counts(counts=said.counts_on(sheet.context.day)),
            "text": said.text,
            "evidence_sha256": " ".join(file.sha256 for file in said.files),
            "by": f"{said.by}, {said.role}",
            "from": said.given.isoformat(),
            "until": said.expires.isoformat(),
            "uuid": sheet.id("attestation", said.id),
        }
    for waiver in line.verdict.waivers:
        yield common | {
            "record": "waiver",
            "at": moment(waiver.recorded_at),
            "target": waiver.target,
            "check": waiver.check,
            "standing": _counts(counts=waiver.counts_on(sheet.context.day)),
            "text": waiver.reason,
            "by": waiver.by,
            "until": waiver.until.isoformat(),
            "uuid": sheet.id("waiver", waiver.check, waiver.target, waiver.recorded_at.isoformat()),
        }


def _counts(*, counts: bool) -> str:
    return "counts" if counts else "does-not-count"


def _finding(sheet: Sheet, told: Told) -> dict[str, str]:
    finding, judgement = told.finding, told.finding.judgement
    target = sheet.context.targets.get(finding.target)
    until = [each.until for each in told.waivers if each.counts_on(sheet.context.day)]
    return {
        "record": "finding",
        "at": moment(told.at),
        "promise": " ".join(map(str, told.promises)),
        "measure": finding.measure,
        "measure_title": told.measure,
        "target": told.place,
        "role": target.role.value if target else "",
        "address": target.address if target else "",
        "check": finding.check,
        "check_version": str(finding.check_version),
        "title": told.title,
        "result": finding.outcome.value,
        "standing": told.standing.value,
        "word": told.word,
        "severity": told.severity.value if told.severity else "",
        "text": told.says,
        "remedy": told.remedy,
        "criterion": told.criterion,
        "sources": "; ".join(
            ", ".join(one_line(each) for each in (it.title, it.section, it.date, it.url) if each)
            for it in told.sources
        ),
        "expected": short(judgement.expected),
        "observed": short(judgement.observed),
        "parameters": short(finding.parameters),
        "evidence_sha256": " ".join(finding.evidence),
        "waived_until": max(until).isoformat() if until else "",
        "uuid": told.uuid,
    }
