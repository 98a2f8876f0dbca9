"""The readers of the check on access logging."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.access_logging.audit import count_rules, oldest_record, read_status
from checks.access_logging.bsm import oldest_trail, read_control
from checks.access_logging.journald import read_journal
from checks.access_logging.logins import oldest_log_in
from checks.access_logging.logrotate import kept_days
from checks.access_logging.syslog import read_syslog, selects_log_ins
from checks.access_logging.syslog_ng import targets

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
    (file,) = read_syslog(found, 2_000).files
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
    syslog = read_syslog(found, 2_000)
    assert [file.path for file in syslog.files] == ["/srv/log/secure"]
    assert syslog.sent_to == ("logs.example.nl", "relp.example.nl")


def test_files_without_a_running_daemon_count_for_nothing() -> None:
    assert read_syslog((("log", "1000 9 /var/log/auth.log"),), 2_000).files == ()


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


SYSLOG_NG = """\
destination d_auth { file("/var/log/auth.log"); };
destination d_all { file("/var/log/all"); };
destination d_far {
  network(
    "logs.example.nl" port(6514)
  );
};
filter f_auth { facility(auth, authpriv) and not filter(f_dbg); };
filter f_rest { not facility(auth, authpriv, mail); };
filter f_bad { level(warn .. emerg); };
log { source(s_src); filter(f_auth); destination(d_auth); };
log { source(s_src); filter(f_rest); destination(d_all); };
log { source(s_src); filter(f_bad); destination(d_far); };
"""


def _syslog_ng(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(("syslog_ng", line) for line in text.splitlines())


def test_files_and_hosts_of_syslog_ng() -> None:
    assert targets(_syslog_ng(SYSLOG_NG)) == (("/var/log/auth.log",), ())
    sent = SYSLOG_NG.replace("filter(f_bad); ", "")
    assert targets(_syslog_ng(sent))[1] == ("logs.example.nl",)
    assert targets(_syslog_ng(SYSLOG_NG[:-60]))[0] == ("/var/log/auth.log",)
    assert targets(_syslog_ng("log { source(s); destination(d_auth)"))[0] == ()


@pytest.mark.parametrize(
    ("stamp", "oldest"),
    [
        ("2026-01-02T03:04:05.678901+00:00", 1767323045),
        ("2026-01-02T03:04:05", None),  # of no known zone
        ("Jan  2 03:04:05", 1767323045),
        ("Dec  2 03:04:05", 1764644645),  # of the year before
        ("Foo 99 03:04:05", None),
    ],
)
def test_time_stamp_of_the_first_line(stamp: str, oldest: int | None) -> None:
    found = (
        ("process", "rsyslogd"),
        ("log", "1770000000 5 /var/log/auth.log"),
        ("first", f"/var/log/auth.log {stamp}"),
    )
    (file,) = read_syslog(found, 1_770_000_000).files
    assert file.oldest == oldest


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (("wtmp", "/var/log/wtmp  1700000000 812345 "), 1_700_000_000),
        (("wtmp", "/var/log/wtmp  0 1700000000 "), 1_700_000_000),  # 64 bits for the time
        (("wtmp", "/var/log/wtmp  -5 17 "), None),
        (("wtmpdb", "2023-11-14T22:13:20+0000"), 1_700_000_000),
        (("wtmpdb", "yesterday"), None),
    ],
)
def test_first_log_in_record(record: tuple[str, str], expected: int | None) -> None:
    assert oldest_log_in((record,), 1_800_000_000) == expected


CONTROL = (
    "==> /etc/security/audit_control <==\n"
    "dir:/var/audit\nflags:{flags}\nminfree:5\nexpire-after:{expiry}\n"
    "\n==> /dev/null <==\n"
)


@pytest.mark.parametrize(
    ("expiry", "expires", "sooner"),
    [
        ("180d", 180, None),
        ("48h", 2, None),
        ("1y", 365, None),
        ("10M", None, None),
        ("60d OR 5G", None, 60),
        ("60d AND 5G", 60, None),
        ("60d OR 90d", 60, None),
    ],
)
def test_expiry_of_the_trail(expiry: str, expires: int | None, sooner: int | None) -> None:
    control = read_control(CONTROL.format(flags="lo,aa", expiry=expiry))
    assert control is not None
    assert (control.expires_days, control.may_go_sooner) == (expires, sooner)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("lo,aa", True), ("all", True), ("all,^-lo", False), ("-lo,aa", False), ("+lo,-lo", True)],
)
def test_flags_of_the_trail(flags: str, expected: bool) -> None:
    control = read_control(CONTROL.format(flags=flags, expiry="60d"))
    assert control is not None
    assert control.log_ins is expected


def test_trail_that_is_not_written_shows_nothing() -> None:
    old, end = "20260101000000.20260102000000\n", "\n/var/empty:\n"
    assert oldest_trail(old + end) is None
    assert oldest_trail(old + "20260102000000.not_terminated\n" + end) == 1767225600
    assert oldest_trail(old + "20260102000000.not_terminated\n") is None
    assert oldest_trail("20261399000000.not_terminated\n" + end) is None
