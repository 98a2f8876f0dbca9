"""Password rules and ages by the real tools, on this machine with test accounts in its place."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assessor.model.finding import Judgement, Outcome
from tests.checks.realhost import ENVIRONMENT, RealHost, needs_replacing

POLICY = "password-policy"
ROTATION = "password-rotation"
TODAY = datetime(2026, 11, 25, 12, tzinfo=UTC)

# Of the form of a hash, but of no password.
HASH = "$6$assesslab$" + "a" * 86

pytestmark = needs_replacing


def _days(day: str) -> str:
    return str((date.fromisoformat(day) - date(1970, 1, 1)).days)


def _accounts(folder: Path, *rows: tuple[str, int, str, str]) -> dict[str, Path]:
    """Files in the place of passwd and shadow: name, uid, password field, day of the change."""
    people = "".join(f"{name}:x:{uid}:0::/:/bin/sh\n" for name, uid, _, _ in rows)
    secrets = "".join(f"{name}:{field}:{day}:0:99999:7:::\n" for name, _, field, day in rows)
    passwd, shadow = folder / "passwd", folder / "shadow"
    passwd.write_text(people)
    shadow.write_text(secrets)
    shadow.chmod(0o600)
    return {"/etc/passwd": passwd, "/etc/shadow": shadow}


def _judge(host: RealHost, source: str, interval: int = 90) -> dict[str, Judgement]:
    answers = [host.run(probe) for probe in ("policy", *source.split())]
    return host.judge(*answers, at=TODAY, parameters={"interval_days": interval})


SHADOW = "password_signs password_days"
SOURCES = ("passwd_status", SHADOW)
PROBES = ("policy", "passwd_status", *SHADOW.split())


@pytest.mark.parametrize("source", SOURCES)
def test_overdue_accounts_are_named(tmp_path: Path, source: str) -> None:
    files = _accounts(
        tmp_path,
        ("root", 0, "*", _days("2020-01-01")),
        ("daemon", 1, HASH, _days("2020-01-01")),
        ("anna", 1000, HASH, _days("2026-06-01")),
        ("bert", 1001, HASH, _days("2026-11-01")),
        ("keys", 1002, "!", _days("2020-01-01")),
        ("locked", 1003, "!" + HASH, _days("2020-01-01")),
    )
    judged = _judge(RealHost("password_policy", files), source)[ROTATION]
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "overdue")
    assert judged.message.facts["names"] == "anna"
    assert judged.message.facts["days"] == (TODAY.date() - date(2026, 6, 1)).days
    assert judged.observed["passwords"] == 2


@pytest.mark.parametrize("source", SOURCES)
def test_changes_within_the_interval_pass(tmp_path: Path, source: str) -> None:
    files = _accounts(
        tmp_path,
        ("root", 0, HASH, _days("2026-10-01")),
        ("anna", 1000, HASH, _days("2026-11-24")),
    )
    judged = _judge(RealHost("password_policy", files), source)[ROTATION]
    assert (judged.outcome, judged.message.id) == (Outcome.PASS, "rotated")
    assert judged.message.facts["days"] == 55


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("day", ["", "0"])
def test_a_change_without_a_date_is_unknown(tmp_path: Path, source: str, day: str) -> None:
    files = _accounts(tmp_path, ("root", 0, "*", _days("2026-10-01")), ("anna", 1000, HASH, day))
    judged = _judge(RealHost("password_policy", files), source)[ROTATION]
    assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "date_unknown")
    assert judged.message.facts["names"] == "anna"


@pytest.mark.parametrize("source", SOURCES)
def test_without_any_password_rotation_has_no_meaning(tmp_path: Path, source: str) -> None:
    files = _accounts(
        tmp_path,
        ("root", 0, "*", _days("2026-10-01")),
        ("anna", 1000, "!", _days("2020-10-01")),
    )
    judged = _judge(RealHost("password_policy", files), source)[ROTATION]
    assert (judged.outcome, judged.message.id) == (Outcome.NOT_APPLICABLE, "no_passwords")


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_password_fails_the_policy(tmp_path: Path, source: str) -> None:
    files = _accounts(
        tmp_path,
        ("root", 0, HASH, _days("2026-10-01")),
        ("kiosk", 1000, "", _days("2026-10-01")),
    )
    judged = _judge(RealHost("password_policy", files), source)[POLICY]
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "empty_password")
    assert judged.message.facts["names"] == "kiosk"


def test_no_output_ever_holds_a_hash(tmp_path: Path) -> None:
    files = _accounts(tmp_path, ("root", 0, HASH, _days("2026-10-01")))
    host = RealHost("password_policy", files)
    for probe in PROBES:
        answer = host.run(probe)
        assert "$6$" not in answer.stdout + answer.stderr
        assert "root" in answer.stdout


def test_without_rights_there_is_no_verdict_on_ages(tmp_path: Path) -> None:
    day = _days("2026-10-01")
    files = _accounts(tmp_path, ("root", 0, HASH, day), ("anna", 1000, HASH, day))
    host = RealHost("password_policy", files)
    answers = [host.run(name, user="65534") for name in PROBES]
    judged = host.judge(*answers, at=TODAY)[ROTATION]
    assert judged.outcome is Outcome.UNKNOWN


STACK = """password requisite pam_pwquality.so {arguments}
password [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt
password requisite pam_deny.so
"""

SETTINGS = (
    "minlen = 20",
    "minlen=17 # comment",
    "Minlen 16",
    "minlen = 4",
    "minlen = 14\nminlen = 9",
    "",
)


def _modules() -> Path:
    """Where this machine keeps PAM's modules; installing one would change the machine's log-in."""
    for root in (Path("/usr/lib"), Path("/usr/lib64")):
        for found in root.glob("**/security/pam_unix.so"):
            return found.parent
    pytest.skip("PAM's modules are not where we look for them")


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_shortest_password_is_what_pwscore_asks(tmp_path: Path, settings: str) -> None:
    """What libpwquality itself says is too short, our reading must say as well."""
    if shutil.which("pwscore") is None:
        pytest.skip("pwscore is not installed (Debian: libpwquality-tools)")
    conf, stack = tmp_path / "pwquality.conf", tmp_path / "common-password"
    modules = tmp_path / "security"
    modules.mkdir()
    for name in ("pam_unix.so", "pam_pwquality.so"):
        (modules / name).touch()
    conf.write_text(settings + "\n")
    stack.write_text(STACK.format(arguments="retry=3"))
    replaced = {"/etc/security/pwquality.conf": conf, "/etc/pam.d/common-password": stack}
    replaced[str(_modules())] = modules
    host = RealHost("password_policy", replaced)
    mount = f"mount --bind {conf} /etc/security/pwquality.conf"
    asked = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"{mount} && exec pwscore"],
        input="xq\n",
        capture_output=True,
        text=True,
        timeout=20,
        env=ENVIRONMENT,
        check=False,
    )
    shortest = re.search(r"shorter than (\d+) characters", asked.stderr)
    assert shortest is not None, asked.stderr
    judged = host.judge(host.run("policy"), at=TODAY)[POLICY]
    assert judged.observed["module"] == "pam_pwquality.so"
    assert judged.observed["shortest"] == int(shortest[1])


def test_this_machine_is_judged_without_surprise() -> None:
    host = RealHost("password_policy")
    judged = host.judge(host.run("policy"), host.run("passwd_status"))
    assert judged[POLICY].message.id not in ("unparsed", "rules_unclear")
    assert judged[ROTATION].message.id not in ("unparsed", "accounts_unread")
