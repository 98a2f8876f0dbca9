"""OPNsense's newer VPNs: IPsec's connections, OpenVPN's instances, WireGuard, and plugins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessor.devices.device import Topic, Vpn
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    check,
    child,
    children,
    flag,
    listed,
    on,
    text,
)
from assessor.devices.pfsense.names import words
from assessor.devices.pfsense.names_vpn import CHILD, CONNECTION, INSTANCE, WIREGUARD_SERVER
from assessor.devices.pfsense.vpn import STRONG, WEAK, Second

_SWANCTL = words("Connections locals remotes children Pools VTIs SPDs")
_OPENVPN = words("Overwrites Instances StaticKeys")
_PLUGINS = {
    ("tailscale", "settings"): "tailscale",
    ("zerotier",): "zerotier",
    ("tinc", "networks"): "tinc",
    ("Nebula",): "nebula",
    ("stunnel", "general"): "stunnel",
}
_STATIC_CIPHERS = re.compile(
    r"AES-(?:128|192|256)-(?:GCM|CBC)|CHACHA20-POLY1305|SHA(?:224|256|384|512)", re.IGNORECASE
)


def swanctl(root: Element, unread: Unread) -> Iterator[Vpn]:
    """IPsec's connections (Swanctl.xml); they run where IPsec is on at all."""
    holder = child(root, "OPNsense", "Swanctl")
    check(holder, (_SWANCTL,), unread, Topic.VPN)
    running = flag(root, "ipsec", "enable") or on(root, "OPNsense", "IPsec", "general", "enabled")
    proposals: dict[str, list[str]] = {}
    for each in children(holder, "children", "child"):
        check(each, (CHILD,), unread, Topic.VPN)
        if on(each, "enabled", default=True):
            offered = proposals.setdefault(text(each, "connection"), [])
            offered += listed(text(each, "esp_proposals"))
    for each in children(holder, "Connections", "Connection"):
        check(each, (CONNECTION,), unread, Topic.VPN)
        offered = [
            *listed(text(each, "proposals")),
            *proposals.get(each.get("uuid", ""), ()),
        ]
        weak = [word for proposal in offered for word in _weak(proposal, unread)]
        version = text(each, "version") or "0"
        if version not in {"0", "1", "2"}:
            unread.add(f"<Connection> <version> {version}", Topic.VPN)
        if on(each, "aggressive") and version != "2":
            weak.append("aggressive mode")
        yield Vpn(
            "ipsec",
            text(each, "description"),
            enabled=running and on(each, "enabled", default=True),
            weak=tuple(dict.fromkeys(weak)),
        )


def _weak(proposal: str, unread: Unread) -> Iterator[str]:
    for word in proposal.lower().split("-"):
        if word in WEAK:
            yield word
        elif word not in STRONG and not re.fullmatch(r"ke[1-7]_(?:mlkem\d+|none)", word):
            unread.add(f"<proposals> {word}", Topic.VPN)


def instances(root: Element, unread: Unread, second: Second) -> Iterator[Vpn]:
    """OpenVPN's instances (OpenVPN.xml)."""
    holder = child(root, "OPNsense", "OpenVPN")
    check(holder, (_OPENVPN,), unread, Topic.VPN)
    for each in children(holder, "Instances", "Instance"):
        check(each, (INSTANCE,), unread, Topic.VPN)
        role = text(each, "role") or "server"
        if role not in {"server", "client"}:
            unread.add(f"<Instance> <role> {role}", Topic.VPN)
        weak: list[str] = []
        for name in ("data-ciphers", "data-ciphers-fallback", "auth"):
            for word in listed(text(each, name)):
                if word.upper() in {"SHA1", "MD5", "NONE", "RIPEMD160"}:
                    weak.append(word)
                elif not _STATIC_CIPHERS.fullmatch(word) and not word.upper().startswith("SHA"):
                    unread.add(f"<Instance> <{name}> {word}", Topic.VPN)
        yield Vpn(
            "openvpn",
            text(each, "description") or text(each, "vpnid"),
            enabled=on(each, "enabled", default=True),
            weak=tuple(weak),
            second_factor=_factor(each, second) if role == "server" else None,
        )


def _factor(each: Element, second: Second) -> bool | None:
    """A certificate and a password are two; one of them alone is one, but for what it asks."""
    certificate = text(each, "verify_client_cert") != "none"
    servers = text(each, "authmode")
    if not servers:
        return False
    return True if certificate else second(servers)


def wireguard(root: Element, unread: Unread) -> Iterator[Vpn]:
    """WireGuard's instances."""
    holder = child(root, "OPNsense", "wireguard")
    check(holder, (words("client general server"),), unread, Topic.VPN)
    running = on(holder, "general", "enabled")
    for each in children(holder, "server", "servers", "server"):
        check(each, (WIREGUARD_SERVER,), unread, Topic.VPN)
        enabled = running and on(each, "enabled", default=True)
        yield Vpn("wireguard", text(each, "name"), enabled=enabled)


def plugins(root: Element) -> Iterator[Vpn]:
    """VPNs of plugins, of which only that they run is told."""
    for path, kind in _PLUGINS.items():
        holder = child(root, "OPNsense", *path)
        if on(holder, "enabled") or (kind == "tinc" and len(holder if holder is not None else ())):
            yield Vpn(kind)
