"""Are the wireless networks that a machine joins secured?

Which networks are the company's own, only the profile can name (``own_networks``). Where it does,
only these are judged: a café's network says nothing about the company. Where it does not, the
networks that the machine joins by itself are judged, since nobody chooses those anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessor.api import (
    Fact,
    Judgement,
    Message,
    failed,
    not_applicable,
    passed,
    unknown,
)

from .networks import SECURED, WEAK, Network, Security, shown

MEASURE = "wifi-security"
EXPECTED: Mapping[str, Fact] = {"security": ("WPA2", "WPA3")}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a machine remembers.

    Attributes:
        in_use: the network that it is connected to; empty for none, ``None`` where not seen.
        adapter: it can use wireless networks at all; ``None`` where that was not seen.
        more: there may be networks that were not seen, since a policy sets them.
    """

    networks: tuple[Network, ...]
    in_use: str | None
    adapter: bool | None
    more: bool

    def facts(self) -> dict[str, Fact]:
        """The facts for a finding."""
        return {"networks": shown(self.networks), "in_use": self.in_use}


def judge_networks(seen: Seen, own: tuple[str, ...]) -> Judgement:
    """The judgement, by the company's own networks where they are named."""
    if own:
        return _by_name(seen, tuple(each for each in seen.networks if each.name in own), own)
    if not seen.networks:
        return _nothing(seen)
    joined = tuple(each for each in seen.networks if each.automatic)
    weak = [each for each in joined if each.security in WEAK]
    strange = [each for each in joined if each.security is Security.STRANGE]
    if weak:
        return _failed("joins_weak", weak, seen)
    if strange:
        return _strange(strange, seen)
    secured = [each for each in seen.networks if each.security in SECURED]
    if not secured:
        return unknown(
            MEASURE,
            "none_secured",
            {"networks": shown(seen.networks)},
            expected=EXPECTED,
            observed=seen.facts(),
        )
    return passed(
        MEASURE,
        "joins_secured",
        {"networks": shown(secured)},
        expected=EXPECTED,
        observed=seen.facts(),
        advice=(*_advice(seen, secured), Message("name_own")),
    )


def _by_name(seen: Seen, networks: tuple[Network, ...], own: tuple[str, ...]) -> Judgement:
    if not networks:
        if seen.more:
            return _by_policy(seen)
        return not_applicable(MEASURE, "own_not_stored", {"own": own})
    weak = [each for each in networks if each.security in WEAK | {Security.OWE}]
    strange = [each for each in networks if each.security is Security.STRANGE]
    if weak:
        return _failed("own_weak", weak, seen)
    if strange:
        return _strange(strange, seen)
    return passed(
        MEASURE,
        "own_secured",
        {"networks": shown(networks)},
        expected=EXPECTED,
        observed=seen.facts(),
        advice=tuple(_advice(seen, networks)),
    )


def _nothing(seen: Seen) -> Judgement:
    if seen.more:
        return _by_policy(seen)
    if seen.adapter is False:
        return not_applicable(MEASURE, "no_adapter")
    return not_applicable(MEASURE, "nothing_stored")


def _by_policy(seen: Seen) -> Judgement:
    return unknown(MEASURE, "by_policy", expected=EXPECTED, observed=seen.facts())


def _failed(message: str, networks: Iterable[Network], seen: Seen) -> Judgement:
    facts: dict[str, Fact] = {"networks": shown(networks)}
    return failed(MEASURE, message, facts, expected=EXPECTED, observed=seen.facts())


def _strange(networks: Iterable[Network], seen: Seen) -> Judgement:
    facts: dict[str, Fact] = {"networks": shown(networks)}
    return unknown(MEASURE, "strange_security", facts, expected=EXPECTED, observed=seen.facts())


def _advice(seen: Seen, judged: Iterable[Network]) -> Iterable[Message]:
    good = tuple(judged)
    unchecked = [each for each in good if each.server_checked is False]
    if unchecked:
        yield Message("server_unchecked", {"networks": shown(unchecked)})
    hidden = [each for each in good if each.hidden and each.automatic]
    if hidden:
        yield Message("hidden", {"networks": shown(hidden)})
    weak = [each for each in seen.networks if each.security in WEAK | {Security.OWE}]
    joined = [each for each in weak if each.automatic]
    chosen = [each for each in weak if not each.automatic]
    if joined:
        yield Message("others_joined", {"networks": shown(joined)})
    if chosen:
        yield Message("others_remembered", {"networks": shown(chosen)})
    if seen.more:
        yield Message("more_by_policy")
