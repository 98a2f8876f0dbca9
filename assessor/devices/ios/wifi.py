"""Wireless networks: of access points with IOS (``dot11``), and of Catalyst 9800 (``wlan``).

Cisco, "Cisco IOS Command Reference for Access Points: dot11 ssid, encryption mode ciphers,
wpa-psk", and "Catalyst 9800 Command Reference: wlan, security wpa". A new ``wlan`` is off and asks
for WPA2 with names (802.1X) until something else is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assessor.devices.device import Protection, Secret, Topic, WifiNetwork
from assessor.devices.ios.accounts import kept
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.interfaces import Interface
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY

_OF_RADIO_SSID = VOCABULARY.beginnings("radio ssid")
_OF_WLAN = VOCABULARY.beginnings("wlan")
_GUESTS = re.compile(
    r"guest|(?<![a-z])gast(?:en)?(?:[^a-z]|$|net|wifi|wlan|lan)|visitor|bezoek", re.IGNORECASE
)


def for_guests(*names: str) -> bool:
    """Whether a network is called one for guests."""
    return any(_GUESTS.search(name) for name in names)


def read_wifi(tree: Tree, interfaces: Sequence[Interface], notes: Notes) -> tuple[WifiNetwork, ...]:
    """Every wireless network."""
    return (*_of_radios(tree, interfaces, notes), *_of_controller(tree, notes))


def _of_radios(tree: Tree, interfaces: Sequence[Interface], notes: Notes) -> list[WifiNetwork]:
    """The networks of ``dot11 ssid``, with the ciphers of the radios that send them out."""
    radios = [one for one in interfaces if one.kind == "dot"]
    radios = [one for one in radios if one.name.lower().startswith("dot11radio")]
    found: list[WifiNetwork] = []
    for node in tree.take("dot11"):
        if node.word(1) == "ssid" and len(node.words) > 2 and not node.no:
            found.append(_of_radio_ssid(node, radios, notes))
        elif node.word(1) in ("ssid", "wpa"):
            notes.add(node.text, Topic.WIFI)
    return found


def _of_radio_ssid(node: Node, radios: Sequence[Interface], notes: Notes) -> WifiNetwork:
    name = " ".join(node.after(2))
    keyed = enterprise = False
    versions: set[str] = set()
    vlan = ""
    secrets: list[Secret] = []
    for child in node.children:
        first, second = child.word(0), child.word(1)
        if first == "authentication" and second == "key-management" and not child.no:
            keyed = "wpa" in child.words
            versions |= (
                set(child.words[child.words.index("version") + 1 :])
                if ("version" in child.words)
                else {"1", "2"}
            )
        elif first == "authentication" and second in ("open", "shared", "network-eap"):
            enterprise = enterprise or "eap" in child.words or second == "network-eap"
        elif first == "wpa-psk" and second in ("ascii", "hex"):
            secrets.append(kept(child.after(2)))
        elif first == "vlan" and len(child.words) == 2:
            vlan = second
        elif not _OF_RADIO_SSID.holds(child):
            notes.add(f"dot11 ssid {name}: {child.text}", Topic.WIFI)
    on, ciphers = _ciphers(name, vlan, radios)
    return WifiNetwork(
        name,
        f"ssid {name}",
        on,
        _protection(keyed, versions, ciphers),
        enterprise and not secrets,
        "tkip" in ciphers if keyed else None,
        False,
        for_guests(name),
        None,
        tuple(secrets),
    )


def _protection(keyed: bool, versions: set[str], ciphers: set[str]) -> Protection:
    if not keyed:
        return Protection.WEP if "wep" in ciphers else Protection.OPEN
    if versions == {"1"}:
        return Protection.WPA
    if versions == {"2"} or (versions == {"1", "2"} and ciphers == {"aes-ccm"}):
        return Protection.WPA2
    return Protection.WPA_WPA2 if versions == {"1", "2"} else Protection.UNKNOWN


def _ciphers(name: str, vlan: str, radios: Sequence[Interface]) -> tuple[bool, set[str]]:
    """Whether a radio sends the network out, and with which ciphers."""
    on = False
    found: set[str] = set()
    for radio in radios:
        if not any(
            child.word(0) == "ssid" and " ".join(child.after(1)) == name
            for child in radio.node.children
        ):
            continue
        on = on or radio.up
        for child in radio.node.children:
            if child.word(0) in ("ssid", "mbssid"):
                child.read = True
            if child.word(0) != "encryption" or child.no:
                continue
            words = [word.lower() for word in child.after(1)]
            if words[:1] == ["vlan"]:
                if words[1:2] != [vlan]:
                    continue
                words = words[2:]
            child.read = True
            if words[:2] == ["mode", "ciphers"]:
                found |= set(words[2:])
            elif words[:2] == ["mode", "wep"] or words[:1] == ["key"]:
                found.add("wep")
            else:
                child.read = False
    return on, found


def _of_controller(tree: Tree, notes: Notes) -> list[WifiNetwork]:
    found: list[WifiNetwork] = []
    for node in tree.take("wlan"):
        if node.no or len(node.words) < 3:
            continue
        if not node.words[2].isdecimal():
            notes.add(node.text, Topic.WIFI)
            continue
        found.append(_wlan(node, notes))
    # What binds them to access points and to wired networks.
    tree.take("wireless")
    tree.take("ap")
    return found


def _wlan(node: Node, notes: Notes) -> WifiNetwork:
    name = node.words[1]
    ssid = " ".join(node.after(3)) or name
    on = False
    # What a new one has.
    wpa, kinds, ways = True, {"wpa2"}, {"dot1x"}
    ciphers = {"aes"}
    secrets: list[Secret] = []
    for child in node.children:
        words = [word.lower() for word in child.words]
        value = not child.no
        if words == ["shutdown"]:
            on = child.no
        elif words[:1] != ["security"]:
            if not _OF_WLAN.holds(child):
                notes.add(f"wlan {name}: {child.text}", Topic.WIFI)
        elif words == ["security", "wpa"]:
            wpa = value
        elif words[1:4] == ["wpa", "psk", "set-key"] and len(words) > 5:
            secrets.append(kept(child.after(5)))
        elif words[1:3] == ["wpa", "akm"] and len(words) > 3:
            _set(ways, " ".join(words[3:]), value)
        elif len(words) == 3 and words[2] in ("wpa1", "wpa2", "wpa3"):
            _set(kinds, words[2], value)
        elif "ciphers" in words[:-1]:
            _set(ciphers, words[-1], value)
        elif not _OF_WLAN.holds(child):
            notes.add(f"wlan {name}: {child.text}", Topic.WIFI)
    return WifiNetwork(
        ssid,
        f"wlan {node.words[2]}",
        on,
        _wlan_protection(wpa, kinds, ways),
        any(way.startswith(("dot1x", "ft dot1x", "suiteb", "cckm")) for way in ways) and wpa,
        "tkip" in ciphers,
        False,
        for_guests(name, ssid),
        None,
        tuple(secrets),
    )


def _set(chosen: set[str], word: str, value: bool) -> None:
    if value:
        chosen.add(word)
    else:
        chosen.discard(word)


def _wlan_protection(wpa: bool, kinds: set[str], ways: set[str]) -> Protection:
    if not wpa or not kinds:
        return Protection.OPEN
    if "owe" in ways:
        return Protection.OWE
    if not ways:
        return Protection.UNKNOWN
    if kinds == {"wpa3"}:
        return Protection.WPA3
    if kinds == {"wpa2", "wpa3"}:
        return Protection.WPA2_WPA3
    if kinds == {"wpa2"}:
        return Protection.WPA2
    if "wpa1" in kinds:
        return Protection.WPA_WPA2 if len(kinds) > 1 else Protection.WPA
    return Protection.UNKNOWN
