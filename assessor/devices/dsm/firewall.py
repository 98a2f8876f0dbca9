"""DSM's firewall: from where a service on the NAS may be reached.

Each profile is a file in ``/usr/syno/etc/firewall.d``. What the numbers stand for is told by
Synology's own ``synofirewall/fwDB.hpp`` (DSM's toolkit). Rules for all adapters ("global") come
first, then those of the adapter; the first that fits decides, and then the policy of the adapter.

A rule that lets in counts as soon as it may fit, a rule that drops only where it surely fits: so
what is found to be closed is closed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from assessor.devices.device import Reach, Topic
from assessor.devices.dsm.parts import Parts
from assessor.devices.dsm.questions import Api, Ask
from assessor.devices.dsm.unread import Unread
from assessor.devices.networks import OWN, Network

ALLOW, DROP, NONE = 0, 1, 2
_GLOBAL = "global"
# The ways out of the NAS; what containers and virtual machines have is behind those.
_ADAPTER = re.compile(r"(?:ovs_)?(?:eth|bond|pppoe|ppp|wlan|usb)\d{1,3}|pppoe")
_PROTOCOLS = {1: {"tcp"}, 2: {"udp"}, 3: {"tcp", "udp"}, 4: set[str]()}
_FAMILIES = {0: {"ipv4"}, 1: {"ipv6"}, 2: {"ipv4", "ipv6"}}
_IP, _NETMASK, _IPSET, _COUNTRY, _RANGE, _ALL_IPS = range(6)
_SERVICES, _CUSTOM, _RESERVED, _ALL_PORTS = range(4)


class Who(Enum):
    """Whom a rule is about."""

    OWN = "own networks"
    NAMED = "named addresses elsewhere"
    ANYONE = "anyone"
    SOME = "some, and nobody can tell whom"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a profile.

    Attributes:
        ports: ranges, ``None`` for all; empty where they are named by services.
        surely: whether it fits all that it seems to fit.
    """

    allows: bool
    families: frozenset[str]
    protocols: frozenset[str]
    ports: tuple[range, ...] | None
    who: Who
    surely: bool

    def may_fit(self, family: str, protocol: str, port: int) -> bool:
        """Whether it may be about such a packet."""
        return (
            family in self.families
            and protocol in self.protocols
            and (not self.ports or any(port in one for one in self.ports))
        )

    def closes(self, family: str, protocol: str, port: int) -> bool:
        """Whether it drops every such packet."""
        return (
            not self.allows
            and self.surely
            and self.who is Who.ANYONE
            and (self.ports is None or bool(self.ports))
            and self.may_fit(family, protocol, port)
        )


@dataclass(frozen=True, slots=True)
class NasFirewall:
    """The rules that are in force, by adapter, and the policies behind them.

    Attributes:
        adapters: those that the NAS has; one without rules and policy lets in what passes "global".
    """

    rules: Mapping[str, tuple[Rule, ...]]
    policies: Mapping[str, int]
    adapters: frozenset[str]

    def reach(self, port: int, protocol: str = "tcp") -> Reach:
        """From where ``port`` may be reached, as far as the NAS itself tells.

        ``Reach.UNKNOWN`` where it lets anyone in: then the router in front of it decides.
        """
        who = {
            one
            for adapter in {*self.rules, *self.policies, *self.adapters} - {_GLOBAL}
            for family in ("ipv4", "ipv6")
            for one in self._let_in(adapter, family, protocol, port)
        }
        if who & {Who.ANYONE, Who.SOME}:
            return Reach.UNKNOWN
        return Reach.NAMED if Who.NAMED in who else Reach.INSIDE

    def _let_in(self, adapter: str, family: str, protocol: str, port: int) -> Iterator[Who]:
        for table in dict.fromkeys((_GLOBAL, adapter)):
            for rule in self.rules.get(table, ()):
                if rule.allows and rule.may_fit(family, protocol, port):
                    yield rule.who
                elif rule.closes(family, protocol, port):
                    return
            policy = self.policies.get(table, NONE)
            if policy == DROP:
                return
            if policy == ALLOW:
                break
        yield Who.ANYONE


def read_firewall(parts: Parts, unread: Unread) -> NasFirewall | None:
    """The firewall in force; ``None`` where it is off, or nothing was told of it."""
    documents = tuple(_documents(parts.text(Ask.FIREWALL), unread))
    enabled, name = _in_force(parts, documents, unread)
    if not enabled:
        return None
    for document in documents:
        if document.get("name") == name and "rules" in document:
            rules, policies = _profile(document, unread)
            return NasFirewall(rules, policies, _adapters(parts, {*rules, *policies}))
    unread.note(Topic.FIREWALL, f"the firewall is on; its profile {name} is not told")
    return None


def _documents(text: str | None, unread: Unread) -> Iterator[dict[str, object]]:
    """The files, one behind the other."""
    decoder, at, text = json.JSONDecoder(), 0, (text or "").strip()
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            unread.note(Topic.FIREWALL, f"not JSON: {text[at : at + 60]}")
            return
        if isinstance(document, dict):
            yield document
        while at < len(text) and text[at].isspace():
            at += 1


def _in_force(
    parts: Parts, documents: Iterable[dict[str, object]], unread: Unread
) -> tuple[bool, object]:
    """Whether the firewall is on, and the name of its profile."""
    told = [
        (one["status"], one["profile"]) for one in documents if {"status", "profile"} <= one.keys()
    ]
    if (data := parts.data(Api.FIREWALL)) is not None:
        told.append((data.get("enable_firewall"), data.get("profile_name")))
    if not told:
        return False, None
    if len(set(map(repr, told))) > 1 or not isinstance(told[0][0], bool):
        unread.note(Topic.FIREWALL, f"the firewall's state: {told}")
        return False, None
    return told[0][0], told[0][1]


def _adapters(parts: Parts, named: set[str]) -> frozenset[str]:
    """The adapters of the NAS, as the firewall names them; Open vSwitch puts "ovs_" before them."""
    told = parts.text(Ask.ADAPTERS)
    if told is None:
        return frozenset({"an adapter that is not told"})
    found = {word for word in told.split() if _ADAPTER.fullmatch(word)}
    return frozenset(
        word.removeprefix("ovs_") if word.removeprefix("ovs_") in named else word for word in found
    )


def _profile(
    document: Mapping[str, object], unread: Unread
) -> tuple[Mapping[str, tuple[Rule, ...]], Mapping[str, int]]:
    tables, policies = document.get("rules"), document.get("adapterPolicyMap")
    if not isinstance(tables, dict) or not isinstance(policies, dict):
        unread.note(Topic.FIREWALL, f"profile {document.get('name')}: no rules or policies")
        return {}, {}
    found: dict[str, tuple[Rule, ...]] = {}
    for adapter, rules in tables.items():
        if not isinstance(rules, list):
            unread.note(Topic.FIREWALL, f"{adapter}: {rules}")
            continue
        found[adapter] = tuple(rule for one in rules for rule in _rule(one, adapter, unread))
    for adapter, policy in policies.items():
        if policy not in (ALLOW, DROP, NONE):
            unread.note(Topic.FIREWALL, f"policy of {adapter}: {policy}")
    return found, {name: one for name, one in policies.items() if isinstance(one, int)}


def _rule(one: object, adapter: str, unread: Unread) -> Iterator[Rule]:
    """The rule, unless it is switched off; one that is not understood is noted."""
    try:
        rule = _understood(one) if isinstance(one, dict) else None
    except (KeyError, TypeError, ValueError):
        rule = None
    if rule is None:
        unread.note(Topic.FIREWALL, f"{adapter}: {json.dumps(one)}")
    elif isinstance(one, dict) and one["enable"] is True:
        yield rule


def _understood(one: Mapping[str, object]) -> Rule | None:
    policy, port_group = one["policy"], one["portGroup"]
    if one["enable"] not in (True, False) or policy not in (ALLOW, DROP):
        return None
    # Rules are about who comes in, and to which port of the NAS; others DSM does not make.
    if one["ipDirect"] != 1 or one["portDirect"] != 0 or one["table"] != "filter":
        return None
    ports: tuple[range, ...] | None = None
    if port_group == _CUSTOM:
        ports = tuple(_ports(str(text)) for text in _list(one["portList"]))
    elif port_group in (_SERVICES, _RESERVED):
        ports = ()
    elif port_group != _ALL_PORTS:
        return None
    chains = _list(one["chainList"])
    return Rule(
        allows=policy == ALLOW,
        families=frozenset(_FAMILIES[_number(one["ipType"])]),
        protocols=frozenset(_PROTOCOLS[_number(one["protocol"])]),
        ports=ports,
        who=_who(_number(one["ipGroup"]), [str(text) for text in _list(one["ipList"])]),
        surely="INPUT_FIREWALL" in chains,
    )


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _ports(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _who(group: int, texts: list[str]) -> Who:
    if group == _ALL_IPS:
        return Who.ANYONE
    if group == _COUNTRY:
        return Who.SOME
    if group == _NETMASK and len(texts) == 2:
        return _whose([ip_network("/".join(texts), strict=False)])
    if group == _RANGE and len(texts) == 2:
        ends = [ip_network(ip_address(text)) for text in texts]
        inside = any(all(_within(end, own) for end in ends) for own in OWN)
        return Who.OWN if inside else Who.NAMED
    if group in (_IP, _IPSET) and texts:
        return _whose([ip_network(text, strict=False) for text in texts])
    raise ValueError(group)


def _whose(networks: Iterable[Network]) -> Who:
    found = list(networks)
    if any(one.prefixlen == 0 for one in found):
        return Who.ANYONE
    inside = all(any(_within(one, own) for own in OWN) for one in found)
    return Who.OWN if inside else Who.NAMED


def _within(one: Network, other: Network) -> bool:
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.subnet_of(other)
    return isinstance(one, IPv6Network) and isinstance(other, IPv6Network) and one.subnet_of(other)
