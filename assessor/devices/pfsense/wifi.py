"""The wireless networks that the device itself offers (rarely; mostly an access point does)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assessor.devices.device import Protection, Secret, Storage, Topic, WifiNetwork
from assessor.devices.pfsense.grammar import Element, Unread, check, child, children, flag, text
from assessor.devices.pfsense.interfaces import Interface
from assessor.devices.pfsense.names import WIRELESS, WPA
from assessor.devices.pfsense.segments import GUEST
from assessor.devices.secrets import secret

_MODES = {"1": Protection.WPA, "2": Protection.WPA2, "3": Protection.WPA_WPA2}
_PAIRWISE = frozenset({"CCMP", "TKIP", "CCMP TKIP", "TKIP CCMP"})
_KEYS = frozenset({"WPA-PSK", "WPA-EAP", "WPA-PSK WPA-EAP"})


def read_wifi(
    root: Element,
    interfaces: Mapping[str, Interface],
    isolated: Mapping[str, bool | None],
    unread: Unread,
) -> tuple[WifiNetwork, ...]:
    """The networks of interfaces that are access points."""
    found: list[WifiNetwork] = []
    clones = {text(each, "cloneif"): each for each in children(root, "wireless", "clone")}
    for key, interface in interfaces.items():
        settings = child(root, "interfaces", key, "wireless")
        clone = clones.get(interface.device)
        # Since OPNsense 26.7.4 all stands with the device; before, with the interface.
        if settings is None and clone is not None and child(clone, "ssid") is not None:
            settings = clone
        if settings is not None:
            found += _network(key, interface, settings, isolated.get(key), unread)
    return tuple(found)


def _network(
    key: str, interface: Interface, settings: Element, isolated: bool | None, unread: Unread
) -> Iterator[WifiNetwork]:
    check(settings, (WIRELESS,), unread, Topic.WIFI)
    mode = text(settings, "mode")
    if mode in {"bss", "adhoc"}:
        return
    if mode != "hostap":
        unread.add(f"<{key}> <wireless> <mode> {mode}", Topic.WIFI)
    wpa = child(settings, "wpa")
    check(wpa, (WPA,), unread, Topic.WIFI)
    ssid = text(settings, "ssid")
    secrets: tuple[Secret, ...] = ()
    protection, enterprise, tkip = Protection.OPEN, False, None
    if flag(settings, "wep", "enable"):
        protection = Protection.WEP
    elif flag(wpa, "enable"):
        said, ciphers = text(wpa, "wpa_key_mgmt"), text(wpa, "wpa_pairwise")
        protection = _MODES.get(text(wpa, "wpa_mode"), Protection.UNKNOWN)
        if protection is Protection.UNKNOWN or said not in _KEYS or ciphers not in _PAIRWISE:
            unread.add(f"<{key}> <wpa> {text(wpa, 'wpa_mode')} {said} {ciphers}", Topic.WIFI)
        enterprise, tkip = said == "WPA-EAP", "TKIP" in ciphers
        passphrase = text(wpa, "passphrase")
        secrets = (secret(passphrase, Storage.CLEAR),) if passphrase else ()
    yield WifiNetwork(
        ssid=ssid,
        label=key,
        enabled=interface.enabled,
        protection=protection,
        enterprise=enterprise,
        tkip=tkip,
        wps=False,
        guest=bool(GUEST.search(f"{ssid} {interface.name}")),
        isolated=isolated,
        secrets=secrets,
    )
