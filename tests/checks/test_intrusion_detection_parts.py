"""The readers of the check on intrusion detection."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from checks.intrusion_detection.answers import read_agent, read_files, read_jails, read_watched
from checks.intrusion_detection.host import Host, read_host

STATUS = "Status\n|- Number of jail:\t2\n`- Jail list:\trecidive, sshd\n"
STATE = """\
status='connected'
last_keepalive='2026-11-28 14:39:52'
msg_sent='12928'
msg_buffer='0'
"""


def _host(*lines: str) -> Host:
    host = read_host("\n".join([*lines, "complete", f"end {len(lines) + 1}"]) + "\n")
    assert host is not None
    return host


def test_jails() -> None:
    assert read_jails(STATUS) == ("recidive", "sshd")
    assert read_jails("Status\n|- Number of jail:\t0\n`- Jail list:\t\n") == ()
    for damaged in ("", STATUS[:-1], STATUS[:-4], STATUS.replace("2", "3"), "ERROR  denied\n"):
        assert read_jails(damaged) is None


def test_watched_files() -> None:
    text = "Current monitored log file(s):\n|- /var/log/auth.log\n`- /var/log/secure\n"
    assert read_watched(text) == ("/var/log/auth.log", "/var/log/secure")
    assert read_watched("No file is currently monitored\n") == ()
    for damaged in ("", "No file", text[:-1], text.replace("`-", "|-"), "NOK: ('sshd',)\n"):
        assert read_watched(damaged) is None


def test_wazuh_agent() -> None:
    agent = read_agent(STATE)
    assert agent is not None
    assert agent.connected
    assert agent.kept_alive == datetime(2026, 11, 28, 14, 39, 52, tzinfo=UTC)
    pending = read_agent(STATE.replace("connected", "pending"))
    assert pending is not None
    assert not pending.connected
    for damaged in ("", STATE[:-12], STATE.replace("14:39", "77:39"), STATE.replace("status", "x")):
        assert read_agent(damaged) is None


def test_files_whose_line_was_cut_off_are_none() -> None:
    text = "1795872456_726_/var/lib/aide/aide.db\n1795872456_1078_/var/log/aide/aide.log\n"
    assert read_files(text)["/var/log/aide/aide.log"].size == 1078
    assert list(read_files(text[:-1])) == ["/var/lib/aide/aide.db"]
    assert read_files("stat: cannot statx '/var/lib/aide/aide.db'\n") == {}


def test_the_last_setting_of_a_jail_counts() -> None:
    host = _host("jail DEFAULT false", "jail sshd true", "jail nginx off", "jail sshd no")
    assert dict(host.jails) == {"sshd": False, "nginx": False}
    assert host.jails_seen
    assert not _host("jail sshd true", "jails unseen").jails_seen
    assert not _host("tool fail2ban-client").jails_seen


@pytest.mark.parametrize(
    ("run", "ended"),
    [
        ("dailyaidecheck.service 0 Fri 2026-11-27 02:31:07 UTC", True),
        ("aidecheck.service 7 Fri 2026-11-27 02:31:07 UTC", True),  # new, gone and changed files
        ("aidecheck.service 14 Fri 2026-11-27 02:31:07 UTC", False),  # AIDE's error
        ("aidecheck.service 0 Fri 2026-11-31 02:31:07 UTC", False),
        ("aidecheck.service 0 Fri 2026-11-27 02:31:07 CET", False),
        ("samhain.service 0 Fri 2026-11-27 02:31:07 UTC", False),
        ("aidecheck.service", False),
    ],
)
def test_a_comparison_that_ended_well(run: str, ended: bool) -> None:
    assert (_host(f"run {run}").compared is not None) is ended


def test_counts_of_one_kind_are_added() -> None:
    host = _host("count acquisitions 0", "count acquisitions 1", "count scenarios x")
    assert dict(host.counts) == {"acquisitions": 1}
