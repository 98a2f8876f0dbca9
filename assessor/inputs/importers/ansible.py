"""Turns Ansible's groups, hosts and variables into candidates; INI and YAML meet here.

Only what says how a host is reached is taken. Passwords never are. The rules of precedence are
those of Ansible's "Building Ansible inventories" (How variables are merged): all, then groups
from parent to child (by name, or by ansible_group_priority, at equal depth), then the host;
group_vars and host_vars files beside the inventory go before what the inventory itself says.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assessor.inputs.implicit import safe_name
from assessor.inputs.importers.ansible_winrm import SHELLS, WINRM, winrm_settings
from assessor.inputs.importers.imported import Candidate, LeftOut
from assessor.inputs.importers.ssh_options import SshOptions, read_ssh_arguments

Variables = Mapping[str, object]

ALL = "all"
_NO_TAGS = frozenset({ALL, "ungrouped"})
_TRUE = frozenset({"yes", "true", "on", "1", "y", "t"})
_SSH = frozenset({"ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh"})
_LOCAL = frozenset({"local", "ansible.builtin.local"})
_ALIASES = {
    "ansible_host": ("ansible_ssh_host",),
    "ansible_port": ("ansible_ssh_port",),
    "ansible_user": ("ansible_ssh_user",),
    "ansible_ssh_private_key_file": ("ansible_private_key_file",),
    "ansible_become": ("ansible_sudo",),
    "ansible_become_password": (
        "ansible_become_pass",
        "ansible_sudo_pass",
        "ansible_sudo_password",
    ),
    "ansible_password": ("ansible_ssh_pass", "ansible_ssh_password"),
}


class Vaulted:
    """A value that ansible-vault has encrypted."""


VAULTED = Vaulted()


@dataclass(slots=True)
class AnsibleGroup:
    """A group as the files say it; it grows while they are read."""

    variables: dict[str, object] = field(default_factory=dict)
    file_variables: dict[str, object] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class AnsibleHost:
    """A host as the files say it."""

    line: int | None
    variables: dict[str, object] = field(default_factory=dict)
    file_variables: dict[str, object] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class AnsibleInventory:
    """Everything an Ansible inventory says."""

    groups: dict[str, AnsibleGroup] = field(default_factory=lambda: {ALL: AnsibleGroup()})
    hosts: dict[str, AnsibleHost] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    def group(self, name: str) -> AnsibleGroup:
        """The group ``name``, made where it is new."""
        return self.groups.setdefault(name, AnsibleGroup())

    def host(self, name: str, group: str, line: int | None) -> AnsibleHost:
        """The host ``name``, now also in ``group``; made where it is new."""
        self.group(group)
        host = self.hosts.setdefault(name, AnsibleHost(line))
        host.groups[group] = None
        return host


def candidates(inventory: AnsibleInventory, role: str) -> list[Candidate]:
    """A candidate for each host that is reached by SSH or WinRM, or is this machine."""
    lineage = _Lineage(inventory)
    found = []
    for name, host in inventory.hosts.items():
        groups = lineage.of(host)
        reader = _HostReader(name, host.line, _merged(host, groups, inventory))
        settings = reader.settings()
        inventory.left_out += reader.left_out
        if settings is None:
            continue
        tags = [tag for group in groups if group not in _NO_TAGS and (tag := safe_name(group))]
        if tags:
            settings["tags"] = list(dict.fromkeys(tags))
        found.append(Candidate(safe_name(name), settings, {"role": role}, host.line))
    return found


class _Lineage:
    """Which groups are above which, and how deep each is."""

    def __init__(self, inventory: AnsibleInventory) -> None:
        self._groups = inventory.groups
        self._depths: dict[str, int] = {}
        self._above: dict[str, frozenset[str]] = {}
        parents: dict[str, set[str]] = {name: set() for name in inventory.groups}
        for name, group in inventory.groups.items():
            for child in group.children:
                parents[child].add(name)
        waiting = {name: len(above) for name, above in parents.items()}
        ready = [name for name, count in waiting.items() if count == 0]
        for name in ready:  # grows while it is walked: a group is ready after all its parents
            self._take(name, parents[name])
            for child in inventory.groups[name].children:
                waiting[child] -= 1
                if waiting[child] == 0:
                    ready.append(child)
        for name in inventory.groups:
            if name not in self._depths:  # it is among its own children, or below such a group
                inventory.left_out.append(
                    LeftOut(f"group {name}", "groups contain each other in a circle around it")
                )
                self._take(name, set())

    def _take(self, name: str, parents: Iterable[str]) -> None:
        self._depths[name] = max((self._depths[above] for above in parents), default=0) + (
            name != ALL
        )
        self._above[name] = frozenset({name, ALL}).union(*(self._above[above] for above in parents))

    def of(self, host: AnsibleHost) -> list[str]:
        """The groups of a host, also those above its own, from the farthest to the nearest."""
        mine = frozenset({ALL}).union(*(self._above[name] for name in host.groups))
        return sorted(
            mine, key=lambda name: (self._depths[name], _priority(self._groups[name]), name)
        )


def _priority(group: AnsibleGroup) -> int:
    said = str(group.variables.get("ansible_group_priority", 1))
    return int(said) if said.isdecimal() and len(said) < 10 else 1


def _merged(
    host: AnsibleHost, groups: Iterable[str], inventory: AnsibleInventory
) -> dict[str, object]:
    named = [inventory.groups[name] for name in groups]
    layers: list[dict[str, object]] = [group.variables for group in named]
    layers += [group.file_variables for group in named]
    layers += [host.variables, host.file_variables]
    merged: dict[str, object] = {}
    for layer in layers:
        merged |= {key.strip(): value for key, value in layer.items()}
    return merged


class _HostReader:
    """Reads the variables of one host."""

    def __init__(self, name: str, line: int | None, variables: dict[str, object]) -> None:
        self.left_out: list[LeftOut] = []
        self._name = name
        self._line = line
        self._variables = variables

    def settings(self) -> dict[str, object] | None:
        """The settings of the host, or ``None`` where it cannot be imported."""
        why = ""
        kind = self._text("ansible_connection")
        host = self._text("ansible_host")
        if not safe_name(self._name):
            why = "its name has no letter or digit"
        elif kind is None and self._said("ansible_connection"):
            why = "its connection is made by a template or kept in a vault"
        elif kind in _LOCAL:
            return {"transport": "local", **self._become()}
        elif kind is not None and kind not in _SSH | WINRM:
            why = f"its connection is {kind}; only ssh, winrm and local are known"
        elif host is None and self._said("ansible_host"):
            why = "its address is made by a template or kept in a vault"
        if why:
            self.left_out = [LeftOut(f"host {self._name}", why, self._line)]
            return None
        if kind in WINRM:
            return self._reached_by_winrm(host or self._name)
        return self._reached_by_ssh(host or self._name)

    def _reached_by_winrm(self, address: str) -> dict[str, object]:
        settings: dict[str, object] = {"transport": "winrm", **self._place(address)}
        if winrm := winrm_settings(self._text, self._leave):
            settings["winrm"] = winrm
        if secrets := self._secrets():
            settings["secrets"] = secrets
        return settings

    def _place(self, address: str) -> dict[str, object]:
        """Where the host is, and as whom one enters it."""
        settings: dict[str, object] = {}
        if address != safe_name(self._name):
            settings["address"] = address
        port = self._text("ansible_port")
        if port is not None:
            # a port that is none is kept as it is: the validation names it
            settings["port"] = int(port) if port.isdecimal() and len(port) < 10 else port
        user = self._text("ansible_user")
        if user is not None:
            settings["user"] = user
        return settings

    def _reached_by_ssh(self, address: str) -> dict[str, object]:
        settings = self._place(address)
        if (self._text("ansible_shell_type") or "") in SHELLS:
            settings["platform"] = "windows"
        key = self._text("ansible_ssh_private_key_file")
        ssh = self._ssh()
        if ssh.jump:
            settings["jump"] = list(ssh.jump)
        settings |= self._become()
        if keys := [*([key] if key else []), *ssh.identity_files]:
            settings["identity_files"] = keys
        if ssh.known_hosts:
            settings["known_hosts"] = list(ssh.known_hosts)
        secrets = self._secrets()
        if secrets:
            settings["secrets"] = secrets
        return settings

    def _ssh(self) -> SshOptions:
        arguments: list[str] = []
        for name in ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"):
            text = self._text(name)
            try:
                arguments += shlex.split(text or "")
            except ValueError:
                self._leave(f"{name} has an unclosed quote")
        options = read_ssh_arguments(arguments)
        for reason in options.left_out:
            self._leave(reason)
        return options

    def _become(self) -> dict[str, object]:
        said = self._text("ansible_become")
        if said is None or said.lower() not in _TRUE:
            return {}
        method = self._text("ansible_become_method") or "sudo"
        if method not in ("sudo", "ansible.builtin.sudo"):
            self._leave("root's rights are had in another way than sudo: privilege is none")
            return {}
        return {"privilege": "sudo"}

    def _secrets(self) -> dict[str, object]:
        """A password that Ansible knows is asked for instead."""
        secrets: dict[str, object] = {}
        for name, purpose in (
            ("ansible_password", "password"),
            ("ansible_ssh_private_key_passphrase", "key_passphrase"),
            ("ansible_become_password", "sudo_password"),
        ):
            if not self._said(name):
                continue
            kept = "in a vault" if self._value(name) is VAULTED else "in the inventory"
            secrets[purpose] = "ask"
            self._leave(f"{name} ({kept}) was not read: secrets.{purpose} is now ask")
        return secrets

    def _value(self, name: str) -> object:
        """A variable by its newest name, or an older one."""
        for spelled in (name, *_ALIASES.get(name, ())):
            if self._variables.get(spelled) is not None:
                return self._variables[spelled]
        return None

    def _said(self, name: str) -> bool:
        return self._value(name) is not None

    def _text(self, name: str) -> str | None:
        """A plain value as a text; templates and vaulted values are told and left out."""
        value = self._value(name)
        if value is None or (isinstance(value, str) and not value):
            return None
        if value is VAULTED:
            self._leave(f"{name} is kept in a vault")
            return None
        if not isinstance(value, str | int | float):
            self._leave(f"{name} is no plain value")
            return None
        text = str(value)
        if "{{" in text or "{%" in text:
            self._leave(f"{name} is made by a template")
            return None
        return text

    def _leave(self, reason: str) -> None:
        self.left_out.append(LeftOut(f"{self._name}, in part", reason, self._line))
