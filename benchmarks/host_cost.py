"""What does a whole run cost the machine that is assessed?

Run it as root in a checkout, after ``sh tests/lab/machines.sh``::

    .venv/bin/python benchmarks/host_cost.py            # --profile mkb

It boots each machine of the lab (Debian, Ubuntu), assesses it over SSH with every check of the
profile and with sudo, and prints how much CPU time all processes of the machine took together,
SSH included, in how many connections. It ends with 1 above the bar of 3 seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

import psutil  # noqa: E402
import yaml  # noqa: E402

from assessor import bundled  # noqa: E402
from tests.lab.machine import Machine  # noqa: E402
from tests.machines.scene import findings, token  # noqa: E402

BAR_S = 3.0


def cpu_s(machine: Machine) -> float:
    """Seconds of CPU of all processes that ever ran on the machine.

    A process that has ended is counted by whoever waited for it, in the end the first process.
    """
    first = machine.first_process
    total = 0.0
    for process in [first, *first.children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


def log_ins(machine: Machine) -> int:
    """How often a key opened a session."""
    found = machine.run("journalctl -q -u ssh --no-pager | grep -c 'Accepted publickey' || :")
    return int(found.strip() or 0)


def main() -> int:
    """Runs the benchmark; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--profile", default="mkb")
    parser.add_argument("--each", action="store_true", help="every check alone as well")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        print("this benchmark needs root")
        return 2
    named = yaml.safe_load((bundled.folder("profiles") / f"{chosen.profile}.yaml").read_text())
    worst = 0.0
    for base in ("debian", "ubuntu"):
        with tempfile.TemporaryDirectory(prefix="host-cost-") as folder:
            machine = Machine(base, Path(folder), token())
            try:
                checks = [check for check in named["checks"] if "linux" in _probes(check)]
                findings(machine, checks[:1])  # installs the sudoers file, fills the caches
                before, sessions = cpu_s(machine), log_ins(machine)
                findings(machine, checks)
                spent, sessions = cpu_s(machine) - before, log_ins(machine) - sessions
                worst = max(worst, spent)
                print(f"{base}: {len(checks)} checks, {spent:.2f} s CPU, {sessions} connection(s)")
                for check in checks if chosen.each else ():
                    before = cpu_s(machine)
                    findings(machine, [check])
                    print(f"  {check}: {cpu_s(machine) - before:.2f} s")
            finally:
                machine.close()
    print(f"bar: {BAR_S:.0f} s")
    return 0 if worst <= BAR_S else 1


def _probes(check: str) -> dict[str, object]:
    manifest = yaml.safe_load((bundled.folder("checks") / check / "check.yaml").read_text())
    probes: dict[str, object] = manifest["probes"]
    return probes


if __name__ == "__main__":
    sys.exit(main())
