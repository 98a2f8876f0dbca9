"""Reads an OpenSSH client configuration (ssh_config(5)) with paramiko's parser.

``Match`` blocks are left out: a ``Match exec`` would run a command, and the others depend on who
connects. So are ``Include`` and the options that would make a look-up ask the DNS.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import paramiko

from assessor.errors import InputError
from assessor.inputs.implicit import safe_name
from assessor.inputs.importers.imported import Candidate, LeftOut
from assessor.inputs.importers.ssh_options import jump_of_command, split_jump

_WORD = re.compile(r"\s*(\w+)(?:\s*=\s*|\s+)(.*)")
_ASKS_DNS = frozenset({"canonicalizehostname", "canonicaldomains", "canonicalizemaxdots"})
_MAX_HOPS = 8
_MAX_HOSTS = 1000
"""Looking up one host walks through all of them."""

_GIT_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})


class _Config(paramiko.SSHConfig):
    """Fills in fewer tokens: paramiko's full list asks the DNS for this machine's own name."""

    TOKENS_BY_CONFIG_KEY: dict[str, list[str]] = {  # noqa: RUF012 - as the base class has it
        "hostname": ["%h"],
        "identityfile": ["%d", "%h", "%r"],
        "proxycommand": ["%h", "%p", "%r"],
        "proxyjump": ["%h", "%p", "%r"],
    }


def read_ssh_config(text: str, path: Path, role: str) -> tuple[list[Candidate], list[LeftOut]]:
    """A candidate for each host that is named without a wildcard.

    Raises:
        InputError: it cannot be read as an SSH configuration, or names too many hosts.
    """
    left_out: list[LeftOut] = []
    kept, hosts = _prepare(text, left_out)
    try:
        config = _Config.from_text(kept)
    except paramiko.ssh_exception.ConfigParseError:
        raise InputError("this is no SSH configuration", path=path) from None
    if len(hosts) > _MAX_HOSTS:
        raise InputError(f"names more than {_MAX_HOSTS} hosts", path=path)
    found = []
    for alias, line in hosts.items():
        candidate = _candidate(alias, line, config, hosts, role, left_out)
        if candidate is not None:
            found.append(candidate)
    return found, left_out


def _prepare(text: str, left_out: list[LeftOut]) -> tuple[str, dict[str, int]]:
    """The lines that are safe to look up, and every host that is named, with its line."""
    kept: list[str] = []
    hosts: dict[str, int] = {}
    in_match = False
    for number, line in enumerate(text.splitlines(), start=1):
        matched = _WORD.fullmatch(line)
        if line.lstrip().startswith("#") or matched is None:
            if line.strip() and not line.lstrip().startswith("#"):
                left_out.append(LeftOut(f"line {number}", "it is no option with a value", number))
            continue
        key, value = matched[1].lower(), matched[2]
        if key == "match":
            in_match = True
            left_out.append(LeftOut(f"line {number}", "Match blocks are not read", number))
        elif key == "include":
            left_out.append(
                LeftOut(f"line {number}", "Include is not followed: import that file too", number)
            )
        elif key == "host":
            in_match = False
            names = _host_names(value)
            if names is None:
                left_out.append(LeftOut(f"line {number}", "it has an unclosed quote", number))
                in_match = True  # its options belong to no host that can be named
                continue
            for name in names:
                if not set(name) & set("*?!"):
                    hosts.setdefault(name, number)
            kept.append(line)
        elif key in _ASKS_DNS:
            left_out.append(LeftOut(f"line {number}", "names are not canonicalised", number))
        elif not in_match:
            kept.append(line)
    return "\n".join(kept), hosts


def _host_names(value: str) -> list[str] | None:
    try:
        return shlex.split(value)
    except ValueError:
        return None


def _candidate(
    alias: str,
    line: int,
    config: paramiko.SSHConfig,
    hosts: dict[str, int],
    role: str,
    left_out: list[LeftOut],
) -> Candidate | None:
    said = config.lookup(alias)
    name, user, address = safe_name(alias), said.get("user"), said["hostname"]
    if not name:
        left_out.append(LeftOut(f"host {alias}", "its name has no letter or digit", line))
        return None
    if user == "git" or address in _GIT_HOSTS:
        left_out.append(LeftOut(f"host {alias}", "it is a Git service, no machine", line))
        return None
    settings: dict[str, object] = {}
    if address != name:
        settings["address"] = address
    port = said.get("port")
    if port is not None:
        settings["port"] = int(port) if port.isdecimal() and len(port) < 10 else port
    if user is not None:
        settings["user"] = user
    jump = _jump(alias, config, hosts, _MAX_HOPS)
    if jump is None or (not jump and said.get("proxycommand")):
        why = "its jump hosts go round in a circle" if jump is None else "it has a ProxyCommand"
        left_out.append(LeftOut(f"host {alias}", why, line))
        return None
    if jump:
        settings["jump"] = list(jump)
    settings |= _files(alias, line, said, left_out)
    if "hostkeyalias" in said:
        reason = "its HostKeyAlias is not used: its key is looked up by its address"
        left_out.append(LeftOut(f"{alias}, in part", reason, line))
    return Candidate(name, settings, {"role": role}, line)


def _files(
    alias: str, line: int, said: Mapping[str, Any], left_out: list[LeftOut]
) -> dict[str, object]:
    settings: dict[str, object] = {}
    if "identityfile" in said:
        settings["identity_files"] = [str(file) for file in said["identityfile"]]
    known_hosts = [file for file in said.get("userknownhostsfile", "").split() if file != "none"]
    if "/dev/null" in known_hosts:
        left_out.append(LeftOut(f"{alias}, in part", "host keys are always checked here", line))
    if files := [file for file in known_hosts if file != "/dev/null"]:
        settings["known_hosts"] = files
    return settings


def _jump(
    alias: str, config: paramiko.SSHConfig, hosts: dict[str, int], hops: int
) -> tuple[str, ...] | None:
    """The jump hosts of ``alias``, from near to far, with their own names and ports filled in.

    ``None`` where there are more than ``hops``: a host that jumps through itself.
    """
    said = config.lookup(alias)
    named = split_jump(said.get("proxyjump", "none"))
    if not named:
        named = jump_of_command(said.get("proxycommand") or "")
    whole: tuple[str, ...] = ()
    for position, hop in enumerate(named):
        user, _, rest = hop.rpartition("@")
        host, _, port = rest.partition(":") if rest.count(":") == 1 else (rest, "", "")
        if host in hosts and hops == 0:
            return None
        if host in hosts:
            # only the first hop is reached from here, so only its own jumps count
            before = _jump(host, config, hosts, hops - 1) if position == 0 else ()
            if before is None:
                return None
            own = config.lookup(host)
            user, port = user or own.get("user", ""), port or own.get("port", "")
            host = own["hostname"]
            whole += before
        whole += (_hop(user, host, port),)
    return whole


def _hop(user: str, host: str, port: str) -> str:
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return (f"{user}@" if user else "") + bracketed + (f":{port}" if port and port != "22" else "")
