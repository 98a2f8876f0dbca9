"""The scripts: whole, quoted, and clean by shellcheck."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import assessor.restore
from assessor.restore.order import Order, Tool
from assessor.restore.script import Rights, keep_script, sweep_script, work_script

SHELL = Path(assessor.restore.__file__).parent / "shell"
AWKWARD = "it's $(touch /tmp/x) `id` \\ \" *"
RIGHTS = [Rights(), Rights(sudo=True), Rights(sudo=True, password=AWKWARD)]


def scripts(rights: Rights) -> list[bytes]:
    order = Order(Tool.BORG, AWKWARD, samples=(AWKWARD, "b"), token="0" * 32)
    return [
        *(work_script(Order(tool, AWKWARD, token="0" * 32), "m", rights) for tool in Tool),
        work_script(order, "m", rights, AWKWARD),
        keep_script("/p", "n", AWKWARD, "d", "m", rights),
        sweep_script("/s", "m", rights),
    ]


@pytest.mark.parametrize("rights", RIGHTS, ids=["plain", "sudo", "password"])
@pytest.mark.parametrize("shell", [["dash"], ["bash", "--posix"], ["busybox", "ash"], ["zsh"]])
def test_every_script_can_be_read_by_every_shell(rights: Rights, shell: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"needs the Debian package {shell[0]}")
    for script in scripts(rights):
        done = subprocess.run(
            [*shell, "-n"], input=script, capture_output=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr


def test_shellcheck_finds_nothing() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("needs the Debian package shellcheck")
    done = subprocess.run(
        ["shellcheck", "--shell=sh", *sorted(SHELL.glob("*.sh"))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("rights", RIGHTS, ids=["plain", "sudo", "password"])
def test_values_reach_the_inner_shell_as_they_are(rights: Rights) -> None:
    """The settings are quoted twice: for the shell that is spoken to, and for the inner one."""
    script = work_script(Order(Tool.TAR, AWKWARD, token="0" * 32), "m", rights, AWKWARD).decode()
    start = script.index("\n_i=") + 1
    outer = script[start : script.index("\n\n", script.index("\nmain\n", start))]
    shown = "; printf '%s\\n' \"$_i\" | sed '/^#/,$d' > /dev/null; printf '%s' \"$_i\""
    inner = subprocess.run(
        ["sh", "-c", outer + shown], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    head = inner[: inner.index("\n# ")]
    told = subprocess.run(
        ["sh", "-c", head + '\nprintf \'%s\\n\' "$repository" "$secret"'],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout
    assert told == f"{AWKWARD}\n{AWKWARD}\n"
