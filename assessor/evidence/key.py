"""The key of the fingerprints that stand for secrets in the evidence.

It belongs to the assessment, not to a run: the same secret gives the same mark in every run, so a
change can be shown, and whoever gets a run's folder cannot try out passwords against the marks.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from assessor import wholefile
from assessor.errors import EvidenceError

NAME = Path(".assess") / "fingerprint.key"
BYTES = 32


def fingerprint_key(folder: Path) -> bytes:
    """The assessment's key; made at the first call, readable by its owner only.

    Raises:
        EvidenceError: it cannot be read or made, or others may read it.
    """
    path = folder / NAME
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            key = secrets.token_bytes(BYTES).hex().encode() + b"\n"
            # Of several that make one at once, the first counts.
            with contextlib.suppress(FileExistsError):
                wholefile.put(path, [key], mode=0o600, replace=False)
        return _read(path)
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror or error}") from None


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise EvidenceError(f"{path}: others may read this key; mend: chmod 600 {path}")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise EvidenceError(
            f"{path}: damaged; without it, earlier fingerprints cannot be compared. "
            "Put back a copy, or remove the file to begin anew"
        )
    return key
