"""A file of environment variables, in the part of systemd's form that cannot be misread: pure.

``NAME=value`` a line, blank lines, and comments that begin with ``#`` or ``;``. A value may stand
between single or double quotes. What systemd or a shell would read otherwise is refused, so that
it means the same under systemd (which reads the file itself) and under cron (where assess does).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from assessor.errors import InputError

MAX_BYTES = 64 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse(text: str, path: Path) -> Mapping[str, str]:
    """The variables in ``text``; no complaint repeats what stands in the file.

    Raises:
        InputError: a line is none of those above.
    """
    found: dict[str, str] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        name, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise InputError("no NAME=value", path=path, line=number)
        found[name] = _value(value.strip(), path, number)
    return found


def _value(text: str, path: Path, number: int) -> str:
    quote = text[:1] if text[:1] in {"'", '"'} else ""
    if quote and (len(text) < 2 or text[-1] != quote):
        raise InputError("a quote is not closed", path=path, line=number)
    inner = text[1:-1] if quote else text
    unclear = "\\'\"`" if not quote else f"\\{quote}"
    if any(mark in inner for mark in unclear) or not inner.isprintable():
        raise InputError(
            "a value that systemd and others would read differently",
            path=path,
            line=number,
            mend="put it between the other kind of quotes; a backslash cannot be written here",
        )
    return inner
