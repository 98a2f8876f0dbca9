"""Duo's second factor: whether it is asked of everyone, and what happens when Duo is out of reach.

``login_duo(8)`` and ``pam_duo(8)``: ``groups`` limits it to some users, and ``failmode`` is "safe"
(let them in) unless it is set to "secure". Both stand in files that hold a secret and are closed to
all but root; so only the number of such lines is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import Captures

_COUNT = re.compile(r"/etc/duo/(login_duo|pam_duo)\.conf:([0-9]+)")


@dataclass(frozen=True, slots=True)
class Duo:
    """The settings of one of Duo's two programs.

    Attributes:
        for_everyone: it is not limited to some groups.
        fails_open: it lets everyone through when Duo cannot be reached; ``None`` when not seen.
    """

    for_everyone: bool
    fails_open: bool | None


def read_duo(captures: Captures) -> dict[str, Duo]:
    """The settings of ``login_duo`` and of ``pam_duo``, as far as they were seen."""
    secure = _counts(captures, "duo_secure")
    return {
        name: Duo(groups == 0, secure[name] == 0 if name in secure else None)
        for name, groups in _counts(captures, "duo_groups").items()
    }


def _counts(captures: Captures, probe: str) -> Mapping[str, int]:
    """What ``grep -c`` counted, by program; nothing when a line is not understood."""
    answer = captures.answered(probe)
    if answer is None or not answer.stdout.endswith("\n"):
        return {}
    counts = {}
    for line in answer.stdout.removesuffix("\n").split("\n"):
        found = _COUNT.fullmatch(line)
        if found is None:
            return {}
        counts[found[1]] = int(found[2])
    return counts
