"""FRITZ!OS: what its answers are read as, and that nothing odd among them passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.collect.transports.tr064_soap import services_of
from assessor.devices.answers import FILE, joined, parted
from assessor.devices.device import Device, Policy, Protection, Reach, Topic
from assessor.devices.fritzos import SYSTEM
from assessor.devices.fritzos.accounts import NAMELESS, ONE_OF_THEM
from assessor.devices.fritzos.questions import LISTS, LOGIN, MISSING, QUESTIONS
from assessor.devices.fritzos.said import of_answers
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged

SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/fritzbox"
CASES = {case.folder.name: case for case in cases(DeviceOs.FRITZOS)}
GOOD = CASES["good"]
PPP, IP = "WANPPPConnection:1", "WANIPConnection:1"


def said(case: Case = GOOD) -> dict[str, str]:
    """A case's answers, by question."""
    return dict(of_answers(parted(case.redacted())).answers)


def read(changes: Mapping[str, str | None] = MappingProxyType({})) -> Device:
    """The good box with some answers changed, or (``None``) never given."""
    answers = {key: text for key, text in {**said(), **changes}.items() if text is not None}
    return SYSTEM.read(answers)


def changed(question: str, old: str, new: str) -> Device:
    text = said()[question]
    assert old in text
    return read({question: text.replace(old, new)})


def test_the_answers_of_a_session_and_of_a_file_are_the_same() -> None:
    assert SYSTEM.read(said()) == SYSTEM.read(parted(GOOD.redacted()))


def test_every_list_is_asked_after_its_number() -> None:
    for question, listing in LISTS.items():
        assert QUESTIONS.index(listing.counted) < QUESTIONS.index(question)


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("154.07.57", "7.57"),
        ("259.08.02", "8.02"),
        ("07.29", "7.29"),
        ("113.07.29-81234 BETA", "7.29"),
        ("8.20", "8.20"),
        ("154.10.01", "10.01"),
        ("neu", "neu"),
    ],
)
def test_versions(told: str, version: str) -> None:
    firmware = changed("DeviceInfo:1 GetInfo", "259.08.02", told).firmware
    assert firmware is not None
    assert firmware.version == version


@pytest.mark.parametrize(
    ("beacon", "protection"),
    [
        ("None", Protection.OPEN),
        ("Basic", Protection.WEP),
        ("WPA", Protection.WPA),
        ("WPAand11i", Protection.WPA_WPA2),
        ("11i", Protection.WPA2),
        ("WPA3", Protection.WPA3),
        ("OWE", Protection.OWE),
        ("11iandWPA4", Protection.UNKNOWN),
        ("", Protection.UNKNOWN),
    ],
)
def test_beacon_types(beacon: str, protection: Protection) -> None:
    device = changed(
        "WLANConfiguration:1 GetInfo", "NewBeaconType: 11iandWPA3", f"NewBeaconType: {beacon}"
    )
    assert device.wifi is not None
    assert device.wifi[0].protection is protection
    assert (Topic.WIFI in device.unread) is (protection is Protection.UNKNOWN)


def test_guests_are_told_by_the_type_not_by_the_number() -> None:
    device = changed("WLANConfiguration:2 X_AVM-DE_GetWLANExtInfo", "normal", "guest")
    assert device.wifi is not None
    assert [each.guest for each in device.wifi] == [False, True, True]


def test_without_the_type_guests_are_not_told() -> None:
    device = read({"WLANConfiguration:3 X_AVM-DE_GetWLANExtInfo": MISSING})
    assert Topic.SEGMENTS in device.unread


def test_a_box_without_wifi() -> None:
    answers = {each: MISSING for each in QUESTIONS if each.startswith("WLANConfiguration")}
    device = read(answers)
    assert device.wifi == ()
    assert Topic.WIFI not in device.unread


MAPPING = (
    "NewRemoteHost: {remote}\nNewExternalPort: {port}\nNewProtocol: {protocol}\n"
    "NewInternalPort: 1\nNewInternalClient: 192.168.178.2\nNewEnabled: 1\n"
    "NewPortMappingDescription: x\nNewLeaseDuration: 0"
)


@pytest.mark.parametrize(
    ("remote", "port", "protocol", "service", "sources"),
    [
        ("0.0.0.0", "443", "TCP", "tcp/443", ()),  # noqa: S104 - an address of others
        ("", "1194", "UDP", "udp/1194", ()),
        ("192.0.2.7", "22", "TCP", "tcp/22", ("192.0.2.7",)),
        ("", "0", "TCP", "any", ()),
        ("", "0", "ESP", "esp", ()),
    ],
)
def test_port_mappings(
    remote: str, port: str, protocol: str, service: str, sources: tuple[str, ...]
) -> None:
    entry = MAPPING.format(remote=remote, port=port, protocol=protocol)
    firewall = read({f"{PPP} GetGenericPortMappingEntry": entry}).firewall
    assert firewall is not None
    assert [(hole.service, hole.sources) for hole in firewall.holes] == [(service, sources)]


@pytest.mark.parametrize(("port", "protocol"), [("x", "TCP"), ("1", "SCTP"), ("", "TCP")])
def test_port_mappings_that_are_not_understood(port: str, protocol: str) -> None:
    entry = MAPPING.format(remote="", port=port, protocol=protocol)
    assert Topic.FIREWALL in read({f"{PPP} GetGenericPortMappingEntry": entry}).unread


def test_a_list_that_was_cut_is_not_read_in_full() -> None:
    entry = MAPPING.format(remote="", port="1", protocol="TCP") + "\n\n[more] 12"
    assert Topic.FIREWALL in read({f"{PPP} GetGenericPortMappingEntry": entry}).unread


def test_without_nat_nothing_is_known_to_be_closed() -> None:
    # As a client of another router the box's firewall is not at work.
    firewall = changed(f"{PPP} GetInfo", "NewNATEnabled: 1", "NewNATEnabled: 0").firewall
    assert firewall is not None
    assert set(firewall.to_device.values()) == {Policy.UNKNOWN}


@pytest.mark.parametrize(
    ("address", "policy"), [("", Policy.OFF), ("::", Policy.OFF), ("2001:db8::1", Policy.DENIED)]
)
def test_ipv6(address: str, policy: Policy) -> None:
    firewall = changed(
        "X_AVM-DE_AppSetup:1 GetAppRemoteInfo", "Address: 2001:db8:1::1", f"Address: {address}"
    ).firewall
    assert firewall is not None
    assert firewall.forwarded["ipv6"] is policy


def test_ftp_on_the_internet() -> None:
    device = read(
        {
            "X_AVM-DE_Storage:1 GetInfo": "NewFTPEnable: 1\nNewFTPWANEnable: 1\n"
            "NewFTPWANSSLOnly: 1\nNewFTPWANPort: 990"
        }
    )
    assert device.services is not None
    ftp = next(one for one in device.services if one.name == "ftp")
    assert (ftp.encrypted, ftp.reach, ftp.port) == (True, Reach.ANYWHERE, 990)


def test_a_password_of_the_label_is_laid_at_nobodys_door_without_reason() -> None:
    active = {"LANConfigSecurity:1 GetInfo": "NewX_AVM-DE_IsDefaultPasswordActive: 1"}
    accounts = read(active).accounts
    assert accounts is not None
    guilty = [each.name for each in accounts if each.secret and each.secret.factory]
    assert guilty == [ONE_OF_THEM]
    alone = "NewX_AVM-DE_UserList: <List><Username>jan</Username></List>"
    accounts = read({**active, "LANConfigSecurity:1 X_AVM-DE_GetUserList": alone}).accounts
    assert accounts is not None
    assert [each.name for each in accounts if each.secret and each.secret.factory] == ["jan"]


def test_log_in_without_a_name_is_an_account() -> None:
    device = changed("LANConfigSecurity:1 X_AVM-DE_GetAnonymousLogin", "Enabled: 0", "Enabled: 1")
    assert device.accounts is not None
    assert NAMELESS in {each.name for each in device.accounts}


@pytest.mark.parametrize(
    "users",
    ["", "<List>", "<!DOCTYPE x [<!ENTITY a 'b'>]><List><Username>&a;</Username></List>", "<x/>"],
)
def test_lists_of_users_that_are_not_understood(users: str) -> None:
    device = read(
        {"LANConfigSecurity:1 X_AVM-DE_GetUserList": f"NewX_AVM-DE_UserList: {users}".rstrip()}
    )
    assert device.accounts is None
    assert Topic.ACCOUNTS in device.unread


@pytest.mark.parametrize(
    "text", ["", "log-in", "[log-in]\nDemanded: maybe", "hello\n[log-in]\nDemanded: yes"]
)
def test_what_is_no_box(text: str) -> None:
    with pytest.raises(UnparsedError):
        SYSTEM.read({FILE: text})


def test_a_question_twice_is_refused() -> None:
    with pytest.raises(UnparsedError, match="twice"):
        SYSTEM.read({FILE: "[log-in]\nDemanded: yes\n[log-in]\nDemanded: yes"})


# What each verdict rests on: whatever name of these is not understood, it is not passed.
RESTS_ON: Mapping[str, tuple[tuple[str, str], ...]] = {
    "device_firewall": (
        ("Layer3Forwarding:1 GetDefaultConnectionService", "NewDefaultConnectionService"),
        (f"{PPP} GetInfo", "NewNATEnabled"),
        ("X_AVM-DE_AppSetup:1 GetAppRemoteInfo", "NewExternalIPv6Address"),
    ),
    "device_wifi": tuple(
        (f"WLANConfiguration:{number} GetInfo", name)
        for number in (1, 2, 3)
        for name in ("NewEnable", "NewSSID", "NewBeaconType")
    ),
    "device_remote_access": (
        ("X_AVM-DE_RemoteAccess:1 GetInfo", "NewEnabled"),
        ("X_AVM-DE_Storage:1 GetInfo", "NewFTPEnable"),
        ("X_AVM-DE_Storage:1 GetInfo", "NewFTPWANEnable"),
        ("ManagementServer:1 GetInfo", "NewURL"),
    ),
    "device_segmentation": tuple(
        (f"WLANConfiguration:{number} X_AVM-DE_GetWLANExtInfo", "NewX_AVM-DE_APType")
        for number in (1, 2, 3)
    ),
    "device_firmware": (("DeviceInfo:1 GetInfo", "NewSoftwareVersion"),),
}


def _mutations() -> Iterator[tuple[str, str, str]]:
    for check, places in RESTS_ON.items():
        for question, name in places:
            yield check, question, name


@pytest.mark.parametrize(("check", "question", "name"), list(_mutations()))
@pytest.mark.parametrize("how", ["renamed", "odd", "refused", "unasked"])
def test_what_is_not_understood_never_passes(
    check: str, question: str, name: str, how: str
) -> None:
    answers = said()
    lines = answers[question].split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{name}:"))
    if how == "renamed":
        lines[at] = lines[at].replace(f"{name}:", f"{name}X:")
    elif how == "odd":
        lines[at] = f"{name}: something new"
    answers[question] = "\n".join(lines) if how in {"renamed", "odd"} else "[fault 606] no"
    if how == "unasked":
        del answers[question]
    if how == "odd" and name in {"NewSSID", "NewURL", "NewExternalIPv6Address"}:
        return  # any text is a value of this
    found = judged(GOOD, joined(answers.items()))[check]
    assert all(outcome != "pass" for outcome, _ in found.values())


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("LANConfigSecurity:1 GetInfo", "NewX_AVM-DE_IsDefaultPasswordActive"),
        ("LANConfigSecurity:1 X_AVM-DE_GetAnonymousLogin", "NewX_AVM-DE_AnonymousLoginEnabled"),
        ("LANConfigSecurity:1 X_AVM-DE_GetUserList", "NewX_AVM-DE_UserList"),
        ("X_AVM-DE_Auth:1 GetInfo", "NewEnabled"),
    ],
)
def test_accounts_that_are_not_told_in_full(question: str, name: str) -> None:
    text = said()[question]
    for odd in (text.replace(f"{name}:", f"{name}X:"), f"{name}: odd", "[fault 606] no", None):
        device = read({question: odd})
        accounts = device.accounts or ()
        assert Topic.ACCOUNTS in device.unread or all(each.secret is None for each in accounts)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_text_cut_anywhere(data: st.DataObject) -> None:
    text = parted(GOOD.redacted())[FILE]
    cut = data.draw(st.integers(0, len(text)))
    try:
        device = SYSTEM.read({FILE: text[:cut]})
    except UnparsedError:
        return
    if f"[{QUESTIONS[-1]}]" not in text[:cut]:
        assert device.unread


@given(st.dictionaries(st.sampled_from(QUESTIONS), st.text(max_size=200), max_size=8))
@settings(max_examples=150, deadline=None)
def test_noise_never_passes(answers: dict[str, str]) -> None:
    answers[LOGIN] = "Demanded: yes"
    text = joined(answers.items())
    found = judged(GOOD, REDACTOR.redact(text).text)
    assert all(outcome != "pass" for each in found.values() for outcome, _ in each.values())


def test_50_000_lines_are_read_in_time() -> None:
    entries = "\n\n".join([MAPPING.format(remote="", port="25", protocol="TCP")] * 6_250)
    device = read({f"{PPP} GetGenericPortMappingEntry": entries})
    assert device.firewall is not None
    assert len(device.firewall.holes) == 1


def test_unread_lines_are_few_and_short() -> None:
    odd = "NewEnabled: \u202e" + "x" * 5000
    entries = "\n\n".join(f"{odd}{number}" for number in range(50))
    lines = read({f"{PPP} GetGenericPortMappingEntry": entries}).unread[Topic.FIREWALL]
    assert len(lines) <= 5
    assert all(len(line) <= 120 and "\u202e" not in line for line in lines)


def test_a_real_description() -> None:
    path = SAMPLES / "tr64desc.xml"
    if not path.exists():
        pytest.skip("the published description is not here")
    services = services_of(path.read_bytes())
    asked = {question.split(" ")[0] for question in QUESTIONS[1:]}
    # The FRITZ!Box 7590 of that description has everything but a fourth band.
    assert asked - set(services) == {"WLANConfiguration:4"}
    assert services["WLANConfiguration:2"].control == "/upnp/control/wlanconfig2"
