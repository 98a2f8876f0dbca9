"""Runs ``assess`` as its users do: as a program, in a folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "assessor")
ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """The environment of a user whose agent and settings are not ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **more}


def assess(
    folder: Path, *words: str, stdin: str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs ``assess`` with ``words`` in ``folder``; ``more`` are environment variables."""
    return subprocess.run(
        [*PROGRAM, *words],
        cwd=folder,
        env=environment(**more),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def last_run(folder: Path) -> Path:
    """The newest run's folder."""
    return max((folder / "runs").iterdir())


def report(folder: Path, language: str = "nl") -> Any:
    """The newest run's JSON report."""
    return json.loads((last_run(folder) / f"report.{language}.json").read_text(encoding="utf-8"))
