"""Services that are old, odd or hostile: what is offered is told, what is not known is a gap."""

from __future__ import annotations

import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from assessor.collect.questions.starttls import SERVICES, UPGRADES
from assessor.collect.questions.tls_offers_wire import Conversation
from assessor.model.capture import Reason
from tests.lab import hostile_tcp as hostile
from tests.lab.tls_servers import SSL2, Manners, responder
from tests.transports.tls_offers_support import MODERN, ask, refusal

SSL3, TLS10, TLS12, TLS13 = 0x0300, 0x0301, 0x0303, 0x0304
RC4, AES128, AES256, ECDHE, DHE_EXPORT = 0x0005, 0x002F, 0x0035, 0xC02F, 0x0014

TODAY = Manners({TLS12: (ECDHE,)})
NO_TLS_13 = MODERN | {"TLSv1.3": "refused"}


def test_ssl_2() -> None:
    """No library speaks it any more: the responder sends what was published."""
    with responder(Manners({SSL2: (0x010080, 0x0700C0), SSL3: (RC4,)})) as service:
        answer = ask(service.port)

    accepted = {"SSLv2": "accepted", "SSLv3": "accepted"}
    assert answer["versions"] == dict.fromkeys(MODERN, "refused") | accepted
    assert answer["suites"]["SSLv2"]["names"] == [
        "SSL_CK_RC4_128_WITH_MD5",
        "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
    ]


def test_ssl_2_alone() -> None:
    with responder(Manners({SSL2: (0x010080,)}, hangs_up=True)) as service:
        answer = ask(service.port)
    assert answer["versions"] == dict.fromkeys(MODERN, "refused") | {"SSLv2": "accepted"}


def test_ssl_3_and_compression_and_no_protection() -> None:
    manners = Manners(
        {SSL3: (RC4, AES128), TLS10: (RC4, AES128)},
        compression=1,
        secure_renegotiation=False,
        master_secret=False,
    )
    with responder(manners) as service:
        answer = ask(service.port)

    assert answer["versions"]["SSLv3"] == answer["versions"]["TLSv1"] == "accepted"
    assert answer["versions"]["TLSv1.2"] == "refused"
    assert answer["suites"]["TLSv1"] == {
        "names": ["TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"],
        "order": "server",
    }
    assert answer["compression"] == "DEFLATE"
    assert answer["renegotiation"] is answer["master_secret"] is False
    assert answer["gaps"] == []


def test_export_with_512_bits() -> None:
    prime = b"\x00" + b"\xf1" * 64
    with responder(Manners({TLS10: (DHE_EXPORT,)}, prime=prime)) as service:
        answer = ask(service.port)
    assert answer["suites"]["TLSv1"]["names"] == ["TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"]
    assert answer["dh"] == [{"bits": 512, "group": None, "generator": 2}]


def test_groups_after_the_quantum_computer() -> None:
    manners = Manners({TLS12: (ECDHE,), TLS13: (0x1301,)}, groups=(0x11EC, 0x001D, 0x0017))
    with responder(manners) as service:
        answer = ask(service.port)
    assert answer["groups"] == {
        "TLSv1.3": ["X25519MLKEM768", "x25519", "secp256r1"],
        "TLSv1.2": ["x25519", "secp256r1"],
    }
    # It has no keys, so that its tickets are not seen, and that is said.
    assert answer["early_data"]["state"] == "not-testable"
    assert any("ticket" in gap for gap in answer["gaps"])


@pytest.mark.parametrize(("client_order", "order"), [(True, "client"), (False, "server")])
def test_whose_order(client_order: bool, order: str) -> None:
    suites = (AES128, ECDHE, AES256)
    with responder(Manners({TLS12: suites}, client_order=client_order)) as service:
        answer = ask(service.port)
    assert answer["suites"]["TLSv1.2"]["order"] == order
    assert len(answer["suites"]["TLSv1.2"]["names"]) == 3


def test_an_order_that_is_ours_by_chance() -> None:
    """The server's order is the one in which we offer: only turned round does it show."""
    with responder(Manners({TLS12: (ECDHE, AES256, AES128)})) as service:
        answer = ask(service.port)
    assert answer["suites"]["TLSv1.2"] == {
        "names": [
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_AES_256_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
        ],
        "order": "server",
    }


def test_rare_suites_that_come_in_the_second_hello_stand_in_their_place() -> None:
    rare = 0x00A3  # TLS_DHE_DSS_WITH_AES_256_GCM_SHA384
    with responder(Manners({TLS12: (rare, AES128)}, prime=b"\xf1" * 256)) as service:
        answer = ask(service.port)
    assert answer["suites"]["TLSv1.2"]["names"] == [
        "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
    ]


def test_hanging_up_is_a_refusal_where_the_service_answers_otherwise() -> None:
    with responder(replace(TODAY, hangs_up=True)) as service:
        answer = ask(service.port)
    assert answer["versions"] == NO_TLS_13
    assert answer["gaps"] == []


def test_a_suite_that_breaks_hides_none_behind_it() -> None:
    """As of a server that chooses DHE and has no parameters for it."""
    suites = (0x009E, 0x0039, AES256, ECDHE, AES128)
    with responder(Manners({TLS12: suites}, breaks_at=frozenset({0x009E, 0x0039}))) as service:
        answer = ask(service.port)
    assert answer["suites"]["TLSv1.2"] == {
        "names": [
            "TLS_RSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
        ],
        "order": "server",
    }
    assert answer["gaps"] == []


def test_a_suite_that_was_not_offered_is_a_gap() -> None:
    with responder(Manners({TLS12: (AES128,)}, chosen=0x1234)) as service:
        error = refusal(service.port)
    assert "0x1234 was chosen unasked" in error.detail


def test_a_service_that_stops_answering_is_a_gap() -> None:
    """As behind a firewall that counts connections: what was not answered is not refused."""
    with responder(replace(TODAY, answers=9)) as service:
        answer = ask(service.port, timeout_s=8)
    assert answer["gaps"]
    assert "accepted" in answer["versions"].values()


def test_no_more_than_two_connections_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, open_now, most = threading.Lock(), 0, 0
    begin, end = Conversation.__init__, Conversation.close

    def begun(self: Conversation, *words: Any) -> None:
        nonlocal open_now, most
        begin(self, *words)
        with lock:
            open_now += 1
            most = max(most, open_now)

    def ended(self: Conversation) -> None:
        nonlocal open_now
        end(self)
        with lock:
            open_now -= 1

    monkeypatch.setattr(Conversation, "__init__", begun)
    monkeypatch.setattr(Conversation, "close", ended)
    manners = Manners({TLS10: (AES128, AES256), TLS12: (ECDHE, AES128, AES256)})
    with responder(manners) as service:
        answer = ask(service.port)
    assert (most, open_now) == (2, 0)
    assert answer["connections"] <= 40


@pytest.mark.parametrize(
    ("manners", "reasons"),
    [
        (hostile.Manners.TARPIT, {Reason.TIMED_OUT}),
        (hostile.Manners.DRIP, {Reason.TIMED_OUT}),
        (hostile.Manners.GARBAGE, {Reason.PROTOCOL}),
        (hostile.Manners.PLAIN_HTTP, {Reason.PROTOCOL}),
        (hostile.Manners.FLOOD, {Reason.PROTOCOL}),
        (hostile.Manners.TLS_FLOOD, {Reason.PROTOCOL}),
        (hostile.Manners.CLOSE, {Reason.DROPPED}),
        # Whether the break comes before or after connecting is noticed is the kernel's affair.
        (hostile.Manners.RESET, {Reason.DROPPED, Reason.UNREACHABLE}),
    ],
)
def test_hostile_services(manners: hostile.Manners, reasons: set[Reason]) -> None:
    with hostile.hostile_tcp(manners) as service:
        error = refusal(service.port, timeout_s=2)
    assert error.reason in reasons
    assert error.detail
    assert error.mend
    assert len(service.received) <= 6
    for said in service.received:
        assert not said or said[0] in (0x16, 0x80)  # a hello, and no request


@pytest.mark.parametrize("service", UPGRADES)
@pytest.mark.parametrize(
    "manners",
    [
        hostile.Manners.TARPIT,
        hostile.Manners.GARBAGE,
        hostile.Manners.FLOOD,
        hostile.Manners.CLOSE,
        hostile.Manners.PLAIN_HTTP,
    ],
)
def test_hostile_services_before_tls_begins(manners: hostile.Manners, service: str) -> None:
    with hostile.hostile_tcp(manners) as place:
        error = refusal(place.port, service, timeout_s=1)
    assert error.reason in {Reason.TIMED_OUT, Reason.PROTOCOL, Reason.DROPPED}
    assert error.detail


@pytest.mark.parametrize("manners", [hostile.Manners.FLOOD, hostile.Manners.TLS_FLOOD])
def test_a_flood_takes_little_memory(manners: hostile.Manners) -> None:
    with hostile.hostile_tcp(manners) as service:
        refusal(service.port)
        tracemalloc.start()
        refusal(service.port)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 6_000_000


def test_a_bad_neighbour_harms_nobody() -> None:
    with (
        hostile.hostile_tcp(hostile.Manners.TLS_FLOOD) as flood,
        hostile.hostile_tcp(hostile.Manners.TARPIT) as tarpit,
        responder(TODAY) as service,
        ThreadPoolExecutor(3) as pool,
    ):
        others = [pool.submit(refusal, one.port, timeout_s=3) for one in (flood, tarpit)]
        answer = pool.submit(ask, service.port).result()
        assert {one.result().reason for one in others} == {Reason.PROTOCOL, Reason.TIMED_OUT}
    assert answer["versions"] == NO_TLS_13
    assert answer["gaps"] == []


def test_a_service_that_nobody_runs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refusal(port).reason is Reason.UNREACHABLE


Prelude = Callable[[socket.socket], None]


def _says(*turns: tuple[bytes, bytes]) -> Prelude:
    """A service that says the first of each pair, then waits for the second."""

    def speak(connection: socket.socket) -> None:
        for said, awaited in turns:
            connection.sendall(said)
            heard = b""
            while awaited and not heard.endswith(awaited):
                heard += connection.recv(1)

    return speak


def _answers(awaited: int, *said: bytes) -> Prelude:
    """A service that waits for some bytes, then speaks, each piece on its own."""

    def speak(connection: socket.socket) -> None:
        heard = b""
        while len(heard) < awaited:
            heard += connection.recv(awaited - len(heard))
        for piece in said:
            connection.sendall(piece)

    return speak


SSL_CAPABLE = 0x0800


def _mysql(flags: int) -> Prelude:
    version, filler = (
        b"\x0a8.4.0\0" + b"\1\0\0\0" + b"12345678\0",
        b"\x21\2\0\xff\xff\x15" + b"\0" * 10,
    )
    greeting = (
        version + struct.pack("<H", flags) + filler + b"123456789012\0caching_sha2_password\0"
    )

    def speak(connection: socket.socket) -> None:
        connection.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
        heard = b""
        while len(heard) < 36:
            heard += connection.recv(36 - len(heard))
        assert heard[:4] == b"\x20\0\0\1"

    return speak


EHLO = b"EHLO assess.invalid\r\n"
OFFERS = {
    "smtp": _says(
        (b"220-mail.example\r\n220 welcome\r\n", EHLO),
        (b"250-mail.example\r\n250-SIZE 1\r\n250 STARTTLS\r\n", b"STARTTLS\r\n"),
        (b"220 go on\r\n", b""),
    ),
    "submission": _says(
        (b"220 mail.example\r\n", EHLO),
        (b"250-mail.example\r\n250-starttls\r\n250 HELP\r\n", b"STARTTLS\r\n"),
        (b"220 2.0.0\r\n", b""),
    ),
    "imap": _says(
        (b"* OK [CAPABILITY IMAP4rev2 STARTTLS] ready\r\n", b"a STARTTLS\r\n"),
        (b"* CAPABILITY IMAP4rev2\r\na OK begin\r\n", b""),
    ),
    "pop3": _says((b"+OK ready <1@x>\r\n", b"STLS\r\n"), (b"+OK begin\r\n", b"")),
    "ftp": _says((b"220-one\r\n220 two\r\n", b"AUTH TLS\r\n"), (b"234 Proceed\r\n", b"")),
    # The name of the operation may come along in the answer, and the length in two bytes.
    "ldap": _answers(31, b"\x30\x81", b"\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0"),
    "rdp": _answers(19, bytes.fromhex("030000130ed000001234000201080001000000")),
    "postgresql": _answers(8, b"S"),
    "mysql": _mysql(0xFFFF),
}
REFUSES = {
    "smtp": _says((b"220 mail.example\r\n", EHLO), (b"250-mail.example\r\n250 SIZE 1\r\n", b"")),
    "submission": _says(
        (b"220 mail.example\r\n", EHLO),
        (b"250 STARTTLS\r\n", b"STARTTLS\r\n"),
        (b"454 4.7.0 not now\r\n", b""),
    ),
    "imap": _says((b"* OK ready\r\n", b"a STARTTLS\r\n"), (b"a BAD what?\r\n", b"")),
    "pop3": _says((b"+OK ready\r\n", b"STLS\r\n"), (b"-ERR what?\r\n", b"")),
    "ftp": _says((b"220 ready\r\n", b"AUTH TLS\r\n"), (b"502 no\r\n", b"")),
    "ldap": _answers(31, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\0\x04\0"),
    "rdp": _answers(19, bytes.fromhex("030000130ed000001234000300080002000000")),
    "postgresql": _answers(8, b"N"),
    "mysql": _mysql(0xFFFF & ~SSL_CAPABLE),
}


def test_every_prelude_is_tested() -> None:
    assert set(OFFERS) == set(REFUSES) == set(UPGRADES)
    assert set(UPGRADES) < set(SERVICES)


@pytest.mark.parametrize("service", OFFERS)
def test_tls_begins(service: str) -> None:
    with responder(TODAY, OFFERS[service]) as place:
        answer = ask(place.port, service)
    assert (answer["service"], answer["tls"], answer["gaps"]) == (service, "offered", [])
    assert answer["versions"] == NO_TLS_13


@pytest.mark.parametrize("service", REFUSES)
def test_tls_is_not_offered(service: str) -> None:
    with responder(TODAY, REFUSES[service]) as place:
        answer = ask(place.port, service)
    assert (answer["service"], answer["tls"]) == (service, "not-offered")
    assert answer["refusal"]
    assert "versions" not in answer
    assert answer["connections"] == 1


def test_another_protocol_is_told_from_a_refusal() -> None:
    with responder(TODAY, _says((b"+OK this is POP3\r\n", b""))) as place:
        error = refusal(place.port, "smtp")
    assert error.reason is Reason.PROTOCOL
    assert "does not speak smtp" in error.detail


def test_where_a_service_is_asked() -> None:
    with responder(TODAY) as place:
        in_text = ask(1, f"imaps:{place.port}")
        by_target = ask(place.port, "imaps")
    assert in_text["port"] == by_target["port"] == place.port
    # A service beside the target's own is not sought on the target's own port.
    error = refusal(place.port, "smtps", beside=True)
    assert "465" in error.detail


@pytest.mark.parametrize("service", ["gopher", "https:0", "https:x", "https:99999", "", ":25"])
def test_a_service_that_cannot_be_asked(service: str) -> None:
    error = refusal(1, service)
    assert error.reason is Reason.NOT_RUN
    assert "postgresql" in error.mend


def test_the_name_in_the_hello() -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(connection.recv(65_536, socket.MSG_PEEK))

    for name in ("127.0.0.1", "café.example", "site.example"):
        with responder(TODAY, listen) as place:
            assert ask(place.port, name=name)["versions"] == NO_TLS_13
        said = b"".join(heard)
        heard.clear()
        assert (b"127.0.0.1" in said) is False
        assert (b"xn--caf-dma.example" in said) is (name == "café.example")
        assert (b"site.example" in said) is (name == "site.example")
    assert refusal(1, name="x" * 300 + ".example").reason is Reason.NAME_NOT_FOUND


def test_an_answer_in_clear_after_an_alert_is_a_refusal() -> None:
    """As databases do it: the alert, then an error in their own protocol."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while not ended.is_set():
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28" + b"#08S01Bad handshake")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        error = refusal(listener.getsockname()[1])
        ended.set()
        socket.create_connection(listener.getsockname(), 1).close()
        thread.join()
    assert error.reason is Reason.PROTOCOL
    assert "refused every handshake" in error.detail
