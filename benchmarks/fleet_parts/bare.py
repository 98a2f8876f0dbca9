"""Ours beside a bare paramiko loop: the same hosts, the same threads, the same merged script.

* *ours*: planning is done; connecting with strict host keys, framing, redaction and the evidence
  store with its flushes to disk are in, and its CPU time is that of judging and sealing too. What
  the report costs is told apart.
* *bare*: paramiko's transport with a given host key, a key, one channel, read to the end.
"""

from __future__ import annotations

import socket
import statistics
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko

from assessor.collect.shell.script import Mark, render
from assessor.collect.transports.base import Script
from assessor.concluding import conclude, keep_conclusions
from assessor.evidence.store import RunFolder
from assessor.model.capture import Capture, NotCaptured
from assessor.model.check import ProbeKind
from assessor.model.limits import Limits
from assessor.model.plan import TargetPlan
from assessor.model.run import RunResult
from assessor.pipeline import Checks, Prepared, begin, gather, prepare
from assessor.reporting import make_report, write_reports
from benchmarks.fleet_parts.bars import Bar, Cost, measured
from benchmarks.fleet_parts.scene import Reach, fleet, write_assessment, write_profile
from tests.lab.sshd import LabHost

WALL_BAR = 1.10
CPU_BAR_MS = 15.0


class Quiet:
    """Keeps what went wrong, and shows nothing."""

    def __init__(self) -> None:
        self.gaps: list[NotCaptured] = []

    def begun(self, plan: TargetPlan) -> None:
        """A target is being collected."""

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """A probe was stored."""

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """A target is done."""
        if gap is not None:
            self.gaps.append(gap)


class Ours:
    """Runs of ``assess``, and what each stage of each cost."""

    def __init__(self, folder: Path, profile: str, jobs: int) -> None:
        self.checks = Checks()
        self.prepared: Prepared = prepare(folder, self.checks, profile=profile)
        self.jobs = jobs
        self.collecting: list[Cost] = []
        self.judging: list[Cost] = []
        self.last: tuple[RunFolder, RunResult] | None = None

    def run(self) -> None:
        """Collects from the whole fleet, judges and seals."""
        quiet = Quiet()
        with measured(self.collecting):
            run = begin(self.prepared)
            gather(self.prepared, run, quiet, threading.Event(), Limits(jobs=self.jobs))
        if quiet.gaps:
            raise RuntimeError(f"{len(quiet.gaps)} hosts failed: {quiet.gaps[0].detail}")
        with measured(self.judging):
            result = conclude(run, self.checks)
            keep_conclusions(run, result)
        self.last = run, result

    def report(self) -> Cost:
        """Writes the report of the last run."""
        assert self.last is not None
        run, result = self.last
        spent: list[Cost] = []
        with measured(spent):
            write_reports(run, [make_report(result, self.checks, result.facts.language)])
        return spent[0]


class Bare:
    """The loop, with what a program of twenty lines would do."""

    def __init__(self, hosts: Sequence[LabHost], script: Script, jobs: int) -> None:
        identity = hosts[0].identity_file
        assert identity is not None
        self.hosts, self.script, self.jobs = hosts, script, jobs
        self.key = paramiko.PKey.from_path(identity)
        self.host_key = paramiko.PKey.from_path(hosts[0].known_hosts.with_name("fleet_host_key"))
        self.collecting: list[Cost] = []

    def run(self) -> None:
        """Runs the script on the whole fleet and reads what it says."""
        with measured(self.collecting), ThreadPoolExecutor(self.jobs) as pool:
            received = list(pool.map(self._collect, self.hosts))
        if not all(received):
            raise RuntimeError("a host said nothing")

    def _collect(self, host: LabHost) -> int:
        with socket.create_connection((host.address, host.port), timeout=60) as connection:
            transport = paramiko.Transport(connection)
            try:
                transport.connect(hostkey=self.host_key, username=host.user, pkey=self.key)
                channel = transport.open_session()
                channel.exec_command(self.script.command)
                channel.sendall(self.script.text)
                received = 0
                while piece := channel.recv(65_536):
                    received += len(piece)
                return received
            finally:
                transport.close()


def compare(count: int, jobs: int, rounds: int, profile: str | None) -> list[Bar]:
    """Measures both in turn and prints each round; gives the bars."""
    with fleet(count) as (hosts, folder):
        chosen = profile or write_profile(folder)
        write_assessment(folder, Reach.straight(hosts), chosen, jobs)
        ours = Ours(folder, chosen, jobs)
        probes = [
            planned
            for planned in ours.prepared.plan.targets[0].probes
            if planned.probe.kind is not ProbeKind.REQUEST
        ]
        script = render(probes, Mark.random(), sudo=False, password=None)
        bare = Bare(hosts, script, jobs)
        size = f"{len(probes)} probes, {len(script.text)} bytes of script"
        print(f"\nbare: {count} hosts, {jobs} threads, {size}")
        for number in range(rounds):
            # Whoever goes first in a round goes last in the next.
            for each in (ours, bare) if number % 2 == 0 else (bare, ours):
                each.run()
            print(f"  round {number + 1} ours     {ours.collecting[-1].told(count)}")
            print(f"  round {number + 1} bare     {bare.collecting[-1].told(count)}")
            print(f"  round {number + 1} judging  {ours.judging[-1].told(count)}", flush=True)
        print(f"  once    report   {ours.report().told(count)}")
        return _bars(ours, bare, count)


def _bars(ours: Ours, bare: Bare, count: int) -> list[Bar]:
    pairs = list(zip(ours.collecting, bare.collecting, strict=True))
    wall = statistics.median(mine.wall_s / theirs.wall_s for mine, theirs in pairs)
    spent = zip(ours.collecting, ours.judging, strict=True)
    cpu_s = statistics.median(collect.cpu_s + judge.cpu_s for collect, judge in spent)
    return [
        Bar(f"N={count}: wall time, ours to bare", wall, WALL_BAR),
        Bar(f"N={count}: ms of client CPU per host, all in", cpu_s * 1000 / count, CPU_BAR_MS),
    ]
