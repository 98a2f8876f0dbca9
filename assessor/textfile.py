"""Reads files that people made: no more than is decent, and as text where text is asked for."""

from __future__ import annotations

from pathlib import Path

from assessor.errors import InputError


def read_bounded(path: Path, most: int, too_large: str, mend: str = "") -> bytes:
    """The bytes of a file.

    Args:
        path: the file.
        most: bytes that it may have.
        too_large: what is said of a larger one.
        mend: how that is mended.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=path) from None
    if len(raw) > most:
        raise InputError(too_large, path=path, mend=mend)
    return raw


def decoded(raw: bytes, path: Path) -> str:
    """The text of a file's bytes; raises ``InputError`` with the line where they are no UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "not UTF-8 text",
            path=path,
            line=raw.count(b"\n", 0, error.start) + 1,
            mend="save the file as UTF-8",
        ) from None
