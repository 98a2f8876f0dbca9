"""Writes a file whole or not at all: after a crash either the old file stands there or the new."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def put(
    path: Path, pieces: Iterable[bytes], *, mode: int | None = None, replace: bool = True
) -> None:
    """Writes ``pieces`` to ``path`` in one step, and to the disk before that.

    Args:
        path: where; a symbolic link is replaced by the file.
        pieces: what, one after the other.
        mode: exactly that of the file, from its beginning; what the umask gives, unless said.
        replace: whether a file that exists may be replaced.

    Raises:
        FileExistsError: there is one, and ``replace`` is not set.
        OSError: it cannot be written.
    """
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    first_mode = 0o666 if mode is None else mode & 0o600
    try:
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, first_mode)
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            scratch.chmod(mode)
        if replace:
            scratch.replace(path)
        else:
            _give_name(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def _give_name(scratch: Path, path: Path) -> None:
    """Gives the file its name, unless another one has it: a rename would replace that."""
    try:
        path.hardlink_to(scratch)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, as many network shares are
        path.touch(exist_ok=False)
        scratch.replace(path)
