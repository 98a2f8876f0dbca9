"""Sets of rules, gone through in their order: what happens to some traffic, and what is let in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from assessor.devices.device import Policy
from assessor.devices.vyatta.grammar import Node
from assessor.devices.vyatta.rules import Fit, Groups, Rule, Side, Traffic, read_rules

DEEPEST = 16
_DROPS = frozenset({"drop", "reject"})
_BACK = frozenset({"return", "continue"})


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule that lets in a part of the traffic in question.

    Attributes:
        set_name: of the set that holds the rule.
        rule: the rule.
        sources: from which alone; empty for anyone.
    """

    set_name: str
    rule: Rule
    sources: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How its owner finds it."""
        return f"{self.set_name} {self.rule.number}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to some traffic.

    Attributes:
        policy: to what no rule lets in by name.
        openings: what rules let in.
        translated: what a port forward has sent elsewhere is let in.
        missing: sets that are named and are not there.
    """

    policy: Policy
    openings: tuple[Opening, ...] = ()
    translated: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleSet:
    """A set of rules.

    Attributes:
        default: what happens at its end: ``accept``, ``drop``, ``return``, ...
    """

    name: str
    rules: tuple[Rule, ...]
    default: str
    target: str = ""


class Chains:
    """The sets of one family of addresses, by name; read when they are first gone through."""

    def __init__(self, nodes: Mapping[str, Node], groups: Groups) -> None:
        self._nodes = nodes
        self._groups = groups
        self._read: dict[str, RuleSet] = {}

    def get(self, name: str) -> RuleSet | None:
        """The set ``name``; ``None`` where there is none."""
        if name not in self._nodes:
            return None
        if name not in self._read:
            self._read[name] = read_set(name, self._nodes[name], self._groups, "drop")
        return self._read[name]


def read_set(name: str, node: Node, groups: Groups, default: str) -> RuleSet:
    """A set of rules; ``default`` is what happens at its end unless it says so itself.

    Named sets drop by default, in EdgeOS and in VyOS (docs.vyos.io, "Firewall", default-action).
    """
    return RuleSet(
        name,
        read_rules(node, groups),
        node.value("default-action") or default,
        node.value("default-jump-target") or "",
    )


@dataclass
class _Walk:
    """One going through; see ``judge``."""

    chains: Chains
    traffic: Traffic
    openings: list[Opening] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    limited: tuple[str, ...] = ()
    translated: bool = False

    def through(
        self, rules: RuleSet, depth: int, outer: Rule | None, beyond: bool
    ) -> Policy | None:
        """What is decided; ``None`` where it goes back to the set before.

        Args:
            rules: the set.
            depth: how many sets it was reached through.
            outer: the rule by which only a part of the traffic got here.
            beyond: what goes back to the set before is let in at that one's end.
        """
        if depth > DEEPEST:
            return Policy.UNKNOWN
        for rule in rules.rules:
            fit = rule.fit(self.traffic)
            if fit is Fit.NONE:
                continue
            if rule.action == "return":
                if fit is Fit.ALL:
                    return None
                if beyond:
                    self._open(rules, rule, outer)
                continue
            decided = self._apply(rules, rule, fit, depth, outer, beyond)
            if decided is not None:
                return decided
        if rules.default == "jump":
            return self._jump(rules.target, depth, outer, beyond)
        if rules.default in _DROPS:
            return Policy.DENIED
        return self._accepted() if rules.default == "accept" else None

    def _apply(
        self, rules: RuleSet, rule: Rule, fit: Fit, depth: int, outer: Rule | None, beyond: bool
    ) -> Policy | None:
        if rule.action == "accept":
            if rule.translated:
                self.translated = True
            elif fit is Fit.ALL:
                return self._accepted()
            else:
                self._open(rules, rule, outer)
        elif rule.action == "jump":
            beyond = rules.default == "accept" or (rules.default in _BACK and beyond)
            narrower = rule if fit is Fit.PART else outer
            decided = self._jump(rule.target, depth, narrower, beyond)
            if fit is Fit.ALL:
                return decided
            if decided in (Policy.ALLOWED, Policy.UNKNOWN):
                self._open(rules, rule, outer)
        elif rule.action in _DROPS:
            if fit is Fit.ALL:
                return Policy.DENIED
            if _all_but_some(rule):
                self.limited = tuple(name.removeprefix("!") for name in rule.source.names)
        return None

    def _jump(self, name: str, depth: int, outer: Rule | None, beyond: bool) -> Policy | None:
        target = self.chains.get(name)
        if target is None:
            self.missing.append(name)
            return Policy.UNKNOWN
        return self.through(target, depth + 1, outer, beyond)

    def _accepted(self) -> Policy:
        if not self.limited:
            return Policy.ALLOWED
        named = Rule("", "accept")
        self.openings.append(Opening("", named, self.limited))
        return Policy.DENIED

    def _open(self, rules: RuleSet, rule: Rule, outer: Rule | None) -> None:
        sources = rule.source.whom or (outer.source.whom if outer else ()) or self.limited
        if outer is not None:
            rule = replace(
                rule,
                protocols=rule.protocols or outer.protocols,
                destination=rule.destination if rule.destination != Side() else outer.destination,
            )
        self.openings.append(Opening(rules.name, rule, sources))


def _all_but_some(rule: Rule) -> bool:
    """Whether a rule drops everything but what comes from some addresses."""
    source = rule.source
    plain = rule.protocols is None and rule.destination == Side() and not rule.narrow
    return plain and bool(source.negated) and source.networks is None and source.ports is None


def judge(chains: Chains, rules: RuleSet, traffic: Traffic, end: Policy) -> Verdict:
    """What ``rules`` do to ``traffic``.

    Args:
        chains: the sets that it may jump to.
        rules: the set to begin with.
        traffic: the traffic.
        end: what happens to what comes back from the set.
    """
    walk = _Walk(chains, traffic)
    policy = walk.through(rules, 0, None, end is Policy.ALLOWED)
    if policy is None:
        policy = end
    return Verdict(policy, tuple(walk.openings), walk.translated, tuple(walk.missing))


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """What happens to traffic that all of some firewalls see: it passes if each lets it pass."""
    found = list(verdicts)
    if not found:
        return Verdict(Policy.ALLOWED)
    missing = tuple(name for each in found for name in each.missing)
    translated = all(each.translated or each.policy is Policy.ALLOWED for each in found)
    denied = [each for each in found if each.policy is Policy.DENIED]
    if denied:
        fewest = min(denied, key=lambda each: len(each.openings))
        return Verdict(Policy.DENIED, fewest.openings, translated, missing)
    unknown = any(each.policy is Policy.UNKNOWN for each in found)
    policy = Policy.UNKNOWN if unknown else Policy.ALLOWED
    return Verdict(
        policy, tuple(one for each in found for one in each.openings), translated, missing
    )


def loosest(policies: Iterable[Policy]) -> Policy:
    """What happens to traffic of which each kind meets another firewall: the worst of them."""
    found = set(policies)
    for policy in (Policy.ALLOWED, Policy.UNKNOWN, Policy.DENIED):
        if policy in found:
            return policy
    return Policy.UNKNOWN
