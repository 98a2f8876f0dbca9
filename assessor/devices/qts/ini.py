"""QNAP's INI files, as ``getcfg`` reads them: no escapes, no quotes, case of names disregarded."""

from __future__ import annotations

import re
from collections.abc import Mapping

Section = Mapping[str, str]
_HEAD = re.compile(r"\[(?P<name>[^\]\n]{1,120})\]\s*")


def read_ini(text: str) -> tuple[Mapping[str, Section], tuple[str, ...]]:
    """The sections, with their names and settings in lower case, and the lines that are neither.

    Of a section or setting that stands there twice, the first counts for ``getcfg``.
    """
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    unknown = []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if head := _HEAD.fullmatch(stripped):
            current = found.setdefault(head["name"].strip().lower(), {})
            continue
        name, equals, value = stripped.partition("=")
        if not equals or not name.strip():
            unknown.append(line)
            continue
        current.setdefault(name.strip().lower(), value.strip())
    return found, tuple(unknown)


_TRUTH: Mapping[str, bool] = {
    "true": True,
    "false": False,
    "1": True,
    "0": False,
    "yes": True,
    "no": False,
}


def truth(value: str | None) -> bool | None:
    """A truth value in one of QNAP's ways; ``None`` for anything else."""
    return None if value is None else _TRUTH.get(value.strip().lower())
