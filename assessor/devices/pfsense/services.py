"""The ways into the device itself: its pages, SSH, SNMP, UPnP."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.devices.device import Community, Reach, Service, Storage, Topic
from assessor.devices.pfsense.firewall import Filtering
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    check,
    child,
    children,
    flag,
    listed,
    on,
    text,
)
from assessor.devices.pfsense.names import NTPD, SNMPD, SSH, UPNP, UPNP_PATTERN, WEBGUI
from assessor.devices.pfsense.ports import number
from assessor.devices.secrets import secret

_WEAK_SSH = frozenset(
    """3des-cbc aes128-cbc aes192-cbc aes256-cbc arcfour arcfour128 arcfour256 blowfish-cbc
    cast128-cbc diffie-hellman-group1-sha1 diffie-hellman-group14-sha1
    diffie-hellman-group-exchange-sha1 hmac-md5 hmac-md5-96 hmac-sha1 hmac-sha1-96
    hmac-md5-etm@openssh.com hmac-sha1-etm@openssh.com hmac-sha1-96-etm@openssh.com ssh-dss
    ssh-rsa""".split()  # noqa: SIM905 - a list of words is read more easily so
)
"""Of the lists of algorithms: RFC 8758, RFC 9142 and NIST SP 800-131A no longer have these."""


@dataclass(frozen=True)
class Ways:
    """Where to look for services.

    Attributes:
        new: OPNsense's names and flags count.
    """

    root: Element
    filtering: Filtering
    unread: Unread
    new: bool

    def services(self) -> tuple[Service, ...] | None:
        """All of them; ``None`` where the configuration says nothing of its pages."""
        system = child(self.root, "system")
        webgui = child(system, "webgui")
        if webgui is None:
            return None
        return (*self._webgui(webgui), *self._ssh(system), *self._snmp(), *self._upnp())

    def _reach(self, interfaces: str, protocol: str, port: int) -> Reach:
        """From where ``port`` is open, if the service listens at ``interfaces`` only."""
        names = listed(interfaces)
        outside = {each.key for each in self.filtering.outside}
        if names and not outside.intersection(names) and outside:
            return Reach.INSIDE
        return self.filtering.reach(protocol, port)

    def _webgui(self, webgui: Element) -> list[Service]:
        check(webgui, (WEBGUI,), self.unread, Topic.MANAGEMENT, Topic.ACCOUNTS)
        protocol = text(webgui, "protocol")
        if protocol not in {"http", "https"}:
            self.unread.add(f"<webgui> <protocol> {protocol}", Topic.MANAGEMENT)
            return []
        port = number(text(webgui, "port")) or (443 if protocol == "https" else 80)
        reach = self._reach(text(webgui, "interfaces"), "tcp", port)
        return [Service(protocol, encrypted=protocol == "https", reach=reach, port=port)]

    def _ssh(self, system: Element | None) -> list[Service]:
        ssh = child(system, "ssh")
        check(ssh, (SSH,), self.unread, Topic.MANAGEMENT)
        if self.new:
            enabled = flag(ssh, "enabled")
        else:
            enabled = text(ssh, "enable") == "enabled" or flag(system, "enablesshd")
            if text(ssh, "enable") not in {"", "enabled"} or child(ssh, "enabled") is not None:
                self.unread.add("<ssh> <enable>: neither on nor off", Topic.MANAGEMENT)
        if not enabled:
            return [Service("ssh", enabled=False, reach=Reach.INSIDE)]
        port = number(text(ssh, "port")) or 22
        offered = {word for name in ("ciphers", "kex", "macs", "keys", "keysig")
                   for word in listed(text(ssh, name))}  # fmt: skip
        return [
            Service(
                "ssh",
                reach=self._reach(text(ssh, "interfaces"), "tcp", port),
                port=port,
                weak=tuple(sorted(offered & _WEAK_SSH)),
            )
        ]

    def _snmp(self) -> list[Service]:
        snmpd = child(self.root, "snmpd")
        plugin = child(self.root, "OPNsense", "netsnmp", "general")
        if snmpd_on(snmpd):
            port = number(text(snmpd, "pollport")) or 161
            bound = text(snmpd, "bindip")
            names = "lan" if flag(snmpd, "bindlan") else bound if bound != "all" else ""
            reach = self._reach(names, "udp", port)
            return [Service("snmp", encrypted=False, reach=reach, port=port)]
        if on(plugin, "enabled"):
            encrypted = not text(plugin, "community")
            reach = self.filtering.reach("udp", 161)
            return [Service("snmp", encrypted=encrypted, reach=reach, port=161)]
        return []

    def _upnp(self) -> list[Service]:
        found = []
        for holder in children(self.root, "installedpackages", "miniupnpd"):
            for each in list(children(holder, "config")) or [holder]:
                check(
                    each, (UPNP, UPNP_PATTERN), self.unread, Topic.MANAGEMENT, Topic.FIREWALL,
                    many=frozenset({"row"}),
                )  # fmt: skip
                offers = on(each, "enable_upnp") or on(each, "enable_natpmp")
                found.append(Service("upnp", enabled=flag(each, "enable") and offers,
                                     encrypted=False, reach=Reach.INSIDE))  # fmt: skip
        return found


def snmpd_on(snmpd: Element | None) -> bool:
    """Whether the built-in agent (bsnmpd) runs."""
    return flag(snmpd, "enable")


def communities(root: Element, unread: Unread) -> tuple[Community, ...]:
    """The communities and users of SNMP; none where no agent runs."""
    snmpd = child(root, "snmpd")
    check(snmpd, (SNMPD,), unread, Topic.SNMP)
    found: list[Community] = []
    if snmpd_on(snmpd):
        for name, writable in (("rocommunity", False), ("rwcommunity", True)):
            if said := text(snmpd, name):
                kept = secret(said, Storage.CLEAR)
                found.append(Community("2c", writable=writable, secret=kept))
    plugin = child(root, "OPNsense", "netsnmp")
    check(plugin, (frozenset({"general", "user", "trapd"}),), unread, Topic.SNMP)
    check(child(plugin, "general"), (_NETSNMP,), unread, Topic.SNMP)
    if on(plugin, "general", "enabled"):
        if said := text(plugin, "general", "community"):
            found.append(Community("2c", secret=secret(said, Storage.CLEAR)))
        for each in children(plugin, "user", "users", "user"):
            check(each, (_NETSNMP_USER,), unread, Topic.SNMP)
            if on(each, "enabled", default=True):
                found.append(
                    Community(
                        "3",
                        writable=on(each, "readwrite"),
                        encrypted=bool(text(each, "enckey")),
                        secret=secret(text(each, "password"), Storage.CLEAR),
                    )
                )
    for each in children(root, "installedpackages"):
        for part in each:
            # pfSense's package NET-SNMP keeps its users in a table of its own.
            if str(part.tag).startswith("netsnmp") and (len(part) or text(part)):
                unread.add(f"<installedpackages> <{part.tag}>", Topic.SNMP)
    return tuple(found)


_NETSNMP = frozenset(
    """enabled community syslocation syscontact l3visibility versionoid listen agentx
    agentx_socket extend physical""".split()  # noqa: SIM905
)
_NETSNMP_USER = frozenset(
    "enabled username password enckey readwrite authproto privproto".split()  # noqa: SIM905
)


def resolvers(system: Element | None) -> tuple[str, ...]:
    """The resolvers that the device asks."""
    return tuple(word for each in children(system, "dnsserver") for word in listed(text(each)))


def clocks(root: Element, unread: Unread) -> tuple[str, ...] | None:
    """The time servers that the device asks; ``None`` where it does not say."""
    system = child(root, "system")
    ntpd = child(root, "ntpd")
    check(ntpd, (NTPD,), unread, Topic.TIME)
    if text(ntpd, "enable") in {"disabled", "0"}:
        return ()
    chrony = child(root, "OPNsense", "chrony", "general")
    if on(chrony, "enabled"):
        return listed(text(chrony, "peers"))
    if child(system, "timeservers") is None:
        return None
    return listed(text(system, "timeservers"))
