"""What Windows says of its accounts, its powerful groups, its settings and its services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from assessor.api import (
    Captures,
    Fields,
    Registry,
    Told,
    UnparsedError,
    read_cim,
    read_object,
    read_registry,
    told,
)

ADMINISTRATORS = "S-1-5-32-544"
AS_GOOD = frozenset({"S-1-5-32-551", "S-1-5-32-578"})
"""Backup Operators read and overwrite every file; Hyper-V Administrators own every virtual machine
(Microsoft, "Security identifiers"; "Active Directory security groups")."""
BUILT_IN, GUEST = 500, 501
"""The last numbers of the SIDs of the administrator and the guest that Windows makes itself."""
_FIRST_OWN = 1000
_SID = re.compile(r"S-1-[0-9]+(-[0-9]+)+")
_1601 = datetime(1601, 1, 1, tzinfo=UTC)

_KEY = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
SYSTEM = f"{_KEY}\\Policies\\System"
LAPS_ROOTS = (
    "HKLM\\SOFTWARE\\Microsoft\\Policies\\LAPS",
    f"{_KEY}\\Policies\\LAPS",
    f"{_KEY}\\LAPS\\Config",
)
"""In the order in which Windows looks: the first with any setting counts, and it alone."""
LEGACY_LAPS = "HKLM\\SOFTWARE\\Policies\\Microsoft Services\\AdmPwd"
WINLOGON = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
PROFILES = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\*"
JOINED = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\CloudDomainJoin\\JoinInfo\\*"


@dataclass(frozen=True, slots=True)
class Computer:
    """What kind of Windows it is (``DomainRole`` of Win32_ComputerSystem)."""

    role: int
    in_domain: bool

    @property
    def controller(self) -> bool:
        """A domain controller, which has no accounts of its own."""
        return self.role >= 4

    @property
    def workstation(self) -> bool:
        """No server."""
        return self.role <= 1


@dataclass(frozen=True, slots=True)
class Account:
    """A local account."""

    name: str
    sid: str
    disabled: bool
    password_required: bool
    last: datetime | None = None
    password_age: timedelta | None = None

    @property
    def number(self) -> int:
        """The last number of the SID."""
        return last_number(self.sid)

    @property
    def own(self) -> bool:
        """Made by people, not by Windows itself."""
        return self.number >= _FIRST_OWN


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group; ``path`` is ADSI's: WinNT://DOMAIN/name, or the SID where nobody is."""

    sid: str
    path: str
    group: bool

    @property
    def resolved(self) -> bool:
        """Whether Windows knows a name."""
        return not _SID.fullmatch(self._parts[-1])

    @property
    def _parts(self) -> list[str]:
        return self.path.removeprefix("WinNT://").split("/")

    @property
    def full_name(self) -> str:
        r"""``DOMAIN\name``; the SID where there is no name."""
        return "\\".join(self._parts[-2:]) if self.resolved else self.sid


@dataclass(frozen=True, slots=True)
class Group:
    """A local group; ``name`` in the language of the Windows."""

    sid: str
    name: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """The accounts and groups of a Windows that is no domain controller."""

    name: str
    now: datetime
    groups: tuple[Group, ...]
    accounts: tuple[Account, ...]

    def account(self, sid: str) -> Account | None:
        """The local account with this SID."""
        return next((each for each in self.accounts if each.sid == sid), None)

    def numbered(self, number: int) -> Account | None:
        """The local account whose SID ends so; Windows' own are known by that in every language."""
        return next((each for each in self.accounts if each.number == number), None)

    def deleted(self, member: Member) -> bool:
        """Whether it was an account of this machine that is gone."""
        own = self.accounts[0].sid.rpartition("-")[0]
        return member.sid.rpartition("-")[0] == own and self.account(member.sid) is None


@dataclass(frozen=True, slots=True)
class Laps:
    """Windows changes and keeps an administrator's password; ``account`` is empty for its own."""

    account: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the registry says.

    Attributes:
        uac: programs of administrators run without their rights until they are asked for.
        consent: how that is asked (``ConsentPromptBehaviorAdmin``); 0 is not at all.
        filtered: that also holds for Windows' own administrator.
        laps: the policy that counts, where this machine can follow it.
        joined: to Entra, or to a domain and Entra.
        automatic: the account that is logged in at start, and its domain.
        loaded: when each account's profile was last loaded, by SID.
    """

    uac: bool = True
    consent: int = 5
    filtered: bool = False
    laps: Laps | None = None
    joined: bool = False
    automatic: tuple[str, str] | None = None
    loaded: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """A service that does not run as the system itself."""

    name: str
    account: str


@dataclass(frozen=True, slots=True)
class Windows:
    """All that the judgement of a Windows rests on."""

    at: datetime
    computer: Told[Computer]
    machine: Told[Machine]
    settings: Told[Settings]
    services: Told[tuple[Service, ...]]


def observe(captures: Captures) -> Windows:
    """Reads the four answers."""
    computer = told(captures, "computer", read_computer)
    in_domain = computer.answer is not None and computer.answer.in_domain
    return Windows(
        captures.at,
        computer,
        told(captures, "accounts", read_machine),
        told(captures, "settings", lambda text: read_settings(text, in_domain=in_domain)),
        told(captures, "services", read_services),
    )


def last_number(sid: str) -> int:
    """The last number of a SID, which tells Windows' own accounts and groups apart."""
    return int(sid.rpartition("-")[2])


def read_computer(text: str) -> Computer:
    """The answer to ``computer``."""
    rows = read_cim(text).rows
    if len(rows) != 1:
        raise UnparsedError("Win32_ComputerSystem")
    role = rows[0].integer("DomainRole")
    if role not in range(6):
        raise UnparsedError("DomainRole")
    return Computer(role, rows[0].boolean("PartOfDomain"))


def read_machine(text: str) -> Machine:
    """The answer to ``accounts`` of a Windows that is no domain controller."""
    found = read_object(text)
    groups = tuple(_group(each) for each in _rows(found, "groups", "groups_size"))
    accounts = tuple(_account(each) for each in _rows(found, "accounts", "accounts_size"))
    name, now = found.text("computer"), found.moment("now")
    if found.boolean("controller"):
        raise UnparsedError("controller")
    machine = Machine(name, now, groups, accounts)
    built_in = machine.numbered(BUILT_IN)
    # Every Windows has its own administrator, who cannot be taken out of the group.
    if not name or built_in is None or len({each.sid for each in accounts}) < len(accounts):
        raise UnparsedError("accounts")
    members = [m.sid for group in groups if group.sid == ADMINISTRATORS for m in group.members]
    if built_in.sid not in members or len({each.sid for each in groups}) < len(groups):
        raise UnparsedError("groups")
    return machine


def _rows(part: Fields, name: str, size: str) -> tuple[Fields, ...]:
    """The list ``name``, of which the script said how long it is."""
    rows = part.rows(name)
    if len(rows) != part.integer(size):
        raise UnparsedError(name)
    return rows


def _sid(part: Fields) -> str:
    sid = part.text("sid")
    if not sid.isascii() or not _SID.fullmatch(sid):
        raise UnparsedError("sid")
    return sid


def _group(part: Fields) -> Group:
    members = tuple(_member(each) for each in _rows(part, "members", "size"))
    return Group(_sid(part), part.text("name"), members)


def _member(part: Fields) -> Member:
    path = part.text("path")
    if not path.startswith("WinNT://") or not path.removeprefix("WinNT://").strip("/"):
        raise UnparsedError("path")
    # What is neither is treated as a group, of which the members are not seen.
    return Member(_sid(part), path, part.text("class").lower() != "user")


def _account(part: Fields) -> Account:
    part.boolean("locked")
    part.boolean("password_expires")
    age = part.optional_integer("password_age_s")
    try:
        password_age = None if age is None else timedelta(seconds=age)
    except OverflowError as error:
        raise UnparsedError("password_age_s") from error
    last = None if part.value("last_log_in") is None else part.moment("last_log_in")
    return Account(
        part.text("name"),
        _sid(part),
        part.boolean("disabled"),
        part.boolean("password_required"),
        last,
        password_age,
    )


def read_settings(text: str, *, in_domain: bool) -> Settings:
    """The answer to ``settings``.

    Windows' own values where there are none: EnableLUA 1, ConsentPromptBehaviorAdmin 5,
    FilterAdministratorToken 0 (Microsoft Learn, "User Account Control settings and
    configuration"); AutoAdminLogon off.
    """
    found = read_registry(text)
    # Every Windows has these keys, so that their absence is no setting.
    if found.key(SYSTEM) is None or found.key(WINLOGON) is None:
        raise UnparsedError(SYSTEM)
    lua = found.number(SYSTEM, "EnableLUA")
    consent = found.number(SYSTEM, "ConsentPromptBehaviorAdmin")
    filtered = found.number(SYSTEM, "FilterAdministratorToken")
    if lua not in (None, 0, 1):
        raise UnparsedError("EnableLUA")
    if filtered not in (None, 0, 1):
        raise UnparsedError("FilterAdministratorToken")
    if consent is not None and consent not in range(6):
        raise UnparsedError("ConsentPromptBehaviorAdmin")
    joined = bool(found.keys(JOINED))
    return Settings(
        uac=lua != 0,
        consent=5 if consent is None else consent,
        filtered=filtered == 1,
        laps=_laps(found, in_domain=in_domain, joined=joined),
        joined=joined,
        automatic=_automatic(found),
        loaded=_loaded(found),
    )


def _laps(found: Registry, *, in_domain: bool, joined: bool) -> Laps | None:
    """The policy that counts, where the machine can follow it.

    ``BackupDirectory``: 0 off (also where it is missing), 1 Entra, 2 Active Directory; a machine
    that is not joined to that directory does nothing (Microsoft Learn, "Configure policy settings
    for Windows LAPS").
    """
    for root in LAPS_ROOTS:
        key = found.key(root)
        if key is None or not any(key.names):
            continue
        backup = key.number("BackupDirectory") if "backupdirectory" in key.names else 0
        if backup not in (0, 1, 2):
            raise UnparsedError("BackupDirectory")
        named = "administratoraccountname" in key.names
        account = (key.text("AdministratorAccountName") if named else "") or ""
        follows = (backup == 1 and joined) or (backup == 2 and in_domain)
        return Laps(account) if follows else None
    legacy = found.number(LEGACY_LAPS, "AdmPwdEnabled")
    if legacy not in (None, 0, 1):
        raise UnparsedError("AdmPwdEnabled")
    account = found.text(LEGACY_LAPS, "AdminAccountName") or ""
    return Laps(account) if legacy == 1 and in_domain else None


def _automatic(found: Registry) -> tuple[str, str] | None:
    key = found.key(WINLOGON)
    if key is None or (key.whole("AutoAdminLogon") or 0) != 1:
        return None
    return key.text("DefaultUserName") or "", key.text("DefaultDomainName") or ""


def _loaded(found: Registry) -> dict[str, datetime]:
    """``LocalProfileLoadTimeHigh`` and ``-Low``: hundreds of nanoseconds since 1601."""
    loaded = {}
    for key in found.keys(PROFILES):
        high, low = key.number("LocalProfileLoadTimeHigh"), key.number("LocalProfileLoadTimeLow")
        if high is None or low is None or not high:
            continue
        try:
            loaded[key.name] = _1601 + timedelta(microseconds=((high << 32) | low) // 10)
        except OverflowError as error:
            raise UnparsedError("LocalProfileLoadTimeHigh") from error
    return loaded


def read_services(text: str) -> tuple[Service, ...]:
    """The answer to ``services``: those that can run, and as whom."""
    answer = read_cim(text)
    # Every Windows has services that run with little rights.
    if not answer.rows:
        raise UnparsedError("Win32_Service")
    return tuple(
        _service(row) for row in answer.rows if _start_mode(row.text("StartMode")) != "Disabled"
    )


def _start_mode(text: str) -> str:
    if text not in ("Boot", "System", "Auto", "Manual", "Disabled"):
        raise UnparsedError("StartMode")
    return text


def _service(row: Fields) -> Service:
    account = row.text("StartName")
    if not re.fullmatch(r"LocalSystem|.*[^\\\s]\\.+|.+@.+|\.\\.+", account, re.IGNORECASE):
        raise UnparsedError("StartName")
    return Service(row.text("Name"), account)
