"""Remote desktop, remote assistance, WinRM and OpenSSH: what is set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assessor.api import CimAnswer, Fields, Registry, UnparsedError

_CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control"
_LOCAL = f"{_CONTROL}\\Terminal Server"
_RDP = f"{_LOCAL}\\WinStations\\RDP-Tcp"
_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
_WINRM = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN"
_WINRM_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WinRM\\Service"
_BOOLEAN = (0, 1)


@dataclass(frozen=True, slots=True)
class Desktop:
    """Remote desktop; ``None`` for what is not set anywhere.

    Attributes:
        nla: whoever connects must log in before anything is shown (Network Level Authentication).
        layer: 0 its own security, 1 the best that both know, 2 TLS.
        level: MinEncryptionLevel of its own security.
        restricted_admin: administrators may log in without their password coming over.
    """

    on: bool
    nla: bool | None
    layer: int | None
    level: int | None
    port: int
    restricted_admin: bool


@dataclass(frozen=True, slots=True)
class Winrm:
    """Remote management. It encrypts over HTTP too, unless that is switched off."""

    http: bool
    unencrypted: bool
    basic: bool

    @property
    def in_clear(self) -> bool:
        """Messages may pass as anyone can read them."""
        return self.http and self.unencrypted


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the registry says."""

    desktop: Desktop
    winrm: Winrm
    help_asked: bool
    help_offered: bool
    teamviewer_log_in: bool
    realvnc: str


def read_settings(found: Registry) -> Settings:
    """The answer to the probe ``settings``; a policy comes before what is set on the computer."""
    return Settings(
        desktop=_desktop(found),
        winrm=_winrm(found),
        help_asked=_first(
            found.number(_POLICY, "fAllowToGetHelp"),
            found.number(f"{_CONTROL}\\Remote Assistance", "fAllowToGetHelp"),
        )
        == 1,
        help_offered=found.number(_POLICY, "fAllowUnsolicited") == 1,
        teamviewer_log_in=any(
            (found.number(f"HKLM\\SOFTWARE\\{part}", "Security_WinLogin") or 0) > 0
            for part in ("TeamViewer", "Wow6432Node\\TeamViewer")
        ),
        realvnc=found.text("HKLM\\SOFTWARE\\RealVNC\\vncserver", "Encryption") or "",
    )


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _known(value: int | None, known: Collection[int], name: str) -> int | None:
    if value is not None and value not in known:
        raise UnparsedError(f"{name} {value}")
    return value


def _set(found: Registry, local: str, name: str, known: Collection[int]) -> int | None:
    return _known(_first(found.number(_POLICY, name), found.number(local, name)), known, name)


def _desktop(found: Registry) -> Desktop:
    # Every Windows has this value; without it the rest was not seen either.
    if found.number(_LOCAL, "fDenyTSConnections") is None:
        raise UnparsedError("fDenyTSConnections")
    denied = _set(found, _LOCAL, "fDenyTSConnections", _BOOLEAN)
    nla = _set(found, _RDP, "UserAuthentication", _BOOLEAN)
    return Desktop(
        on=denied == 0,
        nla=None if nla is None else nla == 1,
        layer=_set(found, _RDP, "SecurityLayer", range(3)),
        level=_set(found, _RDP, "MinEncryptionLevel", range(1, 5)),
        port=_first(found.number(_RDP, "PortNumber"), 3389) or 3389,
        restricted_admin=found.number(f"{_CONTROL}\\Lsa", "DisableRestrictedAdmin") == 0,
    )


def _winrm(found: Registry) -> Winrm:
    listeners = found.keys(f"{_WINRM}\\Listener\\*")
    # Such as "*+HTTP" and "*+HTTPS"; a policy (AllowAutoConfig) makes one for HTTP.
    http = any(
        key.name.upper().endswith("+HTTP") and key.number("enabled") != 0 for key in listeners
    )
    return Winrm(
        http=http or found.number(_WINRM_POLICY, "AllowAutoConfig") == 1,
        unencrypted=_first(
            found.number(_WINRM_POLICY, "AllowUnencryptedTraffic"),
            found.number(f"{_WINRM}\\Service", "allow_unencrypted"),
            0,
        )
        != 0,
        basic=_first(
            found.number(_WINRM_POLICY, "AllowBasic"),
            found.number(f"{_WINRM}\\Service", "auth_basic"),
            0,
        )
        != 0,
    )


def read_self_signed(answer: CimAnswer) -> bool:
    """Whether remote desktop shows a certificate that vouches for itself (1 of 0 to 3)."""
    types = [row.integer("SSLCertificateSHA1HashType") for row in answer.rows]
    if any(each not in range(4) for each in types):
        raise UnparsedError("SSLCertificateSHA1HashType")
    return 1 in types


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the group Remote Desktop Users."""

    sid: str
    name: str

    @property
    def everybody(self) -> bool:
        """Everyone, Authenticated Users, Users, Domain Users."""
        return self.sid in ("S-1-1-0", "S-1-5-11", "S-1-5-32-545") or (
            self.sid.startswith("S-1-5-21-") and self.sid.endswith("-513")
        )


def read_members(found: Fields) -> tuple[Member, ...]:
    """The answer of ``windows_remote_users.ps1``."""
    return tuple(Member(row.text("sid"), row.text("name")) for row in found.rows("members"))


def read_ssh_passwords(found: Fields) -> bool | None:
    """Whether OpenSSH Server lets people in by password; ``None`` where it depends.

    The first line that sets it counts (sshd_config(5)), and without one it does. Lines after
    ``Match`` hold for some people only, and ``Include`` brings lines that are not seen here.
    """
    first, depends = "", False
    matched = False
    for line in found.texts("lines"):
        words = line.replace("=", " ").replace('"', " ").split()
        keyword = words[0].lower() if words else ""
        matched = matched or keyword == "match"
        if keyword == "include" and not first:
            depends = True
        if keyword == "passwordauthentication" and len(words) > 1:
            if matched:
                depends = True
            elif not first:
                first = words[1].lower()
    found.boolean("there")
    if depends or first not in ("", "yes", "no"):
        return None
    return first != "no"
