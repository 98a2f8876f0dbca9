"""From real zones, a real Postfix and real policies to a verdict on a domain's mail transport."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from assessor.collect.transports.network import NetworkTransport
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.mail_transport.check import CHECK
from tests.lab.dns import DAY, DnsLab, Signing, Zone, ask, dns_lab, lab_net
from tests.lab.mail import Face, Policy, policy_site, postfix
from tests.lab.pki import Issued, Pki

REQUESTS: Mapping[str, Mapping[str, object]] = {
    "names": {"kind": "dns", "subject": "mail-transport"},
    "servers": {"kind": "smtp"},
    "policy": {"kind": "mta-sts"},
}
RPT = '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@lab.example"\n'
STS = '_mta-sts TXT "v=STSv1; id=20261101"\n'


def policy_text(*patterns: str, mode: str = "enforce", age: int = 2_592_000) -> str:
    names = "".join(f"mx: {pattern}\r\n" for pattern in patterns)
    return f"version: STSv1\r\nmode: {mode}\r\n{names}max_age: {age}\r\n"


def tlsa(issued: Issued, usage: int, selector: int, matching: int, *, above: bool = False) -> str:
    """The data of a TLSA record, made here without any of the code that is tested."""
    certificate = issued.above[0] if above else issued.certificate
    if selector == 1:
        data = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    else:
        data = certificate.public_bytes(serialization.Encoding.DER)
    hashed = {0: data, 1: hashlib.sha256(data).digest(), 2: hashlib.sha512(data).digest()}
    return f"{usage} {selector} {matching} {hashed[matching].hex()}"


class Scene:
    """Domains, their mail servers and their policies, put together one by one."""

    def __init__(self, pki: Pki, net: str) -> None:
        self._pki = pki
        self._net = net
        self._next = 11
        self.zones: list[Zone] = []
        self.faces: dict[str, Face] = {}
        self.policies: list[Policy] = []
        self.expected: dict[str, tuple[Outcome, str, set[str]]] = {}
        self._build()

    @property
    def policy_address(self) -> str:
        return f"{self._net}.10"

    def server(self, face: Face) -> str:
        """An address where Postfix shows ``face``."""
        address = f"{self._net}.{self._next}"
        self._next += 1
        self.faces[address] = face
        return address

    def domain(
        self,
        name: str,
        expected: tuple[Outcome, str, set[str]],
        *,
        face: Face | None = None,
        tlsa: str | None = None,
        policy: str | None = None,
        serving: str = "",
        policy_issued: Issued | None = None,
        records: str = "",
        signing: Signing = Signing.GOOD,
    ) -> None:
        """A domain with one mail server, known as ``mx.<name>.example``."""
        domain = f"{name}.example"
        lines = [records or f"@ MX 10 mx\nmx A {self.server(face or Face())}", RPT]
        if tlsa is not None:
            lines.append(f"_25._tcp.mx TLSA {tlsa}")
        if policy is not None:
            issued = policy_issued or self._pki.issue(f"mta-sts.{domain}")
            self.policies.append(Policy(domain, issued, policy, serving))
            lines += [STS, f"mta-sts A {self.policy_address}"]
        self.zones.append(Zone(domain, "\n".join([*lines, ""]), signing))
        self.expected[domain] = expected

    def _build(self) -> None:
        """The truth table."""
        pki = self._pki
        passed, failed = Outcome.PASS, Outcome.FAIL
        own = {name: pki.self_signed(f"mx.{name}.example") for name in ("d311", "d302", "d300")}
        chained = {name: pki.issue(f"mx.{name}.example") for name in ("d201", "d211")}
        self.domain(
            "d311", (passed, "dane", set()), face=Face(own["d311"]), tlsa=tlsa(own["d311"], 3, 1, 1)
        )
        self.domain(
            "d302", (passed, "dane", set()), face=Face(own["d302"]), tlsa=tlsa(own["d302"], 3, 0, 2)
        )
        self.domain(
            "d300", (passed, "dane", set()), face=Face(own["d300"]), tlsa=tlsa(own["d300"], 3, 0, 0)
        )
        self.domain(
            "d201",
            (passed, "dane", set()),
            face=Face(chained["d201"]),
            tlsa=tlsa(chained["d201"], 2, 0, 1, above=True),
        )
        self.domain(
            "d211",
            (passed, "dane", set()),
            face=Face(chained["d211"]),
            tlsa=tlsa(chained["d211"], 2, 1, 1, above=True),
        )
        elsewhere = pki.issue("elsewhere.example")
        self.domain(
            "d2-wrong-name",
            (failed, "dane_mismatch", set()),
            face=Face(elsewhere),
            tlsa=tlsa(elsewhere, 2, 0, 1, above=True),
        )
        late = pki.issue("mx.d2-late.example", begins=-9 * DAY, ends=-DAY)
        self.domain(
            "d2-late",
            (failed, "dane_mismatch", set()),
            face=Face(late),
            tlsa=tlsa(late, 2, 0, 1, above=True),
        )
        # With usage 3 neither name nor days count (RFC 7672, 3.1.1).
        self.domain("d3-late", (passed, "dane", set()), face=Face(late), tlsa=tlsa(late, 3, 1, 1))
        other = pki.issue("mx.d3-other.example")
        self.domain(
            "d3-other", (failed, "dane_mismatch", set()), face=Face(other), tlsa=tlsa(late, 3, 1, 1)
        )
        rolled = pki.issue("mx.d3-rollover.example")
        self.domain(
            "d3-rollover",
            (passed, "dane", set()),
            face=Face(rolled),
            tlsa=f"{tlsa(late, 3, 1, 1)}\n_25._tcp.mx TLSA {tlsa(rolled, 3, 1, 1)}",
        )
        pkix = pki.issue("mx.d1.example")
        self.domain(
            "d1",
            (failed, "not_enforced", {"dane_unusable"}),
            face=Face(pkix),
            tlsa=tlsa(pkix, 1, 1, 1),
        )
        open_ = pki.issue("mx.d3-unsigned.example")
        self.domain(
            "d3-unsigned",
            (failed, "not_enforced", {"dane_unsigned"}),
            face=Face(open_),
            tlsa=tlsa(open_, 3, 1, 1),
            signing=Signing.NONE,
        )
        self.domain("plain", (failed, "no_starttls", set()))
        self.domain(
            "old",
            (failed, "outdated_only", set()),
            face=Face(pki.issue("mx.old.example"), protocols="TLSv1"),
        )
        self.domain(
            "opportunistic",
            (failed, "not_enforced", set()),
            face=Face(pki.issue("mx.opportunistic.example")),
        )
        self.domain("refusing", (Outcome.UNKNOWN, "not_met", set()), face=Face(refuses=True))
        self._build_policies()
        self._build_strange()

    def _build_policies(self) -> None:
        pki = self._pki
        passed, failed = Outcome.PASS, Outcome.FAIL

        def good(name: str) -> Face:
            return Face(pki.issue(f"mx.{name}.example"))

        self.domain(
            "sts",
            (passed, "mta_sts", {"no_dane"}),
            face=good("sts"),
            policy=policy_text("mx.sts.example"),
        )
        self.domain(
            "sts-unsigned",
            (passed, "mta_sts", {"no_dane"}),
            face=good("sts-unsigned"),
            policy=policy_text("*.sts-unsigned.example"),
            signing=Signing.NONE,
        )
        self.domain(
            "sts-short",
            (passed, "mta_sts", {"no_dane", "policy_short"}),
            face=good("sts-short"),
            policy=policy_text("mx.sts-short.example", age=86_400),
        )
        self.domain(
            "sts-testing",
            (failed, "not_enforced", {"policy_testing"}),
            face=good("sts-testing"),
            policy=policy_text("mx.sts-testing.example", mode="testing"),
        )
        self.domain(
            "sts-other",
            (failed, "policy_names_others", set()),
            face=good("sts-other"),
            policy=policy_text("mx.elsewhere.example"),
        )
        self.domain(
            "sts-self-signed",
            (failed, "certificate", set()),
            face=Face(pki.self_signed("mx.sts-self-signed.example")),
            policy=policy_text("mx.sts-self-signed.example"),
        )
        self.domain(
            "sts-missing",
            (failed, "policy_broken", set()),
            face=good("sts-missing"),
            policy="",
            serving="return 404;",
        )
        self.domain(
            "sts-redirect",
            (failed, "policy_broken", set()),
            face=good("sts-redirect"),
            policy="",
            serving="return 302 https://mta-sts.sts.example/.well-known/mta-sts.txt;",
        )
        self.domain(
            "sts-not-trusted",
            (failed, "policy_broken", set()),
            face=good("sts-not-trusted"),
            policy=policy_text("mx.sts-not-trusted.example"),
            policy_issued=pki.self_signed("mta-sts.sts-not-trusted.example"),
        )
        self.domain(
            "sts-garbled",
            (failed, "policy_broken", set()),
            face=good("sts-garbled"),
            policy="<html>Welcome!</html>",
        )

    def _build_strange(self) -> None:
        pki = self._pki
        first, second = pki.self_signed("a.two.example"), pki.self_signed("b.two.example")
        places = self.server(Face(first)), self.server(Face(second))
        both = f"@ MX 10 a\n@ MX 20 b\na A {places[0]}\nb A {places[1]}\n"
        both += f"_25._tcp.a TLSA {tlsa(first, 3, 1, 1)}\n"
        self.domain("two-half", (Outcome.FAIL, "not_enforced", set()), records=both)
        both += f"_25._tcp.b TLSA {tlsa(second, 3, 1, 1)}\n"
        self.domain("two", (Outcome.PASS, "dane", set()), records=both)
        self.domain("null", (Outcome.NOT_APPLICABLE, "takes_no_mail", set()), records="@ MX 0 .")
        self.domain("empty", (Outcome.NOT_APPLICABLE, "takes_no_mail", set()), records="@ TXT none")
        self.domain(
            "nobody",
            (Outcome.UNKNOWN, "not_met", set()),
            records=f"@ MX 10 mx\nmx A {self._net}.99",
        )
        self.domain(
            "altered",
            (Outcome.UNKNOWN, "bogus", set()),
            records="@ A 192.0.2.1\n@ MX 10 mx\n",
            signing=Signing.WRONG_DS,
        )
        self.expected["nowhere.example"] = (Outcome.UNKNOWN, "no_such_name", set())
        self.expected["192.0.2.1"] = (Outcome.UNKNOWN, "no_domain_name", set())


DOMAINS = tuple(
    f"{name}.example"
    for name in (
        *("d311", "d302", "d300", "d201", "d211", "d2-wrong-name", "d2-late", "d3-late"),
        *("d3-other", "d3-rollover", "d1", "d3-unsigned", "plain", "old", "opportunistic"),
        *("refusing", "sts", "sts-unsigned", "sts-short", "sts-testing", "sts-other"),
        *("sts-self-signed", "sts-missing", "sts-redirect", "sts-not-trusted", "sts-garbled"),
        *("two-half", "two", "null", "empty", "nobody", "altered", "nowhere"),
    )
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, DnsLab]]:
    folder, net = tmp_path_factory.mktemp("mail"), lab_net()
    pki = Pki(folder)
    scene = Scene(pki, net)
    with (
        pytest.MonkeyPatch.context() as patch,
        dns_lab(folder, scene.zones, net) as dns,
        postfix(folder, scene.faces),
        policy_site(folder, scene.policy_address, scene.policies),
    ):
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        yield scene, dns


@pytest.fixture(scope="module")
def transport() -> NetworkTransport:
    return NetworkTransport()


def answers(
    options: Mapping[str, object], domain: str, transport: NetworkTransport
) -> dict[str, str]:
    return {
        name: ask(options, domain, request, transport=transport, timeout_s=30)
        for name, request in REQUESTS.items()
    }


def judge(texts: Mapping[str, str], *, enforced: bool = True) -> Judgement:
    at = datetime.now(UTC)
    target = Target("mail", Role.MAIL_DOMAIN, TransportKind.NETWORK, Platform.NETWORK, "x.example")
    captured = {name: Captured(name, text, "", 0, at) for name, text in texts.items()}
    facts = CHECK.observe(Captures(target, at, captured))
    (judgement,) = CHECK.evaluate(facts, Parameters({"enforced": enforced}))
    return judgement


@pytest.mark.parametrize("domain", [*DOMAINS, "192.0.2.1"])
def test_each_domain_is_judged_rightly(
    scene: tuple[Scene, DnsLab], transport: NetworkTransport, domain: str
) -> None:
    truth, dns = scene
    judgement = judge(answers(dns.options, domain, transport))
    outcome, message, advice = truth.expected[domain]
    assert judgement.measure == "mail-encryption"
    assert (judgement.outcome, judgement.message.id) == (outcome, message), judgement
    assert {one.id for one in judgement.advice} == advice


def test_no_domain_of_the_table_is_left_out(scene: tuple[Scene, DnsLab]) -> None:
    assert set(scene[0].expected) == {*DOMAINS, "192.0.2.1"}


def test_who_promises_less_is_held_to_that(
    scene: tuple[Scene, DnsLab], transport: NetworkTransport
) -> None:
    texts = answers(scene[1].options, "opportunistic.example", transport)
    judgement = judge(texts, enforced=False)
    assert (judgement.outcome, judgement.message.id) == (Outcome.PASS, "opportunistic")
    assert [one.id for one in judgement.advice] == ["not_compelled"]


def test_a_server_that_is_mended_passes(tmp_path: Path) -> None:
    """The verdict follows the server: with the certificate of the TLSA record it passes."""
    pki, net = Pki(tmp_path), lab_net()
    promised = pki.self_signed("mx.mended.example")
    records = f"@ MX 10 mx\nmx A {net}.11\n_25._tcp.mx TLSA {tlsa(promised, 3, 1, 1)}\n"
    with dns_lab(tmp_path, [Zone("mended.example", records)], net) as dns:
        for shown, outcome in (
            (pki.self_signed("mx.mended.example"), Outcome.FAIL),
            (promised, Outcome.PASS),
        ):
            folder = tmp_path / outcome.value
            folder.mkdir()
            with postfix(folder, {f"{net}.11": Face(shown)}):
                found = judge(answers(dns.options, "mended.example", NetworkTransport()))
            assert found.outcome is outcome
