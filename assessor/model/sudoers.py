"""How sudo is told to allow a probe to the letter, and nothing else."""

from __future__ import annotations

from assessor.model.check import Probe


def sudoers_command(probe: Probe) -> str:
    r"""``probe`` as a command of a sudoers file.

    A command without arguments is followed by ``""``, which allows it without arguments only; the
    characters ``, : = \`` are escaped in arguments (sudoers(5), "Sudoers File Format").
    """
    path, _, arguments = probe.text.partition(" ")
    if not arguments:
        return f'{path} ""'
    for character in "\\,:=":
        arguments = arguments.replace(character, f"\\{character}")
    return f"{path} {arguments}"


def sudoers_line(user: str, probe: Probe) -> str:
    """The line of a sudoers file that allows ``user`` to run ``probe`` as root."""
    return f"{user} ALL=(root) NOPASSWD: {sudoers_command(probe)}"
