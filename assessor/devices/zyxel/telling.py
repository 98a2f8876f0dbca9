"""SNMP, the log and the clock of a ZLD device (CLI Reference Guide, "System", "Logs")."""

from __future__ import annotations

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Community, Logging, Storage, Topic
from assessor.devices.secrets import secret

_SNMP = known("contact location enable host port rule version community v3user v3 trap engine-id")
_SYSLOG = known("address facility format category port disable level log-format system-log-format")
_LOGGING = known("syslog system-log mail console debug usb-storage server category entry")


def read_snmp(tree: Tree, notes: Notes) -> tuple[Community, ...] | None:
    """Communities and users of version 3; none where the agent is off."""
    nodes = tree.take("snmp-server")
    if not nodes:
        return None
    found = []
    for node in nodes:
        kind = node.word(1)
        if kind == "community" and not node.no:
            if node.word(3) in {"ro", "rw"} and len(node.words) == 4:
                kept = secret(node.word(2), Storage.CLEAR)
                found.append(Community("2c", node.word(3) == "rw", secret=kept))
            else:
                notes.add(node.text, Topic.SNMP)
        elif kind == "v3user" and not node.no:
            found.append(_user(node))
        elif kind and kind not in _SNMP:
            notes.add(node.text, Topic.SNMP)
    return () if tree.state("snmp-server") is False else tuple(found)


def _user(node: Node) -> Community:
    """``snmp-server v3user username X authentication sha privacy aes privilege ro``."""
    words = node.words
    privacy = words[words.index("privacy") + 1] if "privacy" in words[:-1] else "none"
    return Community("3", writable=words[-1] == "rw", encrypted=privacy not in {"none", ""})


def read_logging(tree: Tree, notes: Notes) -> Logging | None:
    """``logging syslog 1`` turns a server on; ``logging syslog 1 address X`` says which."""
    nodes = tree.take("logging")
    if not nodes:
        return None
    addresses: dict[str, str] = {}
    on: dict[str, bool] = {}
    for node in nodes:
        if node.word(1) not in _LOGGING:
            notes.add(node.text, Topic.LOGGING)
        if node.word(1) != "syslog":
            continue
        number, setting = node.word(2), node.word(3)
        if not setting:
            on[number] = not node.no
        elif setting == "address" and node.word(4) and not node.no:
            addresses[number] = node.word(4)
        elif setting not in _SYSLOG:
            notes.add(node.text, Topic.LOGGING)
    for number in addresses:
        if number not in on:
            notes.add(f"logging syslog {number}: on or off is not told", Topic.LOGGING)
    remote = tuple(dict.fromkeys(addresses[each] for each in addresses if on.get(each)))
    return Logging(remote, encrypted=False if remote else None)


def read_clock(tree: Tree, notes: Notes) -> tuple[str, ...] | None:
    """The time servers; ``None`` where the export says nothing of any."""
    nodes = tree.take("ntp")
    servers = []
    for node in nodes:
        if node.word(1) == "server" and node.word(2) and not node.no:
            servers.append(node.word(2))
        elif node.word(1) not in {"", "sync", "server"}:
            notes.add(node.text, Topic.TIME)
    if tree.state("ntp") is False:
        return ()
    return tuple(servers) if nodes else None
