r"""Firewall rules of Windows, as they stand in the registry: MS-GPFAS 2.2.2.19.

A rule is a text such as ``v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|``; the name
of its value in the registry is its id. Names and descriptions are in any language, and are not
looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .addresses import source
from .ports import ALL_PORTS, NO_PORTS, Ports
from .rules import SourceIs

TCP, UDP = 6, 17
PROFILES = ("Domain", "Private", "Public")
SYSTEM = "system"
"""The program of what the kernel itself serves: file sharing, HTTP.sys with WinRM."""

_VERSION = re.compile(r"v\d{1,3}\.\d{1,3}")
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
# Ports by a word (MS-GPFAS 2.2.2.3). The dynamic ones (RPC, Teredo) belong to one service each.
_NAMED_PORTS: Mapping[str, tuple[int, ...]] = {
    "rpc": (),
    "teredo": (),
    "rpc-epmap": (135,),
    "iptlsin": (443,),
    "iphttpsin": (443,),
    "dhcp": (67, 68),
    "ply2disc": (1900,),
    "mdns": (5353,),
    "tcpcdpsvc": (5040,),
}
# Addresses by a word (MS-GPFAS 2.2.2.13): all but "IntErnet" stand for few and near ones.
_NEAR = frozenset(
    {
        "localsubnet",
        "dns",
        "dhcp",
        "wins",
        "defaultgateway",
        "intranet",
        "rmtintranet",
        "ply2renders",
        "captiveportal",
    }
)
_INTERNET = "internet"

# What a rule may say without meaning fewer callers.
_WHOLE = frozenset(
    {
        "action",
        "active",
        "dir",
        "profile",
        "protocol",
        "lport",
        "lport2_10",
        "lport2_20",
        "lport2_24",
        "lport2_25",
        "lport2_29",
        "icmp4",
        "icmp6",
        "name",
        "desc",
        "embedctxt",
        "edge",
        "defer",
        "lsm",
        "lom",
        "pcross",
        "authbypassout",
    }
)
# What is looked at by itself. A remote port is chosen by who calls, so it keeps nobody out; a rule
# for some versions of Windows is taken to be for this one.
_LOOKED_AT = frozenset(
    {
        "app",
        "svc",
        "apppkgid",
        "ra4",
        "ra6",
        "ra42",
        "ra62",
        "la4",
        "la6",
        "iftype",
        "rport",
        "rport2_10",
        "rport2_28",
        "platform",
        "platform2",
        "skipver",
    }
)
# Only for who proves by IPsec who he is, or for devices that were paired.
_NARROWS = frozenset(
    {
        "security",
        "security2",
        "security2_9",
        "rmauth",
        "ruauth",
        "ttk",
        "ttk2_22",
        "ttk2_27",
        "ttk2_28",
    }
)


class Doubt(StrEnum):
    """How sure it is that a rule applies to strangers."""

    NONE = ""
    SOME = "some"
    """It has a condition that was not understood, or that depends on the machine's own networks."""
    NARROW = "narrow"
    """It applies to few and near ones only, or to whom proved who he is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for inbound traffic.

    Attributes:
        allow: it lets in; else it blocks.
        profiles: in which network profiles it counts.
        protocol: its IP protocol; ``None`` for all.
        ports: local ports of TCP and UDP, where the protocol has them.
        program: the one program or app that may receive, in small letters; empty for all.
        service: the one service that may; empty for all.
        app: it is for one app of the shop.
        doubt: whether strangers are meant.
        whole: it has no condition at all beside protocol and ports.
    """

    id: str
    allow: bool
    profiles: frozenset[str]
    protocol: int | None
    ports: Ports
    program: str
    service: str
    app: bool
    doubt: Doubt
    whole: bool

    @property
    def for_all_programs(self) -> bool:
        """Whatever program listens may receive."""
        return not self.program and not self.service and not self.app

    def opens(self, protocol: int) -> Ports:
        """The ports of ``protocol`` that it is about, be it to allow or to block."""
        return self.ports if self.protocol in (None, protocol) else NO_PORTS


def blocked_by(rules: Iterable[Rule], protocol: int) -> Ports:
    """The ports that rules surely hold back: a rule that blocks wins over one that allows."""
    ports = NO_PORTS
    for rule in rules:
        if not rule.allow and rule.whole and rule.doubt is Doubt.NONE:
            ports = ports | rule.opens(protocol)
    return ports


def read_rule(name: str, text: str) -> Rule | None:
    """The rule ``name``; ``None`` where it is not in force or not for inbound traffic."""
    version, *parts = text.removesuffix("|").split("|")
    fields: dict[str, list[str]] = {}
    strange = _VERSION.fullmatch(version) is None
    for part in parts:
        key, is_field, value = part.partition("=")
        strange = strange or not is_field
        fields.setdefault(key.strip().lower(), []).append(value.strip())
    direction = _one(fields, "dir")
    action = _one(fields, "action")
    if _one(fields, "active") != "true" or direction == "out" or action == "bypass":
        # Left out, "Active" is false (MS-GPFAS). Bypass needs the caller's proof by IPsec.
        return None
    strange = strange or direction != "in" or action not in ("allow", "block")
    profiles = _profiles(fields.get("profile", []))
    protocol = _protocol(_one(fields, "protocol"))
    ports = _ports([each for key, each in fields.items() if key.startswith("lport")])
    doubts = {_remote(fields), _local(fields), _interfaces(fields.get("iftype", []))}
    if strange or profiles is None or protocol == _NO_PROTOCOL or ports is None:
        doubts.add(Doubt.SOME)
    if fields.keys() - _WHOLE - _LOOKED_AT - _NARROWS:
        doubts.add(Doubt.SOME)
    if fields.keys() & _NARROWS:
        doubts.add(Doubt.NARROW)
    service = _one(fields, "svc")
    return Rule(
        id=name,
        allow=action != "block",
        profiles=frozenset(PROFILES) if profiles is None else profiles,
        protocol=None if protocol == _NO_PROTOCOL else protocol,
        ports=ALL_PORTS if ports is None else ports,
        program=_one(fields, "app"),
        service="" if service == "*" else service,
        app=bool(_one(fields, "apppkgid")),
        doubt=next(each for each in (Doubt.NARROW, Doubt.SOME, Doubt.NONE) if each in doubts),
        whole=fields.keys() <= _WHOLE and not strange,
    )


_NO_PROTOCOL = -1


def _one(fields: Mapping[str, list[str]], name: str) -> str:
    """The last value of ``name`` in small letters; empty where there is none."""
    return fields.get(name, [""])[-1].lower()


def _profiles(values: list[str]) -> frozenset[str] | None:
    known = {name.lower(): name for name in PROFILES}
    found = frozenset(known.get(value.lower(), "") for value in values)
    return None if "" in found else found or frozenset(PROFILES)


def _protocol(value: str) -> int | None:
    if not value:
        return None
    return int(value) if value.isascii() and value.isdecimal() else _NO_PROTOCOL


def _ports(lists: list[list[str]]) -> Ports | None:
    """The ports; ``None`` where one of them is not understood."""
    ranges: list[tuple[int, int]] = []
    for value in (value for values in lists for value in values):
        numbers = _RANGE.fullmatch(value)
        if numbers is not None:
            ranges.append((int(numbers[1]), int(numbers[2] or numbers[1])))
        elif value.lower() in _NAMED_PORTS:
            ranges += [(port, port) for port in _NAMED_PORTS[value.lower()]]
        else:
            return None
    return Ports.of(ranges) if lists else ALL_PORTS


def _remote(fields: Mapping[str, list[str]]) -> Doubt:
    """Whether strangers are among the addresses that may call."""
    values = [v for name in ("ra4", "ra6", "ra42", "ra62") for v in fields.get(name, [])]
    words = {value.lower() for value in values}
    if not values or _INTERNET in words:
        return Doubt.NONE
    addresses = source(value for value in values if value.lower() not in _NEAR)
    if not isinstance(addresses, SourceIs):
        return Doubt.SOME
    return Doubt.NONE if addresses.broad else Doubt.NARROW


def _local(fields: Mapping[str, list[str]]) -> Doubt:
    """Whether it is about every address of this machine."""
    values = fields.get("la4", []) + fields.get("la6", [])
    found = source(values)
    if not values or (isinstance(found, SourceIs) and found.whole):
        return Doubt.NONE
    return Doubt.SOME


def _interfaces(values: list[str]) -> Doubt:
    """Whether it is about a kind of network by which strangers come; a VPN is none."""
    words = {value.lower() for value in values}
    if words - {"lan", "wireless", "remoteaccess"}:
        return Doubt.SOME
    return Doubt.NARROW if words == {"remoteaccess"} else Doubt.NONE
