"""The script of the check on access logging, on this machine with logs and settings of our own."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest

from assessor.model.finding import Outcome
from tests.checks.realhost import RealHost, needs_replacing

MEASURE = "access-logging"
DAY = 86_400
SETTINGS = "/var/log/auth.log {\n  rotate %s\n  weekly\n}\n"
UTMP = struct.Struct("=hxxi32s4s32s256shhiii16s20x")
"""A record of ``utmp(5)`` with 32 bits for the time: 384 bytes."""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, Path]:
    """Folders that take the place of the machine's own settings and logs."""
    replaced = {}
    for path in ("/var/log", "/etc/logrotate.d", "/etc/rsyslog.d"):
        replaced[path] = tmp_path / path.strip("/").replace("/", "_")
        replaced[path].mkdir()
    return replaced


def _log(machine: dict[str, Path], name: str, text: str, days: float = 0) -> None:
    path = machine["/var/log"] / name
    path.write_text(text)
    then = time.time() - days * DAY
    os.utime(path, (then, then))


def _outcome(machine: dict[str, Path], running: str) -> tuple[Outcome, str]:
    """The judgement, with a process that is not run here added to the real answer."""
    host = RealHost("access_logging", machine)
    answer = host.run("logging")
    lines = [
        line
        for line in answer.stdout.splitlines()[:-2]
        if not line.startswith(("process ", "hidden"))
    ]
    lines = [f"process {running}", *lines, "complete"]
    text = "\n".join([*lines, f"end {len(lines)}", ""])
    judged = host.judge(type(answer)("logging", text, "", 0, answer.at))[MEASURE]
    return judged.outcome, judged.message.id


@needs_replacing
def test_finding_follows_the_setting_of_logrotate(machine: dict[str, Path]) -> None:
    _log(machine, "auth.log", "x\n")
    _log(machine, "auth.log.1", "x\n", days=7)
    for rotate, expected in (
        ("4", (Outcome.FAIL, "too_short")),
        ("20", (Outcome.PASS, "set_to_keep")),
    ):
        (machine["/etc/logrotate.d"] / "rsyslog").write_text(SETTINGS % rotate)
        assert _outcome(machine, "rsyslogd") == expected


@needs_replacing
def test_first_line_of_a_log_shows_its_age_and_none_of_its_text(machine: dict[str, Path]) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000001+00:00", time.gmtime(time.time() - 120 * DAY))
    _log(machine, "auth.log", f"{stamp} host sshd[1]: Accepted publickey for piet\n")
    answer = RealHost("access_logging", machine).run("logging")
    assert f"first /var/log/auth.log {stamp}" in answer.stdout.splitlines()
    assert "piet" not in answer.stdout
    assert _outcome(machine, "rsyslogd") == (Outcome.PASS, "kept")
    _log(machine, "auth.log", "no time stamp\n")
    assert _outcome(machine, "rsyslogd") == (Outcome.UNKNOWN, "age_not_seen")


@needs_replacing
def test_settings_of_rsyslog_are_followed(machine: dict[str, Path]) -> None:
    rules = machine["/etc/rsyslog.d"] / "50-central.conf"
    rules.write_text('*.* action(type="omfwd"\n  target="logs.example.nl" port="514")\n')
    assert _outcome(machine, "rsyslogd") == (Outcome.UNKNOWN, "kept_elsewhere")
    rules.write_text('if $msg contains "x" then {\n  action(type="omfile" file="/srv/x")\n}\n')
    assert _outcome(machine, "rsyslogd") == (Outcome.UNKNOWN, "rules_not_understood")
    rules.unlink()
    assert _outcome(machine, "rsyslogd")[0] is Outcome.FAIL


@needs_replacing
def test_age_of_the_log_in_records(machine: dict[str, Path]) -> None:
    then = int(time.time()) - 40 * DAY
    first = UTMP.pack(7, 1, b"pts/0", b"ts/0", b"piet", b"192.0.2.1", 0, 0, 1, then, 7, b"")
    assert len(first) == 384
    (machine["/var/log"] / "wtmp").write_bytes(first * 2)
    host = RealHost("access_logging", machine)
    answer = host.run("logging")
    assert "piet" not in answer.stdout
    judged = host.judge(answer)[MEASURE]
    assert judged.observed["login_records_days"] == 40
