"""Follows the rules of a chain, in their order, for a kind of traffic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from assessor.devices.routeros.matching import Matcher
from assessor.devices.routeros.traffic import Part, Traffic

MOST_STEPS = 150_000
"""Rules looked at for one device. The largest real configurations need a few thousand."""

_PASSING = frozenset(
    [
        "log",
        "passthrough",
        "add-src-to-address-list",
        "add-dst-to-address-list",
        "fasttrack-connection",
        "mark-connection",
        "mark-packet",
        "mark-routing",
    ]
)
_DROPPING = frozenset({"drop", "reject", "tarpit"})
TRANSLATING = frozenset({"dst-nat", "netmap", "redirect"})
_LEAVING = frozenset({"masquerade", "src-nat", "same", "endpoint-independent-nat", "socksify"})

ACTIONS = {
    "filter": _PASSING | _DROPPING | {"accept", "jump", "return"},
    "raw": _PASSING | _DROPPING | {"accept", "jump", "return", "notrack"},
    "nat": _PASSING | TRANSLATING | _LEAVING | {"accept", "jump", "return"},
}
"""What a rule of each table may do."""


class Fate(Enum):
    """What becomes of all of a kind of traffic."""

    ACCEPTED = "accepted"
    DROPPED = "dropped"
    PASSED = "passed"
    """No rule of the chain says."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is in force.

    Attributes:
        label: how its owner finds it: its comment, or its place.
    """

    chain: str
    action: str
    values: Mapping[str, str]
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Some of the traffic, that a rule accepts or translates."""

    part: Part
    rule: Rule


@dataclass(slots=True)
class Walked:
    """What came of a walk.

    Attributes:
        gaps: what of the traffic was accepted, where not all was.
        untracked: what of it is kept from being tracked.
        unclear: rules that may accept some of it.
    """

    gaps: list[Gap] = field(default_factory=list)
    untracked: list[Part] = field(default_factory=list)
    unclear: list[Rule] = field(default_factory=list)


class Budget:
    """How many rules may still be looked at."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def spent(self) -> bool:
        """Takes one; tells whether there was none left."""
        self.left -= 1
        return self.left < 0


class Walker:
    """Walks through the chains of one table of one family."""

    def __init__(self, rules: Sequence[Rule], matcher: Matcher, budget: Budget) -> None:
        self._matcher = matcher
        self.budget = budget
        self._chains: dict[str, list[Rule]] = {}
        for rule in rules:
            self._chains.setdefault(rule.chain, []).append(rule)
        self._relevant: dict[tuple[str, Traffic], list[Rule]] = {}

    def walk(self, chain: str, traffic: Traffic, walked: Walked) -> Fate:
        """The fate of ``traffic`` in ``chain``; what is let in of it is added to ``walked``."""
        return self._walk(chain, traffic, walked, None, (), 0)

    def _rules(self, chain: str, traffic: Traffic) -> Sequence[Rule]:
        """The rules that may match any traffic that comes in there."""
        rules = self._chains.get(chain, [])
        if len(rules) < 50 or traffic.from_nets or traffic.sources or traffic.to_nets:
            return rules
        widest = replace(traffic, protocol="", port=None)
        key = (chain, widest)
        if key not in self._relevant:
            self._relevant[key] = [
                rule
                for rule in rules
                if not self.budget.spent() and self._matcher.match(rule.values, widest) is not None
            ]
        return self._relevant[key]

    def _walk(
        self,
        chain: str,
        traffic: Traffic,
        walked: Walked,
        narrowed: Part | None,
        above: tuple[str, ...],
        start: int,
    ) -> Fate:
        rules = self._rules(chain, traffic)
        for position in range(start, len(rules)):
            rule = rules[position]
            if self.budget.spent():
                walked.unclear.append(rule)
                return Fate.DROPPED
            if rule.action in _PASSING or rule.action in _LEAVING:
                continue
            part = self._matcher.match(rule.values, traffic)
            if part is None:
                continue
            if rule.action == "jump":
                fate = self._jump(rule, part, traffic, walked, narrowed, (*above, chain))
            else:
                fate = self._act(rule, part, walked, narrowed)
            dropped = fate is Fate.DROPPED and rule.action not in TRANSLATING
            if dropped and part.except_from and not traffic.sources:
                # It is dropped but for what comes from a few: these go on by themselves.
                few = replace(traffic, sources=part.except_from)
                rest = self._walk(chain, few, walked, narrowed, above, position + 1)
                if rest is not Fate.DROPPED:
                    gap = Part(whole=False, sources=part.except_from)
                    walked.gaps.append(Gap(_within(narrowed, gap), rule))
            if fate is not None:
                return fate
        return Fate.PASSED

    def _jump(
        self,
        rule: Rule,
        part: Part,
        traffic: Traffic,
        walked: Walked,
        narrowed: Part | None,
        above: tuple[str, ...],
    ) -> Fate | None:
        target = rule.values.get("jump-target", "")
        if part.unclear or not target or target in above or len(above) > 16:
            walked.unclear.append(rule)
            return None
        inner = narrowed if part.whole else _within(narrowed, part)
        traffic = replace(
            traffic,
            sources=traffic.sources or part.sources,
            protocol=traffic.protocol or part.protocol,
        )
        fate = self._walk(target, traffic, walked, inner, above, 0)
        if fate is Fate.PASSED:
            return None
        if part.whole:
            return fate
        if fate is Fate.ACCEPTED:
            walked.gaps.append(Gap(_within(narrowed, part), rule))
        return None

    def _act(self, rule: Rule, part: Part, walked: Walked, narrowed: Part | None) -> Fate | None:
        """The fate of all of it; ``None`` where the rule ends nothing for all of it."""
        if rule.action in _DROPPING:
            return Fate.DROPPED if part.whole else None
        if rule.action == "return":
            if part.whole and not part.except_from:
                return Fate.PASSED
            walked.unclear.append(rule)
            return None
        if part.unclear or rule.action not in {"accept", "notrack", *TRANSLATING}:
            walked.unclear.append(rule)
            return None
        if rule.action == "notrack":
            walked.untracked.append(_within(narrowed, part))
            return None
        if part.whole and rule.action == "accept":
            return Fate.ACCEPTED
        if rule.action != "accept" or not part.whole:
            walked.gaps.append(Gap(_within(narrowed, part), rule))
        # What is translated needs no further translation.
        return Fate.DROPPED if part.whole else None


def _within(outer: Part | None, part: Part) -> Part:
    """What a rule matches of what a rule before it had matched already."""
    if outer is None:
        return part
    return Part(
        whole=False,
        protocol=part.protocol or outer.protocol,
        ports=part.ports or outer.ports,
        sources=part.sources or outer.sources,
        to=part.to or outer.to,
        unclear=part.unclear or outer.unclear,
    )
