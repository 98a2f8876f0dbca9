"""Reads an Ansible inventory in INI form (ansible.builtin.ini, "Parameters" and "Notes")."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from assessor.errors import InputError
from assessor.inputs.importers.ansible import AnsibleInventory
from assessor.inputs.importers.host_ranges import expand_range
from assessor.inputs.importers.imported import MAX_HOSTS, LeftOut

SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?")
_PORT = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|.*[^:]):(?P<port>\d{1,5})")


def read_ansible_ini(text: str, path: Path) -> AnsibleInventory:
    """The inventory in ``text``; a line that cannot be read is told and left out.

    Raises:
        InputError: it names more than ``MAX_HOSTS`` hosts.
    """
    reader = _Reader()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line and line[0] not in "#;":
            reader.take(line, number)
        if len(reader.inventory.hosts) > MAX_HOSTS:
            raise InputError(f"names more than {MAX_HOSTS} hosts", path=path, line=number)
    reader.close()
    return reader.inventory


class _Reader:
    """Takes the lines of an inventory one by one; before any section, they are hosts."""

    def __init__(self) -> None:
        self.inventory = AnsibleInventory()
        self._group = "ungrouped"
        self._kind = "hosts"
        self._declared = {"all", "ungrouped"}
        self._used: dict[str, int] = {}

    def take(self, line: str, number: int) -> None:
        """Reads a line that is neither empty nor a comment."""
        section = SECTION.fullmatch(line)
        if section:
            self._open(section[1], section[2] or "hosts", number)
        elif self._kind == "hosts":
            _host_line(line, self._group, number, self.inventory)
        elif self._kind == "vars":
            name, equals, value = line.partition("=")
            if equals:
                variables = self.inventory.group(self._group).variables
                variables[name.strip()] = _plain(value.strip())
            else:
                _leave(self.inventory, number, "a line of a :vars section is name=value")
        elif self._kind == "children":
            child = re.split("[#;]", line)[0].strip()
            self._used.setdefault(child, number)
            self.inventory.group(child)
            self.inventory.group(self._group).children[child] = None

    def _open(self, group: str, kind: str, number: int) -> None:
        self._group, self._kind = group, kind
        self.inventory.group(group)
        if kind == "vars":
            self._used.setdefault(group, number)
        else:
            self._declared.add(group)
        if kind not in ("hosts", "children", "vars"):
            reason = "a section is [group], [group:children] or [group:vars]; this one is not read"
            _leave(self.inventory, number, reason)

    def close(self) -> None:
        """Tells of groups that are used and nowhere made."""
        self.inventory.left_out += [
            LeftOut(f"group {name}", "is used but has no section of its own", number)
            for name, number in self._used.items()
            if name not in self._declared
        ]


def _host_line(line: str, group: str, number: int, inventory: AnsibleInventory) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        _leave(inventory, number, "it has an unclosed quote")
        return
    if not words or "=" in words[0]:
        _leave(inventory, number, "a line of hosts begins with a host")
        return
    pattern, variables = words[0], dict[str, object]()
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals:
            _leave(inventory, number, "after the host, every word must be name=value")
            return
        variables[name] = _plain(value)
    port = None
    matched = _PORT.fullmatch(pattern)
    if matched and (matched["host"].count(":") == 0 or matched["host"].endswith("]")):
        pattern, port = matched["host"], matched["port"]
    try:
        names = list(_names(pattern))
    except ValueError as error:
        _leave(inventory, number, str(error))
        return
    for name in names:
        host = inventory.host(name, group, number)
        if port is not None:
            host.variables["ansible_port"] = port
        host.variables |= variables


def _names(pattern: str) -> list[str]:
    inner = pattern[1:-1]
    if pattern.startswith("[") and pattern.endswith("]") and inner.count(":") > 2:
        return [inner]  # an IPv6 address
    return list(expand_range(pattern, MAX_HOSTS))


def _plain(value: str) -> str:
    """Ansible reads Python literals; of these only the quotes matter to a plain value."""
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted and value[0] not in value[1:-1] else value


def _leave(inventory: AnsibleInventory, number: int, reason: str) -> None:
    inventory.left_out.append(LeftOut(f"line {number}", reason, number))
