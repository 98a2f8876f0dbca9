"""Who can do what in a Windows domain, asked of a domain controller.

``user-rights`` is about the privileged groups: who is in them by whatever way, and what gives the
same by a detour. ``access-control`` is about all accounts: each that is on must need a password,
prove it, and be in use; and the key that signs all tickets must not be too old.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    Told,
    failed,
    not_applicable,
    nothing_told,
    passed,
    read_cim,
    read_object,
    told,
    unknown,
)

from . import accounts, rights
from .directory import Directory, is_controller, read_directory

RIGHTS = "user-rights"
ACCESS = "access-control"
_CLOCK_TOLERANCE = timedelta(days=2)
"""A clock that is further off says nothing on ages of months."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the two probes told."""

    at: datetime
    controller: Told[bool]
    directory: Told[Directory | None]


def observe(captures: Captures) -> Observation:
    """Reads whether this is a domain controller, and what it says of its domain."""
    return Observation(
        captures.at,
        told(captures, "computer", lambda text: is_controller(read_cim(text))),
        told(captures, "directory", lambda text: read_directory(read_object(text))),
    )


def evaluate(seen: Observation, parameters: Parameters) -> list[Judgement]:
    """One judgement for each of the two measures."""
    if seen.controller.answer is None:
        return [nothing_told(measure, seen.controller) for measure in (RIGHTS, ACCESS)]
    if not seen.controller.answer:
        return [not_applicable(measure, "no_controller") for measure in (RIGHTS, ACCESS)]
    directory = seen.directory.answer
    if directory is None:
        told_nothing = seen.directory
        if told_nothing.gap is None and not told_nothing.unparsed:
            # One probe says that this is a domain controller, the other that it is none.
            told_nothing = Told(seen.at, unparsed="controller")
        return [nothing_told(measure, told_nothing) for measure in (RIGHTS, ACCESS)]
    clock_right = abs(directory.now - seen.at) <= _CLOCK_TOLERANCE
    return [
        _judge_rights(directory, parameters, clock_right=clock_right),
        _judge_access(directory, parameters, clock_right=clock_right),
    ]


def _judge_rights(directory: Directory, parameters: Parameters, *, clock_right: bool) -> Judgement:
    allowed = frozenset(parameters.texts("allowed_administrators"))
    administrators = rights.read_administrators(directory)
    listed = rights.names(administrators)
    return _judge(
        RIGHTS,
        rights.faults(directory, administrators, allowed),
        rights.unsure(directory, administrators),
        rights.advice(directory, administrators, allowed, clock_right=clock_right),
        Message("few_administrators", listed),
        expected={"administrators": tuple(sorted(allowed))} if allowed else {},
        observed={
            **listed,
            "machines_anyone_may_add": directory.quota,
            "domains": directory.domains,
        },
    )


def _judge_access(directory: Directory, parameters: Parameters, *, clock_right: bool) -> Judgement:
    stale_days = parameters.integer("stale_days")
    key_days = parameters.integer("krbtgt_days")
    enabled = sum(1 for each in directory.users if each.enabled)
    return _judge(
        ACCESS,
        accounts.faults(directory, stale_days, key_days, clock_right=clock_right),
        accounts.unsure(directory, clock_right=clock_right),
        accounts.advice(directory, stale_days, clock_right=clock_right),
        Message("accounts_shielded", {"number": enabled, "stale_days": stale_days}),
        expected={"stale_days": stale_days, "krbtgt_days": key_days},
        observed={
            "enabled_users": enabled,
            "enabled_computers": sum(1 for each in directory.computers if each.enabled),
            "krbtgt_password_days": accounts.krbtgt_days(directory),
            "domain_level": directory.level,
            "forest_level": directory.forest_level,
            "recycle_bin": directory.recycle_bin,
        },
    )


def _judge(
    measure: str,
    faults: Iterable[Message],
    unsure: Iterable[Message],
    advice: Iterable[Message],
    good: Message,
    *,
    expected: Facts,
    observed: Facts,
) -> Judgement:
    """A fault that was seen counts, whatever was not."""
    seen, hints = tuple(faults), tuple(advice)
    if seen:
        return failed(
            measure,
            seen[0].id,
            seen[0].facts,
            expected=expected,
            observed=observed,
            advice=(*seen[1:], *hints),
        )
    reason = next(iter(unsure), None)
    if reason is not None:
        return unknown(
            measure, reason.id, reason.facts, expected=expected, observed=observed, advice=hints
        )
    return passed(measure, good.id, good.facts, expected=expected, observed=observed, advice=hints)


CHECK = Check(observe=observe, evaluate=evaluate)
