"""Reads an Ansible inventory in YAML form, and the variable files beside an inventory.

Unlike our own settings, these files may hold aliases, merge keys and Ansible's tags; what they
stand for is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from assessor.errors import InputError
from assessor.inputs.importers.ansible import (
    VAULTED,
    AnsibleHost,
    AnsibleInventory,
)
from assessor.inputs.importers.host_ranges import expand_range
from assessor.inputs.importers.imported import MAX_HOSTS, LeftOut, read_text

_MAX_VALUES = 200_000
_MAX_DEPTH = 40
_VAULT_HEADER = "$ANSIBLE_VAULT;"
_QUOTED = re.compile(r"'[^']{2,}'")
"""Names that PyYAML's messages repeat from the file; a single character may stay."""
_SUFFIXES = (".yml", ".yaml", "")
_GROUP_KEYS = frozenset({"hosts", "vars", "children"})

Lines = dict[tuple[str, ...], int]


def read_ansible_yaml(text: str, path: Path) -> AnsibleInventory:
    """The inventory in ``text``.

    Raises:
        InputError: it is no YAML, no inventory, or names more than ``MAX_HOSTS`` hosts.
    """
    lines: Lines = {}
    value = _load(text, path, lines)
    if not isinstance(value, dict) or not value:
        raise InputError("an inventory is a mapping of groups", path=path, line=1)
    if "plugin" in value:
        raise InputError(
            "this file asks a plugin for the hosts: it names none itself",
            path=path,
            line=lines.get(("plugin",)),
            mend="write the hosts out with: ansible-inventory --list --yaml --output hosts.yml",
        )
    inventory = AnsibleInventory()
    _Groups(inventory, path, lines).read(value)
    return inventory


class _Groups:
    """Walks the groups of a file into an inventory."""

    def __init__(self, inventory: AnsibleInventory, path: Path, lines: Lines) -> None:
        self._inventory = inventory
        self._path = path
        self._lines = lines

    def read(self, groups: Mapping[str, object]) -> None:
        """Reads the groups at the top of the file."""
        for name, group in groups.items():
            self._group(name, group, (name,))

    def _group(self, name: str, value: object, at: tuple[str, ...]) -> None:
        group = self._inventory.group(name)
        if value is None:
            return
        if not isinstance(value, dict):
            self._leave(f"group {name}", "it is no mapping", at)
            return
        for key in value.keys() - _GROUP_KEYS:
            self._leave(f"group {name}", f"{key!r} is none of hosts, vars, children", (*at, key))
        variables = self._mapping(name, value, "vars", at)
        group.variables |= variables
        for pattern, host in self._mapping(name, value, "hosts", at).items():
            self._host(pattern, host, name, (*at, "hosts", pattern))
        for child, below in self._mapping(name, value, "children", at).items():
            group.children[child] = None
            self._group(child, below, (*at, "children", child))

    def _mapping(
        self, name: str, value: Mapping[str, object], key: str, at: tuple[str, ...]
    ) -> Mapping[str, object]:
        """``hosts``, ``vars`` or ``children``; one host may stand alone as a text."""
        found = value.get(key)
        if isinstance(found, dict):
            return found
        if isinstance(found, str) and key != "vars":
            return {found: None}
        if found is not None:
            self._leave(f"group {name}", f"its {key} are no mapping (a: colon is missing?)", at)
        return {}

    def _host(self, pattern: str, value: object, group: str, at: tuple[str, ...]) -> None:
        line = self._lines.get(at)
        if value is not None and not isinstance(value, dict):
            self._leave(f"host {pattern}", "its variables are no mapping", at)
            value = None
        try:
            names = list(expand_range(pattern, MAX_HOSTS))
        except ValueError as error:
            self._leave(f"host {pattern}", str(error), at)
            return
        for name in names:
            host = self._inventory.host(name, group, line)
            host.variables |= value or {}
            if len(self._inventory.hosts) > MAX_HOSTS:
                raise InputError(f"names more than {MAX_HOSTS} hosts", path=self._path, line=line)

    def _leave(self, subject: str, reason: str, at: tuple[str, ...]) -> None:
        self._inventory.left_out.append(LeftOut(subject, reason, self._lines.get(at)))


def read_variable_files(inventory: AnsibleInventory, folder: Path) -> None:
    """Adds what ``group_vars`` and ``host_vars`` in ``folder`` say of known groups and hosts."""
    for name, group in inventory.groups.items():
        for path in _variable_files(folder / "group_vars", name):
            group.file_variables |= _variables(path, inventory)
    for name, host in inventory.hosts.items():
        _add_host_files(folder, name, host, inventory)


def _add_host_files(
    folder: Path, name: str, host: AnsibleHost, inventory: AnsibleInventory
) -> None:
    for path in _variable_files(folder / "host_vars", name):
        host.file_variables |= _variables(path, inventory)


def _variable_files(folder: Path, name: str) -> list[Path]:
    if not name or "/" in name or name.startswith("."):
        return []
    found = [path for suffix in _SUFFIXES if (path := folder / f"{name}{suffix}").is_file()]
    if (folder / name).is_dir():
        found += sorted(
            path
            for path in (folder / name).iterdir()
            if path.is_file() and path.suffix in _SUFFIXES and not path.name.startswith(".")
        )
    return found


def _variables(path: Path, inventory: AnsibleInventory) -> Mapping[str, object]:
    """The variables of one file; a file that cannot be read is told and left out."""
    subject = f"file {path.parent.name}/{path.name}"
    try:
        text = read_text(path)
        if text.startswith(_VAULT_HEADER):
            inventory.left_out.append(LeftOut(subject, "ansible-vault has encrypted it"))
            return {}
        value = _load(text, path, {})
    except InputError as error:
        inventory.left_out.append(LeftOut(subject, error.message, error.line))
        return {}
    if value is not None and not isinstance(value, dict):
        inventory.left_out.append(LeftOut(subject, "it is no mapping of variables"))
    return value if isinstance(value, dict) else {}


def _load(text: str, path: Path, lines: Lines) -> object:
    try:
        node = yaml.compose(text, Loader=_Loader)
        return None if node is None else _Values(path, lines).of(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            f"not valid YAML: {_QUOTED.sub('...', error.problem or 'unreadable')}",
            path=path,
            line=mark.line + 1 if mark else None,
            mend="mind the colons, the indentation and unclosed quotes",
        ) from None
    except yaml.YAMLError:
        raise InputError("not valid YAML: it holds control characters", path=path) from None
    except RecursionError:
        raise InputError("nested too deeply", path=path) from None


class _Loader(yaml.SafeLoader):
    """Only composes: values are made by ``_Values``."""


class _Values:
    """Plain values of a graph of nodes, at most ``_MAX_VALUES`` of them.

    Every scalar is a text, as it stands in the file: nothing here needs YAML's own types.
    """

    def __init__(self, path: Path, lines: Lines) -> None:
        self._path = path
        self._lines = lines
        self._count = 0

    def of(self, node: yaml.Node, at: tuple[str, ...]) -> object:
        """The value of ``node``; raises ``InputError`` where it stands for too much."""
        self._count += 1
        if self._count > _MAX_VALUES or len(at) > _MAX_DEPTH:
            raise InputError(
                "its aliases or its depth stand for too much",
                path=self._path,
                line=node.start_mark.line + 1,
            )
        if node.tag == "!vault":
            return VAULTED
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(item, (*at, str(place))) for place, item in enumerate(node.value)]
        if node.tag == "tag:yaml.org,2002:null":
            return None
        return str(node.value)

    def _mapping(self, node: yaml.MappingNode, at: tuple[str, ...]) -> dict[str, object]:
        merged: dict[str, object] = {}
        own: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue  # a composite key names no variable, group or host
            key = str(key_node.value)
            self._lines.setdefault((*at, key), key_node.start_mark.line + 1)
            value = self.of(value_node, (*at, key))
            if key_node.tag == "tag:yaml.org,2002:merge":
                for source in value if isinstance(value, list) else [value]:
                    merged = {**(source if isinstance(source, dict) else {}), **merged}
            else:
                own[key] = value
        return {**merged, **own}
