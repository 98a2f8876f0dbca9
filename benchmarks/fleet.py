"""How much does our run cost beside a bare paramiko loop over the same hosts?

Run it as root in a checkout, on Debian with openssh-server::

    .venv/bin/python benchmarks/fleet.py              # --hosts 100 --jobs 16 --rounds 3

It starts real ``sshd`` processes on as many loopback addresses, and lets both collect from all of
them in turn, with the same number of threads and the same merged script. That is the script of the
seven host checks for which the bars were set (``FIRST``); ``--profile mkb`` takes all that there
are now, some seventy probes, for which the bar on CPU was never set.

* *ours*: planning is done; connecting with strict host keys, framing, redaction and the evidence
  store with its flushes to disk are in. Judging and the report are timed apart.
* *bare*: paramiko's transport with a given host key, a key, one channel, read to the end.

It prints a table and ends with 1 when a bar is not met: at most 1.3 times the wall time of the bare
loop, and at most 25 ms of this process's CPU per host. The servers share the cores with both.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

import paramiko  # noqa: E402
import yaml  # noqa: E402

from assessor import bundled  # noqa: E402
from assessor.collect.runner import Limits  # noqa: E402
from assessor.collect.shell.script import Mark, render  # noqa: E402
from assessor.model.capture import Capture, NotCaptured  # noqa: E402
from assessor.model.check import ProbeKind  # noqa: E402
from assessor.model.plan import TargetPlan  # noqa: E402
from assessor.pipeline import (  # noqa: E402
    Checks,
    Prepared,
    begin,
    conclude,
    gather,
    keep_conclusions,
    prepare,
)
from assessor.reporting import make_report, write_reports  # noqa: E402
from tests.lab.sshd import LabHost, SshLab  # noqa: E402

WALL_BAR = 1.3
CPU_BAR_MS = 25.0
FIRST = (
    "host_firewall",
    "disk_encryption",
    "password_policy",
    "ssh_login",
    "access_logging",
    "malware_protection",
    "backups",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time, and of CPU time of this process with all its threads."""

    wall_s: float
    cpu_s: float


class Quiet:
    """Counts what came back, and shows nothing."""

    def __init__(self) -> None:
        self.answers = 0
        self.gaps: list[NotCaptured] = []

    def begun(self, plan: TargetPlan) -> None:
        """A target is being collected."""

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """A probe was stored."""
        self.answers += 1

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """A target is done."""
        if gap is not None:
            self.gaps.append(gap)


@contextlib.contextmanager
def measured(into: list[Cost]) -> Iterator[None]:
    """Adds what the block costs."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into.append(Cost(time.perf_counter() - wall, time.process_time() - cpu))


def write_assessment(folder: Path, hosts: Sequence[LabHost]) -> None:
    """An assessment of the fleet, as a user would write it."""
    settings = {
        "organisation": "Fleet",
        "language": "en",
        "groups": {
            "fleet": {
                "transport": "ssh",
                "role": "server",
                "user": hosts[0].user,
                "port": hosts[0].port,
                "identity_files": [str(hosts[0].identity_file)],
                "known_hosts": [str(hosts[0].known_hosts)],
            }
        },
        "targets": {host.kind: {"address": host.address, "groups": ["fleet"]} for host in hosts},
    }
    (folder / "assessment.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))


def write_profile(folder: Path) -> str:
    """The profile ``mkb`` with the first checks only; gives its id."""
    mkb = yaml.safe_load((bundled.folder("profiles") / "mkb.yaml").read_text())
    mkb["checks"] = {check: mkb["checks"][check] for check in FIRST}
    mkb["id"] = "fleet"
    (folder / "profiles").mkdir()
    (folder / "profiles" / "fleet.yaml").write_text(yaml.safe_dump(mkb, sort_keys=False))
    return "fleet"


def ours(prepared: Prepared, jobs: int) -> int:
    """Collects from the whole fleet into a new run; gives the number of answers."""
    quiet = Quiet()
    gather(prepared, begin(prepared), quiet, threading.Event(), Limits(jobs=jobs))
    if quiet.gaps:
        raise RuntimeError(f"{len(quiet.gaps)} hosts failed: {quiet.gaps[0].detail}")
    return quiet.answers


def bare(
    hosts: Sequence[LabHost], key: paramiko.PKey, host_key: paramiko.PKey, script: bytes, jobs: int
) -> int:
    """Runs the script on the whole fleet with paramiko alone; gives the number of bytes."""

    def collect(host: LabHost) -> int:
        with socket.create_connection((host.address, host.port), timeout=60) as connection:
            transport = paramiko.Transport(connection)
            try:
                transport.connect(hostkey=host_key, username=host.user, pkey=key)
                channel = transport.open_session()
                channel.exec_command("exec /bin/sh")
                channel.sendall(script)
                channel.shutdown_write()
                received = 0
                while piece := channel.recv(65_536):
                    received += len(piece)
                return received
            finally:
                transport.close()

    with ThreadPoolExecutor(jobs) as pool:
        return sum(pool.map(collect, hosts))


def compare(
    hosts: Sequence[LabHost], folder: Path, profile: str | None, jobs: int, rounds: int
) -> bool:
    """Measures, prints the table, and gives whether the bars were met."""
    write_assessment(folder, hosts)
    checks = Checks()
    prepared = prepare(folder, checks, profile=profile or write_profile(folder))
    probes = [
        planned
        for planned in prepared.plan.targets[0].probes
        if planned.probe.kind is not ProbeKind.REQUEST
    ]
    script = render(probes, Mark.random(), sudo=False, password=None)
    identity = hosts[0].identity_file
    assert identity is not None
    key = paramiko.PKey.from_path(identity)
    host_key = paramiko.PKey.from_path(hosts[0].known_hosts.with_name("fleet_host_key"))
    print(
        f"{len(hosts)} hosts, {jobs} threads, {len(probes)} probes, {len(script)} bytes of script,"
        f" {os.cpu_count()} cores, Python {platform.python_version()},"
        f" paramiko {paramiko.__version__}"
    )
    runs: dict[str, Callable[[], int]] = {
        "ours": lambda: ours(prepared, jobs),
        "bare": lambda: bare(hosts, key, host_key, script, jobs),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for number in range(rounds):
        # Whoever goes first in a round goes last in the next.
        for name in list(runs) if number % 2 == 0 else list(runs)[::-1]:
            with measured(costs[name]):
                runs[name]()
            print(f"  round {number + 1} {name}: {_told(costs[name][-1], len(hosts))}", flush=True)
    met = _judged(costs, len(hosts))
    _tell_the_rest(prepared, checks, jobs, len(hosts))
    return met


def _judged(costs: dict[str, list[Cost]], count: int) -> bool:
    middle = {
        name: Cost(
            statistics.median(cost.wall_s for cost in values),
            statistics.median(cost.cpu_s for cost in values),
        )
        for name, values in costs.items()
    }
    for name, cost in middle.items():
        print(f"{name} (median): {_told(cost, count)}")
    ratio = middle["ours"].wall_s / middle["bare"].wall_s
    cpu_ms = middle["ours"].cpu_s * 1000 / count
    print(f"wall time, ours to bare: {ratio:.2f} (bar {WALL_BAR})")
    print(f"client CPU per host: {cpu_ms:.1f} ms (bar {CPU_BAR_MS:.0f} ms)")
    return ratio <= WALL_BAR and cpu_ms <= CPU_BAR_MS


def _tell_the_rest(prepared: Prepared, checks: Checks, jobs: int, count: int) -> None:
    """What comes after collecting, once: no bar, but it should not surprise anyone."""
    run = begin(prepared)
    gather(prepared, run, Quiet(), threading.Event(), Limits(jobs=jobs))
    spent: list[Cost] = []
    with measured(spent):
        result = conclude(run, checks)
        keep_conclusions(run, result)
    with measured(spent):
        write_reports(run, [make_report(result, checks, result.facts.language)])
    for name, cost in zip(("judging", "report"), spent, strict=True):
        print(f"{name}: {_told(cost, count)}")


def _told(cost: Cost, count: int) -> str:
    return f"{cost.wall_s:7.2f} s wall, {cost.cpu_s * 1000 / count:6.1f} ms CPU per host"


def main() -> int:
    """Runs the benchmark; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", help="a profile's id; by default the first checks")
    chosen = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("sshd", path="/usr/sbin") is None:
        print("this benchmark needs root and sshd (Debian package openssh-server)")
        return 2
    lab = SshLab()
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
            hosts = lab.fleet(chosen.hosts)
            met = compare(hosts, Path(folder), chosen.profile, chosen.jobs, chosen.rounds)
            return 0 if met else 1
    finally:
        lab.close()


if __name__ == "__main__":
    sys.exit(main())
