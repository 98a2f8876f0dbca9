"""What a match statement of ``nft -j list ruleset`` says of a packet (libnftables-json(5)).

What is not understood becomes an opaque condition, never one that is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .addresses import destination, source
from .ports import HIGHEST, Range
from .rules import (
    ALWAYS,
    CHOSEN,
    NEVER,
    OPAQUE,
    AllOf,
    Condition,
    Either,
    Family,
    FamilyIs,
    Fixed,
    InterfaceIs,
    Negated,
    PortIs,
    ProtocolIs,
    StateIs,
)

Json = Any

_PROTOCOL_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "ipv6-icmp": "icmpv6"}
_ICMP = ("icmp", "icmpv6", "igmp")


@dataclass(frozen=True, slots=True)
class Names:
    """The named sets and maps of one table: name to elements."""

    elements: Mapping[str, tuple[Json, ...]]


def match(content: Json, names: Names) -> Condition:
    """The condition of one match statement."""
    if not isinstance(content, dict):
        return Fixed(OPAQUE)
    operator, right = content.get("op", "=="), content.get("right")
    left = content.get("left")
    if operator in ("<", "<=", ">", ">="):
        return _ordered(left, operator, right)
    flags = _tcp_flags(left, operator, right)
    if flags is not None:
        return flags
    values = elements_of(right, names)
    if operator not in ("==", "in", "!=") or values is None:
        return Fixed(OPAQUE)
    equal = compare(left, [bare(value) for value in values], names)
    if operator == "!=":
        # "not from port 22" still says that there is a port: the protocol stays as it was
        return _unequal(left, equal)
    return equal


def _unequal(left: Json, equal: Condition) -> Condition:
    implied = _implied(left)
    return AllOf((implied, Negated(equal))) if implied else Negated(equal)


def elements_of(right: Json, names: Names) -> tuple[Json, ...] | None:
    """The values on the right hand side; ``None`` for a set that the answer does not hold."""
    if isinstance(right, str) and right.startswith("@"):
        return names.elements.get(right[1:])
    if isinstance(right, dict) and "set" in right:
        inner = right["set"]
        if isinstance(inner, str):
            return names.elements.get(inner.lstrip("@"))
        return tuple(inner) if isinstance(inner, list) else (inner,)
    return tuple(right) if isinstance(right, list) else (right,)


def bare(value: Json) -> Json:
    """An element without its timeout, comment and counter."""
    if isinstance(value, dict) and isinstance(value.get("elem"), dict):
        return value["elem"].get("val")
    return value


def compare(left: Json, values: list[Json], names: Names) -> Condition:
    """The condition that ``left`` is one of ``values``."""
    if not isinstance(left, dict) or len(left) != 1:
        return Fixed(OPAQUE)
    kind, content = next(iter(left.items()))
    if kind == "concat" and isinstance(content, list):
        return _compare_concat(content, values, names)
    key = content.get("key") if isinstance(content, dict) else content
    if kind == "meta":
        return _compare_meta(str(key), values)
    if kind == "payload" and isinstance(content, dict):
        # before schema version 1 was frozen the protocol stood under "name"
        protocol = content.get("protocol", content.get("name"))
        return _compare_payload(str(protocol), str(content.get("field")), values)
    if kind == "ct":
        return _compare_ct(str(key), values)
    if kind == "fib" and isinstance(content, dict):
        return _compare_fib(content, values)
    if kind in ("exthdr", "tcp option", "ip option"):
        return Fixed(CHOSEN)
    return Fixed(OPAQUE)


def _compare_concat(parts: list[Json], values: list[Json], names: Names) -> Condition:
    either: list[Condition] = []
    for value in values:
        fields = value.get("concat") if isinstance(value, dict) else None
        if not isinstance(fields, list) or len(fields) != len(parts):
            return Fixed(OPAQUE)
        both = (compare(part, [item], names) for part, item in zip(parts, fields, strict=True))
        either.append(AllOf(tuple(both)))
    return Either(tuple(either))


def _compare_meta(key: str, values: list[Json]) -> Condition:
    texts = [str(value) for value in values]
    if key in ("iifname", "iif"):
        return InterfaceIs(tuple(text.replace("\\*", "*") for text in texts))
    if key == "l4proto":
        return _protocols(texts)
    if key in ("nfproto", "protocol"):
        families = {"ipv4": Family.IPV4, "ip": Family.IPV4, "ipv6": Family.IPV6, "ip6": Family.IPV6}
        return Either(tuple(FamilyIs(families[text]) for text in texts if text in families))
    if key == "pkttype":
        return Fixed(ALWAYS if "host" in texts or "unicast" in texts else NEVER)
    if key in ("length", "time", "hour", "day", "random"):
        return Fixed(CHOSEN)
    return Fixed(OPAQUE)


def _protocols(texts: Iterable[str]) -> Condition:
    return ProtocolIs(frozenset(_PROTOCOL_NUMBERS.get(text, text) for text in texts))


def _compare_payload(protocol: str, name: str, values: list[Json]) -> Condition:
    if protocol in _ICMP:
        return ProtocolIs(frozenset({protocol}))
    if protocol == "ether":
        # only the next router or a neighbour has such an address: no stranger
        return Fixed(NEVER) if name == "saddr" else Fixed(CHOSEN)
    if protocol in ("ip", "ip6"):
        family = FamilyIs(Family.IPV4 if protocol == "ip" else Family.IPV6)
        return AllOf((family, _compare_ip(name, values)))
    transport: tuple[Condition, ...] = ()
    if protocol != "th":
        transport = (ProtocolIs(frozenset({protocol})),)
    if name == "dport":
        ports = _ports(values)
        return AllOf((*transport, PortIs(ports) if ports is not None else Fixed(OPAQUE)))
    # the sender writes every other field, the source port among them, as he likes
    return AllOf((*transport, Fixed(CHOSEN if protocol in ("tcp", "udp", "th") else OPAQUE)))


def _compare_ip(name: str, values: list[Json]) -> Condition:
    if name in ("protocol", "nexthdr"):
        return _protocols(str(value) for value in values)
    if name not in ("saddr", "daddr"):
        return Fixed(CHOSEN)
    texts = [_address(value) for value in values]
    if not texts:
        return Fixed(NEVER)
    known = [text for text in texts if text is not None]
    if len(known) != len(texts):
        return Fixed(OPAQUE)
    found = source(known) if name == "saddr" else destination(known)
    return found or Fixed(OPAQUE)


def _address(value: Json) -> str | None:
    match value:
        case str():
            return value
        case {"prefix": {"addr": str(address), "len": int(length)}}:
            return f"{address}/{length}"
        case {"range": [str(low), str(high)]}:
            return f"{low}-{high}"
    return None


def _ports(values: list[Json]) -> tuple[Range, ...] | None:
    ranges: list[tuple[int, int]] = []
    for value in values:
        match value:
            case int():
                ranges.append((value, value))
            case {"range": [int(low), int(high)]}:
                ranges.append((low, high))
            case _:
                return None
    return tuple(ranges)


def _compare_ct(key: str, values: list[Json]) -> Condition:
    texts = {str(value) for value in values}
    if key == "state":
        return StateIs(frozenset(texts))
    if key == "status":
        return Fixed(NEVER)  # of a connection that is known, translated or expected already
    if key == "direction":
        return Fixed(ALWAYS if texts & {"original", "0"} else NEVER)
    return Fixed(OPAQUE)


def _compare_fib(content: Mapping[str, Json], values: list[Json]) -> Condition:
    texts = {str(value).lower() for value in values}
    flags = content.get("flags", ())
    listed = [flags] if isinstance(flags, str) else list(flags)
    if content.get("result") == "type":
        if "saddr" in listed:
            return Fixed(NEVER if texts <= {"local", "broadcast", "multicast"} else OPAQUE)
        return Fixed(ALWAYS if texts & {"local", "unicast"} else NEVER)
    # reverse path filters: whoever has a route back is not met by them
    return Fixed(CHOSEN)


def _implied(left: Json) -> Condition | None:
    match left:
        case {"payload": {"protocol": "ip" | "ip6" as protocol}}:
            return FamilyIs(Family.IPV4 if protocol == "ip" else Family.IPV6)
        case {"payload": {"protocol": str(protocol)}} if protocol not in ("th", "ether"):
            return ProtocolIs(frozenset({protocol}))
    return None


def _ordered(left: Json, operator: str, right: Json) -> Condition:
    match left:
        case {"payload": {"protocol": str(protocol), "field": "dport"}} if isinstance(right, int):
            below = {"<": right - 1, "<=": right}.get(operator)
            above = {">": right + 1, ">=": right}.get(operator)
            span = (above or 0, HIGHEST if below is None else below)
            named = () if protocol == "th" else (ProtocolIs(frozenset({protocol})),)
            return AllOf((*named, PortIs((span,))))
        case {"payload": {"field": "saddr" | "daddr"}} | {"meta": {"key": "mark"}}:
            return Fixed(OPAQUE)
    return Fixed(CHOSEN)


_FLAG_BITS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ecn": 64, "cwr": 128}


def _tcp_flags(left: Json, operator: str, right: Json) -> Condition | None:
    """A match on TCP flags: a new connection begins with SYN alone."""
    match left:
        case {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, mask]}:
            masked = _bits(mask)
        case {"payload": {"protocol": "tcp", "field": "flags"}}:
            masked = 255
        case _:
            return None
    wanted = _bits(right)
    if masked is None or wanted is None:
        return Fixed(OPAQUE)
    syn = _FLAG_BITS["syn"] & masked
    hit = bool(syn & wanted) if operator == "in" else syn == wanted
    if operator == "!=":
        hit = not hit
    return AllOf((ProtocolIs(frozenset({"tcp"})), Fixed(ALWAYS if hit else NEVER)))


def _bits(value: Json) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return _FLAG_BITS.get(value)
    if isinstance(value, list):
        listed = value
    elif isinstance(value, dict) and isinstance(value.get("|"), list):
        listed = value["|"]
    else:
        return None
    total = 0
    for item in listed:
        bits = _bits(item)
        if bits is None:
            return None
        total |= bits
    return total
