"""What Windows says of logging in: its settings, its accounts and its ways to log in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.api import (
    Captures,
    Registry,
    RegistryKey,
    Told,
    UnparsedError,
    read_cim,
    read_object,
    read_registry,
    told,
)

_KEY = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
SYSTEM = f"{_KEY}\\Policies\\System"
PROVIDERS = f"{_KEY}\\Authentication\\Credential Providers\\*"
FILTERS = f"{_KEY}\\Authentication\\Credential Provider Filters\\*"
HELLO = f"{PROVIDERS[:-2]}\\{{D6886603-9D2F-4EB2-B667-1971041FA96B}}\\*"
DUO = (
    "HKLM\\SOFTWARE\\Policies\\Duo Security\\DuoCredProv",
    "HKLM\\SOFTWARE\\Duo Security\\DuoCredProv",
)
"""A policy's setting counts over the other."""
_LSA = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa"
_WINLOGON = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
_JOINED = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\CloudDomainJoin\\JoinInfo\\*"
PASSWORD = "{60b78e88-ead8-445c-9cfd-0b87f74ea6cd}"  # noqa: S105 - the name of a way to log in
_GUID = re.compile(r"\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", re.IGNORECASE)
_SID = re.compile(r"S-1-[0-9]+(?:-[0-9]+)+")
_GUEST = 501


@dataclass(frozen=True, slots=True)
class Account:
    """A local account that is switched on."""

    name: str
    guest: bool
    password_required: bool


@dataclass(frozen=True, slots=True)
class LogIn:
    """What the script says.

    Attributes:
        default_password: a password stands in the registry, where every user can read it.
        controller: a domain controller, of which there are no accounts here.
    """

    default_password: bool
    controller: bool
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the registry says of logging in.

    Attributes:
        card: a smart card or Windows Hello for Business is demanded.
        excluded: the ways to log in that a policy takes away, as GUIDs in small letters.
        no_microsoft: nobody can log in with a Microsoft account (``NoConnectedUser`` 3).
        hello_business: Windows Hello for Business is switched on by policy; ``None`` without one.
        convenience_pin: a PIN may stand in for the password of a domain account.
        passwordless: Entra's setting that hides the password of whoever has another way.
        microsoft_hello_only: Microsoft accounts log in with Hello only.
        joined: to Entra.
        automatic: the account that is logged in at start.
        blank_passwords: an empty password opens an account over the network as well.
        anonymous: what somebody without an account gets at, as the names of the settings.
        anonymous_shares: the names of shares can be listed without an account.
    """

    card: bool = False
    excluded: frozenset[str] = frozenset()
    no_microsoft: bool = False
    hello_business: bool | None = None
    convenience_pin: bool = False
    passwordless: bool = False
    microsoft_hello_only: bool = False
    joined: bool = False
    automatic: str | None = None
    blank_passwords: bool = False
    anonymous: tuple[str, ...] = ()
    anonymous_shares: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A way to log in, or a filter of these, as programs register them."""

    guid: str
    name: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Duo:
    """Duo's settings; ``FailOpen`` lets everyone through when Duo cannot be reached.

    ``known`` where its installer's key is there.
    """

    known: bool = False
    fails_open: bool = True
    remote_only: bool = False
    let_through: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Providers:
    """The ways to log in, and for how many people Windows Hello has been set up."""

    ways: Mapping[str, Provider] = field(default_factory=dict)
    filters: Mapping[str, Provider] = field(default_factory=dict)
    hello: int = 0
    duo: Duo = field(default_factory=Duo)


@dataclass(frozen=True, slots=True)
class SignIn:
    """All that the judgement rests on."""

    controller: Told[bool]
    log_in: Told[LogIn]
    settings: Told[Settings]
    providers: Told[Providers]


def observe(captures: Captures) -> SignIn:
    """Reads the four answers."""
    return SignIn(
        told(captures, "computer", read_controller),
        told(captures, "log_in", read_log_in),
        told(captures, "settings", read_settings),
        told(captures, "providers", read_providers),
    )


def read_controller(text: str) -> bool:
    """Whether it is a domain controller (``DomainRole`` 4 or 5)."""
    rows = read_cim(text).rows
    if len(rows) != 1 or rows[0].integer("DomainRole") not in range(6):
        raise UnparsedError("DomainRole")
    rows[0].boolean("PartOfDomain")
    return rows[0].integer("DomainRole") >= 4


def read_log_in(text: str) -> LogIn:
    """The answer to ``log_in``."""
    found = read_object(text)
    controller = found.boolean("controller")
    accounts = []
    for part in found.rows("accounts"):
        sid, name = part.text("sid"), part.text("name")
        disabled, required = part.boolean("disabled"), part.boolean("password_required")
        if not sid.isascii() or not _SID.fullmatch(sid):
            raise UnparsedError("sid")
        if not disabled:
            accounts.append(Account(name, int(sid.rpartition("-")[2]) == _GUEST, required))
    # Every other Windows has an administrator and a guest, be it switched off.
    if controller is bool(found.rows("accounts")):
        raise UnparsedError("accounts")
    return LogIn(found.boolean("default_password"), controller, tuple(accounts))


def _switch(found: Registry, path: str, name: str, *, default: bool = False) -> bool:
    """A setting that is 0 or 1; raises ``UnparsedError`` at any other number."""
    value = found.number(path, name)
    if value not in (None, 0, 1):
        raise UnparsedError(name)
    return default if value is None else value == 1


def read_settings(text: str) -> Settings:
    """The answer to ``settings``.

    Windows' own values where there are none: LimitBlankPasswordUse 1, RestrictAnonymousSAM 1,
    RestrictAnonymous 0, EveryoneIncludesAnonymous 0, scforceoption 0 (Microsoft Learn, "Security
    policy settings reference").
    """
    found = read_registry(text)
    # Every Windows has these keys, so that their absence is no setting.
    for path in (SYSTEM, _LSA, _WINLOGON):
        if found.key(path) is None:
            raise UnparsedError(path)
    excluded = found.text(SYSTEM, "ExcludedCredentialProviders") or ""
    microsoft = found.number(SYSTEM, "NoConnectedUser")
    # 1: none can be added; 3: none can be added or log in.
    if microsoft not in (None, 0, 1, 3):
        raise UnparsedError("NoConnectedUser")
    shares = found.number(_LSA, "RestrictAnonymous")
    if shares not in (None, 0, 1, 2):
        raise UnparsedError("RestrictAnonymous")
    anonymous = []
    if _switch(found, _LSA, "EveryoneIncludesAnonymous"):
        anonymous.append("EveryoneIncludesAnonymous")
    if not _switch(found, _LSA, "RestrictAnonymousSAM", default=True):
        anonymous.append("RestrictAnonymousSAM")
    device = "HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\Authentication"
    people = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\PasswordLess\\Device"
    pin = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System"
    return Settings(
        card=_switch(found, SYSTEM, "scforceoption"),
        excluded=_guids(excluded),
        no_microsoft=microsoft == 3,
        hello_business=_hello_business(found),
        convenience_pin=_switch(found, pin, "AllowDomainPINLogon"),
        passwordless=_switch(found, device, "EnablePasswordlessExperience"),
        microsoft_hello_only=found.number(people, "DevicePasswordLessBuildVersion") == 2,
        joined=bool(found.keys(_JOINED)),
        automatic=_automatic(found),
        blank_passwords=not _switch(found, _LSA, "LimitBlankPasswordUse", default=True),
        anonymous=tuple(anonymous),
        anonymous_shares=shares in (None, 0),
    )


def _guids(text: str) -> frozenset[str]:
    return frozenset(guid.lower() for guid in _GUID.findall(text))


def _hello_business(found: Registry) -> bool | None:
    """Group policy's word, else Intune's."""
    policy = "HKLM\\SOFTWARE\\Policies\\Microsoft\\PassportForWork"
    if found.number(policy, "Enabled") is not None:
        return _switch(found, policy, "Enabled")
    by_tenant = [
        key.number("UsePassportForWork")
        for key in found.keys(
            "HKLM\\SOFTWARE\\Microsoft\\Policies\\PassportForWork\\*\\Device\\Policies"
        )
    ]
    said = {value for value in by_tenant if value is not None}
    if not said <= {0, 1}:
        raise UnparsedError("UsePassportForWork")
    return said == {1} if said else None


def _automatic(found: Registry) -> str | None:
    key = found.key(_WINLOGON)
    if key is None or (key.whole("AutoAdminLogon") or 0) != 1:
        return None
    return key.text("DefaultUserName") or "?"


def read_providers(text: str) -> Providers:
    """The answer to ``providers``."""
    found = read_registry(text)
    ways = _by_guid(found.keys(PROVIDERS))
    # Every Windows has the one for passwords, be it switched off.
    if PASSWORD not in ways:
        raise UnparsedError(PASSWORD)
    hello = 0
    for key in found.keys(HELLO):
        # 2 stands where Windows has tried and there is none.
        hello += key.number("LogonCredsAvailable") == 1
    return Providers(ways, _by_guid(found.keys(FILTERS)), hello, _duo(found))


def _by_guid(keys: tuple[RegistryKey, ...]) -> dict[str, Provider]:
    found = {}
    for key in keys:
        guid = key.name.lower()
        disabled = key.number("Disabled")
        if disabled not in (None, 0, 1):
            raise UnparsedError(f"{guid}: Disabled")
        found[guid] = Provider(guid, key.text("") or guid, disabled != 1)
    return found


def _duo(found: Registry) -> Duo:
    def number(name: str) -> int | None:
        values = [found.number(path, name) for path in DUO]
        value = next((each for each in values if each is not None), None)
        if value not in (None, 0, 1):
            raise UnparsedError(name)
        return value

    through: frozenset[str] = frozenset()
    for path in DUO:
        key = found.key(path)
        for text in (key.texts("ProvidersWhitelist") if key else None) or ():
            through |= _guids(text)
    known = found.key(DUO[1]) is not None
    return Duo(known, number("FailOpen") != 0, number("RdpOnly") == 1, through)
