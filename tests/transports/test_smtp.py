"""Meeting mail servers: a real Postfix with many faces, and services that misbehave."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assessor.collect.questions import smtp
from assessor.collect.transports.network import NetworkTransport
from tests.lab.dns import DnsLab, Zone, ask, dns_lab, lab_net
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.mail import Face, postfix
from tests.lab.pki import DAY, Pki

REQUEST = {"kind": "smtp"}
FACES = (
    "crowd",
    "good",
    "plain",
    "old",
    "refusing",
    "self-signed",
    "expired",
    "wrong-name",
    "incomplete",
)
NET = lab_net()


def _zone(name: str, address: str) -> Zone:
    return Zone(f"{name}.example", f"@ MX 10 mx\nmx A {address}\n")


@dataclass(frozen=True)
class Lab:
    dns: DnsLab
    log: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("mail")
    pki = Pki(folder)
    addresses = {name: f"{NET}.{11 + number}" for number, name in enumerate(FACES)}
    zones = [
        *(_zone(name, address) for name, address in addresses.items() if name != "crowd"),
        _zone("hostile", "127.0.0.1"),
        _zone("nobody", f"{NET}.99"),
        Zone("null.example", "@ MX 0 .\n"),
        Zone("implicit.example", f"@ A {addresses['good']}\n"),
        Zone("empty.example"),
        Zone(
            "two.example",
            f"@ MX 20 b\n@ MX 10 a\na A {addresses['good']}\nb A {addresses['plain']}\n",
        ),
        Zone("crowd.example", f"mx A {addresses['crowd']}\n*.crowd.example. MX 10 mx\n"),
        _zone("tarpit", f"{NET}.98"),
        Zone("lame.example", "@ MX 10 gone\n"),
        Zone("many.example", "".join(f"@ MX {n} m{n}\nm{n} A {NET}.99\n" for n in range(12))),
    ]
    faces = {
        "crowd": Face(pki.issue("mx.crowd.example")),
        "good": Face(pki.issue("mx.good.example"), banner="mx.good.example ESMTP ready"),
        "plain": Face(),
        "old": Face(pki.issue("mx.old.example"), protocols="TLSv1"),
        "refusing": Face(refuses=True),
        "self-signed": Face(pki.self_signed("mx.self-signed.example")),
        "expired": Face(pki.issue("mx.expired.example", begins=-9 * DAY, ends=-DAY)),
        "wrong-name": Face(pki.issue("elsewhere.example")),
        "incomplete": Face(pki.issue("mx.incomplete.example", complete=False)),
    }
    with (
        pytest.MonkeyPatch.context() as patch,
        dns_lab(folder, zones, NET) as dns,
        postfix(folder, {addresses[name]: face for name, face in faces.items()}) as log,
    ):
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        yield Lab(dns, log)


def meet(lab: Lab, domain: str, timeout_s: int = 30) -> dict[str, Any]:
    answer = json.loads(ask(lab.dns.options, domain, REQUEST, timeout_s=timeout_s))
    assert isinstance(answer, dict)
    return answer


def meet_one(lab: Lab, domain: str, timeout_s: int = 30) -> dict[str, Any]:
    (host,) = meet(lab, domain, timeout_s)["hosts"]
    assert isinstance(host, dict)
    return host


def test_a_good_server(lab: Lab) -> None:
    host = meet_one(lab, "good.example")
    assert (host["name"], host["preference"]) == ("mx.good.example", 10)
    assert (host["address"], host["outcome"]) == (f"{NET}.12", "spoken")
    assert host["banner"] == "mx.good.example ESMTP ready"
    assert "STARTTLS" in host["ehlo"]
    assert host["starttls"] == "offered"
    tls = host["tls"]
    assert (tls["verified"], tls["protocol"], tls["verify_error"]) == (True, "TLSv1.3", None)
    own, above = tls["chain"]
    assert own["names"] == ["mx.good.example"]
    assert own["signed_by_next"] is True
    assert above["signed_by_next"] is None
    assert all(len(own[name]) == 64 for name in ("sha256", "spki_sha256"))
    assert all(len(own[name]) == 128 for name in ("sha512", "spki_sha512"))


@pytest.mark.parametrize(
    ("name", "code"),
    [("self-signed", 18), ("expired", 10), ("wrong-name", 62), ("incomplete", 20)],
)
def test_certificates_that_are_not_accepted_are_described(lab: Lab, name: str, code: int) -> None:
    tls = meet_one(lab, f"{name}.example")["tls"]
    assert tls["verified"] is False
    assert tls["verify_error"]["code"] == code
    assert tls["protocol"] == "TLSv1.3"
    assert tls["chain"]


def test_without_starttls(lab: Lab) -> None:
    host = meet_one(lab, "plain.example")
    assert (host["outcome"], host["starttls"], host["tls"]) == ("spoken", "not-offered", None)


def test_outdated_encryption_only(lab: Lab) -> None:
    tls = meet_one(lab, "old.example")["tls"]
    assert tls["verified"] is False
    assert "protocol version" in tls["modern_error"]
    assert tls["protocol"] == "TLSv1"


def test_a_server_that_turns_us_away(lab: Lab) -> None:
    host = meet_one(lab, "refusing.example")
    assert (host["outcome"], host["starttls"]) == ("refused", None)
    assert "554" in host["detail"]


def test_the_most_wanted_server_comes_first(lab: Lab) -> None:
    hosts = meet(lab, "two.example")["hosts"]
    assert [host["name"] for host in hosts] == ["a.two.example", "b.two.example"]
    assert [host["starttls"] for host in hosts] == ["offered", "not-offered"]


def test_a_domain_that_takes_no_mail(lab: Lab) -> None:
    answer = meet(lab, "null.example")
    assert (answer["null_mx"], answer["hosts"]) == (True, [])


def test_without_mx_the_domain_itself_is_met(lab: Lab) -> None:
    assert meet_one(lab, "implicit.example")["outcome"] == "spoken"
    assert meet_one(lab, "empty.example")["outcome"] == "no-address"


def test_where_nobody_is(lab: Lab) -> None:
    assert meet_one(lab, "nobody.example")["outcome"] == "unreachable"
    assert meet_one(lab, "lame.example")["outcome"] == "no-address"


def test_at_most_ten_are_met(lab: Lab) -> None:
    answer = meet(lab, "many.example")
    assert (len(answer["hosts"]), answer["hosts_count"]) == (10, 12)


def test_no_mail_is_ever_begun(lab: Lab) -> None:
    """Postfix counts the commands of each visit."""
    meet(lab, "good.example")
    meet(lab, "self-signed.example")
    log = lab.log.read_text(encoding="utf-8")
    visits = [line for line in log.splitlines() if " disconnect from " in line]
    assert visits
    for line in visits:
        counted = line.partition("]")[2].partition("] ")[2]
        said = {word.partition("=")[0] for word in counted.split()}
        assert said <= {"ehlo", "starttls", "quit", "commands"}, line
    assert "quit=1" in log


@contextmanager
def talker(*lines: bytes, forever: bytes = b"") -> Iterator[int]:
    """A mail server that says its lines whatever it hears, then ``forever`` without end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                visitor, _ = listener.accept()
                with visitor:
                    try:
                        for line in lines:
                            visitor.sendall(line)
                            if not visitor.recv(4096):
                                break
                        while forever:
                            visitor.sendall(forever)
                    except OSError:
                        pass
                if ended.is_set():
                    return

        ended = threading.Event()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            socket.create_connection(listener.getsockname()).close()
            thread.join()


@pytest.mark.parametrize(
    ("manners", "outcomes"),
    [
        (Manners.TARPIT, {"no-answer"}),
        (Manners.DRIP, {"no-answer"}),
        (Manners.GARBAGE, {"no-answer"}),
        (Manners.PLAIN_HTTP, {"not-smtp"}),
        (Manners.FLOOD, {"flood"}),
        (Manners.CLOSE, {"closed"}),
        (Manners.RESET, {"closed", "unreachable"}),
    ],
)
def test_hostile_services(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, manners: Manners, outcomes: set[str]
) -> None:
    with hostile_tcp(manners) as service:
        monkeypatch.setattr(smtp, "_SMTP", service.port)
        monkeypatch.setattr(smtp, "_PER_HOST_S", 1.0)
        host = meet_one(lab, "hostile.example")
    assert host["outcome"] in outcomes
    assert host["detail"]
    assert host["tls"] is None
    assert not any(service.received)  # nobody said 220, so that nothing was said


GREETING = b"220 hello\r\n"
OFFER = b"250-hello\r\n250 STARTTLS\r\n"


@pytest.mark.parametrize(
    ("lines", "forever", "outcome", "starttls"),
    [
        ((b"220-busy\r\n" * 60,), b"", "not-smtp", None),
        ((b"220 " + b"x" * 5000 + b"\r\n", b"250 hello\r\n"), b"", "spoken", "not-offered"),
        ((GREETING, b"250-" + b"y" * 9000 + b"\r\n250-y" * 60), b"", "not-smtp", None),
        ((GREETING, b"502 what?\r\n", b"221 bye\r\n"), b"", "spoken", "not-offered"),
        ((GREETING, b"\xff\xfe\r\n"), b"", "not-smtp", None),
        ((GREETING, OFFER, b"454 not now\r\n", b"221 bye\r\n"), b"", "spoken", "refused"),
        ((GREETING, OFFER, b"220 go\r\n250 injected\r\n"), b"", "spoken", "offered"),
        (
            (GREETING, OFFER, b"220 go\r\n", b"no TLS at all, but words\r\n"),
            b"",
            "spoken",
            "offered",
        ),
        (
            (GREETING, OFFER, b"220 go\r\n"),
            b"\x16\x03\x03\x20\x00" + bytes(8192),
            "spoken",
            "offered",
        ),
    ],
)
def test_talkers(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    lines: tuple[bytes, ...],
    forever: bytes,
    outcome: str,
    starttls: str | None,
) -> None:
    with talker(*lines, forever=forever) as port:
        monkeypatch.setattr(smtp, "_SMTP", port)
        host = meet_one(lab, "hostile.example")
    assert (host["outcome"], host["starttls"]) == (outcome, starttls)
    assert len(json.dumps(host)) < 25_000
    if host["tls"] is not None:
        assert (host["tls"]["verified"], host["tls"]["protocol"]) == (False, None)
        assert host["tls"]["modern_error"]


def test_many_side_by_side_beside_a_tarpit(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one mail server makes us wait costs the others nothing."""
    monkeypatch.setattr(smtp, "_PER_HOST_S", 10.0)
    transport = NetworkTransport()
    domains = [f"n{number}.crowd.example" for number in range(200)]
    domains.insert(10, "tarpit.example")

    def outcome(domain: str) -> str:
        text = ask(lab.dns.options, domain, REQUEST, transport=transport)
        (host,) = json.loads(text)["hosts"]
        return f"{host['outcome']} {host['tls'] and host['tls']['verified']}"

    with socket.create_server((f"{NET}.98", 25)), ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(outcome, domains))
    assert outcomes.pop(10) == "no-answer None"
    assert set(outcomes) == {"spoken True"}


def test_an_ip_address_is_no_mail_domain(lab: Lab) -> None:
    assert meet(lab, "192.0.2.1") == {"domain": None, "kind": "smtp"}
