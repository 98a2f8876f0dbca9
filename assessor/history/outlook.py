"""What will have expired when the next run comes: pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from assessor.history.records import AttestationRow, RunSummary, WaiverRow
from assessor.model.certificates import SeenCertificate

_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Outlook:
    """What ends before the next run, the first to end first.

    Attributes:
        day: of the run that saw it.
        next_run: the day of the one after.
        certificates: they expire, or have expired.
        attestations: those that count on the day of the run and no longer at the next one, and
            that no later one of the same measure takes over from.
        waivers: the same.
    """

    day: date
    next_run: date
    certificates: tuple[SeenCertificate, ...]
    attestations: tuple[AttestationRow, ...]
    waivers: tuple[WaiverRow, ...]


def month_later(day: date) -> date:
    """The same day of the next month, or the last one where that month is shorter."""
    year, month = (day.year + 1, 1) if day.month == _DECEMBER else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def outlook(run: RunSummary, next_run: date | None = None) -> Outlook:
    """What of ``run`` ends before ``next_run``; a month later unless said.

    A certificate fails on its last day: one that ends on the day of the next run counts.
    Attestations and waivers count on their last day.
    """
    day = run.started_at.date()
    until = next_run or month_later(day)
    promised = {measure for row in run.claims for measure in row.measures} or {
        row.measure for row in run.measures
    }
    latest: dict[str, AttestationRow] = {}
    for word in sorted(run.attestations, key=lambda row: (row.expires, row.given, row.id)):
        if word.measure in promised and word.given <= until:
            latest[word.measure] = word
    waived: dict[tuple[str, str], WaiverRow] = {}
    for waiver in sorted(run.waivers, key=lambda row: row.until):
        waived[waiver.check, waiver.target] = waiver
    return Outlook(
        day,
        until,
        tuple(
            sorted(
                (row for row in run.certificates if row.ends <= until),
                key=lambda row: (row.ends, row.target, row.name),
            )
        ),
        tuple(
            sorted(
                (row for row in latest.values() if day <= row.expires < until),
                key=lambda row: (row.expires, row.measure),
            )
        ),
        tuple(
            sorted(
                (row for row in waived.values() if day <= row.until < until),
                key=lambda row: (row.until, row.check, row.target),
            )
        ),
    )
