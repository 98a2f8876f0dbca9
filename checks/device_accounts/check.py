"""Who may log in to a device, with what, and how is that kept?

Nothing is tried out: a default password is recognised by how the configuration keeps it. The length
of a password can be told only where it stands in clear (the redaction tells its class), or where
the device demands a length of every new one.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import (
    Account,
    Captures,
    Check,
    Device,
    Fact,
    Judgement,
    Message,
    Parameters,
    Secret,
    Storage,
    Strength,
    Told,
    Topic,
    failed,
    not_applicable,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

ACCESS, POLICY, MFA = "access-control", "password-policy", "mfa"
MEASURES = (ACCESS, POLICY, MFA)
READABLE = frozenset({Storage.CLEAR, Storage.REVERSIBLE})


def observe(captures: Captures) -> Told[Device]:
    return told_of_device(captures)


def evaluate(told: Told[Device], parameters: Parameters) -> list[Judgement]:
    device = told.answer
    if device is None:
        return [nothing_told(measure, told) for measure in MEASURES]
    if device.accounts is None:
        return [unknown(measure, "not_told") for measure in MEASURES]
    accounts = [account for account in device.accounts if account.enabled]
    return [
        _judge_access(device, accounts),
        _judge_policy(device, accounts, parameters.integer("min_length")),
        _judge_mfa(device, [each for each in accounts if each.administrator is not False]),
    ]


def _names(accounts: Iterable[Account]) -> dict[str, str]:
    return {"names": ", ".join(account.name for account in accounts)}


def _untold(account: Account) -> bool:
    """Whether nothing is known of its password: not told, or left out of the export."""
    secret = account.secret
    return not account.keys if secret is None else not secret.mark and not secret.factory


def _default(secret: Secret | None) -> bool:
    return secret is not None and (secret.factory or secret.strength is Strength.COMMON)


def _judge_access(device: Device, accounts: list[Account]) -> Judgement:
    if empty := [each for each in accounts if each.empty]:
        return failed(ACCESS, "empty", _names(empty))
    if default := [each for each in accounts if _default(each.secret)]:
        return failed(ACCESS, "default_password", _names(default))
    open_ = [one for one in device.snmp or () if one.version != "3" and _default(one.secret)]
    if any(one.writable for one in open_):
        return failed(ACCESS, "snmp_writable")
    if open_:
        return failed(ACCESS, "snmp_default")
    if lines := [*device.unread.get(Topic.ACCOUNTS, ()), *device.unread.get(Topic.SNMP, ())]:
        return unknown(ACCESS, "unread", {"lines": " / ".join(lines[:4])})
    if untold := [each for each in accounts if _untold(each)]:
        return unknown(ACCESS, "password_not_told", _names(untold))
    if not accounts:
        return unknown(ACCESS, "no_accounts")
    return passed(
        ACCESS,
        "own_passwords",
        {"number": len(accounts)},
        observed={"lockout": device.lockout},
        advice=tuple(_access_advice(device)),
    )


def _access_advice(device: Device) -> Iterable[Message]:
    if device.lockout is False:
        yield Message("no_lockout")
    if any(one.version != "3" for one in device.snmp or ()):
        yield Message("old_snmp")


def _judge_policy(device: Device, accounts: list[Account], wanted: int) -> Judgement:
    having = [each for each in accounts if each.secret is not None]
    if empty := [each for each in accounts if each.empty]:
        return failed(POLICY, "empty", _names(empty))
    if default := [each for each in accounts if _default(each.secret)]:
        return failed(POLICY, "default_password", _names(default))
    expected: dict[str, Fact] = {"min_length": wanted}
    short = [each for each in having if _least(each.secret, wanted) is False]
    if short:
        facts: dict[str, Fact] = {**_names(short), "wanted": wanted}
        return failed(POLICY, "short", facts, expected=expected)
    if readable := [each for each in having if each.secret and each.secret.storage in READABLE]:
        return failed(POLICY, "readable", _names(readable), expected=expected)
    weak = [each for each in having if each.secret and each.secret.storage is Storage.WEAK_HASH]
    if weak:
        return failed(POLICY, "weak_hash", _names(weak), expected=expected)
    if lines := device.unread.get(Topic.ACCOUNTS):
        return unknown(POLICY, "unread", {"lines": " / ".join(lines[:4])}, expected=expected)
    if not having:
        return unknown(POLICY, "no_passwords", expected=expected)
    untold = [each for each in having if each.secret and each.secret.storage is Storage.UNKNOWN]
    if untold:
        return unknown(POLICY, "storage_not_told", _names(untold), expected=expected)
    if device.min_length is None:
        return unknown(POLICY, "length_unseen", {"wanted": wanted}, expected=expected)
    if device.min_length < wanted:
        demanded: dict[str, Fact] = {"length": device.min_length, "wanted": wanted}
        return failed(POLICY, "demands_too_little", demanded, expected=expected)
    return passed(POLICY, "demands", {"length": device.min_length}, expected=expected)


def _least(secret: Secret | None, wanted: int) -> bool | None:
    """Whether a password is as long as wanted; ``None`` where that cannot be told."""
    if secret is None or secret.strength is None:
        return None
    return secret.strength.least >= wanted


def _judge_mfa(device: Device, administrators: list[Account]) -> Judgement:
    if not administrators:
        return not_applicable(MFA, "no_administrators")
    if without := [each for each in administrators if each.second_factor is False]:
        advice = (Message("keys_only"),) if all(each.keys for each in without) else ()
        return failed(MFA, "no_second_factor", _names(without), advice=advice)
    if lines := device.unread.get(Topic.ACCOUNTS):
        return unknown(MFA, "unread", {"lines": " / ".join(lines[:4])})
    if untold := [each for each in administrators if each.second_factor is None]:
        return unknown(MFA, "mfa_not_told", _names(untold))
    return passed(MFA, "second_factor", {"number": len(administrators)})


CHECK = Check(observe=observe, evaluate=evaluate)
