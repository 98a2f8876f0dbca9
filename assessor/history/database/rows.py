"""Records as rows and back, with the digest that tells whether a row is as it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import RowMapping, Table

from assessor.history.database import tables
from assessor.history.records import (
    AttestationRow,
    ClaimRow,
    FindingRow,
    MeasureRow,
    RunRecord,
    RunSummary,
    TargetRow,
    WaiverRow,
)
from assessor.model.attestation import Answer
from assessor.model.certificates import SeenCertificate
from assessor.model.finding import Outcome
from assessor.model.statement import Verdict

Row = RowMapping | dict[str, Any]

_OUTCOMES = {
    "passed": Outcome.PASS,
    "failed": Outcome.FAIL,
    "unknown": Outcome.UNKNOWN,
    "not_applicable": Outcome.NOT_APPLICABLE,
}
_PLAIN = (
    "run",
    "manifest",
    "started_at",
    "finished_at",
    "organisation",
    "profile",
    "assess_version",
    "vantage",
    "statement",
)
PARTS: Mapping[str, tuple[Table, type, Mapping[str, str]]] = {
    "claims": (tables.claims, ClaimRow, {"id": "claim", "start": "begins", "end": "ends"}),
    "measures": (tables.measures, MeasureRow, {}),
    "targets": (tables.targets, TargetRow, {}),
    "certificates": (tables.certificates, SeenCertificate, {}),
    "attestations": (tables.attestations, AttestationRow, {"id": "attestation"}),
    "waivers": (tables.waivers, WaiverRow, {}),
}
"""What a summary holds many of: its table, its type, and the columns with another name."""

_NAMES = {part: tuple(field.name for field in fields(kind)) for part, (_, kind, _) in PARTS.items()}
_MAKERS: Mapping[str, Any] = {"verdict": Verdict, "answer": Answer, "measures": tuple}


def run_row(assessment: str, edition: int, record: RunRecord) -> dict[str, Any]:
    """The row of a run."""
    summary = record.summary
    return {
        "assessment": assessment,
        "edition": edition,
        **{name: getattr(summary, name) for name in _PLAIN},
        **{name: summary.outcomes[outcome] for name, outcome in _OUTCOMES.items()},
        "summary_sha256": summary_digest(summary),
        "findings_sha256": findings_digest(record.findings),
    }


def part_rows(number: int, part: str, summary: RunSummary) -> list[dict[str, Any]]:
    """The rows of one of ``PARTS``."""
    names = _columns(part)
    return [
        {"run_number": number, "position": position}
        | {column: _kept(getattr(item, name)) for name, column in names}
        for position, item in enumerate(getattr(summary, part))
    ]


def finding_rows(number: int, findings: Iterable[FindingRow]) -> list[dict[str, Any]]:
    """The rows of a run's findings."""
    return [
        {
            "run_number": number,
            "position": position,
            "target": item.target,
            "measure": item.measure,
            "check": item.check,
            "check_version": item.check_version,
            "outcome": item.outcome.value,
            "message": item.message,
        }
        for position, item in enumerate(findings)
    ]


def read_summary(row: Row, parts: Mapping[str, Sequence[Row]]) -> RunSummary:
    """The summary that was written as ``row`` and, by the name of the part, ``parts``.

    Raises:
        ValueError: it is not what was written.
    """
    summary = RunSummary(
        **{name: row[name] for name in _PLAIN},
        outcomes={outcome: row[name] for name, outcome in _OUTCOMES.items()},
        **{part: _read(part, found) for part, found in parts.items()},
    )
    if summary_digest(summary) != row["summary_sha256"]:
        raise ValueError(f"run {summary.run}: its rows are not those that were written")
    return summary


def _read(part: str, rows: Iterable[Row]) -> Any:
    kind, names = PARTS[part][1], _columns(part)
    return tuple(
        kind(**{name: _MAKERS.get(name, _same)(row[column]) for name, column in names})
        for row in rows
    )


def _columns(part: str) -> list[tuple[str, str]]:
    """The attributes of a part's type, each with its column."""
    other = PARTS[part][2]
    return [(name, other.get(name, name)) for name in _NAMES[part]]


def read_findings(rows: Iterable[Row], digest: str) -> tuple[FindingRow, ...]:
    """The findings that were written as ``rows``.

    Raises:
        ValueError: they are not what was written.
    """
    found = tuple(
        FindingRow(
            row["target"],
            row["measure"],
            row["check"],
            row["check_version"],
            Outcome(row["outcome"]),
            row["message"],
        )
        for row in rows
    )
    if findings_digest(found) != digest:
        raise ValueError("the findings are not those that were written")
    return found


def summary_digest(summary: RunSummary) -> str:
    """SHA-256 (hex) of a summary."""
    return _digest(
        [
            *(getattr(summary, name) for name in _PLAIN),
            *(summary.outcomes[outcome] for outcome in Outcome),
            *(
                [[getattr(item, name) for name in names] for item in getattr(summary, part)]
                for part, names in _NAMES.items()
            ),
        ]
    )


def findings_digest(findings: Iterable[FindingRow]) -> str:
    """SHA-256 (hex) of a run's findings."""
    return _digest(
        [
            (each.target, each.measure, each.check, each.check_version, each.outcome, each.message)
            for each in findings
        ]
    )


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_as_text)
    return hashlib.sha256(text.encode()).hexdigest()


def _as_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _kept(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _same(value: object) -> object:
    return value
