"""Windows: the profiles of wireless networks, and which of them is in use.

A profile is what this machine demands of a network: with WPA2PSK it does not join an open one of
the same name. The names of methods are those of Microsoft's WLAN_profile schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import (
    Captures,
    Fields,
    Told,
    UnparsedError,
    read_cim,
    read_object,
    read_registry,
    told,
)

from .networks import Network, Security

_TKIP, _AES, _GCMP = "tkip", "aes", "gcmp256"
_METHODS: Mapping[tuple[str, str], Security] = {
    ("open", "none"): Security.NONE,
    ("open", "wep"): Security.WEP,
    ("shared", "wep"): Security.WEP,
    # WPA of 2003, of which the cipher is no longer of interest.
    ("wpa", _TKIP): Security.WPA,
    ("wpa", _AES): Security.WPA,
    ("wpapsk", _TKIP): Security.WPA,
    ("wpapsk", _AES): Security.WPA,
    ("wpa2", _TKIP): Security.WPA,
    ("wpa2psk", _TKIP): Security.WPA,
    ("wpa2", _AES): Security.WPA2,
    ("wpa2psk", _AES): Security.WPA2,
    ("owe", _AES): Security.OWE,
    ("wpa3", _GCMP): Security.WPA3,
    ("wpa3ent192", _GCMP): Security.WPA3,
    ("wpa3ent", _AES): Security.WPA3,
    ("wpa3ent", _GCMP): Security.WPA3,
    ("wpa3sae", _AES): Security.WPA3,
    ("wpa3sae", _GCMP): Security.WPA3,
}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_MODES = {"auto": True, "manual": False}
_TYPES = frozenset({"ess", "ibss"})
# Wi-Fi Direct, which Windows sets up itself to screens and printers.
_OWN_PROFILES = ("WFD_GROUP_OWNER_PROFILE",)
_DIRECT = "DIRECT-"

_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\Wireless\GPTWirelessPolicy"
NATIVE_802_11, CONNECTED = 9, 1
"""MSFT_NetAdapter: NdisPhysicalMedium of Wi-Fi (NDIS_PHYSICAL_MEDIUM), and MediaConnectState."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A network adapter for Wi-Fi."""

    index: int
    connected: bool


@dataclass(frozen=True, slots=True)
class Windows:
    """What was seen on a Windows.

    Attributes:
        networks: those that it remembers.
        by_policy: a group policy sets networks, which stand elsewhere and were not seen.
        adapters: its adapters for Wi-Fi.
        names: of the networks in use, by the index of the adapter, as Windows calls them.
    """

    networks: Told[tuple[Network, ...]]
    by_policy: Told[bool]
    adapters: Told[tuple[Adapter, ...]]
    names: Told[Mapping[int, str]]


def observe_windows(captures: Captures) -> Windows:
    """Reads the probes of a Windows."""
    return Windows(
        networks=told(captures, "profiles", _networks),
        by_policy=told(captures, "policy", lambda text: bool(read_registry(text).keys(_POLICY))),
        adapters=told(captures, "adapters", _adapters),
        names=told(captures, "in_use", _names),
    )


def in_use(seen: Windows, networks: tuple[Network, ...]) -> str | None:
    """The network that it is connected to; empty for none, ``None`` where that was not seen.

    Windows calls a connection after its SSID, unless somebody renamed it or there are two of a
    name; so only a name that it remembers as an SSID is believed.
    """
    if seen.adapters.answer is None or seen.names.answer is None:
        return None
    connected = [adapter for adapter in seen.adapters.answer if adapter.connected]
    if not connected:
        return ""
    known = {network.name for network in networks}
    for adapter in connected:
        if seen.names.answer.get(adapter.index) in known:
            return seen.names.answer[adapter.index]
    return None


def _networks(text: str) -> tuple[Network, ...]:
    answer = read_object(text)
    there, parts = answer.boolean("there"), answer.parts("networks")
    if parts and not there:
        raise UnparsedError("there")
    return tuple(network for part in parts for network in _of_profile(part))


def _of_profile(part: Fields) -> list[Network]:
    """The networks of one profile, which may hold several names."""
    name = part.text("name")
    names = [_ssid(ssid) for ssid in part.parts("ssids")]
    if not names:
        raise UnparsedError(f"{name}: ssids")
    method = (part.optional_text("authentication") or "-", part.optional_text("encryption") or "-")
    security = _METHODS.get((method[0].lower(), method[1].lower()), Security.STRANGE)
    if part.text("type").lower() not in _TYPES:
        raise UnparsedError(f"{name}: type")
    eap = part.optional_text("eap")
    # 802.1X over a network without encryption is still such a network.
    enterprise = _flag(part, "onex")
    _flag(part, "transition")
    if eap is not None and not (eap.isascii() and eap.isdecimal()):
        raise UnparsedError(f"{name}: eap")
    if name in _OWN_PROFILES:
        return []
    return [
        Network(
            name=ssid,
            security=security,
            detail=" ".join(method) if security is Security.STRANGE else "",
            automatic=_mode(part),
            hidden=_flag(part, "hidden"),
            enterprise=enterprise,
            server_checked=_checked(part) if enterprise else None,
        )
        for ssid in names
        if not ssid.startswith(_DIRECT)
    ]


def _ssid(part: Fields) -> str:
    """The name that is announced; where there is a hexadecimal form, that counts (the schema)."""
    digits, name = part.optional_text("hex"), part.optional_text("name")
    if digits is None:
        if not name:
            raise UnparsedError("SSID")
        return name
    try:
        return bytes.fromhex(digits).decode("utf-8", errors="replace")
    except ValueError as error:
        raise UnparsedError("SSID") from error


def _flag(part: Fields, name: str) -> bool:
    """A flag of the schema, which is false where it is left out."""
    text = part.optional_text(name)
    if text is None:
        return False
    if text.strip().lower() not in _BOOLEANS:
        raise UnparsedError(name)
    return _BOOLEANS[text.strip().lower()]


def _mode(part: Fields) -> bool:
    """Left out, connectionMode is "auto" (the schema)."""
    text = part.optional_text("mode")
    if text is not None and text.lower() not in _MODES:
        raise UnparsedError("mode")
    return text is None or _MODES[text.lower()]


def _checked(part: Fields) -> bool | None:
    """Whether every method within the profile checks the server; often that is not to be seen."""
    found = [text.strip().lower() for text in part.texts("validation")]
    if any(text not in _BOOLEANS for text in found):
        raise UnparsedError("validation")
    return all(_BOOLEANS[text] for text in found) if found else None


def _adapters(text: str) -> tuple[Adapter, ...]:
    return tuple(
        Adapter(row.integer("InterfaceIndex"), row.integer("MediaConnectState") == CONNECTED)
        for row in read_cim(text).rows
        if row.integer("NdisPhysicalMedium") == NATIVE_802_11
    )


def _names(text: str) -> Mapping[int, str]:
    return {row.integer("InterfaceIndex"): row.text("Name") for row in read_cim(text).rows}
