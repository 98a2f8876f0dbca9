"""Runs real daemons in namespaces of their own, and a check's scripts beside them.

What the shell script of a scenario starts, mounts and writes is gone when it ends: it has its own
processes, mounts, network (loopback only) and an empty ``/run``.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from assessor import bundled
from tests.checks.realhost import ENVIRONMENT, TIMEOUT_S, can_replace_files
from tests.lab.vm import sections

_PRELUDE = """
ip link set lo up
mount -t tmpfs tmpfs /run
ask() { # CASE SCRIPT: what the script answers to a user without rights
    echo "== $1"
    setpriv --reuid=65534 --regid=65534 --clear-groups sh -s <"$2"
}
until_true() { until "$@" >/dev/null 2>&1; do :; done; }
"""


def need(**programs: str) -> None:
    """Skips the test unless it can run; programs are named with their Debian package."""
    if not can_replace_files():
        pytest.skip("needs root and namespaces (unshare of util-linux)")
    for program, package in {"ip": "iproute2", "setpriv": "util-linux", **programs}.items():
        name = program.replace("_", "-")
        if shutil.which(name, path=ENVIRONMENT["PATH"]) is None:
            pytest.skip(f"needs the Debian package {package}")


def script(check: str, name: str) -> Path:
    """A check's own script."""
    return bundled.folder("checks") / check / name


def play(text: str, **variables: Path | str) -> dict[str, str]:
    """Runs ``text`` as root; gives its output by section (``== CASE``)."""
    done = subprocess.run(
        [
            *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
            *("sh", "-c", f"{_PRELUDE}\n{text}"),
        ],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={**ENVIRONMENT, **{name: str(value) for name, value in variables.items()}},
        check=False,
    )
    assert done.stdout.endswith("== done\n"), f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return sections(done.stdout)
