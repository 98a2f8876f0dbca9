"""One HTTP exchange: what servers that misbehave cost, and what they cannot do."""

from __future__ import annotations

import resource
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from assessor.collect.questions import http_exchange
from assessor.collect.questions.http_exchange import Exchange, Trust, exchange
from assessor.collect.questions.http_url import Url, ascii_host, join
from assessor.collect.transports import tls
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.tcp import Address, Clock
from assessor.errors import TransportError
from assessor.model.capture import Reason
from tests.lab.hostile_http import (
    Answer,
    endless_body,
    endless_header,
    endless_interim,
    gzip_bomb,
    page,
    says,
    scripted,
)
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.pki import Pki

MOST = 100_000


def ask(
    port: int,
    *,
    scheme: str = "http",
    host: str = "site.example",
    path: str = "/",
    trust: Trust | None = None,
    seconds: float = 10,
) -> Exchange:
    clock = Clock(Deadline.after(60), seconds, None)
    address = Address(socket.AF_INET, ("127.0.0.1", port))
    url = Url(scheme, host, port, path)
    return exchange(url, address, trust or Trust(None), clock, most_bytes=MOST)


def ask_scripted(answer: Answer, **how: float) -> Exchange:
    with scripted(answer) as server:
        return ask(server.port, **how)  # type: ignore[arg-type]


def test_a_page() -> None:
    answer = ask_scripted(says(page(b"<p>hello", b"Set-Cookie: a=1", b"Set-Cookie: b=2")))

    assert (answer.outcome, answer.status, answer.body) == ("answered", 200, b"<p>hello")
    assert answer.values("set-cookie") == ["a=1", "b=2"]
    assert answer.value("content-type") == "text/html"
    assert not answer.cut
    assert answer.address == "127.0.0.1"


def test_what_is_sent() -> None:
    with scripted(says(page(b""))) as server:
        ask(server.port, path="/a%20b")

    (request,) = server.requests
    line, *headers = request.decode("ascii").split("\r\n")
    assert line == "GET /a%20b HTTP/1.1"
    assert f"Host: site.example:{server.port}" in headers
    assert any(header.startswith("User-Agent: ") and "assess" in header for header in headers)
    assert not any(header.lower().startswith(("cookie", "referer")) for header in headers)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (says(b""), "closed"),
        (says(bytes(range(128, 256)) * 4), "not-http"),
        (says(b"220 mail.example ESMTP\r\n"), "not-http"),
        (says(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"), "not-http"),
        (says(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"), "not-http"),
        (says(b"HTTP/1.1 200 OK\r\nX: begun"), "not-http"),
        (endless_header, "flood"),
        (endless_interim, "flood"),
    ],
)
def test_what_is_no_answer(answer: Answer, outcome: str) -> None:
    found = ask_scripted(answer)
    assert (found.outcome, found.status, found.headers) == (outcome, 0, ())
    assert found.detail


@pytest.mark.parametrize(
    "answer",
    [
        endless_body,
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    ],
)
def test_a_body_that_breaks_off_is_cut_and_the_head_is_kept(answer: Answer) -> None:
    found = ask_scripted(answer)
    assert (found.outcome, found.status, found.cut) == ("answered", 200, True)
    assert found.body is not None
    assert len(found.body) <= MOST


def test_a_body_that_drips_costs_its_time_only() -> None:
    stop = threading.Event()

    def drip(_path: str) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nServer: slow\r\n\r\n"
        while not stop.wait(0.05):
            yield b"x"

    with scripted(drip) as server:
        found = ask(server.port, seconds=2)
        stop.set()
    assert (found.outcome, found.cut) == ("answered", True)
    assert found.value("server") == "slow"


@pytest.mark.parametrize(
    ("manners", "outcomes"),
    [
        (Manners.TARPIT, {"no-answer"}),
        (Manners.DRIP, {"no-answer", "not-http"}),
        (Manners.GARBAGE, {"not-http", "no-answer"}),
        (Manners.FLOOD, {"not-http", "flood"}),
        (Manners.CLOSE, {"closed"}),
        (Manners.RESET, {"closed", "unreachable"}),
    ],
)
def test_hostile_services(manners: Manners, outcomes: set[str]) -> None:
    with hostile_tcp(manners) as service:
        assert ask(service.port, seconds=1).outcome in outcomes


@pytest.mark.parametrize(
    ("manners", "outcomes"),
    [
        (Manners.TARPIT, {"no-answer"}),
        (Manners.PLAIN_HTTP, {"no-tls"}),
        (Manners.GARBAGE, {"no-tls"}),
        (Manners.TLS_FLOOD, {"no-tls", "flood"}),
    ],
)
def test_hostile_services_over_tls(manners: Manners, outcomes: set[str]) -> None:
    with hostile_tcp(manners) as service:
        assert ask(service.port, scheme="https", seconds=1).outcome in outcomes
    for said in service.received:
        assert b"GET" not in said


def test_a_gzip_bomb_costs_no_memory() -> None:
    with scripted(gzip_bomb) as server:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = ask(server.port)
    assert found.outcome == "answered"
    assert found.cut
    assert len(found.body or b"") <= MOST
    # The bomb itself (200 MB, made by the server in this process) is part of this measure.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 450_000


def test_packed_answers_are_unpacked_although_none_was_asked_for() -> None:
    for coding, packed in ((b"gzip", zlib.compressobj(wbits=31)), (b"deflate", zlib.compressobj())):
        body = packed.compress(b"<p>hello") + packed.flush()
        found = ask_scripted(says(page(body, b"Content-Encoding: " + coding)))
        assert (found.body, found.cut) == (b"<p>hello", False)
    assert ask_scripted(says(page(b"?", b"Content-Encoding: br"))).body is None
    assert ask_scripted(says(page(b"no gzip", b"Content-Encoding: gzip"))).body is None


def test_a_header_cannot_smuggle_another_in() -> None:
    head = b"HTTP/1.1 200 OK\r\nServer: a\r\n Strict-Transport-Security: max-age=99999999\r\n\r\n"
    found = ask_scripted(says(head))
    assert found.values("strict-transport-security") == []


def test_certificates_decide(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    issued = pki.issue("site.example")
    extra = tls.verifying(pki.root_file.read_text(encoding="ascii"))
    trust = Trust(extra)
    with scripted(says(page(b"in")), issued) as server:
        unknown = ask(server.port, scheme="https")
        known = ask(server.port, scheme="https", trust=trust)
        again = ask(server.port, scheme="https", trust=trust)
        other = ask(server.port, scheme="https", host="other.example", trust=trust)

    assert (unknown.outcome, unknown.trusted_by) == ("not-trusted", None)
    assert (known.outcome, known.trusted_by, known.body) == ("answered", "ca_file", b"in")
    assert again.trusted_by == "ca_file"
    assert other.outcome == "not-trusted"
    # Two visits with a request; nothing was sent where the certificate was not accepted.
    assert len([one for one in server.requests if one]) == 2
    # The second visit did not ask in vain first.
    assert server.connections == 1 + 2 + 1 + 2


def test_a_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert ask(port).outcome == "unreachable"


def test_a_port_that_a_firewall_hides() -> None:
    # With its queue full, a listener's system answers nothing at all to those who knock.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with ExitStack() as waiting:
            for _ in range(3):
                one = waiting.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(address)
            hasty = ask(address[1], seconds=2)
            patient = ask(address[1], seconds=9)
    assert hasty.outcome == "no-answer"
    assert patient.outcome == "filtered"


def test_an_interrupted_run_stops_at_once() -> None:
    class SetOnceAsked:
        def is_set(self) -> bool:
            return any(service.received)

    with hostile_tcp(Manners.TARPIT) as service:
        clock = Clock(Deadline.after(60), 30, SetOnceAsked())
        address = Address(socket.AF_INET, ("127.0.0.1", service.port))
        with pytest.raises(TransportError) as raised:
            exchange(
                Url("http", "site.example", service.port),
                address,
                Trust(None),
                clock,
                most_bytes=MOST,
            )
    assert raised.value.reason is Reason.INTERRUPTED


def test_the_agent_names_itself() -> None:
    assert "assess" in http_exchange.USER_AGENT


BASE = Url("https", "site.example", 443, "/shop/page", "?x=1")


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("", "https://site.example/shop/page"),
        ("b", "https://site.example/shop/b"),
        ("/b?secret=1#part", "https://site.example/b"),
        ("//other.example/x", "https://other.example/x"),
        ("http://SITE.example:80/", "http://site.example/"),
        ("https://user:secret@site.example:8443", "https://site.example:8443/"),
        ("https://site.example\\@evil.example/", "https://site.example/@evil.example/"),
        ("\\\\evil.example/x", "https://evil.example/x"),
        ("ht\ntps://site.example/a\r\nSet-Cookie: x", "https://site.example/aSet-Cookie:%20x"),
        ("https://münchen.example/ü", "https://xn--mnchen-3ya.example/%C3%BC"),
        ("https://[::1]:8443/", "https://[::1]:8443/"),
        ("../../..", "https://site.example/"),
        ("data:text/html,x", None),
        ("javascript:alert(1)", None),
        ("ftp://site.example/", None),
        ("https://", None),
        ("https://site.example:99999/", None),
        ("https://site.example:0/", None),
        ("https://a b.example/", None),
        ("https://-x.example/", None),
        ("https://[::1/", None),
        ("https://" + "a" * 300 + "/", None),
    ],
)
def test_references_mean_what_they_mean_to_a_browser(reference: str, meant: str | None) -> None:
    found = join(BASE, reference)
    assert (found and found.shown) == meant
    if found:
        assert found.target.isascii()
        assert not set(found.target) & set(" \r\n\t\0")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Example.NL.", "example.nl"),
        ("127.0.0.1", "127.0.0.1"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("", None),
        ("..", None),
        ("a\0b", None),
        ("-\ud800", None),
    ],
)
def test_hosts(text: str, host: str | None) -> None:
    assert ascii_host(text) == host
