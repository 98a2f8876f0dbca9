"""Wireless networks that a Windows remembers: methods, names, and whose they are."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from assessor import bundled
from assessor.api import Captured, Captures, Judgement, NotCaptured, Outcome, Parameters, Reason
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import read_samples
from checks.wireless_networks.check import CHECK

INFO = read_check(bundled.folder("checks") / "wireless_networks", "bundled")
GOOD = next(sample for sample in read_samples(INFO) if sample.name == "windows11_good").captures
OFFICE = {
    "interface": "{2E1E83F0-3CA0-4C19-B8B1-CB461E71F500}",
    "name": "Kantoor",
    "ssids": [{"name": "Kantoor", "hex": "4B616E746F6F72"}],
    "hidden": "false",
    "type": "ESS",
    "mode": "auto",
    "authentication": "WPA2PSK",
    "encryption": "AES",
    "onex": "false",
    "transition": None,
    "eap": None,
    "validation": [],
}
OPEN = {"authentication": "open", "encryption": "none"}
CAFE = {**OFFICE, **OPEN, "name": "Café", "ssids": [{"name": "Café", "hex": None}]}


def judge(
    *networks: dict[str, Any], own: tuple[str, ...] = (), captures: Captures = GOOD
) -> Judgement:
    answer = json.dumps({"there": True, "networks": networks, "end": True})
    profiles = captures.by_probe["profiles"]
    assert isinstance(profiles, Captured)
    by_probe = {**captures.by_probe, "profiles": dataclasses.replace(profiles, stdout=answer)}
    observed = CHECK.observe(dataclasses.replace(captures, by_probe=by_probe))
    (judgement,) = CHECK.evaluate(observed, Parameters({"own_networks": own}))
    return judgement


def without(probe: str) -> Captures:
    missing = NotCaptured(probe, Reason.NO_PRIVILEGE, "", GOOD.at)
    return dataclasses.replace(GOOD, by_probe={**GOOD.by_probe, probe: missing})


@pytest.mark.parametrize(
    ("authentication", "encryption", "own", "joined"),
    [
        ("open", "none", "own_weak", "joins_weak"),
        ("open", "WEP", "own_weak", "joins_weak"),
        ("shared", "WEP", "own_weak", "joins_weak"),
        ("WPA", "AES", "own_weak", "joins_weak"),
        ("WPAPSK", "TKIP", "own_weak", "joins_weak"),
        ("WPA2PSK", "TKIP", "own_weak", "joins_weak"),
        ("WPA2", "TKIP", "own_weak", "joins_weak"),
        ("OWE", "AES", "own_weak", "none_secured"),
        ("WPA2PSK", "AES", "own_secured", "joins_secured"),
        ("wpa2psk", "aes", "own_secured", "joins_secured"),
        ("WPA2", "AES", "own_secured", "joins_secured"),
        ("WPA3SAE", "AES", "own_secured", "joins_secured"),
        ("WPA3ENT192", "GCMP256", "own_secured", "joins_secured"),
        ("WPA3ENT", "AES", "own_secured", "joins_secured"),
        ("WPA3SAE", "TKIP", "strange_security", "strange_security"),
        ("open", "AES", "strange_security", "strange_security"),
        ("shared", "none", "strange_security", "strange_security"),
        (None, None, "strange_security", "strange_security"),
    ],
)
def test_methods(authentication: str | None, encryption: str | None, own: str, joined: str) -> None:
    network = {**OFFICE, "authentication": authentication, "encryption": encryption}
    assert judge(network, own=("Kantoor",)).message.id == own
    assert judge(network).message.id == joined


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mode": None}, "joins_weak"),
        ({"mode": "manual"}, "none_secured"),
        ({"mode": "soms"}, "unparsed"),
        ({"type": "IBSS"}, "joins_weak"),
        ({"type": "mesh"}, "unparsed"),
        ({"hidden": "misschien"}, "unparsed"),
        ({"onex": "1"}, "joins_weak"),
        ({"eap": "PEAP"}, "unparsed"),
        ({"ssids": []}, "unparsed"),
        ({"ssids": [{"name": None, "hex": None}]}, "unparsed"),
        ({"ssids": [{"name": "x", "hex": "zz"}]}, "unparsed"),
        ({"name": None}, "unparsed"),
        ({"name": "WFD_GROUP_OWNER_PROFILE"}, "nothing_stored"),
        ({"ssids": [{"name": "DIRECT-tv", "hex": None}]}, "nothing_stored"),
    ],
)
def test_other_fields_of_an_open_network(changes: dict[str, object], message: str) -> None:
    assert judge({**CAFE, **changes}).message.id == message


def test_only_own_networks_count_where_they_are_named() -> None:
    assert judge(OFFICE, CAFE).outcome is Outcome.FAIL
    named = judge(OFFICE, CAFE, own=("Kantoor",))
    assert named.outcome is Outcome.PASS
    assert [(each.id, each.facts) for each in named.advice] == [
        ("others_joined", {"networks": ("Café (open)",)})
    ]
    # A name of a network is told apart by capitals.
    assert judge(OFFICE, own=("kantoor",)).outcome is Outcome.NOT_APPLICABLE
    assert judge(OFFICE, CAFE, own=("Kantoor", "Café")).outcome is Outcome.FAIL


def test_an_open_network_chosen_by_hand_is_no_failure() -> None:
    judgement = judge(OFFICE, {**CAFE, "mode": "manual"})
    assert judgement.outcome is Outcome.PASS
    assert "others_remembered" in {each.id for each in judgement.advice}


def test_the_hexadecimal_name_counts() -> None:
    network = {**OFFICE, "ssids": [{"name": "Caf?", "hex": "436166C3A9"}]}
    assert judge(network, own=("Café",)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("onex", "validation", "advised"),
    [
        ("true", ["false"], True),
        ("true", ["true", "false"], True),
        ("true", ["true"], False),
        ("true", [], False),
        ("false", ["false"], False),
    ],
)
def test_advice_where_the_server_is_not_checked(
    onex: str, validation: list[str], advised: bool
) -> None:
    network = {**OFFICE, "authentication": "WPA2", "onex": onex, "validation": validation}
    judgement = judge(network, own=("Kantoor",))
    assert judgement.outcome is Outcome.PASS
    assert ("server_unchecked" in {each.id for each in judgement.advice}) is advised


@pytest.mark.parametrize(
    ("state", "name", "in_use"),
    [(1, "Kantoor", "Kantoor"), (1, "Netwerk 2", None), (2, "Kantoor", "")],
)
def test_the_network_in_use(state: int, name: str, in_use: str | None) -> None:
    answers = {
        "adapters": {"InterfaceIndex": 12, "NdisPhysicalMedium": 9, "MediaConnectState": state},
        "in_use": {"InterfaceIndex": 12, "Name": name},
    }
    by_probe = dict(GOOD.by_probe)
    for probe, row in answers.items():
        capture = by_probe[probe]
        assert isinstance(capture, Captured)
        text = json.dumps({"class": "X", "there": True, "rows": [row], "end": True})
        by_probe[probe] = dataclasses.replace(capture, stdout=text)
    judgement = judge(OFFICE, captures=dataclasses.replace(GOOD, by_probe=by_probe))
    assert judgement.observed["in_use"] == in_use


def test_what_the_judgement_rests_on() -> None:
    assert judge(OFFICE, captures=without("policy")).message.id == "not_observed"
    for probe in ("adapters", "in_use"):
        judgement = judge(OFFICE, captures=without(probe))
        assert judgement.outcome is Outcome.PASS
        assert judgement.observed["in_use"] is None


def test_the_script_reads_no_key() -> None:
    text = Path(INFO.folder, "windows_wifi.ps1").read_text(encoding="ascii").lower()
    for secret in ("keymaterial", "sharedkey", "outerxml", "innerxml", "get-content", "readall"):
        assert secret not in text
