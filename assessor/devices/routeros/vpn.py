"""Virtual private networks that end on the device.

Servers are off unless the export says otherwise. What the maker sets for IPsec and an export leaves
out: profile ``dh-group=modp2048,modp1024 enc-algorithm=aes-128,3des hash-algorithm=sha1``, proposal
``auth-algorithms=sha1 enc-algorithms=aes-256-cbc,aes-192-cbc,aes-128-cbc pfs-group=modp1024``
(manual.mikrotik.com, "IPsec").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assessor.devices.device import Storage, Vpn
from assessor.devices.routeros.export import Export, Item
from assessor.devices.secrets import secret

_WEAK_WORDS = frozenset(
    [
        "des",
        "3des",
        "null",
        "blowfish",
        "blowfish128",
        "md5",
        "sha1",
        "modp768",
        "modp1024",
        "modp1536",
        "ec2n155",
        "ec2n185",
        "aes-128-null",
        "des-cbc",
        "3des-cbc",
        "rc4",
        "none",
    ]
)
"""Below today's state (NIST SP 800-77r1, 3; RFC 8247, 2)."""
_WEAK_LOGIN = frozenset({"pap", "chap", "mschap1"})
_PROFILE = {
    "dh-group": "modp2048,modp1024",
    "enc-algorithm": "aes-128,3des",
    "hash-algorithm": "sha1",
}
_PROPOSAL = {
    "auth-algorithms": "sha1",
    "enc-algorithms": "aes-256-cbc,aes-192-cbc,aes-128-cbc",
    "pfs-group": "modp1024",
}


def vpns(export: Export, outside: Sequence[str]) -> tuple[Vpn, ...]:
    """Every virtual private network.

    Args:
        export: the configuration.
        outside: interfaces that lead outside; a tunnel that is the way to the internet is not one
            of the owner's networks.
    """
    return (
        *_servers(export),
        *_clients(export, outside),
        *_wireguard(export),
        *_ipsec(export),
        *_others(export),
    )


def _servers(export: Export) -> Iterator[Vpn]:
    local = _people_log_in_by_password(export)
    pptp = export.settings("interface pptp-server server")
    if _on(export, pptp):
        yield Vpn("pptp", "server", weak=_login(pptp), second_factor=local)
    l2tp = export.settings("interface l2tp-server server")
    if _on(export, l2tp):
        demanded = l2tp.get("use-ipsec", "no")
        kind = "l2tp-ipsec" if demanded in ("yes", "required") or _dynamic_ipsec(export) else "l2tp"
        weak = _login(l2tp) if demanded == "required" else (*_login(l2tp), f"use-ipsec={demanded}")
        shared = l2tp.get("ipsec-secret")
        found = secret(shared, Storage.CLEAR) if shared else None
        yield Vpn(kind, "server", weak=weak, secret=found, second_factor=local)
    sstp = export.settings("interface sstp-server server")
    if _on(export, sstp):
        weak = _login(sstp)
        if sstp.get("tls-version", "any") == "any":
            weak = (*weak, "tls-version=any")
        yield Vpn("sstp", "server", weak=weak, second_factor=local)
    for item in export.items("interface ovpn-server server"):
        # One server with "enabled" before 7.17, several with "disabled" since.
        if item.added:
            on = export.flag(item, "disabled", default=True) is not True
        else:
            on = _on(export, item)
        if on:
            weak = _weak(item, {"auth": "sha1,md5", "cipher": "blowfish128,aes128"})
            yield Vpn("openvpn", item.get("name", "server"), weak=weak, second_factor=local)


def _on(export: Export, item: Item) -> bool:
    return export.flag(item, "enabled", default=False) is not False


def _people_log_in_by_password(export: Export) -> bool | None:
    """``False`` (no second factor) where accounts are the device's own; else nobody can tell."""
    people = any(export.enabled(item) for item in export.items("ppp secret"))
    radius = export.flag(export.settings("ppp aaa"), "use-radius", default=False)
    return False if people and radius is False else None


def _dynamic_ipsec(export: Export) -> bool:
    """Whether IPsec for any peer was set up by hand, as people did before "use-ipsec"."""
    return any(
        export.enabled(item) and item.get("generate-policy", "no") != "no"
        for path in ("ip ipsec identity", "ip ipsec peer")
        for item in export.items(path)
    )


def _clients(export: Export, outside: Sequence[str]) -> Iterator[Vpn]:
    for kind in ("pptp", "l2tp", "sstp", "ovpn"):
        for item in export.items(f"interface {kind}-client"):
            off = export.flag(item, "disabled", default=True)
            if off is True or item.name in outside:
                continue
            protected = kind == "l2tp" and item.get("use-ipsec") == "yes"
            name = "l2tp-ipsec" if protected else "openvpn" if kind == "ovpn" else kind
            word = item.get("password")
            yield Vpn(name, item.name, secret=secret(word, Storage.CLEAR) if word else None)


def _wireguard(export: Export) -> Iterator[Vpn]:
    for item in export.items("interface wireguard"):
        if export.enabled(item):
            yield Vpn("wireguard", item.name)
    cloud = export.settings("ip cloud")
    if cloud.get("back-to-home-vpn") in ("enabled", "yes"):
        yield Vpn("wireguard", "back-to-home")


def _ipsec(export: Export) -> Iterator[Vpn]:
    identities: dict[str, list[Item]] = {}
    for item in export.items("ip ipsec identity"):
        if export.enabled(item):
            identities.setdefault(item.get("peer"), []).append(item)
    proposals = _proposals(export)
    for peer in export.items("ip ipsec peer"):
        if not export.enabled(peer) or peer.get("dynamic") == "yes":
            continue
        weak = [*_profile(export, peer), *proposals]
        if peer.get("exchange-mode") == "aggressive":
            weak.insert(0, "exchange-mode=aggressive")
        # Before 6.44 a peer had its own secret.
        keys = [one.get("secret") for one in (peer, *identities.get(peer.name, []))]
        found = next((secret(key, Storage.CLEAR) for key in keys if key), None)
        name = peer.name or peer.get("address")
        yield Vpn("ipsec", name, weak=tuple(dict.fromkeys(weak)), secret=found)


def _profile(export: Export, peer: Item) -> Iterable[str]:
    if any(key in peer.values for key in _PROFILE):
        return _weak(peer, _PROFILE)
    found = export.named("ip ipsec profile").get(peer.get("profile", "default"))
    return _weak(found or Item("ip ipsec profile", {}, ""), _PROFILE)


def _proposals(export: Export) -> Iterable[str]:
    """The weak words of every proposal that a policy uses."""
    used = {item.get("proposal", "default") for item in export.items("ip ipsec policy")}
    used = used or {"default"}
    having = export.named("ip ipsec proposal")
    return [
        word
        for name in sorted(used)
        for word in _weak(having.get(name) or Item("ip ipsec proposal", {}, ""), _PROPOSAL)
    ]


def _others(export: Export) -> Iterator[Vpn]:
    for item in export.items("zerotier interface"):
        if export.enabled(item):
            yield Vpn("zerotier", item.name)


def _weak(item: Item, defaults: Mapping[str, str]) -> tuple[str, ...]:
    """``property=word`` for every word that is weak; defaults where the export has none."""
    return tuple(
        f"{key}={word}"
        for key, default in defaults.items()
        for word in item.get(key, default).split(",")
        if word.lower() in _WEAK_WORDS
    )


def _login(item: Item) -> tuple[str, ...]:
    offered = item.get("authentication").split(",")
    return tuple(f"authentication={word}" for word in offered if word in _WEAK_LOGIN)
