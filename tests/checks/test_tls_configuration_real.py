"""The whole way from real servers to a verdict, and verdicts that follow what is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.api import (
    Capture,
    Captured,
    Captures,
    Judgement,
    NotCaptured,
    Outcome,
    Parameters,
)
from assessor.catalogue.manifest import read_check
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.network import NetworkTransport
from assessor.errors import TransportError
from assessor.model.profile import Profile
from assessor.model.target import Platform, Role, Target, TransportKind
from assessor.plan.planner import make_plan
from checks.tls_configuration.check import CHECK
from tests.lab.pki import Pki, rsa_key
from tests.lab.tls_servers import Manners, Variant, nginx_variants, responder, s_server
from tests.lab.tls_services import imap, open_folder, postfix
from tests.transports.tls_offers_support import NAME

INFO = read_check(bundled.folder("checks") / "tls_configuration", "bundled")
GOOD = (
    "ssl_protocols TLSv1.2 TLSv1.3",
    "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20",
    "ssl_ecdh_curve X25519:prime256v1",
)


def _judge(port: int, *services: str, seconds: float = 60, **parameters: object) -> Judgement:
    """As a run does it: planned from the inventory, asked, and judged."""
    target = Target(
        name="site",
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=NAME,
        port=port,
        options={"connect_to": "127.0.0.1", "tls_services": list(services)},
    )
    profile = Profile("x", {}, {INFO.id: parameters}, ())  # type: ignore[dict-item]
    (planned,) = make_plan([target], profile, {INFO.id: INFO}).targets
    transport, at = NetworkTransport(), datetime.now(UTC)
    by_key: dict[str, Capture] = {}
    for probe in planned.probes:
        try:
            text = transport.answer(target, probe, Deadline.after(seconds))
            by_key[probe.key] = Captured(probe.key, text, "", 0, at)
        except TransportError as error:
            by_key[probe.key] = NotCaptured(probe.key, error.reason, str(error), at)
    (check,) = planned.checks
    captures = Captures(target, at, {name: by_key[key] for name, key in check.keys.items()})
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters(check.parameters))
    assert judgement.measure == "tls"
    return judgement


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Mapping[str, int]]:
    folder = tmp_path_factory.mktemp("lab")
    curve, rsa = pki.issue(NAME), pki.issue(NAME, key=rsa_key(3072))
    old = "ssl_ciphers DEFAULT:@SECLEVEL=0"
    variants = {
        "good": Variant((curve,), GOOD),
        "good-rsa": Variant((rsa,), GOOD),
        "tls-1.0": Variant((curve,), ("ssl_protocols TLSv1 TLSv1.2 TLSv1.3", old, GOOD[2])),
        "tls-1.1": Variant((curve,), ("ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3", old, GOOD[2])),
        "key-by-rsa": Variant((rsa,), (GOOD[0], "ssl_ciphers ECDHE+AESGCM:AES256-GCM-SHA384")),
        "cbc-sha1": Variant((curve,), (GOOD[0], "ssl_ciphers ECDHE+AESGCM:ECDHE+AES+SHA1")),
        "weak-key": Variant((pki.issue(NAME, key=rsa_key(1024)),), (GOOD[0], old)),
        "early-data": Variant((curve,), (*GOOD, "ssl_early_data on")),
        "odd-curve": Variant((rsa,), (*GOOD[:2], "ssl_ecdh_curve X25519:secp256k1")),
    }
    with nginx_variants(folder, variants) as ports:
        yield ports


TRUTH = {
    "good": (Outcome.PASS, "configured", ""),
    "good-rsa": (Outcome.PASS, "configured", ""),
    "tls-1.0": (Outcome.FAIL, "insufficient", "TLS 1.0"),
    "tls-1.1": (Outcome.FAIL, "insufficient", "TLS 1.1"),
    "key-by-rsa": (Outcome.FAIL, "insufficient", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    "cbc-sha1": (Outcome.FAIL, "insufficient", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    "weak-key": (Outcome.FAIL, "insufficient", f"rsa 1024 ({NAME})"),
    "early-data": (Outcome.FAIL, "insufficient", "0-RTT"),
    "odd-curve": (Outcome.FAIL, "insufficient", "secp256k1"),
}


@pytest.mark.parametrize("name", TRUTH)
def test_each_site_is_judged_rightly(lab: Mapping[str, int], name: str) -> None:
    judgement = _judge(lab[name])

    outcome, message, guilty = TRUTH[name]
    assert (judgement.outcome, judgement.message.id) == (outcome, message)
    assert guilty in str(judgement.message.facts["what"])


def test_a_site_that_is_mended_passes(tmp_path: Path, pki: Pki) -> None:
    """The verdict follows the site: what failed passes once the setting is right."""
    issued = pki.issue(NAME)
    for lines, outcome in (
        ((*GOOD[:1], "ssl_ciphers ECDHE"), Outcome.FAIL),
        (GOOD, Outcome.PASS),
    ):
        with nginx_variants(tmp_path, {"mended": Variant((issued,), lines)}) as ports:
            assert _judge(ports["mended"]).outcome is outcome


def test_a_stricter_profile(lab: Mapping[str, int]) -> None:
    port = lab["good"]
    assert _judge(port, lowest_grade="sufficient").message.id == "below_wanted"
    good = _judge(port, lowest_grade="good")
    assert good.outcome is Outcome.FAIL
    assert "TLS 1.2" in str(good.message.facts["what"])
    assert _judge(port, lowest_grade="phase_out", strict_groups=True).outcome is Outcome.PASS


def test_services_beside_the_site(tmp_path: Path, lab: Mapping[str, int], pki: Pki) -> None:
    issued = pki.issue(NAME, key=rsa_key(3072))
    good = ("-cipher", "ECDHE+AESGCM", "-groups", "X25519:P-256")
    with (
        open_folder() as folder,
        postfix(folder, issued) as smtp,
        s_server(tmp_path, issued, *good) as mail,
    ):
        judgement = _judge(lab["good"], f"smtp:{smtp}", f"imaps:{mail}")
        alone = _judge(lab["good"], f"imaps:{mail}")

    assert (judgement.outcome, judgement.message.id) == (Outcome.FAIL, "insufficient")
    # Postfix takes anything by default, as mail servers do.
    assert str(judgement.message.facts["what"]).startswith(f"smtp ({smtp}): TLS 1.0, TLS 1.1")
    assert "imaps" not in str(judgement.message.facts["what"])
    assert alone.outcome is Outcome.PASS
    assert f"imaps ({mail})" in str(alone.message.facts["what"])


def test_a_mail_server_with_its_own_defaults(lab: Mapping[str, int], pki: Pki) -> None:
    """Dovecot chooses a suite that it cannot carry out, and hangs up: the others still show."""
    with open_folder() as folder, imap(folder, pki.issue(NAME, key=rsa_key(3072))) as mail:
        judgement = _judge(lab["good"], f"imap:{mail}")
    assert (judgement.outcome, judgement.message.id) == (Outcome.FAIL, "insufficient")
    assert "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA" in str(judgement.message.facts["what"])


def test_what_was_not_answered_never_passes() -> None:
    """A firewall that counts connections cuts the list short, and the verdict says so."""
    for answers in range(3, 24, 5):
        with responder(Manners({0x0303: (0xC02F,)}, answers=answers)) as service:
            judgement = _judge(service.port, seconds=3)
        assert judgement.outcome is not Outcome.PASS, answers
