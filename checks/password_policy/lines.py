"""Reads the output of the script: counted lines of a name and a value."""

from __future__ import annotations


def counted(text: str) -> list[str] | None:
    """The lines before ``complete`` and ``end N``; ``None`` where any is missing or too many."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) < 2 or lines[-2] != "complete" or lines[-1] != f"end {len(lines) - 1}":
        return None
    return lines[:-2]


def values(lines: list[str], name: str) -> list[str]:
    """The values of all lines that begin with ``name``."""
    return [line[len(name) + 1 :] for line in lines if line.startswith(f"{name} ")]
