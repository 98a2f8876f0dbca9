"""Whose turn it is: gives out targets so that nothing on their way is overfull. Pure.

No thread ever waits in front of a full jump host while a target elsewhere could go: a target that
has no room is passed over, and is the first to go when there is.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from assessor.collect.transports.ssh_jump import parse_hop
from assessor.errors import TransportError
from assessor.model.target import Target, TransportKind

Item = TypeVar("Item")

_NO_CONNECTION = frozenset({TransportKind.LOCAL, TransportKind.FILE})


@dataclass(frozen=True, slots=True)
class Way:
    """What the collection of a target takes up.

    Attributes:
        jumps: the jump hosts on the way, each ``host:port`` once: who logs in there does not
            matter to the machine.
        site: the client's network, or the empty string.
        connects: it makes connections, which the rate counts.
    """

    jumps: frozenset[str] = frozenset()
    site: str = ""
    connects: bool = True

    @classmethod
    def to(cls, target: Target) -> Way:
        """The way to ``target``."""
        jumps = frozenset(map(_machine, target.jump))
        return cls(jumps, target.site, target.transport not in _NO_CONNECTION)


def _machine(hop: str) -> str:
    try:
        parsed = parse_hop(hop)
    except TransportError:  # said when the target is reached for
        return hop
    return f"{parsed.host.casefold()}:{parsed.port}"


@dataclass(order=True, slots=True)
class _Waiting(Generic[Item]):
    """One that waits; the number is its place in the inventory's order."""

    number: int
    item: Item = field(compare=False)


@dataclass(slots=True)
class Turns(Generic[Item]):
    """Gives each item its turn, in order, as far as there is room. For one thread.

    Every ``now`` is a moment on one clock, in seconds.

    Attributes:
        jobs: items under way at once.
        per_jump: of these, through one jump host.
        per_site: of these, in one site.
        per_s: turns of items that connect, per second; 0 for no limit.
    """

    jobs: int
    per_jump: int
    per_site: int
    per_s: float = 0.0
    _waiting: dict[Way, list[_Waiting[Item]]] = field(default_factory=dict)
    _later: list[tuple[float, _Waiting[Item], Way]] = field(default_factory=list)
    _under_way: int = 0
    _at_jumps: Counter[str] = field(default_factory=Counter)
    _in_sites: Counter[str] = field(default_factory=Counter)
    _next_connection: float = float("-inf")

    def __post_init__(self) -> None:
        if min(self.jobs, self.per_jump, self.per_site) < 1:
            raise ValueError("without any room, nobody would ever have a turn")

    @property
    def over(self) -> bool:
        """Nothing waits and nothing is under way."""
        return not (self._under_way or self._later or any(self._waiting.values()))

    def add(self, number: int, item: Item, way: Way, not_before: float | None = None) -> None:
        """Lets ``item`` wait for its turn.

        Args:
            number: its place in the order; no two that wait have the same.
            item: what is given out.
            way: what it takes up.
            not_before: the moment before which it has no turn.
        """
        waiting = _Waiting(number, item)
        if not_before is None:
            heapq.heappush(self._waiting.setdefault(way, []), waiting)
        else:
            heapq.heappush(self._later, (not_before, waiting, way))

    def take(self, now: float) -> tuple[int, Item, Way] | None:
        """The next that may go, which takes up its way from now on; ``None`` where none may."""
        while self._later and self._later[0][0] <= now:
            _, due, its_way = heapq.heappop(self._later)
            heapq.heappush(self._waiting.setdefault(its_way, []), due)
        free = [way for way in self._with_room() if now >= self._moment(way)]
        if not free:
            return None
        way = min(free, key=lambda way: self._waiting[way][0])
        first = heapq.heappop(self._waiting[way])
        self._count(way, 1)
        if way.connects and self.per_s:
            self._next_connection = max(now, self._next_connection) + 1 / self.per_s
        return first.number, first.item, way

    def give_back(self, way: Way) -> None:
        """What was taken with ``way`` is no longer under way."""
        self._count(way, -1)

    def pause(self, now: float) -> float | None:
        """Seconds until one may go even if none ends; ``None`` where one must end first."""
        moments = [self._moment(way) for way in self._with_room()]
        if self._later:
            moments.append(self._later[0][0])
        return max(0.0, min(moments) - now) if moments else None

    def clear(self) -> list[Item]:
        """Lets nothing wait any more; gives what did, in order."""
        rest = [each for group in self._waiting.values() for each in group]
        rest += [each for _, each, _ in self._later]
        self._waiting.clear()
        self._later.clear()
        return [each.item for each in sorted(rest)]

    def _with_room(self) -> list[Way]:
        if self._under_way >= self.jobs:
            return []
        return [way for way, group in self._waiting.items() if group and self._has_room(way)]

    def _has_room(self, way: Way) -> bool:
        return all(self._at_jumps[jump] < self.per_jump for jump in way.jumps) and (
            not way.site or self._in_sites[way.site] < self.per_site
        )

    def _moment(self, way: Way) -> float:
        return self._next_connection if way.connects else float("-inf")

    def _count(self, way: Way, by: int) -> None:
        self._under_way += by
        self._at_jumps.update(dict.fromkeys(way.jumps, by))
        if way.site:
            self._in_sites[way.site] += by
