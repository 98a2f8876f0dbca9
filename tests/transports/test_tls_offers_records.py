"""Whatever bytes come, they are read or refused; and a hello is what the standards say."""

from __future__ import annotations

import random
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.collect.questions import tls_offers_names as names
from assessor.collect.questions import tls_records
from assessor.collect.questions.starttls import (
    UPGRADES,
    NotOfferedError,
    NotSpokenError,
    upgrade,
)
from assessor.collect.questions.tls_offers_ocsp import describe
from assessor.collect.questions.tls_records import Hello, MalformedError, Reader
from tests.lab.ocsp import staple
from tests.lab.pki import Issued, Pki


def _context(folder: Path, issued: Issued) -> ssl.SSLContext:
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(issued.chain_pem)
    key.write_bytes(issued.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def _answer(context: ssl.SSLContext, hello: Hello) -> bytes:
    """What OpenSSL answers to ``hello``."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(hello.record())
    with suppress(ssl.SSLError):  # it wants more, or it has refused
        server.do_handshake()
    return outgoing.read()


def _hello(version: int, **more: object) -> Hello:
    usual: dict[str, object] = {
        "groups": tuple(names.GROUPS),
        "signatures": tuple(names.SIGNATURES),
        "server_name": "site.example",
    }
    return Hello(version, names.offered(version)[0], **(usual | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("flight")
    context = _context(folder, Pki(folder).issue("site.example"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return _answer(context, _hello(names.TLS12, status=True))


def test_a_flight_of_openssl_is_read(flight: bytes) -> None:
    whole, piecemeal = Reader(), Reader()
    whole.feed(flight)
    for position in range(len(flight)):
        piecemeal.feed(flight[position : position + 1])

    assert whole.messages == piecemeal.messages
    hello = whole.hello
    assert hello is not None
    assert hello.version == names.TLS12
    assert len(tls_records.read_certificates(whole.messages[tls_records.CERTIFICATE])) == 2
    exchange = tls_records.read_key_exchange(
        whole.messages[tls_records.SERVER_KEY_EXCHANGE], "ecdhe", hello.version
    )
    assert (exchange.group, exchange.signature) == (0x001D, 0x0403)
    assert tls_records.SERVER_HELLO_DONE in whole.messages


def _damaged(flight: bytes, count: int) -> Iterator[bytes]:
    chance = random.Random(5)
    for _ in range(count):
        data = bytearray(flight)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        yield bytes(data[: chance.randint(1, len(data))])


def test_a_damaged_flight_is_read_or_refused(flight: bytes) -> None:
    for data in _damaged(flight, 3000):
        reader = Reader()
        try:
            reader.feed(data)
            for kind in ("ecdhe", "dhe"):
                body = reader.messages.get(tls_records.SERVER_KEY_EXCHANGE, b"")
                tls_records.read_key_exchange(body, kind, names.TLS12)
        except MalformedError:
            continue


READERS = (
    tls_records.read_server_hello,
    tls_records.read_extensions,
    tls_records.read_certificates,
    tls_records.read_status,
    tls_records.read_ssl2_hello,
    lambda data: tls_records.read_key_exchange(data, "ecdhe", names.TLS12),
    lambda data: tls_records.read_key_exchange(data, "dhe", names.TLS12),
    lambda data: Reader().feed(data),
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in READERS:
        try:
            read(data)
        except MalformedError:
            continue


class _Said:
    """A service that says what it says, whatever it is told."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def send(self, data: bytes) -> None:
        """Takes ``data`` in."""

    def line(self) -> bytes:
        found, separator, self._left = self._left.partition(b"\n")
        if not separator:
            raise ConnectionResetError
        return found.rstrip(b"\r")

    def exactly(self, count: int) -> bytes:
        if len(self._left) < count:
            raise ConnectionResetError
        found, self._left = self._left[:count], self._left[count:]
        return found


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_before_tls_begins(data: bytes) -> None:
    starts = (b"", b"\x30\x0c\x02\x01\x01\x78", b"\x03\x00\x00\x13\x0e\xd0", b"\x40\0\0\0\x0a8\0")
    for service in UPGRADES:
        for start in starts:
            try:
                upgrade(service, _Said(start + data))
            except (NotOfferedError, NotSpokenError, ConnectionResetError):
                continue


@pytest.mark.parametrize("version", [names.TLS12, names.TLS13])
def test_openssl_takes_our_hello(tmp_path: Path, version: int) -> None:
    context = _context(tmp_path, Pki(tmp_path).issue("site.example"))
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    context.set_alpn_protocols(["h2"])

    reader = Reader()
    reader.feed(_answer(context, _hello(version, protocols=("h2", "http/1.1"))))

    hello = reader.hello
    assert hello is not None
    assert hello.version == version
    assert hello.retry is (version == names.TLS13)
    assert hello.protocol == ("h2" if version == names.TLS12 else None)
    assert "site.example" in asked


def test_the_length_that_some_servers_hang_at_is_filled_up() -> None:
    for count in range(1, 200, 3):
        hello = Hello(names.TLS12, tuple(range(count)), groups=(23,), signatures=(0x0403,))
        assert not 256 <= len(hello.message()) < 512


def test_no_message_may_be_endless() -> None:
    reader = Reader()
    record = tls_records.record(tls_records.HANDSHAKE, b"\0\0\0\0" * 2000)
    with pytest.raises(MalformedError, match="more than"):
        for _ in range(100):
            reader.feed(record)
    with pytest.raises(MalformedError, match="too long"):
        Reader().feed(tls_records.record(tls_records.HANDSHAKE, b"\x02\xff\xff\xff"))


def test_every_suite_is_offered_once() -> None:
    for version in (names.SSL3, names.TLS12):
        offered = [code for piece in names.offered(version) for code in piece]
        assert len(offered) == len(set(offered))
        assert all(len(piece) <= names.MOST_AT_ONCE for piece in names.offered(version))
    both = {*offered, *names.offered(names.TLS13)[0]}
    assert both == set(names.suites())
    assert len(set(names.suites().values())) == len(names.suites())


@pytest.mark.parametrize(
    ("suite", "kind", "authentication"),
    [
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ecdhe", "ecdsa"),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "ecdhe", "anon"),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "dhe", "rsa"),
        ("TLS_DH_RSA_WITH_AES_128_CBC_SHA", None, "rsa"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", None, "rsa"),
        ("TLS_DHE_DSS_WITH_AES_128_CBC_SHA", "dhe", "dss"),
        ("TLS_AES_128_GCM_SHA256", None, "other"),
    ],
)
def test_what_a_suite_is_made_of(suite: str, kind: str | None, authentication: str) -> None:
    code = {name: code for code, name in names.suites().items()}[suite]
    assert (names.ephemeral(code), names.authentication(code)) == (kind, authentication)


def test_a_damaged_staple_never_counts(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    issued = pki.issue("site.example")
    chain = tuple(
        ssl.PEM_cert_to_DER_cert(pem + "-----END CERTIFICATE-----\n")
        for pem in issued.chain_pem.decode().split("-----END CERTIFICATE-----\n")[:2]
    )
    response = staple(pki, issued)
    whole = describe(response, chain)
    assert (whole["status"], whole["signed"]) == ("good", True)
    assert describe(response, chain[:1])["signed"] is None
    chance = random.Random(7)
    for _ in range(300):
        data = bytearray(response)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        facts = describe(bytes(data), chain)
        if facts.get("signed") is True:
            assert facts == whole
    assert describe(response[:40], chain)["status"] == "unreadable"
    assert describe(response, (b"\x30\x00",))["responder"] is None
