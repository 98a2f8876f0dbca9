"""What an importer gives: machines, and what it left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assessor.errors import InputError
from assessor.textfile import decoded, read_bounded

MAX_BYTES = 1024 * 1024
MAX_HOSTS = 5000

Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A machine as it may stand in ``inventory.yaml``.

    Attributes:
        name: a valid name.
        settings: its fields and values as they are written, without the name.
        assumed: settings that the file does not say; they give way to what is already written.
        line: where it was found, from 1.
    """

    name: str
    settings: Settings
    assumed: Settings
    line: int | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was not imported, or not wholly. Holds no value that could be a secret."""

    subject: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """All that was found in one file."""

    path: Path
    format: str
    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]


def read_text(path: Path) -> str:
    """The text of the file; raises ``InputError`` where it is no text of a decent size."""
    if path.is_dir():
        raise InputError("this is a folder", path=path, mend="name the inventory file in it")
    text = decoded(read_bounded(path, MAX_BYTES, "larger than 1 MiB: that is no inventory"), path)
    if "\0" in text:
        raise InputError("this is no text file", path=path)
    if not text.strip():
        raise InputError("the file is empty", path=path)
    return text
