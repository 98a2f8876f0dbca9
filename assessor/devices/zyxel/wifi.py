"""Wireless networks: an SSID profile names a security profile (CLI Reference Guide, "WLAN")."""

from __future__ import annotations

import re

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Protection, Secret, Storage, Topic, WifiNetwork
from assessor.devices.secrets import secret

_GUEST = re.compile(r"guest|gast|visitor|bezoek", re.IGNORECASE)
_MODES = {
    "none": Protection.OPEN,
    "open": Protection.OPEN,
    "enhanced-open": Protection.OWE,
    "wep": Protection.WEP,
    "wpa": Protection.WPA,
    "wpa2": Protection.WPA2,
    "wpa2-mix": Protection.WPA_WPA2,
    "wpa3": Protection.WPA3,
}
_SECURITY = known(
    "mode wpa-psk wpa-encrypted-psk encrypted-wpa-psk wpa-encrypt eap dot1x-eap idle group-key"
    " reauth transition-mode dot11r dot11w dot11w-op wpa2-preauth wep mac-auth server-auth"
    " server-acct internal-eap-proxy description delimiter radius-attr wpa3-psk"
)
_SSID = known(
    "ssid security hide vlan-id block-intra qos macfilter l2isolation localbridge dot11k-v"
    " band-select"
    " downlink-rate-limit uplink-rate-limit proxy-arp layer2-isolation description vlan-support"
    " forward-mode multicast-enhancement u-apsd schedule ssid-schedule dot11k"
    " reject-legacy-station outgoing-interface dcs bandselect"
)


def read_wifi(tree: Tree, notes: Notes) -> tuple[WifiNetwork, ...] | None:
    """The networks; ``None`` where the configuration has no such profile."""
    profiles = {node.word(1): node for node in tree.take("wlan-security-profile")}
    for node in profiles.values():
        _check(node, _SECURITY, notes)
    used = _used(tree)
    found = []
    for node in tree.take("wlan-ssid-profile"):
        _check(node, _SSID, notes)
        name = node.word(1)
        values = {each.word(0): each for each in node.children if not each.no}
        ssid = values["ssid"].word(1) if "ssid" in values else ""
        security = values["security"].word(1) if "security" in values else ""
        if security not in profiles:
            notes.add(f"wlan-ssid-profile {name}: security {security}", Topic.WIFI)
        found.append(
            _network(name, ssid, profiles.get(security), enabled=used is None or name in used)
        )
    return tuple(found) or None


def _check(node: Node, words: frozenset[str], notes: Notes) -> None:
    for each in node.children:
        if each.word(0) not in words:
            notes.add(f"{' '.join(node.words)}: {each.text}", Topic.WIFI)


def _used(tree: Tree) -> set[str] | None:
    """The profiles that a radio is given; ``None`` where no radio is given any."""
    found: set[str] = set()
    for head in ("wlan", "ap-group-profile", "capwap"):
        for node in tree.take(head):
            for each in node.children:
                words = each.words
                if "ssid" in words or "ssid-profile" in words:
                    found.add(words[-1])
    return found or None


def _network(name: str, ssid: str, profile: Node | None, *, enabled: bool) -> WifiNetwork:
    guest = bool(_GUEST.search(f"{name} {ssid}"))
    if profile is None:
        return WifiNetwork(ssid, name, enabled, guest=guest)
    values = {each.word(0): each for each in profile.children if not each.no}
    protection = (
        _MODES.get(values["mode"].word(1), Protection.UNKNOWN)
        if "mode" in values
        else (Protection.UNKNOWN)
    )
    if protection is Protection.WPA3 and "transition-mode" in values:
        protection = Protection.WPA2_WPA3
    enterprise = "dot1x-eap" in values
    cipher = values["wpa-encrypt"].word(1) if "wpa-encrypt" in values else ""
    return WifiNetwork(
        ssid,
        name,
        enabled,
        protection,
        enterprise=enterprise,
        # "auto" takes the best that both sides know; with WPA2 alone that is no longer TKIP.
        tkip=False if cipher == "aes" else None,
        guest=guest,
        secrets=() if enterprise or protection in _WITHOUT else tuple(_passphrase(values)),
    )


_WITHOUT = {Protection.OPEN, Protection.OWE}


def _passphrase(values: dict[str, Node]) -> list[Secret]:
    found = []
    for word in ("wpa-psk", "wpa-encrypted-psk", "encrypted-wpa-psk", "wpa3-psk"):
        if word in values:
            value = values[word].word(1)
            hidden = "encrypted" in word or value.startswith("$4$")
            found.append(secret(value, Storage.REVERSIBLE if hidden else Storage.CLEAR))
    return found[:1]
