"""The wireless networks, by the words of ``option encryption``.

They are ``SCHEME[+CIPHER[+CIPHER]]``. Source: netifd, ``netifd-wireless.sh``
(``wireless_vif_parse_encryption``), and wifi-scripts, ``wifi/iface.uc`` (``parse_encryption``).
What those do not know leaves a network open; here it is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.device import Protection, Secret, Storage, Topic, WifiNetwork
from assessor.devices.openwrt.interfaces import for_guests
from assessor.devices.openwrt.said import Said
from assessor.devices.openwrt.uci import Section
from assessor.devices.secrets import secret

_TOPICS = (Topic.WIFI,)
_OFFERED = frozenset({"ap", "mesh", "adhoc"})
_NOT_OFFERED = frozenset({"sta", "monitor", "wds", "none"})
_SCHEMES = {
    "none": Protection.OPEN,
    "owe": Protection.OWE,
    "wep": Protection.WEP,
    "wep-open": Protection.WEP,
    "wep-shared": Protection.WEP,
    "wep-mixed": Protection.WEP,
    "psk": Protection.WPA,
    "psk-mixed": Protection.WPA_WPA2,
    "psk2": Protection.WPA2,
    "psk3": Protection.WPA3,
    "psk3-mixed": Protection.WPA2_WPA3,
    "sae": Protection.WPA3,
    "sae-ext": Protection.WPA3,
    "sae-mixed": Protection.WPA2_WPA3,
    "sae-compat": Protection.WPA2_WPA3,
    "wpa": Protection.WPA,
    "wpa-mixed": Protection.WPA_WPA2,
    "wpa2": Protection.WPA2,
    "wpa3": Protection.WPA3,
    "wpa3-192": Protection.WPA3,
    "wpa3-mixed": Protection.WPA2_WPA3,
}
_CIPHERS = frozenset({"tkip", "ccmp", "aes", "ccmp256", "gcmp", "gcmp256"})
_ENTERPRISE = re.compile(r"wpa(?:2|3|3-192|-mixed|3-mixed)?")
_WPS = ("wps_pushbutton", "wps_label", "ext_registrar")
_NO_SECRET = frozenset({Protection.OPEN, Protection.OWE})


def read_wifi(said: Said) -> tuple[WifiNetwork, ...] | None:
    """The networks that are offered; ``None`` where that is not told."""
    if said.has("wireless") is not True:
        return () if said.has("wireless") is False else None
    off = {
        section.name
        for section in said.of("wireless", "wifi-device")
        if said.flag(section, "disabled", _TOPICS)
    }
    stations: dict[str, list[str]] = {}
    for section in said.of("wireless", "wifi-station"):
        for iface in section.words("iface") or ("",):
            stations.setdefault(iface, []).extend(section.options.get("key", ()))
    found = []
    for section in said.of("wireless", "wifi-iface"):
        mode = section.get("mode", "ap").lower()
        if mode in _NOT_OFFERED:
            continue
        if mode not in _OFFERED:
            said.note(_TOPICS, f"wireless.{section.key}.mode: {mode}")
        found.append(_network(said, section, off, stations))
    return tuple(found)


def _network(
    said: Said, section: Section, off: set[str], stations: Mapping[str, list[str]]
) -> WifiNetwork:
    scheme, ciphers = _encryption(said, section)
    protection = _SCHEMES.get(scheme, Protection.UNKNOWN)
    enterprise = _ENTERPRISE.fullmatch(scheme) is not None
    radios = section.words("device")
    if not radios:
        said.note(_TOPICS, f"wireless.{section.key}.device: is missing")
    enabled = not said.flag(section, "disabled", _TOPICS) and not (radios and set(radios) <= off)
    name = section.get("ssid") or section.get("mesh_id")
    if not name:
        said.note(_TOPICS, f"wireless.{section.key}.ssid: is missing")
    guest = any(for_guests(each) for each in (name, section.name, *section.words("network")))
    return WifiNetwork(
        ssid=name,
        label=section.key,
        enabled=enabled,
        protection=protection,
        enterprise=enterprise,
        tkip=None if protection is Protection.UNKNOWN else "tkip" in ciphers,
        wps=any(said.flag(section, each, _TOPICS) for each in _WPS) or "wps_pin" in section.options,
        guest=guest,
        secrets=() if enterprise or protection in _NO_SECRET else _secrets(section, stations),
    )


def _encryption(said: Said, section: Section) -> tuple[str, list[str]]:
    value = section.get("encryption", "none").lower()
    scheme, *ciphers = value.split("+")
    if scheme not in _SCHEMES or not set(ciphers) <= _CIPHERS:
        said.note(_TOPICS, f"wireless.{section.key}.encryption: {value}")
        return "", ciphers
    return scheme, ciphers


def _secrets(section: Section, stations: Mapping[str, list[str]]) -> tuple[Secret, ...]:
    """The passphrase, and those of single devices."""
    wep = [section.get(f"key{number}") for number in range(1, 5)]
    if any(wep):
        # The one in use is picked by number in "key", which the redaction took for a key as well.
        return tuple(secret(each, Storage.CLEAR) for each in wep if each)
    values = [*section.options.get("key", ()), *section.options.get("sae_password", ())]
    for iface in dict.fromkeys(("", section.name)):
        values += stations.get(iface, ())
    if "wpa_psk_file" in section.options or "sae_password_file" in section.options:
        values.append("")  # there are more, which the configuration does not show
    # The same one may stand there twice, as key and as sae_password.
    return tuple(secret(each, Storage.CLEAR) for each in dict.fromkeys(values)) or (Secret(),)
