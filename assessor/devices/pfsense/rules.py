"""Rules of the packet filter, in the form in which both systems hand them to pf.

Sources: pfSense's ``filter_generate_user_rule`` and ``filter_rules_generate`` (src/etc/inc/
filter.inc), OPNsense's ``FilterRule.php`` and ``Rule.php``. Both block what no rule lets through
("Default deny rule", IPv4 and IPv6); of a user's rules, floating ones come first, then those of
groups of interfaces, then those of one interface. The first that matches decides where it is
quick; among the others the last does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assessor.devices.device import Topic
from assessor.devices.pfsense.addresses import Space, Where
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    check,
    child,
    children,
    flag,
    on,
    shown,
    text,
)
from assessor.devices.pfsense.names import ADDRESS, NARROWING, RULE, words
from assessor.devices.pfsense.ports import Ports, read_ports

FAMILIES = {
    "inet": frozenset({4}),
    "inet6": frozenset({6}),
    "inet46": frozenset({4, 6}),
}
PROTOCOLS = words(
    """
    any tcp udp tcp/udp icmp icmp6 ipv6-icmp esp ah gre ipv6 igmp pim ospf sctp carp pfsync
    etherip egp igp ggp ipencap st2 cbt rsvp l2tp vrrp isis tlsp il ipip ipcomp dccp udplite
    eigrp 41
    """
)
FLOATING, GROUPED, SINGLE = 0, 1, 2
_PASSING, _MATCHING = "pass", "match"
_TYPES = frozenset({_PASSING, _MATCHING, "block", "reject"})
"""``match``, of pfSense, marks and queues, and decides nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: how its owner finds it.
        passes: it lets through; else it blocks.
        interfaces: where it looks; ``None`` for everywhere.
        incoming: it looks at what comes in; else at what goes out only.
        narrow: it matches less than is told here, so that as a block it proves nothing.
        tagged: it matches only what another rule has marked.
        routed: what it lets through is sent to a gateway of its own.
        unsure: it names something that is not known, and may match less than is told here.
        unknown: what it does is not understood; it may take anything from the rules behind it.
        place: where it stands among the others.
    """

    name: str
    passes: bool
    quick: bool
    interfaces: frozenset[str] | None
    incoming: bool
    versions: frozenset[int]
    protocol: str
    source: Where
    destination: Where
    ports: Ports
    narrow: bool = False
    tagged: bool = False
    routed: bool = False
    unsure: bool = False
    unknown: bool = False
    place: tuple[int, int, int] = (SINGLE, 0, 0)

    def looks_at(self, key: str) -> bool:
        """Whether it looks at what comes in at the interface ``key``."""
        return self.incoming and (self.interfaces is None or key in self.interfaces)

    def speaks(self, protocol: str) -> bool:
        """Whether it is about ``protocol`` (``tcp``, ``udp``) as a whole."""
        return self.protocol == "any" or protocol in self.protocol.split("/")


EVERYBODY = Where(any=True, said=("any",))


def not_understood(
    name: str, interfaces: frozenset[str] | None, place: tuple[int, int, int]
) -> Rule:
    """A rule of which only is known where it stands and looks."""
    return Rule(
        name=name,
        passes=False,
        quick=True,
        interfaces=interfaces,
        incoming=True,
        versions=FAMILIES["inet46"],
        protocol="any",
        source=EVERYBODY,
        destination=EVERYBODY,
        ports=Ports(),
        narrow=True,
        unknown=True,
        place=place,
    )


def legacy_rules(holder: Element | None, space: Space, unread: Unread, *, new: bool) -> list[Rule]:
    """The rules of ``<filter>``; ``new`` where OPNsense's reading of flags counts."""
    found: list[Rule] = []
    for number, each in enumerate(children(holder, "rule")):
        if flag(each, "disabled") or child(each, "separator") is not None:
            continue
        found += _legacy(each, number, space, unread, new=new)
    return found


def _legacy(
    each: Element, number: int, space: Space, unread: Unread, *, new: bool
) -> Iterator[Rule]:
    check(each, (RULE,), unread, Topic.FIREWALL)
    name = text(each, "descr") or text(each, "tracker") or f"rule {number + 1}"
    said = text(each, "type") or _PASSING
    floating = child(each, "floating") is not None
    direction = text(each, "direction") or ("any" if floating and not new else "in")
    if not floating and not new:
        direction = "in"
    protocol = text(each, "protocol").lower() or "any"
    ipprotocol = text(each, "ipprotocol") or ("inet46" if new else "inet")
    interfaces = named_interfaces(text(each, "interface"), space, unread)
    if interfaces is not None and flag(each, "interfacenot"):
        interfaces = frozenset(space.interfaces) - interfaces
    grouped = _grouped(text(each, "interface"), space)
    place = (FLOATING if floating else GROUPED if grouped else SINGLE, 1, number)
    if (
        said not in _TYPES - ({_MATCHING} if new else set())
        or direction not in {"in", "out", "any"}
        or protocol not in PROTOCOLS
        or ipprotocol not in FAMILIES
        or text(each, "floating") not in {"", "yes", "1", "on"}
    ):
        unread.add(f"<rule> {name}: {said} {direction} {ipprotocol} {protocol}", Topic.FIREWALL)
        yield not_understood(name, interfaces, place)
        return
    source, _ = read_address(each, "source", space, unread)
    destination, ports = read_address(each, "destination", space, unread)
    if protocol == "any" and not new and (ports.said or text(each, "source", "port")):
        protocol = "tcp"
    if said == _MATCHING:
        return
    passes = said == _PASSING
    if (source is None or destination is None) and not passes:
        yield not_understood(name, interfaces, place)
        return
    yield Rule(
        name=name,
        passes=passes,
        quick=_quick(each, floating=floating, new=new),
        interfaces=interfaces,
        incoming=direction != "out",
        versions=FAMILIES[ipprotocol],
        protocol=protocol,
        source=source or EVERYBODY,
        destination=destination or EVERYBODY,
        ports=ports,
        narrow=narrowing(each),
        tagged=bool(text(each, "tagged")),
        routed=bool(text(each, "gateway")),
        unsure=source is None or destination is None or ports.unsure,
        place=place,
    )


def _quick(each: Element, *, floating: bool, new: bool) -> bool:
    if not new:
        return not floating or child(each, "quick") is not None
    said = child(each, "quick")
    # FilterRule.php: unset is quick, but for floating rules; set and empty is not.
    return not floating if said is None else on(each, "quick")


def _grouped(said: str, space: Space) -> bool:
    found = space.interfaces.get(said)
    return (
        said in space.groups
        or said in {"l2tp", "pptp", "pppoe", "enc0", "openvpn", "wireguard"}
        or (found is not None and found.group)
    )


def narrowing(each: Element) -> bool:
    """Whether something besides addresses and ports limits what a rule matches."""
    return bool(text(each, "source", "port")) or any(
        text(each, name) not in {"", "any", "none", "0"} for name in NARROWING
    )


def named_interfaces(said: str, space: Space, unread: Unread) -> frozenset[str] | None:
    """The interfaces that a rule names; ``None`` for all of them."""
    names = [name.strip() for name in said.split(",") if name.strip()]
    if not names or "any" in names:
        return None
    found: set[str] = set()
    for name in names:
        if name in space.groups:
            found.update(space.groups[name])
        elif name not in space.interfaces and name not in _VIRTUAL:
            unread.add(f"<rule> <interface> {name}", Topic.FIREWALL)
        found.add(name)
    return frozenset(found)


_VIRTUAL = frozenset(
    {"l2tp", "pptp", "pppoe", "enc0", "openvpn", "wireguard", "tailscale", "lo0", "loopback",
     "ipsec", "zerotier"}
)  # fmt: skip


def read_address(
    rule: Element, name: str, space: Space, unread: Unread, *, quiet: bool = False
) -> tuple[Where | None, Ports]:
    """The addresses and ports of ``<source>`` or ``<destination>``."""
    each = child(rule, name)
    if each is None or (len(each) == 0 and not text(each)):
        return EVERYBODY, Ports()
    check(each, (ADDRESS,), unread, Topic.FIREWALL)
    ports = read_ports(text(each, "port"), space.aliases, unread)
    modern = child(rule, "sequence") is not None  # OPNsense's MVC: an empty flag is off
    negated = on(each, "not") if modern else flag(each, "not")
    said = text(each, "network") or text(each, "address")
    if child(each, "any") is not None or said == "any":
        return EVERYBODY, ports
    found = space.where([word.strip() for word in said.split(",")] if said else [], negated=negated)
    if found is None and not quiet:
        unread.add(f"<{rule.tag}> <{name}> {said or shown(each)}", Topic.FIREWALL)
    return found, ports


def ordered(rules: Iterable[Rule]) -> list[Rule]:
    """The rules as pf sees them."""
    return sorted(rules, key=lambda rule: rule.place)
