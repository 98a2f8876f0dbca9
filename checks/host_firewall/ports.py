"""Sets of port numbers.

A set is one whole number with a bit for each port: every operation costs the same few
microseconds, however many rules and gaps a hostile rule set makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

HIGHEST = 65_535
_ALL = (1 << (HIGHEST + 1)) - 1
_NEXT_NOT_ZERO = re.compile(rb"\0*([^\0])")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True, repr=False)
class Ports:
    """A set of ports. Make one with ``Ports.of``; an empty set is false."""

    bits: int = 0

    @classmethod
    def of(cls, ranges: Iterable[Range]) -> Ports:
        """The ports of ``ranges`` (inclusive), whatever their order and overlap."""
        bits = 0
        for low, high in ranges:
            first, last = max(low, 0), min(high, HIGHEST)
            if first <= last:
                bits |= ((1 << (last - first + 1)) - 1) << first
        return cls(bits)

    def __bool__(self) -> bool:
        return self.bits != 0

    def __or__(self, other: Ports) -> Ports:
        return Ports(self.bits | other.bits)

    def __and__(self, other: Ports) -> Ports:
        return Ports(self.bits & other.bits)

    def __sub__(self, other: Ports) -> Ports:
        return Ports(self.bits & ~other.bits)

    def complement(self) -> Ports:
        """Every other port."""
        return Ports(_ALL ^ self.bits)

    def __contains__(self, port: int) -> bool:
        return 0 <= port <= HIGHEST and bool(self.bits >> port & 1)

    def __len__(self) -> int:
        return self.bits.bit_count()

    def ranges(self) -> tuple[Range, ...]:
        """The set as disjoint inclusive ranges in rising order."""
        # A bit where each range begins, and one just after its end: few bytes hold any. The last
        # one does, so that no search goes on to the end and finds nothing.
        edges = self.bits ^ (self.bits << 1)
        data = edges.to_bytes((edges.bit_length() + 7) // 8, "little")
        places = [
            found.start(1) * 8 + bit
            for found in _NEXT_NOT_ZERO.finditer(data)
            for bit in range(8)
            if found[1][0] >> bit & 1
        ]
        return tuple((low, after - 1) for low, after in zip(places[::2], places[1::2], strict=True))

    def __repr__(self) -> str:
        return f"Ports({self})"  # the number itself has twenty thousand digits

    def __str__(self) -> str:
        return ", ".join(
            str(low) if low == high else f"{low}-{high}" for low, high in self.ranges()
        )


NO_PORTS = Ports()
ALL_PORTS = Ports(_ALL)
