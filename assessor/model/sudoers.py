"""How sudo is told to allow a probe to the letter, and nothing else."""

from __future__ import annotations

import functools
import re
import shlex

from assessor.model.check import Probe

_SPECIAL = re.compile(r"[,:=#*?\[\]^]")


def sudoers_command(probe: Probe) -> str:
    """``probe`` as a command of a sudoers file.

    A command without arguments is followed by ``""``, which allows it without arguments only. In
    arguments the characters with a meaning of their own are escaped: ``, : = #`` of the file
    format, the wildcards ``* ? [ ]``, and ``^``, which begins a regular expression
    (sudoers(5), "Sudoers File Format", "Wildcards in command arguments").
    """
    return _in_sudoers(probe.text)


@functools.cache
def _in_sudoers(text: str) -> str:
    # Asked anew for each host that lacks the right; the commands are the same ones.
    path, *words = shlex.split(text)
    if not words:
        return f'{path} ""'
    # sudo joins the arguments with single spaces before it compares them.
    arguments = _SPECIAL.sub(r"\\\g<0>", " ".join(words))
    return f"{path} {arguments}"


def sudoers_line(user: str, probe: Probe) -> str:
    """The line of a sudoers file that allows ``user`` to run ``probe`` as root."""
    return f"{user} ALL=(root) NOPASSWD: {sudoers_command(probe)}"
