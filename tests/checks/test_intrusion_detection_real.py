"""A real fail2ban and a real AIDE: what they watch is made true and false."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor.api import Captured, Judgement, Outcome
from tests.checks.realhost import RealHost
from tests.checks.scenario import need, play, script

MEASURE = "intrusion-detection"
ANSWERING = r"""
for folder in /var/log /var/lib/fail2ban /etc/fail2ban/jail.d; do mount -t tmpfs tmpfs $folder; done
mkdir -p /run/fail2ban
jails() { echo "== $1.fail2ban_jails"; fail2ban-client status 2>/dev/null; echo "exit $?"; }
logs() { echo "== $1.fail2ban_logs"; fail2ban-client get sshd logpath 2>/dev/null; echo "exit $?"; }
begin() { fail2ban-server -f -x --logtarget /run/log start >/dev/null 2>&1 & server=$!; }
started() { fail2ban-client status; }
end() { kill $server; wait $server; }
all() { ask "$1.watchers" "$SCRIPT"; jails "$1"; logs "$1"; }
"""
FAIL2BAN = (
    ANSWERING
    + r"""
# As Debian installs it, on a machine without rsyslog: it cannot start.
printf '[sshd]\nenabled = true\n' >/etc/fail2ban/jail.d/defaults-debian.conf
begin
wait $server
all no_log

: >/var/log/auth.log
printf '[sshd]\nbackend = polling\n' >/etc/fail2ban/jail.d/own.conf
begin
until_true started
all watching
rm /var/log/auth.log
all log_gone
end

printf '[sshd]\nenabled = false\n[recidive]\nenabled = true\nbackend = polling\n' \
    >/etc/fail2ban/jail.d/own.local
: >/var/log/fail2ban.log
begin
until_true started
all other_jail
end

printf '[sshd]\nenabled = false\n' >/etc/fail2ban/jail.d/own.local
begin
until_true started
all no_jails
end
echo "== done"
"""
)
TRUTH = {
    "no_log": (Outcome.FAIL, "not_running"),
    "watching": (Outcome.PASS, "watches_log_ins"),
    "log_gone": (Outcome.FAIL, "log_gone"),
    "other_jail": (Outcome.PASS, "watches_log_ins"),
    "no_jails": (Outcome.FAIL, "no_jails"),
}


def _host() -> RealHost:
    return RealHost("intrusion_detection")


def _captured(answers: dict[str, str], case: str) -> list[Captured]:
    """The answers of one case; the exit status stands at the end of a command's."""
    captured = [Captured("watchers", answers[f"{case}.watchers"], "", 0, datetime.now(UTC))]
    for probe in ("fail2ban_jails", "fail2ban_logs"):
        text, _, status = answers[f"{case}.{probe}"].rpartition("exit ")
        captured.append(Captured(probe, text, "", int(status), datetime.now(UTC)))
    return captured


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    """What fail2ban and the script answered in each case."""
    need(fail2ban_server="fail2ban", fail2ban_client="fail2ban")
    return play(FAIL2BAN, SCRIPT=script("intrusion_detection", "linux_watchers.sh"))


def _without_aide(capture: Captured) -> Captured:
    """The same machine without AIDE, which may be installed beside it."""
    lines = [line for line in capture.stdout.splitlines() if line != "tool aide"]
    lines[-1] = f"end {len(lines) - 1}"
    return Captured(capture.probe, "\n".join(lines) + "\n", "", 0, capture.at)


@pytest.mark.parametrize("case", TRUTH)
def test_verdict_follows_fail2ban(answers: dict[str, str], case: str) -> None:
    watchers, *others = _captured(answers, case)
    judged = _host().judge(_without_aide(watchers), *others)[MEASURE]

    assert (judged.outcome, judged.message.id) == TRUTH[case], answers[f"{case}.watchers"]


def test_ssh_that_is_not_watched_is_told(answers: dict[str, str]) -> None:
    judged = _host().judge(*_captured(answers, "other_jail"))[MEASURE]

    assert "ssh_not_watched" in [message.id for message in judged.advice]


def test_without_rights_a_running_fail2ban_is_unknown(answers: dict[str, str]) -> None:
    watchers, *_ = _captured(answers, "watching")
    judged = _host().judge(_without_aide(watchers))[MEASURE]

    assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "not_observed")


AIDE = r"""
# Debian makes both with the package aide-common, which its package aide does not need.
for folder in /var/lib /var/log; do mount -t tmpfs tmpfs $folder && mkdir $folder/aide; done
mount -t tmpfs tmpfs /etc/fail2ban
ask before.watchers "$SCRIPT"
echo "== before.files"
stat -c %Y_%s_%n /var/lib/aide/aide.db /var/log/aide/aide.log 2>/dev/null
aide --config "$SETTINGS" --init >/dev/null
mv /var/lib/aide/aide.db.new /var/lib/aide/aide.db
aide --config "$SETTINGS" --check >/dev/null
echo "== after.files"
stat -c %Y_%s_%n /var/lib/aide/aide.db /var/log/aide/aide.log 2>/dev/null
echo "== done"
"""


def test_a_real_comparison_of_aide(tmp_path: Path) -> None:
    need(aide="aide")
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "file").write_text("text", encoding="ascii")
    settings = tmp_path / "aide.conf"
    settings.write_text(
        "database_in=file:/var/lib/aide/aide.db\ndatabase_out=file:/var/lib/aide/aide.db.new\n"
        f"report_url=file:/var/log/aide/aide.log\n{watched} p+sha256\n",
        encoding="ascii",
    )
    answers = play(
        AIDE,
        SETTINGS=settings,
        SCRIPT=script("intrusion_detection", "linux_watchers.sh"),
    )
    lines = [
        line
        for line in answers["before.watchers"].splitlines()
        if line != "tool fail2ban-client" and not line.startswith("process ")
    ]
    lines[-1] = f"end {len(lines) - 1}"
    now = datetime.now(UTC)
    watchers = Captured("watchers", "\n".join(lines) + "\n", "", 0, now)

    def judge(case: str, at: datetime) -> Judgement:
        files = Captured("integrity_files", answers[f"{case}.files"], "", 0, now)
        return _host().judge(watchers, files, at=at)[MEASURE]

    before, after = judge("before", now), judge("after", now)
    later = judge("after", now + timedelta(days=9))
    assert (before.outcome, before.message.id) == (Outcome.FAIL, "no_database")
    assert (after.outcome, after.message.id) == (Outcome.PASS, "files_compared")
    assert (later.outcome, later.message.id) == (Outcome.FAIL, "compared_long_ago")
