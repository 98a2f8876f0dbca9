"""Windows: its own firewall as it is in force, the rules that let in, and who may take its place.

Windows filters by network profile (domain, private, public). A machine meets private and public
networks whenever it is moved or its domain controller does not answer, so both must hold back by
default; the profile of the domain must where there is a domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessor.api import (
    Fact,
    Judgement,
    failed,
    nothing_told,
    passed,
    unknown,
)

from .exposure import MOST_OPEN_PORTS
from .ports import ALL_PORTS, NO_PORTS, Ports
from .windows_advice import advice_on
from .windows_facts import NO, RUNNING, STOPPED, Profile, Rules, State, Stored, Windows, working
from .windows_rules import TCP, UDP, Doubt, Rule, blocked_by

MEASURE = "firewall"
EXPECTED: Mapping[str, Fact] = {"inbound": "closed by default"}
_SHOWN = 10
_NOTHING_STORED: Mapping[str, Stored] = {}


@dataclass(frozen=True, slots=True)
class Opening:
    """What rules open to strangers in one profile, and for every program.

    Attributes:
        tcp: ports surely open.
        because: the ids of the rules behind it.
        everything: of these, the rules that leave nothing closed.
        maybe: rules that may open most ports, with a condition that was not understood.
    """

    profile: str
    tcp: Ports
    udp: Ports
    because: tuple[str, ...]
    everything: tuple[str, ...]
    maybe: tuple[str, ...]

    @property
    def most(self) -> bool:
        """More stands open than closed."""
        return max(len(self.tcp), len(self.udp)) > MOST_OPEN_PORTS


def judge_windows(seen: Windows) -> Judgement:
    """The judgement on a Windows."""
    state = seen.state.answer
    if state is None:
        return nothing_told(MEASURE, seen.state)
    if not state.reached or {state.service, state.engine} - {None, RUNNING}:
        return _not_running(seen, state)
    if state.products:
        return _other(state.products, state)
    beside = () if seen.others.answer is None else working(seen.others.answer)
    if state.products is None and beside:
        # Whether it has taken the place of Windows' own was not seen.
        return _other(beside, state)
    counting = tuple(one for one in state.profiles if one.name in _possible(seen))
    off = tuple(one.name for one in counting if not one.on)
    if off:
        return _without(seen, state, "windows_off", {"profiles": off})
    if seen.policies.unparsed:
        return nothing_told(MEASURE, seen.policies)
    stored = seen.policies.answer.profiles if seen.policies.answer is not None else _NOTHING_STORED
    disputed = tuple(one.name for one in counting if _disputed(one, stored.get(one.name)))
    if disputed:
        return _unknown("windows_disputed", {"profiles": disputed}, state)
    is_open = tuple(one.name for one in counting if not one.closed_by_default)
    if is_open:
        return _failed("windows_open", {"profiles": is_open}, state)
    left_out = tuple(f"{one.name}: {name}" for one in counting for name in one.left_out)
    if left_out:
        return _failed("windows_left_out", {"interfaces": left_out}, state)
    return _by_rules(seen, state, counting, stored)


def _by_rules(
    seen: Windows, state: State, counting: tuple[Profile, ...], stored: Mapping[str, Stored]
) -> Judgement:
    if all(one.shut for one in counting):
        advice = tuple(advice_on(seen, state, counting, ()))
        return passed(
            MEASURE, "windows_shut", expected=EXPECTED, observed=_observed(state), advice=advice
        )
    rules = seen.rules.answer
    if rules is None:
        return nothing_told(MEASURE, seen.rules)
    openings = tuple(
        _opening(one, _counting(rules, one, stored.get(one.name)))
        for one in counting
        if not one.shut
    )
    for opening in openings:
        facts: dict[str, Fact] = {"profile": opening.profile, "rules": opening.because[:_SHOWN]}
        if opening.everything:
            facts["rules"] = opening.everything[:_SHOWN]
            return _failed("windows_rule_opens_all", facts, state)
        if opening.most:
            facts["open_ports"] = _ports_shown((opening,))
            return _failed("windows_most_open", facts, state)
    maybe = tuple(dict.fromkeys(rule for opening in openings for rule in opening.maybe))
    if maybe:
        return _unknown("windows_unclear_rules", {"rules": maybe[:_SHOWN]}, state)
    public = next(one for one in counting if one.name == "Public")
    met = () if public.shut else _counting(rules, public, stored.get(public.name))
    shown = _ports_shown(openings)
    return passed(
        MEASURE,
        "windows_closed" if shown else "windows_closed_none",
        {"open_ports": shown} if shown else {},
        expected=EXPECTED,
        observed={**_observed(state), "open_ports": shown},
        advice=tuple(advice_on(seen, state, counting, met)),
    )


def _possible(seen: Windows) -> frozenset[str]:
    """The profiles that can come into force; that of a domain unless it surely cannot."""
    if seen.in_domain.answer is False and "Domain" not in (seen.networks.answer or ("Domain",)):
        return frozenset({"Private", "Public"})
    return frozenset({"Domain", "Private", "Public"})


def _disputed(profile: Profile, stored: Stored | None) -> bool:
    """The registry says that it is off or open, and the firewall says that it is not."""
    if stored is None:
        return False
    off = bool(stored.enabled) and not any(stored.enabled)
    is_open = bool(stored.inbound) and not any(stored.inbound)
    return off or (is_open and not profile.shut and profile.closed_by_default)


def _counting(rules: Rules, profile: Profile, stored: Stored | None) -> tuple[Rule, ...]:
    """The rules that count in ``profile``: local ones too, unless a policy leaves them out."""
    left_out = stored is not None and stored.no_local_rules and profile.allow_local == NO
    found = rules.central if left_out else rules.central + rules.local
    return tuple(rule for rule in found if profile.name in rule.profiles)


def _opening(profile: Profile, rules: tuple[Rule, ...]) -> Opening:
    """What ``rules`` open to strangers for every program."""
    blocked = {protocol: blocked_by(rules, protocol) for protocol in (TCP, UDP)}

    def left(rule: Rule) -> tuple[Ports, Ports]:
        return rule.opens(TCP) - blocked[TCP], rule.opens(UDP) - blocked[UDP]

    for_all = [rule for rule in rules if rule.allow and rule.for_all_programs]
    sure = [rule for rule in for_all if rule.doubt is Doubt.NONE and any(left(rule))]
    some = [rule for rule in for_all if rule.doubt is Doubt.SOME]
    return Opening(
        profile=profile.name,
        tcp=_together(left(rule)[0] for rule in sure),
        udp=_together(left(rule)[1] for rule in sure),
        because=tuple(rule.id for rule in sure),
        everything=tuple(
            rule.id
            for rule in sure
            if rule.protocol is None and left(rule) == (ALL_PORTS, ALL_PORTS)
        ),
        maybe=tuple(
            rule.id for rule in some if any(len(one) > MOST_OPEN_PORTS for one in left(rule))
        ),
    )


def _not_running(seen: Windows, state: State) -> Judgement:
    states = (state.service, state.engine)
    if state.reached and STOPPED not in states:
        # It answers, and is on its way up or down.
        return _unknown("windows_between", {}, state)
    services = tuple(
        name for name, at in (("MpsSvc", state.service), ("BFE", state.engine)) if at == STOPPED
    )
    return _without(seen, state, "windows_stopped", {"services": services or ("MpsSvc",)})


def _without(seen: Windows, state: State, message: str, facts: Mapping[str, Fact]) -> Judgement:
    """Windows' own firewall does not hold back; somebody else's might."""
    if state.products:
        return _other(state.products, state)
    if seen.others.answer is None:
        return nothing_told(MEASURE, seen.others)
    others = working(seen.others.answer)
    if others:
        return _other(others, state)
    return _failed(message, facts, state)


def _other(names: tuple[str, ...], state: State) -> Judgement:
    return _unknown("windows_other", {"products": names}, state)


def _failed(message: str, facts: Mapping[str, Fact], state: State) -> Judgement:
    return failed(MEASURE, message, facts, expected=EXPECTED, observed=_observed(state))


def _unknown(message: str, facts: Mapping[str, Fact], state: State) -> Judgement:
    return unknown(MEASURE, message, facts, expected=EXPECTED, observed=_observed(state))


def _observed(state: State) -> dict[str, Fact]:
    """The profiles, as ``Public: on, blocks``."""
    return {
        "profiles": tuple(
            f"{one.name}: {'on' if one.on else 'off'}, {_default(one)}" for one in state.profiles
        )
    }


def _default(profile: Profile) -> str:
    if profile.shut:
        return "blocks everything"
    return "blocks" if profile.closed_by_default else "allows"


def _together(sets: Iterable[Ports]) -> Ports:
    ports = NO_PORTS
    for one in sets:
        ports = ports | one
    return ports


def _ports_shown(openings: Iterable[Opening]) -> tuple[str, ...]:
    tcp = _together(opening.tcp for opening in openings)
    udp = _together(opening.udp for opening in openings)
    return tuple(f"{name} {ports}" for name, ports in (("tcp", tcp), ("udp", udp)) if ports)
