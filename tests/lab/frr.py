"""FRRouting for real: a zebra in a network of its own, whose command line is ``vtysh``.

It needs root and the Debian package frr. ``vtysh`` finds the daemon by a socket in ``/run/frr``,
which is the machine's own, so there is one at a time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ZEBRA = Path("/usr/lib/frr/zebra")
VTYSH = Path("/usr/bin/vtysh")
RUN = Path("/run/frr")
STARTS_S = 20


@contextlib.contextmanager
def zebra(configuration: str) -> Iterator[None]:
    """A router with that configuration, until the context is left."""
    if os.geteuid() != 0 or not ZEBRA.exists() or not VTYSH.exists():
        pytest.skip("needs root and FRRouting (apt-get install frr)")
    RUN.mkdir(exist_ok=True)
    shutil.chown(RUN, "frr", "frr")
    # The daemon reads it as the account frr, which does not see a test's own folder.
    config = RUN / "lab-zebra.conf"
    config.write_text(configuration)
    config.chmod(0o644)
    process = subprocess.Popen(
        [
            "unshare",
            "--net",
            ZEBRA,
            "-f",
            config,
            "-i",
            RUN / "zebra.pid",
            "-u",
            "frr",
            "-g",
            "frr",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_answers()
        yield
    finally:
        process.terminate()
        process.wait(20)
        config.unlink()


def _wait_until_it_answers() -> None:
    deadline = time.monotonic() + STARTS_S
    while time.monotonic() < deadline:
        asked = subprocess.run(
            [VTYSH, "-c", "show version"], capture_output=True, timeout=10, check=False
        )
        if asked.returncode == 0 and b"FRRouting" in asked.stdout:
            return
        time.sleep(0.05)
    raise TimeoutError("zebra does not answer")
