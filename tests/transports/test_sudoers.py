"""A printed sudoers line allows its command to real sudo, to the letter, and nothing beside it."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from assessor.model.check import Probe, ProbeKind
from assessor.model.sudoers import sudoers_line
from assessor.model.target import Privilege
from tests.lab.sshd import SshLab

PRINTF = "/usr/bin/printf"
STRANGE = "select 'a,b:c=d#e', x[1] from \"y\" where z ~ '^q*?!' or (1 > 0)"


def sudo(user: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = shlex.join(("sudo", "-n", "--", *words))
    return subprocess.run(
        ["/usr/sbin/runuser", "-u", user, "--", "/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def user(ssh_lab: SshLab) -> str:
    host = ssh_lab.host("dash")
    probe = Probe("p", ProbeKind.COMMAND, shlex.join((PRINTF, "%s", STRANGE)), Privilege.SUDO)
    ssh_lab.accounts.sudoers("strange", sudoers_line(host.user, probe) + "\n")
    return host.user


def test_the_command_runs_with_its_arguments_as_they_were_meant(user: str) -> None:
    done = sudo(user, PRINTF, "%s", STRANGE)
    assert (done.returncode, done.stdout) == (0, STRANGE), done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [("*", "anything"), ("?", "x"), ("[1]", "1"), ("'a", "'b"), ("#e", ""), (" or (1 > 0)", "")],
)
def test_no_character_of_it_is_a_wildcard(user: str, old: str, new: str) -> None:
    assert old in STRANGE
    done = sudo(user, PRINTF, "%s", STRANGE.replace(old, new))
    assert done.returncode != 0
    assert "password" in done.stderr
