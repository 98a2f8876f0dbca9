"""The virtual private networks that end on the router."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.device import Secret, Storage, Vpn
from assessor.devices.secrets import secret
from assessor.devices.vyatta.grammar import Node

# Below today's state: NIST SP 800-131A Rev. 2; RFC 8221 (ESP) and RFC 8247 (IKEv2) on DES, 3DES,
# MD5, SHA-1 and groups below 14.
_WEAK_CIPHERS = frozenset({"des", "3des", "blowfish", "blowfish128", "blowfish192", "blowfish256"})
_WEAK_CIPHERS |= {"null", "none", "bf128", "bf256", "cast128", "rc2"}
_WEAK_HASHES = frozenset({"md5", "sha1", "md5_128", "sha1_160"})
_WEAK_GROUPS = frozenset({"1", "2", "5", "22", "dh-group1", "dh-group2", "dh-group5", "dh-group22"})


def read_vpns(root: Node) -> tuple[Vpn, ...]:
    """Every one of them."""
    return (
        *_sites(root.at("vpn", "ipsec")),
        *_remote_ikev2(root.at("vpn", "ipsec")),
        *_remote(root, "l2tp"),
        *_remote(root, "pptp"),
        *_web(root, "sstp", "sstp"),
        *_web(root, "openconnect", "ssl-vpn"),
        *_web(root, "anyconnect", "ssl-vpn"),
        *_openvpn(root),
        *_wireguard(root),
        *_called(root),
    )


def _weak(ipsec: Node, ike: str | None, esp: str | None) -> tuple[str, ...]:
    found: list[str] = []
    for kind, name in (("ike-group", ike), ("esp-group", esp)):
        group = ipsec.at(kind, name) if name else Node()
        if group.has("mode", "aggressive"):
            found.append("aggressive")
        if group.has("pfs", "disable"):
            found.append("no pfs")
        found += [word for word in group.values("pfs") if word in _WEAK_GROUPS]
        for _, proposal in group.items("proposal"):
            for word, weak in (
                ("encryption", _WEAK_CIPHERS),
                ("hash", _WEAK_HASHES),
                ("dh-group", _WEAK_GROUPS),
            ):
                label = (
                    f"{word} {proposal.value(word)}" if word == "dh-group" else proposal.value(word)
                )
                if proposal.value(word) in weak and label:
                    found.append(label)
    return tuple(dict.fromkeys(found))


def _sites(ipsec: Node) -> Iterator[Vpn]:
    for name, peer in ipsec.items("site-to-site", "peer"):
        weak = _weak(ipsec, peer.value("ike-group"), _esp(peer))
        key = peer.value("authentication", "pre-shared-secret")
        found = secret(key, Storage.CLEAR) if key else _shared(ipsec, name, peer)
        enabled = not (peer.has("disable") or ipsec.has("disable"))
        yield Vpn("ipsec", name, enabled, weak, found)


def _esp(peer: Node) -> str | None:
    found = peer.value("default-esp-group") or peer.value("vti", "esp-group")
    for _, tunnel in peer.items("tunnel"):
        found = found or tunnel.value("esp-group")
    return found


def _shared(ipsec: Node, name: str, peer: Node) -> Secret | None:
    """Since VyOS 1.4 keys stand apart and name whom they are for."""
    ends = {name, *peer.values("remote-address"), *peer.values("authentication", "remote-id")}
    for _, psk in ipsec.items("authentication", "psk"):
        key = psk.value("secret")
        if key and ends & set(psk.values("id")):
            return secret(key, Storage.CLEAR)
    return None


def _remote_ikev2(ipsec: Node) -> Iterator[Vpn]:
    for name, node in ipsec.items("remote-access", "connection"):
        weak = _weak(ipsec, node.value("ike-group"), node.value("esp-group"))
        radius = any("radius" in mode for mode in node.values("authentication", "client-mode"))
        second = None if radius else False
        yield Vpn("ipsec", name, not node.has("disable"), weak, second_factor=second)


def _remote(root: Node, kind: str) -> Iterator[Vpn]:
    """L2TP and PPTP, for people; a RADIUS server may ask for more than a password."""
    if not root.has("vpn", kind, "remote-access"):
        return
    node = root.at("vpn", kind, "remote-access")
    settings = node.at("ipsec-settings")
    protected = kind == "l2tp" and node.has("ipsec-settings")
    key = settings.value("authentication", "pre-shared-secret")
    protocols = (
        *node.values("authentication", "require"),
        *node.values("authentication", "protocols"),
    )
    weak = [word for word in protocols if word.replace("-", "") in ("pap", "chap", "mschap")]
    weak += _weak(root.at("vpn", "ipsec"), settings.value("ike-group"), settings.value("esp-group"))
    second = None if node.has("authentication", "mode", "radius") else False
    name = "l2tp-ipsec" if protected else kind
    yield Vpn(
        name,
        "remote-access",
        True,
        tuple(weak),
        secret(key, Storage.CLEAR) if key else None,
        second,
    )


def _web(root: Node, word: str, kind: str) -> Iterator[Vpn]:
    if not root.has("vpn", word):
        return
    mode = root.at("vpn", word, "authentication", "mode")
    second: bool | None = None
    if mode.has("local"):
        ways = mode.values("local")
        second = bool(ways) and "password" not in ways
    yield Vpn(kind, word, second_factor=second)


def _openvpn(root: Node) -> Iterator[Vpn]:
    for name, node in root.items("interfaces", "openvpn"):
        encryption = node.at("encryption")
        ciphers = {word for _, below in encryption.items() for word in below.children}
        ciphers |= set(encryption.children)
        weak = [word for word in sorted(ciphers) if word in _WEAK_CIPHERS]
        weak += [word for word in node.values("hash") if word in _WEAK_HASHES]
        second: bool | None = None
        if node.has("mode", "server") or node.has("server"):
            second = node.has("server", "mfa", "totp")
        yield Vpn("openvpn", name, not node.has("disable"), tuple(weak), second_factor=second)


def _wireguard(root: Node) -> Iterator[Vpn]:
    for name, node in root.items("interfaces", "wireguard"):
        yield Vpn("wireguard", name, not node.has("disable"))


def _called(root: Node) -> Iterator[Vpn]:
    """Tunnels that the router opens to others by these protocols."""
    for word, kind in (("pptp-client", "pptp"), ("l2tp-client", "l2tp"), ("sstpc", "sstp")):
        for name, node in root.items("interfaces", word):
            yield Vpn(kind, name, not node.has("disable"))
