"""The numbers of TLS and what they are called, as IANA registers them.

``tls_offers_suites.csv`` holds the cipher suites: those of the registry "TLS Cipher Suites"
(iana.org/assignments/tls-parameters), and the ones that were in use without ever standing there
(drafts of ChaCha20, export suites with 1024 bits, FIPS suites of SSL 3.0). Left out are the suites
that need a key or a ticket known beforehand (PSK, SRP, Kerberos): no visitor of a service has one.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

SSL2 = 0x0002
SSL3 = 0x0300
TLS10 = 0x0301
TLS11 = 0x0302
TLS12 = 0x0303
TLS13 = 0x0304

VERSIONS = {
    SSL2: "SSLv2",
    SSL3: "SSLv3",
    TLS10: "TLSv1",
    TLS11: "TLSv1.1",
    TLS12: "TLSv1.2",
    TLS13: "TLSv1.3",
}
"""By the names that OpenSSL gives them, oldest first."""

MOST_AT_ONCE = 127
"""Suites in one hello: there are servers that read no more than 128 of them."""

GROUPS = {
    0x001D: "x25519",
    0x0017: "secp256r1",
    0x0018: "secp384r1",
    0x0019: "secp521r1",
    0x001E: "x448",
    0x11EC: "X25519MLKEM768",
    0x11EB: "SecP256r1MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
    0x6399: "X25519Kyber768Draft00",
    0x0200: "MLKEM512",
    0x0201: "MLKEM768",
    0x0202: "MLKEM1024",
    0x001F: "brainpoolP256r1tls13",
    0x0020: "brainpoolP384r1tls13",
    0x0021: "brainpoolP512r1tls13",
    0x001A: "brainpoolP256r1",
    0x001B: "brainpoolP384r1",
    0x001C: "brainpoolP512r1",
    0x0100: "ffdhe2048",
    0x0101: "ffdhe3072",
    0x0102: "ffdhe4096",
    0x0103: "ffdhe6144",
    0x0104: "ffdhe8192",
    0x0015: "secp224r1",
    0x0014: "secp224k1",
    0x0016: "secp256k1",
    0x0013: "secp192r1",
    0x0012: "secp192k1",
    0x0010: "secp160r1",
    0x0011: "secp160r2",
    0x000F: "secp160k1",
    0x000E: "sect571r1",
    0x000D: "sect571k1",
    0x000C: "sect409r1",
    0x000B: "sect409k1",
    0x000A: "sect283r1",
    0x0009: "sect283k1",
    0x0008: "sect239k1",
    0x0007: "sect233r1",
    0x0006: "sect233k1",
    0x0005: "sect193r2",
    0x0004: "sect193r1",
    0x0003: "sect163r2",
    0x0002: "sect163r1",
    0x0001: "sect163k1",
    0x0022: "GC256A",
    0x0023: "GC256B",
    0x0024: "GC256C",
    0x0025: "GC256D",
    0x0026: "GC512A",
    0x0027: "GC512B",
    0x0028: "GC512C",
}
"""The registry "TLS Supported Groups", with the draft of Kyber that browsers offered in 2024."""

FINITE_FIELDS = range(0x0100, 0x0105)
_ONLY_13 = frozenset({0x11EC, 0x11EB, 0x11ED, 0x6399, 0x0200, 0x0201, 0x0202, 0x1F, 0x20, 0x21})
_NOT_13 = frozenset({0x1A, 0x1B, 0x1C, *range(0x0001, 0x0017)})

GROUPS_TLS13 = tuple(code for code in GROUPS if code not in _NOT_13)
GROUPS_TLS12 = tuple(code for code in GROUPS if code not in _ONLY_13)
CURVES_TLS12 = tuple(code for code in GROUPS_TLS12 if code not in FINITE_FIELDS)

SIGNATURES = {
    0x0403: "ecdsa_secp256r1_sha256",
    0x0804: "rsa_pss_rsae_sha256",
    0x0401: "rsa_pkcs1_sha256",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0805: "rsa_pss_rsae_sha384",
    0x0501: "rsa_pkcs1_sha384",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0806: "rsa_pss_rsae_sha512",
    0x0601: "rsa_pkcs1_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
    0x0402: "dsa_sha256",
    0x0303: "ecdsa_sha224",
    0x0301: "rsa_pkcs1_sha224",
    0x0302: "dsa_sha224",
    0x0203: "ecdsa_sha1",
    0x0201: "rsa_pkcs1_sha1",
    0x0202: "dsa_sha1",
    0x0101: "rsa_pkcs1_md5",
}
"""The registry "TLS SignatureScheme", and the pairs of TLS 1.2 that it holds as historic."""

WEAK_SIGNATURES = (0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101)

SSL2_SUITES = {
    0x010080: "SSL_CK_RC4_128_WITH_MD5",
    0x020080: "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
    0x030080: "SSL_CK_RC2_128_CBC_WITH_MD5",
    0x040080: "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
    0x050080: "SSL_CK_IDEA_128_CBC_WITH_MD5",
    0x060040: "SSL_CK_DES_64_CBC_WITH_MD5",
    0x0700C0: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
    0x080080: "SSL_CK_RC4_64_WITH_MD5",
}

COMPRESSIONS = {0: "none", 1: "DEFLATE", 64: "LZS"}

# By the first half of the SHA-256 of the prime: RFC 7919, appendix A, and RFC 3526.
_PRIMES = {
    "9cd3b7f336872f46c09428d1bbc19877": "ffdhe2048",
    "0eaf67db3a839156d5013494a5318a77": "ffdhe3072",
    "4648414224ac881b3d0dc59b466f96d0": "ffdhe4096",
    "227ac9066b3ddd9e193670cda2388fa8": "ffdhe6144",
    "770b14efaf6f049929c523113b3fa99a": "ffdhe8192",
    "64fcc83ec403930bf18393dbc883ccaa": "modp1536",
    "d66436f79bbd6b2e38c0ffbd079be904": "modp2048",
    "48cf8b092fbce4359d9871abf74f98e2": "modp3072",
    "4ee95187682bcb230ad26a95205f6920": "modp4096",
    "d1bfe6d0925ce7e4da262b62861514a7": "modp6144",
    "39ab4feab950a3128fb71accb9fc3965": "modp8192",
}


@cache
def suites() -> dict[int, str]:
    """Every cipher suite of SSL 3.0 to TLS 1.3 that is asked for, by its number."""
    path = Path(__file__).with_name("tls_offers_suites.csv")
    rows = (line.split(",") for line in path.read_text(encoding="ascii").splitlines())
    return {int(number, 16): name for number, name in rows}


@cache
def offered(version: int) -> tuple[tuple[int, ...], ...]:
    """The suites to ask for at ``version``, in hellos of at most ``MOST_AT_ONCE``.

    The first hello holds what real servers have. ChaCha20 comes last in it: some servers put it
    first as soon as the client does, and their own order would not show.
    """
    if version == TLS13:
        return (tuple(sorted(code for code in suites() if is_tls13(code))),)
    ordered = sorted((code for code in suites() if not is_tls13(code)), key=_rarity)
    pieces = [
        ordered[start : start + MOST_AT_ONCE] for start in range(0, len(ordered), MOST_AT_ONCE)
    ]
    return tuple(tuple(sorted(piece, key=lambda code: "CHACHA" in name(code))) for piece in pieces)


def is_tls13(code: int) -> bool:
    """Whether the suite belongs to TLS 1.3."""
    return code >> 8 == 0x13 or code in (0x00C6, 0x00C7)


def name(code: int) -> str:
    """The suite's registered name, or its number."""
    return suites().get(code) or f"0x{code:04x}"


def group_name(code: int) -> str:
    """The group's registered name, or its number."""
    return GROUPS.get(code) or f"0x{code:04x}"


def signature_name(code: int) -> str:
    """The signature scheme's registered name, or its number."""
    return SIGNATURES.get(code) or f"0x{code:04x}"


def prime_name(prime: bytes) -> str | None:
    """Which published group a prime is that of; ``None`` for another one."""
    return _PRIMES.get(hashlib.sha256(prime.lstrip(b"\0")).hexdigest()[:32])


def ephemeral(code: int) -> str | None:
    """``ecdhe`` or ``dhe`` for a suite whose key exchange shows its parameters, else ``None``."""
    written = name(code)
    if "_ECDHE_" in written or "_ECDH_anon_" in written:
        return "ecdhe"
    return "dhe" if "_DHE_" in written or "_DH_anon_" in written else None


def authentication(code: int) -> str:
    """The kind of key that the suite needs of the certificate: ``rsa``, ``ecdsa`` or another."""
    exchange = name(code).removeprefix("TLS_").split("_WITH_")[0].lower()
    return next((kind for kind in ("ecdsa", "dss", "anon", "rsa") if kind in exchange), "other")


def _rarity(code: int) -> tuple[int, int]:
    """Sorts by how likely a server has the suite, then strong before weak."""
    written = name(code)
    rank = (
        0 * ("_GCM_" in written)
        + 1 * ("CHACHA" in written or "_CCM" in written)
        + 2 * ("_CBC_" in written and "AES" in written)
        + 3 * ("CAMELLIA" in written or "3DES" in written or "RC4" in written)
        + 4 * ("SEED" in written or "IDEA" in written or "NULL" in written or "DES_CBC" in written)
        + 5 * ("ARIA" in written)
        + 10 * ("_DSS_" in written or "_DH_RSA" in written or "_ECDH_E" in written)
        + 10 * ("_ECDH_RSA" in written)
        + 6 * ("GOST" in written or "28147" in written or "FIPS" in written or "_OLD" in written)
    )
    return rank, -code
