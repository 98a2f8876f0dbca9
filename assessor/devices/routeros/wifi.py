"""Wireless networks, of all three generations that RouterOS has had.

``/interface wireless`` (with security profiles), ``/interface wifi`` (called wifiwave2 before 7.13)
and, for access points that a controller configures, ``/caps-man`` and ``/interface wifi
provisioning``. A property that stands at an interface itself goes before that of a profile that it
names (manual.mikrotik.com, "WiFi", "Configuration").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from assessor.devices.device import Protection, Secret, Storage, Topic, WifiNetwork
from assessor.devices.routeros.export import Export, Item
from assessor.devices.secrets import MARK, secret

GUESTS = re.compile(
    r"(?<![a-z])(?:guests?|gast(?:en)?|gasten?netwerk|visitors?|bezoek(?:ers?)?|invite|hotspot"
    r"|publi[ck]|publiek|kunden|klanten)(?![a-z])"
    r"|guest|gasten",
    re.IGNORECASE,
)
"""How people call what is for guests."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A network with where its traffic goes.

    Attributes:
        ports: interfaces that may carry it into a bridge.
        bridge: the bridge that a profile puts it in.
        vlan: the VLAN that it is put in.
    """

    network: WifiNetwork
    ports: tuple[str, ...] = ()
    bridge: str = ""
    vlan: int | None = None


MOST_NETWORKS = 300
"""More than any device can send out."""


def offered(export: Export) -> tuple[Offered, ...]:
    """Every wireless network that the device offers, or has others offer."""
    found = chain(_legacy(export), _wifi(export), _capsman(export))
    taken = tuple(islice(found, MOST_NETWORKS))
    if next(found, None) is not None:
        export.notes.add((Topic.WIFI,), f"more than {MOST_NETWORKS} wireless networks")
    return taken


# --- /interface wireless ------------------------------------------------------------------------


def _legacy(export: Export) -> Iterator[Offered]:
    profiles = export.named("interface wireless security-profiles")
    cap = export.settings("interface wireless cap")
    managed: set[str] = set()
    if export.flag(cap, "enabled", default=False) is True:
        managed = set(cap.get("interfaces").split(","))
    private = _on_list(export, "interface wireless access-list", "private-pre-shared-key")
    for item in export.items("interface wireless"):
        master = item.get("master-interface")
        mode = item.get("mode") or ("ap-bridge" if master else "station")
        off = export.flag(item, "disabled", default=True)
        serving = mode in ("ap-bridge", "bridge", "wds-slave")
        if off is True or not serving or item.name in managed or master in managed:
            continue
        profile = item.get("security-profile", "default")
        found = profiles.get(profile)
        if found is None and profile != "default":
            export.notes.add((Topic.WIFI,), f"security-profile={profile}: {item.text}")
        security = _legacy_security(export, found)
        wps = item.get("wps-mode")
        tagged = item.get("vlan-mode") == "use-tag"
        network = WifiNetwork(
            ssid=item.get("ssid", "MikroTik"),
            label=_label(item),
            protection=security.protection,
            enterprise=security.enterprise,
            tkip=security.tkip,
            wps=None if not wps else wps != "disabled",
            guest=_for_guests(item, profile),
            secrets=_unique([*security.secrets, *_keys(private)]),
        )
        yield Offered(network, (item.name,), vlan=_number(item.get("vlan-id")) if tagged else None)


@dataclass(frozen=True, slots=True)
class _Security:
    protection: Protection
    enterprise: bool = False
    tkip: bool | None = None
    secrets: tuple[Secret, ...] = ()


def _legacy_security(export: Export, profile: Item | None) -> _Security:
    mode = profile.get("mode", "none") if profile else "none"
    if profile is None or mode == "none":
        return _Security(Protection.OPEN)
    if mode.startswith("static-keys"):
        keys = [profile.get(f"static-key-{number}") for number in range(4)]
        return _Security(Protection.WEP, secrets=_unique(_keys(keys)))
    if mode != "dynamic-keys":
        export.notes.add((Topic.WIFI,), f"/{profile.path} mode={mode}: {profile.text}")
        return _Security(Protection.UNKNOWN)
    types = _types(export, profile, profile.get("authentication-types"))
    ciphers = f"{profile.get('unicast-ciphers')},{profile.get('group-ciphers')}".split(",")
    keys = []
    if "wpa-psk" in types:
        keys.append(profile.get("wpa-pre-shared-key"))
    if "wpa2-psk" in types:
        keys.append(profile.get("wpa2-pre-shared-key"))
    return _Security(
        _protection(types),
        any(word.endswith("-eap") for word in types),
        "tkip" in ciphers,
        _unique(_keys(keys) or _hidden(types)),
    )


# --- /interface wifi ----------------------------------------------------------------------------


class _Layers:
    """Where a property is looked for: at the item itself first, then in what it names."""

    def __init__(self, layers: Sequence[tuple[Mapping[str, str], str]]) -> None:
        self._layers = layers

    def get(self, key: str) -> str | None:
        """The first that has it; ``None`` where none has."""
        for values, prefix in self._layers:
            if prefix + key in values:
                return values[prefix + key]
        return None


def _wifi(export: Export) -> Iterator[Offered]:
    configurations = export.named("interface wifi configuration")
    for item in export.items("interface wifi"):
        off = export.flag(item, "disabled", default=True)
        chosen = item.get("configuration")
        configuration = configurations.get(chosen)
        if chosen and configuration is None:
            export.notes.add((Topic.WIFI,), f"configuration={chosen}: {item.text}")
        own = _Layers([(item.values, "configuration."), _values(configuration)])
        mode, manager = own.get("mode") or "ap", own.get("manager") or "local"
        remote = manager in ("capsman", "capsman-or-local") and own.get("ssid") is None
        if off is True or mode != "ap" or remote:
            continue
        yield _wifi_network(export, item, item, configuration, own)
    for name in _provisioned(export, "interface wifi provisioning"):
        if (found := configurations.get(name)) is None:
            export.notes.add((Topic.WIFI,), f"/interface wifi provisioning: {name}")
        elif export.enabled(found) and (found.get("mode") or "ap") == "ap":
            yield _wifi_network(export, found, None, found, _Layers([_values(found)]))


def _values(item: Item | None) -> tuple[Mapping[str, str], str]:
    return (item.values if item is not None else {}, "")


def _wifi_network(
    export: Export, whole: Item, item: Item | None, configuration: Item | None, own: _Layers
) -> Offered:
    """The network of an interface, or of a configuration that access points are given.

    Args:
        export: what profiles are looked up in.
        whole: the interface, or the configuration where there is none.
        item: the interface, if any.
        configuration: the one that it names, if any.
        own: where its own properties come from.
    """
    security = _profile_layers(export, item, configuration, "security", Topic.WIFI)
    datapath = _profile_layers(export, item, configuration, "datapath", Topic.SEGMENTS)
    told = security.get("authentication-types")
    phrase = security.get("passphrase")
    types = _types(export, whole, told or "")
    keys = [phrase or ""]
    if group := security.get("multi-passphrase-group"):
        keys += [
            one.get("passphrase")
            for one in export.items("interface wifi security multi-passphrase")
            if one.get("group") == group and export.enabled(one)
        ]
    keys += _on_list(export, "interface wifi access-list", "passphrase")
    protection = _protection(types)
    if told is None and phrase:
        protection = Protection.UNKNOWN
    wps = security.get("wps")
    network = WifiNetwork(
        ssid=own.get("ssid") or "",
        label=_label(whole),
        protection=protection,
        enterprise=any("-eap" in word for word in types),
        tkip="tkip" in (security.get("encryption") or "").split(","),
        wps=None if not wps else wps != "disable",
        guest=_for_guests(
            whole, own.get("ssid") or "", configuration.name if configuration else ""
        ),
        secrets=_unique(_keys(keys) or _hidden(types)),
    )
    vlan = _number(datapath.get("vlan-id") or "")
    ports = (item.name,) if item else ()
    return Offered(network, ports, datapath.get("bridge") or "", vlan)


def _profile_layers(
    export: Export, item: Item | None, configuration: Item | None, what: str, topic: Topic
) -> _Layers:
    """Where properties of security or datapath come from, the nearest first."""
    profiles = export.named(f"interface wifi {what}")
    layers: list[tuple[Mapping[str, str], str]] = []
    for holder in (item, configuration):
        if holder is None:
            continue
        layers.append((holder.values, f"{what}."))
        if chosen := holder.get(what):
            if chosen not in profiles:
                export.notes.add((topic,), f"{what}={chosen}: {holder.text}")
            layers.append(_values(profiles.get(chosen)))
    return _Layers(layers)


# --- /caps-man ----------------------------------------------------------------------------------


def _capsman(export: Export) -> Iterator[Offered]:
    manager = export.settings("caps-man manager")
    if export.flag(manager, "enabled", default=False) is False:
        return
    configurations = export.named("caps-man configuration")
    names = dict.fromkeys(_provisioned(export, "caps-man provisioning"))
    for interface in export.items("caps-man interface"):
        if export.enabled(interface) and interface.get("configuration"):
            names[interface.get("configuration")] = None
    for name in names:
        found = configurations.get(name)
        if found is None:
            export.notes.add((Topic.WIFI,), f"/caps-man provisioning: {name}")
        elif found.get("ssid"):
            yield _caps_network(export, found)


def _caps_network(export: Export, item: Item) -> Offered:
    profiles = export.named("caps-man security")
    chosen = item.get("security")
    if chosen and chosen not in profiles:
        export.notes.add((Topic.WIFI,), f"security={chosen}: {item.text}")
    security = _Layers([(item.values, "security."), _values(profiles.get(chosen))])
    paths = export.named("caps-man datapath")
    datapath = _Layers([(item.values, "datapath."), _values(paths.get(item.get("datapath")))])
    types = _types(export, item, security.get("authentication-types") or "")
    keys = [security.get("passphrase") or ""]
    keys += _on_list(export, "caps-man access-list", "private-passphrase")
    network = WifiNetwork(
        ssid=item.get("ssid"),
        label=item.name,
        protection=_protection(types),
        enterprise=any(word.endswith("-eap") for word in types),
        tkip="tkip" in (security.get("encryption") or "").split(","),
        guest=_for_guests(item, chosen),
        secrets=_unique(_keys(keys) or _hidden(types)),
    )
    tagged = datapath.get("vlan-mode") == "use-tag"
    vlan = _number(datapath.get("vlan-id") or "") if tagged else None
    return Offered(network, (), datapath.get("bridge") or "", vlan)


def _provisioned(export: Export, path: str) -> Iterator[str]:
    """The configurations that are handed to access points."""
    for rule in export.items(path):
        if not export.enabled(rule) or rule.get("action", "none") == "none":
            continue
        for key in ("master-configuration", "slave-configurations"):
            yield from (name for name in rule.get(key).split(",") if name)


# --- for all ------------------------------------------------------------------------------------

_MOST_KEYS = 500
_TYPES = frozenset(
    ["wpa-psk", "wpa2-psk", "wpa3-psk", "wpa-eap", "wpa2-eap", "wpa3-eap", "wpa3-eap-192", "owe"]
)


def _types(export: Export, item: Item, text: str) -> frozenset[str]:
    types = frozenset(word for word in text.split(",") if word)
    if not types <= _TYPES:
        export.notes.add((Topic.WIFI,), f"authentication-types={text}: {item.text}")
        return frozenset({"?"})
    return types


def _protection(types: frozenset[str]) -> Protection:
    if not types:
        return Protection.OPEN
    if "?" in types:
        return Protection.UNKNOWN
    generations = {word.partition("-")[0] for word in types}
    if generations == {"owe"}:
        return Protection.OWE
    return {
        frozenset({"wpa"}): Protection.WPA,
        frozenset({"wpa2"}): Protection.WPA2,
        frozenset({"wpa3"}): Protection.WPA3,
        frozenset({"wpa2", "wpa3"}): Protection.WPA2_WPA3,
    }.get(
        frozenset(generations), Protection.WPA_WPA2 if "wpa" in generations else Protection.UNKNOWN
    )


def _on_list(export: Export, path: str, key: str) -> list[str]:
    """Passphrases of single devices; whoever has one may join any of the networks."""
    found = [item.get(key) for item in export.items(path) if item.get(key) and export.enabled(item)]
    if len(found) > _MOST_KEYS:
        export.notes.add((Topic.WIFI,), f"/{path}: more than {_MOST_KEYS} passphrases")
    return found[:_MOST_KEYS]


def _keys(texts: Iterable[str]) -> list[Secret]:
    return [secret(text, Storage.CLEAR) for text in texts if text]


def _hidden(types: frozenset[str]) -> list[Secret]:
    """The passphrase that there must be, but that the export left out."""
    return [Secret()] if any(word.endswith("-psk") for word in types) else []


def _unique(secrets: Iterable[Secret]) -> tuple[Secret, ...]:
    return tuple(dict.fromkeys(secrets))


def _label(item: Item) -> str:
    """What tells it from the others in every run."""
    return item.find.get("default-name") or item.name


def _for_guests(item: Item, *names: str) -> bool:
    texts = (item.name, item.get("ssid"), item.get("comment"), *names)
    return any(GUESTS.search(text) for text in texts if not MARK.search(text))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < len(text) < 5 else None
