"""OPNsense's newer rules (``<OPNsense><Firewall><Filter>``), which stand before the older ones.

Source: ``FilterRuleField.php``: a rule for one interface comes after those for groups, and those
after the ones for none or several; within each kind the sequence counts, and the newer rules come
before the older.
"""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.device import Topic
from assessor.devices.pfsense.addresses import Space, Where
from assessor.devices.pfsense.grammar import Element, Unread, check, child, children, on, text
from assessor.devices.pfsense.names import NARROWING, words
from assessor.devices.pfsense.ports import read_ports
from assessor.devices.pfsense.rules import (
    EVERYBODY,
    FAMILIES,
    FLOATING,
    GROUPED,
    PROTOCOLS,
    SINGLE,
    Rule,
    named_interfaces,
    not_understood,
)

_FILTER = words("rules snatrules npt onetoone snat dnat general")
_RULE = words(
    """
    enabled statetype state-policy sequence sort_order prio_group action quick interfacenot
    interface direction ipprotocol protocol icmptype icmp6type source_net source_not source_port
    destination_net destination_not destination_port divert-to gateway replyto disablereplyto log
    allowopts nosync nopfsync statetimeout udp-first udp-multiple udp-single max-src-nodes
    max-src-states max-src-conn max max-src-conn-rate max-src-conn-rates overload adaptivestart
    adaptiveend prio set-prio set-prio-low tag tagged tcpflags1 tcpflags2 tcpflags_any categories
    sched tos shaper1 shaper2 description received-on received-on-not uuid created updated
    """
)
_FLAGS = frozenset({"", "0", "1"})


def newer_rules(root: Element, space: Space, unread: Unread) -> list[Rule]:
    """The newer rules that are on."""
    holder = child(root, "OPNsense", "Firewall", "Filter")
    check(holder, (_FILTER,), unread, Topic.FIREWALL)
    rules = child(holder, "rules")
    check(rules, (frozenset({"rule"}),), unread, Topic.FIREWALL, many=frozenset({"rule"}))
    found: list[Rule] = []
    for number, each in enumerate(children(rules, "rule")):
        found += _newer(each, number, space, unread)
    return found


def _newer(each: Element, number: int, space: Space, unread: Unread) -> Iterator[Rule]:
    check(each, (_RULE,), unread, Topic.FIREWALL)
    name = text(each, "description") or each.get("uuid", "")[:36] or f"rule {number + 1}"
    if text(each, "enabled") not in _FLAGS:
        unread.add(f"<rule> <enabled> {text(each, 'enabled')}: {name}", Topic.FIREWALL)
    if not on(each, "enabled", default=True):
        return
    action = text(each, "action") or "pass"
    direction = text(each, "direction") or "in"
    protocol = text(each, "protocol").lower() or "any"
    ipprotocol = text(each, "ipprotocol") or "inet"
    names = [word for word in text(each, "interface").split(",") if word]
    interfaces = named_interfaces(text(each, "interface"), space, unread)
    if interfaces is not None and on(each, "interfacenot"):
        interfaces = frozenset(space.interfaces) - interfaces
    said = text(each, "sequence")
    sequence = int(said) if said.isdecimal() and len(said) < 9 else number
    place = (_kind(names, space), 0, sequence)
    if (
        action not in {"pass", "block", "reject"}
        or direction not in {"in", "out", "any"}
        or protocol not in PROTOCOLS
        or ipprotocol not in FAMILIES
        or any(text(each, flag) not in _FLAGS for flag in ("quick", "interfacenot", "source_not",
                                                           "destination_not"))
        or text(each, "received-on")
    ):  # fmt: skip
        unread.add(f"<rule> {name}: {action} {direction} {ipprotocol} {protocol}", Topic.FIREWALL)
        yield not_understood(name, interfaces, place)
        return
    source = _where(each, "source", space, unread)
    destination = _where(each, "destination", space, unread)
    ports = read_ports(text(each, "destination_port"), space.aliases, unread)
    passes = action == "pass"
    if (source is None or destination is None) and not passes:
        yield not_understood(name, interfaces, place)
        return
    yield Rule(
        name=name,
        passes=passes,
        quick=on(each, "quick", default=True),
        interfaces=interfaces,
        incoming=direction != "out",
        versions=FAMILIES[ipprotocol],
        protocol=protocol,
        source=source or EVERYBODY,
        destination=destination or EVERYBODY,
        ports=ports,
        narrow=bool(text(each, "source_port"))
        or any(text(each, one) not in {"", "any", "none", "0"} for one in NARROWING),
        tagged=bool(text(each, "tagged")),
        routed=bool(text(each, "gateway")),
        unsure=source is None or destination is None or ports.unsure,
        place=place,
    )


def _kind(names: list[str], space: Space) -> int:
    if len(names) != 1:
        return FLOATING
    found = space.interfaces.get(names[0])
    return GROUPED if names[0] in space.groups or (found and found.group) else SINGLE


def _where(each: Element, name: str, space: Space, unread: Unread) -> Where | None:
    said = text(each, f"{name}_net") or "any"
    words_ = [word.strip() for word in said.split(",") if word.strip()]
    found = space.where(words_, negated=on(each, f"{name}_not"))
    if found is None:
        unread.add(f"<OPNsense> <rule> <{name}_net> {said}", Topic.FIREWALL)
    return found
