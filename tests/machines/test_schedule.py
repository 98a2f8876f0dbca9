"""Schedules under a real systemd: they fire, catch up, never double, and are walled in."""

from __future__ import annotations

import re
from pathlib import Path

from assessor.history.schedule.cadence import monthly
from assessor.history.schedule.job import Job, Manager, Scope
from assessor.history.schedule.systemd import units
from tests.lab.machine import Machine
from tests.machines.scene import token
from tests.machines.scheduled import (
    FOLDER,
    GATE,
    OPEN,
    ROOT,
    SCORE,
    Place,
    name,
    open_walls,
    place,
)

__all__ = ["name", "place"]  # fixtures


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
    place.sh(place.follow(f"{name}.service", "gate_check\\|Report for yourself:"))
    # The last start returns with the one that the timer may have begun just before it was stopped.
    place.sh(
        f"systemctl start {name}.service; systemctl start {name}.service; "
        f"systemctl stop {name}.timer; systemctl start {name}.service"
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
        f"{place.follow(f'{name}.service', 'Report for yourself:')} systemctl start {name}.service"
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
