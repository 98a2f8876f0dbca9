"""One hello, one answer: connects, lets TLS begin, sends, and reads no more than is needed."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from assessor.collect.questions import starttls, tls_records
from assessor.collect.questions.tls_offers_names import SSL2_SUITES, TLS13, ephemeral
from assessor.collect.questions.tls_records import (
    CERTIFICATE,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    Hello,
    KeyExchange,
    MalformedError,
    Reader,
    ServerHello,
)
from assessor.collect.transports.tcp import Address, Clock, connect, wait
from assessor.errors import TransportError
from assessor.model.capture import Reason

_READ_BYTES = 16_384
_LONGEST_LINE = 2_048
_MOST_BEFORE = 65_536
"""Bytes that a service may say before TLS begins."""

_LEAST_PATIENCE_S = 5.0
_MOST_PATIENCE_S = 15.0
_PATIENCE = 4.0
"""How many times longer than its slowest answer so far a service may take for the next one."""


class Ended(StrEnum):
    """How an answer ended."""

    HELLO = "hello"
    ALERT = "alert"
    CLOSED = "closed"
    LOST = "lost"
    """It hung up before TLS began, so that this is no answer to the hello."""
    SILENT = "silent"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one hello.

    Attributes:
        ended: whether a server's hello came and, if not, what else did.
        alert: the number of the alert, if one ended it.
        hello: the server's hello.
        messages: the handshake messages that were read, by type.
        why: what was wrong with garbage.
        ssl2: the server's hello of SSL 2.0.
    """

    ended: Ended
    alert: int | None = None
    hello: ServerHello | None = None
    messages: dict[int, bytes] = field(default_factory=dict)
    why: str = ""
    ssl2: tls_records.Ssl2Hello | None = None

    @property
    def refused(self) -> bool:
        """Whether the service turned the hello down: by an alert, or by hanging up."""
        return self.ended in (Ended.ALERT, Ended.CLOSED)

    @property
    def exchange(self) -> KeyExchange | None:
        """The parameters of the key exchange, where they were shown and can be read."""
        if self.hello is None or SERVER_KEY_EXCHANGE not in self.messages:
            return None
        kind = ephemeral(self.hello.suite)
        if kind is None:
            return None
        body = self.messages[SERVER_KEY_EXCHANGE]
        try:
            return tls_records.read_key_exchange(body, kind, self.hello.version)
        except MalformedError:
            return None

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates as presented, where they came in clear and can be told apart."""
        try:
            return tls_records.read_certificates(self.messages.get(CERTIFICATE, b"\0\0\0"))
        except MalformedError:
            return ()


Enough = Callable[[ServerHello, dict[int, bytes]], bool]
"""Whether what has been read suffices."""


def hello_suffices(hello: ServerHello, messages: dict[int, bytes]) -> bool:
    """Reads no further than the server's hello."""
    return True


def exchange_suffices(hello: ServerHello, messages: dict[int, bytes]) -> bool:
    """Reads up to the parameters of the key exchange, where the suite has some."""
    if hello.version >= TLS13 or ephemeral(hello.suite) is None:
        return True
    return SERVER_KEY_EXCHANGE in messages or SERVER_HELLO_DONE in messages


def flight_suffices(hello: ServerHello, messages: dict[int, bytes]) -> bool:
    """Reads the server's whole first flight, up to TLS 1.2."""
    return hello.retry or SERVER_HELLO_DONE in messages


class Endpoint:
    """A service that is asked again and again, at one address, with growing patience.

    Attributes:
        server_name: what to name in SNI; empty for none.
        connections: how many were opened.
    """

    def __init__(self, service: str, server_name: str, addresses: list[Address], clock: Clock):
        """Nothing is connected yet.

        Args:
            service: a key of ``starttls.SERVICES``.
            server_name: what to name in SNI; empty for none.
            addresses: the service's addresses; the first that answers is kept to.
            clock: the time there is for all of it.
        """
        self.server_name = server_name
        self.connections = 0
        self._service = service
        self._addresses = addresses
        self._clock = clock
        self._slowest_s = 0.0
        self._lock = threading.Lock()

    @property
    def address(self) -> Address:
        """The address that is asked, known once one answered."""
        return self._addresses[0]

    @property
    def patience_s(self) -> float:
        """Seconds to wait for one answer."""
        return min(max(_LEAST_PATIENCE_S, _PATIENCE * self._slowest_s), _MOST_PATIENCE_S)

    def open(self) -> Conversation:
        """A connection on which TLS begins.

        Raises:
            NotOfferedError: the service does not offer TLS.
            NotSpokenError: another protocol is spoken there.
            TimeoutError: it said nothing in time.
            ConnectionError: it hung up.
            TransportError: it cannot be reached, or the whole time is up.
        """
        connection, address = connect(self._addresses, self._clock)
        with self._lock:
            self.connections += 1
            self._addresses = [address]
        doing = f"asking {address.ip} what TLS it offers"
        conversation = Conversation(connection, self._clock, self.patience_s, doing)
        try:
            starttls.upgrade(self._service, conversation)
        except BaseException:
            conversation.close()
            raise
        return conversation

    def ask(self, hello: Hello, enough: Enough = hello_suffices) -> Reply:
        """Puts ``hello`` to the service; silence and a lost connection get a second chance.

        Raises:
            NotOfferedError: the service does not offer TLS.
            NotSpokenError: another protocol is spoken there.
            TransportError: it cannot be reached, or the whole time is up.
        """

        def put(conversation: Conversation) -> Reply:
            conversation.send(hello.record())
            return _read(conversation, enough)

        reply = self._once(put)
        return self._once(put) if reply.ended in (Ended.SILENT, Ended.LOST) else reply

    def _once(self, put: Callable[[Conversation], Reply]) -> Reply:
        began = time.monotonic()
        try:
            conversation = self.open()
        except TimeoutError:
            return Reply(Ended.SILENT)
        except ConnectionError:
            return Reply(Ended.LOST)
        try:
            with conversation:
                reply = put(conversation)
        except TimeoutError:
            return Reply(Ended.SILENT)
        except ConnectionError:
            return Reply(Ended.CLOSED)
        with self._lock:
            self._slowest_s = max(self._slowest_s, time.monotonic() - began)
        return reply

    def ask_ssl2(self) -> Reply:
        """Offers SSL 2.0 with all its suites; raises what ``ask`` does.

        A server of today may take the hello for the head of a record and wait for the rest of
        it, which looks like silence. So the end of what is sent is made known after a while.
        """

        def put(conversation: Conversation) -> Reply:
            conversation.send(tls_records.ssl2_hello(SSL2_SUITES))
            return _read_ssl2(conversation)

        reply = self._once(put)
        return self._once(put) if reply.ended is Ended.LOST else reply


class Conversation:
    """A connection with one limit of time for all that is said on it."""

    def __init__(self, connection: socket.socket, clock: Clock, seconds: float, doing: str) -> None:
        self._connection = connection
        self._clock = clock
        self._doing = doing
        self._until = clock.moment(1.0, seconds, doing)
        self._before = bytearray()
        self._received = 0

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def end(self) -> None:
        """Tells the other side that no more will be sent."""
        try:
            self._connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise ConnectionResetError("the other side is gone") from error

    def send(self, data: bytes) -> None:
        """Sends all of ``data``."""
        rest = memoryview(data)
        while rest:
            wait(self._connection, selectors.EVENT_WRITE, self._clock, self._until, self._doing)
            rest = rest[self._connection.send(rest) :]

    def receive(self, until: float | None = None) -> bytes:
        """What comes next; empty at the end of the stream.

        Raises:
            TimeoutError: nothing came in time.
            ConnectionError: the connection broke.
        """
        if self._before:
            early = bytes(self._before)
            self._before.clear()
            return early
        moment = self._until if until is None else min(until, self._until)
        wait(self._connection, selectors.EVENT_READ, self._clock, moment, self._doing)
        return self._connection.recv(_READ_BYTES)

    def half(self) -> float:
        """The moment at which half of the time that is left will be over."""
        return time.monotonic() + max(0.0, self._until - time.monotonic()) / 2

    def line(self) -> bytes:
        """What comes up to the end of the line, without it (see ``starttls.Line``)."""
        while (end := self._before.find(b"\n")) < 0:
            if len(self._before) > _LONGEST_LINE:
                raise starttls.NotSpokenError("a line without an end")
            self._more()
        found = bytes(self._before[:end]).rstrip(b"\r")
        del self._before[: end + 1]
        return found

    def exactly(self, count: int) -> bytes:
        """The next ``count`` bytes (see ``starttls.Line``)."""
        while len(self._before) < count:
            self._more()
        found = bytes(self._before[:count])
        del self._before[:count]
        return found

    def _more(self) -> None:
        wait(self._connection, selectors.EVENT_READ, self._clock, self._until, self._doing)
        data = self._connection.recv(_READ_BYTES)
        if not data:
            raise ConnectionResetError("the other side hung up")
        self._received += len(data)
        if self._received > _MOST_BEFORE:
            raise starttls.NotSpokenError("too much is said before TLS begins")
        self._before += data


def _read(conversation: Conversation, enough: Enough) -> Reply:
    reader = Reader()
    try:
        while True:
            hello = reader.hello
            if hello is not None and enough(hello, reader.messages):
                break
            data = b"" if reader.alert is not None else conversation.receive()
            if not data:
                break
            reader.feed(data)
    except MalformedError as error:
        # Some say why in clear, in the protocol from before, once they have sent their alert.
        if reader.alert is None:
            return Reply(Ended.GARBAGE, why=str(error))
    if reader.hello is not None:
        return Reply(Ended.HELLO, hello=reader.hello, messages=reader.messages)
    return Reply(Ended.CLOSED) if reader.alert is None else Reply(Ended.ALERT, reader.alert)


def _read_ssl2(conversation: Conversation) -> Reply:
    data, until, ended = b"", conversation.half(), False
    while len(data) < tls_records.MOST_BYTES:
        try:
            more = conversation.receive(None if ended else until)
        except TimeoutError:
            if ended:
                raise
            ended = True
            conversation.end()
            continue
        if not more:
            return Reply(Ended.CLOSED)
        data += more
        try:
            hello = tls_records.read_ssl2_hello(data)
        except MalformedError as error:
            return Reply(Ended.GARBAGE, why=str(error))
        if hello is not None:
            return Reply(Ended.HELLO, ssl2=hello)
        if not (data[0] & 0x80 and (len(data) < 3 or data[2] in (0, 4))):
            # An alert of TLS, or anything else that no server of SSL 2.0 says.
            return Reply(Ended.ALERT)
        if len(data) >= 3 and data[2] == 0:
            return Reply(Ended.ALERT)  # an error message of SSL 2.0
    return Reply(Ended.GARBAGE, why="too much is said")


def not_reached(service: str, place: str, replies: list[Reply]) -> TransportError:
    """Why nothing could be learned, from ``replies`` to the first hellos."""
    endings = {reply.ended for reply in replies}
    if Ended.GARBAGE in endings:
        why = next(reply.why for reply in replies if reply.ended is Ended.GARBAGE)
        return TransportError(
            Reason.PROTOCOL,
            f"{place} does not speak TLS: {why}",
            mend="check the port in the inventory: it must be the one for encrypted connections",
        )
    if Ended.ALERT in endings:
        return TransportError(
            Reason.PROTOCOL,
            f"{place} refused every handshake",
            mend="set the option server_name to a name that the service is known by",
        )
    if Ended.SILENT in endings:
        return TransportError(
            Reason.TIMED_OUT,
            f"{place} takes connections and does not answer in {service}",
            mend="try again; if it stays so, look at the server and at any firewall before it",
        )
    return TransportError(
        Reason.DROPPED,
        f"{place} hung up on every handshake",
        mend="check that TLS is spoken on this port, and look at any firewall before it",
    )
