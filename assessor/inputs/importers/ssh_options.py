"""Reads the command-line arguments and options of OpenSSH's client that say how a host is had."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_WITH_VALUE = frozenset("BbcDEeFIiJLlmOoPpQRSWw")
"""Letters of ssh's options that take a value (ssh(1), OpenSSH 9.2)."""


@dataclass(slots=True)
class SshOptions:
    """What arguments say; ``left_out`` holds reasons, never values."""

    jump: tuple[str, ...] = ()
    user: str | None = None
    port: str | None = None
    host: str | None = None
    identity_files: list[str] = field(default_factory=list)
    known_hosts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_ssh_arguments(arguments: Sequence[str]) -> SshOptions:
    """The arguments of ssh as options; the first word that is none is the host."""
    options = SshOptions()
    words = iter(arguments)
    for word in words:
        if not word.startswith("-") or word == "-":
            options.host = options.host or word
            continue
        letter, value = word[1:2], word[2:]
        if letter in _WITH_VALUE:
            _take(options, letter, value or next(words, ""))
        elif letter == "v" or not value:
            continue
        else:  # several letters in one word; the last may take a value
            last = value[-1]
            if last in _WITH_VALUE:
                _take(options, last, next(words, ""))
    return options


def _take(options: SshOptions, letter: str, value: str) -> None:
    match letter:
        case "J":
            options.jump = split_jump(value)
        case "l":
            options.user = value
        case "p":
            options.port = value
        case "i":
            options.identity_files.append(value)
        case "o":
            key, _, said = value.replace("=", " ", 1).strip().partition(" ")
            _take_option(options, key.lower(), said.strip())
        case "F":
            options.left_out.append("its own SSH configuration file (-F) was not read")
        case _:
            pass  # forwarding, verbosity and the like: nothing that changes what is reached


def _take_option(options: SshOptions, key: str, said: str) -> None:
    match key:
        case "proxyjump":
            options.jump = split_jump(said)
        case "proxycommand":
            options.jump = jump_of_command(said)
            if not options.jump and said.lower() != "none":
                options.left_out.append("its ProxyCommand is no plain 'ssh -W': no jump was set")
        case "user":
            options.user = said
        case "port":
            options.port = said
        case "identityfile":
            options.identity_files.append(said)
        case "userknownhostsfile":
            options.known_hosts += [name for name in said.split() if name not in _NOWHERE]
            if any(name in _NOWHERE for name in said.split()):
                options.left_out.append("host keys are always checked here: /dev/null is left out")
        case "stricthostkeychecking":
            if said.lower() not in ("yes", "ask"):
                options.left_out.append("host keys are always checked here, also of this host")
        case _:
            pass  # such as ControlMaster: it changes how, not what


_NOWHERE = frozenset({"/dev/null", "none"})


def split_jump(value: str) -> tuple[str, ...]:
    """``a,b`` as ``("a", "b")``, without the form ``ssh://``; ``none`` is no jump."""
    hops = [hop.strip().removeprefix("ssh://") for hop in value.split(",")]
    return () if value.strip().lower() == "none" else tuple(hop for hop in hops if hop)


def jump_of_command(command: str) -> tuple[str, ...]:
    """The jump hosts of ``ssh -W %h:%p [user@]host``; nothing for any other command."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ()
    if not words or words[0].rsplit("/", 1)[-1] != "ssh" or not _forwards(words):
        return ()
    options = read_ssh_arguments(words[1:])
    if options.host is None:
        return ()
    host = options.host.removeprefix("ssh://")
    if options.user and "@" not in host:
        host = f"{options.user}@{host}"
    if options.port and options.port != "22":
        host = f"{host}:{options.port}"
    return (*options.jump, host)


def _forwards(words: Iterable[str]) -> bool:
    return any(word.startswith("-") and "W" in word[1:3] for word in words)
