"""What ``print`` answers: settings in lines, and entries with their properties.

::

             version: 7.23.1 (stable)
          board-name: hAP ax3

    Flags: X - disabled
     0 X  ;;; system default user
          name="admin" group=full address=""

Source: manual.mikrotik.com, "Command Line Interface" (print), and answers in ntc-templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.devices.routeros.grammar import _LOG_LINE, _PROMPT, unquoted

_REFUSED = re.compile(
    r"\s*(?:bad command name|expected (?:end of command|command name|closing)|syntax error"
    r"|not enough permissions|failure:|no such (?:item|command|directory)|invalid "
    r"|input does not match|interrupted|\[exit \d+\]|% |unknown parameter|error:"
    r"|action (?:timed|failed)"
    r"|no permission|permission denied)",
    re.IGNORECASE,
)
_SETTING = re.compile(r"\s*([a-z][a-z0-9-]*): ?(.*?)\s*$")
_ENTRY = re.compile(r"\s{0,5}(\d{1,6})(?:\s+([A-Za-z* ]{1,8}?))?(?:\s+(?=;;;|[\w.-]+=)|\s*$)(.*)$")
_PROPERTY = re.compile(r'(?<![\w.-])([a-z][\w.-]*+)=("(?:[^"\\]|\\.)*+"|[^\s]*+)')


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list; ``flags`` are the letters before it."""

    flags: str
    comment: str
    values: Mapping[str, str]


def refused(text: str) -> bool:
    """Whether the device did not answer: it says nothing, or why not."""
    lines = [line for line in _lines(text) if line.strip()]
    return not lines or _REFUSED.match(lines[0]) is not None


def settings(text: str) -> Mapping[str, str]:
    """``name: value`` in lines; the last one counts where a name comes twice."""
    found: dict[str, str] = {}
    if refused(text):
        return found
    for line in _lines(text):
        if match := _SETTING.match(line):
            found[match[1]] = match[2]
    return found


def entries(text: str) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries of a list, and the lines that are none."""
    if refused(text):
        return (), ()
    blocks: list[tuple[str, list[str]]] = []
    odd: list[str] = []
    for line in _lines(text):
        if not line.strip() or line.lstrip().startswith(("Flags:", "Columns:")):
            continue
        if (match := _ENTRY.match(line)) is not None:
            blocks.append((match[2] or "", [match[3]]))
        elif blocks and line.startswith(("  ", "\t")):
            blocks[-1][1].append(line)
        elif blocks or "=" in line:
            odd.append(line.strip())
        # Before the first entry only the legend of flags goes on.
    return tuple(_entry(flags.replace(" ", ""), lines) for flags, lines in blocks), tuple(odd)


def _entry(flags: str, lines: list[str]) -> Entry:
    comment = ""
    if lines[0].lstrip().startswith(";;;"):
        comment = lines[0].strip()[3:].strip()
        lines = lines[1:]
    whole = " ".join(lines)
    return Entry(flags, comment, {m[1]: unquoted(m[2]) for m in _PROPERTY.finditer(whole)})


def _lines(text: str) -> list[str]:
    return [
        line for line in text.split("\n") if not _LOG_LINE.match(line) and not _PROMPT.match(line)
    ]
