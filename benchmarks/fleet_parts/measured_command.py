"""Runs ``assess`` and writes what its process took, which nobody can read once it has ended.

Use it as::

    python measured_command.py FILE assess-words...

``ru_maxrss`` of a child is no use: it counts the memory of whoever started it, before ``exec``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from assessor.cli.app import main


def peak_bytes() -> int:
    """The most memory that this process held at once, in bytes (``VmHWM`` of proc(5))."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM")


if __name__ == "__main__":
    file = Path(sys.argv.pop(1))
    try:
        main()
    finally:
        file.write_text(json.dumps({"peak_bytes": peak_bytes(), "cpu_s": time.process_time()}))
