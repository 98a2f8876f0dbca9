"""OpenSSH's pattern lists, as ``ssh_config(5)`` describes them under PATTERNS."""

from __future__ import annotations

import re
from collections.abc import Iterable


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` fits ``pattern``, in which ``*`` and ``?`` are the only wildcards."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def in_list(patterns: Iterable[str], text: str) -> bool:
    """Whether a pattern of the list fits and no negated one does."""
    found = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if matches(pattern[1:], text):
                return False
        elif matches(pattern, text):
            found = True
    return found


def everything(patterns: Iterable[str]) -> bool:
    """Whether the list fits every text."""
    items = tuple(patterns)
    return "*" in items and not any(item.startswith("!") for item in items)
