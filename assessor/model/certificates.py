"""Which certificates a finding saw in use, and until when they count: pure.

``tls_certificate`` observes the last day of every site's certificate. ``windows_tls`` names a day
only once it is near (its parameter ``warn_days``), in an advice; from there it is taken. Where the
names were taken out for a reader who may not see them, the days are left, and the target's name
stands for the certificate's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from assessor.model.finding import Finding, Message

LONGEST = 300
_NEAR = "certificate_expires"
_TOLD = re.compile(r"(?P<name>.{1,1000}), (?P<day>\d{4}-\d{2}-\d{2})\)", re.DOTALL)
"""``0.0.0.0:443 (CN=mail.example.nl, 2026-12-01)``, as ``windows_tls`` writes it."""
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SeenCertificate:
    """A certificate that was seen in use.

    Attributes:
        target: where it is used.
        check: the check that saw it.
        name: whose it is.
        ends: its last day, in UTC.
    """

    target: str
    check: str
    name: str
    ends: date


def certificates_of(finding: Finding) -> Iterator[SeenCertificate]:
    """The certificates of which ``finding`` says when they end."""
    observed = finding.judgement.observed
    day = _day(observed.get("ends"))
    if day is not None and "days_left" in observed:
        name = observed.get("name")
        yield _seen(finding, name if isinstance(name, str) and name else finding.target, day)
    for message in (finding.judgement.message, *finding.judgement.advice):
        for name, day in _told(message, finding.target):
            yield _seen(finding, name, day)


def _told(message: Message, target: str) -> Iterator[tuple[str, date]]:
    if message.id != _NEAR:
        return
    told, days = message.facts.get("certificates"), message.facts.get("days")
    if isinstance(told, tuple):
        for each in told:
            match = _TOLD.fullmatch(each) if isinstance(each, str) else None
            day = _day(match["day"]) if match else None
            if match and day is not None:
                yield f"{match['name']})", day
    elif isinstance(days, tuple):
        for each in days:
            if (day := _day(each)) is not None:
                yield target, day


def _seen(finding: Finding, name: str, ends: date) -> SeenCertificate:
    shown = _NO_TEXT.sub("\ufffd", name[:LONGEST])
    return SeenCertificate(finding.target[:LONGEST], finding.check[:LONGEST], shown, ends)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
