"""Which modules a command loads, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import sys
from assessor.cli.app import main
sys.argv = ["assess", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print("loaded:", *sorted(sys.modules))
"""


def loaded(*words: str, folder: Path | None = None) -> set[str]:
    """The names of all modules that are loaded at the end of ``assess`` with ``words``.

    Args:
        words: of the command.
        folder: where it runs; where the test does, unless said.
    """
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("loaded: ")[2].split())
