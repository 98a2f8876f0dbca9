"""A root folder that looks like macOS to a script: busybox, stand-ins for Apple's tools, and files.

A stand-in prints what it was given; ``plutil`` prints the property list that it is asked for, which
must be XML here. The script sees nothing of this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

BUSYBOX = "/bin/busybox"
TOOLS = ("sh", "sed", "awk", "cat", "grep", "head", "tail", "stat", "date", "sort", "uname", "test")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

needs_chroot = pytest.mark.skipif(
    os.geteuid() != 0 or not Path(BUSYBOX).exists(),
    reason="needs root and a static busybox (Debian package busybox-static)",
)


def make_root(
    folder: Path, commands: Mapping[str, str], files: Mapping[str, str] | None = None
) -> Path:
    """A root folder with ``commands`` (absolute path to shell text) and ``files``."""
    root = folder / "mac"
    (root / "bin").mkdir(parents=True)
    shutil.copy2(BUSYBOX, root / "bin/busybox")
    for tool in TOOLS:
        (root / "bin" / tool).symlink_to("busybox")
    plutil = 'for file; do :; done\n[ -r "$file" ] && cat "$file"'
    for path, text in {"/usr/bin/plutil": plutil, **commands}.items():
        _place(root, path, f"#!/bin/sh\n{text}\n").chmod(0o755)
    for path, text in {"/dev/null": "", **(files or {})}.items():
        _place(root, path, text)
    return root


def _place(root: Path, path: str, text: str) -> Path:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def says(text: str) -> str:
    """The shell text of a command that prints ``text``."""
    return f"cat <<'STUB_END'\n{text.rstrip()}\nSTUB_END"


def run_script(root: Path, script: str) -> str:
    """What ``script`` prints in ``root``."""
    done = subprocess.run(
        ["chroot", str(root), "/bin/sh", "-s"],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": PATH, "LC_ALL": "C", "TZ": "UTC"},
        check=False,
    )
    assert done.stderr == "", done.stderr
    return done.stdout
