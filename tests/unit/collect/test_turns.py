"""Whose turn it is: everything once, in order, and never more at once than there is room for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.collect.turns import Turns, Way
from assessor.model.target import TransportKind
from tests.factories import make_target

LIMITS = st.integers(1, 4)
WAYS = st.builds(
    Way,
    jumps=st.frozensets(st.sampled_from("abc"), max_size=2),
    site=st.sampled_from(["", "north", "south"]),
    connects=st.booleans(),
)


def turns(
    *ways: Way, jobs: int = 100, per_jump: int = 100, per_site: int = 100, per_s: float = 0.0
) -> Turns[int]:
    made = Turns[int](jobs, per_jump, per_site, per_s)
    for number, way in enumerate(ways):
        made.add(number, number, way)
    return made


def taken(made: Turns[int], now: float = 0.0) -> list[int]:
    """All that may go at a moment."""
    found = []
    while (turn := made.take(now)) is not None:
        found.append(turn[0])
    return found


@given(
    ways=st.lists(WAYS, max_size=30), jobs=LIMITS, per_jump=LIMITS, per_site=LIMITS, data=st.data()
)
def test_each_has_one_turn_and_nothing_is_ever_overfull(
    ways: list[Way], jobs: int, per_jump: int, per_site: int, data: st.DataObject
) -> None:
    made = turns(*ways, jobs=jobs, per_jump=per_jump, per_site=per_site)
    given_out: list[int] = []
    under_way: list[tuple[int, int, Way]] = []
    while not made.over:
        while (turn := made.take(0.0)) is not None:
            given_out.append(turn[0])
            under_way.append(turn)
            at_jumps = Counter(jump for _, _, way in under_way for jump in way.jumps)
            in_sites = Counter(way.site for _, _, way in under_way if way.site)
            assert len(under_way) <= jobs
            assert max(at_jumps.values(), default=0) <= per_jump
            assert max(in_sites.values(), default=0) <= per_site
        assert under_way, "nothing is under way, and yet nobody may go"
        number, _, way = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)))
        assert ways[number] == way
        made.give_back(way)
    assert sorted(given_out) == list(range(len(ways)))


@given(ways=st.lists(WAYS, max_size=30), jobs=LIMITS, per_jump=LIMITS, per_site=LIMITS)
def test_nobody_is_passed_over_who_has_room(
    ways: list[Way], jobs: int, per_jump: int, per_site: int
) -> None:
    made = turns(*ways, jobs=jobs, per_jump=per_jump, per_site=per_site)
    first = taken(made)

    used: Counter[str] = Counter()
    expected: list[int] = []
    for number, way in enumerate(ways):
        places = [*way.jumps, *([way.site] if way.site else [])]
        most = [*(per_jump for _ in way.jumps), *([per_site] if way.site else [])]
        if len(expected) < jobs and all(used[p] < m for p, m in zip(places, most, strict=True)):
            expected.append(number)
            used.update(places)
    assert first == expected


@given(ways=st.lists(WAYS, max_size=20))
def test_without_limits_that_bind_the_order_is_the_inventory_s(ways: list[Way]) -> None:
    assert taken(turns(*ways)) == list(range(len(ways)))


def test_a_full_jump_host_holds_up_only_what_is_behind_it() -> None:
    gate, direct = Way(frozenset({"gate:22"})), Way()
    made = turns(gate, gate, direct, gate, direct, jobs=3, per_jump=1)
    assert taken(made) == [0, 2, 4]
    made.give_back(direct)
    assert taken(made) == [], "a job is free, but the jump host is not"
    made.give_back(gate)
    assert taken(made) == [1], "the first that was passed over is the first to go"


def test_each_jump_host_of_a_chain_counts() -> None:
    near, far = Way(frozenset({"near"})), Way(frozenset({"near", "far"}))
    made = turns(far, near, far, per_jump=1)
    assert taken(made) == [0]
    made.give_back(far)
    assert taken(made) == [1]


@given(rate=st.floats(0.1, 50), ways=st.lists(WAYS, min_size=2, max_size=20))
def test_no_more_are_begun_than_the_rate_allows(rate: float, ways: list[Way]) -> None:
    made = turns(*ways, per_s=rate)
    now, begun = 100.0, []
    while True:
        begun += [(number, now) for number in taken(made, now)]
        if (pause := made.pause(now)) is None:
            break
        assert pause > 0, "there is room, and yet nobody went"
        now += pause
    assert sorted(number for number, _ in begun) == list(range(len(ways)))
    moments = [moment for number, moment in begun if ways[number].connects]
    for earlier, later in pairwise(moments):
        assert later - earlier >= 1 / rate - 1e-6
    assert all(moment == 100.0 for number, moment in begun if not ways[number].connects)


def test_a_rate_that_was_not_used_is_not_saved_up() -> None:
    made = turns(Way(), per_s=1.0)
    assert taken(made, now=1000.0) == [0]
    for number in (1, 2):
        made.add(number, number, Way())
    assert taken(made, now=1000.5) == []
    assert made.pause(1000.5) == pytest.approx(0.5)
    assert taken(made, now=1001.0) == [1]


def test_what_is_to_be_tried_again_waits_without_taking_up_room() -> None:
    gate = Way(frozenset({"gate"}))
    made = turns(gate, gate, per_jump=1)
    number, item, way = made.take(0.0) or (-1, -1, gate)
    made.give_back(way)
    made.add(number, item, way, not_before=5.0)
    assert taken(made, now=1.0) == [1], "its place is another's meanwhile"
    assert not made.over
    made.give_back(gate)
    assert made.pause(1.0) == pytest.approx(4.0)
    assert taken(made, now=4.9) == []
    assert taken(made, now=5.0) == [0]
    made.give_back(gate)
    assert made.over


def test_what_still_waits_can_be_taken_away_in_order() -> None:
    made = turns(Way(), Way(site="north"), Way(), jobs=1)
    made.add(7, 7, Way(), not_before=3.0)
    assert taken(made) == [0]
    assert made.clear() == [1, 2, 7]
    assert taken(made, now=9.0) == []
    made.give_back(Way())
    assert made.over


def test_the_way_to_a_target() -> None:
    target = make_target()
    assert Way.to(target) == Way()
    behind = replace(target, jump=("jan@GATE.example", "gate.example:22", "[fd00::1]:2222"))
    assert Way.to(behind).jumps == {"gate.example:22", "fd00::1:2222"}
    assert Way.to(replace(target, site="haarlem")).site == "haarlem"
    assert not Way.to(replace(target, transport=TransportKind.FILE)).connects
    assert not Way.to(replace(target, transport=TransportKind.LOCAL)).connects
    assert Way.to(replace(target, jump=("a b:c:d]",))).jumps == {"a b:c:d]"}


def test_no_room_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="without any room"):
        Turns[int](0, 1, 1)
