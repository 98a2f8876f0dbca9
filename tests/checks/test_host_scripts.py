"""The scripts of the host checks in the shells of other systems, and that they only read."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from assessor import bundled
from assessor.catalogue.manifest import read_check
from assessor.model.check import ProbeKind
from assessor.model.target import Platform
from tests.checks.realhost import (
    ENVIRONMENT,
    RealHost,
    available_shells,
    can_replace_files,
    few_lists,
)

PROBES = [
    (folder.parent.name, probe)
    for folder in sorted(bundled.folder("checks").glob("*/check.yaml"))
    for probe in read_check(folder.parent, "bundled").probes.get(Platform.LINUX, ())
]
SCRIPTS = [(check, probe.name) for check, probe in PROBES if probe.kind is ProbeKind.SCRIPT]
# Those whose programs are here: some are of other systems, and of makers who give them to clients.
COMMANDS = sorted(
    {
        probe.text
        for _, probe in PROBES
        if probe.kind is ProbeKind.COMMAND and shutil.which(shlex.split(probe.text)[0])
    }
)
NO_OVERLAY = 77
LAYERED = f"""
mount -t tmpfs tmpfs /mnt || exit {NO_OVERLAY}
for name in etc var root home run; do
    upper="/mnt/$name/u" work="/mnt/$name/w"
    mkdir -p "$upper" "$work"
    mount -t overlay overlay -o "lowerdir=/$name,upperdir=$upper,workdir=$work" "/$name" ||
        exit {NO_OVERLAY}
done
[ -z "$LISTS" ] || mount --bind "$LISTS" /var/lib/apt/lists
sh -s >/dev/null 2>&1
find /mnt/*/u -mindepth 1
"""


@pytest.mark.parametrize(("check", "probe"), SCRIPTS)
def test_script_says_where_it_ends_in_every_shell(check: str, probe: str) -> None:
    shells = available_shells()
    if not shells:
        pytest.skip("none of dash, busybox and bash is installed")
    outputs = []
    for shell in shells:
        answer = RealHost(check).run(probe, shell=shell)
        lines = answer.stdout.splitlines()
        assert lines[-1] in {"end", f"end {len(lines) - 1}"}, shell
        assert answer.stderr == "", shell
        outputs.append(lines)
    if check == "password_policy":  # nothing in it changes from one moment to the next
        assert all(lines == outputs[0] for lines in outputs)


@pytest.mark.parametrize(("check", "probe"), SCRIPTS)
def test_script_writes_nothing(check: str, probe: str, tmp_path: Path) -> None:
    lists = str(few_lists(tmp_path)) if probe == "apt" else ""
    assert _written(RealHost(check).probe(probe).text, lists) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_command_writes_nothing(command: str) -> None:
    assert _written(command, "") == []


@pytest.mark.parametrize("folder", ["var", "run"])
def test_the_watch_sees_what_is_written(folder: str) -> None:
    assert _written(f"touch /{folder}/was-here", "") == [f"/mnt/{folder}/u/was-here"]


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


def test_scripts_pass_shellcheck() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    scripts = [str(script) for script in sorted(bundled.folder("checks").glob("*/*.sh"))]
    done = subprocess.run(
        ["shellcheck", "--shell=sh", *scripts],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
