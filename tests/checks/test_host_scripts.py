"""The scripts of the host checks in the shells of other systems, and that they only read."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from assessor import bundled
from tests.checks.realhost import (
    ENVIRONMENT,
    SHELLS,
    RealHost,
    available_shells,
    can_replace_files,
    few_lists,
)

SCRIPTS = (
    ("access_logging", "logging"),
    ("backups", "backups"),
    ("malware_protection", "agents"),
    ("password_policy", "policy"),
    ("security_updates", "system"),
    ("security_updates", "apt"),
    ("security_updates", "others"),
    ("ssh_login", "log_in"),
    ("ssh_login", "sshd_config"),
)
NO_OVERLAY = 77
LAYERED = f"""
mount -t tmpfs tmpfs /mnt || exit {NO_OVERLAY}
for name in etc var root home; do
    upper="/mnt/$name/u" work="/mnt/$name/w"
    mkdir -p "$upper" "$work"
    mount -t overlay overlay -o "lowerdir=/$name,upperdir=$upper,workdir=$work" "/$name" ||
        exit {NO_OVERLAY}
done
[ -z "$LISTS" ] || mount --bind "$LISTS" /var/lib/apt/lists
sh -s >/dev/null 2>&1
find /mnt/*/u -mindepth 1
"""


@pytest.mark.parametrize(("check", "probe"), [s for s in SCRIPTS if s[1] != "apt"])
def test_script_ends_with_its_count_in_every_shell(check: str, probe: str) -> None:
    shells = available_shells()
    if not shells:
        pytest.skip("none of dash, busybox and bash is installed")
    outputs = []
    for shell in shells:
        answer = RealHost(check).run(probe, shell=shell)
        lines = answer.stdout.splitlines()
        assert lines[-2:] == ["complete", f"end {len(lines) - 1}"], shell
        assert answer.stderr == "", shell
        outputs.append(lines)
    if check == "password_policy":  # nothing in it changes from one moment to the next
        assert all(lines == outputs[0] for lines in outputs)


@pytest.mark.parametrize(("check", "probe"), SCRIPTS)
def test_script_writes_nothing(check: str, probe: str, tmp_path: Path) -> None:
    lists = str(few_lists(tmp_path)) if probe == "apt" else ""
    assert _written(RealHost(check).probe(probe).text, lists) == []


def test_the_watch_sees_what_is_written() -> None:
    assert _written("touch /var/assess-was-here", "") == ["/mnt/var/u/assess-was-here"]


def _written(script: str, lists: str) -> list[str]:
    """What ``script`` writes, as root: all of it lands in layers over the machine's own folders."""
    if not can_replace_files():
        pytest.skip("needs root and mount namespaces (unshare of util-linux)")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", LAYERED],
        input=script,
        capture_output=True,
        text=True,
        timeout=110,
        env={**ENVIRONMENT, "LISTS": lists},
        check=False,
    )
    if done.returncode == NO_OVERLAY:
        pytest.skip("the kernel has no overlay file system")
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_apt_script_in_every_shell(shell: tuple[str, ...], tmp_path: Path) -> None:
    """With a stand-in for apt-get, which computes for seconds where its cache is not at hand."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    stand_in = tmp_path / "apt-get"
    stand_in.write_text("#!/bin/sh\necho '0 upgraded'\n")
    stand_in.chmod(0o755)
    done = subprocess.run(
        [*shell, "-s"],
        input=RealHost("security_updates").probe("apt").text,
        capture_output=True,
        text=True,
        timeout=110,
        env={**ENVIRONMENT, "PATH": f"{tmp_path}:{ENVIRONMENT['PATH']}"},
        check=False,
    )
    lines = done.stdout.splitlines()
    assert lines[-4:-1] == ["apt 0 upgraded", "status 0", "complete"]
    assert lines[-1] == f"end {len(lines) - 1}"
    assert done.stderr == ""


def test_scripts_pass_shellcheck() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    root: Path = bundled.folder("checks")
    scripts = [
        str(script)
        for check in sorted({check for check, _ in SCRIPTS})
        for script in sorted((root / check).glob("*.sh"))
    ]
    done = subprocess.run(
        ["shellcheck", "--shell=sh", *scripts],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
