"""The readers of the check on screen locks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assessor.model.capture import Captured
from assessor.model.check import Captures
from assessor.model.finding import Outcome
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.screen_lock.kde import judge_kde, read_kde
from checks.screen_lock.lockers import judge_lockers, read_lockers
from checks.screen_lock.macos import judge, read_mac
from checks.screen_lock.people import People
from checks.screen_lock.shells import Kind, read_shells
from checks.screen_lock.sshd import Seen, read_sshd

NOW = datetime(2026, 11, 28, tzinfo=UTC)
VERSION = ("ssh_version", "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026")
FILE = ("sshd_readable", "/etc/ssh/sshd_config")
END = "pubkeyauthoptions none"
PENALTIES = (
    "persourcepenalties crash:90 max-sources6:65536 overflow:permissive overflow6:permissive"
)


def _captures(said: str | None = None) -> Captures:
    target = Target("x", Role.SERVER, TransportKind.SSH, Platform.LINUX, address="x.example")
    answers = (
        {} if said is None else {"sshd_effective": Captured("sshd_effective", said, "", 0, NOW)}
    )
    return Captures(target, NOW, answers)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("session:*=15m", 900),
        ("session:shell=1h30m", 5400),
        ("session:*=900", 900),
        ("*=5M", 300),
        ("agent-connection=1m session:*=10m", 600),
        ("session:command=1m session:*=10m", 600),
        ("session:shell=0 global=10m", 600),
        ("global=20m session:*=10m", 600),
        ("session:command=5m", None),
        ("session:*=0", None),
        ("session:*=soon", None),
        ("none", None),
        ("", None),
    ],
)
def test_channel_timeout(value: str, seconds: int | None) -> None:
    found = (VERSION, FILE, ("sshd", f"ChannelTimeout {value}"))
    assert read_sshd(_captures(), found).idle_s == seconds
    said = f"clientaliveinterval 0\nchanneltimeout {value}\n{END}\n"
    assert read_sshd(_captures(said), found).idle_s == seconds


@pytest.mark.parametrize(
    ("end", "seen"),
    [
        (END, Seen.EFFECTIVE),
        (f"{END}\n{PENALTIES}", Seen.EFFECTIVE),
        (f"{END}\npersourcepenalties no", Seen.EFFECTIVE),
        ("", Seen.NOT),
        (END[:-1], Seen.NOT),
        (f"{END}\n{PENALTIES[:-1]}", Seen.NOT),
    ],
)
def test_sshd_that_was_cut_off(end: str, seen: Seen) -> None:
    said = f"clientaliveinterval 0\nchanneltimeout session:*=15m\n{end}\n"
    closed = (VERSION, ("sshd_unreadable", "/etc/ssh/sshd_config"))
    assert read_sshd(_captures(said), closed).seen is seen


def test_sshd_too_old_for_the_setting() -> None:
    old = ("ssh_version", "OpenSSH_8.4p1 Debian-5+deb11u3, OpenSSL 1.1.1w  11 Sep 2023")
    found = (old, FILE, ("sshd", "ChannelTimeout session:*=15m"))
    assert read_sshd(_captures(), found).idle_s is None


def test_a_match_block_ends_with_its_file() -> None:
    found = (
        FILE,
        ("sshd_file", "/etc/ssh/sshd_config.d/10.conf"),
        ("sshd", "Match User piet"),
        ("sshd_file", "/etc/ssh/sshd_config"),
        ("sshd", "ChannelTimeout session:*=15m"),
    )
    sshd = read_sshd(_captures(), found)
    assert (sshd.matched, sshd.idle_s) == (False, 900)


def test_an_unknown_include_leaves_the_files_open() -> None:
    for path, seen in (("/etc/ssh/extra/*.conf", Seen.NOT), ("sshd_config.d/*.conf", Seen.FILES)):
        assert read_sshd(_captures(), (FILE, ("sshd", f"Include {path}"))).seen is seen


@pytest.mark.parametrize(
    ("shell", "kind"),
    [
        ("/bin/bash", Kind.BASH),
        ("/usr/bin/ksh", Kind.PROFILE),
        ("/bin/sh", Kind.NEVER),
        ("/bin/ash", Kind.UNKNOWN),
        ("/usr/bin/zsh", Kind.ZSH),
        ("/opt/own/shell", Kind.UNKNOWN),
    ],
)
def test_kinds_of_shells(shell: str, kind: Kind) -> None:
    found = (("account", f"piet {shell}"), ("sh", "/usr/bin/dash"))
    assert read_shells(found).accounts[0].kind is kind


PIET = People(("piet",), False, "assess")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("[Daemon][$ei]", "Timeout=10"), "locked_for_all"),
        (("[Daemon]", "Timeout[$i]=10", "Autolock[$i]=true"), "users_may_change"),
        (("[Other][$i]", "Timeout=10"), "users_may_change"),
        (("[Daemon][$i]", "RequirePassword=false"), "standard_never"),
        (("[Daemon][$i]", "Timeout=0"), "standard_never"),
        (("[Daemon][$i]", "Timeout=14", "LockGrace=120"), "standard_too_late"),
    ],
)
def test_plasma_files(lines: tuple[str, ...], message: str) -> None:
    file = ("kde_file", "system /etc/xdg/kscreenlockerrc")
    found = (file, *(("kde", line) for line in lines), ("kde_unseen", "piet"))
    assert judge_kde(read_kde(found), PIET, 900).message == message


def test_nobody_to_see() -> None:
    verdict = judge_kde(read_kde(()), People((), False, "assess"), 900)
    assert (verdict.outcome, verdict.message) == (Outcome.UNKNOWN, "unseen_may_change")


SEEN = ("processes", "seen")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("swayidle swayidle -w timeout 300 swaylock -f timeout 600 swaymsg x", "locker_runs"),
        ("swayidle swayidle -w timeout 60 notify-send x timeout 600 gtklock", "locker_runs"),
        ("swayidle swayidle -w timeout 3600 swaylock", "locker_too_late"),
        ("swayidle swayidle -w timeout 60 notify-send x before-sleep swaylock", "locker_never"),
        ("swayidle swayidle -w", "locker_unread"),
        ("xautolock xautolock -time soon", "locker_unread"),
        ("hypridle hypridle", "locker_unread"),
        ("xscreensaver xscreensaver", "locker_unread"),
    ],
)
def test_lockers(command: str, message: str) -> None:
    found = (SEEN, ("locker", f"1000 {command}"), ("session", "1000 sway"))
    assert judge_lockers(["sway"], read_lockers(found), 900).message == message


def test_one_locker_that_locks_in_time_is_enough() -> None:
    found = (
        SEEN,
        ("locker", "1000 xss-lock xss-lock i3lock"),
        ("locker", "1000 xautolock xautolock -time 5"),
    )
    assert judge_lockers(["i3"], read_lockers(found), 900).message == "locker_runs"


def test_a_mac_with_settings_for_one_user_only() -> None:
    """What is managed for one user says nothing of the others."""
    found = (
        ("self", "piet"),
        ("person", "piet"),
        ("person", "anna"),
        ("managed_user", "idleTime 300"),
        ("managed_user", "askForPassword 1"),
        ("managed_user", "askForPasswordDelay 0"),
        ("screen_lock", "delay is immediate"),
    )
    assert judge(read_mac(found), 15).message == "mac_users_unseen"
    alone = tuple(record for record in found if record != ("person", "anna"))
    assert judge(read_mac(alone), 15).message == "mac_locks"


def test_a_mac_that_never_starts_its_screen_saver() -> None:
    mac = read_mac(
        (
            ("managed", "idleTime 0"),
            ("managed", "askForPassword 1"),
            ("managed", "askForPasswordDelay 0"),
            ("display_sleep", "0"),
        )
    )
    assert judge(mac, 15).message == "managed_never"
