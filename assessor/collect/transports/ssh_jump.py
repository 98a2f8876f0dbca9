"""Jump hosts: one connection to each for the whole run, shared by all targets behind it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from paramiko.ssh_exception import ChannelException

from assessor.collect.backoff import pauses
from assessor.collect.transports.known_hosts import SSH_PORT
from assessor.collect.transports.ssh_session import ChannelSocket, Line, Session, plain
from assessor.collect.transports.watch import FOREVER, TICK_S, Guard, Watch
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.limits import RETRIES
from assessor.model.target import Target

_HOP = re.compile(
    r"(?:(?P<user>[^@]+)@)?(?:\[(?P<bracketed>[^\]]+)\]|(?P<host>[^:@\[\]]+))(?::(?P<port>\d+))?"
)
# RFC 4254, 5.1
_FORWARDING_REFUSED = 1  # administratively prohibited
_MOMENTARY = frozenset({2, 4})  # connect failed, resource shortage
_CHANNEL_S = 20.0
# Failures that the next target would only meet again. The others may have been this moment's.
_LASTING = frozenset(
    {
        Reason.HOST_KEY_CHANGED,
        Reason.HOST_KEY_UNKNOWN,
        Reason.AUTHENTICATION_FAILED,
        Reason.SECRET_MISSING,
        Reason.NAME_NOT_FOUND,
        Reason.UNREACHABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Hop:
    """One jump host."""

    user: str | None
    host: str
    port: int

    @property
    def place(self) -> str:
        """Names it for people."""
        return f"jump host {self.host}:{self.port}"


def parse_hop(text: str) -> Hop:
    """Reads ``[user@]host[:port]``; an IPv6 address with a port stands in brackets.

    Raises:
        TransportError: it is something else.
    """
    if text.count(":") > 1 and "[" not in text and "]" not in text:
        user, at, host = text.rpartition("@")
        return Hop(user if at else None, host, SSH_PORT)
    found = _HOP.fullmatch(text.strip())
    port = int(found["port"] or SSH_PORT) if found else 0
    if found is None or not 0 < port <= 65_535:
        raise TransportError(
            Reason.UNREACHABLE,
            f"{plain(text)!r} is no jump host",
            mend="write it as user@host:port, such as admin@gate.example.org:22",
        )
    return Hop(found["user"], found["bracketed"] or found["host"], port)


# Enters a jump host over a line that leads to it.
Enter = Callable[[Hop, Target, Line, Guard], Session]
# Opens a line to the first of a chain.
Reach = Callable[[str, int, Guard], Line]


@dataclass(slots=True)
class _Shared:
    """A jump host's place in the pool."""

    busy: threading.Lock = field(default_factory=threading.Lock)
    session: Session | None = None
    guard: Guard | None = None
    failure: TransportError | None = None


class JumpPool:
    """The jump hosts of a run; safe to use from several threads.

    Args:
        watch: ends connections whose time is up.
        reach: opens a line to the first of a chain.
        enter: enters a jump host.
        retries: how often one is tried again that could not be reached, where that may pass.
    """

    def __init__(self, watch: Watch, reach: Reach, enter: Enter, retries: int = RETRIES) -> None:
        self._retries = retries
        self._watch = watch
        self._reach = reach
        self._enter = enter
        self._lock = threading.Lock()
        self._places: dict[tuple[object, ...], _Shared] = {}

    def line(self, target: Target, host: str, port: int, guard: Guard) -> Line:
        """A line to ``host`` through the target's jump hosts, or directly where it has none.

        Raises:
            TransportError: a jump host could not be entered or did not forward.
        """
        hops = tuple(parse_hop(text) for text in target.jump)
        return self._through(hops, target, host, port, guard)

    def close(self) -> None:
        """Ends all connections to jump hosts."""
        with self._lock:
            places = list(self._places.values())
            self._places.clear()
        for place in places:
            _discard(place, self._watch)

    def _through(
        self, hops: tuple[Hop, ...], target: Target, host: str, port: int, guard: Guard
    ) -> Line:
        if not hops:
            return self._reach(host, port, guard)
        dead: Session | None = None
        while True:
            session = self._session(hops, target, guard, dead)
            try:
                return _forwarded(session, hops[-1], host, port, guard)
            except TransportError:
                # A jump host that died since the last target is entered once more.
                if dead is not None or session.is_active():
                    raise
                guard.check()
                dead = session

    def _session(
        self, hops: tuple[Hop, ...], target: Target, guard: Guard, dead: Session | None
    ) -> Session:
        key = (hops, target.identity_files, target.known_hosts)
        with self._lock:
            place = self._places.setdefault(key, _Shared())
        while not place.busy.acquire(timeout=0.2):
            guard.check()
        try:
            if place.failure is not None:
                raise place.failure
            if place.session is not None and (
                place.session is dead or not place.session.is_active()
            ):
                _discard(place, self._watch)
            if place.session is None:
                self._open_patiently(place, hops, target, guard)
            assert place.session is not None  # noqa: S101 - _open sets it or raises
            return place.session
        except TransportError as error:
            if error.reason in _LASTING:
                place.failure = error
            raise
        finally:
            place.busy.release()

    def _open_patiently(
        self, place: _Shared, hops: tuple[Hop, ...], target: Target, guard: Guard
    ) -> None:
        """Opens a jump host, again after a while where what went wrong may pass.

        Here and not by each target behind it: they wait for it anyway, and a jump host that is
        down would otherwise cost every one of them its time.
        """
        for pause in pauses(self._retries):
            try:
                return self._open(place, hops, target, guard)
            except TransportError as error:
                if not error.passing or pause >= guard.deadline.remaining():
                    raise _for_good(error) from error
            until = time.monotonic() + pause
            while (left := until - time.monotonic()) > 0:
                guard.step(f"waiting to try {hops[-1].place} again")
                time.sleep(min(left, TICK_S))
        try:
            return self._open(place, hops, target, guard)
        except TransportError as error:
            last = _for_good(error)
            if error.passing:
                place.failure = last
            raise last from error

    def _open(self, place: _Shared, hops: tuple[Hop, ...], target: Target, guard: Guard) -> None:
        *before, hop = hops
        line = self._through(tuple(before), target, hop.host, hop.port, guard)
        session = self._enter(hop, target, line, guard)
        # From now on it belongs to the run, not to the target that happened to come first.
        place.guard = self._watch.open(FOREVER)
        place.guard.hold(session.end)
        place.session = session


def _for_good(error: TransportError) -> TransportError:
    """``error``, not to be tried again."""
    return TransportError(error.reason, error.detail, mend=error.mend)


def _discard(place: _Shared, watch: Watch) -> None:
    if place.guard is not None:
        watch.close(place.guard)
    if place.session is not None:
        place.session.close()
    place.guard = place.session = None


def _forwarded(session: Session, hop: Hop, host: str, port: int, guard: Guard) -> Line:
    guard.step(f"going through {hop.place}")
    with session.translated(guard, f"going through {hop.place}"):
        try:
            channel = session.open_channel(
                "direct-tcpip",
                dest_addr=(host, port),
                src_addr=("127.0.0.1", 0),
                timeout=guard.left(at_most=_CHANNEL_S),
            )
        except ChannelException as error:
            raise _not_forwarded(error, hop, host, port) from error
        if session.is_active():
            return ChannelSocket(channel)
        raise EOFError


def _not_forwarded(error: ChannelException, hop: Hop, host: str, port: int) -> TransportError:
    if error.code == _FORWARDING_REFUSED:
        return TransportError(
            Reason.UNREACHABLE,
            f"{hop.place} does not forward to {host}:{port}: {plain(error.text)}",
            mend="allow it with AllowTcpForwarding (and PermitOpen) in its sshd_config",
        )
    return TransportError(
        Reason.UNREACHABLE,
        f"{host}:{port} cannot be reached from {hop.place}: {plain(error.text)}",
        mend="check the address as the jump host sees it",
        passing=error.code in _MOMENTARY,
    )
