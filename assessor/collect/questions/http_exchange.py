"""One HTTP/1.1 exchange with one address, in clear or over verified TLS; bounded in bytes and time.

A connection serves one request and is closed. Nothing is ever sent over TLS whose certificate was
not accepted: there is no switch for it.
"""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import h11

from assessor.collect.questions.conversation import Conversation, SilenceError
from assessor.collect.questions.http_url import Url
from assessor.collect.transports import tls
from assessor.collect.transports.tcp import Address, Clock, connect
from assessor.errors import TransportError
from assessor.model.capture import Reason

USER_AGENT = "Mozilla/5.0 (compatible; assess; asked for by this site's owner)"
"""What servers' logs show. It says who asks, and does not pass for a browser."""

ANSWERED = "answered"

_EXCHANGE_S = 10.0
_SHARE = 0.4
"""Of the time that is left, the most that one exchange may take once it is connected."""

_HEAD_BYTES = 65_536
_SPARE_BYTES = 262_144
"""For handshake, heads and chunk marks, on top of the body."""

_MOST_INTERIM = 8
_FILTERED_S = 3.5
"""By then a system has knocked three times (RFC 6298: after 0, 1 and 3 seconds)."""

_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """How a request went.

    Attributes:
        outcome: ``answered``, or why there is no answer: ``not-trusted``, ``no-tls``,
            ``not-http``, ``no-answer``, ``closed``, ``flood``, ``unreachable`` (nobody listens) or
            ``filtered`` (not even a refusal came, for as long as it takes to be sure of that).
        detail: more about it, for people.
        address: the IP address that was asked.
        status: HTTP status.
        headers: names in small letters, values as text, in their order.
        body: unpacked; ``None`` where it is packed in a way that was not asked for.
        cut: more followed than was kept, or the body broke off.
        trusted_by: ``system`` or ``ca_file``; ``None`` without TLS.
    """

    outcome: str
    detail: str = ""
    address: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = b""
    cut: bool = False
    trusted_by: str | None = None

    @property
    def answered(self) -> bool:
        """Whether there is a status."""
        return self.outcome == ANSWERED

    def values(self, name: str) -> list[str]:
        """The values of the header ``name`` (small letters)."""
        return [value for key, value in self.headers if key == name]

    def value(self, name: str) -> str:
        """The first value of the header ``name``; empty where it is missing."""
        return next(iter(self.values(name)), "")


class Trust:
    """Whose word is taken for a certificate: the system's authorities, then a named extra one."""

    def __init__(self, extra: ssl.SSLContext | None) -> None:
        self._contexts = {"system": _one_protocol(tls.verifying())}
        if extra is not None:
            self._contexts["ca_file"] = _one_protocol(extra)
        self._known: dict[tuple[str, int], str] = {}

    def contexts(self, url: Url) -> Iterator[tuple[str, ssl.SSLContext]]:
        """What to verify with, in order; only what worked before where something did."""
        known = self._known.get((url.host, url.port))
        for name, context in self._contexts.items():
            if known in (None, name):
                yield name, context

    def worked(self, url: Url, name: str) -> None:
        """Remembers that the certificate at ``url`` is vouched for by ``name``."""
        self._known[url.host, url.port] = name


def _one_protocol(context: ssl.SSLContext) -> ssl.SSLContext:
    context.set_alpn_protocols(["http/1.1"])
    return context


def exchange(
    url: Url,
    address: Address,
    trust: Trust,
    clock: Clock,
    *,
    most_bytes: int,
    headers: Mapping[str, str] | None = None,
) -> Exchange:
    """Gets ``url`` from ``address``, and at most ``most_bytes`` of its body.

    Raises:
        TransportError: the whole time is up, or the run was interrupted.
    """
    if url.scheme == "http":
        return _attempt(url, address, None, clock, most_bytes, headers or {})
    tried = Exchange("not-trusted", address=address.ip)
    for name, context in trust.contexts(url):
        tried = _attempt(url, address, (name, context), clock, most_bytes, headers or {})
        if tried.outcome != "not-trusted":
            if tried.trusted_by is not None:
                trust.worked(url, name)
            return tried
    return tried


def _attempt(
    url: Url,
    address: Address,
    authority: tuple[str, ssl.SSLContext] | None,
    clock: Clock,
    most_bytes: int,
    headers: Mapping[str, str],
) -> Exchange:
    doing = f"asking {url.host}"
    answer = _Answer(address.ip)
    try:
        connection = _connected(address, clock)
        with connection:
            until = clock.moment(_SHARE, _EXCHANGE_S, doing)
            talk = Conversation(
                connection, clock, until, most_bytes=most_bytes + _SPARE_BYTES, doing=doing
            )
            if authority is not None:
                name, context = authority
                talk.start_tls(context, url.host)
                answer.trusted_by = name
            _ask(talk, url, headers, answer, most_bytes)
    except tls.NotTrustedError as error:
        return answer.without("not-trusted", str(error))
    except tls.NoHandshakeError as error:
        return answer.without("no-tls", str(error))
    except SilenceError as error:
        answer.cut = True
        return answer.without(error.outcome, str(error))
    except h11.RemoteProtocolError as error:
        answer.cut = True
        too_long = error.error_status_hint == 431
        return answer.without("flood" if too_long else "not-http", str(error)[:200])
    return answer.without("closed", "the other side closed the connection")


def _connected(address: Address, clock: Clock) -> socket.socket:
    began = time.monotonic()
    try:
        return connect([address], clock)[0]
    except TransportError as error:
        if error.reason is not Reason.UNREACHABLE:
            raise
        if "no answer" not in error.detail:
            outcome = "unreachable"
        else:
            # For lack of time, or because a firewall lets nothing through?
            outcome = "no-answer" if time.monotonic() - began < _FILTERED_S else "filtered"
        raise SilenceError(outcome, error.detail) from error


@dataclass(slots=True)
class _Answer:
    """An answer as far as it came."""

    address: str
    trusted_by: str | None = None
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    most_bytes: int = 0
    cut: bool = False

    def without(self, outcome: str, detail: str) -> Exchange:
        """The exchange as it ended; ``outcome`` says why, where there is no answer."""
        if not self.status:
            return Exchange(outcome, detail, self.address, trusted_by=self.trusted_by)
        exchange = Exchange(
            ANSWERED,
            detail if self.cut else "",
            self.address,
            self.status,
            tuple(self.headers),
            bytes(self.body[: self.most_bytes]),
            self.cut or len(self.body) > self.most_bytes,
            self.trusted_by,
        )
        return _unpacked(exchange, self.most_bytes)


def _ask(
    talk: Conversation, url: Url, headers: Mapping[str, str], answer: _Answer, most_bytes: int
) -> None:
    answer.most_bytes = most_bytes
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
    request = h11.Request(
        method="GET",
        target=url.target,
        headers=[
            ("Host", url.authority),
            ("User-Agent", USER_AGENT),
            ("Accept", "text/html, text/plain;q=0.9, */*;q=0.5"),
            ("Accept-Encoding", "identity"),
            *headers.items(),
            ("Connection", "close"),
        ],
    )
    talk.send((client.send(request) or b"") + (client.send(h11.EndOfMessage()) or b""))
    interim = 0
    while len(answer.body) <= most_bytes:
        event = client.next_event()
        if event is h11.NEED_DATA:
            received = talk.some()
            if not received and not answer.status and not client.trailing_data[0]:
                return
            client.receive_data(received)
        elif isinstance(event, h11.Response):
            answer.status = event.status_code
            answer.headers = [
                (name.decode("ascii").lower(), value.decode("latin-1"))
                for name, value in event.headers
            ]
        elif isinstance(event, h11.InformationalResponse):
            interim += 1
            if interim > _MOST_INTERIM:
                raise SilenceError("flood", "interim answers without end")
        elif isinstance(event, h11.Data):
            answer.body += event.data
        else:
            return


def _unpacked(exchange: Exchange, most_bytes: int) -> Exchange:
    """The body as the page's author wrote it: a server may pack it without being asked."""
    coding = exchange.value("content-encoding").strip().lower()
    if coding in ("", "identity"):
        return exchange
    body, cut = None, exchange.cut
    if coding in _PACKED:
        # 32 added to the window's size: gzip and zlib are told apart by their heads.
        unpacking = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
        try:
            body = unpacking.decompress(exchange.body or b"", most_bytes)
            cut = cut or bool(unpacking.unconsumed_tail) or not unpacking.eof
        except zlib.error:
            body = None
    return Exchange(
        exchange.outcome,
        exchange.detail,
        exchange.address,
        exchange.status,
        exchange.headers,
        body,
        cut,
        exchange.trusted_by,
    )
