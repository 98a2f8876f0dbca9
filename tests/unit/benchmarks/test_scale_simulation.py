"""What must hold of the simulated month, whatever the figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.scale_simulation import DAY, MONTH, Figures, Outcome, Scene, simulate

CLIENTS = 200
SCENE = Scene(clients=CLIENTS, hosts=10)
CALM = Figures(host_spread=0.0, silent_share=0.0, absent_share=0.0)


def facts(outcome: Outcome) -> tuple[object, ...]:
    hub = outcome.hub
    return outcome.took, outcome.again, outcome.missed, hub.served, hub.busy_s, hub.waited_s


@pytest.mark.parametrize("when", ["spread", "burst"])
def test_every_client_ends_with_a_report_or_a_missed_month(when: str) -> None:
    figures = Figures(absent_share=0.5, absent_s=2 * DAY)
    outcome = simulate(replace(SCENE, when=when, figures=figures))
    assert outcome.missed > 0
    assert outcome.open == 0
    assert outcome.again > outcome.missed
    assert len(outcome.took) + outcome.missed == CLIENTS
    assert max(outcome.took) < MONTH


def test_without_failures_each_piece_of_work_is_done_once() -> None:
    outcome = simulate(replace(SCENE, figures=CALM))
    assert (len(outcome.took), outcome.again, outcome.missed) == (CLIENTS, 0, 0)
    assert outcome.hub.served == CLIENTS * (1 + SCENE.hosts + 1)
    assert outcome.broker.served == CLIENTS * (1 + SCENE.hosts)
    per_client = CALM.plan_s + SCENE.hosts * CALM.take_in_s + CALM.concluding(SCENE.hosts)
    assert outcome.hub.busy_s == pytest.approx(CLIENTS * per_client)
    assert sum(outcome.came.values()) == pytest.approx(outcome.hub.busy_s)


def test_one_client_alone_takes_what_its_stages_take() -> None:
    outcome = simulate(Scene(clients=1, hosts=32, jobs=16, hubs=1, figures=CALM))
    stages = CALM.plan_s + 2 * CALM.host_s + CALM.concluding(32)
    # The journals of the last sixteen hosts arrive together and are taken in one by one.
    queues = 32 * CALM.message_s + 16 * (CALM.message_s + CALM.take_in_s)
    assert stages < outcome.took[0] <= stages + queues


def test_the_same_seed_gives_the_same_month_and_another_one_does_not() -> None:
    assert facts(simulate(SCENE)) == facts(simulate(SCENE))
    assert facts(simulate(SCENE)) != facts(simulate(replace(SCENE, seed=2)))


def test_a_burst_waits_longer_than_a_month_that_is_spread_and_more_cores_help() -> None:
    scene = replace(SCENE, clients=1000, figures=CALM)
    spread = simulate(scene).hub
    burst = simulate(replace(scene, when="burst")).hub
    helped = simulate(replace(scene, when="burst", hubs=8)).hub
    assert burst.busy_s == pytest.approx(spread.busy_s)
    assert burst.waited_s > 10 * spread.waited_s
    assert helped.waited_s < burst.waited_s / 2
