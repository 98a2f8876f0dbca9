"""The VPNs of the older kind: OpenVPN, IPsec, L2TP and PPTP as both systems keep them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assessor.devices.device import Storage, Topic, Vpn
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    check,
    child,
    children,
    flag,
    listed,
    text,
)
from assessor.devices.pfsense.names import words
from assessor.devices.pfsense.names_vpn import (
    IPSEC,
    L2TP,
    OPENVPN,
    OPENVPN_PATTERN,
    OPENVPN_SERVER,
    PHASE1,
    PHASE2,
)
from assessor.devices.secrets import secret

Second = Callable[[str], bool | None]
"""Whether a list of authentication servers demands a second factor."""

# NIST SP 800-131A Rev. 2 and RFC 8247 (IKEv2): what is not to be used, or not any more.
WEAK = words(
    """
    des 3des blowfish cast128 rc2 null none md5 sha1 hmac_md5 hmac_sha1 hmac_ripemd160 rmd160
    modp768 modp1024 modp1536 modp1024s160 modp2048s224 modp2048s256
    """
)
STRONG = words(
    """
    aes aes128 aes192 aes256 aes128gcm aes192gcm aes256gcm aes128gcm16 aes192gcm16 aes256gcm16
    aes128gcm128 aes128gcm96 aes128gcm64 aes192gcm128 aes192gcm96 aes192gcm64 aes256gcm128
    aes256gcm96 aes256gcm64 chacha20poly1305 camellia128 camellia192 camellia256 sha224 sha256
    sha384 sha512 aesxcbc aescmac hmac_sha224 hmac_sha256 hmac_sha384 hmac_sha512 prfsha256
    prfsha384 prfsha512 prfaesxcbc prfaescmac modp2048 modp3072 modp4096 modp6144 modp8192 ecp192
    ecp224 ecp256 ecp384 ecp521 ecp224bp ecp256bp ecp384bp ecp512bp curve25519 x25519 curve448
    x448 default mlkem512 mlkem768 mlkem1024 sha256_96 auto noesn esn
    """
)
_WEAK_GROUPS = frozenset({"1", "2", "5", "22", "23", "24"})
_OVPN_WEAK = re.compile(
    r"(?:BF|DES|DESX|DES-EDE3?|CAST5|RC2|RC2-40|RC2-64|IDEA|SEED)(?:-\w+)?|none|MD4|MD5|SHA1?"
    r"|RSA-(?:MD4|MD5|SHA1?)|RIPEMD160|whirlpool",
    re.IGNORECASE,
)
_OVPN_STRONG = re.compile(
    r"AES-(?:128|192|256)-(?:GCM|CBC|CFB\d?|OFB)|CHACHA20-POLY1305|ARIA-\d+-\w+|CAMELLIA-\d+-\w+"
    r"|SM4-\w+|(?:RSA-)?SHA(?:224|256|384|512)(?:-\d+)?|SHA3-\d+|(?:RSA-)?SHA512[-/]\d+"
    r"|BLAKE2[bs]\d+|default|SM3",
    re.IGNORECASE,
)


def openvpn(root: Element, unread: Unread, second: Second) -> Iterator[Vpn]:
    """OpenVPN's servers and clients in ``<openvpn>``."""
    holder = child(root, "openvpn")
    check(holder, (OPENVPN,), unread, Topic.VPN,
          many=frozenset({"openvpn-server", "openvpn-client", "openvpn-csc"}))  # fmt: skip
    for name in ("openvpn-server", "openvpn-client"):
        for each in children(holder, name):
            if len(each):
                yield _openvpn(each, unread, second, server=name == "openvpn-server")


def _openvpn(each: Element, unread: Unread, second: Second, *, server: bool) -> Vpn:
    check(each, (OPENVPN_SERVER, OPENVPN_PATTERN), unread, Topic.VPN)
    mode = text(each, "mode")
    weak: list[str] = []
    shared = mode == "p2p_shared_key"
    if mode not in {"p2p_tls", "p2p_shared_key", "server_tls", "server_user", "server_tls_user"}:
        unread.add(f"<{each.tag}> <mode> {mode}", Topic.VPN)
    for name in ("data_ciphers", "data_ciphers_fallback", "ncp-ciphers", "crypto", "digest"):
        for word in listed(text(each, name)):
            weak += weak_word(word, _OVPN_WEAK, _OVPN_STRONG, unread)
    if shared:
        weak.append("shared key")  # no forward secrecy; OpenVPN itself calls it deprecated
    kept = text(each, "shared_key") if shared else ""
    factor: bool | None = None
    if server and mode == "server_tls":
        factor = False
    elif server and mode == "server_user":
        factor = second(text(each, "authmode"))
    elif server and mode == "server_tls_user":
        factor = True  # a key that one has, and a password that one knows
    return Vpn(
        "openvpn",
        text(each, "description") or text(each, "vpnid"),
        enabled=not flag(each, "disable"),
        weak=tuple(dict.fromkeys(weak)),
        secret=secret(kept, Storage.CLEAR) if kept else None,
        second_factor=factor,
    )


def weak_word(
    word: str, weak: re.Pattern[str], strong: re.Pattern[str], unread: Unread
) -> list[str]:
    """``word`` if it names something weak; tells ``unread`` where it is not known."""
    if weak.fullmatch(word):
        return [word]
    if not strong.fullmatch(word):
        unread.add(f"cipher or hash: {word}", Topic.VPN)
    return []


def ipsec(root: Element, unread: Unread, *, new: bool) -> Iterator[Vpn]:
    """IPsec's tunnels in ``<ipsec>``."""
    holder = child(root, "ipsec")
    check(holder, (IPSEC,), unread, Topic.VPN, many=frozenset({"phase1", "phase2", "mobilekey"}))
    running = flag(holder, "enable") or not new
    second: dict[str, list[Element]] = {}
    for each in children(holder, "phase2"):
        check(each, (PHASE2,), unread, Topic.VPN, many=_SEVERAL)
        if not flag(each, "disabled"):
            second.setdefault(text(each, "ikeid"), []).append(each)
    for each in children(holder, "phase1"):
        if not len(each):
            continue
        check(each, (PHASE1,), unread, Topic.VPN, many=_SEVERAL)
        weak = [word for part in (each, *second.get(text(each, "ikeid"), ()))
                for word in _weak_algorithms(part, unread)]  # fmt: skip
        if text(each, "mode") == "aggressive" and text(each, "iketype") != "ikev2":
            weak.append("aggressive mode")
        kept = text(each, "pre-shared-key")
        yield Vpn(
            "ipsec",
            text(each, "descr") or text(each, "ikeid"),
            enabled=running and not flag(each, "disabled"),
            weak=tuple(dict.fromkeys(weak)),
            secret=secret(kept, Storage.CLEAR) if kept else None,
        )


_SEVERAL = words(
    """
    encryption-algorithm hash-algorithm prf-algorithm dhgroup encryption-algorithm-option
    hash-algorithm-option pfsgroup
    """
)
_ALGORITHM = re.compile(r"(?:encryption|hash|prf)-algorithm(?:-option)?")


def _weak_algorithms(part: Element, unread: Unread) -> Iterator[str]:
    for each in part.iter():
        name = str(each.tag)
        if name in {"dhgroup", "pfsgroup"}:
            for group in listed(text(each)):
                if group in _WEAK_GROUPS:
                    yield f"DH group {group}"
                elif not group.isdigit() and group not in {"off", "none", "default"}:
                    unread.add(f"<{name}> {group}", Topic.VPN)
        elif _ALGORITHM.fullmatch(name):
            for word in listed(text(each, "name") or ("" if len(each) else text(each))):
                if word.lower() in WEAK:
                    yield word
                elif word.lower() not in STRONG:
                    unread.add(f"<{name}> {word}", Topic.VPN)


def dial_in(root: Element, unread: Unread) -> Iterator[Vpn]:
    """L2TP and PPTP servers."""
    l2tp = child(root, "l2tp")
    check(l2tp, (L2TP,), unread, Topic.VPN, many=frozenset({"user"}))
    if text(l2tp, "mode") == "server":
        kept = text(l2tp, "secret")
        yield Vpn(
            "l2tp-ipsec" if _carried(root) else "l2tp",
            secret=secret(kept, Storage.CLEAR) if kept else None,
        )
    elif text(l2tp, "mode") not in {"", "off"}:
        unread.add(f"<l2tp> <mode> {text(l2tp, 'mode')}", Topic.VPN)
    pptp = text(root, "pptpd", "mode")
    if pptp == "server":
        yield Vpn("pptp")
    elif pptp not in {"", "off", "redir"}:
        unread.add(f"<pptpd> <mode> {pptp}", Topic.VPN)


def _carried(root: Element) -> bool:
    """Whether IPsec in transport mode for people on the road is there to carry L2TP."""
    return any(
        text(each, "mode") == "transport" and flag(each, "mobile") and not flag(each, "disabled")
        for each in children(root, "ipsec", "phase2")
    )
