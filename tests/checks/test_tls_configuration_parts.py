"""The levels of NCSC-NL, element by element, and how they are weighed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessor import bundled
from assessor.api import TlsLevel, UnparsedError, tls_suite_level, tls_version_level
from assessor.collect.questions import tls_offers_names as names
from checks.tls_configuration import grades
from checks.tls_configuration.answer import Answer, Certificate, Prime, read_answer
from checks.tls_configuration.weighing import spoken, weigh

AT = datetime(2026, 11, 28, tzinfo=UTC)
SAMPLES: Path = bundled.folder("checks") / "tls_configuration" / "samples"


def test_every_registered_suite_has_the_level_of_appendix_b() -> None:
    """Appendix B holds 2 good suites, 10 sufficient ones and 35 to be phased out, no others."""
    levels = [tls_suite_level(name) for name in names.suites().values()]
    assert {level: levels.count(level) for level in TlsLevel} == {
        TlsLevel.GOOD: 2,
        TlsLevel.SUFFICIENT: 10,
        TlsLevel.PHASE_OUT: 35,
        TlsLevel.INSUFFICIENT: len(names.suites()) - 47,
    }


@pytest.mark.parametrize(
    ("suite", "level"),
    [
        ("TLS_AES_256_GCM_SHA384", TlsLevel.GOOD),
        ("TLS_CHACHA20_POLY1305_SHA256", TlsLevel.GOOD),
        ("TLS_AES_128_GCM_SHA256", TlsLevel.SUFFICIENT),
        ("TLS_AES_128_CCM_SHA256", TlsLevel.SUFFICIENT),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", TlsLevel.SUFFICIENT),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CCM", TlsLevel.SUFFICIENT),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", TlsLevel.PHASE_OUT),
        ("TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256", TlsLevel.PHASE_OUT),
        ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", TlsLevel.PHASE_OUT),
        ("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", TlsLevel.PHASE_OUT),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", TlsLevel.INSUFFICIENT),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", TlsLevel.INSUFFICIENT),
        ("TLS_AES_128_CCM_8_SHA256", TlsLevel.INSUFFICIENT),
        ("TLS_RSA_WITH_AES_256_GCM_SHA384", TlsLevel.INSUFFICIENT),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD", TlsLevel.INSUFFICIENT),
        ("TLS_ECDHE_RSA_WITH_NULL_SHA", TlsLevel.INSUFFICIENT),
        ("TLS_DH_anon_WITH_AES_128_GCM_SHA256", TlsLevel.INSUFFICIENT),
        ("0x1234", TlsLevel.INSUFFICIENT),
        ("TLS_AES_256_GCM_SHA384\n", TlsLevel.INSUFFICIENT),
    ],
)
def test_suites(suite: str, level: TlsLevel) -> None:
    assert tls_suite_level(suite) is level


@pytest.mark.parametrize(
    ("version", "level", "people"),
    [
        ("TLSv1.3", TlsLevel.GOOD, "TLS 1.3"),
        ("TLSv1.2", TlsLevel.SUFFICIENT, "TLS 1.2"),
        ("TLSv1.1", TlsLevel.INSUFFICIENT, "TLS 1.1"),
        ("TLSv1", TlsLevel.INSUFFICIENT, "TLS 1.0"),
        ("SSLv3", TlsLevel.INSUFFICIENT, "SSL 3.0"),
        ("SSLv2", TlsLevel.INSUFFICIENT, "SSL 2.0"),
    ],
)
def test_versions(version: str, level: TlsLevel, people: str) -> None:
    assert tls_version_level(version) is level
    assert spoken(version) == people


@pytest.mark.parametrize(
    ("group", "level"),
    [
        *((name, TlsLevel.GOOD) for name in ("x25519", "x448", "secp256r1", "secp521r1")),
        *((name, TlsLevel.GOOD) for name in ("brainpoolP256r1", "brainpoolP512r1tls13")),
        ("X25519MLKEM768", TlsLevel.GOOD),
        ("secp224r1", TlsLevel.PHASE_OUT),
        ("ffdhe3072", TlsLevel.PHASE_OUT),
        ("ffdhe8192", TlsLevel.PHASE_OUT),
        ("ffdhe2048", TlsLevel.INSUFFICIENT),
        ("secp256k1", TlsLevel.INSUFFICIENT),
        ("sect163k1", TlsLevel.INSUFFICIENT),
        ("0x9999", TlsLevel.INSUFFICIENT),
        ("MLKEM768", None),
    ],
)
def test_groups(group: str, level: TlsLevel | None) -> None:
    assert grades.of_group(group) is level


def test_primes_and_signatures() -> None:
    assert grades.of_prime(Prime(4096, "ffdhe4096")) is TlsLevel.PHASE_OUT
    assert grades.of_prime(Prime(2048, "ffdhe2048")) is TlsLevel.INSUFFICIENT
    assert grades.of_prime(Prime(4096, "modp4096")) is TlsLevel.INSUFFICIENT
    assert grades.of_prime(Prime(8192, None)) is TlsLevel.INSUFFICIENT
    assert grades.of_signature("rsa_pkcs1_sha1") is TlsLevel.INSUFFICIENT
    assert grades.of_signature("rsa_pkcs1_md5") is TlsLevel.INSUFFICIENT
    assert grades.of_signature("ecdsa_sha224") is TlsLevel.PHASE_OUT


@pytest.mark.parametrize(
    ("kind", "bits", "level"),
    [
        ("rsa", 3072, TlsLevel.GOOD),
        ("rsa", 3071, TlsLevel.PHASE_OUT),
        ("rsa", 2048, TlsLevel.PHASE_OUT),
        ("rsa", 2047, TlsLevel.INSUFFICIENT),
        ("ec-secp256r1", 256, TlsLevel.GOOD),
        ("ec-brainpoolP384r1", 384, TlsLevel.GOOD),
        ("ec-secp224r1", 224, TlsLevel.PHASE_OUT),
        ("ec-secp192r1", 192, TlsLevel.INSUFFICIENT),
        ("ed25519", 256, TlsLevel.GOOD),
        ("dsa", 3072, TlsLevel.INSUFFICIENT),
        ("rsa", None, None),
        ("unknown", None, None),
    ],
)
def test_keys(kind: str, bits: int | None, level: TlsLevel | None) -> None:
    certificate = Certificate("x", True, kind, bits, "sha256", self_signed=False)
    assert grades.of_key(certificate) is level


def _raw(sample: str) -> dict[str, Any]:
    value = json.loads((SAMPLES / sample / "offers.stdout").read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def _answer(**changed: object) -> Answer:
    return read_answer(json.dumps(_raw("nginx_strictly_modern") | changed))


def test_only_the_chosen_group_counts_unless_all_do() -> None:
    answer = _answer(groups={"TLSv1.3": ["x25519", "ffdhe2048"], "TLSv1.2": ["x25519"]})

    lax = weigh(answer, AT, strict_groups=False)
    strict = weigh(answer, AT, strict_groups=True)

    assert lax.at(TlsLevel.INSUFFICIENT) == ()
    assert [one.name for one in lax.hidden] == ["ffdhe2048"]
    assert strict.at(TlsLevel.INSUFFICIENT) == ("ffdhe2048",)
    first = _answer(groups={"TLSv1.3": ["ffdhe2048", "x25519"], "TLSv1.2": ["x25519"]})
    assert weigh(first, AT, strict_groups=False).at(TlsLevel.INSUFFICIENT) == ("ffdhe2048",)
    older = _answer(groups={"TLSv1.3": ["x25519"], "TLSv1.2": ["x25519", "secp192r1"]})
    assert weigh(older, AT, strict_groups=False).at(TlsLevel.INSUFFICIENT) == ("secp192r1",)


@pytest.mark.parametrize(
    ("status", "signed", "revoked"),
    [("revoked", True, True), ("revoked", None, True), ("revoked", False, False)],
)
def test_a_revocation_counts_unless_another_signed_it(
    status: str, signed: bool | None, revoked: bool
) -> None:
    raw = _raw("nginx_strictly_modern")
    raw["certificates"][0]["ocsp"].update(
        stapled=True, status=status, signed=signed, next_update="2026-12-01T00:00:00Z"
    )
    weighed = weigh(read_answer(json.dumps(raw)), AT, strict_groups=False)
    assert bool(weighed.revoked) is revoked
    assert bool(weighed.stale) is (signed is False)


def test_a_staple_ends() -> None:
    raw = _raw("nginx_stapled")
    raw["certificates"][0]["ocsp"]["next_update"] = "2026-11-27T23:59:59Z"
    assert weigh(read_answer(json.dumps(raw)), AT, strict_groups=False).stale


@pytest.mark.parametrize(
    "part",
    [
        *("service", "port", "versions", "suites", "groups", "dh", "weak_signatures", "gaps"),
        *("compression", "renegotiation", "master_secret", "early_data", "certificates", "tls"),
    ],
)
@pytest.mark.parametrize("value", [None, "?", 7, [7], {"a": 7}, [], {}])
def test_a_part_that_is_not_as_documented_is_not_believed(part: str, value: object) -> None:
    """Nothing but what is documented is ever read as complete and good."""
    harmless = {
        ("service", "?"),
        ("port", "7"),
        ("dh", "[]"),
        ("weak_signatures", "[]"),
        ("gaps", "[]"),
        ("certificates", "[]"),
    }
    if (part, str(value)) in harmless:
        return
    with pytest.raises(UnparsedError):
        _answer(**{part: value})
