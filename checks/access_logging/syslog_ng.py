"""syslog-ng: into which files log-ins go, and to which other machines.

Its configuration joins a source, filters and destinations in ``log`` statements
(syslog-ng administration guide, "Log paths").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assessor.api import Record

_NAMED = re.compile(r"\b(filter|destination)\s+([\w.-]+)\s*\{")
_PATH = re.compile(r"\blog\s*\{")
_FILE = re.compile(r'\bfile\(\s*"(/[^"$]+)"')
_HOST = re.compile(r'\b(?:network|syslog|tcp6?|udp6?)\(\s*"([^"]+)"')
_LOG_INS = re.compile(r"(not\s+)?\bfacility\(([^)]*)\)")
_REFERENCE = re.compile(r"\b(filter|destination)\(\s*([\w.-]+)\s*\)")


def targets(found: tuple[Record, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files into which log-ins go, and the hosts to which they are sent."""
    text = "\n".join(line for kind, line in found if kind == "syslog_ng")
    blocks = {(kind, name): body for kind, name, body in _blocks(text)}
    files: list[str] = []
    hosts: list[str] = []
    for path in _PATH.finditer(text):
        body = _body(text, path.end())
        named = _REFERENCE.findall(body)
        filters = [blocks.get(("filter", name), "") for kind, name in named if kind == "filter"]
        if not all(_takes_log_ins(body) for body in filters):
            continue
        for kind, name in named:
            if kind == "destination":
                destination = blocks.get((kind, name), "")
                files += _FILE.findall(destination)
                hosts += _HOST.findall(destination)
    return tuple(dict.fromkeys(files)), tuple(dict.fromkeys(hosts))


def _blocks(text: str) -> Iterable[tuple[str, str, str]]:
    for start in _NAMED.finditer(text):
        yield start[1], start[2], _body(text, start.end())


def _body(text: str, start: int) -> str:
    """What stands between the brace before ``start`` and the one that closes it."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
    return ""


def _takes_log_ins(body: str) -> bool:
    """Whether a filter lets messages of facility auth or authpriv and level info through."""
    for negated, facilities in _LOG_INS.findall(body):
        names = set(re.split(r"[,\s]+", facilities.strip()))
        if bool(names & {"auth", "authpriv"}) is bool(negated):
            return False
    levels = re.search(r"(?<!not )\blevel\(([^)]*)\)", body)
    return bool(body.strip()) and (
        levels is None or re.search(r"info|debug *\.\.", levels[1]) is not None
    )
