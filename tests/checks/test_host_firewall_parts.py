"""The sets of ports of the firewall check."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.host_firewall.ports import ALL_PORTS, HIGHEST, NO_PORTS, Ports

numbers = st.sampled_from([0, 1, 7, 8, 22, HIGHEST - 1, HIGHEST]) | st.integers(0, HIGHEST)


@given(st.sets(numbers, max_size=40))
def test_the_ranges_of_a_set_hold_its_ports_and_no_others(ports: set[int]) -> None:
    ranges = Ports.of((port, port) for port in ports).ranges()

    assert {port for low, high in ranges for port in range(low, high + 1)} == ports
    assert list(ranges) == sorted(ranges)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(ranges))


@given(st.lists(st.tuples(numbers, numbers), max_size=20))
def test_ranges_give_their_set_again(ranges: list[tuple[int, int]]) -> None:
    ports = Ports.of(ranges)

    assert Ports.of(ports.ranges()) == ports
    assert ports.complement().complement() == ports


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        (NO_PORTS, ""),
        (ALL_PORTS, "0-65535"),
        (Ports.of([(0, 0)]), "0"),
        (Ports.of([(HIGHEST, HIGHEST)]), "65535"),
        (Ports.of([(22, 22), (8, 15), (443, HIGHEST + 9)]), "8-15, 22, 443-65535"),
    ],
)
def test_a_set_is_told_by_its_ranges(ports: Ports, said: str) -> None:
    assert str(ports) == said
