"""The readers of the check on access logging."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.access_logging.audit import count_rules, oldest_record, read_status
from checks.access_logging.journald import read_journal
from checks.access_logging.logrotate import kept_days
from checks.access_logging.syslog import read_syslog, selects_log_ins

STATUS = """\
enabled 1
flag 2
pid 547
rate_limit 0
backlog_limit 8192
lost 3
backlog 0
loginuid_immutable 0 unlocked
"""


def test_audit_status() -> None:
    status = read_status(STATUS)
    assert status is not None
    assert (status.recording, status.lost) == (True, 3)
    for quiet in (STATUS.replace("enabled 1", "enabled 0"), STATUS.replace("pid 547", "pid 0")):
        off = read_status(quiet)
        assert off is not None
        assert not off.recording
    for damaged in ("", STATUS[:-20], "You must be root to run this program.\n"):
        assert read_status(damaged) is None


def test_audit_rules() -> None:
    assert count_rules("No rules\n") == 0
    assert count_rules("-w /etc/passwd -p wa -k x\n-a always,exit -S unlink\n") == 2
    assert count_rules("Operation not permitted\n") is None


def test_audit_range_takes_the_oldest_file() -> None:
    lines = (
        "/var/log/audit/audit.log.1: 01/02/26 10:00:00.000 - 02/01/26 00:00:00.000\n"
        "/var/log/audit/audit.log: 02/01/2026 00:00:00.000 - 02/03/2026 00:00:00.000\n"
    )
    head = "\nLog Time Range Report\n=====================\n"
    assert oldest_record(head + lines) == 1767348000  # 2026-01-02T10:00:00Z
    assert oldest_record(head + lines.splitlines()[0] + "\n") is None
    assert oldest_record(head) is None
    assert oldest_record(head + lines.replace("01/02", "13/45")) is None


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("auth,authpriv.*", True),
        ("authpriv.*", True),
        ("*.*", True),
        ("*.info;mail.none;cron.none", True),
        ("*.info;mail.none;authpriv.none;cron.none", True),  # auth is left
        ("*.*;auth,authpriv.none", False),
        ("authpriv.warning", False),
        ("kern.*", False),
        ("$ModLoad", False),
    ],
)
def test_selectors(selector: str, expected: bool) -> None:
    assert selects_log_ins(selector) is expected


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ("/var/log/auth.log {|rotate 52|weekly|}", 364),
        ("/var/log/auth.log {|rotate 12|monthly|}", 365),
        ("/var/log/*.log {|daily|rotate 90|maxage 30|}", 30),
        (
            "/var/log/x|/var/log/auth.log|{|rotate 4|weekly|postrotate|/x rotate 99|endscript|}",
            28,
        ),
        ("/var/log/auth.log {|rotate 9|size 10M|}", None),
        ("/var/log/auth.log {|rotate -1|weekly|}", None),
        ("weekly|rotate 8|/var/log/auth.log {|missingok|}", 56),
        ("/var/log/other.log {|rotate 4|weekly|}", None),
        ("", None),
    ],
)
def test_logrotate(rules: str, days: int | None) -> None:
    records = [("logrotate_file", "/etc/logrotate.conf")]
    records += [("logrotate", line) for line in rules.split("|")]
    assert kept_days(tuple(records), "/var/log/auth.log") == days


def test_log_file_that_was_just_rotated() -> None:
    found = (
        ("process", "rsyslogd"),
        ("log", "1000 0 /var/log/auth.log"),
        ("log", "900 5 /var/log/auth.log.1"),
        ("log", "100 5 /var/log/auth.log.2.gz"),
        ("log", "1 0 /var/log/auth.log.3.gz"),
        ("log", "2 5 /var/log/auth.log.backup"),
    )
    (file,) = read_syslog(found).files
    assert (file.changed, file.oldest) == (900, 100)


def test_files_and_hosts_of_rsyslog() -> None:
    found = (
        ("process", "rsyslogd"),
        ("rsyslog", "authpriv.*    /srv/log/secure"),
        ("rsyslog", "*.*  @@(o)logs.example.nl:6514"),
        ("rsyslog", "kern.*  @kernel.example.nl"),
        ("rsyslog", "*.* @127.0.0.1:10514"),
        ("rsyslog", "action("),
        ("rsyslog", 'type="omrelp"'),
        ("rsyslog", 'target="relp.example.nl"'),
        ("log", "5 5 /srv/log/secure"),
    )
    syslog = read_syslog(found)
    assert [file.path for file in syslog.files] == ["/srv/log/secure"]
    assert syslog.sent_to == ("logs.example.nl", "relp.example.nl")


def test_files_without_a_running_daemon_count_for_nothing() -> None:
    assert read_syslog((("log", "1000 9 /var/log/auth.log"),)).files == ()


def test_journald_settings_and_file_names() -> None:
    found = (
        ("process", "journald"),
        ("journald_file", "/etc/systemd/journald.conf"),
        ("journald", "Storage=volatile"),
        ("journald", "MaxRetentionSec=1year 2w"),
        ("journald_file", "/usr/lib/systemd/journald.conf.d/10-a.conf"),
        ("journald", "Storage=none"),
        ("journald_file", "/etc/systemd/journald.conf.d/10-a.conf"),
        ("journald", "Storage = persistent"),
        ("journal_folder", "100"),
        ("journal", "0 5000 8 system.journal"),
        ("journal", f"0 4000 8 system@{'a' * 32}-{1:016x}-{2_000_000_000:016x}.journal"),
        ("journal", f"0 4000 8 system@{1_000_000_000:016x}-{7:016x}.journal~"),
        ("journal", "0 4000 8 user-1000.journal"),
    )
    journal = read_journal(found)
    assert journal.lasting
    assert journal.keep_days == 365 + 14
    assert (journal.oldest, journal.since, journal.changed) == (1000, 100, 5000)


@pytest.mark.parametrize("setting", ["MaxLevelStore=warning", "Storage=none", "Storage=volatile"])
def test_journald_that_keeps_no_log_ins(setting: str) -> None:
    found = (
        ("process", "journald"),
        ("journald_file", "/etc/systemd/journald.conf"),
        ("journald", setting),
        ("journal", "0 5000 8 system.journal"),
    )
    assert not read_journal(found).lasting


def test_the_samples_of_this_check_hold_no_log_text() -> None:
    """The script prints names, sizes and times of logs, never what stands in them."""
    folder = Path(__file__).parents[2] / "checks" / "access_logging" / "samples"
    outputs = [path.read_text() for path in folder.glob("*/logging.stdout")]
    assert outputs
    assert not any("Accepted " in output or "session opened" in output for output in outputs)
