"""PAM's stack for a new password, as pam.conf(5) builds it from the service files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SERVICE = "passwd"
DEPTH = 8
"""How deep files may include one another before we call it a loop."""

RULE = re.compile(r"-?password (\[[^\]]*\]|\S+) (\S+)(?: (.*))?\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One module of the stack.

    Attributes:
        module: its file name, such as ``pam_pwquality.so``.
        control: what its answer does: a word, or the pairs within brackets.
        arguments: its arguments, by name; an argument without a value has an empty one.
    """

    module: str
    control: str
    arguments: Mapping[str, str]

    @property
    def refuses(self) -> bool:
        """Whether its "no" stops the change of a password."""
        if not self.control.startswith("["):
            return self.control in ("required", "requisite")
        pairs = dict(re.findall(r"(\w+)=(\w+)", self.control))
        return pairs.get("default", "bad") in ("die", "bad")


def stack(files: Mapping[str, list[str]]) -> list[Entry] | None:
    """The modules that a new password passes, in order.

    Args:
        files: the ``password`` and include lines of each service.

    Returns:
        The modules; ``None`` when a named file is not there or a line is not understood.
    """
    service = SERVICE if SERVICE in files else "other"
    return _entries(files, service, DEPTH)


def _entries(files: Mapping[str, list[str]], service: str, depth: int) -> list[Entry] | None:
    if service not in files or depth == 0:
        return None
    entries: list[Entry] = []
    for line in files[service]:
        included = re.match(r"@include (\S+)|-?password (?:include|substack) (\S+)", line)
        if included:
            name = (included[1] or included[2]).rsplit("/", 1)[-1]
            # A file without a line for passwords (common-auth) is not among the files.
            if included[1] and name not in files:
                continue
            more = _entries(files, name, depth - 1)
            if more is None:
                return None
            entries += more
            continue
        rule = RULE.match(line)
        if rule is None:
            return None
        words = [word.partition("=") for word in (rule[3] or "").split(" ") if word]
        entries.append(
            Entry(
                rule[2].rsplit("/", 1)[-1],
                rule[1],
                {name: value for name, _, value in words},
            )
        )
    return entries
