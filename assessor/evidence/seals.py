"""Whether a run was finished and stamped: by the files that say so."""

from __future__ import annotations

import hashlib
from pathlib import Path

from assessor.evidence.store import RunFolder

NAME = "manifest.json"
STAMP = "manifest.tsr"
"""A time stamp over its SHA-256 (RFC 3161), where an authority gave one."""


def is_sealed(run: RunFolder) -> bool:
    """Whether the run was finished."""
    return (run.path / NAME).is_file()


def has_stamp(run: RunFolder) -> bool:
    """Whether an authority stamped the time of the run."""
    return (run.path / STAMP).is_file()


def manifest_digest(run: RunFolder) -> str:
    """The digest by which the next run refers to this one; empty where it was never finished."""
    path = run.path / NAME
    return digest(path) if path.is_file() else ""


def digest(path: Path) -> str:
    """The SHA-256 digest (hex) of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
