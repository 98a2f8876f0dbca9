"""Which certificates a run saw in use, and until when they count: pure, from its findings.

``tls_certificate`` observes the last day of every site's certificate. ``windows_tls`` names a day
only once it is near (its parameter ``warn_days``), in an advice; from there it is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from assessor.history.records import CertificateRow
from assessor.model.finding import Finding, Message

MOST = 1000
"""Certificates that are kept of one run."""
LONGEST = 300
_NEAR = "certificate_expires"
_TOLD = re.compile(r"(?P<name>.{1,1000}), (?P<day>\d{4}-\d{2}-\d{2})\)", re.DOTALL)
"""``0.0.0.0:443 (CN=mail.example.nl, 2026-12-01)``, as ``windows_tls`` writes it."""
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def certificates(findings: Iterable[Finding]) -> list[CertificateRow]:
    """Each certificate once, in the order of the findings; at most ``MOST``."""
    found = (row for finding in findings for row in _of(finding))
    return list(dict.fromkeys(found))[:MOST]


def _of(finding: Finding) -> Iterator[CertificateRow]:
    observed = finding.judgement.observed
    day = _day(observed.get("ends"))
    if day is not None and "days_left" in observed:
        name = observed.get("name")
        yield _row(finding, name if isinstance(name, str) and name else finding.target, day)
    for message in (finding.judgement.message, *finding.judgement.advice):
        for name, day in _told(message):
            yield _row(finding, name, day)


def _told(message: Message) -> Iterator[tuple[str, date]]:
    told = message.facts.get("certificates")
    if message.id != _NEAR or not isinstance(told, tuple):
        return
    for each in told:
        match = _TOLD.fullmatch(each) if isinstance(each, str) else None
        day = _day(match["day"]) if match else None
        if match and day is not None:
            yield f"{match['name']})", day


def _row(finding: Finding, name: str, ends: date) -> CertificateRow:
    shown = _NO_TEXT.sub("\ufffd", name[:LONGEST])
    return CertificateRow(finding.target[:LONGEST], finding.check[:LONGEST], shown, ends)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
