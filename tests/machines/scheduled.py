"""A Debian with ``assess`` and an assessment folder, on which schedules are installed.

``assess`` itself runs there: this checkout and its packages are there too, read-only. The machine
cannot set its clock, so what is moved is the memory: when the schedule was installed, and when the
timer came last.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assessor.catalogue.scaffold import write_check
from tests.lab.machine import Machine
from tests.machines.scene import token

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = next(path for path in map(Path, sys.path) if path.name == "site-packages")
PROJECT_THERE = "/opt/assess"
PACKAGES_THERE = "/opt/packages"
PROGRAMME = f"""#!/usr/bin/python3
import sys
sys.path[:0] = [{PROJECT_THERE!r}, {PACKAGES_THERE!r}]
from assessor.cli.app import main
main()
"""
FOLDER = "/srv/100% Bakker's $HOME; %h"
GATE = "/srv/gate"
SETTINGS = """
language: en
organisation: Lab
profile: gated
targets:
  - {name: self, role: server, transport: ssh, address: 127.0.0.1, user: assess, secrets: SECRETS}
"""
PROFILE = """
id: gated
title: {nl: Poort, en: Gate}
checks: {gate_check: {}}
measures: [patching]
"""
# What a run needs open: docs/schedule.md says for what. They make up the score.
OPEN = {
    "RootDirectory=/RootImage=", "PrivateNetwork=", "PrivateUsers=", "IPAddressDeny=",
    "DeviceAllow=", "ProtectHome=", "RestrictAddressFamilies=~AF_NETLINK",
    "RestrictAddressFamilies=~AF_UNIX", "RestrictAddressFamilies=~AF_(INET|INET6)",
}  # fmt: skip
SCORE = "1.4"


@dataclass
class Ended:
    """A command that ended."""

    code: int
    out: str


@dataclass
class Place:
    """An assessment folder on a machine; its only target is the machine itself, over SSH.

    Its one check reads a line from ``GATE``: from a file it comes at once, from a pipe when
    somebody writes one.
    """

    machine: Machine
    folder: str = FOLDER
    cursor: str = ""

    def sh(self, script: str) -> str:
        """Runs a script as root in the folder; what prints ``rc=`` may fail."""
        return self.machine.run(f"exec 2>&1; cd {shlex.quote(self.folder)}\n{script}")

    def assess(self, *words: str, user: str = "root") -> Ended:
        """Runs ``assess`` in the folder."""
        command = shlex.join(["/usr/local/bin/assess", *words])
        entered = f"cd {shlex.quote(self.folder)} && XDG_RUNTIME_DIR=/run/user/$(id -u) {command}"
        out = self.machine.run(
            f"exec 2>&1; code=0; runuser -u {user} -- sh -c {shlex.quote(entered)} || code=$?;"
            "echo rc=$code"
        )
        text, _, code = out.rpartition("rc=")
        return Ended(int(code), text)

    def status(self) -> Any:
        """What ``assess schedule status`` says."""
        return json.loads(self.assess("schedule", "status", "--json").out)

    def runs(self) -> list[str]:
        """The finished runs."""
        return sorted(self.sh("cd runs && ls -d */manifest.json || :").split())

    def close_gate(self) -> None:
        """From now on a run waits in the middle."""
        self.sh(f"rm -f {GATE}; mkfifo -m 666 {GATE}")

    def open_gate(self) -> None:
        """From now on a run does not wait."""
        self.sh(f"rm -f {GATE}; echo go >{GATE}")

    def move_back(self) -> None:
        """The schedule was installed 40 days ago, so that a run is due."""
        self.sh(
            "python3 - <<'PY'\n"
            "import datetime, json\n"
            "place = '.assess/schedule.json'\n"
            "kept = json.load(open(place))\n"
            "at = datetime.datetime.fromisoformat(kept['at']) - datetime.timedelta(40)\n"
            "kept['at'] = at.isoformat()\n"
            "json.dump(kept, open(place, 'w'))\n"
            "PY"
        )

    def follow(self, name: str, words: str) -> str:
        """A script that returns when a unit's journal has ``words``, since this test began.

        It looks again and again: ``journalctl -f`` ends at once where the inotify instances are
        used up, which all machines of the lab share. And it looks for the unit itself: with
        ``-u``, ``--after-cursor`` of systemd 252 leaves out the unit's first line.
        """
        journal = f"journalctl --after-cursor='{self.cursor}' --output=with-unit"
        wanted = shlex.quote(f"{name}.*\\({words}\\)")
        return (
            "until=$(($(date +%s) + 100))\n"
            f"while ! {journal} | grep -e {wanted}; do\n"
            f'  if [ "$(date +%s)" -ge "$until" ]; then {journal} | tail -50; exit 1; fi\n'
            "done\n"
        )


def open_walls(machine: Machine, unit: str) -> tuple[set[str], str]:
    """The walls that ``systemd-analyze security`` misses in a unit, and its score."""
    assert machine.run(f"systemd-analyze verify {unit} 2>&1") == ""
    said = machine.run(f"systemd-analyze security --no-pager --json=short {unit}")
    rows = json.loads(said[said.index("[") : said.rindex("]") + 1])
    total = machine.run(f"systemd-analyze security --no-pager {unit}")
    (score,) = re.findall(r"exposure level for \S+: ([\d.]+)", total)
    return {row["name"] for row in rows if row["set"] is False}, score


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A Debian with ``assess`` and an assessment folder that belongs to the account."""
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the packages here are for another Python than that of the machine (3.11)")
    files = tmp_path_factory.mktemp("folder")
    write_check(files / "checks", "gate_check", "patching", frozenset({"patching"}))
    check = files / "checks/gate_check"
    manifest = (check / "check.yaml").read_text()
    (check / "check.yaml").write_text(manifest.replace("timeout: 5", "timeout: 100"))
    script = (check / "linux_release.sh").read_text()
    (check / "linux_release.sh").write_text(f"read line < {GATE}\n{script}")
    (files / "assessment.yaml").write_text(SETTINGS.replace("SECRETS", "{}"))
    (files / "profiles").mkdir()
    (files / "profiles/gated.yaml").write_text(PROFILE)
    machine = Machine(
        "debian",
        tmp_path_factory.mktemp("debian"),
        token(),
        {ROOT: PROJECT_THERE, PACKAGES: PACKAGES_THERE},
    )
    try:
        for path in sorted(each for each in files.rglob("*") if each.is_file()):
            machine.write(f"/srv/made/{path.relative_to(files)}", path.read_text())
        machine.write("/usr/local/bin/assess", PROGRAMME, 0o755)
        machine.run(
            f"mv /srv/made {shlex.quote(FOLDER)}; chown -R assess: /srv/*\n"
            "su assess -c 'mkdir -m 700 ~/.ssh; cd ~/.ssh\n"
            'ssh-keygen -q -t ed25519 -N "" -f id_ed25519\n'
            """printf "127.0.0.1 %s\\n" "$(cat /etc/ssh/ssh_host_*_key.pub)" >known_hosts'\n"""
            "cat /home/assess/.ssh/id_ed25519.pub >>/etc/ssh/authorized_keys/assess"
        )
        yield Place(machine)
    finally:
        machine.close()


@pytest.fixture
def name(place: Place) -> Iterator[str]:
    """A schedule that was installed for the machine's systemd; its timer does not dawdle."""
    place.sh("rm -rf runs")
    place.open_gate()
    place.cursor = place.sh("journalctl -n 0 --show-cursor").partition("cursor: ")[2].strip()
    done = place.assess("schedule", "install", "--monthly", "--", "--checks", "checks")
    assert done.code == 0, done.out
    name = place.status()["installed"]["name"]
    drop_in = f"/etc/systemd/system/{name}.timer.d/lab.conf"
    place.machine.write(drop_in, "[Timer]\nRandomizedDelaySec=0\nAccuracySec=1us\n")
    often = f"/etc/systemd/system/{name}.service.d/lab.conf"
    place.machine.write(often, "[Unit]\nStartLimitIntervalSec=0\n")
    place.sh(f"systemctl daemon-reload; systemctl restart {name}.timer")
    yield name
    place.open_gate()
    place.sh(f"systemctl stop {name}.timer {name}.service; rm -r /etc/systemd/system/{name}.*.d")
    done = place.assess("schedule", "remove")
    assert (done.code, done.out) == (0, "Removed.\n")
