"""macOS: the account policies, and when local passwords were last changed.

``pwpolicy -getaccountpolicies`` prints a line of text and a property list. Its categories hold
conditions such as ``policyAttributePassword matches '.{15,}'`` with their parameters
(``pwpolicy(8)``). Local passwords are kept as salted PBKDF2 of SHA-512, which no setting changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from assessor.api import read_plist

from .accounts import Account, Password
from .rules import Rules

FIRST_UID = 501
"""The first account of a person; below are the system's own."""

_LENGTH = re.compile(r"policyAttributePassword matches '\^?(?:\.|\(\.\))\{(\d{1,3}),\d*\}\+?\$?'")
_MATCHES = "policyAttributePassword matches"
_NATIVE = "dsAttrTypeNative:accountPolicyData"
_STANDARD = "dsAttrTypeStandard:"


@dataclass(frozen=True, slots=True)
class Policies:
    """What macOS demands of passwords.

    Attributes:
        rules: of a new password.
        locks_out: repeated wrong passwords lock an account for a while.
        maximum_age: days after which a new one is demanded; ``None`` where it never is.
    """

    rules: Rules
    locks_out: bool
    maximum_age: int | None


def read_policies(output: str) -> Policies | None:
    """The policies of ``pwpolicy -getaccountpolicies``; ``None`` where they are not whole."""
    _, head, xml = output.partition("<?xml")
    found = read_plist(head + xml)
    if not isinstance(found, dict):
        return None
    content = list(_conditions(found, "policyCategoryPasswordContent"))
    lengths: list[int] = []
    composition = False
    for text, _ in content:
        if " or " in text.lower() and _LENGTH.search(text):
            return Policies(Rules(unclear=text[:60]), False, None)
        lengths += [int(number) for number in _LENGTH.findall(text)]
        composition |= _MATCHES in _LENGTH.sub("", text)
    ages = [
        parameters.get("policyAttributeExpiresEveryNDays")
        for _, parameters in _conditions(found, "policyCategoryPasswordChange")
    ]
    locks = [
        parameters.get("policyAttributeMaximumFailedAuthentications")
        for text, parameters in _conditions(found, "policyCategoryAuthentication")
        if "policyAttributeFailedAuthentications" in text
    ]
    rules = Rules(
        shortest=max(lengths, default=None),
        module="pwpolicy",
        enforced=True,
        composition=composition,
        hash_method="SALTED-SHA512-PBKDF2",
    )
    limits = [age for age in ages if isinstance(age, int) and age > 0]
    return Policies(rules, any(isinstance(n, int) for n in locks), min(limits, default=None))


def _conditions(found: Mapping[str, Any], category: str) -> Iterable[tuple[str, dict[str, Any]]]:
    items = found.get(category, [])
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            parameters = item.get("policyParameters", {})
            yield (
                str(item.get("policyContent", "")),
                parameters if isinstance(parameters, dict) else {},
            )


def read_users(output: str, longest: int | None) -> tuple[tuple[Account, ...], bool] | None:
    """The accounts of ``dscl -plist . -readall /Users``, and whether a directory is behind them.

    ``None`` unless root is among them, each has a name and a number, and no attribute is empty:
    dscl leaves out an attribute that has no value.
    """
    found = read_plist(output)
    if not isinstance(found, list):
        return None
    accounts = []
    directory = False
    for record in found:
        if not isinstance(record, dict) or not all(record.values()):
            return None
        name = _first(record, f"{_STANDARD}RecordName")
        uid = _first(record, f"{_STANDARD}UniqueID")
        if not name or not re.fullmatch(r"-?\d{1,10}", uid):
            return None
        ways = _first(record, f"{_STANDARD}AuthenticationAuthority", whole=True)
        # An account of a directory whose password is kept here as well, for use away from it.
        directory |= ";LocalCachedUser;" in ways or f"{_STANDARD}OriginalNodeName" in record
        usable = ";ShadowHash;" in ways and ";DisabledUser;" not in ways
        accounts.append(
            Account(
                name,
                int(uid),
                Password.USABLE if usable else Password.NONE,
                _changed(_first(record, _NATIVE)),
                longest,
            )
        )
    if not any(account.uid == 0 for account in accounts):
        return None
    return tuple(accounts), directory


def _first(record: Mapping[str, Any], name: str, *, whole: bool = False) -> str:
    values = record.get(name, [])
    texts = [str(value) for value in values] if isinstance(values, list) else []
    return " ".join(texts) if whole else (texts[0] if texts else "")


def _changed(text: str) -> date | None:
    """The day of ``passwordLastSetTime`` in the property list that an account keeps of itself."""
    found = read_plist(text.strip())
    time = found.get("passwordLastSetTime") if isinstance(found, dict) else None
    if not isinstance(time, int | float) or not 0 < time < 2**33:
        return None
    return datetime.fromtimestamp(time, UTC).date()
