"""Follows a stranger's new connections through every chain on the way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .ports import ALL_PORTS, NO_PORTS, Ports
from .rules import (
    Action,
    AllOf,
    Base,
    Chain,
    Condition,
    Either,
    InterfaceIs,
    Negated,
    Rule,
    Table,
    Traffic,
    interface_matches,
)

MOST_JUMPS = 64  # the kernel itself refuses deeper nesting (16 in nf_tables)

# only rules that decide a good part of all ports are worth naming when a host is found open
_NOTABLE_PORTS = 4096
_MOST_NOTES = 32


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of traffic that enters a chain, by destination port.

    Attributes:
        may_accept: outside these ports nothing is let in, for sure.
        can_enter: on these ports a stranger surely gets in.
        may_return: these may come back to the caller undecided.
        sure_return: these surely come back to the caller undecided.
    """

    may_accept: Ports
    can_enter: Ports
    may_return: Ports
    sure_return: Ports


_ANYTHING = Passage(ALL_PORTS, NO_PORTS, ALL_PORTS, NO_PORTS)
"""A chain that cannot be followed: missing, or in a circle."""


@dataclass(slots=True)
class _Walk:
    """The walk of one kind of traffic through one table. Each chain is walked once."""

    table: Table
    traffic: Traffic
    done: dict[str, Passage] = field(default_factory=dict)
    unclear: dict[str, Ports] = field(default_factory=dict)
    openers: dict[str, Ports] = field(default_factory=dict)

    def through(self, name: str, above: tuple[str, ...] = ()) -> Passage:
        if name in self.done:
            return self.done[name]
        chain = self.table.chains.get(name)
        if chain is None or name in above or len(above) > MOST_JUMPS:
            self.unclear.setdefault(f"{self.table.label} {name}", ALL_PORTS)
            return _ANYTHING
        self.done[name] = self._chain(name, chain, (*above, name))
        return self.done[name]

    def _chain(self, name: str, chain: Chain, above: tuple[str, ...]) -> Passage:
        may, sure = ALL_PORTS, ALL_PORTS  # still on their way at this rule
        may_accept, can_enter, may_return, sure_return = NO_PORTS, NO_PORTS, NO_PORTS, NO_PORTS
        for rule in chain.rules:
            if not may:
                break
            reach = rule.reach(self.traffic)
            if not reach.may:
                continue
            match rule.action:
                case Action.ACCEPT:
                    may_accept |= may & reach.may
                    entered = sure & reach.able
                    can_enter |= entered
                    self._note(self.openers, rule.text, entered)
                    self._note(self.unclear, rule.text, (may & reach.may) - reach.able)
                    may, sure = may - reach.sure, sure - reach.able
                case Action.DENY:
                    may, sure = may - reach.sure, sure - (reach.may - (reach.able - reach.sure))
                case Action.RETURN:
                    may_return |= may & reach.may
                    sure_return |= sure & reach.sure
                    may, sure = may - reach.sure, sure - reach.may
                case Action.UNKNOWN:
                    self._note(self.unclear, rule.text, may & reach.may)
                    may_accept |= may & reach.may
                    sure = sure - reach.may
                case Action.JUMP | Action.GOTO:
                    inner = self.through(rule.target, above)
                    may_accept |= may & reach.may & inner.may_accept
                    can_enter |= sure & reach.able & inner.can_enter
                    back = may & reach.may & inner.may_return
                    surely_back = sure & reach.may & inner.sure_return
                    # who may or may not match gets further in either case: because he can
                    # avoid the match, or because the inner chain lets him in as well
                    either_way = sure & (reach.may - reach.sure) & (reach.able | inner.can_enter)
                    may, sure = may - reach.sure, (sure - reach.may) | either_way
                    if rule.action is Action.GOTO:
                        may_return |= back
                        sure_return |= surely_back & reach.sure
                    else:
                        may |= back
                        sure |= surely_back
                case Action.NOTHING:
                    pass
        if not chain.closed:
            self._note(self.unclear, f"{self.table.label} {name}", may)
            return Passage(may_accept | may, can_enter, may_return | may, sure_return)
        return Passage(may_accept, can_enter, may_return | may, sure_return | sure)

    @staticmethod
    def _note(notes: dict[str, Ports], text: str, ports: Ports) -> None:
        if len(ports) > _NOTABLE_PORTS and (text in notes or len(notes) < _MOST_NOTES):
            notes[text] = notes.get(text, NO_PORTS) | ports


@dataclass(frozen=True, slots=True)
class Way:
    """What the whole way in does with one kind of traffic.

    Attributes:
        may_enter: outside these ports a stranger surely does not get in.
        can_enter: on these ports a stranger surely gets in, as far as the tables are known.
        unclear: rules that could not be understood, with the ports they may decide.
        openers: the rules and policies that let in, with their ports, in the order met.
    """

    may_enter: Ports
    can_enter: Ports
    unclear: dict[str, Ports]
    openers: dict[str, Ports]


def way_in(tables: Iterable[Table], traffic: Traffic) -> Way:
    """Follows ``traffic`` through all base chains of ``tables``.

    An accept only ends the base chain it stands in; a packet gets in when every chain accepts it.
    """
    may_enter, can_enter = ALL_PORTS, ALL_PORTS
    unclear: dict[str, Ports] = {}
    openers: dict[str, Ports] = {}
    for table in tables:
        if traffic.family not in table.families:
            continue
        walk = _Walk(table, traffic)
        for base in table.bases:
            if not _sees(base, traffic):
                continue
            passage = walk.through(base.chain)
            left_over = NO_PORTS if base.deny else passage.sure_return
            may_enter &= passage.may_accept | (NO_PORTS if base.deny else passage.may_return)
            can_enter &= passage.can_enter | left_over
            if left_over and base.hook == "input":
                openers[f"policy accept: {table.label} {base.chain}"] = left_over
        unclear.update(walk.unclear)
        openers.update(walk.openers)
    return Way(may_enter, can_enter, unclear, openers)


def _sees(base: Base, traffic: Traffic) -> bool:
    return not base.devices or any(
        interface_matches(device, traffic.interface) for device in base.devices
    )


def interface_patterns(tables: Iterable[Table]) -> frozenset[str]:
    """Every interface name and pattern that a rule or base chain of ``tables`` uses."""
    found: set[str] = set()
    for table in tables:
        for base in table.bases:
            found.update(base.devices)
        for chain in table.chains.values():
            for rule in chain.rules:
                found.update(_patterns(rule))
    return frozenset(found)


def _patterns(rule: Rule) -> Iterator[str]:
    waiting: list[Condition] = list(rule.conditions)
    while waiting:
        condition = waiting.pop()
        if isinstance(condition, InterfaceIs):
            yield from condition.patterns
        elif isinstance(condition, Negated):
            waiting.append(condition.condition)
        elif isinstance(condition, Either | AllOf):
            waiting.extend(condition.conditions)
