"""How long logrotate keeps the old versions of a file (``logrotate(8)``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from assessor.api import Record

_PERIODS: Mapping[str, float] = {
    "hourly": 1 / 24,
    "daily": 1,
    "weekly": 7,
    "monthly": 365 / 12,
    "yearly": 365,
}
_SCRIPTS = frozenset({"postrotate", "prerotate", "firstaction", "lastaction", "preremove"})


@dataclass(slots=True)
class _Rules:
    period: float = 7
    rotate: int = 0
    max_age: int | None = None
    by_size: bool = False
    patterns: list[str] = field(default_factory=list)


def kept_days(found: tuple[Record, ...], path: str) -> int | None:
    """Days for which logrotate is sure to keep the lines of ``path``.

    ``None`` where that cannot be said: no rule for the file, a rule by size, or no upper limit.
    """
    general = _Rules()
    for lines in _files(found):
        for rules in _stanzas(lines, general):
            if any(fnmatchcase(path, pattern) for pattern in rules.patterns):
                return _days(rules)
    return None


def _days(rules: _Rules) -> int | None:
    if rules.by_size or rules.rotate < 0:
        return rules.max_age
    days = int(rules.period * rules.rotate)
    return days if rules.max_age is None else min(days, rules.max_age)


def _files(found: tuple[Record, ...]) -> list[list[str]]:
    """The lines by file; the main file comes first in the script's output."""
    files: list[list[str]] = []
    for kind, text in found:
        if kind == "logrotate_file":
            files.append([])
        elif kind == "logrotate" and files:
            files[-1].append(text.strip())
    return files


def _stanzas(lines: Iterable[str], general: _Rules) -> Iterable[_Rules]:
    """The rules for each set of files; settings outside a set become ``general``."""
    patterns: list[str] = []
    rules: _Rules | None = None
    in_script = False
    for line in lines:
        words = line.replace("{", " { ").replace("}", " } ").split()
        if in_script or not words:
            in_script = in_script and words != ["endscript"]
            continue
        if words[0] in _SCRIPTS:
            in_script = True
        elif rules is None and (words[0][0] in '/"' or words[0] == "{"):
            opening = "{" in words
            names = words[: words.index("{")] if opening else words
            patterns += [name.strip('"') for name in names]
            if opening:
                rules = _Rules(general.period, general.rotate, general.max_age, general.by_size)
                rules.patterns, patterns = patterns, []
        elif words[0] == "}" and rules is not None:
            yield rules
            rules = None
        else:
            _setting(general if rules is None else rules, line)


def _setting(rules: _Rules, line: str) -> None:
    found = re.fullmatch(r"([a-z]+)(?:[ =]+(\S+).*)?", line)
    if found is None:
        return
    name, value = found[1], found[2] or ""
    if name in _PERIODS:
        rules.period = _PERIODS[name]
        rules.by_size = False
    elif name in ("size", "maxsize"):
        rules.by_size = True
    elif name == "rotate" and re.fullmatch(r"-?[0-9]+", value):
        rules.rotate = int(value)
    elif name == "maxage" and value.isdecimal():
        rules.max_age = int(value)
