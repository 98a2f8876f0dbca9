"""The wireless networks that the device gives to its access points (CLI reference, "vap")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assessor.devices.device import Protection, Secret, Storage, WifiNetwork
from assessor.devices.fortios.accounts import reversible, stored
from assessor.devices.fortios.configuration import Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.segments import Apartness, for_guests

_TABLE = "wireless-controller vap"
_PROTECTION: Mapping[str, Protection] = {
    "open": Protection.OPEN,
    "captive-portal": Protection.OPEN,
    "osen": Protection.OPEN,
    "wep64": Protection.WEP,
    "wep128": Protection.WEP,
    "wpa-only-personal": Protection.WPA,
    "wpa-only-enterprise": Protection.WPA,
    "wpa-personal": Protection.WPA_WPA2,
    "wpa-enterprise": Protection.WPA_WPA2,
    "wpa2-only-personal": Protection.WPA2,
    "wpa2-only-enterprise": Protection.WPA2,
    "wpa3-sae-transition": Protection.WPA2_WPA3,
    "wpa3-enterprise-transition": Protection.WPA2_WPA3,
    "wpa3-sae": Protection.WPA3,
    "wpa3-enterprise": Protection.WPA3,
    "wpa3-only-enterprise": Protection.WPA3,
    "owe": Protection.OWE,
}
_DEFAULT = "wpa2-only-personal"
_SECRETS = ("passphrase", "sae-password", "key")
_PERSONAL = (Protection.OPEN, Protection.OWE)


def wifi(config: Configuration, apart: Mapping[str, Apartness]) -> tuple[WifiNetwork, ...] | None:
    """The wireless networks; ``None`` where the export shows nothing of the controller."""
    if not any(
        name.startswith("wireless-controller ") for part in config.parts() for name in part.parts
    ):
        return None
    storage = reversible(config)
    several = sum(1 for _ in config.tables(_TABLE)) > 1
    return tuple(
        _network(f"{domain}/{name}" if several else name, name, block, apart[domain], storage)
        for domain, table in config.tables(_TABLE)
        for name, block in table.entries.items()
    )


def _network(
    label: str, name: str, block: Block, apart: Apartness, storage: Storage
) -> WifiNetwork:
    ssid = block.one("ssid", "fortinet")
    kind, _, portal = block.one("security", _DEFAULT).partition("+")
    protection = _PROTECTION.get(kind, Protection.UNKNOWN)
    open_ = protection in _PERSONAL
    return WifiNetwork(
        ssid=ssid,
        label=label,
        protection=protection,
        enterprise=kind.endswith("enterprise"),
        tkip=False if open_ else "TKIP" in block.one("encrypt", "AES"),
        # There is no joining by a button or PIN in FortiOS.
        wps=False,
        guest=for_guests(ssid, name, block.one("alias"))
        or kind == "captive-portal"
        or bool(portal),
        isolated=_isolated(name, block, apart),
        secrets=()
        if open_ or kind.endswith("enterprise")
        else tuple(_secrets(block, apart, storage)),
    )


def _secrets(block: Block, apart: Apartness, storage: Storage) -> Iterator[Secret]:
    for setting in _SECRETS:
        if found := stored(block, setting, storage):
            yield found
    profiles = apart.domain.part("wireless-controller mpsk-profile").entries
    profile = profiles.get(block.one("mpsk-profile"), Block())
    for group in profile.part("mpsk-group").entries.values():
        for key in group.part("mpsk-key").entries.values():
            for setting in ("passphrase", "sae-password"):
                if found := stored(key, setting, storage):
                    yield found


def _isolated(name: str, block: Block, apart: Apartness) -> bool | None:
    """Whether who is on it cannot reach the other networks."""
    if block.on("local-bridging") or block.on("dynamic-vlan"):
        return _by_vlan(block, apart)
    for switch, members in apart.domain.part("system switch-interface").entries.items():
        if name in members.all("member"):
            # Whoever else is on the software switch is a neighbour.
            alone = len(members.all("member")) == 1 or for_guests(switch)
            return apart.kept(switch) if alone else False
    if name not in apart.network.interfaces:
        return None
    return apart.kept(name)


def _by_vlan(block: Block, apart: Apartness) -> bool | None:
    """Traffic that leaves at the access point: the network of its VLAN counts, if it ends here."""
    number = block.one("vlanid", "0")
    for name, interface in apart.network.inside().items():
        if number != "0" and interface.one("vlanid") == number and not block.on("dynamic-vlan"):
            return apart.kept(name)
    return None
