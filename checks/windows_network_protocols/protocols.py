"""The protocols of a Windows computer, as its probes tell them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assessor.api import CimAnswer, Fields, Registry, UnparsedError

_SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
_CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control"
_POLICIES = "HKLM\\SOFTWARE\\Policies\\Microsoft"
_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
_PROXY = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\WinHttp"

SERVER_2025 = 26100
"""The build of Windows 11 24H2 and Windows Server 2025."""
_CONTROLLERS = (4, 5)
_MEMBERS = (1, 3)
_ROLES = range(6)
_RUNNING = 4
_SERVICE_STATES = range(1, 8)
_NEVER = 4
"""The Start of a service or driver that is disabled."""
_BOOLEAN = (0, 1)
_STATES = frozenset(
    {
        "Stopped",
        "Start Pending",
        "Stop Pending",
        "Running",
        "Continue Pending",
        "Pause Pending",
        "Paused",
    }
)
_START_MODES = frozenset({"Boot", "System", "Auto", "Manual", "Disabled"})


@dataclass(frozen=True, slots=True)
class Domain:
    """Which part the computer has in a domain (``Win32_ComputerSystem.DomainRole``)."""

    controller: bool
    member: bool


def read_domain(answer: CimAnswer) -> Domain:
    """0 and 1 are workstations, 2 and 3 servers, 4 and 5 domain controllers."""
    if len(answer.rows) != 1:
        raise UnparsedError("Win32_ComputerSystem")
    role = answer.rows[0].integer("DomainRole")
    if role not in _ROLES:
        raise UnparsedError(f"DomainRole {role}")
    return Domain(role in _CONTROLLERS, role in _MEMBERS)


@dataclass(frozen=True, slots=True)
class Sharing:
    """What holds for file sharing now; ``None`` where this Windows does not say.

    Attributes:
        serving: the service that shares files runs.
        reaching: the service that opens files elsewhere runs.
    """

    serving: bool
    smb1: bool | None
    signs: bool | None
    encrypts: bool | None
    reaching: bool
    client_signs: bool | None
    guests: bool | None


def read_sharing(found: Fields) -> Sharing:
    """The answer of ``windows_smb.ps1``."""
    server, client = found.part("server"), found.part("client")
    return Sharing(
        serving=_runs(server),
        smb1=server.optional_boolean("EnableSMB1Protocol"),
        signs=server.optional_boolean("RequireSecuritySignature"),
        encrypts=server.optional_boolean("EncryptData"),
        reaching=_runs(client),
        client_signs=client.optional_boolean("RequireSecuritySignature"),
        guests=client.optional_boolean("EnableInsecureGuestLogons"),
    )


def _runs(part: Fields) -> bool:
    """Every Windows has these two services and their commands, running or not."""
    state = part.integer("service")
    if state not in _SERVICE_STATES or not part.boolean("command"):
        raise UnparsedError(f"service {state}")
    return state == _RUNNING


@dataclass(frozen=True, slots=True)
class Settings:
    """What the registry says. Where a value is not there, what Windows does then.

    Attributes:
        smb1_client: the driver that speaks SMB 1 is there and not disabled.
        smb1_server: set so or so; ``None`` where it is not set.
        guests: by policy; ``None`` where no policy says so.
        level: LmCompatibilityLevel; 3 where it is not set.
        ldap_signing: required of those that ask a domain controller; ``None`` where it is unsure.
        channel_binding: 0 never, 1 when supported, 2 always; ``None`` where it is not set.
        by_broadcast: ways to find names by asking everybody, that are not switched off.
        hardened: the shared folders that must prove who they are, by policy.
        weak: settings that were made weaker than Windows makes them.
    """

    build: int
    smb1_client: bool
    smb1_server: bool | None
    guests: bool | None
    level: int
    sends_ntlm: int
    receives_ntlm: int
    ldap_signing: bool | None
    channel_binding: int | None
    by_broadcast: tuple[str, ...]
    hardened: tuple[str, ...]
    lsa_protected: bool
    plain_in_memory: bool
    proxy_search: bool
    weak: tuple[str, ...]


def read_settings(found: Registry) -> Settings:
    """The answer to the probe ``settings``."""
    build = _build(found)
    lanman = f"{_SERVICES}\\LanmanServer\\Parameters"
    lsa = f"{_CONTROL}\\Lsa"
    driver = _number(found, f"{_SERVICES}\\mrxsmb10", "Start", range(5))
    return Settings(
        build=build,
        smb1_client=driver is not None and driver != _NEVER,
        smb1_server=_truth(_number(found, lanman, "SMB1", _BOOLEAN)),
        guests=_truth(
            _number(
                found,
                f"{_POLICIES}\\Windows\\LanmanWorkstation",
                "AllowInsecureGuestAuth",
                _BOOLEAN,
            )
        ),
        level=_or(_number(found, lsa, "LmCompatibilityLevel", range(6)), 3),
        sends_ntlm=_or(_number(found, f"{lsa}\\MSV1_0", "RestrictSendingNTLMTraffic", range(3)), 0),
        receives_ntlm=_or(
            _number(found, f"{lsa}\\MSV1_0", "RestrictReceivingNTLMTraffic", range(3)), 0
        ),
        ldap_signing=_ldap_signing(found, build),
        channel_binding=_number(
            found, f"{_SERVICES}\\NTDS\\Parameters", "LdapEnforceChannelBinding", range(3)
        ),
        by_broadcast=_by_broadcast(found),
        hardened=_hardened(found),
        # 1 with a lock in the firmware, 2 without.
        lsa_protected=found.number(lsa, "RunAsPPL") in (1, 2),
        plain_in_memory=found.number(
            f"{_CONTROL}\\SecurityProviders\\WDigest", "UseLogonCredential"
        )
        == 1,
        proxy_search=_proxy_search(found),
        weak=_weak(found, lanman, lsa),
    )


def _build(found: Registry) -> int:
    text = found.text(_VERSION, "CurrentBuild")
    if text is None or not text.isascii() or not text.isdecimal():
        raise UnparsedError("CurrentBuild")
    return int(text)


def _number(found: Registry, path: str, name: str, known: Collection[int]) -> int | None:
    value = found.number(path, name)
    if value is not None and value not in known:
        raise UnparsedError(f"{name} {value}")
    return value


def _truth(value: int | None) -> bool | None:
    return None if value is None else value == 1


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _ldap_signing(found: Registry, build: int) -> bool | None:
    """Whether a domain controller refuses what is not signed.

    Up to Windows Server 2022 only 2 requires it. In Windows Server 2025 the enforcement has
    precedence, and holds where no policy is set; what an upgrade kept cannot be told apart from
    what a new domain sets, so that the old value by itself is unsure there.
    """
    path = f"{_SERVICES}\\NTDS\\Parameters"
    integrity = _number(found, path, "LDAPServerIntegrity", range(3))
    enforced = _number(found, path, "LDAPServerEnforceIntegrity", _BOOLEAN)
    if build < SERVER_2025 or enforced == 0 or integrity == 2:
        return integrity == 2
    return True if enforced == 1 or integrity is None else None


def _by_broadcast(found: Registry) -> tuple[str, ...]:
    """LLMNR, NetBIOS and mDNS are on unless they are switched off."""
    llmnr = found.number(f"{_POLICIES}\\Windows NT\\DNSClient", "EnableMulticast")
    mdns = found.number(f"{_SERVICES}\\Dnscache\\Parameters", "EnableMDNS")
    # NetbiosOptions: 0 as DHCP says, 1 on, 2 off.
    interfaces = found.keys(f"{_SERVICES}\\NetBT\\Parameters\\Interfaces\\*")
    netbios = any(key.number("NetbiosOptions") != 2 for key in interfaces)
    ways = (("LLMNR", llmnr != 0), ("NetBIOS", netbios), ("mDNS", mdns != 0))
    return tuple(name for name, on in ways if on)


def _hardened(found: Registry) -> tuple[str, ...]:
    """The paths for which both proof of identity and integrity are asked (MS15-011)."""
    key = found.key(f"{_POLICIES}\\Windows\\NetworkProvider\\HardenedPaths")
    if key is None:
        return ()
    wanted = {"requiremutualauthentication=1", "requireintegrity=1"}
    return tuple(
        name
        for name in key.names
        if wanted <= {part.strip().lower() for part in (key.text(name) or "").split(",")}
    )


def _proxy_search(found: Registry) -> bool:
    disabled = found.number(_PROXY, "DisableWpad")
    start = found.number(f"{_SERVICES}\\WinHttpAutoProxySvc", "Start")
    return disabled != 1 and start is not None and start != _NEVER


def _weak(found: Registry, lanman: str, lsa: str) -> tuple[str, ...]:
    """Settings that let people in without a name, against what Windows does by itself."""
    weak = []
    if found.number(lanman, "RestrictNullSessAccess") == 0:
        weak.append("RestrictNullSessAccess")
    key = found.key(lanman)
    if key is not None and any(key.texts("NullSessionShares") or ()):
        weak.append("NullSessionShares")
    if found.number(lsa, "RestrictAnonymousSAM") == 0:
        weak.append("RestrictAnonymousSAM")
    if found.number(lsa, "EveryoneIncludesAnonymous") == 1:
        weak.append("EveryoneIncludesAnonymous")
    return tuple(weak)


@dataclass(frozen=True, slots=True)
class Spooler:
    """The print service."""

    runs: bool
    disabled: bool


def read_spooler(answer: CimAnswer) -> Spooler | None:
    """``None`` where Windows has no print service at all."""
    if not answer.there or len(answer.rows) > 1:
        raise UnparsedError("Win32_Service")
    if not answer.rows:
        return None
    (row,) = answer.rows
    state, mode = row.text("State"), row.text("StartMode")
    if row.text("Name").lower() != "spooler" or state not in _STATES or mode not in _START_MODES:
        raise UnparsedError(f"Spooler {state} {mode}")
    return Spooler(state != "Stopped", mode == "Disabled")


def read_features(answer: CimAnswer) -> tuple[str, ...]:
    """The names of the old optional features that are switched on (InstallState 1)."""
    return tuple(row.text("Name") for row in answer.rows if row.integer("InstallState") == 1)


def read_guard(answer: CimAnswer) -> bool:
    """Whether Credential Guard runs (1 in ``SecurityServicesRunning``)."""
    return any(
        row.has("SecurityServicesRunning") and 1 in row.list("SecurityServicesRunning")
        for row in answer.rows
    )
