"""Writes files that people keep, whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

from assessor import wholefile
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
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
        wholefile.put(path, [text.encode()], mode=mode, replace=replace)
    except FileExistsError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
