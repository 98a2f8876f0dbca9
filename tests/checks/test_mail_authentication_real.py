"""From real zones to a verdict on SPF, DKIM and DMARC; the truth table stands here."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from assessor.collect.transports.network import NetworkTransport
from assessor.errors import TransportError
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.mail_authentication.check import CHECK
from tests.lab.dns import DnsLab, Signing, Zone, ask, dns_lab
from tests.lab.pki import rsa_key

FOLDER = Path(__file__).resolve().parents[2] / "checks" / "mail_authentication"
REQUEST = yaml.safe_load((FOLDER / "check.yaml").read_text(encoding="utf-8"))["probes"]["network"][
    "marks"
]["request"]


def txt(name: str, text: str) -> str:
    """A TXT record, in pieces of at most 255 characters as a zone file wants them."""
    pieces = [text[start : start + 250] for start in range(0, len(text), 250)] or [""]
    return f"{name} TXT {' '.join(chr(34) + piece + chr(34) for piece in pieces)}\n"


def rsa_record(bits: int, more: str = "") -> str:
    key: rsa.RSAPrivateKey = rsa_key(bits)
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; {more}k=rsa; p={base64.b64encode(der).decode()}"


def ed25519_record() -> str:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"


KEY = rsa_record(2048)
# Of 512 bits, from ``openssl genrsa 512``; the libraries of today make none so short.
SHORT_KEY = (
    "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAO8g+Z/2t+/V2n22tEt3ws7SdeG1FUGcoz8kLZRx2O5"
    "uO9bBkgyw96fOtNWtVoIzyIfbPLFM5dMRNr/QTWM/+PsCAwEAAQ=="
)
SPF = "v=spf1 mx -all"
DMARC = "v=DMARC1; p=reject; rua=mailto:dmarc@{domain}"
BASE = "@ MX 10 mx\nmx A 192.0.2.25\n"

# Records that others include.
SHARED = (
    txt("ok", "v=spf1 ip4:192.0.2.0/24 ~all")
    + txt("two", "v=spf1 ~all")
    + txt("two", "v=spf1 -all")
    + txt("round", "v=spf1 include:round.shared.example -all")
    + "".join(txt(f"deep{n}", f"v=spf1 include:deep{n + 1}.shared.example ~all") for n in range(5))
    + txt("deep5", "v=spf1 a:ok.shared.example a:mx.ok.shared.example mx:ok.shared.example ~all")
    + txt("open", "v=spf1 +all")
    + txt("strict", "v=spf1 ip4:192.0.2.1 -all")
    + txt("macro", "v=spf1 exists:%{i}.ok.shared.example -all")
    + "ok A 192.0.2.9\n"
    + txt("agreed.example._report._dmarc", "v=DMARC1")
)


class Table:
    """The domains and what must be said of each."""

    def __init__(self) -> None:
        self.zones: list[Zone] = [Zone("shared.example", SHARED)]
        self.expected: dict[str, tuple[Outcome, str, set[str]]] = {}
        self.options: dict[str, dict[str, object]] = {}

    def add(
        self,
        name: str,
        outcome: Outcome,
        message: str,
        *advice: str,
        spf: str | tuple[str, ...] = SPF,
        dmarc: str | tuple[str, ...] = DMARC,
        dkim: str = txt("selector1._domainkey", KEY),
        more: str = "",
        signing: Signing = Signing.GOOD,
        **options: object,
    ) -> None:
        domain = f"{name}.example"
        records = BASE + more + dkim
        for text in (spf,) if isinstance(spf, str) else spf:
            records += txt("@", text)
        for text in (dmarc,) if isinstance(dmarc, str) else dmarc:
            records += txt("_dmarc", text.format(domain=domain))
        self.zones.append(Zone(domain, records, signing))
        self.expected[domain] = (outcome, message, set(advice))
        self.options[domain] = options


def _table() -> Table:
    table = Table()
    good, bad, unsure = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
    add = table.add
    add("good", good, "authenticated")
    add("unsigned", good, "authenticated", signing=Signing.NONE)
    add("softfail", good, "authenticated", spf="v=spf1 mx include:ok.shared.example ~all")
    add("redirect", good, "authenticated", spf="v=spf1 redirect=strict.shared.example")
    add("upper", good, "authenticated", spf="V=SPF1 MX -ALL")
    add("macro", good, "authenticated", spf="v=spf1 include:macro.shared.example -all")
    add("ptr", good, "authenticated", "spf_ptr", spf="v=spf1 ptr -all")
    add("spf-none", bad, "no_spf", spf=())
    add("spf-two", bad, "several_spf", spf=(SPF, "v=spf1 -all"))
    add("spf-like", bad, "no_spf", spf="v=spf10 -all")
    add("spf-neutral", bad, "spf_neutral", spf="v=spf1 mx ?all")
    add("spf-without-all", bad, "spf_neutral", spf="v=spf1 mx")
    add("spf-open", bad, "spf_allows_all", spf="v=spf1 mx +all")
    add("spf-open-short", bad, "spf_allows_all", spf="v=spf1 all")
    add("spf-redirect-open", bad, "spf_allows_all", spf="v=spf1 redirect=open.shared.example")
    add("spf-syntax", bad, "spf_syntax", spf="v=spf1 mx ipv4:192.0.2.1 -all")
    add("spf-address", bad, "spf_syntax", spf="v=spf1 ip4:192.0.2.300 -all")
    add("spf-nowhere", bad, "spf_leads_nowhere", spf="v=spf1 include:gone.shared.example -all")
    add("spf-include-two", bad, "several_spf", spf="v=spf1 include:two.shared.example -all")
    add("spf-round", bad, "spf_too_many", spf="v=spf1 include:round.shared.example -all")
    add("spf-nine", good, "authenticated", spf="v=spf1 include:deep0.shared.example -all", more="")
    add(
        "spf-eleven",
        bad,
        "spf_too_many",
        spf="v=spf1 mx a include:deep0.shared.example -all",
        more="@ A 192.0.2.1\n",
    )
    add("spf-after-all", good, "authenticated", spf="v=spf1 -all include:round.shared.example")
    add(
        "spf-void",
        bad,
        "spf_void",
        spf="v=spf1 a:x.shared.example a:y.shared.example exists:z.shared.example -all",
    )
    add("dmarc-none", bad, "no_dmarc", dmarc=())
    add("dmarc-two", bad, "several_dmarc", dmarc=(DMARC, DMARC + "; adkim=s"))
    add("dmarc-watching", bad, "dmarc_none", dmarc="v=DMARC1; p=none; rua=mailto:d@{domain}")
    add("dmarc-without-p", bad, "dmarc_none", dmarc="v=DMARC1; rua=mailto:d@{domain}")
    add("dmarc-syntax", bad, "dmarc_syntax", dmarc="v=DMARC1; p=refuse")
    add("dmarc-testing", bad, "dmarc_testing", dmarc="v=DMARC1; p=quarantine; t=y")
    add("dmarc-pct-0", bad, "dmarc_testing", dmarc="v=DMARC1; p=reject; pct=0")
    add(
        "dmarc-softened",
        good,
        "authenticated",
        "dmarc_softened",
        dmarc="v=DMARC1; p=reject; t=y; rua=mailto:d@{domain}",
    )
    add(
        "dmarc-partly",
        good,
        "authenticated",
        *("dmarc_partly", "no_dmarc_reports", "dmarc_subdomains"),
        dmarc="v=DMARC1; p=quarantine; pct=30; sp=none",
    )
    add(
        "agreed",
        good,
        "authenticated",
        dmarc="v=DMARC1; p=reject; rua=mailto:d@shared.example!10m",
    )
    add(
        "not-agreed",
        good,
        "authenticated",
        "dmarc_reports_refused",
        dmarc="v=DMARC1; p=reject; rua=mailto:d@{domain},mailto:d@shared.example",
    )
    _add_keys(add)
    add("sub.good", good, "authenticated", dmarc=())
    add("sub.dmarc-partly", bad, "dmarc_none", dmarc=())
    add("sends-nothing", good, "sends_nothing", spf="v=spf1 -all", dkim="")
    unresolved = ("dmarc_not_resolved", "dkim_not_resolved")
    add("forged", unsure, "spf_not_resolved", *unresolved, signing=Signing.WRONG_DS)
    table.expected["nowhere.example"] = (unsure, "no_such_name", set())
    table.expected["192.0.2.1"] = (unsure, "no_domain_name", set())
    return table


def _add_keys(add: object) -> None:
    assert callable(add)
    good, bad, unsure = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
    own, usual = "own2026._domainkey", "default._domainkey"
    add("dkim-none", bad, "no_dkim", dkim="")
    add("dkim-hidden", unsure, "dkim_not_found", dkim=txt(own, KEY))
    add("dkim-named", good, "authenticated", dkim=txt(own, KEY), dkim_selectors=("own2026",))
    add("dkim-missing", bad, "dkim_missing", dkim=txt(usual, KEY), dkim_selectors=("own2026",))
    add(
        "dkim-lost",
        good,
        "authenticated",
        "dkim_lost",
        dkim=txt(usual, KEY),
        dkim_selectors=("default", "old"),
    )
    add("dkim-512", bad, "dkim_weak", dkim=txt(usual, SHORT_KEY))
    add("dkim-1024", good, "authenticated", "dkim_short", dkim=txt(usual, rsa_record(1024)))
    add("dkim-ed25519", good, "authenticated", dkim=txt(usual, ed25519_record()))
    add("dkim-revoked", unsure, "dkim_not_found", dkim=txt(usual, "v=DKIM1; p="))
    add(
        "dkim-testing",
        bad,
        "dkim_invalid",
        dkim=txt(usual, rsa_record(2048, "t=s:y; ")),
        dkim_selectors=("default",),
    )
    add(
        "dkim-alias",
        good,
        "authenticated",
        dkim=f"selector1._domainkey CNAME key\n{txt('key', KEY)}",
    )
    add("wildcard", unsure, "dkim_not_found", dkim=txt("*", "v=spf1 -all"))


TABLE = _table()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsLab]:
    with dns_lab(tmp_path_factory.mktemp("dns"), TABLE.zones) as running:
        yield running


@pytest.fixture(scope="module")
def transport() -> NetworkTransport:
    return NetworkTransport()


def judge(text: str) -> Judgement:
    at = datetime.now(UTC)
    target = Target("mail", Role.MAIL_DOMAIN, TransportKind.NETWORK, Platform.NETWORK, "x.example")
    facts = CHECK.observe(Captures(target, at, {"marks": Captured("marks", text, "", 0, at)}))
    (judgement,) = CHECK.evaluate(facts, Parameters({}))
    return judgement


@pytest.mark.parametrize("domain", TABLE.expected)
def test_each_domain_is_judged_rightly(
    lab: DnsLab, transport: NetworkTransport, domain: str
) -> None:
    options = {**lab.options, **TABLE.options.get(domain, {})}
    judgement = judge(ask(options, domain, REQUEST, transport=transport))
    outcome, message, advice = TABLE.expected[domain]
    assert judgement.measure == "mail-authentication"
    assert (judgement.outcome, judgement.message.id) == (outcome, message), judgement
    assert {one.id for one in judgement.advice} == advice


def test_what_was_seen_is_told(lab: DnsLab, transport: NetworkTransport) -> None:
    seen = judge(ask(lab.options, "good.example", REQUEST, transport=transport)).observed
    assert seen["spf"] == SPF
    assert (seen["spf_lookups"], seen["spf_void"], seen["spf_all"]) == (1, 0, "-")
    assert seen["dmarc_policy"] == "reject"
    assert seen["dmarc_alignment"] == "adkim=r aspf=r"
    assert seen["dkim"] == ("selector1: rsa 2048",)


def test_a_domain_that_is_mended_passes(tmp_path: Path) -> None:
    """The verdict follows the zone: with a stricter policy, what failed passes."""
    for policy, outcome in (("none", Outcome.FAIL), ("reject", Outcome.PASS)):
        (tmp_path / policy).mkdir()
        records = f"{BASE}{txt('@', SPF)}{txt('_dmarc', f'v=DMARC1; p={policy}')}"
        records += txt("selector1._domainkey", KEY)
        with dns_lab(tmp_path / policy, [Zone("mended.example", records)]) as running:
            assert judge(ask(running.options, "mended.example", REQUEST)).outcome is outcome


@pytest.mark.parametrize("selectors", ["selector1", ("",), ("a b",), (5,), ("-x",)])
def test_selectors_that_cannot_be(lab: DnsLab, selectors: object) -> None:
    with pytest.raises(TransportError) as raised:
        ask({**lab.options, "dkim_selectors": selectors}, "good.example", REQUEST)
    assert "dkim_selectors" in raised.value.detail
