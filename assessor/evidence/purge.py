"""Deletes raw observations after their retention period; hashes and findings stay.

What a run's manifest says of a journal stays true: the journal's digest, and of each of its lines
the digest that findings refer to, are kept in ``purged.json``. So the chain of runs still verifies,
and whoever has kept a bundle can still show that a line belonged to the run. What was deleted
cannot be judged again; that is the price, and ``assess verify`` says so.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assessor.errors import EvidenceError, UsageError
from assessor.evidence.journal import read_journal
from assessor.evidence.store import RunFolder
from assessor.model.capture import Captured

NAME = "purged.json"
_PERIOD = re.compile(r"(\d{1,4})\s*(d|w|m|y)\Z")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
MOST_HITS = 500
_AROUND = 60


@dataclass(frozen=True, slots=True)
class Purged:
    """What was deleted of a run.

    Attributes:
        at: when.
        files: of each journal its SHA-256, and that of each of its lines.
    """

    at: datetime
    files: Mapping[str, tuple[str, ...]]

    def digest(self, name: str) -> str:
        """The SHA-256 of a journal that was deleted; empty for one that was not."""
        return self.files.get(name, ("",))[0]


def period(text: str) -> timedelta:
    """A retention period: ``90d``, ``12w``, ``6m`` (30 days each) or ``2y`` (365 days each).

    Raises:
        UsageError: it is none.
    """
    found = _PERIOD.match(text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise UsageError(f"{text!r} is no period", mend="write for example 90d, 12w, 6m or 2y")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def purged(run: RunFolder) -> Purged | None:
    """What was deleted of ``run``; ``None`` where nothing was.

    Raises:
        EvidenceError: the record is damaged.
    """
    path = run.path / NAME
    return run.read(NAME, Purged) if path.exists() else None


def purge(run: RunFolder, at: datetime) -> int:
    """Deletes the raw observations of a finished run; gives how many journals there were.

    What is to be kept is on the disk before anything is deleted; a purge that was broken off is
    finished by the next one.

    Raises:
        EvidenceError: a journal is not as it was sealed, or the disk refuses.
    """
    folder = run.path / "observations"
    sealed = _sealed(run)
    known = purged(run)
    files: dict[str, tuple[str, ...]] = dict(known.files) if known else {}
    paths = sorted(folder.glob("*.jsonl"))
    for path in paths:
        name = f"observations/{path.name}"
        read_journal(path)
        raw = path.read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        if sealed.get(name) != digest:
            raise EvidenceError(f"{path}: is not as it was sealed, so it is kept")
        files[name] = (digest, *(hashlib.sha256(line).hexdigest() for line in raw.splitlines()))
    if not paths:
        return 0
    run.write(NAME, Purged(known.at if known else at, files))
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise EvidenceError(f"{path}: {error.strerror}") from None
    return len(paths)


def _sealed(run: RunFolder) -> Mapping[str, str]:
    try:
        manifest: Any = json.loads((run.path / "manifest.json").read_bytes())
        return {one["name"]: one["digest"]["sha256"] for one in manifest["subject"]}
    except FileNotFoundError:
        raise EvidenceError(f"run {run.id} was not finished, so it is kept") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise EvidenceError(f"run {run.id}: its manifest is damaged, so it is kept") from None


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a text stands in what is held of a target."""

    run: str
    target: str
    probe: str
    line: int
    text: str


def grep(run: RunFolder, pattern: re.Pattern[str]) -> Iterator[Hit]:
    """Where ``pattern`` is found in the raw observations of ``run``, line by line."""
    for target, evidence in run.evidence().items():
        for key, stored in evidence.captures.items():
            capture = stored.capture
            if not isinstance(capture, Captured):
                continue
            for number, line in enumerate((capture.stdout + capture.stderr).splitlines(), 1):
                found = pattern.search(line)
                if found is not None:
                    start = max(0, found.start() - _AROUND)
                    text = line[start : found.end() + _AROUND]
                    yield Hit(run.id, target, key, number, text)
