"""Ten thousand clients with fifty hosts each in a month: what waits where, and for how long?

Run it in a checkout; it needs nothing else, and the same seed gives the same answer::

    .venv/bin/python benchmarks/scale_simulation.py          # --clients 10000 --hosts 50 --hubs 1 2
    .venv/bin/python benchmarks/scale_simulation.py --when burst --hubs 8 10 12

A discrete-event simulation of the queues of ``docs/scale.md``. Every client has one run a month. At
its time the hub plans it and puts an order for each host on the broker; the worker at the client's
site takes them, so many side by side, and sends each host's journal back over the broker; the hub
takes it in, and after the last one judges, seals and reports. ``--when`` says when runs begin:

* ``spread``: at a random second of the working hours of the month (20 days of 8 hours);
* ``burst``: as ``assess schedule install --monthly`` does it where nobody changes anything: all on
  the first Tuesday at 10:00, up to 30 minutes later.

Some workers are not there when their run begins, and some hosts never answer. A run whose answers
are not in when its time to wait is over ends without them, and the whole run is begun again a day
later; after the last time, or when the month is over, the client's window is missed.

``FIGURES`` holds the service times, each with what measured it. The hub's cores take work in the
order in which it comes, and none is interrupted for a smaller one: waits are told too high rather
than too low.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

from benchmarks.queueing import Action, Clock, Station  # noqa: E402

TEN_MINUTES = 600.0
HOUR = 3600.0
DAY = 24 * HOUR
MONTH = 28 * DAY
BURST = DAY + 10 * HOUR
"""The first Tuesday at 10:00, in a month that begins on a Monday."""


def _figure(value: float, source: str) -> float:
    default: float = field(default=value, metadata={"source": source})
    return default


@dataclass(frozen=True, slots=True)
class Figures:
    """Service times in seconds, and shares; ``source`` says what measured each."""

    plan_s: float = _figure(0.45, "measured: CPU of 'assess plan' for one host, and orders.py")
    message_s: float = _figure(0.001, "assumed: a broker passes on a thousand messages a second")
    host_s: float = _figure(3.0, "the bar of host_cost.py: CPU of a host for all of mkb")
    host_spread: float = _figure(0.5, "assumed: sigma of the lognormal distribution around host_s")
    silent_share: float = _figure(0.02, "assumed: hosts that are off when they are asked")
    silent_s: float = _figure(60.0, "three attempts to connect, of 20 s each (transports/ssh.py)")
    take_in_s: float = _figure(0.0075, "measured: orders.py, taking a journal in")
    conclude_s: float = _figure(0.24, "measured: fleet.py bare --hosts 5 --profile mkb, judging")
    conclude_host_s: float = _figure(0.008, "measured: fleet.py bare --profile mkb, judging")
    report_s: float = _figure(0.46, "measured: the same command, the report of 50 hosts")
    absent_share: float = _figure(0.05, "assumed: workers that are not there when a run begins")
    absent_s: float = _figure(6 * HOUR, "assumed: how long such a worker stays away, on average")
    wait_s: float = _figure(4 * HOUR, "assumed: how long the hub waits for the last answer")

    def host(self, chance: random.Random) -> float:
        """How long one host takes."""
        if chance.random() < self.silent_share:
            return self.silent_s
        return chance.lognormvariate(math.log(self.host_s), self.host_spread)

    def concluding(self, hosts: int) -> float:
        """How long judging, sealing and reporting take."""
        return self.conclude_s + hosts * self.conclude_host_s + self.report_s


@dataclass(frozen=True)
class Scene:
    """What is simulated.

    Attributes:
        hubs: cores of the hub.
        jobs: hosts side by side at a site.
        times: how often a run is begun at most.
    """

    clients: int = 10_000
    hosts: int = 50
    hubs: int = 1
    jobs: int = 16
    times: int = 4
    when: str = "spread"
    seed: int = 1
    figures: Figures = field(default_factory=Figures)


@dataclass(slots=True)
class Outcome:
    """What came of it; times in seconds.

    Attributes:
        took: of each client whose run was complete, from when it was due until its report.
        again: runs that ended without all answers.
        missed: clients whose month passed without a complete run.
        hub: where work for the hub's cores waited.
        broker: where messages waited.
        came: seconds of work that came to the hub, by its ten minutes since the beginning.
        open: runs that are under way.
        most_open: the most of them at once; each is a process that waits at the hub.
    """

    hub: Station
    broker: Station
    took: list[float] = field(default_factory=list)
    again: int = 0
    missed: int = 0
    came: dict[int, float] = field(default_factory=dict)
    open: int = 0
    most_open: int = 0

    @property
    def cores(self) -> float:
        """How many cores the work of the busiest ten minutes keeps busy for ten minutes."""
        return max(self.came.values(), default=0.0) / TEN_MINUTES


class World:
    """All clients with one hub and one broker."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.clock = Clock()
        self.outcome = Outcome(Station(self.clock, scene.hubs), Station(self.clock, 1))

    def run(self) -> Outcome:
        """Lets the month pass."""
        for number in range(self.scene.clients):
            # Each client has chances of its own: they are the same however long others take.
            chance = random.Random(f"{self.scene.seed}-{number}")  # noqa: S311 - no secret
            due = self._due(chance)
            client = Client(self, due, chance)
            self.clock.at(due, client.begin)
        self.clock.run()
        return self.outcome

    def _due(self, chance: random.Random) -> float:
        if self.scene.when == "burst":
            return BURST + chance.uniform(0, HOUR / 2)
        day = chance.randrange(20)
        weekday = day // 5 * 7 + day % 5
        return weekday * DAY + 9 * HOUR + chance.uniform(0, 8 * HOUR)

    def at_hub(self, service_s: float, done: Action) -> None:
        """Work for a core of the hub."""
        slot = int(self.clock.now / TEN_MINUTES)
        self.outcome.came[slot] = self.outcome.came.get(slot, 0.0) + service_s
        self.outcome.hub.take(service_s, done)


class Client:
    """A client with its site, through all attempts of the month."""

    def __init__(self, world: World, due: float, chance: random.Random) -> None:
        self._world, self._due, self._chance = world, due, chance
        self._absent_until = 0.0
        self._begun = 0

    def begin(self) -> None:
        """A run is due, for the first time or again."""
        self._begun += 1
        world, figures, now = self._world, self._world.scene.figures, self._world.clock.now
        if now >= self._absent_until and self._chance.random() < figures.absent_share:
            self._absent_until = now + self._chance.expovariate(1 / figures.absent_s)
        host_s = partial(figures.host, self._chance)
        Run(world, max(now, self._absent_until), host_s, self.ended).begin()

    def ended(self, complete: bool) -> None:
        """A run has its report."""
        outcome, now = self._world.outcome, self._world.clock.now
        outcome.open -= 1
        if complete:
            outcome.took.append(now - self._due)
            return
        outcome.again += 1
        next_at = self._due + self._begun * DAY
        if self._begun < self._world.scene.times and next_at < MONTH:
            self._world.clock.at(next_at, self.begin)
        else:
            outcome.missed += 1


class Run:
    """One run: planned, collected at the site from ``there`` on, and concluded."""

    def __init__(
        self,
        world: World,
        there: float,
        host_s: Callable[[], float],
        ended: Callable[[bool], None],
    ) -> None:
        self._world, self._there, self._host_s, self._ended = world, there, host_s, ended
        self._site = Station(world.clock, world.scene.jobs)
        self._missing = world.scene.hosts
        self._over = False

    def begin(self) -> None:
        """Plans; the time to wait for answers begins now."""
        clock, figures = self._world.clock, self._world.scene.figures
        outcome = self._world.outcome
        outcome.open += 1
        outcome.most_open = max(outcome.most_open, outcome.open)
        clock.at(clock.now + figures.wait_s, self._conclude)
        self._world.at_hub(figures.plan_s, self._order)

    def _order(self) -> None:
        hosts, figures = self._world.scene.hosts, self._world.scene.figures
        self._world.outcome.broker.take(hosts * figures.message_s, self._send)

    def _send(self) -> None:
        self._world.clock.at(self._there, self._collect)

    def _collect(self) -> None:
        if self._over:
            return  # the orders have expired
        for _ in range(self._world.scene.hosts):
            self._site.take(self._host_s(), self._collected)

    def _collected(self) -> None:
        self._world.outcome.broker.take(self._world.scene.figures.message_s, self._delivered)

    def _delivered(self) -> None:
        self._world.at_hub(self._world.scene.figures.take_in_s, self._taken_in)

    def _taken_in(self) -> None:
        self._missing -= 1
        if not self._missing:
            self._conclude()

    def _conclude(self) -> None:
        """After the last answer, or when the time to wait is over, whichever comes first."""
        if self._over:
            return
        self._over = True
        complete = not self._missing
        work_s = self._world.scene.figures.concluding(self._world.scene.hosts)
        self._world.at_hub(work_s, lambda: self._ended(complete))


def simulate(scene: Scene) -> Outcome:
    """Lets the month of a scene pass."""
    return World(scene).run()


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def tell(scene: Scene, outcome: Outcome) -> None:
    """Prints what came of it, in a few lines."""
    hub, broker = outcome.hub, outcome.broker
    minutes = [quantile(outcome.took, share) / 60 for share in (0.5, 0.9, 0.95, 0.99)]
    print(f"{scene.when}, {scene.hubs} core(s) at the hub:")
    print(f"  complete {len(outcome.took)}, begun again {outcome.again}, missed {outcome.missed}")
    print(f"  runs open at once: at most {outcome.most_open}")
    told = "median {:.1f}, 90 % {:.1f}, 95 % {:.1f}, 99 % {:.1f}".format(*minutes)
    print(f"  minutes until the report: {told}")
    print(
        f"  hub: {hub.busy_s / HOUR:.1f} core hours, {hub.busy_s / MONTH / scene.hubs:.2%} of the"
        f" month, {outcome.cores:.2f} cores of work in the busiest ten minutes;"
        f" work waited {hub.waited_s / hub.served:.2f} s on average, at most {hub.longest} at once"
    )
    print(
        f"  broker: {broker.busy_s / MONTH:.3%} of the month,"
        f" work waited {broker.waited_s / broker.served * 1000:.2f} ms on average,"
        f" at most {broker.longest} at once",
        flush=True,
    )


def main() -> int:
    """Simulates the month with each number of cores; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=Scene.clients)
    parser.add_argument("--hosts", type=int, default=Scene.hosts)
    parser.add_argument("--hubs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--jobs", type=int, default=Scene.jobs)
    parser.add_argument("--when", choices=("spread", "burst"), default=Scene.when)
    parser.add_argument("--seed", type=int, default=Scene.seed)
    for each in fields(Figures):
        option = f"--{each.name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=each.default, help=each.metadata["source"])
    chosen = vars(parser.parse_args())
    figures = Figures(**{each.name: chosen.pop(each.name) for each in fields(Figures)})
    print(f"{chosen['clients']} clients with {chosen['hosts']} hosts each, seed {chosen['seed']}")
    for hubs in chosen.pop("hubs"):
        began = time.perf_counter()
        scene = Scene(**chosen, hubs=hubs, figures=figures)
        tell(scene, simulate(scene))
        print(f"  (simulated in {time.perf_counter() - began:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
