"""Settings of Windows' network, one by one: what holds where nothing is set, and what wins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from assessor.api import CimAnswer, Fields, UnparsedError, read_registry
from assessor.bundled import folder
from assessor.catalogue.manifest import read_check
from assessor.model.target import Platform
from checks.windows_network_protocols.check import _guests
from checks.windows_network_protocols.protocols import (
    Settings,
    Sharing,
    read_domain,
    read_features,
    read_guard,
    read_settings,
    read_sharing,
    read_spooler,
)

SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
LSA = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa"
VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
NTDS = f"{SERVICES}\\NTDS\\Parameters"
GUESTS = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\LanmanWorkstation"
HARDENED = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\NetworkProvider\\HardenedPaths"
INTERFACES = f"{SERVICES}\\NetBT\\Parameters\\Interfaces"
NOTHING: Mapping[str, Mapping[str, Any]] = {}
ASKED = {
    probe.name: probe.arguments
    for probe in read_check(folder("checks") / "windows_network_protocols", "t").probes[
        Platform.WINDOWS
    ]
}


def settings(values: Mapping[str, Mapping[str, Any]] = NOTHING, build: str = "26100") -> Settings:
    """The answer of a registry that holds nothing but ``values``."""
    given: dict[str, Mapping[str, Any]] = {VERSION: {"CurrentBuild": build}, **values}
    answers = []
    for asked in ASKED["settings"]:
        path, *names = asked.split("|")
        keys = []
        for key, held in given.items():
            same = key.rpartition("\\")[0] == path[:-2] if path.endswith("\\*") else key == path
            if same:
                wanted = held if names == ["*"] else names
                rows = [
                    {
                        "name": name,
                        "kind": _kind(held.get(name)),
                        "data": held.get(name),
                    }
                    for name in wanted
                ]
                keys.append({"key": key, "values": rows})
        answers.append({"asked": asked, "keys": keys})
    return read_settings(read_registry(json.dumps({"registry": answers, "end": True})))


def _kind(value: object) -> int:
    kinds = {type(None): 0, str: 1, int: 4, list: 7}
    return kinds[type(value)]


def test_a_registry_without_settings() -> None:
    found = settings()
    assert (found.level, found.smb1_client, found.guests) == (3, False, None)
    assert found.by_broadcast == ("LLMNR", "mDNS")
    assert not found.lsa_protected
    assert found.weak == ()


@pytest.mark.parametrize(("start", "on"), [(0, True), (2, True), (3, True), (4, False)])
def test_the_driver_of_smb1(start: int, on: bool) -> None:
    assert settings({f"{SERVICES}\\mrxsmb10": {"Start": start}}).smb1_client is on


@pytest.mark.parametrize(
    ("build", "integrity", "enforced", "required"),
    [
        ("20348", None, None, False),
        ("20348", 1, None, False),
        ("20348", 2, None, True),
        ("26100", None, None, True),
        ("26100", 1, None, None),
        ("26100", 2, None, True),
        ("26100", 1, 1, True),
        ("26100", 1, 0, False),
        ("26100", None, 0, False),
        ("26100", 2, 0, True),
    ],
)
def test_signing_of_ldap(
    build: str, integrity: int | None, enforced: int | None, required: bool | None
) -> None:
    values = {"LDAPServerIntegrity": integrity, "LDAPServerEnforceIntegrity": enforced}
    assert settings({NTDS: values}, build).ldap_signing is required


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (LSA, "LmCompatibilityLevel", 6),
        (NTDS, "LDAPServerIntegrity", 3),
        (NTDS, "LdapEnforceChannelBinding", 3),
        (GUESTS, "AllowInsecureGuestAuth", 2),
        (f"{SERVICES}\\mrxsmb10", "Start", 5),
        (LSA, "LmCompatibilityLevel", "5"),
    ],
)
def test_a_number_that_nobody_knows(path: str, name: str, value: object) -> None:
    with pytest.raises(UnparsedError, match=name):
        settings({path: {name: value}})


@pytest.mark.parametrize("build", ["", "26100.1", "²"])
def test_no_build_no_answer(build: str) -> None:
    with pytest.raises(UnparsedError):
        settings(build=build)


@pytest.mark.parametrize(
    ("options", "asked"), [((2, 2), False), ((2, 0), True), ((2, None), True), ((), False)]
)
def test_netbios_is_off_only_where_every_interface_has_it_off(
    options: tuple[int | None, ...], asked: bool
) -> None:
    keys = {
        f"{INTERFACES}\\Tcpip_{number}": {"NetbiosOptions": option}
        for number, option in enumerate(options)
    }
    assert ("NetBIOS" in settings(keys).by_broadcast) is asked


@pytest.mark.parametrize(
    ("text", "hardened"),
    [
        ("RequireMutualAuthentication=1, RequireIntegrity=1", True),
        ("RequireIntegrity=1,RequireMutualAuthentication=1,RequirePrivacy=1", True),
        ("RequireMutualAuthentication=1", False),
        ("RequireMutualAuthentication=0, RequireIntegrity=1", False),
        ("", False),
    ],
)
def test_hardened_paths(text: str, hardened: bool) -> None:
    found = settings({HARDENED: {"\\\\*\\SYSVOL": text}})
    assert found.hardened == (("\\\\*\\sysvol",) if hardened else ())


def sharing(**changed: Any) -> Sharing:
    client = {"service": 4, "command": True}
    client |= {"RequireSecuritySignature": False, "EnableInsecureGuestLogons": True}
    server = {"service": 4, "command": True, "EnableSMB1Protocol": False}
    server |= {"RequireSecuritySignature": True, "EncryptData": False}
    answer = {"server": server, "client": client | changed, "end": True}
    return read_sharing(Fields(answer))


@pytest.mark.parametrize(
    ("policy", "client", "guests"),
    [
        (None, {}, True),
        (0, {}, False),
        (1, {"EnableInsecureGuestLogons": False}, True),
        (1, {"RequireSecuritySignature": True}, False),
        (None, {"service": 1}, False),
        (None, {"EnableInsecureGuestLogons": None}, None),
    ],
)
def test_guests(policy: int | None, client: dict[str, Any], guests: bool | None) -> None:
    found = settings({GUESTS: {"AllowInsecureGuestAuth": policy}})
    assert _guests(found, sharing(**client)) is guests


@pytest.mark.parametrize(
    "client", [{"service": None}, {"service": 0}, {"service": 8}, {"command": False}]
)
def test_a_windows_without_its_own_services(client: dict[str, Any]) -> None:
    with pytest.raises(UnparsedError, match="service"):
        sharing(**client)


def cim(*rows: dict[str, Any], there: bool = True) -> CimAnswer:
    return CimAnswer(there, tuple(Fields(row) for row in rows))


@pytest.mark.parametrize(
    ("role", "controller", "member"),
    [
        (0, False, False),
        (1, False, True),
        (2, False, False),
        (3, False, True),
        (4, True, False),
        (5, True, False),
    ],
)
def test_roles_in_a_domain(role: int, controller: bool, member: bool) -> None:
    found = read_domain(cim({"DomainRole": role}))
    assert (found.controller, found.member) == (controller, member)


@pytest.mark.parametrize("rows", [(), ({"DomainRole": 6},), ({"DomainRole": 1},) * 2])
def test_no_role(rows: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(UnparsedError):
        read_domain(cim(*rows))


@pytest.mark.parametrize(
    ("state", "mode", "expected"),
    [
        ("Running", "Auto", (True, False)),
        ("Start Pending", "Manual", (True, False)),
        ("Stopped", "Manual", (False, False)),
        ("Stopped", "Disabled", (False, True)),
    ],
)
def test_the_print_service(state: str, mode: str, expected: tuple[bool, bool]) -> None:
    found = read_spooler(cim({"Name": "Spooler", "State": state, "StartMode": mode}))
    assert found is not None
    assert (found.runs, found.disabled) == expected


@pytest.mark.parametrize(("state", "mode"), [("Gestopt", "Auto"), ("Running", "Automatisch")])
def test_words_that_windows_does_not_use(state: str, mode: str) -> None:
    with pytest.raises(UnparsedError):
        read_spooler(cim({"Name": "Spooler", "State": state, "StartMode": mode}))


def test_a_windows_without_a_print_service() -> None:
    assert read_spooler(cim()) is None
    with pytest.raises(UnparsedError):
        read_spooler(cim(there=False))


def test_features_and_guards() -> None:
    rows = ({"Name": "SMB1Protocol", "InstallState": 1}, {"Name": "Other", "InstallState": 2})
    assert read_features(cim(*rows)) == ("SMB1Protocol",)
    assert read_guard(cim({"SecurityServicesRunning": [2, 1]}))
    assert not read_guard(cim({"SecurityServicesRunning": [2]}))
    assert not read_guard(cim(there=False))
