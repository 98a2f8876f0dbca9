"""The simulation's queues beside the formulas that are known for them."""

from __future__ import annotations

import math
import random
from functools import partial

import pytest

from benchmarks.queueing import Clock, Station


def waited(servers: int, load: float, count: int = 60_000) -> float:
    """How long work waits on average, in times of its mean service, at this load of each server."""
    chance = random.Random(20261128)
    clock = Clock()
    station = Station(clock, servers)
    ended = []
    now = 0.0
    for _ in range(count):
        now += chance.expovariate(load * servers)
        service_s = chance.expovariate(1.0)
        take = partial(station.take, service_s, lambda: ended.append(clock.now))
        clock.at(now, take)
    clock.run()
    assert len(ended) == station.served == count
    return station.waited_s / count


def erlang_c(servers: int, load: float) -> float:
    """The mean time that work waits in M/M/c, in times of its mean service (Erlang C)."""
    offered = servers * load
    full = offered**servers / math.factorial(servers) / (1 - load)
    waits = full / (sum(offered**k / math.factorial(k) for k in range(servers)) + full)
    return waits / (servers * (1 - load))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (4, 0.7)])
def test_waits_as_long_as_the_formula_says(servers: int, load: float) -> None:
    assert waited(servers, load) == pytest.approx(erlang_c(servers, load), rel=0.1)


def test_erlang_c_of_one_server_is_the_formula_of_one_queue() -> None:
    assert erlang_c(1, 0.5) == pytest.approx(0.5 / (1 - 0.5))


def test_first_come_is_first_served_and_the_longest_queue_is_told() -> None:
    clock = Clock()
    station = Station(clock, 2)
    ended: list[tuple[str, float]] = []
    for name, service_s in (("a", 3.0), ("b", 1.0), ("c", 1.0), ("d", 5.0)):
        station.take(service_s, partial(lambda who: ended.append((who, clock.now)), name))
    clock.run()
    assert ended == [("b", 1.0), ("c", 2.0), ("a", 3.0), ("d", 7.0)]
    assert (station.longest, station.waited_s, station.busy_s) == (2, 1.0 + 2.0, 10.0)
