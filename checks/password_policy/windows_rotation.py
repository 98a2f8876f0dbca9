"""When the passwords of a Windows, or of a domain, were last changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assessor.api import (
    Fact,
    Judgement,
    Message,
    Told,
    failed,
    not_applicable,
    nothing_told,
    passed,
    unknown,
)

from .windows import Windows
from .windows_accounts import LOCKED, NEVER_EXPIRES, Policy, Source, User
from .windows_policy import ACTIVE_DIRECTORY, ENTRA, names

MEASURE = "password-rotation"
UNUSED_DAYS = 90
"""From here on an account is called unused; its last use is known to about two weeks."""


def judge(seen: Windows, interval: int) -> Judgement:
    """What is overdue first; then what could not be seen; then the ages."""
    users = _users(seen)
    having = [user for user in users if user.uses_password]
    ages = {user: user.age for user in having if user.age is not None}
    overdue = sorted(
        (user for user, age in ages.items() if age > interval), key=lambda user: -ages[user]
    )
    expected: dict[str, Fact] = {"interval_days": interval}
    observed = _observed(having, overdue, ages)
    advice = [Message("forced_rotation_discouraged")]
    if overdue:
        said: dict[str, Fact] = {
            "number": len(overdue),
            "days": ages[overdue[0]],
            "interval": interval,
            "names": names(overdue),
        }
        unused = [user for user in overdue if (user.idle or 0) > UNUSED_DAYS]
        if unused:
            facts: dict[str, Fact] = {"number": len(unused), "days": UNUSED_DAYS}
            advice.append(Message("unused_overdue", {**facts, "names": names(unused)}))
        return failed(
            MEASURE, "overdue", said, expected=expected, observed=observed, advice=tuple(advice)
        )
    parts: list[Told[Any]] = [seen.role, seen.settings]
    parts.append(seen.domain if seen.controller else seen.local)
    for part in parts:
        if part.answer is None:
            return nothing_told(MEASURE, part)
    undated = [user for user in having if user not in ages]
    for message in _unseen(seen, users, undated):
        return unknown(MEASURE, message.id, message.facts, expected=expected, observed=observed)
    if not having:
        return not_applicable(MEASURE, "no_local_passwords")
    if any(_lasts(user, seen, interval) for user in having):
        advice.insert(0, Message("not_demanded", {"interval": interval}))
    return passed(
        MEASURE,
        "rotated",
        {"number": len(having), "days": max(ages.values()), "interval": interval},
        expected=expected,
        observed=observed,
        advice=tuple(advice),
    )


def _users(seen: Windows) -> list[User]:
    """The people whose accounts are kept here: on a controller those of the domain."""
    if seen.controller:
        found = seen.domain.answer.users if seen.domain.answer else ()
    else:
        found = seen.local.answer.users if seen.local.answer else ()
    return [user for user in found if user.human]


def _unseen(seen: Windows, users: Sequence[User], undated: list[User]) -> Iterator[Message]:
    """Why not all ages are known."""
    if undated:
        yield Message("date_unknown", {"number": len(undated), "names": names(undated)})
    kinds = [user for user in users if user.source is Source.UNKNOWN]
    if kinds:
        yield Message("account_kind_unknown", {"names": names(kinds)})
    microsoft = [user for user in users if user.source is Source.MICROSOFT]
    if microsoft:
        yield Message("microsoft_accounts", {"names": names(microsoft)})
    if seen.member:
        yield Message("accounts_elsewhere", {"directory": ACTIVE_DIRECTORY})
    settings, domain = seen.settings.answer, seen.domain.answer
    if settings is not None and settings.entra and not seen.joined:
        yield Message("accounts_elsewhere", {"directory": ENTRA})
    if seen.controller and domain is not None and domain.policy is None:
        yield Message("accounts_elsewhere", {"directory": ACTIVE_DIRECTORY})
    if seen.controller and domain is not None and domain.cut:
        yield Message("too_many_accounts", {"number": len(domain.users)})


def _lasts(user: User, seen: Windows, interval: int) -> bool:
    """Whether nothing demands that this password is changed within the interval."""
    policy = _policy_of(user, seen)
    longest = policy.longest if policy else None
    return user.has(NEVER_EXPIRES) or longest is None or longest > interval


def _policy_of(user: User, seen: Windows) -> Policy | None:
    if not seen.controller:
        return seen.local.answer.policy if seen.local.answer else None
    domain = seen.domain.answer
    if domain is None:
        return None
    own = [each.policy for each in domain.exceptions if each.dn == user.exception]
    return own[0] if own else domain.policy


def _observed(having: list[User], overdue: list[User], ages: dict[User, int]) -> dict[str, Fact]:
    return {
        "passwords": len(having),
        "overdue": len(overdue),
        "overdue_administrators": sum(user.admin for user in overdue),
        "oldest_days": max(ages.values(), default=None),
        "undated": len(having) - len(ages),
        "never_expire": sum(user.has(NEVER_EXPIRES) for user in having),
        "locked": sum(user.has(LOCKED) for user in having),
    }
