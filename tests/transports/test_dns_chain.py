"""DNSSEC validated here: against real zones, and beside unbound's verdict on the same names."""

from __future__ import annotations

from collections.abc import Iterator

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from assessor.collect.questions.dns_chain import Chain
from assessor.collect.questions.dns_client import Client, Server
from assessor.collect.questions.dns_lookup import Lookup, Lookups, Outcome
from assessor.collect.questions.dns_session import Session
from assessor.collect.questions.dns_verdict import Security, Why
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.tcp import Clock
from assessor.model.target import Platform, Role, Target, TransportKind
from tests.lab.dns import DAY, DnsLab, Signing, Zone, dns_lab
from tests.lab.dns_proxy import dns_proxy, without_dnssec

RECORDS = """@ A 192.0.2.1
@ TXT "v=spf1 -all"
www CNAME @
out CNAME www.unsigned.example.
bad CNAME www.expired.example.
gone CNAME nowhere.good.example.
round CNAME trip
trip CNAME round
a.b.ent A 192.0.2.2
*.wild A 192.0.2.3
exact.wild TXT "here"
*.aliases CNAME www
sub.tree DNAME www.other.example.
"""
ZONES = [
    Zone("good.example", RECORDS),
    Zone("hashed.example", RECORDS, nsec3=True),
    Zone("many.example", RECORDS, nsec3=True, iterations=100),
    Zone("other.example", "@ A 192.0.2.1\nx.www A 192.0.2.4\n", algorithm="ED25519"),
    Zone("unsigned.example", "@ A 192.0.2.1\nwww A 192.0.2.1\n", signing=Signing.NONE),
    Zone("deep.unsigned.example", "@ A 192.0.2.1\n"),
    Zone("child.good.example", "@ A 192.0.2.1\n"),
    Zone("plain.good.example", "@ A 192.0.2.1\n", signing=Signing.NONE),
    Zone("plain.hashed.example", "@ A 192.0.2.1\n", signing=Signing.NONE),
    Zone("expired.example", "@ A 192.0.2.1\nwww A 192.0.2.1\n", ends=-DAY),
    Zone("future.example", "@ A 192.0.2.1\n", begins=3 * DAY),
    Zone("altered.example", "@ A 192.0.2.1\n@ MX 10 mx\n", signing=Signing.ALTERED),
    Zone("stripped.example", "@ A 192.0.2.1\n@ MX 10 mx\n", signing=Signing.STRIPPED),
    Zone("wrong-key.example", "@ A 192.0.2.1\n", signing=Signing.WRONG_DS),
    Zone("not-linked.example", "@ A 192.0.2.1\n", signing=Signing.NO_DS),
    Zone("rsa.example", "@ A 192.0.2.1\n", algorithm="RSASHA256"),
    Zone("p384.example", "@ A 192.0.2.1\n", algorithm="ECDSAP384SHA384"),
    Zone("ed448.example", "@ A 192.0.2.1\n", algorithm="ED448"),
]

IN_EACH = (
    *("@ A", "@ MX", "@ TXT", "@ CAA", "@ DNSKEY", "@ NS", "@ SOA", "www A", "www MX"),
    *("out A", "out MX", "bad A", "gone A", "nowhere A", "x.nowhere A", "ent A", "b.ent A"),
    *("a.b.ent A", "a.b.ent MX", "z.b.ent A", "x.wild A", "x.wild MX", "x.y.wild A", "wild A"),
    *("exact.wild A", "exact.wild TXT", "x.exact.wild A", "x.aliases A", "x.aliases MX"),
    *("sub.tree A", "x.sub.tree A", "y.sub.tree A", "plain A", "_25._tcp.www TLSA", "_dmarc TXT"),
)
NAMES = [
    *(
        f"{name}.{zone}".removeprefix("@.") + f" {kind}"
        for zone in ("good.example", "hashed.example", "many.example")
        for name, kind in (asked.split(" ") for asked in IN_EACH)
    ),
    *("child.good.example A", "x.child.good.example A", "plain.good.example MX"),
    *("deep.unsigned.example A", "unsigned.example A", "x.unsigned.example A"),
    *("expired.example A", "x.expired.example A", "future.example A", "altered.example A"),
    *("altered.example MX", "stripped.example A", "stripped.example MX", "wrong-key.example A"),
    *("not-linked.example A", "rsa.example A", "p384.example A", "ed448.example A"),
    *("other.example A", "nowhere.example A", "x.nowhere.example A", "nowhere A", ". NS"),
    *("example DNSKEY", "example DS", "good.example DS", "unsigned.example DS"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsLab]:
    with dns_lab(tmp_path_factory.mktemp("dns"), ZONES) as running:
        yield running


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()


def lookups(lab: DnsLab, client: Client, **options: object) -> Lookups:
    target = Target(
        name="target",
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address="good.example",
        options={**lab.options, **options},
    )
    return Lookups(Session(client, target, Clock(Deadline.after(60), 60, None)))


def look_up(found: Lookups, name: str, kind: str) -> Lookup:
    return found.look_up(dns.name.from_text(name), dns.rdatatype.from_text(kind))


def opinion(lab: DnsLab, name: str, kind: str) -> Security:
    """What an unbound that validates from the same root makes of it."""
    query = dns.message.make_query(name, kind, want_dnssec=True)
    answer = dns.query.tcp(query, lab.validating, timeout=20)
    if answer.rcode() == dns.rcode.SERVFAIL:
        return Security.BOGUS
    return Security.SECURE if answer.flags & dns.flags.AD else Security.INSECURE


@pytest.mark.parametrize("asked", NAMES)
def test_unbound_agrees(lab: DnsLab, client: Client, asked: str) -> None:
    name, kind = asked.split(" ")
    found = look_up(lookups(lab, client), name, kind)
    assert found.verdict.security is opinion(lab, name, kind), found.verdict


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("expired.example", Why.EXPIRED),
        ("future.example", Why.EARLY),
        ("altered.example", Why.MISMATCH),
        ("stripped.example", Why.UNSIGNED),
        ("wrong-key.example", Why.KEY_MISSING),
        ("unsigned.example", Why.NO_DS),
        ("not-linked.example", Why.NO_DS),
    ],
)
def test_why(lab: DnsLab, client: Client, name: str, why: Why) -> None:
    assert look_up(lookups(lab, client), name, "A").verdict.why is why


def test_aliases_are_followed(lab: DnsLab, client: Client) -> None:
    found = look_up(lookups(lab, client), "x.aliases.good.example", "A")
    assert [name.to_text() for name in found.aliases] == ["www.good.example.", "good.example."]
    assert found.texts() == ("192.0.2.1",)
    lost = look_up(lookups(lab, client), "gone.good.example", "A")
    assert lost.outcome is Outcome.NO_NAME


def test_aliases_that_lead_round(lab: DnsLab, client: Client) -> None:
    found = look_up(lookups(lab, client), "round.good.example", "A")
    assert found.outcome is Outcome.FAILED
    assert found.failure


def test_a_resolver_that_keeps_signatures_back_is_gone_round(lab: DnsLab, client: Client) -> None:
    """As many a router at home: the zone's own name servers are asked instead."""
    with dns_proxy(f"{lab.net}.61", lab.resolver, without_dnssec):
        found = lookups(lab, client, resolver=f"{lab.net}.61")
        assert look_up(found, "good.example", "A").verdict.security is Security.SECURE
        assert look_up(found, "unsigned.example", "A").verdict.security is Security.INSECURE
        assert look_up(found, "altered.example", "A").verdict.security is Security.BOGUS


def test_where_they_cannot_be_asked_nothing_is_known(
    lab: DnsLab, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chain, "authorities", lambda *_: ())
    with dns_proxy(f"{lab.net}.62", lab.resolver, without_dnssec):
        found = lookups(lab, client, resolver=f"{lab.net}.62")
        verdict = look_up(found, "good.example", "A").verdict
    assert (verdict.security, verdict.why) == (Security.INDETERMINATE, Why.UNSIGNED)


def test_who_does_not_answer_for_a_zone_proves_nothing(
    lab: DnsLab, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delegation that is out of date leads to a server that knows the zone from hearsay only."""
    address = f"{lab.net}.64"
    monkeypatch.setattr(Chain, "authorities", lambda *_: (Server(address),))
    with dns_proxy(address, lab.resolver, without_dnssec):
        found = lookups(lab, client, resolver=address)
        verdict = look_up(found, "good.example", "A").verdict
    assert (verdict.security, verdict.why) == (Security.INDETERMINATE, Why.UNSIGNED)


def test_a_resolver_that_changes_an_address_is_found_out(lab: DnsLab, client: Client) -> None:
    """The answer of the zone's own name server counts, and that is genuine."""
    lies = dns.rrset.from_text("good.example.", 300, "IN", "A", "192.0.2.66")

    def lie(answer: dns.message.Message) -> None:
        answer.answer = [
            lies if rrset.rdtype == lies.rdtype and rrset.name == lies.name else rrset
            for rrset in answer.answer
        ]

    with dns_proxy(f"{lab.net}.63", lab.resolver, lie):
        found = look_up(lookups(lab, client, resolver=f"{lab.net}.63"), "good.example", "A")
    assert found.verdict.security is Security.SECURE
    assert found.texts() == ("192.0.2.1",)


def test_an_anchor_below_the_root(lab: DnsLab, client: Client) -> None:
    anchor = look_up(lookups(lab, client), "good.example", "DS").records[0].to_text()
    found = lookups(lab, client, trust_anchor=f"good.example. IN DS {anchor}")
    assert look_up(found, "www.good.example", "A").verdict.security is Security.SECURE
    verdict = look_up(found, "hashed.example", "A").verdict
    assert (verdict.security, verdict.why) == (Security.INDETERMINATE, Why.NO_ANCHOR)


def test_every_query_is_kept_as_evidence(lab: DnsLab, client: Client) -> None:
    found = lookups(lab, client)
    look_up(found, "www.good.example", "A")
    evidence = found.session.evidence()
    queries = evidence["queries"]
    assert isinstance(queries, list)
    assert {f"{one['name']} {one['type']}" for one in queries} >= {
        *("www.good.example. A", ". DNSKEY", "example. DS", "example. DNSKEY"),
        *("good.example. DS", "good.example. DNSKEY", "good.example. A"),
    }
    assert all("RRSIG" in " ".join(one["records"]) for one in queries)
