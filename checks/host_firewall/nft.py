"""Reads ``nft -j list ruleset``.

The format is that of libnftables-json(5), schema version 1. What is not understood is kept as an
opaque condition or an unknown action, never skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .nft_matches import Names, bare, compare, elements_of, match
from .nft_words import words
from .rules import (
    BOTH,
    CHOSEN,
    OPAQUE,
    Action,
    Base,
    Chain,
    Condition,
    Family,
    Fixed,
    Forward,
    Problem,
    Reading,
    Rule,
    Table,
)

_FAMILIES = {
    "ip": frozenset({Family.IPV4}),
    "ip6": frozenset({Family.IPV6}),
    "inet": BOTH,
    "netdev": BOTH,
}
_HOOKS = ("ingress", "prerouting", "input")
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
_SHOWN = 200

Json = Any


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
        forwarded: dict[str, Forward] = {}
        for (family, name), chains in self._chains.items():
            if family not in _FAMILIES:
                continue
            names = Names(self._elements.get((family, name), {}))
            label = f"{family} {name}"
            read_chains: dict[str, Chain] = {}
            for chain in chains:
                rules: list[Rule] = []
                for rule in self._rules.get((family, name, chain), []):
                    read = list(_rule(rule, names, f"{label} {chain}"))
                    rules += read
                    for text in _forwarded(rule):
                        forwarded[text] = Forward(_FAMILIES[family], read[-1], text)
                read_chains[chain] = Chain(tuple(rules))
            tables.append(Table(label, _FAMILIES[family], read_chains, tuple(_bases(chains))))
        notrack = any(
            "notrack" in str(rule.get("expr")) for rules in self._rules.values() for rule in rules
        )
        return Reading(tuple(tables), tuple(forwarded.values()), notrack=notrack)


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


def _rule(rule: Mapping[str, Json], names: Names, place: str) -> Iterator[Rule]:
    statements = rule.get("expr", [])
    if not isinstance(statements, list):
        statements = ["?"]
    text = f"{place}: {words(statements)}"[:_SHOWN]
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
            conditions.append(match(content, names))
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
    content: Json, before: tuple[Condition, ...], names: Names, text: str
) -> Iterator[Rule]:
    unknown = Rule(before, Action.UNKNOWN, text=text)
    if not isinstance(content, dict):
        yield unknown
        return
    elements = elements_of(content.get("data"), names)
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
        condition = compare(content.get("key"), [bare(key)], names)
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
                ports = words(right)
            case {"match": {"left": {"payload": {"field": "daddr"}}, "right": str(to)}} if (
                to.startswith("127.")
            ):
                return
            case {"dnat": {"addr": addr}} if ports:
                yield f"{protocol} {ports} -> {words(addr)}"[:_SHOWN]
