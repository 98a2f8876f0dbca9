"""What comes from outside and is sent on to an address within: port forwards and 1:1.

pf translates first and filters then, so a forward only opens something where a rule lets its target
through: one of its own (``pass``), one that the device keeps with it (``associated-rule-id``), or
any other. The first is told here; the others stand among the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    text,
)
from assessor.devices.pfsense.names import NAT, NAT_RULE, ONE_TO_ONE
from assessor.devices.pfsense.ports import Ports, read_ports
from assessor.devices.pfsense.rules import (
    EVERYBODY,
    FAMILIES,
    PROTOCOLS,
    named_interfaces,
    read_address,
)
from assessor.devices.secrets import MARK


@dataclass(frozen=True, slots=True)
class Forward:
    """A port forward.

    Attributes:
        passes: it lets through what it forwards, whatever the rules say.
        target: where it sends to.
        ports: the ports there.
    """

    name: str
    interfaces: frozenset[str] | None
    versions: frozenset[int]
    protocol: str
    source: Where
    target: Where
    to: str
    ports: Ports
    passes: bool

    def looks_at(self, key: str) -> bool:
        """Whether it looks at what comes in at the interface ``key``."""
        return self.interfaces is None or key in self.interfaces


def read_forwards(root: Element, space: Space, unread: Unread, *, new: bool) -> list[Forward]:
    """All port forwards that are on."""
    nat = child(root, "nat")
    check(nat, (NAT,), unread, Topic.FIREWALL, many=frozenset({"rule", "onetoone", "npt"}))
    for each in (*children(nat, "onetoone"), *children(nat, "npt")):
        # 1:1 opens nothing by itself: what comes still has to pass the rules.
        if len(each):
            check(each, (ONE_TO_ONE,), unread, Topic.FIREWALL)
    found: list[Forward] = []
    for number, each in enumerate(children(nat, "rule")):
        found += _forward(each, number, space, unread, new=new)
    return found


def _disabled(each: Element, *, new: bool) -> bool:
    # Of OPNsense's MVC (26.1 and later) "1" alone is off (DNatEnabledField.php).
    if new and child(each, "sequence") is not None:
        return on(each, "disabled")
    return flag(each, "disabled")


def _forward(
    each: Element, number: int, space: Space, unread: Unread, *, new: bool
) -> Iterator[Forward]:
    check(each, (NAT_RULE,), unread, Topic.FIREWALL)
    if _disabled(each, new=new) or on(each, "nordr") or (not new and flag(each, "nordr")):
        return
    name = text(each, "descr") or f"port forward {number + 1}"
    said = text(each, "associated-rule-id")
    # The redaction takes <pass> for a secret; either word that may stand there lets through.
    how = "pass" if MARK.search(text(each, "pass")) else text(each, "pass")
    protocol = text(each, "protocol").lower() or "any"
    ipprotocol = text(each, "ipprotocol") or ("inet46" if new else "inet")
    known = how in {"", "pass", "rule"} and protocol in PROTOCOLS and ipprotocol in FAMILIES
    if not known:
        unread.add(f"<nat> <rule> {name}", Topic.FIREWALL)
        return
    source, _ = read_address(each, "source", space, unread)
    read_address(each, "destination", space, unread)
    target = space.where([text(each, "target")]) if text(each, "target") else EVERYBODY
    if target is None:
        unread.add(f"<nat> <rule> <target> {text(each, 'target')}", Topic.FIREWALL)
    # OPNsense 26.1: "rule" registers a rule that lets it through, unless the configuration holds
    # one already; as good as passing.
    yield Forward(
        name=name,
        interfaces=named_interfaces(text(each, "interface"), space, unread),
        versions=FAMILIES[ipprotocol],
        protocol=protocol,
        source=source or EVERYBODY,
        target=target or EVERYBODY,
        to=text(each, "target") or "any",
        ports=read_ports(
            text(each, "local-port") or text(each, "destination", "port"), space.aliases, unread
        ),
        passes=said == "pass" or how in {"pass", "rule"},
    )
