"""Puts single questions to name servers: bounded in time and size, paced, and once a run.

Every query asks for DNSSEC records (DO) and for no validation on the way (CD): whether an answer is
genuine is decided by ``dns_chain`` alone, never by a flag that a resolver sets.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from assessor.collect.transports.tcp import Clock

DNS_PORT = 53
_PAYLOAD = 1232
"""Bytes of a UDP answer that no path fragments (DNS Flag Day 2020)."""

_TRIES_S = (1.5, 3.0)
"""What each server is given in the first and in the second round."""

_PER_SECOND = 100
_BURST = 20
"""What one server is asked: a resolver in a small office answers many times that."""

_MOST_KEPT = 4_000
"""Replies. What was of use last is kept longest, such as the keys of the root."""

_DEAD_AFTER = 6
_TIMED_OUT = "no answer in time"
_FAILURE_HOLDS_S = 30.0
"""A server that did not answer is left alone for this long."""


@dataclass(frozen=True, slots=True)
class Server:
    """A name server's address and port."""

    address: str
    port: int = DNS_PORT

    def __str__(self) -> str:
        return (
            f"[{self.address}]:{self.port}"
            if ":" in self.address
            else f"{self.address}:{self.port}"
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What a query brought.

    Attributes:
        message: the answer; ``None`` where no server gave a usable one.
        failure: why there is none: ``no answer in time``, ``SERVFAIL``, ...
        server: who answered, or was asked last.
        transport: ``udp`` or ``tcp``.
        seconds: how long the last try took.
        at: when it ended, on the monotonic clock.
    """

    message: dns.message.Message | None
    failure: str
    server: Server
    transport: str
    seconds: float
    at: float


_Key = tuple[tuple[Server, ...], dns.name.Name, dns.rdatatype.RdataType, bool]


class Client:
    """Asks name servers. One object serves all targets and threads of a run.

    Equal queries are put once, also when several threads have them at the same time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, Reply] = OrderedDict()
        self._asking: dict[_Key, threading.Lock] = {}
        self._paces: dict[Server, _Pace] = {}

    def ask(
        self,
        servers: Sequence[Server],
        name: dns.name.Name,
        kind: dns.rdatatype.RdataType,
        clock: Clock,
        *,
        recursive: bool = True,
    ) -> tuple[Reply, bool]:
        """The reply, and whether it was kept from before.

        Raises:
            TransportError: the whole time is up, or the run was interrupted.
        """
        key = (tuple(servers), name, kind, recursive)
        with self._lock:
            kept = self._usable(key)
            if kept is not None:
                return kept, True
            asking = self._asking.setdefault(key, threading.Lock())
        doing = f"looking up {name} {dns.rdatatype.to_text(kind)}"
        while not asking.acquire(timeout=min(0.2, clock.left(doing))):
            continue  # another thread has the same question; its answer serves this one too
        try:
            with self._lock:
                kept = self._usable(key)
            if kept is not None:
                return kept, True
            reply = self._put(servers, name, kind, clock, recursive, doing)
            with self._lock:
                self._kept[key] = reply
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        finally:
            asking.release()
            with self._lock:
                self._asking.pop(key, None)
        return reply, False

    def _usable(self, key: _Key) -> Reply | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        if kept.message is not None:
            return kept
        return kept if time.monotonic() - kept.at < _FAILURE_HOLDS_S else None

    def _put(
        self,
        servers: Sequence[Server],
        name: dns.name.Name,
        kind: dns.rdatatype.RdataType,
        clock: Clock,
        recursive: bool,
        doing: str,
    ) -> Reply:
        reply = Reply(None, "no name server to ask", Server(""), "udp", 0.0, time.monotonic())
        for seconds in _TRIES_S:
            for server in servers:
                pace = self._pace(server)
                if pace.silent():
                    reply = replace(reply, failure="it did not answer before", server=server)
                    continue
                pace.wait(clock, doing)
                reply = _exchange(
                    _query(name, kind, recursive), server, min(seconds, clock.left(doing))
                )
                pace.heard(reply)
                if reply.message is not None:
                    return reply
        return reply

    def _pace(self, server: Server) -> _Pace:
        with self._lock:
            return self._paces.setdefault(server, _Pace())


class _Pace:
    """Lets queries to one server through at a polite rate, and none for a while if it is dead."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0
        self._misses = 0
        self._missed_at = 0.0

    def silent(self) -> bool:
        """Whether it has left several queries in a row without an answer, the last just now."""
        return self._misses >= _DEAD_AFTER and time.monotonic() - self._missed_at < _FAILURE_HOLDS_S

    def heard(self, reply: Reply) -> None:
        """Notes how a query went."""
        if reply.failure == _TIMED_OUT:
            self._misses, self._missed_at = self._misses + 1, reply.at
        else:
            self._misses = 0

    def wait(self, clock: Clock, doing: str) -> None:
        with self._lock:
            now = time.monotonic()
            self._next = max(self._next, now - _BURST / _PER_SECOND) + 1 / _PER_SECOND
            turn = self._next
        while (pause := turn - time.monotonic()) > 0:
            time.sleep(min(pause, 0.2, clock.left(doing)))


def _query(
    name: dns.name.Name, kind: dns.rdatatype.RdataType, recursive: bool
) -> dns.message.QueryMessage:
    query = dns.message.make_query(name, kind, use_edns=0, payload=_PAYLOAD, want_dnssec=True)
    query.flags |= dns.flags.CD
    if not recursive:
        query.flags &= ~dns.flags.RD
    return query


def _exchange(query: dns.message.QueryMessage, server: Server, seconds: float) -> Reply:
    """One try: by UDP, and by TCP where the answer does not fit."""
    began = time.monotonic()
    transport, failure = "udp", ""
    message: dns.message.Message | None = None
    try:
        message = dns.query.udp(
            query,
            server.address,
            timeout=seconds,
            port=server.port,
            ignore_unexpected=True,
            ignore_errors=True,
        )
        if message.flags & dns.flags.TC:
            transport = "tcp"
            left = max(0.1, seconds - (time.monotonic() - began))
            message = dns.query.tcp(query, server.address, timeout=left, port=server.port)
    except dns.exception.Timeout:
        message, failure = None, _TIMED_OUT
    except (OSError, EOFError) as error:
        said = getattr(error, "strerror", None)
        message, failure = None, said or "the connection was closed"
    except (dns.exception.DNSException, ValueError) as error:
        message, failure = None, f"an answer that is none: {type(error).__name__}"
    code = dns.rcode.NOERROR if message is None else message.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        message, failure = None, dns.rcode.to_text(code)
    ended = time.monotonic()
    return Reply(message, failure, server, transport, round(ended - began, 3), ended)
