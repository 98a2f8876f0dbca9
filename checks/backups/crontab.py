"""The crontab of root, of which only schedules, paths, programs and their verbs are asked for.

``grep -o`` prints each of these on a line of its own, with the file and the line where it stands;
nothing else of the line, which may hold a password, leaves the machine.
"""

from __future__ import annotations

import re

from assessor.api import Captures

_PART = re.compile(r"(/[^:]+):([0-9]+):(.*)")
_END = "/proc/sys/kernel/ostype"
_SCHEDULE = re.compile(r" *(?:[0-9*][^a-zA-Z/]* ?|@[a-z]+)")


def root_lines(captures: Captures) -> tuple[str, ...]:
    """Its lines without what may be a secret; none where it is missing, empty or was not seen."""
    answer = captures.answered("root_crontab")
    if answer is None:
        return ()
    parts: dict[tuple[str, str], list[str]] = {}
    for line in answer.stdout.removesuffix("\n").split("\n"):
        found = _PART.fullmatch(line)
        if found is None:
            return ()
        parts.setdefault((found[1], found[2]), []).append(found[3].strip())
    # The end mark: grep was not cut off.
    if [path for path, _ in parts][-1:] != [_END]:
        return ()
    return tuple(
        " ".join(pieces)
        for (path, _), pieces in parts.items()
        # A comment has paths in it, but does not begin with a schedule.
        if path != _END and len(pieces) > 1 and _SCHEDULE.fullmatch(pieces[0])
    )
