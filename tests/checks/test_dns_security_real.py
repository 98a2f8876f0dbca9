"""The whole way from real, signed zones to a verdict: each domain of the lab is judged rightly."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from assessor.collect.questions import dns_client
from assessor.collect.transports.network import NetworkTransport
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.dns_security.check import CHECK
from tests.lab.dns import DAY, DnsLab, Signing, Zone, ask, dns_lab, elsewhere, lab_net

REQUEST = {"kind": "dns", "subject": "zone"}
SITE = "@ A 192.0.2.1\nwww CNAME @\n"
NET = lab_net()
BOTH = (f"{NET}.1", elsewhere(NET))


def _zone(name: str, records: str = SITE, **how: object) -> Zone:
    return Zone(f"{name}.example", records, servers=BOTH, **how)  # type: ignore[arg-type]


ZONES = [
    _zone("good", f'{SITE}@ CAA 0 issue "ca.example"\n'),
    _zone("hashed", nsec3=True),
    _zone("ed25519", algorithm="ED25519"),
    _zone("rsa", algorithm="RSASHA256"),
    _zone("rsa-short", algorithm="RSASHA256", bits=1024),
    _zone("rsa-sha512", algorithm="RSASHA512"),
    _zone("sha1", algorithm="RSASHA1"),
    _zone("soon", begins=-28 * DAY, ends=DAY),
    _zone("unsigned", signing=Signing.NONE),
    _zone("not-linked", signing=Signing.NO_DS),
    _zone("wrong-key", signing=Signing.WRONG_DS),
    _zone("expired", ends=-DAY),
    _zone("future", begins=DAY),
    _zone("altered", signing=Signing.ALTERED),
    _zone("stripped", signing=Signing.STRIPPED),
    _zone("costly", nsec3=True, iterations=200),
    _zone("below.unsigned"),
    _zone("dangling", f"{SITE}shop CNAME gone.good.example.\nmail CNAME good.example.\n"),
    _zone("many", "*.many.example. A 192.0.2.1\n"),
    _zone("led-away", "www CNAME www.unsigned.example.\n"),
    Zone("lonely.example", SITE),
    Zone("together.example", SITE, servers=(f"{NET}.1", f"{NET}.2")),
]

# By name: the verdict, and what must be advised beside it.
TRUTH: dict[str, tuple[Outcome, str, set[str]]] = {
    "good.example": (Outcome.PASS, "signed", set()),
    "www.good.example": (Outcome.PASS, "signed", set()),
    "hashed.example": (Outcome.PASS, "signed", {"no_caa"}),
    "ed25519.example": (Outcome.PASS, "signed", {"no_caa"}),
    "rsa.example": (Outcome.PASS, "signed", {"no_caa"}),
    "rsa-short.example": (Outcome.PASS, "signed", {"no_caa", "short_key"}),
    "rsa-sha512.example": (Outcome.PASS, "signed", {"no_caa", "old_algorithm"}),
    "sha1.example": (Outcome.FAIL, "outdated_algorithm", {"no_caa"}),
    "soon.example": (Outcome.PASS, "signed", {"no_caa", "ends_soon"}),
    "unsigned.example": (Outcome.FAIL, "unsigned", {"no_caa"}),
    "not-linked.example": (Outcome.FAIL, "not_linked", {"no_caa"}),
    "wrong-key.example": (Outcome.FAIL, "wrong_key", set()),
    "expired.example": (Outcome.FAIL, "expired", set()),
    "future.example": (Outcome.FAIL, "not_yet_valid", set()),
    "altered.example": (Outcome.FAIL, "signature_wrong", set()),
    "stripped.example": (Outcome.FAIL, "signature_missing", set()),
    "costly.example": (Outcome.FAIL, "too_many_iterations", {"no_caa"}),
    "below.unsigned.example": (Outcome.FAIL, "unsigned_above", {"no_caa"}),
    "dangling.example": (Outcome.PASS, "signed", {"no_caa", "dangling_alias"}),
    "www.led-away.example": (Outcome.PASS, "signed", {"no_caa", "alias_unsigned"}),
    "lonely.example": (Outcome.PASS, "signed", {"no_caa", "one_name_server"}),
    "together.example": (Outcome.PASS, "signed", {"no_caa", "name_servers_together"}),
    "nowhere.example": (Outcome.UNKNOWN, "no_such_name", set()),
    "192.0.2.1": (Outcome.NOT_APPLICABLE, "no_domain_name", set()),
}
OPTIONS: dict[str, dict[str, object]] = {"dangling.example": {"names": ("shop",)}}
DEFAULTS = Parameters({"min_days_left": 2})


def judge(text: str, at: datetime | None = None) -> Judgement:
    at = at or datetime.now(UTC)
    target = Target("site", Role.SITE, TransportKind.NETWORK, Platform.NETWORK, "site.example")
    captures = Captures(target, at, {"zone": Captured("key", text, "", 0, at)})
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), DEFAULTS)
    return judgement


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsLab]:
    with dns_lab(tmp_path_factory.mktemp("dns"), ZONES, NET) as running:
        yield running


@pytest.fixture(scope="module")
def transport() -> NetworkTransport:
    return NetworkTransport()


@pytest.mark.parametrize("domain", TRUTH)
def test_each_domain_is_judged_rightly(
    lab: DnsLab, transport: NetworkTransport, domain: str
) -> None:
    options = {**lab.options, **OPTIONS.get(domain, {})}

    judgement = judge(ask(options, domain, REQUEST, transport=transport))

    outcome, message, advice = TRUTH[domain]
    assert (judgement.measure, judgement.outcome) == ("dnssec", outcome)
    assert judgement.message.id == message, judgement.message.facts
    assert {one.id for one in judgement.advice} == advice


def test_a_domain_that_is_mended_passes(tmp_path: Path) -> None:
    """The verdict follows the zone: what failed passes once it is signed anew."""
    for folder, ends, outcome in (("late", -DAY, Outcome.FAIL), ("new", 9 * DAY, Outcome.PASS)):
        (tmp_path / folder).mkdir()
        with dns_lab(tmp_path / folder, [Zone("mended.example", SITE, ends=ends)]) as lab:
            assert judge(ask(lab.options, "mended.example", REQUEST)).outcome is outcome


def test_the_root_that_counts_is_the_one_that_is_trusted(lab: DnsLab) -> None:
    """Without the lab's anchor the true root's keys are expected, which this root does not have."""
    judgement = judge(ask({"resolver": lab.resolver}, "good.example", REQUEST))
    assert (judgement.outcome, judgement.message.id) == (Outcome.UNKNOWN, "other_root")
    assert judgement.message.facts["zone"] == "good.example"


def test_a_dead_resolver_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_client, "_TRIES_S", (0.1, 0.1))
    options = {"resolver": f"{NET}.99"}
    judgement = judge(ask(options, "good.example", REQUEST))
    assert (judgement.outcome, judgement.message.id) == (Outcome.UNKNOWN, "no_answer")


def test_many_side_by_side_beside_a_dead_resolver(
    lab: DnsLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one target waits for costs the others nothing, and no verdict is wrong for that."""
    monkeypatch.setattr(dns_client, "_PER_SECOND", 2000)  # our own resolver need not be spared
    transport = NetworkTransport()
    dead: dict[str, object] = {"resolver": f"{NET}.99", "trust_anchor": lab.trust_anchor}
    targets = [(f"n{number}.many.example", lab.options) for number in range(200)]
    targets[10:10] = [("good.example", dead)]

    def verdict(target: tuple[str, dict[str, object]]) -> str:
        domain, options = target
        return judge(ask(options, domain, REQUEST, transport=transport)).message.id

    with ThreadPoolExecutor(16) as pool:
        verdicts = list(pool.map(verdict, targets))
    assert verdicts.pop(10) == "no_answer"
    assert set(verdicts) == {"signed"}
