"""VPNs that end on a ZLD device (CLI Reference Guide, "IPSec VPN", "SSL VPN", "L2TP VPN")."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Secret, Storage, Topic, Vpn
from assessor.devices.secrets import secret

_IKE = known(
    "activate local-ip peer-ip authentication keystring encrypted-keystring certificate mode"
    " transform-set group1 group2 group5 group14 group15 group16 group19 group20 lifetime natt"
    " dpd-interval dpd local-id peer-id xauth eap fall-back fall-back-check-interval ikev2 version"
    " description user-id allowed-user type prf"
)
_MAP = known(
    "activate ipsec-isakmp encapsulation transform-set set scenario local-policy remote-policy"
    " protocol conn-check in-dnat in-snat out-snat narrowed nail-up replay-detection"
    " netbios-broadcast"
    " policy-enforcement configuration-payload description adjust-mss crypto type no-spi peer"
)
_WEAK_GROUPS = known("group1 group2 group5")


def read_vpns(tree: Tree, notes: Notes) -> tuple[Vpn, ...]:
    """All of them; an export that has none says so by that."""
    maps = {}
    for node in tree.take("crypto", "map"):
        if not node.no:
            _check(node, _MAP, notes)
            maps[node.word(2)] = node
    others = {"ignore-df-bit", "map_group", "map", "ignore"}
    for node in tree.take("crypto"):
        if node.word(1) not in others:
            notes.add(node.text, Topic.VPN)
    l2tp = _l2tp(tree, maps, notes)
    found = list(_ipsec(tree, maps, l2tp, notes))
    for node in tree.take("sslvpn"):
        if node.begins("sslvpn", "policy") and node.children and not node.no:
            on = not any(each.begins("activate") and each.no for each in node.children)
            found.append(Vpn("ssl-vpn", node.word(2), on))
        elif node.word(1) not in {
            "policy",
            "application",
            "network-extension",
            "login-policy",
            "no-connection-alive",
        }:
            notes.add(node.text, Topic.VPN)
    return tuple(found)


def _check(node: Node, words: frozenset[str], notes: Notes) -> None:
    for each in node.children:
        if each.word(0) not in words:
            notes.add(f"{' '.join(node.words)}: {each.text}", Topic.VPN)


def _l2tp(tree: Tree, maps: dict[str, Node], notes: Notes) -> str:
    """The gateway that L2TP is used over; empty where it is off."""
    if tree.state("l2tp-over-ipsec", "activate") is not True:
        tree.take("l2tp-over-ipsec")
        return ""
    used = ""
    for node in tree.take("l2tp-over-ipsec"):
        if node.word(1) == "crypto":
            used = node.word(2)
    if used not in maps:
        notes.add(f"l2tp-over-ipsec crypto {used}", Topic.VPN)
        return ""
    return _gateway(maps[used])


def _gateway(node: Node) -> str:
    return next((each.word(1) for each in node.children if each.begins("ipsec-isakmp")), "")


def _ipsec(tree: Tree, maps: dict[str, Node], l2tp: str, notes: Notes) -> Iterator[Vpn]:
    second: dict[str, list[Node]] = {}
    for each in maps.values():
        ciphers = [one for one in each.children if one.word(0) in {"transform-set", "set"}]
        second.setdefault(_gateway(each), []).extend(ciphers)
    for node in tree.take("isakmp"):
        if node.word(1) != "policy":
            if node.word(1) not in {"keepalive", "cookies"}:
                notes.add(node.text, Topic.VPN)
            continue
        if node.no:
            continue
        _check(node, _IKE, notes)
        name = node.word(2)
        parts = [*node.children, *second.get(name, ())]
        on = not any(each.begins("activate") and each.no for each in node.children)
        kind = "l2tp-ipsec" if name == l2tp and l2tp else "ipsec"
        yield Vpn(kind, name, on, tuple(_weak(parts)), _key(node))


def _key(node: Node) -> Secret | None:
    for each in node.children:
        if each.word(0) == "keystring":
            return secret(each.word(1), Storage.CLEAR)
        if each.word(0) == "encrypted-keystring":
            return secret(each.word(1), Storage.REVERSIBLE)
    return None


def _weak(parts: list[Node]) -> list[str]:
    found: list[str] = []
    for each in parts:
        words = each.words
        if words[0] == "mode" and words[1:] == ("aggressive",):
            found.append("aggressive mode")
        elif words[0] in _WEAK_GROUPS:
            found.append(words[0])
        elif each.begins("set", "pfs") and each.word(2) in _WEAK_GROUPS:
            found.append(f"pfs {each.word(2)}")
        elif words[0] == "transform-set":
            # "des-md5", "esp-3des-sha", "aes128-sha"; "sha" alone is SHA-1.
            found += [
                one
                for one in words[1:]
                if set(one.lower().split("-")) & {"des", "3des", "md5", "sha"}
            ]
    return list(dict.fromkeys(found))
