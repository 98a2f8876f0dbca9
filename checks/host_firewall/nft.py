"""Reads ``nft -j list ruleset``.

The format is that of libnftables-json(5), schema version 1. What is not understood is kept as an
opaque condition or an unknown action, never skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .addresses import destination, source
from .ports import HIGHEST, Range
from .rules import (
    ALWAYS,
    BOTH,
    CHOSEN,
    NEVER,
    OPAQUE,
    Action,
    AllOf,
    Base,
    Chain,
    Condition,
    Either,
    Family,
    FamilyIs,
    Fixed,
    InterfaceIs,
    Negated,
    PortIs,
    Problem,
    ProtocolIs,
    Reading,
    Rule,
    StateIs,
    Table,
)

_FAMILIES = {
    "ip": frozenset({Family.IPV4}),
    "ip6": frozenset({Family.IPV6}),
    "inet": BOTH,
    "netdev": BOTH,
}
_HOOKS = ("ingress", "prerouting", "input")
_PROTOCOL_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "ipv6-icmp": "icmpv6"}
_ICMP = ("icmp", "icmpv6", "igmp")
_VERDICTS = {
    "accept": Action.ACCEPT,
    "drop": Action.DENY,
    "reject": Action.DENY,
    "return": Action.RETURN,
    "continue": Action.NOTHING,
    "jump": Action.JUMP,
    "goto": Action.GOTO,
}
# statements that only note, count or change, so that the next rule is reached all the same
_NO_VERDICT = frozenset(
    {
        "counter", "log", "mangle", "notrack", "dup", "ct helper", "ct timeout", "ct expectation",
        "secmark", "last", "comment", "reset", "flow", "snat", "masquerade",
    }
)  # fmt: skip
# statements that let the rule go on for part of the packets; adding to a set fails once it is full
_RATES = frozenset({"limit", "quota", "ct count", "set", "map", "meter"})
_DEEPEST = 32
_SHOWN = 200

Json = Any


@dataclass(frozen=True, slots=True)
class _Names:
    """The named sets and maps of one table: name to elements."""

    elements: Mapping[str, tuple[Json, ...]]


def read(text: str) -> Reading:
    """The rules of ``text``; a text that is not one whole JSON answer is a ``Problem``."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        started = text.lstrip().startswith("{")
        return Reading(problem=Problem.CUT_OFF if started else Problem.UNKNOWN_FORMAT)
    entries = document.get("nftables") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return Reading(problem=Problem.UNKNOWN_FORMAT)
    # every version of nft begins its JSON with "metainfo": without it this is something else
    if not any("metainfo" in entry for entry in entries):
        return Reading(problem=Problem.UNKNOWN_FORMAT)
    return _Document(entries).reading()


class _Document:
    """The objects of one answer, by table."""

    def __init__(self, entries: list[dict[str, Json]]) -> None:
        self._chains: dict[tuple[str, str], dict[str, dict[str, Json]]] = {}
        self._rules: dict[tuple[str, str, str], list[dict[str, Json]]] = {}
        self._elements: dict[tuple[str, str], dict[str, tuple[Json, ...]]] = {}
        for entry in entries:
            for kind, content in entry.items():
                if isinstance(content, dict):
                    self._add(kind, content)

    def _add(self, kind: str, content: dict[str, Json]) -> None:
        table = (str(content.get("family")), str(content.get("table")))
        name = str(content.get("name"))
        if kind == "chain":
            self._chains.setdefault(table, {})[name] = content
        elif kind == "rule":
            self._rules.setdefault((*table, str(content.get("chain"))), []).append(content)
        elif kind in ("set", "map"):
            found = content.get("elem", [])
            self._elements.setdefault(table, {})[name] = tuple(
                found if isinstance(found, list) else [found]
            )

    def reading(self) -> Reading:
        tables: list[Table] = []
        forwarded: list[str] = []
        for (family, name), chains in self._chains.items():
            if family not in _FAMILIES:
                continue
            names = _Names(self._elements.get((family, name), {}))
            label = f"{family} {name}"
            read_chains: dict[str, Chain] = {}
            for chain in chains:
                rules: list[Rule] = []
                for rule in self._rules.get((family, name, chain), []):
                    rules.extend(_rule(rule, names, f"{label} {chain}"))
                    forwarded.extend(_forwarded(rule))
                read_chains[chain] = Chain(tuple(rules))
            tables.append(Table(label, _FAMILIES[family], read_chains, tuple(_bases(chains))))
        notrack = any(
            "notrack" in str(rule.get("expr")) for rules in self._rules.values() for rule in rules
        )
        return Reading(tuple(tables), tuple(dict.fromkeys(forwarded)), notrack=notrack)


def _bases(chains: Mapping[str, Mapping[str, Json]]) -> Iterator[Base]:
    for name, chain in chains.items():
        if chain.get("type") == "filter" and chain.get("hook") in _HOOKS:
            devices = chain.get("dev", ())
            listed = devices if isinstance(devices, list | tuple) else (devices,)
            yield Base(
                chain=name,
                hook=str(chain["hook"]),
                deny=chain.get("policy") == "drop",
                devices=tuple(str(device) for device in listed),
            )


# -- rules ---------------------------------------------------------------------------------------


def _rule(rule: Mapping[str, Json], names: _Names, place: str) -> Iterator[Rule]:
    statements = rule.get("expr", [])
    if not isinstance(statements, list):
        statements = ["?"]
    text = f"{place}: {_words(statements)}"[:_SHOWN]
    conditions: list[Condition] = []
    for statement in statements:
        if not isinstance(statement, dict) or len(statement) != 1:
            # older versions print what they cannot express as text
            yield Rule(tuple(conditions), Action.UNKNOWN, text=text)
            return
        kind, content = next(iter(statement.items()))
        if kind in _VERDICTS:
            yield Rule(tuple(conditions), *_verdict(kind, content), text=text)
            return
        if kind == "vmap":
            yield from _verdict_map(content, tuple(conditions), names, text)
        elif kind == "match":
            conditions.append(_match(content, names))
        elif kind in _RATES:
            conditions.append(Fixed(CHOSEN))  # below the limit, a stranger still gets through
        elif kind == "xt":
            conditions.append(Fixed(OPAQUE))
            if not isinstance(content, dict) or content.get("type") != "match":
                yield Rule(tuple(conditions), Action.UNKNOWN, text=text)
        elif kind not in _NO_VERDICT:
            yield Rule(tuple(conditions), Action.UNKNOWN, text=text)
            return


def _verdict(kind: str, content: Json) -> tuple[Action, str]:
    action = _VERDICTS[kind]
    if action in (Action.JUMP, Action.GOTO):
        target = content.get("target") if isinstance(content, dict) else None
        return (action, target) if isinstance(target, str) else (Action.UNKNOWN, "")
    return action, ""


def _verdict_map(
    content: Json, before: tuple[Condition, ...], names: _Names, text: str
) -> Iterator[Rule]:
    unknown = Rule(before, Action.UNKNOWN, text=text)
    if not isinstance(content, dict):
        yield unknown
        return
    elements = _elements(content.get("data"), names)
    if elements is None:
        yield unknown
        return
    # the elements of a verdict map never overlap, so that their order does not matter
    for element in elements:
        if not (isinstance(element, list) and len(element) == 2 and isinstance(element[1], dict)):
            yield unknown
            return
        key, verdict = element
        kind = next(iter(verdict), "")
        condition = _compare(content.get("key"), [_bare(key)], names)
        if kind not in _VERDICTS:
            yield Rule((*before, condition), Action.UNKNOWN, text=text)
        else:
            yield Rule((*before, condition), *_verdict(kind, verdict[kind]), text=text)


def _forwarded(rule: Mapping[str, Json]) -> Iterator[str]:
    statements = rule.get("expr", [])
    protocol = ports = ""
    for statement in statements if isinstance(statements, list) else []:
        if not isinstance(statement, dict):
            continue
        match statement:
            case {
                "match": {
                    "left": {"payload": {"protocol": str(protocol), "field": "dport"}},
                    "right": right,
                }
            }:
                ports = _words(right)
            case {"match": {"left": {"payload": {"field": "daddr"}}, "right": str(to)}} if (
                to.startswith("127.")
            ):
                return
            case {"dnat": {"addr": addr}} if ports:
                yield f"{protocol} {ports} -> {_words(addr)}"[:_SHOWN]


_MOST_SHOWN = 12


def _left_words(value: Json, depth: int) -> str:
    match value:
        case {"payload": {"protocol": str(protocol), "field": str(name)}}:
            return f"{protocol} {name}"
        case {"meta": {"key": str(key)}}:
            return key
        case {"ct": {"key": str(key)}}:
            return f"ct {key}"
    return _words(value, depth)


def _words(value: Json, depth: int = 0) -> str:
    """The JSON much as nft itself would write it, so that the rule is found back."""
    if depth > _DEEPEST:
        return "..."
    match value:
        case {"match": {"left": left, "right": right, **rest}}:
            operator = rest.get("op", "==")
            sign = "" if operator in ("==", "in") else f"{operator} "
            return f"{_left_words(left, depth + 1)} {sign}{_words(right, depth + 1)}"
        case {"range": [low, high]}:
            return f"{low}-{high}"
        case {"prefix": {"addr": address, "len": length}}:
            return f"{address}/{length}"
        case {"set": list(items)}:
            shown = ", ".join(_words(item, depth + 1) for item in items[:_MOST_SHOWN])
            return f"{{ {shown}{', ...' if len(items) > _MOST_SHOWN else ''} }}"
        case {"counter": _}:
            return "counter"
        case dict():
            return " ".join(f"{key} {_words(v, depth + 1)}".strip() for key, v in value.items())
        case list():
            return " ".join(_words(item, depth + 1) for item in value[: 2 * _MOST_SHOWN])
        case None:
            return ""
    return str(value)


# -- matches -------------------------------------------------------------------------------------


def _match(content: Json, names: _Names) -> Condition:
    if not isinstance(content, dict):
        return Fixed(OPAQUE)
    operator, right = content.get("op", "=="), content.get("right")
    left = content.get("left")
    if operator in ("<", "<=", ">", ">="):
        return _ordered(left, operator, right)
    flags = _tcp_flags(left, operator, right)
    if flags is not None:
        return flags
    values = _elements(right, names)
    if operator not in ("==", "in", "!=") or values is None:
        return Fixed(OPAQUE)
    equal = _compare(left, [_bare(value) for value in values], names)
    if operator == "!=":
        # "not from port 22" still says that there is a port: the protocol stays as it was
        return _unequal(left, equal)
    return equal


def _unequal(left: Json, equal: Condition) -> Condition:
    implied = _implied(left)
    return AllOf((implied, Negated(equal))) if implied else Negated(equal)


def _elements(right: Json, names: _Names) -> tuple[Json, ...] | None:
    """The values on the right hand side; ``None`` for a set that the answer does not hold."""
    if isinstance(right, str) and right.startswith("@"):
        return names.elements.get(right[1:])
    if isinstance(right, dict) and "set" in right:
        inner = right["set"]
        if isinstance(inner, str):
            return names.elements.get(inner.lstrip("@"))
        return tuple(inner) if isinstance(inner, list) else (inner,)
    return tuple(right) if isinstance(right, list) else (right,)


def _bare(value: Json) -> Json:
    """An element without its timeout, comment and counter."""
    if isinstance(value, dict) and isinstance(value.get("elem"), dict):
        return value["elem"].get("val")
    return value


def _compare(left: Json, values: list[Json], names: _Names) -> Condition:
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


def _compare_concat(parts: list[Json], values: list[Json], names: _Names) -> Condition:
    either: list[Condition] = []
    for value in values:
        fields = value.get("concat") if isinstance(value, dict) else None
        if not isinstance(fields, list) or len(fields) != len(parts):
            return Fixed(OPAQUE)
        both = (_compare(part, [item], names) for part, item in zip(parts, fields, strict=True))
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
