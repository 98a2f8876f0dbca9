"""Whose settings count: the people who may sit at the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessor.api import Record


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of people.

    Attributes:
        names: the machine's own accounts.
        directory: there are accounts of a directory service, which are not seen.
        own: the account that looked.
    """

    names: tuple[str, ...]
    directory: bool
    own: str

    def others(self, seen: frozenset[str]) -> tuple[str, ...]:
        """Those whose own choices were not seen."""
        return tuple(name for name in self.names if name not in seen)


def read_people(found: Sequence[Record]) -> People:
    """The people as ``linux_desktop.sh`` prints them."""
    return People(
        names=tuple(text.partition(":")[0] for kind, text in found if kind == "person"),
        directory=any(kind == "directory" for kind, _ in found),
        own=next((text for kind, text in found if kind == "self"), ""),
    )
