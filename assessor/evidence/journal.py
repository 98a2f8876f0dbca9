r"""One target's answers as they came, in an append-only file.

A line is a JSON object that holds the SHA-256 of the line before it, so that nothing can be taken
out, put in or moved without a trace. The digest of a line (without its line feed) is what findings
refer to; ``sed -n 3p FILE | tr -d '\n' | sha256sum`` shows it.

Lines are written in one piece and unbuffered: when :meth:`TargetJournal.keep` returns, they
outlive a kill -9 of this process. The disk is made to hold it at the end of each target. A line
that was torn by a crash has no line feed; readers leave it out, and it is cut off when the file is
opened again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assessor.errors import EvidenceError
from assessor.evidence.codec import decode, json_line
from assessor.model.capture import Capture, Captured, NotCaptured
from assessor.model.evidence import Stored, TargetEvidence

START = "0" * 64
"""Stands for the line before the first."""

Redact = Callable[[str], str]


class TargetJournal:
    """Appends to a target's journal; one thread uses it at a time."""

    def __init__(self, path: Path, target: str, at: datetime, redact: Redact) -> None:
        self._path = path
        self._redact = redact
        self._previous = START
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self._mend()
        except OSError as error:
            raise _failure(path, error) from None
        self._write({"kind": "begin", "target": target, "at": at})

    def keep(self, *captures: Capture) -> None:
        """Stores captures, redacted.

        Raises:
            EvidenceError: the disk refuses it; nothing is reported as stored that is not.
        """
        redacted = (_redacted(capture, self._redact) for capture in captures)
        self._write(*({"kind": "capture", "capture": each} for each in redacted))

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        """Says that the target was collected to the end, and makes the disk hold it."""
        kept = None if gap is None else _redacted(gap, self._redact)
        self._write({"kind": "end", "clock_skew_s": clock_skew_s, "gap": kept})
        try:
            os.fsync(self._file)
        except OSError as error:
            raise _failure(self._path, error) from None
        self.close()

    def close(self) -> None:
        """Closes the file; safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, *entries: dict[str, Any]) -> None:
        lines = b""
        previous = self._previous
        for entry in entries:
            entry["previous"] = previous
            line = json_line(entry).encode("utf-8", errors="replace")
            previous = hashlib.sha256(line).hexdigest()
            lines += line + b"\n"
        try:
            written = os.write(self._file, lines)
        except OSError as error:
            raise _failure(self._path, error) from None
        if written != len(lines):
            raise EvidenceError(
                f"{self._path}: the disk took only a part of it; "
                "free some space, then: assess run --resume"
            )
        self._previous = previous

    def _mend(self) -> None:
        """Cuts a torn last line off and takes up the chain where it ended."""
        size = 0
        for line in _lines(self._path):
            size += len(line) + 1
            self._previous = hashlib.sha256(line).hexdigest()
        os.ftruncate(self._file, size)


def read_journal(path: Path, texts: dict[str, str] | None = None) -> TargetEvidence | None:
    """Everything that was stored of one target; the last answer to a probe counts.

    ``None`` where nothing was: its writer ended, or its disk was full, before the first line.

    Args:
        path: the file.
        texts: what other journals hold: machines of one owner say much the same, and equal texts
            are kept in memory once.

    Raises:
        EvidenceError: the file cannot be read, or its chain is broken.
    """
    evidence: TargetEvidence | None = None
    captures: dict[str, Stored] = {}
    previous = START
    for number, line in enumerate(_lines(path), 1):
        try:
            entry = json.loads(line)
            kind = entry["kind"]
            intact = entry["previous"] == previous
        except (ValueError, KeyError, TypeError):
            raise EvidenceError(f"{path}:{number}: damaged: not a line of a journal") from None
        if not intact:
            raise EvidenceError(f"{path}:{number}: the chain is broken before this line")
        previous = hashlib.sha256(line).hexdigest()
        if kind == "begin":
            at = decode(datetime, entry["at"])
            evidence = TargetEvidence(entry["target"], at, captures, complete=False)
        elif kind == "capture" and evidence:
            capture = decode_capture(_once(entry["capture"], texts))
            captures[capture.probe] = Stored(capture, previous)
        elif kind == "end" and evidence:
            evidence = replace(
                evidence,
                complete=True,
                clock_skew_s=entry["clock_skew_s"],
                gap=None if entry["gap"] is None else decode(NotCaptured, entry["gap"]),
            )
    return evidence


def _once(capture: Any, texts: dict[str, str] | None) -> Any:
    if texts is not None and isinstance(capture, dict):
        for name in ("probe", "stdout", "stderr"):
            if isinstance(text := capture.get(name), str):
                capture[name] = texts.setdefault(text, text)
    return capture


def decode_capture(data: Any) -> Capture:
    """A capture from its plain form; raises ``EvidenceError`` where it is damaged."""
    if isinstance(data, dict) and "reason" in data:
        return decode(NotCaptured, data)
    return decode(Captured, data)


def _redacted(capture: Any, redact: Redact) -> Any:
    if isinstance(capture, Captured):
        stdout, stderr = redact(capture.stdout), redact(capture.stderr)
        if stdout == capture.stdout and stderr == capture.stderr:
            return capture
        return replace(capture, stdout=stdout, stderr=stderr)
    detail = redact(capture.detail)
    return capture if detail == capture.detail else replace(capture, detail=detail)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            for line in stream:
                if line.endswith(b"\n"):
                    yield line[:-1]
    except OSError as error:
        raise _failure(path, error) from None


def _failure(path: Path, error: OSError) -> EvidenceError:
    return EvidenceError(f"{path}: {error.strerror or error}")
