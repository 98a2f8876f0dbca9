"""Communities and users of SNMP: net-snmp's package ``snmpd``, and ``mini_snmpd``.

A community (``com2sec``) gives a name, groups hold names, and an access gives a group its rights.
Source: packages feed, ``net/net-snmp/files/snmpd.init`` and ``snmpd.conf``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessor.devices.device import Community, Storage, Topic
from assessor.devices.openwrt.said import Said
from assessor.devices.openwrt.uci import Section
from assessor.devices.secrets import secret

_KNOWN = frozenset(
    {"agent", "agentx", "com2sec", "com2sec6", "group", "view", "access", "system", "exec", "pass"}
    | {"pass_persist", "snmpd", "trap_HostName", "trap_HostIP", "trapcommunity", "trapsink"}
    | {"trap2sink", "informsink", "authtrapenable", "v1trapaddress", "trapsess", "disk", "disks"}
    | {"extend", "engineid", "swap", "proc", "load", "file"}
)
_LOCAL = re.compile(r"localhost|127\.\S+|::1\S*")
_EVERYWHERE = frozenset({"", "default", "0.0.0.0/0", "::/0"})


def read_snmp(said: Said) -> tuple[Community, ...] | None:
    """The communities; ``None`` where it is not told whether there is an agent."""
    told = [said.has(package) for package in ("snmpd", "mini_snmpd")]
    if None in told and True not in told:
        return None
    return (*_net_snmp(said), *_mini(said))


def _net_snmp(said: Said) -> Iterator[Community]:
    if said.started("snmpd") is False:
        return
    for section in said.of("snmpd"):
        if section.type not in _KNOWN:
            said.note([Topic.SNMP], f"snmpd: config {section.type} {section.key}")
    writers = _writers(said)
    for section in [*said.of("snmpd", "com2sec"), *said.of("snmpd", "com2sec6")]:
        source, community = section.get("source"), section.get("community")
        if not community:
            said.note([Topic.SNMP], f"snmpd.{section.key}.community: is missing")
        elif not _LOCAL.fullmatch(source):
            yield Community(
                "2c",
                writable=section.get("secname") in writers,
                secret=secret(community, Storage.CLEAR),
                sources=() if source in _EVERYWHERE else (source,),
            )


def _writers(said: Said) -> set[str]:
    groups = {
        each.get("group")
        for each in said.of("snmpd", "access")
        if each.get("write", "none") != "none"
    }
    return {
        each.get("secname") for each in said.of("snmpd", "group") if each.get("group") in groups
    }


def _mini(said: Said) -> Iterator[Community]:
    if said.started("mini_snmpd") is False:
        return
    for section in said.of("mini_snmpd"):
        if said.on(section, "enabled", [Topic.SNMP]):
            yield _community(section)


def _community(section: Section) -> Community:
    # Its default is "public" (mini_snmpd's manual).
    return Community("2c", secret=secret(section.get("community", "public"), Storage.CLEAR))
