"""The lab itself: the rights that it gives, and that it leaves nothing behind."""

from __future__ import annotations

import pwd
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.accounts import PAM, PREFIX, ROOT, SUDOERS
from tests.lab.sshd import SshLab
from tests.transports.ssh_support import run_on

SUDO = b"sudo -n /usr/bin/id -u; sudo -n /usr/bin/id -un; true\n"


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("nosudo", []), ("sudo", [b"0", b"root"]), ("sudo-password", []), ("sudo-exact", [b"0"])],
)
def test_accounts_have_the_rights_that_they_are_named_for(
    ssh_lab: SshLab, kind: str, answer: list[bytes]
) -> None:
    host = ssh_lab.host(kind)
    if kind == "sudo-exact":
        ssh_lab.allow(host, "/usr/bin/id -u")

    assert run_on(host, SUDO).out.splitlines()[:-1] == answer


def test_sudo_with_its_password(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("sudo-password")
    script = f"echo '{host.password}' | sudo -S -p '' /usr/bin/id -u\n".encode()

    assert run_on(host, script).out.splitlines()[0] == b"0"


_KILLED = """
import sys
from tests.lab.sshd import SshLab
lab = SshLab()
lab.host("jump"), lab.host("sudo")
print(lab.accounts.token, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_lab_left_is_removed_by_the_next(ssh_lab: SshLab) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", _KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout is not None
    assert killed.stdin is not None
    token = killed.stdout.readline().strip()
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    killed.stdout.close()
    killed.stdin.close()
    assert _left(token)

    SshLab().close()

    assert _left(token) == []
    # The lab that is alive lost nothing.
    assert run_on(ssh_lab.host("bash")).finished


def _left(token: str) -> list[str]:
    users = [user.pw_name for user in pwd.getpwall() if user.pw_name.startswith(PREFIX + token)]
    files = [*SUDOERS.glob(f"{PREFIX}{token}*"), *PAM.glob(f"{PREFIX}{token}*")]
    folders = [
        path for path in (ROOT / token, Path(f"/run/netns/assesslab-{token}")) if path.exists()
    ]
    serving = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if f"/{token}/".encode() in words:
            serving.append(str(path))
    return [*users, *map(str, files), *map(str, folders), *serving]
