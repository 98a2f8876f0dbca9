"""Judges what each service accepts in TLS by the guidelines of NCSC-NL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assessor.api import (
    Captured,
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Platform,
    TlsLevel,
    UnparsedError,
    failed,
    not_observed,
    passed,
    unknown,
)

from .answer import Answer, read_answer
from .weighing import Weighed, weigh

MEASURE = "tls"
LEVELS = {
    "phase_out": TlsLevel.PHASE_OUT,
    "sufficient": TlsLevel.SUFFICIENT,
    "good": TlsLevel.GOOD,
}
MOST_SHOWN = 12
"""Names of guilty settings in one message; the observed values hold all of them."""

Pairs = Sequence[tuple[Answer, Weighed]]
"""What each service answered that offers TLS, and what was found of it."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the services of a site answered, and when; or why there is nothing to read."""

    at: datetime
    answers: tuple[Answer, ...] = ()
    gaps: tuple[NotCaptured, ...] = ()
    unparsed: tuple[str, ...] = field(default=())


def observe(captures: Captures) -> Services:
    answers: list[Answer] = []
    gaps: list[NotCaptured] = []
    unparsed: list[str] = []
    beside = {f"services[{at}]": each for at, each in enumerate(captures.each("services"))}
    # A host is asked for the services that the inventory names, a site for its own as well.
    site = captures.target.platform is Platform.NETWORK
    itself = {"offers": captures["offers"]} if site else {}
    for name, capture in (itself | beside).items():
        gap = captures.gap(name)
        if gap is not None:
            gaps.append(gap)
        elif isinstance(capture, Captured):
            try:
                answers.append(read_answer(capture.stdout))
            except UnparsedError as error:
                unparsed.append(str(error))
    return Services(captures.at, tuple(answers), tuple(gaps), tuple(unparsed))


def evaluate(services: Services, parameters: Parameters) -> list[Judgement]:
    lowest = LEVELS[parameters.text("lowest_grade")]
    strict = parameters.boolean("strict_groups")
    weighed = [
        (answer, weigh(answer, services.at, strict_groups=strict))
        for answer in services.answers
        if answer.refusal is None
    ]
    expected: Facts = {"lowest_grade": lowest.name.lower()}
    observed = _observed(services, weighed)
    problems = _problems(services, weighed, lowest)
    if problems:
        first, *others = problems
        return [
            failed(
                MEASURE,
                first.id,
                first.facts,
                expected=expected,
                observed=observed,
                advice=tuple(others),
            )
        ]
    unsure = _unsure(services, weighed)
    if unsure is not None:
        return [unsure]
    return [
        passed(
            MEASURE,
            "configured",
            {"what": ", ".join(answer.place for answer in services.answers)},
            expected=expected,
            observed=observed,
            advice=_advice(weighed, lowest),
        )
    ]


def _problems(services: Services, weighed: Pairs, lowest: TlsLevel) -> list[Message]:
    """What makes the promise untrue, the gravest first."""
    found = []
    clear = [answer.place for answer in services.answers if answer.refusal is not None]
    if clear:
        found.append(Message("not_encrypted", {"what": ", ".join(clear)}))
    insufficient = {TlsLevel.INSUFFICIENT}
    below = {level for level in TlsLevel if level < lowest} - insufficient
    kinds: tuple[tuple[str, Callable[[Weighed], tuple[str, ...]]], ...] = (
        ("revoked", lambda one: one.revoked),
        ("insufficient", lambda one: one.at(*insufficient)),
        ("unprotected", lambda one: one.missing),
        ("below_wanted", lambda one: one.at(*below)),
        ("unstapled", lambda one: one.unstapled),
        ("misordered", lambda one: one.misordered),
    )
    for message, names in kinds:
        found += _message(message, weighed, names)
    return found


def _advice(weighed: Pairs, lowest: TlsLevel) -> tuple[Message, ...]:
    found: list[Message] = []
    if lowest is TlsLevel.PHASE_OUT:
        found += _message("phase_out", weighed, lambda one: one.at(TlsLevel.PHASE_OUT))
    found += _message("hidden_groups", weighed, lambda one: tuple(each.name for each in one.hidden))
    found += _message("stale_staple", weighed, lambda one: one.stale)
    found += _message("no_stapling", weighed, lambda one: one.bare)
    return tuple(found)


def _message(
    message: str,
    weighed: Pairs,
    names: Callable[[Weighed], tuple[str, ...]],
) -> list[Message]:
    """One message about all services to which it applies, if any."""
    guilty = [(answer.place, names(one)) for answer, one in weighed]
    what = "; ".join(f"{place}: {_some(found)}" for place, found in guilty if found)
    return [Message(message, {"what": what})] if what else []


def _unsure(services: Services, weighed: Pairs) -> Judgement | None:
    if services.gaps:
        return not_observed(MEASURE, services.gaps[0])
    if services.unparsed:
        return unknown(MEASURE, "unparsed", {"part": services.unparsed[0]})
    incomplete = _message("incomplete", weighed, lambda one: one.unsure)
    if incomplete:
        return unknown(MEASURE, "incomplete", incomplete[0].facts)
    return None


def _observed(services: Services, weighed: Pairs) -> Facts:
    facts: dict[str, str | tuple[str, ...]] = {
        "services": tuple(answer.place for answer in services.answers)
    }
    for answer, one in weighed:
        facts[f"versions of {answer.place}"] = answer.accepted
        for level in TlsLevel:
            names = one.at(level)
            if names:
                facts[f"{level.name.lower()} in {answer.place}"] = names
    return facts


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:MOST_SHOWN])
    return f"{shown}, … ({len(names)})" if len(names) > MOST_SHOWN else shown


CHECK = Check(observe=observe, evaluate=evaluate)
