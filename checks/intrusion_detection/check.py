"""Whether something on this machine watches for attacks.

One program that works is enough: one that watches log-ins, the network or the machine while it
runs, or one that compares files at regular times. What is installed but does not run watches
nothing. A guard elsewhere in the network is not seen from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import (
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Outcome,
    Parameters,
    failed,
    not_observed,
    unknown,
)

from . import verdicts
from .host import Host, read_host
from .products import CROWDSEC, FAIL2BAN, INTEGRITY, LOOKED_FOR, OSQUERY, PLAIN, WAZUH
from .verdicts import Verdict

MEASURE = "intrusion-detection"
_ORDER = (Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the judgement rests on; ``host`` is ``None`` when the output was not whole."""

    captures: Captures
    host: Host | None


def observe(captures: Captures) -> Seen | NotCaptured:
    """What is installed and what runs, with the answers of those that were asked."""
    gap = captures.gap("watchers")
    if gap is not None:
        return gap
    answer = captures.answered("watchers")
    return Seen(captures, read_host(answer.stdout) if answer is not None else None)


def evaluate(seen: Seen | NotCaptured, parameters: Parameters) -> list[Judgement]:
    """One judgement: the best of what is there counts."""
    if isinstance(seen, NotCaptured):
        return [not_observed(MEASURE, seen)]
    if seen.host is None:
        return [unknown(MEASURE, "unparsed")]
    max_age = parameters.integer("max_age_days")
    found = _verdicts(seen.host, seen.captures, max_age)
    expected: dict[str, Fact] = {"max_age_days": max_age}
    observed: dict[str, Fact] = {
        "programs": tuple(verdict.product for verdict in found),
        "working": tuple(v.product for v in found if v.outcome is Outcome.PASS),
        "jails_switched_on": tuple(jail for jail, on in seen.host.jails.items() if on),
    }
    if not found:
        looked_for: dict[str, Fact] = {"looked_for": LOOKED_FOR}
        if not seen.host.processes_seen:
            return [
                unknown(
                    MEASURE, "processes_hidden", looked_for, expected=expected, observed=observed
                )
            ]
        return [failed(MEASURE, "nothing_found", looked_for, expected=expected, observed=observed)]
    best, *others = sorted(found, key=lambda verdict: _ORDER.index(verdict.outcome))
    if best.gap is not None:
        return [not_observed(MEASURE, best.gap)]
    advice: list[Message] = list(best.advice)
    advice += [other.message for other in others if other.outcome is Outcome.FAIL]
    return [Judgement(MEASURE, best.outcome, best.message, expected, observed, tuple(advice))]


def _verdicts(host: Host, captures: Captures, max_age: int) -> list[Verdict]:
    found = []
    if host.has(FAIL2BAN):
        found.append(verdicts.fail2ban(host, captures))
    if host.has(CROWDSEC):
        found.append(verdicts.crowdsec(host, captures.at, max_age))
    present = [product for product in PLAIN if host.has(product)]
    # A Wazuh server stands in the same folder as an agent, and is none.
    if host.has(WAZUH) and "Wazuh manager" not in {product.name for product in present}:
        found.append(verdicts.wazuh(host, captures))
    if host.has(OSQUERY):
        found.append(verdicts.osquery(host))
    found += [verdicts.plain(product, host, captures.at, max_age) for product in present]
    found += [
        verdicts.integrity(product, host, captures, max_age)
        for product in INTEGRITY
        if product.lower() in host.tools
    ]
    return found


CHECK = Check(observe=observe, evaluate=evaluate)
