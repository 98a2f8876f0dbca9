"""What the checks of devices make of a device, whatever maker it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessor import bundled
from assessor.api import (
    Account,
    BackupJob,
    Captured,
    Captures,
    Community,
    Device,
    DeviceOs,
    Firewall,
    Firmware,
    Hole,
    Judgement,
    Known,
    Logging,
    Parameters,
    Platform,
    Policy,
    Protection,
    Reach,
    Role,
    Secret,
    Segment,
    Service,
    Storage,
    Strength,
    Target,
    Told,
    Topic,
    Volume,
    Vpn,
    WifiNetwork,
)
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check, read_texts
from assessor.model.facts import Fact
from assessor.model.target import TransportKind
from checks.device_passwords.check import CHECK, Use
from checks.device_passwords.check import Facts as Rotation

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
BOTH = {"ipv4": Policy.DENIED, "ipv6": Policy.DENIED}
CLOSED = Firewall(BOTH, BOTH, outside=("wan",))
STRONG = Secret("a" * 16, Storage.HASH)
CLEAR = Secret("b" * 16, Storage.CLEAR, Strength.FROM_20)
ANNA = Account("anna", secret=STRONG, second_factor=True)
HOME = WifiNetwork("Kantoor", "wlan0", protection=Protection.WPA2, secrets=(CLEAR,))


def judged(check: str, seen: Any, **parameters: Fact) -> dict[str, tuple[str, str]]:
    """The verdict on what was seen: outcome and message, by measure."""
    info = read_check(bundled.folder("checks") / check, "bundled")
    defaults = {name: each.default for name, each in info.parameters.items()}
    found: list[Judgement] = list(load(info).evaluate(seen, Parameters({**defaults, **parameters})))
    texts = read_texts(info.folder)
    for one in found:
        for language, words in texts.items():
            message = one.message
            if message.id != "not_observed":
                words.messages[message.id].format(**message.facts)
                if message.id in words.remedies:
                    words.remedies[message.id].format(**message.facts)
            for advice in one.advice:
                assert words.messages[advice.id].format(**advice.facts), language
    return {one.measure: (one.outcome.value, one.message.id) for one in found}


def of(check: str, device: Device, **parameters: Fact) -> dict[str, tuple[str, str]]:
    """The verdict on a device."""
    return judged(check, Told(NOW, answer=device), **parameters)


UNREAD = dict.fromkeys(Topic, ("a line nobody knows",))
FIREWALLS = {
    "closed": (Device(firewall=CLOSED), ("pass", "closed")),
    "a port": (
        Device(firewall=replace(CLOSED, holes=(Hole("ipv4", "10.0.0.5", "tcp/443", (), "web"),))),
        ("pass", "closed_but"),
    ),
    "anything": (
        Device(firewall=replace(CLOSED, holes=(Hole("ipv4", "any", "any"),))),
        ("fail", "wide_hole"),
    ),
    "anything, from one": (
        Device(firewall=replace(CLOSED, holes=(Hole("ipv4", "any", "any", ("192.0.2.1",)),))),
        ("pass", "closed_but"),
    ),
    "IPv6 open": (
        Device(firewall=replace(CLOSED, forwarded={**BOTH, "ipv6": Policy.ALLOWED})),
        ("fail", "open_forwarded"),
    ),
    "device open": (
        Device(firewall=replace(CLOSED, to_device={**BOTH, "ipv4": Policy.ALLOWED})),
        ("fail", "open_to_device"),
    ),
    "IPv6 off": (
        Device(firewall=replace(CLOSED, forwarded={**BOTH, "ipv6": Policy.OFF})),
        ("pass", "closed"),
    ),
    "IPv6 not told": (
        Device(firewall=replace(CLOSED, forwarded={"ipv4": Policy.DENIED})),
        ("unknown", "policy_unknown"),
    ),
    "unread": (Device(firewall=CLOSED, unread=UNREAD), ("unknown", "unread")),
    "unread but open": (
        Device(
            firewall=replace(CLOSED, to_device=dict.fromkeys(BOTH, Policy.ALLOWED)), unread=UNREAD
        ),
        ("fail", "open_to_device"),
    ),
    "not told": (Device(), ("unknown", "not_told")),
}


@pytest.mark.parametrize(("device", "verdict"), FIREWALLS.values(), ids=FIREWALLS)
def test_firewall(device: Device, verdict: tuple[str, str]) -> None:
    assert of("device_firewall", device) == {"firewall": verdict}


def services(*some: Service, **more: Any) -> Device:
    """A device with these ways in."""
    return Device(services=some, vpns=more.pop("vpns", ()), **more)


SSH = Service("ssh", reach=Reach.INSIDE)
REMOTE = {
    "inside": (services(SSH), ("pass", "inside_only")),
    "named": (services(replace(SSH, reach=Reach.NAMED)), ("pass", "named_only")),
    "anywhere": (services(replace(SSH, reach=Reach.ANYWHERE)), ("fail", "open_to_internet")),
    "off": (services(replace(SSH, reach=Reach.ANYWHERE, enabled=False)), ("pass", "inside_only")),
    "unknown reach": (services(replace(SSH, reach=Reach.UNKNOWN)), ("unknown", "reach_unknown")),
    "telnet inside": (
        services(Service("telnet", encrypted=False, reach=Reach.INSIDE)),
        ("fail", "plain_inside"),
    ),
    "http inside": (
        services(Service("http", encrypted=False, reach=Reach.INSIDE)),
        ("pass", "inside_only"),
    ),
    "http for some": (
        services(Service("http", encrypted=False, reach=Reach.NAMED)),
        ("fail", "plain_outside"),
    ),
    "dns anywhere": (services(Service("dns", reach=Reach.ANYWHERE)), ("pass", "inside_only")),
    "pptp": (services(SSH, vpns=(Vpn("pptp"),)), ("fail", "broken_vpn")),
    "pptp off": (services(SSH, vpns=(Vpn("pptp", enabled=False),)), ("pass", "inside_only")),
    "old ciphers": (services(SSH, vpns=(Vpn("ipsec", weak=("3des",)),)), ("pass", "inside_only")),
    "unread": (services(SSH, unread=UNREAD), ("unknown", "unread")),
    "not told": (Device(), ("unknown", "not_told")),
}


@pytest.mark.parametrize(("device", "verdict"), REMOTE.values(), ids=REMOTE)
def test_remote_access(device: Device, verdict: tuple[str, str]) -> None:
    assert of("device_remote_access", device) == {"remote-access": verdict}


def accounts(*some: Account, **more: Any) -> Device:
    """A device that these people manage."""
    return Device(accounts=some, **more)


FACTORY = Secret("c" * 16, Storage.HASH, factory=True)
PUBLIC = Community("2c", secret=Secret("d" * 16, Storage.CLEAR, Strength.COMMON))
ACCOUNTS = {
    "good": (
        accounts(ANNA, min_length=14),
        (("pass", "own_passwords"), ("pass", "demands"), ("pass", "second_factor")),
    ),
    "length unseen": (
        accounts(ANNA),
        (("pass", "own_passwords"), ("unknown", "length_unseen"), ("pass", "second_factor")),
    ),
    "factory": (
        accounts(Account("ubnt", secret=FACTORY, second_factor=False)),
        (
            ("fail", "default_password"),
            ("fail", "default_password"),
            ("fail", "no_second_factor"),
        ),
    ),
    "empty": (
        accounts(Account("admin", empty=True)),
        (("fail", "empty"), ("fail", "empty"), ("unknown", "mfa_not_told")),
    ),
    "short": (
        accounts(replace(ANNA, secret=Secret("e" * 16, Storage.CLEAR, Strength.FROM_8))),
        (("pass", "own_passwords"), ("fail", "short"), ("pass", "second_factor")),
    ),
    "readable": (
        accounts(replace(ANNA, secret=CLEAR)),
        (("pass", "own_passwords"), ("fail", "readable"), ("pass", "second_factor")),
    ),
    "type 7": (
        accounts(replace(ANNA, secret=Secret("f" * 16, Storage.REVERSIBLE))),
        (("pass", "own_passwords"), ("fail", "readable"), ("pass", "second_factor")),
    ),
    "weak hash": (
        accounts(replace(ANNA, secret=Secret("f" * 16, Storage.WEAK_HASH))),
        (("pass", "own_passwords"), ("fail", "weak_hash"), ("pass", "second_factor")),
    ),
    "demands little": (
        accounts(ANNA, min_length=8),
        (("pass", "own_passwords"), ("fail", "demands_too_little"), ("pass", "second_factor")),
    ),
    "public over SNMP": (
        accounts(ANNA, snmp=(PUBLIC,), min_length=14),
        (("fail", "snmp_default"), ("pass", "demands"), ("pass", "second_factor")),
    ),
    "writable over SNMP": (
        accounts(ANNA, snmp=(replace(PUBLIC, writable=True),), min_length=14),
        (("fail", "snmp_writable"), ("pass", "demands"), ("pass", "second_factor")),
    ),
    "disabled": (
        accounts(ANNA, Account("admin", enabled=False, empty=True), min_length=14),
        (("pass", "own_passwords"), ("pass", "demands"), ("pass", "second_factor")),
    ),
    "password not told": (
        accounts(Account("admin"), min_length=14),
        (
            ("unknown", "password_not_told"),
            ("unknown", "no_passwords"),
            ("unknown", "mfa_not_told"),
        ),
    ),
    "nobody": (
        accounts(min_length=14),
        (
            ("unknown", "no_accounts"),
            ("unknown", "no_passwords"),
            ("not-applicable", "no_administrators"),
        ),
    ),
    "unread": (
        accounts(ANNA, min_length=14, unread=UNREAD),
        (("unknown", "unread"), ("unknown", "unread"), ("unknown", "unread")),
    ),
}


@pytest.mark.parametrize(("device", "verdicts"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_accounts(device: Device, verdicts: tuple[tuple[str, str], ...]) -> None:
    found = of("device_accounts", device)
    assert tuple(found[m] for m in ("access-control", "password-policy", "mfa")) == verdicts


def wifi(*some: WifiNetwork, **more: Any) -> Device:
    """A device that offers these networks."""
    return Device(wifi=some, **more)


def passphrase(strength: Strength | None) -> tuple[Secret, ...]:
    """A passphrase of that class."""
    return (Secret("b" * 16, Storage.CLEAR, strength),)


WIFI = {
    "secured": (wifi(HOME), ("pass", "secured")),
    "open": (wifi(HOME, WifiNetwork("Open", "1", protection=Protection.OPEN)), ("fail", "open")),
    "open and off": (
        wifi(HOME, WifiNetwork("Open", "1", enabled=False, protection=Protection.OPEN)),
        ("pass", "secured"),
    ),
    "open guests": (
        wifi(HOME, WifiNetwork("Gast", "1", protection=Protection.OPEN, guest=True)),
        ("pass", "secured"),
    ),
    "open guests only": (
        wifi(WifiNetwork("Gast", "1", protection=Protection.OPEN, guest=True)),
        ("fail", "open"),
    ),
    "wep": (wifi(replace(HOME, protection=Protection.WEP)), ("fail", "outdated")),
    "mixed": (wifi(replace(HOME, protection=Protection.WPA_WPA2)), ("fail", "outdated")),
    "tkip": (wifi(replace(HOME, tkip=True)), ("fail", "outdated")),
    "default": (
        wifi(replace(HOME, secrets=passphrase(Strength.COMMON))),
        ("fail", "easy_password"),
    ),
    "short": (
        wifi(replace(HOME, secrets=passphrase(Strength.FROM_8))),
        ("fail", "short_password"),
    ),
    "long enough": (wifi(replace(HOME, secrets=passphrase(Strength.FROM_12))), ("pass", "secured")),
    "length unseen": (wifi(replace(HOME, secrets=passphrase(None))), ("pass", "secured")),
    "one of many": (
        wifi(replace(HOME, secrets=(CLEAR, *passphrase(Strength.UNDER_8)))),
        ("fail", "easy_password"),
    ),
    "unknown": (
        wifi(replace(HOME, protection=Protection.UNKNOWN)),
        ("unknown", "protection_unseen"),
    ),
    "unread": (wifi(HOME, unread=UNREAD), ("unknown", "unread")),
    "none": (wifi(), ("not-applicable", "no_wifi")),
    "not told": (Device(), ("unknown", "not_told")),
}


@pytest.mark.parametrize(("device", "verdict"), WIFI.values(), ids=WIFI)
def test_wifi(device: Device, verdict: tuple[str, str]) -> None:
    assert of("device_wifi", device) == {"wifi-security": verdict}


LOGS = {
    "sent on": (Device(logging=Logging(("10.0.0.9",)), ntp=("pool",)), ("pass", "sent_on")),
    "kept": (Device(logging=Logging((), 120), ntp=("pool",)), ("pass", "kept_here")),
    "kept too short": (Device(logging=Logging((), 30), ntp=("pool",)), ("fail", "only_here")),
    "in memory": (Device(logging=Logging(), ntp=("pool",)), ("fail", "only_here")),
    "no clock": (Device(logging=Logging(("10.0.0.9",)), ntp=()), ("fail", "no_clock")),
    "clock not told": (Device(logging=Logging(("10.0.0.9",))), ("unknown", "clock_not_told")),
    "unread": (
        Device(logging=Logging(("10.0.0.9",)), ntp=("pool",), unread=UNREAD),
        ("unknown", "unread"),
    ),
    "not told": (Device(), ("unknown", "not_told")),
}


@pytest.mark.parametrize(("device", "verdict"), LOGS.values(), ids=LOGS)
def test_logging(device: Device, verdict: tuple[str, str]) -> None:
    assert of("device_logging", device) == {"access-logging": verdict}


LAN, GUEST = Segment("lan"), Segment("guest", 20, guest=True, isolated=True)
SEGMENTS = {
    "apart": (Device(segments=(LAN, GUEST)), ("pass", "apart")),
    "guests inside": (
        Device(segments=(LAN, replace(GUEST, isolated=False))),
        ("fail", "guests_inside"),
    ),
    "isolation unseen": (
        Device(segments=(LAN, replace(GUEST, isolated=None))),
        ("unknown", "isolation_unseen"),
    ),
    "one": (Device(segments=(LAN,)), ("fail", "one_network")),
    "several, open": (
        Device(segments=(LAN, Segment("voip", 30, isolated=False))),
        ("fail", "not_apart"),
    ),
    "several, unseen": (
        Device(segments=(LAN, Segment("voip", 30))),
        ("unknown", "isolation_unseen"),
    ),
    "guest Wi-Fi": (
        Device(segments=(LAN,), wifi=(replace(HOME, guest=True, isolated=True),)),
        ("pass", "apart"),
    ),
    "unread": (Device(segments=(LAN, GUEST), unread=UNREAD), ("unknown", "unread")),
    "not told": (Device(), ("unknown", "not_told")),
}


@pytest.mark.parametrize(("device", "verdict"), SEGMENTS.values(), ids=SEGMENTS)
def test_segmentation(device: Device, verdict: tuple[str, str]) -> None:
    assert of("device_segmentation", device) == {"network-segmentation": verdict}


def job(days: float | None, **more: Any) -> BackupJob:
    """A job that succeeded so many days ago."""
    at = None if days is None else NOW - timedelta(days=days)
    return BackupJob("job", succeeded_at=at, **more)


NAS = {
    "good": (
        Device(volumes=(Volume("1", True),), backups=(job(1, offsite=True),)),
        (("pass", "encrypted"), ("pass", "in_time"), ("pass", "elsewhere")),
    ),
    "plain, late": (
        Device(volumes=(Volume("1", True), Volume("2", False)), backups=(job(9, offsite=True),)),
        (("fail", "plain"), ("fail", "late"), ("fail", "late")),
    ),
    "here only": (
        Device(volumes=(Volume("1", None),), backups=(job(1, offsite=False),)),
        (("unknown", "encryption_unseen"), ("pass", "in_time"), ("fail", "nothing_elsewhere")),
    ),
    "place unseen": (
        Device(volumes=(), backups=(job(1),)),
        (("unknown", "volumes_not_told"), ("pass", "in_time"), ("unknown", "place_unseen")),
    ),
    "never": (
        Device(volumes=(Volume("1", True),), backups=(job(None, offsite=True, failed=True),)),
        (("pass", "encrypted"), ("fail", "late"), ("fail", "late")),
    ),
    "success unseen": (
        Device(volumes=(Volume("1", True),), backups=(job(None, offsite=True),)),
        (("pass", "encrypted"), ("unknown", "success_unseen"), ("unknown", "success_unseen")),
    ),
    "a clock that runs ahead": (
        Device(volumes=(Volume("1", True),), backups=(job(-30, offsite=True),)),
        (("pass", "encrypted"), ("unknown", "success_unseen"), ("unknown", "success_unseen")),
    ),
    "no jobs": (
        Device(volumes=(Volume("1", True),), backups=()),
        (("pass", "encrypted"), ("fail", "no_jobs"), ("fail", "nothing_elsewhere")),
    ),
    "unread": (
        Device(volumes=(Volume("1", True),), backups=(job(1, offsite=True),), unread=UNREAD),
        (("unknown", "unread"), ("unknown", "unread"), ("unknown", "unread")),
    ),
    "not told": (
        Device(),
        (
            ("unknown", "volumes_not_told"),
            ("unknown", "jobs_not_told"),
            ("unknown", "jobs_not_told"),
        ),
    ),
}


@pytest.mark.parametrize(("device", "verdicts"), NAS.values(), ids=NAS)
def test_nas(device: Device, verdicts: tuple[tuple[str, str], ...]) -> None:
    found = of("nas_storage", device)
    assert tuple(found[m] for m in ("disk-encryption", "backup", "offsite-backup")) == verdicts


# -- rotation ------------------------------------------------------------------------------


def days(number: float) -> datetime:
    """So many days before now."""
    return NOW - timedelta(days=number)


def rotation(*uses: Use, **more: Any) -> tuple[str, str]:
    """The verdict on these uses, with a promise of 90 days."""
    told = Told(NOW, answer=accounts(ANNA, wifi=(HOME,), **more.pop("device", {})))
    facts = Rotation(NOW, told, uses, **more)
    return judged("device_passwords", facts, interval_days=90)["password-rotation"]


def test_rotation_before_two_runs_span_the_interval() -> None:
    assert rotation(Use("wifi", days(0), None)) == ("unknown", "not_yet")
    assert rotation(Use("wifi", days(89), None)) == ("unknown", "not_yet")


def test_rotation_once_the_interval_is_spanned() -> None:
    assert rotation(Use("wifi", days(91), None)) == ("fail", "overdue")
    assert rotation(Use("wifi", days(30), days(60))) == ("pass", "changed_in_time")
    # Changed at some moment between 95 and 65 days ago: it may have been in time, or not.
    assert rotation(Use("wifi", days(65), days(95))) == ("unknown", "not_yet")
    assert rotation(Use("wifi", days(91), days(120))) == ("fail", "overdue")


def test_one_that_is_overdue_is_told_before_what_is_not_known() -> None:
    assert rotation(Use("a", days(91), None), Use("b", days(1), None)) == ("fail", "overdue")
    assert rotation(Use("a", days(91), None), hidden=("b",)) == ("fail", "overdue")
    assert rotation(Use("a", days(1), days(2)), hidden=("b",)) == ("unknown", "hidden")
    assert rotation(Use("a", days(1), days(2)), unstable=("b",)) == ("unknown", "unstable")
    unread = {"unread": {Topic.WIFI: ("x",)}}
    assert rotation(Use("a", days(1), days(2)), device=unread) == ("unknown", "unread")


def seen(device: Device, known: Mapping[str, Known], monkeypatch: pytest.MonkeyPatch) -> Rotation:
    """What the check observes of ``device`` when earlier runs knew ``known``."""
    monkeypatch.setattr("assessor.api.read_device", lambda os, text: device)
    target = Target(
        "r", Role.ROUTER, TransportKind.SSH, Platform.DEVICE, "x", device=DeviceOs.ROUTEROS
    )
    captured = {"configuration": Captured("configuration", "text", "", 0, NOW)}
    return CHECK.observe(Captures(target, NOW, captured, known=known))


def test_what_is_seen_goes_with_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    device = wifi(HOME)
    first = seen(device, {}, monkeypatch)
    assert first.uses == (Use("wifi wlan0", NOW, None),)
    assert first.marks == {"wifi wlan0": "b" * 16}
    same = {"wifi wlan0": Known("b" * 16, days(60), days(30), days(90))}
    assert seen(device, same, monkeypatch).uses == (Use("wifi wlan0", days(60), days(90)),)
    other = {"wifi wlan0": Known("0" * 16, days(60), days(30))}
    assert seen(device, other, monkeypatch).uses == (Use("wifi wlan0", NOW, days(30)),)


def test_the_devices_own_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    logged = replace(wifi(HOME), secret_changes={"wifi wlan0": days(10)})
    assert seen(logged, {}, monkeypatch).uses == (Use("wifi wlan0", days(10), days(10)),)
    ahead = replace(wifi(HOME), secret_changes={"wifi wlan0": days(-10)})
    assert seen(ahead, {}, monkeypatch).uses == (Use("wifi wlan0", NOW, None),)
    # What stands in a configuration was there when the configuration was last changed.
    untouched = replace(wifi(HOME), changed_at=days(200))
    assert seen(untouched, {}, monkeypatch).uses == (Use("wifi wlan0", days(200), None),)


def test_what_cannot_be_compared_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = wifi(replace(HOME, secrets=(Secret("", Storage.UNKNOWN),)))
    assert seen(hidden, {}, monkeypatch).hidden == ("wifi wlan0",)
    fickle = wifi(replace(HOME, secrets=(Secret("b" * 16, Storage.ENCRYPTED, stable=False),)))
    found = seen(fickle, {}, monkeypatch)
    assert found.unstable == ("wifi wlan0",)
    assert found.marks == {}


# -- firmware ------------------------------------------------------------------------------


def test_firmware_without_a_table_or_a_version() -> None:
    from checks.device_firmware.check import Facts as Running

    def verdict(firmware: Firmware | None, branch: Any = None) -> tuple[str, str]:
        told = Told(NOW, answer=Device(firmware=firmware))
        return judged("device_firmware", Running(NOW, told, branch))["patching"]

    from assessor.api import Branch

    table = Branch("7.", None, "7.18", "7.20", NOW.date())
    assert verdict(None) == ("unknown", "not_told")
    assert verdict(Firmware(version="7.19")) == ("unknown", "not_in_table")
    assert verdict(Firmware(version="7.19", newer=True), table) == ("fail", "newer_offered")
    assert verdict(Firmware(version="7.19", newer=False), table) == ("pass", "newest")
    assert verdict(Firmware(version="7.19"), table) == ("pass", "maintained")
    assert verdict(Firmware(version="7.17"), table) == ("fail", "known_hole")
    ended = replace(table, until=days(1).date())
    assert verdict(Firmware(version="7.19"), ended) == ("fail", "ended")
    old = replace(table, read_on=days(181).date())
    assert verdict(Firmware(version="7.19"), old) == ("unknown", "table_old")
