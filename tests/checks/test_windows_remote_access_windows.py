"""Ways in to a Windows computer: which programs there are, what listens, and which setting wins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from assessor.api import CimAnswer, Fields, UnparsedError, read_registry
from assessor.bundled import folder
from assessor.catalogue.manifest import read_check
from assessor.model.target import Platform
from checks.windows_remote_access.services import (
    Service,
    read_listeners,
    read_processes,
    read_services,
)
from checks.windows_remote_access.settings import (
    Member,
    Settings,
    read_self_signed,
    read_settings,
    read_ssh_passwords,
)
from checks.windows_remote_access.software import Program, read_software
from checks.windows_remote_access.tools import TOOLS, find_tools, find_vpn

LOCAL = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server"
RDP = f"{LOCAL}\\WinStations\\RDP-Tcp"
POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
WINRM = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN"
WINRM_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WinRM\\Service"
ASKED = {
    probe.name: probe.arguments
    for probe in read_check(folder("checks") / "windows_remote_access", "t").probes[
        Platform.WINDOWS
    ]
}


def settings(values: Mapping[str, Mapping[str, Any]]) -> Settings:
    """The answer of a registry that holds nothing but ``values``."""
    given: dict[str, Mapping[str, Any]] = {LOCAL: {"fDenyTSConnections": 1}, **values}
    answers = []
    for asked in ASKED["settings"]:
        path, *names = asked.split("|")
        keys = []
        for key, held in given.items():
            same = key.rpartition("\\")[0] == path[:-2] if path.endswith("\\*") else key == path
            if same:
                rows = [
                    {"name": name, "kind": _kind(held.get(name)), "data": held.get(name)}
                    for name in names
                ]
                keys.append({"key": key, "values": rows})
        answers.append({"asked": asked, "keys": keys})
    return read_settings(read_registry(json.dumps({"registry": answers, "end": True})))


def _kind(value: object) -> int:
    kinds = {type(None): 0, str: 1, int: 4}
    return kinds[type(value)]


@pytest.mark.parametrize(
    ("local", "policy", "on"),
    [(1, None, False), (0, None, True), (0, 1, False), (1, 0, True)],
)
def test_a_policy_on_remote_desktop_wins(local: int, policy: int | None, on: bool) -> None:
    values: dict[str, dict[str, Any]] = {LOCAL: {"fDenyTSConnections": local}}
    values[POLICY] = {"fDenyTSConnections": policy}
    assert settings(values).desktop.on is on


def test_every_windows_says_whether_remote_desktop_is_on() -> None:
    with pytest.raises(UnparsedError, match="fDenyTSConnections"):
        settings({LOCAL: {"fDenyTSConnections": None}})


@pytest.mark.parametrize(
    ("local", "policy", "nla"), [(1, None, True), (1, 0, False), (0, 1, True), (None, None, None)]
)
def test_nla(local: int | None, policy: int | None, nla: bool | None) -> None:
    values = {RDP: {"UserAuthentication": local}, POLICY: {"UserAuthentication": policy}}
    assert settings(values).desktop.nla is nla


@pytest.mark.parametrize(
    ("name", "value"),
    [("UserAuthentication", 2), ("SecurityLayer", 3), ("MinEncryptionLevel", 0)],
)
def test_numbers_that_nobody_knows(name: str, value: int) -> None:
    with pytest.raises(UnparsedError, match=name):
        settings({RDP: {name: value}})


@pytest.mark.parametrize(
    ("values", "in_clear"),
    [
        ({}, False),
        ({f"{WINRM}\\Listener\\*+HTTP": {"Port": 5985}}, False),
        (
            {
                f"{WINRM}\\Listener\\*+HTTP": {"Port": 5985},
                f"{WINRM}\\Service": {"allow_unencrypted": 1},
            },
            True,
        ),
        (
            {
                f"{WINRM}\\Listener\\*+HTTP": {"Port": 5985, "enabled": 0},
                f"{WINRM}\\Service": {"allow_unencrypted": 1},
            },
            False,
        ),
        (
            {
                f"{WINRM}\\Listener\\*+HTTPS": {"Port": 5986},
                f"{WINRM}\\Service": {"allow_unencrypted": 1},
            },
            False,
        ),
        (
            {
                f"{WINRM}\\Listener\\*+HTTP": {"Port": 5985},
                f"{WINRM}\\Service": {"allow_unencrypted": 1},
                WINRM_POLICY: {"AllowUnencryptedTraffic": 0},
            },
            False,
        ),
        ({WINRM_POLICY: {"AllowAutoConfig": 1, "AllowUnencryptedTraffic": 1}}, True),
    ],
)
def test_remote_management_in_clear(values: dict[str, dict[str, Any]], in_clear: bool) -> None:
    assert settings(values).winrm.in_clear is in_clear


@pytest.mark.parametrize(
    ("service", "tool"),
    [
        ("TeamViewer", "TeamViewer"),
        ("TeamViewer5", "TeamViewer"),
        ("AnyDesk-ad_1a2b3c", "AnyDesk"),
        ("ScreenConnect Client (5f6010579852e507)", "ScreenConnect"),
        ("chromoting", "Chrome Remote Desktop"),
        ("Zoho Assist-Unattended Support", "Zoho Assist"),
        ("BASupportExpressStandaloneService_N_Central", "N-able Take Control"),
        ("AteraAgent", "Atera"),
        ("NinjaRMMAgent", "NinjaOne"),
        ("CagService", "Datto RMM"),
        ("SplashtopRemoteService", "Splashtop"),
        ("uvnc_service", "UltraVNC"),
        ("ISL AlwaysOn", "ISL Online"),
    ],
)
def test_tools_by_their_services(service: str, tool: str) -> None:
    (found,) = find_tools([Service(service, runs=True)], [], windows_log_in=False)
    assert (found.name, found.runs) == (tool, True)


@pytest.mark.parametrize(
    ("installed", "tool"),
    [
        ("TeamViewer Host", "TeamViewer"),
        ("Chrome Remote Desktop Host", "Chrome Remote Desktop"),
        ("Splashtop Streamer", "Splashtop"),
        ("RealVNC Server 7.12.1", "RealVNC"),
        ("AteraAgent", "Atera"),
        ("CentraStage", "Datto RMM"),
    ],
)
def test_tools_by_what_is_installed(installed: str, tool: str) -> None:
    (found,) = find_tools([], [Program(installed, "1.2")], windows_log_in=False)
    assert (found.name, found.version, found.runs) == (tool, "1.2", False)


@pytest.mark.parametrize("name", ["TermService", "WinRM", "RasMan", "SSUService", "Themes"])
def test_services_that_are_no_tool(name: str) -> None:
    assert find_tools([Service(name, runs=True)], [], windows_log_in=True) == ()


@pytest.mark.parametrize("installed", ["Splashtop Business", "Microsoft Teams", "VNC Viewer 7.1"])
def test_programs_that_let_nobody_in(installed: str) -> None:
    assert find_tools([], [Program(installed, "")], windows_log_in=False) == ()


def test_no_tool_twice() -> None:
    assert len({tool.name for tool in TOOLS}) == len(TOOLS)


@pytest.mark.parametrize(("log_in", "unattended"), [(True, True), (False, None)])
def test_teamviewer_by_the_log_in_of_windows(log_in: bool, unattended: bool | None) -> None:
    (found,) = find_tools([Service("TeamViewer", runs=True)], [], windows_log_in=log_in)
    assert found.unattended is unattended


def test_a_vpn_counts_while_it_runs() -> None:
    services = [
        Service("WireGuardTunnel$kantoor", runs=True),
        Service("OpenVPNServiceInteractive", runs=False),
        Service("RemoteAccess", runs=True),
    ]
    assert find_vpn(services) == ("WireGuard", "Routing and Remote Access")


def cim(*rows: dict[str, Any]) -> CimAnswer:
    return CimAnswer(there=True, rows=tuple(Fields(row) for row in rows))


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("0.0.0.0", True),  # noqa: S104 - what a listener says
        ("::", True),
        ("192.168.1.5", True),
        ("fe80::1%12", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("::1", False),
    ],
)
def test_who_listens_to_others(address: str, reachable: bool) -> None:
    found = read_listeners(cim({"LocalAddress": address, "LocalPort": 5900, "OwningProcess": 7}))
    assert [each.port for each in found] == ([5900] if reachable else [])


@pytest.mark.parametrize("read", [read_listeners, read_services, read_processes])
def test_a_windows_where_nothing_is_does_not_exist(read: Any) -> None:
    with pytest.raises(UnparsedError):
        read(cim())


@pytest.mark.parametrize("state", ["Wordt uitgevoerd", "running", ""])
def test_states_that_windows_does_not_have(state: str) -> None:
    with pytest.raises(UnparsedError):
        read_services(cim({"Name": "x", "State": state, "StartMode": "Auto"}))


def test_a_list_of_programs_that_may_be_cut() -> None:
    answers = []
    for asked in ASKED["software"]:
        path, *names = asked.split("|")
        rows = [{"name": name, "kind": 0, "data": None} for name in names]
        keys = [{"key": f"{path[:-1]}{n}", "values": rows} for n in range(1000)]
        answers.append({"asked": asked, "keys": keys if "Wow" in path else []})
    with pytest.raises(UnparsedError, match="Uninstall"):
        read_software(read_registry(json.dumps({"registry": answers, "end": True})))


@pytest.mark.parametrize(("kind", "self_signed"), [(0, False), (1, True), (2, False), (3, False)])
def test_certificates(kind: int, self_signed: bool) -> None:
    assert read_self_signed(cim({"SSLCertificateSHA1HashType": kind})) is self_signed


def test_a_kind_of_certificate_that_nobody_knows() -> None:
    with pytest.raises(UnparsedError):
        read_self_signed(cim({"SSLCertificateSHA1HashType": 4}))


@pytest.mark.parametrize(
    ("sid", "everybody"),
    [
        ("S-1-1-0", True),
        ("S-1-5-11", True),
        ("S-1-5-32-545", True),
        ("S-1-5-21-1-2-3-513", True),
        ("S-1-5-21-1-2-3-1513", False),
        ("S-1-5-21-1-2-3-512", False),
    ],
)
def test_who_is_everybody(sid: str, everybody: bool) -> None:
    assert Member(sid, "x").everybody is everybody


@pytest.mark.parametrize(
    ("lines", "passwords"),
    [
        ((), True),
        (("PasswordAuthentication no",), False),
        (("passwordauthentication=yes",), True),
        (("PasswordAuthentication no", "PasswordAuthentication yes"), False),
        (("Match Group administrators",), True),
        (("PasswordAuthentication no", "Match User x", "PasswordAuthentication yes"), None),
        (("Include other.conf", "PasswordAuthentication no"), None),
        (("PasswordAuthentication no", "Include other.conf"), False),
        (("PasswordAuthentication misschien",), None),
    ],
)
def test_passwords_over_ssh(lines: tuple[str, ...], passwords: bool | None) -> None:
    answer = Fields({"there": True, "lines": list(lines), "end": True})
    assert read_ssh_passwords(answer) is passwords
