"""From real zones and a real Postfix to a verdict on the spam filter before a domain's mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from assessor.collect.transports.network import NetworkTransport
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.spam_filter.check import CHECK
from tests.lab.dns import DnsLab, Signing, Zone, ask, dns_lab, lab_net
from tests.lab.mail import Face, postfix

REQUEST = {"kind": "smtp"}
NET = lab_net()
PLAIN, PROXMOX = f"{NET}.11", f"{NET}.12"

# The lab's own servers under the names that the world knows; nobody outside is asked.
ZONES = [
    Zone("outlook.com", f"*.mail.protection A {PLAIN}\n", Signing.NONE),
    Zone("antispamcloud.com", f"mx A {PLAIN}\nlastmx A {PLAIN}\n", Signing.NONE),
    Zone("not-outlook.com", f"mail.protection A {PLAIN}\n", Signing.NONE),
    Zone("microsoft.example", "@ MX 0 microsoft-example.mail.protection.outlook.com.\n"),
    Zone("cloud.example", "@ MX 10 mx.antispamcloud.com.\n@ MX 20 lastmx.antispamcloud.com.\n"),
    Zone("way-round.example", f"@ MX 10 mx.antispamcloud.com.\n@ MX 20 mx\nmx A {PLAIN}\n"),
    Zone("look-alike.example", "@ MX 10 mail.protection.not-outlook.com.\n"),
    Zone("gateway.example", f"@ MX 10 mx\nmx A {PROXMOX}\n"),
    Zone("own.example", f"@ MX 10 mx\nmx A {PLAIN}\n"),
    Zone("unreachable.example", f"@ MX 10 mx\nmx A {NET}.99\n"),
    Zone("null.example", "@ MX 0 .\n"),
    Zone("forged.example", "@ MX 10 mx.antispamcloud.com.\n", Signing.WRONG_DS),
]
TRUTH = {
    "microsoft.example": (Outcome.PASS, "filtered"),
    "cloud.example": (Outcome.PASS, "filtered"),
    "gateway.example": (Outcome.PASS, "filtered"),
    "way-round.example": (Outcome.UNKNOWN, "partly"),
    "look-alike.example": (Outcome.UNKNOWN, "not_seen"),
    "own.example": (Outcome.UNKNOWN, "not_seen"),
    "unreachable.example": (Outcome.UNKNOWN, "not_seen"),
    "null.example": (Outcome.NOT_APPLICABLE, "takes_no_mail"),
    "forged.example": (Outcome.UNKNOWN, "no_answer"),
    "nowhere.example": (Outcome.UNKNOWN, "no_such_name"),
    "192.0.2.1": (Outcome.UNKNOWN, "no_domain_name"),
}
FACES = {PLAIN: Face(), PROXMOX: Face(banner="gateway.example ESMTP Proxmox Mail Gateway")}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsLab]:
    folder: Path = tmp_path_factory.mktemp("mail")
    with dns_lab(folder, ZONES, NET) as running, postfix(folder, FACES):
        yield running


@pytest.fixture(scope="module")
def transport() -> NetworkTransport:
    return NetworkTransport()


def judge(text: str, *servers: str) -> Judgement:
    at = datetime.now(UTC)
    target = Target("mail", Role.MAIL_DOMAIN, TransportKind.NETWORK, Platform.NETWORK, "x.example")
    captured = {"servers": Captured("servers", text, "", 0, at)}
    facts = CHECK.observe(Captures(target, at, captured))
    (judgement,) = CHECK.evaluate(facts, Parameters({"filter_servers": servers}))
    return judgement


@pytest.mark.parametrize("domain", TRUTH)
def test_each_domain_is_judged_rightly(
    lab: DnsLab, transport: NetworkTransport, domain: str
) -> None:
    judgement = judge(ask(lab.options, domain, REQUEST, transport=transport, timeout_s=30))
    assert judgement.measure == "spam-filter"
    assert (judgement.outcome, judgement.message.id) == TRUTH[domain], judgement


@pytest.mark.parametrize(
    ("domain", "named", "outcome", "message"),
    [
        ("own.example", "mx.own.example", Outcome.PASS, "filtered"),
        ("own.example", "filter.example", Outcome.FAIL, "past_the_filter"),
        ("way-round.example", "antispamcloud.com", Outcome.FAIL, "past_the_filter"),
        ("cloud.example", "AntispamCloud.com.", Outcome.PASS, "filtered"),
        ("look-alike.example", "outlook.com", Outcome.FAIL, "past_the_filter"),
    ],
)
def test_a_filter_that_is_named(
    lab: DnsLab,
    transport: NetworkTransport,
    domain: str,
    named: str,
    outcome: Outcome,
    message: str,
) -> None:
    text = ask(lab.options, domain, REQUEST, transport=transport, timeout_s=30)
    judgement = judge(text, named)
    assert (judgement.outcome, judgement.message.id) == (outcome, message)
