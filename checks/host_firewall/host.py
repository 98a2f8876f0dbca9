"""Reads the two unprivileged scripts: ``linux_network.sh`` and ``linux_services.sh``."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .rules import Family

_LOOPBACK_TYPE = "772"  # ARPHRD_LOOPBACK, linux/if_arp.h
_UP = 0x1  # IFF_UP, linux/if.h
_SCOPE_GLOBAL, _SCOPE_LINK = "00", "20"  # IPV6_ADDR_* scopes as /proc/net/if_inet6 prints them


class Ipv6(StrEnum):
    """Whether strangers can reach the host over IPv6."""

    GLOBAL = "global"
    LINK_LOCAL = "link-local"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface.

    Attributes:
        exposed: strangers may come in here: it is a real device, stands on one, carries a default
            route, or nothing shows that it is only inside this host.
    """

    name: str
    exposed: bool


@dataclass(frozen=True, slots=True)
class Listener:
    """A program that waits for connections or datagrams on an address that others can reach."""

    family: Family
    protocol: str
    port: int


@dataclass(frozen=True, slots=True)
class Network:
    """The host's way to the world; ``complete`` is false when the script's answer is not whole."""

    complete: bool
    interfaces: tuple[Interface, ...] = ()
    ipv6: Ipv6 = Ipv6.UNKNOWN
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    """What an ordinary user sees of firewalls on the host.

    Attributes:
        tools: firewall programs that are installed.
        ufw: settings of ufw, by name.
        enabled: firewall services that start at boot; ``None`` where that cannot be seen.
        active: firewall services that systemd calls active.
        kernel: packet filters of the kernel that are loaded or built in; ``None`` where that
            cannot be seen.
    """

    complete: bool
    tools: frozenset[str] = frozenset()
    ufw: Mapping[str, str] = field(default_factory=dict)
    enabled: frozenset[str] | None = None
    active: frozenset[str] = frozenset()
    kernel: frozenset[str] | None = None


def _whole(text: str) -> bool:
    lines = text.splitlines()
    return bool(lines) and lines[-1] == "end"


# -- network -------------------------------------------------------------------------------------


def read_network(text: str) -> Network:
    """Reads the answer of ``linux_network.sh``."""
    if not _whole(text):
        return Network(complete=False)
    links: dict[str, dict[str, str]] = {}
    default: set[str] = set()
    scopes: set[str] = set()
    ipv6_state = ""
    listeners: list[Listener] = []
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        words = rest.split()
        if kind == "interface" and words:
            links[words[0]] = dict(word.partition("=")[::2] for word in words[1:])
        elif kind in ("default4", "default6") and words:
            default.add(words[0])
        elif kind == "ipv6":
            ipv6_state = rest
        elif kind == "address6" and len(words) >= 2 and words[0] != "lo":
            scopes.add(words[1].removeprefix("scope="))
        elif kind == "ss":
            listeners += _ss(words)
        elif kind == "socket":
            listeners += _proc(words)
    return Network(
        complete=True,
        interfaces=tuple(
            Interface(name, _exposed(name, links, default))
            for name, link in links.items()
            if link.get("type") != _LOOPBACK_TYPE and link.get("member") != "yes"
        ),
        ipv6=_ipv6(ipv6_state, scopes),
        listeners=tuple(dict.fromkeys(listeners)),
    )


def _ipv6(state: str, scopes: set[str]) -> Ipv6:
    if state == "absent":
        return Ipv6.OFF
    if state != "present":
        return Ipv6.UNKNOWN
    if scopes <= {_SCOPE_LINK}:
        return Ipv6.LINK_LOCAL if scopes else Ipv6.OFF
    return Ipv6.GLOBAL


def _exposed(name: str, links: Mapping[str, Mapping[str, str]], default: set[str]) -> bool:
    if name in default or _on_device(name, links, ()):
        return True
    link = links[name]
    if link.get("kind") not in ("none", ""):
        return False  # a bridge without a device, a tunnel: inside this host or behind its keys
    try:
        return bool(int(link.get("flags", "0x1"), 16) & _UP)
    except ValueError:
        return True


def _on_device(name: str, links: Mapping[str, Mapping[str, str]], above: tuple[str, ...]) -> bool:
    link = links.get(name)
    if link is None or name in above:
        return False
    return link.get("device") == "yes" or any(
        _on_device(lower, links, (*above, name)) for lower in link.get("lower", "").split(",")
    )


def _ss(words: list[str]) -> list[Listener]:
    """A line of ``ss -ltnu``: Netid State Recv-Q Send-Q Local:Port Peer:Port."""
    if len(words) < 6 or words[0] not in ("tcp", "udp"):
        return []
    address, _, port = words[4].rpartition(":")
    address = address.partition("%")[0].strip("[]")
    if not port.isdigit():
        return []
    return _listeners(words[0], "::" if address == "*" else address, int(port), address == "*")


def _proc(words: list[str]) -> list[Listener]:
    """A line ``tcp6 ADDRESS:PORT``, both hexadecimal, the address in 32-bit words of the host."""
    if len(words) != 2:
        return []
    raw, _, port = words[1].partition(":")
    try:
        # little-endian, as on x86 and ARM; an all-zero or loopback address reads right either way
        order = b"".join(bytes.fromhex(raw[i : i + 8])[::-1] for i in range(0, len(raw), 8))
        address = str(ipaddress.ip_address(order))
        return _listeners(words[0].rstrip("6"), address, int(port, 16), both=False)
    except ValueError:
        return []


def _listeners(protocol: str, text: str, port: int, both: bool) -> list[Listener]:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return []
    if address.is_loopback:
        return []
    if isinstance(address, ipaddress.IPv4Address):
        return [Listener(Family.IPV4, protocol, port)]
    found = [Listener(Family.IPV6, protocol, port)]
    if both or address.is_unspecified:
        # a socket on "::" takes IPv4 as well, unless its program said no; that cannot be seen
        found.append(Listener(Family.IPV4, protocol, port))
    return found


# -- services ------------------------------------------------------------------------------------


def read_services(text: str) -> Services:
    """Reads the answer of ``linux_services.sh``."""
    if not _whole(text):
        return Services(complete=False)
    facts: dict[str, list[str]] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        facts.setdefault(kind, []).append(rest)
    ufw = dict(line.partition("=")[::2] for line in facts.get("ufw", []))
    enabled, active = _units(facts.get("unit", []))
    enabled |= set(facts.get("runlevel", []))
    kernel = frozenset(facts.get("module", []))
    kernel_seen = bool(kernel) or ("modules" in facts and "builtin" in facts)
    return Services(
        complete=True,
        tools=frozenset(facts.get("tool", [])),
        ufw={name: value.strip().strip("\"'").lower() for name, value in ufw.items()},
        enabled=frozenset(enabled) if "services" in facts else None,
        active=frozenset(active),
        kernel=kernel if kernel_seen else None,
    )


_UNIT_KEYS = 4


def _units(lines: Iterable[str]) -> tuple[set[str], set[str]]:
    """The enabled and the active units of ``systemctl show``: four keys and an empty line each."""
    enabled: set[str] = set()
    active: set[str] = set()
    unit: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition("=")
        if not key:
            unit = {}
            continue
        unit[key] = value
        if len(unit) == _UNIT_KEYS:
            name = unit.get("Id", "").removesuffix(".service")
            if unit.get("UnitFileState") in ("enabled", "enabled-runtime", "static"):
                enabled.add(name)
            if unit.get("ActiveState") == "active":
                active.add(name)
    return enabled, active
