"""What may stand in ``attestations/*.yaml`` and ``waivers.yaml``, as pydantic models."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from assessor.inputs.evidence_files import MAX_FILE_BYTES, MAX_FILES, MAX_NAME, safe_name
from assessor.inputs.settings import Name, Settings, refuse

MAX_PERSON = 200
"""The longest name or role, in characters."""
MAX_TEXT = 4_000
"""The longest text of an attestation or reason of a waiver, in characters."""

CHECK = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def _day(value: object) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            refuse("is no date", "write year, month and day, as in 2026-11-24")
    if isinstance(value, datetime) or not isinstance(value, date):
        refuse("must be a date", "write year, month and day, as in 2026-11-24")
    return value


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            refuse("is no date and time", "write it as in 2026-11-24T09:05:00Z")
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):  # whoever writes a waiver by hand need not know the time
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return refuse("must be a date and time", "write it as in 2026-11-24T09:05:00Z")


def _answer(value: object) -> object:
    """YAML takes a plain yes or no for a truth value."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _said(value: str) -> str:
    if not value.strip():
        refuse("is empty")
    return value


def _check(value: str) -> str:
    if not CHECK.fullmatch(value):
        refuse("is no id of a check", "assess checks list shows them")
    return value


def _digest(value: str) -> str:
    if not _DIGEST.fullmatch(value):
        refuse("is no SHA-256 digest", "let assess attest write it")
    return value


def _file_name(value: str) -> str:
    if value != safe_name(value):
        refuse("is no plain file name", f"write {safe_name(value)!r}")
    return value


Day = Annotated[date, PlainValidator(_day)]
Moment = Annotated[datetime, PlainValidator(_moment)]
Person = Annotated[str, Field(max_length=MAX_PERSON), AfterValidator(_said)]
Spoken = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_said)]
Measure = Annotated[str, Field(min_length=1, max_length=64)]
Check = Annotated[str, AfterValidator(_check)]


class FileSettings(Settings):
    """A file that goes with an attestation."""

    name: Annotated[str, Field(max_length=MAX_NAME), AfterValidator(_file_name)]
    """As its owner called it."""
    sha256: Annotated[str, AfterValidator(_digest)]
    """The digest of its bytes; it is kept under this name in attestations/files."""
    size: Annotated[int, Field(ge=1, le=MAX_FILE_BYTES)]
    """Bytes."""


class AttestationSettings(Settings):
    """One file of ``attestations``."""

    measure: Measure
    """A measure of the catalogue."""
    answer: Annotated[Literal["yes", "partly", "no"], BeforeValidator(_answer)]
    """Whether it is in place."""
    by: Person
    """Who says so."""
    role: Person
    """What that person is in the company."""
    text: Spoken
    """What is said, in the person's own words."""
    given: Day
    """The day from which it holds."""
    expires: Day
    """The last day on which it counts."""
    recorded_at: Moment
    """When it was written down, in UTC."""
    files: Annotated[list[FileSettings], Field(max_length=MAX_FILES, default_factory=list)]
    """The evidence that goes with it."""


class WaiverSettings(Settings):
    """One item of ``waivers.yaml``."""

    check: Check
    """A check's id."""
    target: Name
    """The target's name."""
    reason: Spoken
    """Why it is accepted."""
    by: Person
    """Who accepts it."""
    until: Day
    """The last day on which it counts."""
    recorded_at: Moment
    """When it was written down, in UTC."""
