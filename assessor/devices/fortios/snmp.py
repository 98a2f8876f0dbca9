"""SNMP: the agent only reads; it is off unless it was turned on (CLI reference, "snmp sysinfo")."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.devices.device import Community, Storage
from assessor.devices.fortios.accounts import reversible, stored
from assessor.devices.fortios.configuration import ANY_HOST, Configuration
from assessor.devices.fortios.grammar import Block


@dataclass(frozen=True, slots=True)
class Snmp:
    """The agent.

    Attributes:
        answers: somebody can ask it.
        encrypted: only version 3 with privacy is answered.
        from_hosts: only named hosts are.
        communities: ``None`` where the export shows nothing of SNMP.
    """

    answers: bool
    encrypted: bool
    from_hosts: bool
    communities: tuple[Community, ...] | None


def snmp(config: Configuration) -> Snmp:
    """The agent and who may ask it."""
    tables = ("system snmp sysinfo", "system snmp community", "system snmp user")
    if not any(config.table(name) is not None for name in tables):
        return Snmp(False, True, False, None)
    found = [
        community
        for block in config.whole.part("system snmp community").entries.values()
        for community in _community(block)
    ]
    storage = reversible(config)
    found += [
        _user(block, storage)
        for block in config.whole.part("system snmp user").entries.values()
        if block.one("status") != "disable" and block.on("queries", otherwise=True)
    ]
    agent = config.table("system snmp sysinfo")
    # An export in parts may lack the one table that says whether the agent is on.
    on = bool(found) if agent is None else agent.on("status")
    encrypted = all(one.version == "3" and one.encrypted for one in found)
    hosts = bool(found) and all(one.sources for one in found)
    return Snmp(on and bool(found), encrypted, hosts, tuple(found) if on else ())


def _community(block: Block) -> list[Community]:
    if block.one("status") == "disable":
        return []
    hosts = [
        "/".join(host.all(name))
        for part, name in (("hosts", "ip"), ("hosts6", "ipv6"))
        for host in block.part(part).entries.values()
        if host.one("host-type", "any") != "trap"
    ]
    # A host without an address stands for any.
    everyone = not hosts or any(not host or host.startswith(ANY_HOST) for host in hosts)
    sources = () if everyone else tuple(hosts)
    named = stored(block, "name", Storage.CLEAR)
    return [
        Community(version, secret=named, sources=sources)
        for version, setting in (("1", "query-v1-status"), ("2c", "query-v2c-status"))
        if block.on(setting, otherwise=True)
    ]


def _user(block: Block, storage: Storage) -> Community:
    level = block.one("security-level", "no-auth-no-priv")
    return Community("3", encrypted=level == "auth-priv", secret=stored(block, "auth-pwd", storage))
