"""Whether a Windows refuses short passwords and keeps them safely.

Windows keeps passwords as NT hashes, which no setting changes; what a setting can change is that it
keeps them in a weaker form besides. On a member of a domain two policies count: the machine's own
for its local accounts, and the domain's for everybody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assessor.api import (
    NO_FACTS,
    Fact,
    Facts,
    Judgement,
    Message,
    Outcome,
    Told,
    not_applicable,
    nothing_told,
)

from .windows import Windows
from .windows_accounts import NOT_REQUIRED, REVERSIBLE, DomainAccounts, Exempt, Policy, Source, User

MEASURE = "password-policy"
NAMES = 5
_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)
ACTIVE_DIRECTORY, ENTRA = "Active Directory", "Microsoft Entra ID"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one part comes to."""

    outcome: Outcome
    message: str
    facts: Facts = field(default_factory=lambda: NO_FACTS)
    advice: tuple[Message, ...] = ()


def judge(seen: Windows, wanted: int) -> Judgement:
    """The certain faults first, then what could not be seen, then the lengths."""
    verdicts = [*_faults(seen), *_lengths(seen, wanted)]
    if any(verdict.outcome is Outcome.FAIL for verdict in verdicts):
        return _judgement(seen, wanted, verdicts)
    parts: list[Told[Any]] = [seen.role, seen.settings, seen.local]
    # A member often cannot ask its domain: that is said in words of its own.
    if seen.controller or (seen.member and seen.domain.unparsed):
        parts.append(seen.domain)
    for part in parts:
        if part.answer is None:
            return nothing_told(MEASURE, part)
    verdicts += _elsewhere(seen)
    if not verdicts:
        return not_applicable(MEASURE, "no_local_passwords")
    return _judgement(seen, wanted, verdicts)


def names(users: Iterable[User]) -> str:
    """The first few names, and how many more there are."""
    listed = [user.name for user in users]
    shown = ", ".join(listed[:NAMES])
    return shown if len(listed) <= NAMES else f"{shown}, … (+{len(listed) - NAMES})"


def _people(seen: Windows) -> tuple[User, ...]:
    local = seen.local.answer.users if seen.local.answer else ()
    domain = seen.domain.answer.users if seen.domain.answer else ()
    return tuple(user for user in (*local, *domain) if user.human)


def _accounts(seen: Windows) -> tuple[User, ...]:
    """Every account that is kept here, those of Windows itself too."""
    local = seen.local.answer.users if seen.local.answer else ()
    domain = seen.domain.answer.users if seen.domain.answer else ()
    return tuple(user for user in (*local, *domain) if user.source is Source.LOCAL)


def _faults(seen: Windows) -> Iterator[Verdict]:
    """What is wrong whatever the length of a password is."""
    accounts = _accounts(seen)
    free = [user for user in accounts if user.has(NOT_REQUIRED)]
    if free:
        yield Verdict(Outcome.FAIL, "password_not_required", {"names": names(free)})
    settings = seen.settings.answer
    if settings is not None and settings.logs_in:
        yield Verdict(Outcome.FAIL, "logs_in_by_itself", {"names": settings.logs_in})
    readable = [user for user in accounts if user.has(REVERSIBLE)]
    if readable:
        yield Verdict(Outcome.FAIL, "reversible_accounts", {"names": names(readable)})
    if seen.group_policy.reversible:
        yield Verdict(Outcome.FAIL, "reversible", {"where": "ClearTextPassword"})
    if settings is not None and settings.lm_hash:
        yield Verdict(Outcome.FAIL, "lm_hash")
    if settings is not None and settings.wdigest:
        yield Verdict(Outcome.FAIL, "wdigest")


def _lengths(seen: Windows, wanted: int) -> Iterator[Verdict]:
    local, domain = seen.local.answer, seen.domain.answer
    if local is not None and local.policy is not None:
        having = any(user.uses_password for user in local.users)
        if having:
            yield _length(local.policy, wanted)
    if domain is not None and domain.policy is not None and seen.joined:
        yield from _domain(domain, domain.policy, wanted)


def _length(policy: Policy, wanted: int) -> Verdict:
    said: dict[str, Fact] = {"wanted": wanted, "shortest": policy.length}
    advice = (Message("lockout_off"),) if not policy.attempts else ()
    if not policy.length:
        return Verdict(Outcome.FAIL, "no_policy_on_windows", said, advice)
    if policy.length < wanted:
        return Verdict(Outcome.FAIL, "too_short_on_windows", said, advice)
    return Verdict(Outcome.PASS, "strong", said, advice)


def _domain(domain: DomainAccounts, policy: Policy, wanted: int) -> Iterator[Verdict]:
    """The domain's policy, and the exceptions that hold for anybody."""
    held = [exempt for exempt in domain.exceptions if _holds(exempt, domain)]
    if policy.reversible:
        yield Verdict(Outcome.FAIL, "reversible", {"where": ACTIVE_DIRECTORY})
    for exempt in held:
        said: Facts = {
            "policy": exempt.name,
            "shortest": exempt.policy.length,
            "wanted": wanted,
        }
        if exempt.policy.reversible:
            yield Verdict(Outcome.FAIL, "reversible", {"where": exempt.name})
        if exempt.policy.length < wanted:
            yield Verdict(Outcome.FAIL, "exception_too_short", said)
    yield _standard(domain, policy, held, wanted)


def _holds(exempt: Exempt, domain: DomainAccounts) -> bool:
    if domain.controller and domain.complete and not domain.cut:
        return any(user.exception == exempt.dn for user in domain.users)
    return exempt.applies


def _standard(domain: DomainAccounts, policy: Policy, held: list[Exempt], wanted: int) -> Verdict:
    """The policy for whoever has no exception."""
    verdict = _length(policy, wanted)
    unseen = Verdict(Outcome.UNKNOWN, "exceptions_unseen", verdict.facts, verdict.advice)
    if not domain.complete:
        return unseen
    if verdict.outcome is Outcome.PASS or not held:
        return verdict
    if any(not user.exception for user in domain.users):
        return verdict
    if not domain.controller or domain.cut:
        return unseen
    shortest = min(exempt.policy.length for exempt in held)
    if shortest < wanted:
        return verdict
    weaker = (Message("standard_weaker", {"shortest": policy.length}),)
    said: Facts = {"wanted": wanted, "shortest": shortest}
    return Verdict(Outcome.PASS, "strong", said, (*verdict.advice, *weaker))


def _elsewhere(seen: Windows) -> Iterator[Verdict]:
    """Accounts of which the passwords are kept, and the rules made, somewhere else."""
    users = [user for user in _people(seen) if not user.uses_password]
    unknown = [user for user in users if user.source is Source.UNKNOWN]
    if unknown:
        yield Verdict(Outcome.UNKNOWN, "account_kind_unknown", {"names": names(unknown)})
    microsoft = [user for user in users if user.source is Source.MICROSOFT]
    if microsoft:
        yield Verdict(Outcome.UNKNOWN, "microsoft_accounts", {"names": names(microsoft)})
    settings, domain = seen.settings.answer, seen.domain.answer
    if seen.controller and domain is not None and domain.cut:
        yield Verdict(Outcome.UNKNOWN, "too_many_accounts", {"number": len(domain.users)})
    if seen.joined and (domain is None or domain.policy is None):
        yield Verdict(Outcome.UNKNOWN, "policy_elsewhere", {"directory": ACTIVE_DIRECTORY})
    elif settings is not None and settings.entra and not seen.joined:
        yield Verdict(Outcome.UNKNOWN, "policy_elsewhere", {"directory": ENTRA})


def _judgement(seen: Windows, wanted: int, verdicts: list[Verdict]) -> Judgement:
    worst = min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.outcome))
    facts = dict(worst.facts)
    if worst.outcome is Outcome.PASS:
        shortest = [n for each in verdicts if isinstance(n := each.facts.get("shortest"), int)]
        facts["shortest"] = min(shortest)
    advice = [message for verdict in verdicts for message in verdict.advice]
    return Judgement(
        MEASURE,
        worst.outcome,
        Message(worst.message, facts),
        {"shortest": wanted},
        _observed(seen),
        _unique([*advice, *_advice(seen, worst.outcome)]),
    )


def _unique(messages: list[Message]) -> tuple[Message, ...]:
    kept: dict[str, Message] = {}
    for message in messages:
        kept.setdefault(message.id, message)
    return tuple(kept.values())


def _advice(seen: Windows, outcome: Outcome) -> Iterator[Message]:
    policies = _policies(seen)
    asked, length = seen.group_policy.length, _local_length(seen)
    if asked is not None and length is not None and length < asked:
        yield Message("group_policy_not_in_force", {"asked": asked, "shortest": length})
    if any(policy.complex for policy in policies):
        yield Message("composition_rules")
    if any(policy.complex is None for policy in policies):
        yield Message("complexity_unseen")
    settings = seen.settings.answer
    if outcome is Outcome.PASS and settings is not None and not settings.filters:
        yield Message("no_dictionary_check")


def _local_length(seen: Windows) -> int | None:
    policy = seen.local.answer.policy if seen.local.answer else None
    return policy.length if policy else None


def _policies(seen: Windows) -> list[Policy]:
    """The policies that hold for somebody, with what group policy adds to the local one."""
    policies = []
    local, domain = seen.local.answer, seen.domain.answer
    if local is not None and local.policy and any(user.uses_password for user in local.users):
        group = seen.group_policy
        policies.append(
            Policy(
                local.policy.length,
                local.policy.longest,
                local.policy.attempts,
                group.complex,
                group.reversible,
            )
        )
    if domain is not None and domain.policy is not None and seen.joined:
        policies.append(domain.policy)
    return policies


def _observed(seen: Windows) -> Facts:
    local, domain, settings = seen.local.answer, seen.domain.answer, seen.settings.answer
    policy = local.policy if local else None
    standard = domain.policy if domain and seen.joined else None
    return {
        "local_shortest": policy.length if policy else None,
        "local_lockout_after": policy.attempts if policy else None,
        "local_complexity": seen.group_policy.complex,
        "domain_shortest": standard.length if standard else None,
        "domain_lockout_after": standard.attempts if standard else None,
        "domain_complexity": standard.complex if standard else None,
        "domain_fault": (domain.fault or None) if domain else None,
        "exceptions": tuple(each.name for each in domain.exceptions) if domain else None,
        "lm_hash": settings.lm_hash if settings else None,
        "password_filters": settings.filters if settings else None,
        "hello_only": settings.hello_only if settings else None,
    }
