"""Schedules on a real Debian with its own systemd and cron: they fire, catch up, and never double.

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
from assessor.history.schedule.cadence import monthly
from assessor.history.schedule.envfile import parse
from assessor.history.schedule.job import Job, Manager, Scope
from assessor.history.schedule.systemd import units
from tests.lab.machine import Machine
from tests.machines.scene import token

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = next(path for path in map(Path, sys.path) if path.name == "site-packages")
PROGRAMME = f"""#!/usr/bin/python3
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(PACKAGES)!r}]
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
        """A script that returns when a unit's journal has ``words``, since this test began."""
        return (
            "pipe=$(mktemp -u); mkfifo $pipe\n"
            f"journalctl -f --no-tail --after-cursor='{self.cursor}' -u {name} >$pipe &\n"
            "follower=$!\n"
            f"timeout 60 grep -m1 -e {shlex.quote(words)} $pipe; kill $follower; rm $pipe\n"
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
    machine = Machine("debian", tmp_path_factory.mktemp("debian"), token(), [ROOT, PACKAGES])
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


def test_what_is_due_is_made_when_the_timer_comes_and_only_once(place: Place, name: str) -> None:
    before = place.status()
    assert (before["active"], before["state"], before["last"]) == (True, "not-due", None)
    place.move_back()
    assert place.status()["state"] == "overdue"
    place.machine.write(
        f"/etc/systemd/system/{name}.timer.d/second.conf", "[Timer]\nOnCalendar=*:*:*\n"
    )
    # The timer comes every second; the journal says when it came a second time after the run.
    place.sh(f"systemctl daemon-reload; systemctl restart {name}.timer")
    place.sh(place.follow(f"{name}.service", "gate_check\\|Report:"))
    place.sh(
        f"systemctl start {name}.service; systemctl start {name}.service; "
        f"systemctl stop {name}.timer"
    )
    after = place.status()
    assert (after["last"]["ending"], after["state"]) == ("ended", "not-due")
    assert len(place.runs()) == 1
    assert after["last"]["run"] in place.runs()[0]
    # By the account, in its folder, and nothing else was writable for it.
    assert place.sh("stat -c %U runs/*/manifest.json") == "assess\n"


def test_a_run_that_was_missed_while_the_machine_was_off_is_caught_up(
    place: Place, name: str
) -> None:
    stamp = f"/var/lib/systemd/timers/stamp-{name}.timer"
    place.close_gate()
    place.move_back()
    # What a machine finds that was off for 40 days.
    out = place.sh(
        f"systemctl stop {name}.timer; touch -d '40 days ago' {stamp}\n"
        f"systemctl start {name}.timer\n"
        f"timeout 60 sh -c 'echo go >{GATE}' || echo rc=$?\n"  # somebody reads it: the run is there
        f"systemctl start {name}.service"  # returns with the run that works
    )
    assert "rc=" not in out
    assert len(place.runs()) == 1
    told = place.assess("schedule", "status").out
    assert re.search(r"^Due: +no$", told, re.MULTILINE), told
    assert re.search(r"^Last: .* \(run 2\w+-\w+\), took \d+ s$", told, re.MULTILINE), told
    # The timer without anything missed stays still.
    place.sh(f"systemctl stop {name}.timer; systemctl start {name}.timer")
    assert place.sh(f"systemctl is-active {name}.service || :") == "inactive\n"


def test_a_second_run_is_refused_beside_the_first(place: Place, name: str) -> None:
    place.close_gate()
    place.move_back()
    assess = "runuser -u assess -- /usr/local/bin/assess schedule"
    out = place.sh(
        f"systemctl start --no-block {name}.service\n"
        f"exec 3>{GATE}\n"  # waits until the run reads
        "code=0; /usr/local/bin/assess schedule run-now || code=$?; echo rc=$code\n"
        f"code=0; {assess} run || code=$?; echo rc=$code\n"
        f"code=0; {assess} run --if-due || code=$?; echo rc=$code\n"
        "code=0; /usr/local/bin/assess schedule remove || code=$?; echo rc=$code\n"
        "/usr/local/bin/assess schedule status\n"
        "ls runs | wc -l; ls .assess\n"
        f"echo go >&3; exec 3>&-; systemctl start {name}.service"
    )
    assert re.findall(r"rc=(\d+)", out) == ["3", "3", "0", "3"], out
    assert "it works now" in out
    assert "\n1\n" in out
    assert "schedule.asked" not in out
    assert len(place.runs()) == 1


def test_a_run_that_is_killed_is_told_and_gone_on_with(place: Place, name: str) -> None:
    place.close_gate()
    place.move_back()
    place.sh(
        f"systemctl start --no-block {name}.service\n"
        f"exec 3>{GATE}\n"
        f"systemctl kill --kill-whom=main --signal=KILL {name}.service\n"
        f"exec 3>&-\n{place.follow(f'{name}-failed.service', 'went wrong')}"
    )
    told = place.assess("schedule", "status")
    assert told.code == 1
    assert "broken off: it was killed, or the machine went down" in told.out
    assert "Due:       overdue since" in told.out
    place.open_gate()
    (begun,) = place.sh("ls runs").split()
    # As some minutes after the machine was started.
    place.sh(
        "began=$(systemctl show --value -p UserspaceTimestampMonotonic)\n"
        "now=$(python3 -c 'import time; print(time.monotonic_ns() // 1000)')\n"
        f"printf '[Timer]\\nOnBootSec=%sus\\n' $((now - began + 3000000)) "
        f">/etc/systemd/system/{name}.timer.d/boot.conf\n"
        f"systemctl daemon-reload; systemctl restart {name}.timer\n"
        f"{place.follow(f'{name}.service', 'Report:')} systemctl start {name}.service"
    )
    assert place.runs() == [f"{begun}/manifest.json"]
    assert place.status()["last"]["run"] == begun


def test_a_run_that_fails_is_told_and_not_tried_over_and_over(place: Place, name: str) -> None:
    place.move_back()
    place.sh("mv assessment.yaml kept; echo 'targets: nonsense' >assessment.yaml")
    try:
        out = place.sh(
            f"code=0; systemctl start {name}.service || code=$?; echo rc=$code\n"
            + place.follow(f"{name}-failed.service", "went wrong")
            + f"systemctl start {name}.service; systemctl is-failed {name}.service || :"
        )
    finally:
        place.sh("mv kept assessment.yaml")
    assert "rc=1" in out
    assert "wrong usage or settings (exit code 2)" in out
    assert out.endswith("inactive\n")  # nothing was due any more
    told = place.assess("schedule", "status")
    assert told.code == 1
    assert "assessment.yaml:1: targets" in told.out  # what the run said
    assert f"journalctl -u {name}.service" in told.out
    # Once it is mended, by hand; as the scheduler would.
    done = place.assess("schedule", "run-now")
    assert done.code in {0, 1, 3}, done.out
    assert place.assess("schedule", "status").code == 0


def test_the_sandbox_leaves_the_network_and_the_folder_and_no_more(place: Place, name: str) -> None:
    assert open_walls(place.machine, f"{name}.service") == (OPEN, SCORE)
    assert f"**{SCORE}**" in (ROOT / "docs/schedule.md").read_text()
    probe = (
        "for each in . /etc /usr/local /home/assess /var/lib; do"
        " touch $each/probe 2>/dev/null && echo wrote $each; done;"
        " rm -f probe; head -c1 /home/assess/.ssh/id_ed25519 >/dev/null && echo key"
    )
    place.machine.write(
        f"/run/systemd/system/{name}.service.d/probe.conf",
        f"[Service]\nExecStart=\nExecStart=/bin/sh -c '{probe.replace('$', '$$')}'\n"
        f"WorkingDirectory={FOLDER.replace('%', '%%')}\n",
    )
    try:
        place.sh(f"systemctl daemon-reload; systemctl start {name}.service")
    finally:
        place.sh(f"rm -r /run/systemd/system/{name}.service.d; systemctl daemon-reload")
    seen = place.sh(f"journalctl -o cat -u {name}.service -t sh")
    assert seen.split("\n") == ["wrote .", "key", ""]


def test_another_systemd_knows_the_same_walls(tmp_path: Path) -> None:
    job = Job(
        folder="/srv/bakker",
        programme=("/bin/true",),
        user="assess",
        manager=Manager.SYSTEMD,
        scope=Scope.SYSTEM,
        cadence=monthly(),
    )
    machine = Machine("ubuntu", tmp_path, token())
    try:
        for unit, text in units(job).items():
            machine.write(f"/etc/systemd/system/{unit}", text)
        machine.run("systemctl daemon-reload; mkdir /srv/bakker; chown assess: /srv/bakker")
        assert open_walls(machine, f"{job.name}.service") == (OPEN, SCORE)
        machine.run(f"systemd-analyze verify {job.name}.timer {job.name}-failed.service")
        machine.run(f"systemctl start {job.name}.service")
    finally:
        machine.close()


def test_secrets_come_from_the_file_and_from_the_credential_that_were_named(place: Place) -> None:
    secrets = (
        "{password: {env: LAB_SECRET}, sudo_password: "
        '{command: [sh, -c, cat "$CREDENTIALS_DIRECTORY/sudo"]}}'
    )
    place.sh("cp assessment.yaml kept; umask 077; echo over-there >/srv/sudo; rm -rf runs")
    place.machine.write("/srv/lab.env", 'LAB_SECRET="p w $HOME %h # x"\n')
    place.machine.write("/srv/settings", SETTINGS.replace("SECRETS", secrets))
    place.sh("cat /srv/settings >assessment.yaml")
    words = ("schedule", "install", "--weekly", "--environment-file", "/srv/lab.env")
    rest = ("--credential", "sudo=/srv/sudo", "--", "--checks", "checks")
    try:
        place.sh("chmod 644 /srv/lab.env")
        refused = place.assess(*words, *rest)
        assert refused.code == 2
        assert "chmod 600" in refused.out
        place.sh("chmod 600 /srv/lab.env")
        done = place.assess(*words, *rest)
        assert done.code == 0, done.out
        assert "not set there" not in done.out
        name = place.status()["installed"]["name"]
        place.machine.write(
            "/srv/probe",
            "#!/bin/sh\nenv | grep -c '^LAB_SECRET=p w $HOME %h # x$'\n"
            'cat "$CREDENTIALS_DIRECTORY/sudo"\n',
            0o755,
        )
        place.machine.write(
            f"/run/systemd/system/{name}.service.d/probe.conf",
            "[Service]\nExecStartPre=/srv/probe\n",
        )
        place.sh("systemctl daemon-reload")
        done = place.assess("schedule", "run-now")
        assert done.code in {0, 1, 3}, place.sh(f"journalctl -u {name}.service")
        seen = place.sh(f"journalctl -o cat -u {name}.service -t probe")
        assert seen.splitlines() == ["1", "over-there"]
        where = ".assess runs /etc/systemd/system /var/lib/systemd"
        assert place.sh(f"grep -rlaF -e 'p w $HOME' -e over-there {where} || :") == ""
    finally:
        place.sh("rm -rf /run/systemd/system/assess-*; mv kept assessment.yaml")
        place.assess("schedule", "remove")


def test_a_file_of_variables_means_to_assess_what_it_means_to_systemd(place: Place) -> None:
    text = (
        "# a comment\n; another\n\nONE=plain\nTWO = no name\nTHREE=with spaces within  \n"
        "FOUR='single $x %h # '\nFIVE=\"double ' ` $y \"\nSIX=\nSEVEN=a#b\nEIGHT=é\n"
    ).replace("TWO = no name\n", "")
    place.machine.write("/srv/variables", text, 0o600)
    out = place.sh(
        "systemd-run --quiet --pipe --wait -p EnvironmentFile=/srv/variables "
        "sh -c 'env | grep -E \"^(ONE|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT)=\"'"
    )
    read = dict(line.split("=", 1) for line in out.splitlines())
    assert read == parse(text, Path("variables"))


def test_two_folders_do_not_get_in_each_others_way_and_nothing_is_left(place: Place) -> None:
    place.sh("rm -rf /srv/other; mkdir -p /srv/other; cp -r . /srv/other/bakker; rm -rf runs")
    place.sh("chown -R assess: /srv/other")
    other = Place(place.machine, "/srv/other/bakker")
    before = place.sh("find /etc /var/lib/systemd -newer /etc/hostname -o -name 'assess*' | sort")
    names = set()
    for each in (place, other):
        done = each.assess("schedule", "install", "--weekly", "--", "--checks", "checks")
        assert done.code == 0, done.out
        names.add(each.status()["installed"]["name"])
    assert len(names) == 2
    # A copy of a folder with a schedule has none; removing "its" leaves the other's alone.
    place.sh("cp -rp /srv/other/bakker /srv/other/copy")
    copy = Place(place.machine, "/srv/other/copy")
    assert copy.status() == {"installed": None}
    copy.assess("schedule", "remove")
    assert other.status()["active"] is True
    # A folder that was moved takes its schedule away under its old name.
    place.sh("mv /srv/other/bakker /srv/other/moved")
    moved = Place(place.machine, "/srv/other/moved")
    told = moved.assess("schedule", "status")
    assert told.code == 1
    assert "the folder was moved here from /srv/other/bakker" in told.out
    assert moved.assess("schedule", "remove").out == "Removed.\n"
    assert place.status()["active"] is True
    assert place.assess("schedule", "remove").code == 0
    assert before == place.sh(
        "find /etc /var/lib/systemd -newer /etc/hostname -o -name 'assess*' | sort"
    )
    assert place.sh("systemctl list-units --all --no-legend 'assess-*'") == ""
    assert "schedule" not in place.sh("ls .assess 2>/dev/null || :")


def test_the_systemd_of_a_user(place: Place) -> None:
    place.open_gate()
    place.sh(
        "uid=$(id -u assess); mkdir -p /run/user/$uid; chown assess /run/user/$uid\n"
        "chmod 700 /run/user/$uid\n"
        "systemd-run --quiet --unit=users --uid=assess -p Type=notify -p NotifyAccess=all "
        "-p Delegate=yes -E XDG_RUNTIME_DIR=/run/user/$uid -E HOME=/home/assess "
        "/lib/systemd/systemd --user"
    )
    words = ("schedule", "install", "--cron", "30 9 * * 1-5", "--", "--checks", "checks")
    done = place.assess(*words, user="assess")
    assert done.code == 0, done.out
    assert "loginctl enable-linger" in done.out
    told = place.assess("schedule", "status", user="assess")
    assert told.code == 0
    assert "by a timer of this user's systemd" in told.out
    done = place.assess("schedule", "run-now", user="assess")
    assert done.code in {0, 1, 3}, done.out
    refused = place.assess("schedule", "remove")
    assert refused.code == 2
    assert "do this as assess" in refused.out
    total = place.sh(
        "systemd-analyze security --no-pager --offline=yes "
        "$(ls /home/assess/.config/systemd/user/assess-*.service | grep -v failed)"
    )
    (score,) = re.findall(r"exposure level for \S+: ([\d.]+)", total)
    assert f"**{score}**" in (ROOT / "docs/schedule.md").read_text()
    assert place.assess("schedule", "remove", user="assess").code == 0
    left = place.sh("find /home/assess/.config /home/assess/.local -name '*assess-*' || :")
    assert "assess-" not in left.replace("/home/assess/", "")
    place.sh("systemctl stop users.service")


def test_cron_starts_what_is_due_and_says_nothing_when_nothing_is(place: Place) -> None:
    place.open_gate()
    place.sh("rm -rf runs; echo '5 5 * * * true # mine' | crontab -u assess -")
    words = ("schedule", "install", "--monthly", "--with", "cron", "--", "--checks", "checks")
    done = place.assess(*words, user="assess")
    assert done.code == 0, done.out
    (mine, line) = place.sh("crontab -u assess -l").splitlines()
    assert mine == "5 5 * * * true # mine"
    place.move_back()
    # Cron itself starts it, at the next full minute instead of once an hour.
    place.close_gate()
    place.machine.write("/srv/table", f"{mine}\n*{line[line.index(' ') :]}\n")
    out = place.sh(
        "crontab -u assess /srv/table; systemctl start cron\n"
        f"timeout 90 sh -c 'echo go >{GATE}' || echo rc=$?\n"
        "timeout 60 flock .assess/schedule.lock true || echo rc=$?"
    )
    assert "rc=" not in out, place.sh("journalctl -u cron; cat .assess/schedule*; ps axf")
    assert len(place.runs()) == 1
    assert place.status()["last"]["ending"] == "ended"
    quiet = place.assess("schedule", "run", "--if-due", user="assess")
    assert (quiet.code, quiet.out) == (0, "")
    assert place.assess("schedule", "remove", user="assess").code == 0
    assert place.sh("crontab -u assess -l") == "5 5 * * * true # mine\n"


def test_the_crontab_of_the_machine(place: Place) -> None:
    words = ("schedule", "install", "--monthly", "--with", "cron", "--", "--checks", "checks")
    assert place.assess(*words).code == 0
    written = place.sh("cat /etc/cron.d/assess-*")
    assert re.search(r"^\d+ \* \* \* \* assess /usr/local/bin/assess schedule", written, re.M)
    refused = place.assess("schedule", "run-now")
    assert refused.code == 2
    assert "run it as the owner" in refused.out
    assert place.assess("schedule", "remove").code == 0
    assert place.sh("ls /etc/cron.d | grep assess || :") == ""
