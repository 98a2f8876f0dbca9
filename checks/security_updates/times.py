"""Reads the days and moments that the scripts print."""

from __future__ import annotations

from datetime import UTC, date, datetime


def moment(text: str) -> datetime | None:
    """Seconds since 1970 as a moment in UTC; ``None`` for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def day(text: str) -> date | None:
    """``2026-11-25`` as a day; ``None`` for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
