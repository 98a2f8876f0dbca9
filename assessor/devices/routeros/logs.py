"""Where the log goes, whose time the clock takes, and who answers to SNMP.

Out of the box the log stays in the device's memory (a thousand lines, rules for info, error,
warning and critical), and no time server is asked (manual.mikrotik.com, "Log", "NTP").
"""

from __future__ import annotations

from collections.abc import Sequence

from assessor.devices.device import Community, Logging, Secret, Storage, Strength, Topic
from assessor.devices.routeros.export import Export, Item
from assessor.devices.routeros.services import communities
from assessor.devices.secrets import secret

_LOGIN = frozenset({"system", "info", "account"})
"""The topics of "user admin logged in from 192.0.2.7 via winbox"."""
_NOWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 # no address that is listened on
_BUILT_IN = ("memory", "disk", "echo", "remote")
_DEFAULT_RULES = ("info", "error", "warning", "critical")
_TOPIC_NAMES = frozenset(
    [
        "account",
        "acme-client",
        "amt",
        "async",
        "backup",
        "bfd",
        "bgp",
        "bridge",
        "calc",
        "caps",
        "certificate",
        "clock",
        "container",
        "critical",
        "ddns",
        "debug",
        "dhcp",
        "discover",
        "disk",
        "dns",
        "dot1x",
        "dude",
        "e-mail",
        "error",
        "event",
        "evpn",
        "fetch",
        "firewall",
        "gps",
        "gsm",
        "health",
        "hotspot",
        "igmp-proxy",
        "info",
        "interface",
        "ipsec",
        "iscsi",
        "isdn",
        "isis",
        "kvm",
        "l2tp",
        "ldp",
        "lora",
        "lte",
        "manager",
        "mme",
        "mpls",
        "mqtt",
        "mvrp",
        "natpmp",
        "netinstall",
        "netwatch",
        "ntp",
        "ospf",
        "ovpn",
        "packet",
        "pim",
        "poe-in",
        "poe-out",
        "poe",
        "ppp",
        "pppoe",
        "pptp",
        "ptp",
        "queue",
        "radius",
        "radvd",
        "raw",
        "read",
        "rip",
        "route",
        "rpki",
        "rproxy",
        "rsvp",
        "script",
        "sertcp",
        "simulator",
        "smb",
        "snmp",
        "socksify",
        "ssh",
        "ssld",
        "sstp",
        "state",
        "store",
        "stp",
        "system",
        "tel",
        "telephony",
        "telnet",
        "tftp",
        "timer",
        "tr069",
        "update",
        "upnp",
        "ups",
        "vpls",
        "vrrp",
        "warning",
        "watchdog",
        "web-proxy",
        "wiliot",
        "wireguard",
        "wireless",
        "write",
        "zerotier",
    ]
)


def logging(export: Export) -> Logging:
    """Where the log of log-ins goes."""
    actions = {"remote": Item("system logging action", {"target": "remote"}, "")}
    for item in export.items("system logging action"):
        if not item.added:
            # 0 memory, 1 disk, 2 echo, 3 remote: the maker's.
            name = _BUILT_IN[int(item.target)] if item.target in set("0123") else item.name
            if name == "remote":
                actions["remote"].values.update(item.values)
                continue
        actions[item.name] = item
    remote: list[str] = []
    encrypted: list[bool] = []
    for rule in _rules(export):
        named = rule.get("action", "memory")
        action = actions.get(named)
        if action is None and named not in _BUILT_IN:
            export.notes.add((Topic.LOGGING,), f"action={named}: {rule.text}")
        if action is None or action.get("target") != "remote" or not _has_logins(export, rule):
            continue
        to = action.get("remote")
        if to in _NOWHERE:
            continue
        remote.append(to)
        tls = action.get("remote-protocol") == "tls" and action.get("remote-log-format") == "cef"
        encrypted.append(tls)
    return Logging(tuple(dict.fromkeys(remote)), None, all(encrypted) if encrypted else None)


def _rules(export: Export) -> Sequence[Item]:
    """Every rule that is in force, the maker's among them."""
    rules = {
        str(number): Item("system logging", {"topics": topics, "action": "memory"}, topics)
        for number, topics in enumerate(_DEFAULT_RULES)
    }
    added = []
    for item in export.items("system logging"):
        if item.added:
            added.append(item)
        elif item.target in rules:
            rules[item.target].values.update(item.values)
        else:
            export.notes.add((Topic.LOGGING,), f"/system logging {item.text}")
    return [item for item in (*rules.values(), *added) if export.enabled(item)]


def _has_logins(export: Export, rule: Item) -> bool:
    """Whether who logs in is among what a rule passes on: a message needs all topics named."""
    words = [word for word in rule.get("topics", "info").split(",") if word]
    if unknown := [word for word in words if word.lstrip("!") not in _TOPIC_NAMES]:
        export.notes.add((Topic.LOGGING,), f"topics={unknown[0]}: {rule.text}")
        return False
    if rule.get("regex"):
        export.notes.add((Topic.LOGGING,), f"regex: {rule.text}")
    wanted = {word for word in words if not word.startswith("!")}
    without = {word[1:] for word in words if word.startswith("!")}
    return wanted <= _LOGIN and not without & _LOGIN


def time_servers(export: Export, *, board: bool) -> tuple[str, ...] | None:
    """The time servers that are asked.

    Where none is, MikroTik's cloud sets the clock of its own boards after every start and whenever
    the address changes (``/ip cloud update-time``, on unless told otherwise): not often enough to
    count on, too often to say that nothing does.

    Args:
        export: the configuration.
        board: it is a device of MikroTik's own, which the cloud knows.
    """
    client = export.settings("system ntp client")
    if export.flag(client, "enabled", default=False) is not True:
        cloud = export.settings("ip cloud")
        return None if board and cloud.get("update-time", "yes") != "no" else ()
    servers = [client.get("primary-ntp"), client.get("secondary-ntp")]
    servers += client.get("servers").split(",") + client.get("server-dns-names").split(",")
    servers += [
        item.get("address")
        for item in export.items("system ntp client servers")
        if export.enabled(item)
    ]
    found = [one for one in servers if one not in _NOWHERE]
    mode = client.get("mode", "unicast")
    if mode != "unicast":
        found.append(f"mode={mode}")
    if not found:
        # The provider's DHCP may name some, where the client is let.
        leased = any(
            export.enabled(item) and item.get("use-peer-ntp", "yes") == "yes"
            for item in export.items("ip dhcp-client")
        )
        return None if leased else ()
    return tuple(dict.fromkeys(found))


def resolvers(export: Export) -> tuple[str, ...] | None:
    """The resolvers that are asked; ``None`` where a provider names them."""
    settings = export.settings("ip dns")
    named = [*settings.get("servers").split(","), settings.get("use-doh-server")]
    found = tuple(one for one in named if one)
    return found or None


def snmp(export: Export) -> tuple[Community, ...]:
    """The communities that are answered to."""
    if export.flag(export.settings("snmp"), "enabled", default=False) is False:
        return ()
    found = []
    for item in communities(export):
        security = item.get("security", "none")
        if security not in ("none", "authorized", "private"):
            export.notes.add((Topic.SNMP,), f"/snmp community security={security}: {item.text}")
        addresses = item.get("addresses").split(",")
        if export.flag(item, "read-access", default=True) is False and (
            export.flag(item, "write-access", default=False) is False
        ):
            continue
        found.append(
            Community(
                "2c" if security == "none" else "3",
                export.flag(item, "write-access", default=False) is not False,
                security == "private",
                _word(item, security),
                tuple(one for one in addresses if one not in ("", "0.0.0.0/0", "::/0")),
            )
        )
    return tuple(found)


def _word(item: Item, security: str) -> Secret:
    if security != "none":
        return secret(item.get("authentication-password"), Storage.CLEAR)
    if not item.get("name"):
        # The maker's community is called "public".
        return Secret("", Storage.CLEAR, Strength.COMMON, factory=True)
    return secret(item.get("name"), Storage.CLEAR)
