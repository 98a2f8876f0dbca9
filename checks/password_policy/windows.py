"""What is read of a Windows: where its accounts are, how passwords are kept, what policies say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import (
    Captures,
    CimAnswer,
    Fields,
    Registry,
    Told,
    UnparsedError,
    read_cim,
    read_registry,
    told,
)

from .windows_accounts import DomainAccounts, LocalAccounts, read_domain, read_local

_LSA = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"
_WDIGEST = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest"
_WINLOGON = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"
_JOINED = r"HKLM\SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo\*"
_WITHOUT = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\PasswordLess\Device"
_OWN_FILTERS = frozenset({"scecli", "rassfm"})
"""What Windows itself puts into the list of programs that see a new password."""
_COMPLEXITY, _CLEAR_TEXT = "PasswordComplexity", "ClearTextPassword"
_LENGTH = "MinimumPasswordLength"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this Windows keeps passwords and asks for them.

    Attributes:
        lm_hash: new passwords are also kept in the form of LAN Manager.
        wdigest: whoever logs in leaves a readable copy of the password in memory.
        logs_in: the account with which the machine logs in by itself; empty for none.
        entra: the machine is joined to Microsoft Entra ID.
        filters: programs of others that look at new passwords.
        hello_only: Microsoft accounts log in with Windows Hello alone.
    """

    lm_hash: bool
    wdigest: bool
    logs_in: str
    entra: bool
    filters: tuple[str, ...]
    hello_only: bool


@dataclass(frozen=True, slots=True)
class GroupPolicy:
    """What group policy demands of local passwords; ``None`` where it says nothing."""

    complex: bool | None = None
    reversible: bool | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Windows:
    """All that the judgement of a Windows rests on.

    Attributes:
        role: DomainRole of Win32_ComputerSystem.
        switches: the resultant group policy, the part that is on or off; ``None`` where it could
            not be read, which hides no rule that is in force.
        numbers: the same, the part in numbers.
    """

    role: Told[int]
    settings: Told[Settings]
    local: Told[LocalAccounts]
    domain: Told[DomainAccounts]
    switches: Mapping[str, bool] | None
    numbers: Mapping[str, int] | None

    @property
    def member(self) -> bool:
        """In a domain, and no controller of it."""
        return self.role.answer in (1, 3)

    @property
    def controller(self) -> bool:
        """A domain controller."""
        return self.role.answer in (4, 5)

    @property
    def joined(self) -> bool:
        """Of an Active Directory domain."""
        return self.member or self.controller

    @property
    def group_policy(self) -> GroupPolicy:
        """What group policy demands."""
        switches, numbers = self.switches or {}, self.numbers or {}
        return GroupPolicy(
            switches.get(_COMPLEXITY), switches.get(_CLEAR_TEXT), numbers.get(_LENGTH)
        )


def observe(captures: Captures) -> Windows:
    """Reads the answers of a Windows."""
    return Windows(
        told(captures, "computer", _role),
        told(captures, "settings", _settings),
        told(captures, "local_passwords", read_local),
        told(captures, "domain_passwords", lambda text: read_domain(text, captures.at)),
        told(captures, "group_policy_switches", _switches).answer,
        told(captures, "group_policy_numbers", _numbers).answer,
    )


def _role(text: str) -> int:
    rows = read_cim(text).rows
    if len(rows) != 1:
        raise UnparsedError("Win32_ComputerSystem")
    role = rows[0].integer("DomainRole")
    if not 0 <= role <= 5:
        raise UnparsedError("DomainRole")
    return role


def _settings(text: str) -> Settings:
    found = read_registry(text)
    filters = _texts(found, _LSA, "Notification Packages")
    return Settings(
        # Without the value no such form is kept: the default since Windows Vista.
        lm_hash=found.number(_LSA, "NoLMHash") == 0,
        # Without the value there is no copy: the default since Windows 8.1 and Server 2012 R2.
        wdigest=found.number(_WDIGEST, "UseLogonCredential") not in (None, 0),
        logs_in=_logs_in(found),
        entra=bool(found.keys(_JOINED)),
        filters=tuple(name for name in filters if name.lower() not in _OWN_FILTERS),
        hello_only=found.number(_WITHOUT, "DevicePasswordLessBuildVersion") == 2,
    )


def _texts(found: Registry, path: str, name: str) -> tuple[str, ...]:
    key = found.key(path)
    return tuple(text for text in (key.texts(name) if key else None) or () if text)


def _logs_in(found: Registry) -> str:
    """Windows turns AutoAdminLogon off by itself where it has no password for it."""
    key = found.key(_WINLOGON)
    if key is None or key.whole("AutoAdminLogon") != 1:
        return ""
    return key.text("DefaultUserName") or "?"


def _switches(text: str) -> Mapping[str, bool]:
    return {row.text("KeyName"): row.boolean("Setting") for row in _first(read_cim(text))}


def _numbers(text: str) -> Mapping[str, int]:
    return {row.text("KeyName"): row.integer("Setting") for row in _first(read_cim(text))}


def _first(answer: CimAnswer) -> list[Fields]:
    """The settings that won; others are of policies that lost."""
    return [row for row in answer.rows if row.integer("precedence") == 1]
