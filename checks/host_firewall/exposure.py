"""From rules and interfaces to what a stranger can reach, per internet protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .flow import Way, interface_patterns, way_in
from .host import Interface
from .ports import HIGHEST, NO_PORTS, Ports
from .rules import (
    OTHER,
    PROTOCOLS,
    TCP,
    UDP,
    Action,
    AllOf,
    Condition,
    Family,
    PortIs,
    ProtocolIs,
    SourceIs,
    Table,
    Traffic,
    interface_matches,
)

# Where more than half of all ports stand open, the exceptions have become the rule. Fedora
# Workstation's zone (1025-65535) is the known case; FTP's and RTP's port ranges stay below it.
MOST_OPEN_PORTS = (HIGHEST + 1) // 2


class State(StrEnum):
    """What can be said of one family on all exposed interfaces."""

    CLOSED = "closed"
    OPEN = "open"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Side:
    """One internet protocol's side of the host.

    Attributes:
        state: closed by default, open, or not to be told from the rules.
        interfaces: where it is open or unclear.
        because: the rules or policies that open it, or that are not understood.
        everything: nothing at all is held back where it is open.
        open_ports: what a stranger may reach at most, by protocol, where the state is closed; in
            another state what he surely reaches.
        trusted: interfaces inside the host on which everything is let in.
    """

    family: Family
    state: State
    interfaces: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    everything: bool = False
    open_ports: Mapping[str, Ports] | None = None
    trusted: tuple[str, ...] = ()


def _wide(protocol: str, ports: Ports) -> bool:
    return bool(ports) if protocol == OTHER else len(ports) > MOST_OPEN_PORTS


def _judge(ways: Mapping[str, Way]) -> State:
    if any(_wide(protocol, way.can_enter) for protocol, way in ways.items()):
        return State.OPEN
    if any(_wide(protocol, way.may_enter) for protocol, way in ways.items()):
        return State.UNCLEAR
    return State.CLOSED


def exposed_names(tables: Iterable[Table], interfaces: Iterable[Interface]) -> list[str]:
    """The interfaces at which strangers may come in.

    Without known interfaces an interface that no rule names stands for all, together with every
    name that a rule does name.
    """
    exposed = [item.name for item in interfaces if item.exposed]
    if exposed:
        return exposed
    patterns = sorted(interface_patterns(tables))
    return ["", *(name for name in patterns if "*" not in name and name != "lo")]


def side(
    family: Family, tables: Sequence[Table], interfaces: Iterable[Interface], *, tracked: bool
) -> Side:
    """Judges ``family`` on every interface."""
    patterns = sorted(interface_patterns(tables))
    listed = list(interfaces)
    exposed = exposed_names(tables, listed)
    inner = [item.name for item in listed if not item.exposed]

    seen: dict[tuple[bool, ...], dict[str, Way]] = {}

    def ways(name: str) -> dict[str, Way]:
        # interfaces that no rule tells apart are judged once
        key = tuple(interface_matches(pattern, name) for pattern in patterns)
        if key not in seen:
            seen[key] = {
                protocol: way_in(tables, Traffic(family, name, protocol, tracked))
                for protocol in PROTOCOLS
            }
        return seen[key]

    by_name = {name: ways(name) for name in exposed}
    states = {name: _judge(found) for name, found in by_name.items()}
    trusted = tuple(name for name in inner if _judge(ways(name)) is State.OPEN)
    for state in (State.OPEN, State.UNCLEAR):
        guilty = [name for name, found in states.items() if found is state]
        if guilty:
            found = [by_name[name] for name in guilty]
            return Side(
                family,
                state,
                interfaces=tuple(name or "*" for name in guilty),
                because=_because(found, state),
                everything=any(
                    len(way.can_enter) > HIGHEST for ways in found for way in ways.values()
                ),
                open_ports=_together(by_name.values(), surely=True),
                trusted=trusted,
            )
    return Side(
        family,
        State.CLOSED,
        open_ports=_together(by_name.values(), surely=False),
        trusted=trusted,
    )


def _together(all_ways: Iterable[Mapping[str, Way]], *, surely: bool) -> dict[str, Ports]:
    found: dict[str, Ports] = {TCP: NO_PORTS, UDP: NO_PORTS}
    for ways in all_ways:
        for protocol in found:
            way = ways[protocol]
            found[protocol] |= way.can_enter if surely else way.may_enter
    return found


_MOST_NAMED = 5
_SIDE_POLICIES = tuple(
    f"policy accept: {tool} {table} "
    for tool in ("iptables", "ip6tables")
    for table in ("mangle", "raw", "security")
)


def _because(found: Iterable[Mapping[str, Way]], state: State) -> tuple[str, ...]:
    """The rules to name: those that decide many ports, rules before policies."""
    rules: dict[str, None] = {}
    policies: dict[str, None] = {}
    for ways in found:
        for protocol, way in ways.items():
            notes = way.openers if state is State.OPEN else way.unclear
            deciding = way.can_enter if state is State.OPEN else way.may_enter
            for text, ports in notes.items():
                part = ports & deciding
                if protocol == OTHER or 2 * len(part) > len(deciding):
                    (policies if text.startswith("policy ") else rules)[text] = None
    # mangle, raw and security hold no access rules as a rule: their open policy is no fault
    main = [text for text in policies if not text.startswith(_SIDE_POLICIES)]
    named = [*rules, *main] or [*policies]
    return tuple(named[:_MOST_NAMED])


def trusted_sources(tables: Iterable[Table]) -> tuple[str, ...]:
    """The narrow address ranges from which some rule on the way in accepts every port."""
    found: dict[str, None] = {}
    for table in tables:
        waiting = [base.chain for base in table.bases]
        walked: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in walked or name not in table.chains:
                continue
            walked.add(name)
            for rule in table.chains[name].rules:
                if rule.action in (Action.JUMP, Action.GOTO):
                    waiting.append(rule.target)
                if rule.action is Action.ACCEPT:
                    parts = list(_flat(rule.conditions))
                    if not any(isinstance(part, PortIs | ProtocolIs) for part in parts):
                        found.update(
                            (part.text, None)
                            for part in parts
                            if isinstance(part, SourceIs) and not part.broad
                        )
    return tuple(found)


def _flat(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        if isinstance(condition, AllOf):
            yield from _flat(condition.conditions)
        else:
            yield condition
