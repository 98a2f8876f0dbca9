"""From real databases of places and a real name server to a verdict: the truth table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.network import NetworkTransport
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.data_location.check import CHECK
from checks.data_location.places import EEA, EU
from tests.lab.dns import DnsLab, Signing, Zone, dns_lab
from tests.lab.mmdb import country, network, write
from tests.transports.website_support import Names

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
REQUEST = '{"kind":"place"}'

COUNTRIES: dict[str, dict[str, object]] = {
    "145.0.10.0/24": country("NL"),
    "145.0.20.0/24": country("BE"),
    "145.0.30.0/24": country("NO"),
    "145.0.40.0/24": country("US"),
    "145.0.50.0/24": country("GB"),
    "145.0.60.0/24": country("NL", anycast=True),
    "145.0.70.0/24": country("US"),
    "145.0.80.0/24": country("DE"),
    "145.0.95.0/24": {"country_code": "IE", "asn": "AS64500", "as_name": "Other Maker"},
    "2a0e:b100::/32": country("NL"),
    "2a0e:b200::/32": country("US"),
}
NETWORKS = {
    "145.0.0.0/18": network(64496, "Hosting Noord"),
    "145.0.70.0/24": network(13335, "CLOUDFLARENET"),
    "145.0.90.0/24": network(64497, "Hosting Zuid"),
    "2a0e:b100::/32": network(64496, "Hosting Noord"),
    "2a0e:b200::/32": network(64498, "Hosting West"),
}

# The addresses of a site, by its name.
SITES = {
    "nl": ("145.0.10.5", "2a0e:b100::5"),
    "nl-and-be": ("145.0.10.5", "145.0.20.5"),
    "norway": ("145.0.30.5",),
    "other-maker": ("145.0.95.5",),
    "us": ("145.0.40.5",),
    "uk": ("145.0.50.5",),
    "us-over-ipv6": ("145.0.10.5", "2a0e:b200::5"),
    "anycast": ("145.0.60.5",),
    "front": ("145.0.70.5",),
    "no-network": ("145.0.80.5",),
    "no-country": ("145.0.90.5",),
    "not-listed": ("145.9.9.9",),
    "private": ("10.0.0.5",),
}
TRUTH = {
    "nl": (PASS, "inside"),
    "nl-and-be": (PASS, "inside"),
    "norway": (PASS, "inside"),
    "other-maker": (PASS, "inside"),
    "us": (FAIL, "outside"),
    "uk": (FAIL, "outside"),
    "us-over-ipv6": (FAIL, "outside"),
    "anycast": (UNKNOWN, "no_fixed_place"),
    "front": (UNKNOWN, "no_fixed_place"),
    "no-network": (UNKNOWN, "network_unknown"),
    "no-country": (UNKNOWN, "country_unknown"),
    "not-listed": (UNKNOWN, "country_unknown"),
    "private": (UNKNOWN, "private_address"),
}


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("places")
    return [
        str(write(folder / "countries.mmdb", COUNTRIES, "Lab-Country")),
        str(write(folder / "networks.mmdb", NETWORKS, "Lab-ASN")),
    ]


def target(name: str, role: Role = Role.SITE, **options: object) -> Target:
    return Target(
        name=name.partition(".")[0],
        role=role,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=name,
        options=options,
    )


def ask(of: Target, names: Mapping[str, tuple[str, ...]] | None = None) -> str:
    planned = PlannedProbe("key", Probe("place", ProbeKind.REQUEST, REQUEST, timeout_s=30))
    transport = NetworkTransport(resolver=Names(names or {}))
    return transport.answer(of, planned, Deadline.after(60))


def ask_site(name: str, *databases: str) -> str:
    address = f"{name}.example"
    return ask(target(address, location_database=list(databases)), {address: SITES[name]})


def judge(text: str, *, later: timedelta = timedelta(), **changed: Any) -> Judgement:
    folder = Path(__file__).resolve().parents[2] / "checks" / "data_location"
    manifest = yaml.safe_load((folder / "check.yaml").read_text(encoding="utf-8"))
    values = {name: one["default"] for name, one in manifest["parameters"].items()}
    now = datetime.now(UTC) + later
    captures = Captures(target("x.example"), now, {"place": Captured("place", text, "", 0, now)})
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({**values, **changed}))
    return judgement


@pytest.mark.parametrize("name", TRUTH)
def test_each_site_is_judged_rightly(databases: list[str], name: str) -> None:
    judgement = judge(ask_site(name, *databases))
    assert (judgement.outcome, judgement.message.id) == TRUTH[name]


def test_the_database_is_part_of_the_evidence(databases: list[str]) -> None:
    answer = json.loads(ask_site("nl", *databases))
    first, second = answer["databases"]
    assert (first["name"], first["type"]) == ("countries.mmdb", "Lab-Country")
    assert second["type"] == "Lab-ASN"
    built = datetime.strptime(first["built"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - built) < timedelta(hours=1)
    assert len(first["sha256"]) == 64
    assert [(one["ip"], one["country"], one["network"]) for one in answer["addresses"]] == [
        ("145.0.10.5", "NL", 64496),
        ("2a0e:b100::5", "NL", 64496),
    ]


def test_the_promised_region_decides(databases: list[str]) -> None:
    text = ask_site("nl-and-be", *databases)
    assert judge(text, region="EU").outcome is PASS
    narrow = judge(text, region="NL")
    assert (narrow.outcome, narrow.message.facts["region"]) == (FAIL, "NL")
    assert "145.0.20.5 (BE" in str(narrow.message.facts["addresses"])
    assert judge(ask_site("norway", *databases), region="EU").outcome is FAIL


def test_without_a_database_nothing_is_known() -> None:
    judgement = judge(ask_site("nl"))
    assert (judgement.outcome, judgement.message.id) == (UNKNOWN, "no_database")


def test_an_old_database_shows_nothing(databases: list[str]) -> None:
    text = ask_site("nl", *databases)
    old = judge(text, later=timedelta(days=181))
    assert (old.outcome, old.message.id) == (UNKNOWN, "database_too_old")
    assert judge(text, later=timedelta(days=181), max_database_age_days=365).outcome is PASS


def test_countries_alone_are_not_enough(databases: list[str]) -> None:
    for name in ("nl", "us"):
        judgement = judge(ask_site(name, databases[0]))
        assert (judgement.outcome, judgement.message.id) == (UNKNOWN, "network_unknown")


def test_one_database_may_be_named_as_a_text(databases: list[str]) -> None:
    of = target("nl.example", location_database=databases[0])
    assert json.loads(ask(of, {"nl.example": SITES["nl"]}))["databases"][0]["name"]


@pytest.mark.parametrize("content", [None, b"", b"no database", b"\xab\xcd\xefMaxMind.com\xe0"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TransportError) as raised:
        ask_site("nl", str(path))
    assert raised.value.reason is Reason.NOT_RUN
    assert "location_database" in raised.value.mend


def test_a_damaged_file_is_told(tmp_path: Path, databases: list[str]) -> None:
    whole = Path(databases[0]).read_bytes()
    path = tmp_path / "damaged.mmdb"
    told = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        try:
            ask_site("nl", str(path), databases[1])
        except TransportError as error:
            assert error.reason is Reason.NOT_RUN
            told += 1
    assert told


@pytest.mark.parametrize("named", [5, [""], [5], ["a"] * 5, {"a": "b"}])
def test_an_option_of_the_wrong_kind(named: object) -> None:
    with pytest.raises(TransportError) as raised:
        ask(target("nl.example", location_database=named), {"nl.example": ("145.0.10.5",)})
    assert raised.value.reason is Reason.NOT_RUN


def test_the_regions() -> None:
    assert len(EU) == 27
    assert {"IS", "LI", "NO"} == EEA - EU
    assert not {"CH", "GB", "US"} & EEA


@pytest.fixture(scope="module")
def dns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsLab]:
    zones = [
        Zone("kept.example", "@ MX 10 mx\nmx A 145.0.10.5\n", Signing.NONE),
        Zone("abroad.example", "@ MX 10 a\n@ MX 20 b\na A 145.0.10.5\nb A 145.0.40.5\n"),
        Zone("no-mx.example", "@ A 145.0.10.5\n", Signing.NONE),
        Zone("no-mail.example", "@ MX 0 .\n", Signing.NONE),
        Zone("no-address.example", "@ MX 10 mx\n", Signing.NONE),
    ]
    with dns_lab(tmp_path_factory.mktemp("dns"), zones) as lab:
        yield lab


@pytest.mark.parametrize(
    ("domain", "outcome", "message"),
    [
        ("kept.example", PASS, "inside"),
        ("no-mx.example", PASS, "inside"),
        ("abroad.example", FAIL, "outside"),
        ("no-mail.example", Outcome.NOT_APPLICABLE, "takes_no_mail"),
        ("no-address.example", UNKNOWN, "no_address"),
    ],
)
def test_mail_domains(
    dns: DnsLab, databases: list[str], domain: str, outcome: Outcome, message: str
) -> None:
    of = target(domain, Role.MAIL_DOMAIN, location_database=databases, **dns.options)
    judgement = judge(ask(of))
    assert (judgement.outcome, judgement.message.id) == (outcome, message)
