"""Writes files whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from assessor.errors import UsageError


def write_whole(path: Path, text: str, *, replace: bool) -> None:
    """Writes ``text`` to ``path``: after a crash either the old file stands there or the new one.

    Args:
        path: where; a symbolic link is followed.
        text: what, in UTF-8; line ends are kept as they are.
        replace: whether a file that exists may be replaced; its mode is kept.

    Raises:
        FileExistsError: there is one and ``replace`` is not set.
        UsageError: it cannot be written.
    """
    path = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(_mode(path))
        if replace:
            temporary.replace(path)
        else:
            _put_new(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _put_new(temporary: Path, path: Path) -> None:
    """Gives the file its name, unless another one has it: a rename would replace that."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, as many network shares are
        path.touch(exist_ok=False)
        temporary.replace(path)


def _mode(path: Path) -> int:
    """The file's own mode, or what the user's umask gives to a new one."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask
