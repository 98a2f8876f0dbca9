"""Reads what ``linux_paths.sh`` and root's ``find`` say of the paths."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from assessor.api import Captured, Record, records, values, whole_lines

from .held import Held, Kind, Trouble, day, held

_EPOCH = date(1970, 1, 1)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FOUND = re.compile(r"(\d{1,4})([a-zA-Z?])(\d{4})(\d\d)(\d\d)", re.ASCII)
_EXTENT = {"whole": None, "partly": Trouble.PARTLY, "over": Trouble.TOO_MANY}


@dataclass(frozen=True, slots=True)
class Path:
    """A path as the script saw it.

    Attributes:
        held: what it holds.
        cleaners: files of jobs and settings that name it and remove things.
    """

    held: Held
    cleaners: tuple[str, ...]


def read_paths(
    output: str, names: Sequence[str], today: date
) -> tuple[tuple[Path, ...], date] | None:
    """The paths in the order of ``names``, and the target's own day; ``None`` if not understood."""
    found, lines = records(output), whole_lines(output)
    if not found or lines is None or found[0][0] != "now":
        return None
    now = _day_number(found[0][1])
    starts = [place for place, (kind, _) in enumerate(found) if kind == "path"]
    if now is None or values(lines, "path") != list(names) or starts[:1] not in ([], [1]):
        return None
    ends = [*starts[1:], len(found)]
    return tuple(
        _path(found[start + 1 : end], today) for start, end in zip(starts, ends, strict=True)
    ), now


def _path(said: Sequence[Record], today: date) -> Path:
    cleaners = tuple(text for kind, text in said if kind == "cleaner")
    rest = [record for record in said if record[0] != "cleaner"]
    seen = _held(rest[0][0], rest[1:], today) if rest else None
    return Path(seen or Held(trouble=Trouble.NOT_UNDERSTOOD), cleaners)


def _held(kind: str, said: Sequence[Record], today: date) -> Held | None:
    if kind in ("missing", "closed", "other"):
        trouble = {"missing": Trouble.MISSING, "closed": Trouble.CLOSED, "other": Trouble.NO_PLACE}
        return Held(trouble=trouble[kind]) if not said else None
    if not said or kind not in ("folder", "mbox", "log"):
        return None
    *body, (extent, number) = said
    if not _is_number(number):
        return None
    if kind == "log":
        return _log(body, extent, int(number), today)
    return _counted(Kind(kind), body, extent, int(number), today)


def _counted(
    kind: Kind, body: Iterable[Record], extent: str, number: int, today: date
) -> Held | None:
    """A folder's files or an mbox's messages, counted by their days."""
    days: Counter[date | None] = Counter()
    links = 0
    for word, text in body:
        what, _, count = text.rpartition(" ")
        if not _is_number(count):
            return None
        if word == "links":
            links = int(count)
        elif word == "day":
            days[_day_number(what)] += int(count)
        elif word == "date":
            days[_iso(what)] += int(count)
        else:
            return None
    # The last number is of all that was read: folders and what goes with a mailbox as well.
    if extent not in _EXTENT or sum(days.values()) + links > number:
        return None
    return held(kind, days, today, trouble=_EXTENT[extent], links=links)


def _log(body: Iterable[Record], extent: str, files: int, today: date) -> Held | None:
    said = dict(body)
    written = _day_number(said.get("written", ""))
    if written is None or said.keys() - {"written", "first"} or extent not in ("whole", "closed"):
        return None
    if extent == "whole" and files == 0:
        return held(Kind.LOG, {}, today)
    first = _first(said.get("first", ""), written)
    # The last entry of the oldest file is from the day on which it was last written to; the oldest
    # entry is at least as old.
    days: dict[date | None, int] = {written: 1} if first is None else {min(first, written): 1}
    trouble = Trouble.CLOSED_FILE if extent == "closed" else None
    if trouble is None and first is None:
        trouble = Trouble.NO_DATES
    return held(Kind.LOG, days, today, trouble=trouble, items=files)


def _first(text: str, written: date) -> date | None:
    """The day of a log line: ISO, slashes, Apache's, seconds since 1970, or syslog's yearless."""
    if match := re.fullmatch(r"(\d{4})[-/](\d\d)[-/](\d\d)", text, re.ASCII):
        return day(*map(int, match.groups()))
    if match := re.fullmatch(r"(\d\d)/([A-Z][a-z]{2})/(\d{4})", text, re.ASCII):
        return day(int(match[3]), _month(match[2]), int(match[1]))
    if re.fullmatch(r"1\d{9}", text, re.ASCII):
        return datetime.fromtimestamp(int(text), UTC).date()
    if match := re.fullmatch(r"([A-Z][a-z]{2}) ([ \d]\d)", text, re.ASCII):
        month, number = _month(match[1]), int(match[2])
        # The year is the last one in which the line is not younger than its file; a day more for
        # the time zone. The 29th of February may be up to eight years ago.
        for year in range(written.year + 1, written.year - 8, -1):
            found = day(year, month, number)
            if found is not None and found <= written + timedelta(days=1):
                return found
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name) + 1 if name in _MONTHS else 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12


def _day_number(text: str) -> date | None:
    if not re.fullmatch(r"-?\d{1,6}", text, re.ASCII):
        return None
    return _EPOCH + timedelta(days=int(text))


def _iso(text: str) -> date | None:
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text, re.ASCII)
    return day(*map(int, match.groups())) if match else None


def read_find(answer: Captured, today: date) -> Held | None:
    """What root's ``find`` saw; ``None`` where it could not look, or was not understood.

    The output is a row of ``DEPTH KIND YYYYMMDD +`` without spaces; the last entry is
    ``/dev/null``, a device at depth 0, and the first one the path itself.
    """
    *entries, rest = answer.stdout.strip("\n").split("+")
    found = [_FOUND.fullmatch(entry) for entry in entries]
    seen = [match for match in found if match is not None]
    if not seen or len(seen) < len(found):
        return None
    whole = not rest and answer.whole and seen[-1][1] == "0" and seen[-1][2] == "c"
    if whole:
        seen.pop()
        if not seen:
            return Held(trouble=Trouble.MISSING) if answer.exit_status else None
    if seen[0][1] != "0" or seen[0][2] not in "df":
        return None
    if seen[0][2] == "f":
        return Held(trouble=Trouble.CLOSED_FILE)
    days = Counter(
        day(int(match[3]), int(match[4]), int(match[5])) for match in seen if match[2] not in "dl"
    )
    links = sum(match[2] == "l" for match in seen)
    trouble = None if whole else Trouble.TOO_MANY
    if whole and answer.exit_status:
        trouble = Trouble.PARTLY
    return held(Kind.FOLDER, days, today, trouble=trouble, links=links)
