"""The SSH check against real ``sshd -T`` with many configurations, and against the real libpam."""

from __future__ import annotations

import random
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.finding import Judgement, Outcome
from checks.ssh_login.pam import read_stack, weakest
from tests.checks.realhost import RealHost, needs_replacing

needs_sshd = pytest.mark.skipif(
    not Path("/usr/sbin/sshd").exists() or shutil.which("ssh-keygen") is None,
    reason="needs sshd and ssh-keygen (openssh-server)",
)

COMMON_AUTH = """\
auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
"""
PAM_PASSWORD = "@include common-auth\naccount required pam_permit.so\n"
PAM_CODE = "auth required pam_google_authenticator.so\n"
PAM_BOTH = "@include common-auth\nauth required pam_google_authenticator.so\n"
PAM_BOTH_NULLOK = "@include common-auth\nauth required pam_google_authenticator.so nullok\n"
PAM_CODE_OR_LAN = """\
auth [success=1 default=ignore] pam_access.so accessfile=/etc/security/lan.conf
auth required pam_google_authenticator.so
auth required pam_permit.so
"""
# As authselect writes it on Red Hat's systems: local users, else the domain's.
PAM_RED_HAT = """\
auth required pam_env.so
auth required pam_faildelay.so delay=2000000
auth [default=1 ignore=ignore success=ok] pam_usertype.so isregular
auth [default=1 ignore=ignore success=ok] pam_localuser.so
auth sufficient pam_unix.so nullok
auth [default=1 ignore=ignore success=ok] pam_usertype.so isregular
auth sufficient pam_sss.so forward_pass
auth required pam_deny.so
"""

BASE = "UsePAM yes\nPermitRootLogin no\n"
KEY_AND_CODE = BASE + (
    "KbdInteractiveAuthentication yes\nAuthenticationMethods publickey,keyboard-interactive\n"
)


def _judge(
    folder: Path,
    config: str,
    stack: str,
    included: dict[str, str] | None = None,
    more: Sequence[Captured] = (),
) -> dict[str, Judgement]:
    """The real answers with ``config`` as sshd_config and ``stack`` as PAM's stack for sshd."""
    ssh, pam_d = folder / "ssh", folder / "pam.d"
    (ssh / "sshd_config.d").mkdir(parents=True)
    pam_d.mkdir()
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(ssh / "ssh_host_ed25519_key")],
        check=True,
        timeout=60,
    )
    (ssh / "sshd_config").write_text(f"HostKey /etc/ssh/ssh_host_ed25519_key\n{config}")
    for name, text in (included or {}).items():
        (ssh / name).write_text(text)
    (pam_d / "sshd").write_text(stack)
    (pam_d / "common-auth").write_text(COMMON_AUTH)
    Path("/run/sshd").mkdir(exist_ok=True)
    host = RealHost("ssh_login", {"/etc/ssh": ssh, "/etc/pam.d": pam_d})
    effective = host.run("sshd_effective")
    assert effective.exit_status == 0, effective.stderr
    # Which SSH server runs here is the test machine's business; the configuration is the test's.
    around = host.run("log_in")
    lines = ["session ", *around.stdout.splitlines()[:-1]]
    lines = [line for line in lines if line.split(" ")[0] not in ("listen", "listener")]
    whole = "\n".join([*lines, f"end {len(lines)}"]) + "\n"
    stable = type(around)("log_in", whole, "", 0, around.at)
    return host.judge(effective, stable, host.run("sshd_config"), *more)


@needs_replacing
@needs_sshd
@pytest.mark.parametrize(
    ("config", "stack", "outcome", "message", "paths"),
    [
        (
            BASE,
            PAM_PASSWORD,
            "fail",
            "one_factor",
            ("publickey", "password", "keyboard-interactive"),
        ),
        (
            BASE + "PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
            PAM_PASSWORD,
            "fail",
            "one_factor",
            ("publickey",),
        ),
        (KEY_AND_CODE, PAM_CODE, "pass", "two_factors", ("publickey,keyboard-interactive",)),
        (KEY_AND_CODE, PAM_BOTH, "pass", "two_factors", ("publickey,keyboard-interactive",)),
        (KEY_AND_CODE, PAM_PASSWORD, "pass", "two_factors", ("publickey,keyboard-interactive",)),
        (KEY_AND_CODE, PAM_RED_HAT, "pass", "two_factors", ("publickey,keyboard-interactive",)),
        (
            KEY_AND_CODE,
            PAM_CODE_OR_LAN,
            "fail",
            "one_factor",
            ("publickey,keyboard-interactive",),
        ),
        (
            BASE + "PubkeyAuthentication no\nKbdInteractiveAuthentication yes\n",
            PAM_BOTH,
            "pass",
            "two_factors",
            ("password", "keyboard-interactive"),
        ),
        (
            BASE + "PubkeyAuthentication no\nKbdInteractiveAuthentication yes\n",
            PAM_BOTH_NULLOK,
            "fail",
            "code_may_be_skipped",
            ("password", "keyboard-interactive"),
        ),
        (
            BASE.replace("UsePAM yes", "UsePAM no") + "AuthenticationMethods publickey,password\n",
            PAM_CODE,
            "pass",
            "two_factors",
            ("publickey,password",),
        ),
        (
            KEY_AND_CODE + "Match Address 10.0.0.0/8\n    AuthenticationMethods publickey\n",
            PAM_CODE,
            "fail",
            "one_factor",
            ("publickey (Match Address 10.0.0.0/8)",),
        ),
        (
            KEY_AND_CODE + "Match User kassa\n    PasswordAuthentication no\n",
            PAM_CODE,
            "pass",
            "two_factors",
            ("publickey,keyboard-interactive",),
        ),
        (
            # The exception itself asks for two, for a path that is closed elsewhere.
            KEY_AND_CODE + "Match User kassa\n    AuthenticationMethods publickey,password\n",
            PAM_PASSWORD,
            "pass",
            "two_factors",
            ("publickey,keyboard-interactive", "publickey,password (Match User kassa)"),
        ),
        (
            # Closed for everyone at the end of the file.
            BASE + "KbdInteractiveAuthentication yes\nMatch all\n"
            "    AuthenticationMethods publickey,keyboard-interactive\n",
            PAM_CODE,
            "pass",
            "two_factors",
            ("publickey,keyboard-interactive",),
        ),
        (
            # Root is let in by key alone, although others need a code.
            KEY_AND_CODE.replace("PermitRootLogin no", "PermitRootLogin prohibit-password")
            + "Match User root\n    AuthenticationMethods publickey\n",
            PAM_CODE,
            "fail",
            "one_factor",
            ("root: publickey",),
        ),
        (
            # A list without a method that root may use keeps root out.
            KEY_AND_CODE.replace("PermitRootLogin no", "PermitRootLogin prohibit-password"),
            PAM_CODE,
            "pass",
            "two_factors",
            ("publickey,keyboard-interactive",),
        ),
        (
            BASE + "PasswordAuthentication no\nPubkeyAuthOptions verify-required\n"
            "AuthenticationMethods publickey\n"
            "PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com\n",
            PAM_PASSWORD,
            "pass",
            "two_factors",
            ("publickey",),
        ),
        (
            # The PIN is asked of security keys, but any other key will do.
            BASE + "PasswordAuthentication no\nPubkeyAuthOptions verify-required\n"
            "AuthenticationMethods publickey\n",
            PAM_PASSWORD,
            "fail",
            "one_factor",
            ("publickey",),
        ),
    ],
)
def test_mfa(
    tmp_path: Path,
    config: str,
    stack: str,
    outcome: str,
    message: str,
    paths: Sequence[str],
) -> None:
    found = _judge(tmp_path, config, stack)["mfa"]
    assert (found.outcome.value, found.message.id) == (outcome, message), found
    assert found.message.facts["paths"] == tuple(paths)


@needs_replacing
@needs_sshd
@pytest.mark.parametrize(
    ("config", "outcome"),
    [
        ("UsePAM yes\nPermitRootLogin yes\n", Outcome.FAIL),
        ("UsePAM yes\nPermitRootLogin yes\nPasswordAuthentication no\n", Outcome.FAIL),
        (
            "UsePAM yes\nPermitRootLogin yes\nAuthenticationMethods publickey password,publickey\n",
            Outcome.PASS,
        ),
        ("UsePAM yes\nPermitRootLogin prohibit-password\n", Outcome.PASS),
        ("UsePAM yes\nPermitRootLogin yes\nAllowUsers alice bob@10.*\n", Outcome.PASS),
        ("UsePAM yes\nPermitRootLogin yes\nDenyUsers root\n", Outcome.PASS),
        ("UsePAM yes\nPermitRootLogin yes\nDenyGroups ro?t\n", Outcome.PASS),
        ("UsePAM yes\nPermitRootLogin yes\nAllowGroups sshusers\n", Outcome.PASS),
        ("UsePAM yes\nPermitRootLogin no\nMatch Address 10.*\nPermitRootLogin yes\n", Outcome.FAIL),
    ],
)
def test_root_by_password(tmp_path: Path, config: str, outcome: Outcome) -> None:
    found = _judge(tmp_path, config, PAM_PASSWORD)["remote-access"]
    assert found.outcome is outcome, found
    if outcome is Outcome.FAIL:
        assert found.message.id == "root_password"


@needs_replacing
@needs_sshd
def test_match_block_in_an_included_file(tmp_path: Path) -> None:
    included = {
        "sshd_config.d/20-kantoor.conf": "Match Address 192.168.1.0/24\nPermitEmptyPasswords yes\n"
        "AuthenticationMethods password\n",
    }
    found = _judge(
        tmp_path, "Include /etc/ssh/sshd_config.d/*.conf\n" + KEY_AND_CODE, PAM_CODE, included
    )
    assert found["mfa"].message.id == "one_factor"
    assert found["access-control"].message.id == "empty_passwords_allowed"
    assert found["access-control"].message.facts["where"] == ("Match Address 192.168.1.0/24",)


FORCED_DUO = BASE + (
    "AuthenticationMethods publickey\nForceCommand /usr/sbin/login_duo\n"
    "AllowTcpForwarding no\nPermitTunnel no\n"
)
DUO_SECRET = "[duo]\nhost = api-1.duosecurity.com\nskey = veryverysecret\n"


@needs_replacing
@needs_sshd
@pytest.mark.parametrize(
    ("config", "settings", "message"),
    [
        (FORCED_DUO, DUO_SECRET, "two_factors"),
        (FORCED_DUO, DUO_SECRET + "groups = admins\n", "one_factor"),
        (FORCED_DUO.replace("AllowTcpForwarding no\n", ""), DUO_SECRET, "one_factor"),
        (FORCED_DUO + "Match User piet\nForceCommand none\n", DUO_SECRET, "one_factor"),
    ],
)
def test_duo_after_the_log_in(tmp_path: Path, config: str, settings: str, message: str) -> None:
    duo = tmp_path / "etc" / "duo"
    duo.mkdir(parents=True)
    (duo / "login_duo.conf").write_text(settings)
    host = RealHost("ssh_login")
    answers = []
    for name in ("duo_groups", "duo_secure"):
        probe = host.probe(name)
        words = shlex.split(probe.text.replace("/etc/duo", str(duo)))
        done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
        text = done.stdout.replace(str(duo), "/etc/duo")
        assert "secret" not in text
        answers.append(Captured(name, text, "", done.returncode, datetime.now(UTC)))
    found = _judge(tmp_path, config, PAM_PASSWORD, more=answers)["mfa"]
    assert found.message.id == message, found


@needs_replacing
@needs_sshd
def test_a_stack_that_lets_everyone_in(tmp_path: Path) -> None:
    found = _judge(tmp_path, BASE, "auth required pam_permit.so\n")
    assert found["access-control"].message.id == "no_proof_asked"


_RESULTS = ("success",) * 5 + ("auth_err", "ignore", "user_unknown", "new_authtok_reqd")
_ACTIONS = ("ignore", "bad", "die", "ok", "done", "reset", "1", "2")
_STACKS = 300


def _control(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return chance.choice(("required", "requisite", "sufficient", "optional"))
    results = chance.sample(("success", "auth_err", "ignore", "user_unknown"), chance.randint(0, 3))
    rules = [f"{result}={chance.choice(_ACTIONS)}" for result in results]
    if not rules or chance.random() < 0.8:
        rules.append(f"default={chance.choice(_ACTIONS)}")
    return f"[{' '.join(rules)}]"


def _write_stack(folder: Path, chance: random.Random, name: str, lines: int, depth: int) -> None:
    """A random stack of pam_debug modules, some in stacks of their own."""
    text = []
    for number in range(lines):
        if depth < 2 and chance.random() < 0.2:
            inner = f"{name}.{number}"
            _write_stack(folder, chance, inner, chance.randint(1, 3), depth + 1)
            text.append(f"auth {chance.choice(('include', 'substack'))} {inner}")
        else:
            text.append(f"auth {_control(chance)} pam_debug.so auth={chance.choice(_RESULTS)}")
    (folder / name).write_text("\n".join(text) + "\naccount required pam_permit.so\n")


@needs_replacing
@pytest.mark.skipif(shutil.which("pamtester") is None, reason="needs pamtester")
def test_stacks_end_as_in_the_real_libpam(tmp_path: Path) -> None:
    chance = random.Random(20261125)
    folder = tmp_path / "pam.d"
    folder.mkdir()
    (folder / "other").write_text("auth required pam_deny.so\n")
    for number in range(_STACKS):
        _write_stack(folder, chance, f"t{number}", chance.randint(1, 5), 0)
    loop = (
        f'mount --bind {folder} /etc/pam.d; i=0; while [ "$i" -lt {_STACKS} ]; do '
        "pamtester t$i root authenticate >/dev/null 2>&1 && echo yes || echo no; i=$((i+1)); done"
    )
    real = subprocess.run(
        ["unshare", "--mount", "sh", "-c", loop],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    ).stdout.split()
    records = []
    for path in sorted(folder.iterdir()):
        records.append(("pam_file", f"/etc/pam.d/{path.name}"))
        records += [("pam", line) for line in path.read_text().splitlines()]
    mine = [
        "yes" if weakest(read_stack(tuple(records), f"t{number}")) else "no"
        for number in range(_STACKS)
    ]
    assert {"yes", "no"} <= set(real)
    differing = [number for number in range(_STACKS) if mine[number] != real[number]]
    assert differing == []
