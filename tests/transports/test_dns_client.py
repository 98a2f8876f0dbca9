"""Single queries: bounded, paced, put once; against name servers that misbehave."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from assessor.collect.questions import dns_client
from assessor.collect.questions.dns_client import Client, Server
from assessor.collect.questions.dns_session import Session
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.tcp import Clock
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Platform, Role, Target, TransportKind
from tests.lab.dns import ask

NAME = dns.name.from_text("good.example")
A = dns.rdatatype.A

Answers = Callable[[bytes], list[bytes]]


def right(wire: bytes) -> list[bytes]:
    """A proper answer with one address."""
    answer = dns.message.make_response(dns.message.from_wire(wire))
    answer.answer.append(dns.rrset.from_text(NAME, 60, "IN", "A", "192.0.2.1"))
    return [answer.to_wire()]


def code(rcode: dns.rcode.Rcode) -> Answers:
    def answers(wire: bytes) -> list[bytes]:
        answer = dns.message.make_response(dns.message.from_wire(wire))
        answer.set_rcode(rcode)
        return [answer.to_wire()]

    return answers


def of_another_id(wire: bytes) -> list[bytes]:
    """A blind attacker's: all is right but the number of the query."""
    forged = right(wire)[0].replace(b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x42")
    number = (struct.unpack("!H", wire[:2])[0] + 1) & 0xFFFF
    return [struct.pack("!H", number) + forged[2:], *right(wire)]


def of_another_question(wire: bytes) -> list[bytes]:
    other = dns.message.make_query("other.example", A)
    other.id = struct.unpack("!H", wire[:2])[0]
    return [dns.message.make_response(other).to_wire()]


def truncated(wire: bytes) -> list[bytes]:
    answer = dns.message.make_response(dns.message.from_wire(wire))
    answer.flags |= dns.flags.TC
    return [answer.to_wire()]


@contextmanager
def server(udp: Answers, tcp: Answers | None = None) -> Iterator[tuple[Server, list[bytes]]]:
    """A name server on loopback; gives where it is and what it was asked."""
    asked: list[bytes] = []
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
    ):
        stream.bind(("127.0.0.1", 0))
        port = stream.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        stream.listen()

        def serve_udp() -> None:
            while True:
                wire, visitor = datagrams.recvfrom(65_535)
                if not wire:
                    return
                asked.append(wire)
                for answer in udp(wire):
                    datagrams.sendto(answer, visitor)

        def serve_tcp() -> None:
            while True:
                visitor, _ = stream.accept()
                with visitor:
                    head = visitor.recv(2)
                    if not head:
                        return
                    wire = visitor.recv(struct.unpack("!H", head)[0])
                    for answer in (tcp or right)(wire):
                        visitor.sendall(struct.pack("!H", len(answer)) + answer)

        threads = [threading.Thread(target=one, daemon=True) for one in (serve_udp, serve_tcp)]
        for thread in threads:
            thread.start()
        try:
            yield Server("127.0.0.1", port), asked
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
                ending.sendto(b"", ("127.0.0.1", port))
            socket.create_connection(("127.0.0.1", port)).close()
            for thread in threads:
                thread.join()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For servers that leave a query without an answer."""
    monkeypatch.setattr(dns_client, "_TRIES_S", (0.2, 0.2))


def clock(seconds: float = 20) -> Clock:
    return Clock(Deadline.after(seconds), int(seconds) or 1, None)


def test_an_answer() -> None:
    with server(right) as (where, asked):
        reply, kept = Client().ask([where], NAME, A, clock())
    assert reply.message is not None
    assert not kept
    query = dns.message.from_wire(asked[0])
    assert query.ednsflags & dns.flags.DO
    assert query.flags & dns.flags.CD
    assert query.flags & dns.flags.RD
    assert query.payload == 1232


def test_an_authority_is_asked_for_what_it_knows_itself() -> None:
    with server(right) as (where, asked):
        Client().ask([where], NAME, A, clock(), recursive=False)
    assert not dns.message.from_wire(asked[0]).flags & dns.flags.RD


@pytest.mark.parametrize("answers", [of_another_id, of_another_question, lambda _: [b"\xff" * 40]])
def test_what_is_no_answer_is_passed_over(answers: Answers) -> None:
    with server(lambda wire: [*answers(wire), *right(wire)]) as (where, _):
        reply, _ = Client().ask([where], NAME, A, clock())
    assert reply.message is not None
    assert reply.message.answer[0][0].to_text() == "192.0.2.1"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        (lambda _: [], "no answer in time"),
        (lambda _: [b"\xff" * 40], "no answer in time"),
        (code(dns.rcode.SERVFAIL), "SERVFAIL"),
        (code(dns.rcode.REFUSED), "REFUSED"),
    ],
)
def test_no_answer(answers: Answers, failure: str) -> None:
    with server(answers) as (where, asked):
        reply, _ = Client().ask([where], NAME, A, clock())
    assert reply.message is None
    assert reply.failure == failure
    assert len(asked) == 2


def test_that_a_name_does_not_exist_is_an_answer() -> None:
    with server(code(dns.rcode.NXDOMAIN)) as (where, asked):
        reply, _ = Client().ask([where], NAME, A, clock())
    assert reply.message is not None
    assert len(asked) == 1


def test_what_does_not_fit_is_asked_again_by_tcp() -> None:
    with server(truncated) as (where, _):
        reply, _ = Client().ask([where], NAME, A, clock())
    assert reply.message is not None
    assert reply.transport == "tcp"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("tcp", [lambda _: [b"\xff" * 40], lambda _: [], lambda wire: [wire[:7]]])
def test_garbage_by_tcp(tcp: Answers) -> None:
    with server(truncated, tcp) as (where, _):
        reply, _ = Client().ask([where], NAME, A, clock())
    assert reply.message is None
    assert reply.failure


@pytest.mark.usefixtures("impatient")
def test_the_next_server_is_asked() -> None:
    with server(lambda _: []) as (dead, _), server(right) as (alive, _):
        reply, _ = Client().ask([dead, alive], NAME, A, clock())
    assert reply.server == alive


def test_a_question_is_put_once_in_a_run() -> None:
    client = Client()
    with server(right) as (where, asked):
        for _ in range(3):
            client.ask([where], NAME, A, clock())
        assert client.ask([where], dns.name.from_text("GOOD.example"), A, clock())[1]
    assert len(asked) == 1


def test_threads_that_ask_the_same_wait_for_one_answer() -> None:
    released = threading.Event()

    def slow(wire: bytes) -> list[bytes]:
        released.wait(5)
        return right(wire)

    client, kept = Client(), []
    with pytest.MonkeyPatch.context() as patch, server(slow) as (where, asked):
        patch.setattr(dns_client, "_TRIES_S", (5.0,))
        threads = [
            threading.Thread(target=lambda: kept.append(client.ask([where], NAME, A, clock())[1]))
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        released.set()
        for thread in threads:
            thread.join()
    assert len(asked) == 1
    assert sorted(kept) == [False, True, True, True, True]


def test_a_failure_is_remembered_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    with server(code(dns.rcode.SERVFAIL)) as (where, asked):
        client.ask([where], NAME, A, clock())
        client.ask([where], NAME, A, clock())
        assert len(asked) == 2
        monkeypatch.setattr(dns_client, "_FAILURE_HOLDS_S", 0.0)
        client.ask([where], NAME, A, clock())
        assert len(asked) == 4


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_silent_is_left_alone() -> None:
    client = Client()
    with server(lambda _: []) as (where, asked):
        for number in range(6):
            client.ask([where], dns.name.from_text(f"n{number}.example"), A, clock())
    assert len(asked) == 6


def test_a_server_is_not_asked_faster_than_is_polite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_client, "_PER_SECOND", 50)
    monkeypatch.setattr(dns_client, "_BURST", 5)
    client = Client()
    with server(right) as (where, _):
        began = time.monotonic()
        for number in range(25):
            client.ask([where], dns.name.from_text(f"n{number}.example"), A, clock())
        took = time.monotonic() - began
    assert took >= (25 - 5 - 1) / 50


def test_the_run_can_be_interrupted() -> None:
    abandoned = threading.Event()
    abandoned.set()
    with pytest.raises(TransportError) as raised:
        Client().ask([Server("127.0.0.1", 9)], NAME, A, Clock(Deadline.after(9), 9, abandoned))
    assert raised.value.reason is Reason.INTERRUPTED


def target(**options: object) -> Target:
    return Target(
        "target",
        Role.SITE,
        TransportKind.NETWORK,
        Platform.NETWORK,
        "good.example",
        options=options,
    )


@pytest.mark.parametrize(
    ("resolver", "servers"),
    [
        ("192.0.2.53", [Server("192.0.2.53")]),
        ("192.0.2.53:5353", [Server("192.0.2.53", 5353)]),
        ("2001:db8::53", [Server("2001:db8::53")]),
        ("[2001:db8::53]:5353", [Server("2001:db8::53", 5353)]),
        (("192.0.2.53", "192.0.2.54"), [Server("192.0.2.53"), Server("192.0.2.54")]),
    ],
)
def test_resolvers_of_the_inventory(resolver: object, servers: list[Server]) -> None:
    assert list(Session(Client(), target(resolver=resolver), clock()).servers) == servers


@pytest.mark.parametrize(
    "options",
    [
        {"resolver": "dns.example"},
        {"resolver": "192.0.2.53:0"},
        {"resolver": "192.0.2.53:many"},
        {"resolver": 53},
        {"resolver": ("192.0.2.53", 5)},
        {"resolver": "192.0.2.53", "trust_anchor": "trust me"},
        {"resolver": "192.0.2.53", "trust_anchor": "a DS 1 8 2"},
        {"resolver": "192.0.2.53", "trust_anchor": ("20326 8 2 E0", None)},
    ],
)
def test_options_that_cannot_be(options: dict[str, object]) -> None:
    with pytest.raises(TransportError) as raised:
        Session(Client(), target(**options), clock())
    assert raised.value.reason is Reason.NOT_RUN
    assert raised.value.mend


@pytest.mark.parametrize("domain", ["", ".", "a" * 64 + ".example", "a..example"])
def test_what_is_no_domain_name(domain: str) -> None:
    with pytest.raises(TransportError) as raised:
        ask({"resolver": "127.0.0.1:9"}, domain, {"kind": "dns", "subject": "zone"})
    assert raised.value.reason is Reason.NAME_NOT_FOUND


def test_a_subject_that_there_is_not() -> None:
    with pytest.raises(TransportError) as raised:
        ask({"resolver": "127.0.0.1:9"}, "good.example", {"kind": "dns", "subject": "weather"})
    assert raised.value.reason is Reason.NOT_RUN


def test_an_answer_without_end_is_bounded() -> None:
    """Each name leads on to another: the question stops and says so."""

    def onward(wire: bytes) -> list[bytes]:
        query = dns.message.from_wire(wire)
        answer = dns.message.make_response(query)
        name = query.question[0].name
        on = f"x{zlib.crc32(name.to_text().encode())}.example."
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", on))
        return [answer.to_wire()]

    with server(onward) as (where, _):
        text = ask({"resolver": str(where)}, "good.example", {"kind": "dns", "subject": "zone"})
    answer = json.loads(text)
    assert answer["security"] == "indeterminate"
    assert len(text) < 500_000
