"""How a script's answer shows that it is whole: the last lines count those before them.

A script ends with ``complete`` and then ``end N``, where N counts the lines before that one. Output
that was cut off anywhere, or to which something was added, does not end so.
"""

from __future__ import annotations

from collections.abc import Iterable

Record = tuple[str, str]
"""The kind of a record, which is the first word of its line, and what it says."""


def whole_lines(output: str) -> tuple[str, ...] | None:
    """The lines before the end mark; ``None`` where any is missing or too many."""
    # Not splitlines(): a target's text may hold form feeds and the like within a line.
    lines = output.removesuffix("\n").split("\n")
    if len(lines) < 2 or lines[-2:] != ["complete", f"end {len(lines) - 1}"]:
        return None
    return tuple(lines[:-2])


def records(output: str) -> tuple[Record, ...] | None:
    """The records of ``output``; ``None`` where a line of it is missing."""
    lines = whole_lines(output)
    if lines is None:
        return None
    return tuple((kind, text) for kind, _, text in (line.partition(" ") for line in lines))


def values(lines: Iterable[str], name: str) -> list[str]:
    """What the lines that begin with the word ``name`` say."""
    lead = f"{name} "
    return [line[len(lead) :] for line in lines if line.startswith(lead)]
