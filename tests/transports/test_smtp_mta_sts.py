"""Fetching MTA-STS policies from a real nginx, and from services that misbehave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assessor.collect.questions import mta_sts
from tests.lab.dns import DnsLab, Zone, ask, dns_lab, lab_net
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.mail import Policy, policy_site
from tests.lab.pki import Pki
from tests.lab.waiting import until

REQUEST = {"kind": "mta-sts"}
NET = lab_net()
BODY = "version: STSv1\r\nmode: enforce\r\nmx: mx.good.example\r\nmax_age: 604800\r\n"
ANNOUNCED = '_mta-sts TXT "v=STSv1; id=1"\n'


@dataclass(frozen=True)
class Lab:
    dns: DnsLab
    log: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("policies")
    pki = Pki(folder)
    serving = {
        "good": "",
        "moved": "return 301 https://mta-sts.good.example/.well-known/mta-sts.txt;",
        "missing": "return 404;",
        "large": "",
        "endless": "",
        "self-signed": "",
        "other-name": "",
    }
    bodies = {"large": BODY + "#" * 70_000, "endless": BODY + "#" * 2_000_000}
    issued = {
        "self-signed": pki.self_signed("mta-sts.self-signed.example"),
        "other-name": pki.issue("www.other-name.example"),
    }
    policies = [
        Policy(
            f"{name}.example",
            issued.get(name) or pki.issue(f"mta-sts.{name}.example"),
            bodies.get(name, BODY),
            how,
        )
        for name, how in serving.items()
    ]
    zones = [
        *(Zone(f"{name}.example", f"{ANNOUNCED}mta-sts A {NET}.10\n") for name in serving),
        Zone("hostile.example", f"{ANNOUNCED}mta-sts A 127.0.0.1\n"),
        Zone("nobody.example", f"{ANNOUNCED}mta-sts A {NET}.99\n"),
        Zone("lame.example", ANNOUNCED),
        Zone("silent.example", f"mta-sts A {NET}.10\n"),
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        dns_lab(folder, zones, NET) as dns,
        policy_site(folder, f"{NET}.10", policies) as log,
    ):
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        yield Lab(dns, log)


def fetch(lab: Lab, domain: str, timeout_s: int = 30) -> dict[str, Any]:
    answer = json.loads(ask(lab.dns.options, domain, REQUEST, timeout_s=timeout_s))
    assert isinstance(answer, dict)
    return answer


def _lines(lab: Lab) -> int:
    return len(lab.log.read_text(encoding="utf-8").splitlines())


def test_a_policy(lab: Lab) -> None:
    answer = fetch(lab, "good.example")
    assert (answer["outcome"], answer["status"], answer["body"]) == ("fetched", 200, BODY)
    assert answer["media_type"] == "text/plain"
    assert answer["host"] == "mta-sts.good.example"
    assert answer["record"]["records"] == ["v=STSv1; id=1"]
    # nginx writes its log after it has answered.
    said = '"GET /.well-known/mta-sts.txt HTTP/1.1" 200'
    until(lambda: said in lab.log.read_text(encoding="utf-8"), lambda: "the request in the log")


def test_without_a_record_nothing_is_fetched(lab: Lab) -> None:
    before = lab.log.read_text(encoding="utf-8")
    assert fetch(lab, "silent.example")["outcome"] == "no-record"
    assert lab.log.read_text(encoding="utf-8") == before


def test_redirects_are_not_followed(lab: Lab) -> None:
    before = _lines(lab)
    answer = fetch(lab, "moved.example")
    assert (answer["outcome"], answer["status"]) == ("status", 301)
    until(lambda: _lines(lab) > before, lambda: "the request in the log")
    assert _lines(lab) == before + 1


@pytest.mark.parametrize(
    ("name", "outcome", "detail"),
    [
        ("missing", "status", ""),
        ("large", "flood", "64 KiB"),
        ("endless", "flood", "bytes"),
        ("self-signed", "not-trusted", "self-signed"),
        ("other-name", "not-trusted", "ostname"),
        ("nobody", "unreachable", "443"),
        ("lame", "no-address", ""),
    ],
)
def test_what_is_no_policy(lab: Lab, name: str, outcome: str, detail: str) -> None:
    answer = fetch(lab, f"{name}.example")
    assert answer["outcome"] == outcome
    assert detail in answer["detail"]
    assert answer["body"] == ""


@pytest.mark.parametrize(
    ("manners", "outcomes"),
    [
        (Manners.TARPIT, {"no-answer"}),
        (Manners.DRIP, {"no-answer"}),
        (Manners.GARBAGE, {"no-tls"}),
        (Manners.PLAIN_HTTP, {"no-tls"}),
        (Manners.FLOOD, {"no-tls"}),
        (Manners.TLS_FLOOD, {"no-tls", "flood"}),
        (Manners.CLOSE, {"closed"}),
        (Manners.RESET, {"unreachable", "closed"}),
    ],
)
def test_hostile_services(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, manners: Manners, outcomes: set[str]
) -> None:
    with hostile_tcp(manners) as service:
        monkeypatch.setattr(mta_sts, "_HTTPS", service.port)
        monkeypatch.setattr(mta_sts, "_FETCH_S", 1.0)
        answer = fetch(lab, "hostile.example")
    assert answer["outcome"] in outcomes
    assert answer["detail"]
    for said in service.received:
        assert not said or said[0] in (0x15, 0x16)  # TLS records: a handshake and an alert
