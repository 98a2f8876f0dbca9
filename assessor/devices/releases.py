"""Which versions of a device's system its maker still mends, by a dated table of each system.

The table is ``releases.yaml`` in the system's folder::

    read_on: 2026-11-20
    sources:
      - {title: "...", section: "...", url: "https://..."}
    branches:
      - branch: "7."          # versions that begin so; the longest that fits counts
        until: null           # the last day on which the maker mends it; null where none is named
        least: "7.18"         # the oldest version without a hole that is known to be used; null
        newest: "7.20.4"      # the newest on the day when the table was read
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from assessor.model.target import DeviceOs
from assessor.yamlfile import read_yaml


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of versions that the maker mends together.

    Attributes:
        name: how its versions begin.
        until: the last day on which it is mended; ``None`` where none is named.
        least: the oldest version without a hole that is known to be used.
        newest: the newest version on the day when the table was read.
        read_on: that day.
    """

    name: str
    until: date | None
    least: str | None
    newest: str | None
    read_on: date


def branch_of(os: DeviceOs, version: str) -> Branch | None:
    """The branch that ``version`` belongs to; ``None`` where the table does not know it."""
    fitting = [branch for branch in _branches(os) if version.startswith(branch.name)]
    return max(fitting, key=lambda branch: len(branch.name), default=None)


def older(version: str, than: str) -> bool | None:
    """Whether ``version`` came before ``than``; ``None`` where their numbers do not tell.

    Numbers are compared from left to right; what follows them ("rc1", "-hotfix.2") is compared by
    its own numbers, and a version with "rc" or "beta" comes before the one without.
    """
    left, right = _parts(version), _parts(than)
    if not left or not right:
        return None
    length = max(len(left), len(right))
    pad = [(1, 0, "")]
    return left + pad * (length - len(left)) < right + pad * (length - len(right))


def _parts(version: str) -> list[tuple[int, int, str]]:
    """Numbers, each with whether it counts before (0) or after (1) the end, and its letter.

    The letter is that of a rebuild: 17.15.4a came after 17.15.4.
    """
    return [
        (0 if re.search(r"alpha|beta|rc", word) else 1, int(digits[:9]), letter)
        for word, digits, letter in re.findall(
            r"([^\d]*)(\d+)((?:[a-z](?![a-z]))?)", version.lower()
        )
    ]


@cache
def _branches(os: DeviceOs) -> tuple[Branch, ...]:
    path = Path(__file__).parent / os.value.replace("-", "_") / "releases.yaml"
    if not path.exists():
        return ()
    table: Any = read_yaml(path).value
    return tuple(
        Branch(str(each["branch"]), each["until"], each["least"], each["newest"], table["read_on"])
        for each in table["branches"]
    )
