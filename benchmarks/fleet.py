"""How fast is a run over a fleet, and what does it need?

Run it as root in a checkout, on Debian with openssh-server, when the machine has nothing else to
do; ``benchmarks/README.md`` has the bars and what was measured::

    .venv/bin/python benchmarks/fleet.py bare       # beside a bare paramiko loop
    .venv/bin/python benchmarks/fleet.py tools      # beside ansible-core and pytest-testinfra
    .venv/bin/python benchmarks/fleet.py growth     # from 200 hosts to 1000
    .venv/bin/python benchmarks/fleet.py all        # each as it is by default

It starts a real ``sshd`` on as many loopback addresses, in a network namespace of its own; its
processes share the cores with whoever is measured. Bars are held against ratios within one run, or
against CPU time and memory, never against a wall time by itself. It prints a table and ends with 1
when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

from benchmarks.fleet_parts import bare, growth, tools  # noqa: E402
from benchmarks.fleet_parts.bars import Bar, machine, show  # noqa: E402
from benchmarks.fleet_parts.scene import be_alone  # noqa: E402
from benchmarks.fleet_parts.tool_ansible import FORKS  # noqa: E402


def main() -> int:
    """Runs the benchmark; gives the exit status."""
    chosen = _parser().parse_args()
    if os.geteuid() != 0 or shutil.which("sshd", path="/usr/sbin") is None:
        print("this benchmark needs root and sshd (Debian package openssh-server)")
        return 2
    if chosen.part in {"tools", "all"}:
        tools.programs()  # from PyPI, which cannot be reached once we are alone
    be_alone()
    print(machine())
    bars = _measured(chosen)
    print(f"\n{machine()}")
    return 0 if show(bars) else 1


def _measured(chosen: argparse.Namespace) -> list[Bar]:
    match chosen.part:
        case "bare":
            return bare.compare(chosen.hosts, chosen.jobs, chosen.rounds, chosen.profile)
        case "tools":
            return tools.compare(chosen.hosts, chosen.round_trip, chosen.rounds, chosen.jobs)
        case "growth":
            small, large = chosen.hosts
            return growth.compare(small, large, chosen.jobs, chosen.script)
        case _:
            parts = [_parser().parse_args([part]) for part in ("bare", "tools", "growth")]
            return [bar for part in parts for bar in _measured(part)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parts = parser.add_subparsers(dest="part", required=True)
    one = parts.add_parser("bare", help="beside a bare paramiko loop")
    one.add_argument("--hosts", type=int, default=200)
    one.add_argument("--jobs", type=int, default=16)
    one.add_argument("--rounds", type=int, default=3)
    one.add_argument("--profile", help="a profile's id; by default the first seven checks")
    one = parts.add_parser("tools", help="beside ansible-core and pytest-testinfra")
    one.add_argument("--hosts", type=int, nargs="+", default=[20, 100])
    one.add_argument("--round-trip", type=int, nargs="+", default=list(tools.BARS), metavar="MS")
    one.add_argument("--rounds", type=int, default=1)
    one.add_argument("--jobs", type=int, default=FORKS, help="as many as Ansible's forks")
    one = parts.add_parser("growth", help="from few hosts to many")
    one.add_argument("--hosts", type=int, nargs=2, default=[200, 1000])
    one.add_argument("--jobs", type=int, default=16)
    one.add_argument("--script", choices=growth.SCRIPTS, default="first")
    parts.add_parser("all", help="each of them as it is by default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
