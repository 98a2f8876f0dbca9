"""Virtual private networks that end here.

Cisco, "Security Command Reference: crypto isakmp policy, crypto ipsec transform-set, crypto ikev2
proposal, vpdn-group, webvpn gateway", and "Next Generation Cryptography" for what to avoid: DES,
3DES, MD5, and the Diffie-Hellman groups 1, 2 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assessor.devices.device import Secret, Topic, Vpn
from assessor.devices.ios.accounts import kept
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.interfaces import Interface
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY

_WEAK_GROUPS = frozenset({"1", "2", "5"})
_WEAK_WORDS = frozenset(
    {"des", "3des", "md5", "esp-des", "esp-3des", "esp-md5-hmac", "ah-md5-hmac"}
)
_WEAK_WORDS |= {"esp-null", "null"}
_TRANSFORMS = VOCABULARY.words("transforms")
_KNOWN_CIPHERS = VOCABULARY.words("ciphers")
_OF_GROUPS = VOCABULARY.words("vpn group")
_SETTINGS = VOCABULARY.words("crypto map settings")
_KINDS_OF_MAPS = VOCABULARY.words("crypto maps")
_ENTRY = ("set", "match", "description", "reverse-route", "qos", "responder-only", "exit")
# Nothing of these decides on a cipher or a way in.
_HARMLESS = VOCABULARY.words("crypto")


def read_vpns(tree: Tree, interfaces: Sequence[Interface], notes: Notes) -> tuple[Vpn, ...]:
    """Every network, with what of it is below today's state."""
    phase_one = _phase_one(tree, notes)
    sets = _transform_sets(tree, notes)
    secrets = _secrets(tree, notes)
    maps = _crypto_maps(tree, sets, notes)
    profiles = _profiles(tree, sets, notes)
    found: dict[tuple[str, str], Vpn] = {}
    for interface in interfaces:
        for name in interface.maps:
            weak = (*phase_one, *maps.get(name, ()))
            vpn = Vpn("ipsec", name, interface.up, _once(weak), _first(secrets))
            found.setdefault((vpn.kind, name), vpn)
        if protection := interface.tunnel.get("protection"):
            words = protection.split()
            name = words[words.index("profile") + 1] if "profile" in words[:-1] else ""
            weak = (*phase_one, *profiles.get(name, ()))
            vpn = Vpn("ipsec", interface.name, interface.up, _once(weak), _first(secrets))
            found.setdefault((vpn.kind, interface.name), vpn)
    return (*found.values(), *_dialed(tree, bool(found), notes), *_web_vpns(tree, notes))


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _first(secrets: Sequence[Secret]) -> Secret | None:
    return secrets[0] if secrets else None


def _phase_one(tree: Tree, notes: Notes) -> list[str]:
    """What is weak in how keys are agreed."""
    weak: list[str] = []
    for node in tree.take("crypto", "isakmp"):
        if node.word(2) == "policy":
            weak += _isakmp_policy(node, notes)
        elif node.begins("crypto", "isakmp", "client", "configuration"):
            notes.leftovers(
                (child for child in node.children if child.word(0) not in _OF_GROUPS), Topic.VPN
            )
        elif node.word(2) in _HARMLESS or node.word(2) == "key":
            continue
        elif not (node.no and node.word(2) in ("enable", "")):
            notes.add(node.text, Topic.VPN)
    for node in tree.take("crypto", "ikev2"):
        if node.word(2) == "proposal":
            weak += _ikev2_proposal(node, notes)
        elif node.word(2) not in ("policy", "keyring") and node.word(2) not in _HARMLESS:
            notes.add(node.text, Topic.VPN)
    return weak


def _isakmp_policy(node: Node, notes: Notes) -> list[str]:
    """Without a word of its own: DES, SHA-1 and group 1 ("crypto isakmp policy", defaults)."""
    cipher, group = "des", "1"
    weak: list[str] = []
    for child in node.children:
        first = child.word(0)
        if first in ("encr", "encryption") and child.word(1) in _KNOWN_CIPHERS:
            cipher = child.word(1)
        elif first == "hash" and child.word(1) in ("md5", "sha", "sha256", "sha384", "sha512"):
            weak += ["hash md5"] if child.word(1) == "md5" else []
        elif first == "group" and child.word(1).isdecimal():
            group = child.word(1)
        elif first not in ("authentication", "lifetime", "exit"):
            notes.add(child.text, Topic.VPN)
    if cipher in _WEAK_WORDS:
        weak.append(f"encryption {cipher}")
    if group in _WEAK_GROUPS:
        weak.append(f"group {group}")
    return weak


def _ikev2_proposal(node: Node, notes: Notes) -> list[str]:
    weak: list[str] = []
    for child in node.children:
        first = child.word(0)
        words = [word.lower() for word in child.after(1)]
        if first in ("encryption", "integrity", "prf"):
            weak += [f"{first} {word}" for word in words if word in _WEAK_WORDS]
        elif first in ("group", "dh-group"):
            weak += [f"group {word}" for word in words if word in _WEAK_GROUPS]
        elif first not in ("description", "exit", "pqc"):
            notes.add(child.text, Topic.VPN)
    return weak


def _transform_sets(tree: Tree, notes: Notes) -> Mapping[str, tuple[str, ...]]:
    """What is weak in each way of packing traffic."""
    found: dict[str, tuple[str, ...]] = {}
    for node in tree.take("crypto", "ipsec"):
        if node.word(2) != "transform-set" or len(node.words) < 5:
            if node.word(2) not in ("profile", "client", "ikev2") and node.word(2) not in _HARMLESS:
                notes.add(node.text, Topic.VPN)
            continue
        words = [word.lower() for word in node.after(4)]
        if any(word not in _WEAK_WORDS and word not in _TRANSFORMS for word in words):
            notes.add(node.text, Topic.VPN)
        found[node.words[3]] = tuple(word for word in words if word in _WEAK_WORDS)
    return found


def _crypto_maps(
    tree: Tree, sets: Mapping[str, tuple[str, ...]], notes: Notes
) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    dynamic: dict[str, list[str]] = {}
    tree.take("crypto", "identity")
    tree.take("crypto", "pki")
    tree.take("crypto", "key")
    tree.take("crypto", "ca")
    tree.take("crypto", "engine")
    tree.take("crypto", "logging")
    tree.take("crypto", "call")
    for node in tree.take("crypto", "dynamic-map"):
        if len(node.words) > 2:
            dynamic.setdefault(node.words[2], []).extend(_set_words(node, sets, notes))
    for node in tree.take("crypto", "map"):
        if len(node.words) < 3:
            notes.add(node.text, Topic.VPN)
            continue
        if len(node.words) > 4 and node.word(4) not in _KINDS_OF_MAPS:
            notes.add(node.text, Topic.VPN)
        weak = found.setdefault(node.words[2], [])
        weak += _set_words(node, sets, notes)
        if "dynamic" in node.words[:-1]:
            weak += dynamic.get(node.words[node.words.index("dynamic") + 1], [])
    return found


def _set_words(node: Node, sets: Mapping[str, tuple[str, ...]], notes: Notes) -> list[str]:
    """What is weak in one entry of a crypto map, or in a profile."""
    weak: list[str] = []
    for child in node.children:
        first, second = child.word(0), child.word(1)
        if first == "set" and second == "transform-set":
            for name in child.after(2):
                weak += sets.get(name, ())
        elif first == "set" and second == "pfs":
            group = child.word(2).removeprefix("group")
            weak += [f"pfs group {group}"] if group in _WEAK_GROUPS else []
        elif first not in _ENTRY or (first == "set" and second not in _SETTINGS):
            notes.add(child.text, Topic.VPN)
    return weak


def _profiles(
    tree: Tree, sets: Mapping[str, tuple[str, ...]], notes: Notes
) -> Mapping[str, list[str]]:
    return {
        node.words[3]: _set_words(node, sets, notes)
        for node in tree.take("crypto", "ipsec", "profile")
        if len(node.words) > 3
    }


def _secrets(tree: Tree, notes: Notes) -> list[Secret]:
    """The keys that both ends share."""
    found: list[Secret] = []
    for node in tree.take("crypto", "isakmp", "key"):
        words = node.after(3)
        cut = next((i for i, word in enumerate(words) if word in ("address", "hostname")), None)
        if cut:
            found.append(kept(words[:cut]))
        else:
            notes.add(node.text, Topic.VPN)
    for node in tree.take("crypto", "keyring"):
        for child in node.children:
            words = child.after(0)
            if child.word(0) == "pre-shared-key" and "key" in words[:-1]:
                found.append(kept(words[words.index("key") + 1 :]))
            elif child.word(0) not in ("description", "local-address", "exit", "rsa-pubkey"):
                notes.add(child.text, Topic.VPN)
    for node in tree.take("crypto", "ikev2", "keyring"):
        found += _of_peers(node, notes)
    for node in tree.take("crypto", "isakmp", "client", "configuration", "group"):
        found += [
            kept(child.after(1))
            for child in node.children
            if child.word(0) == "key" and len(child.words) > 1
        ]
    return found


def _of_peers(keyring: Node, notes: Notes) -> Iterable[Secret]:
    for peer in keyring.children:
        for child in peer.children:
            if child.word(0) == "pre-shared-key" and len(child.words) > 1:
                rest = [word for word in child.after(1) if word not in ("local", "remote", "hex")]
                yield kept(rest)
            elif child.word(0) not in ("address", "hostname", "identity", "description", "exit"):
                notes.add(child.text, Topic.VPN)


def _dialed(tree: Tree, ipsec: bool, notes: Notes) -> Iterable[Vpn]:
    """Those that people dial in to: PPTP and L2TP."""
    on = tree.given("vpdn", "enable") is True
    for node in tree.take("vpdn-group"):
        kinds: set[str] = set()
        accepts = False
        for child in node.children:
            accepts = accepts or child.word(0) == "accept-dialin"
            for one in (child, *child.children):
                if one.word(0) == "protocol":
                    kinds.add(one.word(1))
        if not accepts:
            continue  # it dials out: PPPoE, or to another network
        if not kinds or "any" in kinds:
            kinds = kinds - {"any"} | {"pptp", "l2tp"}
        for kind in sorted(kinds - {"pppoe"}):
            if kind not in ("pptp", "l2tp", "l2f"):
                notes.add(f"protocol {kind}", Topic.VPN)
            name = node.words[1] if len(node.words) > 1 else ""
            # L2TP is as good as the IPsec around it, and no command binds the two.
            kind = "l2tp-ipsec" if kind == "l2tp" and ipsec else kind
            yield Vpn("l2tp" if kind == "l2f" else kind, name, on)
    tree.take("vpdn")
    tree.take("l2tp-class")
    tree.take("pseudowire-class")


def _web_vpns(tree: Tree, notes: Notes) -> Iterable[Vpn]:
    """Those over TLS (AnyConnect)."""
    for node in tree.take("webvpn"):
        if node.word(1) == "context" and not node.no:
            on = any(child.begins("inservice") and not child.no for child in node.children)
            yield Vpn("ssl-vpn", " ".join(node.after(2)), on)
        elif node.word(1) not in ("gateway", "install", "cef", "sslvpn-vif", "import"):
            notes.add(node.text, Topic.VPN)
    for node in tree.take("crypto", "ssl"):
        if node.word(2) == "profile":
            yield Vpn("ssl-vpn", " ".join(node.after(3)))
        elif node.word(2) not in ("proposal", "policy", "authorization", "diagnose"):
            notes.add(node.text, Topic.VPN)
    tree.take("crypto", "vpn")
