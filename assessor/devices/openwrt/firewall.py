"""What the firewall lets in from outside, in the order in which it looks.

Traffic for the device goes through the rules for every zone, those of its own zone, and then by the
zone's ``input``. Traffic through it goes through the rules for every zone, those of its own zone,
the forwardings, the port forwards, and then by ``forward`` of the defaults; a zone's own
``forward`` is about its own interfaces only. Source: firewall4, ``ruleset.uc``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from assessor.devices.device import Firewall, Hole, Policy, Reach
from assessor.devices.openwrt.rules import ANY, FAMILIES, Redirect, Rule
from assessor.devices.openwrt.wall import Wall

# Messages of the network itself, and what a line's own DHCP client must hear; no way in.
_NO_SERVICE = frozenset({"icmp", "icmpv6", "igmp"})
_CLIENTS = (["udp", "68"], ["udp", "546"])
_EVERY_PORT = re.compile(r"[01][-:]65535")
_STOPS = frozenset({"reject", "drop"})
_MOST_STOPS = 60
"""Rules that stop something are held against later ones up to here, or a list of 10,000 would take
the square of its length. What is then not seen to be stopped counts as let in."""


def _covers(stop: Rule, rule: Rule) -> bool:
    """Whether ``stop``, which comes before, stops all that ``rule`` would let in."""

    def within(mine: Iterable[str], theirs: tuple[str, ...]) -> bool:
        return not mine or (bool(theirs) and set(theirs) <= set(mine))

    return (
        stop.target in _STOPS
        and not stop.narrowed
        and not stop.sources
        and within(stop.protocols, rule.protocols)
        and within(stop.ports, rule.ports)
        and within(stop.to, rule.to)
        and (stop.dest in {ANY, rule.dest} if rule.dest else not stop.dest)
    )


def _chain(wall: Wall, zone: str, family: str, *, through: bool) -> Iterator[Rule]:
    """The rules that traffic from a zone meets, in order."""
    own = (zone,) if family in wall.zones[zone].families else ()
    for src in (ANY, *own):
        for rule in wall.rules.get(src, ()):
            if bool(rule.dest) is through and family in rule.families:
                yield rule


def _let_in(wall: Wall, zone: str, family: str, *, through: bool) -> Iterator[Rule]:
    """The rules by which something comes in; those that an earlier one makes idle left out."""
    stops: list[Rule] = []
    for rule in _chain(wall, zone, family, through=through):
        if rule.target in _STOPS:
            stops += [rule] if len(stops) < _MOST_STOPS else []
        elif rule.target == "accept" and not any(_covers(stop, rule) for stop in stops):
            yield rule


def _inner(wall: Wall, dest: str) -> bool:
    """Whether a destination is, or holds, a network of the owner's."""
    return dest == ANY or dest not in wall.outside


def firewall_of(wall: Wall | None) -> Firewall | None:
    """The neutral form."""
    if wall is None:
        return None
    names = tuple(one.name for one, zone in wall.placed if zone in wall.outside)
    to_device, forwarded = {}, {}
    holes: dict[Hole, None] = {}
    for family in FAMILIES:
        if family not in wall.families:
            to_device[family] = forwarded[family] = Policy.OFF
            continue
        to_device[family] = _worst(
            wall, family, [_input(wall, each, family) for each in wall.outside]
        )
        forwarded[family] = _worst(
            wall, family, [_through(wall, each, family) for each in wall.outside]
        )
    for hole in _holes(wall):
        holes[hole] = None
    return Firewall(to_device, forwarded, _joined(holes), names)


def _worst(wall: Wall, family: str, found: list[Policy]) -> Policy:
    if wall.working is False or family == wall.unfiltered:
        return Policy.ALLOWED  # without rules the kernel takes and passes on everything
    if Policy.ALLOWED in found:
        return Policy.ALLOWED
    if not found or wall.unclear or Policy.UNKNOWN in found:
        return Policy.UNKNOWN
    return Policy.DENIED


def _policy(word: str) -> Policy:
    return {"accept": Policy.ALLOWED, "": Policy.UNKNOWN}.get(word, Policy.DENIED)


def _input(wall: Wall, name: str, family: str) -> Policy:
    zone = wall.zones[name]
    if family not in zone.families:
        zone = wall.zones[""]
    everything = Rule("", name, "", "accept", (family,))
    for rule in _chain(wall, name, family, through=False):
        if _covers(rule, everything):
            return Policy.DENIED
    return _policy(zone.input)


def _through(wall: Wall, name: str, family: str) -> Policy:
    everything = Rule("", name, ANY, "accept", (family,))
    for rule in _chain(wall, name, family, through=True):
        if _covers(rule, everything):
            return Policy.DENIED
    for rule in _let_in(wall, name, family, through=True):
        if rule.whole and _inner(wall, rule.dest):
            return Policy.ALLOWED
    zone = wall.zones[name]
    shared = any(zone_name == name and not one.outside for one, zone_name in wall.placed)
    if shared and name and _policy(zone.forward) is not Policy.DENIED:
        return _policy(zone.forward)
    return _policy(wall.forward)


def _holes(wall: Wall) -> Iterator[Hole]:
    for name in wall.outside:
        for family in wall.families:
            for through in (False, True):
                for rule in _let_in(wall, name, family, through=through):
                    if not rule.whole and _inner(wall, rule.dest or ANY):
                        yield from _hole(rule, family)
            for redirect in wall.redirects.get(name, ()):
                rule = redirect.rule
                if family in rule.families:
                    to = redirect.address
                    own = not to or to in wall.own_addresses
                    yield from _hole(rule, family, "device" if own else to)


def _hole(rule: Rule, family: str, to: str = "") -> Iterator[Hole]:
    protocols = tuple(each for each in rule.protocols if each not in _NO_SERVICE)
    if rule.protocols and not protocols:
        return
    ports = tuple(each for each in rule.ports if not each.startswith("!"))
    if any(_EVERY_PORT.fullmatch(each) for each in ports):
        ports = ()
    if not rule.dest and len(ports) == 1 and [*protocols, *ports] in _CLIENTS:
        return
    if ports and protocols:
        service = f"{'+'.join(protocols)}/{','.join(ports)}"
    else:
        # Every port of TCP or UDP is as good as everything.
        some = not {"tcp", "udp"} & set(protocols)
        service = "+".join(protocols) if protocols and some else "any"
    target = to or (",".join(rule.to) if rule.to else rule.dest.replace(ANY, "any") or "device")
    yield Hole(family, target, service, rule.sources, rule.name)


def _joined(holes: Iterable[Hole]) -> tuple[Hole, ...]:
    """One hole where both families have the same."""
    found: dict[Hole, set[str]] = {}
    for hole in holes:
        found.setdefault(replace(hole, family="both"), set()).add(hole.family)
    return tuple(
        hole if len(families) == 2 else replace(hole, family=families.pop())
        for hole, families in found.items()
    )


def reach(wall: Wall | None, protocol: str, port: int, *, bound_inside: bool = False) -> Reach:
    """From where a service of the device's own can be reached.

    Args:
        wall: the firewall.
        protocol: ``tcp`` or ``udp``.
        port: where it listens.
        bound_inside: it listens on addresses of inner networks only.
    """
    if wall is None:
        return Reach.UNKNOWN
    found = [
        _reach(wall, zone, family, protocol, port)
        for zone in wall.outside
        for family in wall.families
    ]
    found += [
        _redirected(wall, each, protocol, port)
        for zone in wall.outside
        for each in wall.redirects.get(zone, ())
    ]
    if wall.working is False:
        found = [Reach.ANYWHERE]
    if not wall.outside or wall.unclear:
        found.append(Reach.UNKNOWN)
    worst = next(
        (each for each in (Reach.ANYWHERE, Reach.UNKNOWN, Reach.NAMED) if each in found),
        Reach.INSIDE,
    )
    # An inner address can be reached from outside, too, where the firewall lets it.
    return Reach.UNKNOWN if bound_inside and worst is Reach.ANYWHERE else worst


def _reach(wall: Wall, zone: str, family: str, protocol: str, port: int) -> Reach:
    asked = Rule("", zone, "", "accept", (family,), (protocol,), (str(port),))
    named = False
    for rule in _chain(wall, zone, family, through=False):
        if _covers(rule, asked):
            return Reach.NAMED if named else Reach.INSIDE
        if rule.target == "accept" and _takes(rule, protocol, port):
            if not rule.sources:
                return Reach.ANYWHERE
            named = True
    policy = _input(wall, zone, family)
    if policy is Policy.ALLOWED:
        return Reach.ANYWHERE
    if policy is Policy.UNKNOWN:
        return Reach.UNKNOWN
    return Reach.NAMED if named else Reach.INSIDE


def _takes(rule: Rule, protocol: str, port: int) -> bool:
    if rule.protocols and protocol not in rule.protocols:
        return False
    return not rule.ports or any(_within(each, port) for each in rule.ports)


def _within(ports: str, port: int) -> bool:
    match = re.fullmatch(r"(\d{1,5})(?:[-:](\d{1,5}))?", ports)
    if match is None:
        return True  # "all but these", or what is not known: it may be
    return int(match[1]) <= port <= int(match[2] or match[1])


def _redirected(wall: Wall, redirect: Redirect, protocol: str, port: int) -> Reach:
    rule = redirect.rule
    own = not redirect.address or redirect.address in wall.own_addresses
    if not own or not set(rule.families) & set(wall.families):
        return Reach.INSIDE
    ports = tuple(redirect.port.split())
    if not _takes(replace(rule, ports=ports), protocol, port):
        return Reach.INSIDE
    return Reach.NAMED if rule.sources else Reach.ANYWHERE


def let_through(wall: Wall, zone: str, dest: str) -> bool:
    """Whether traffic from one inner zone to another passes, but for single services."""
    for family in FAMILIES:
        everything = Rule("", zone, dest, "accept", (family,))
        stopped = any(
            _covers(rule, everything) for rule in _chain(wall, zone, family, through=True)
        )
        for rule in _let_in(wall, zone, family, through=True):
            named = bool(rule.ports or rule.to)
            messages = bool(rule.protocols) and set(rule.protocols) <= _NO_SERVICE
            if rule.dest in {ANY, dest} and not messages and not named:
                return True
        if not stopped and _policy(wall.forward) is not Policy.DENIED:
            return True
    return False
