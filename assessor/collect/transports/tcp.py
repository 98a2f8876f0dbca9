"""Reaches a TCP service within its time: names, addresses, and reads that never hang."""

from __future__ import annotations

import errno
import os
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from assessor.collect.transports.base import Abandoned, Deadline
from assessor.errors import TransportError
from assessor.model.capture import Reason

_LOOK_EVERY_S = 0.2
"""How often a wait looks up to see whether the run was interrupted."""

_MOST_ADDRESSES = 8
"""A name with more addresses than this is tried on the first ones only."""

Resolver = Callable[[str, int], list["Address"]]


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a name, as ``socket`` wants it."""

    family: socket.AddressFamily
    sockaddr: tuple[str, int] | tuple[str, int, int, int]

    @property
    def ip(self) -> str:
        """The IP address in text, for people."""
        return str(self.sockaddr[0])


class Clock:
    """The time one probe has: its own limit and the target's deadline, whichever is sooner."""

    def __init__(self, deadline: Deadline, limit_s: float, abandoned: Abandoned | None) -> None:
        self._deadline = deadline
        self._limit_s = limit_s
        self._end = min(deadline.at, time.monotonic() + limit_s)
        self._abandoned = abandoned

    def left(self, doing: str) -> float:
        """Seconds left, more than zero.

        Raises:
            TransportError: none are left (``deadline`` or ``timed-out``), or the run was
                interrupted (``interrupted``).
        """
        if self._abandoned is not None and self._abandoned.is_set():
            raise TransportError(Reason.INTERRUPTED, f"interrupted while {doing}")
        left = self._end - time.monotonic()
        if left > 0:
            return left
        self._deadline.require(doing)
        raise TransportError(
            Reason.TIMED_OUT,
            f"no answer within {self._limit_s:.0f} s, while {doing}",
            mend="try again; if it stays so, look at the server and at any firewall before it",
        )

    def moment(self, share: float, at_most: float, doing: str) -> float:
        """A moment on the monotonic clock: ``share`` of what is left, at most some seconds."""
        return time.monotonic() + min(self.left(doing) * share, at_most)


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of ``host``, by the system's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [
        Address(family, sockaddr)
        for family, _, _, _, sockaddr in found
        if isinstance(sockaddr[0], str)  # else Python was built without IPv6
    ]


def look_up(host: str, port: int, clock: Clock, resolver: Resolver = resolve) -> list[Address]:
    """The addresses of ``host``, or an error as soon as the time is up.

    ``getaddrinfo`` knows no time limit, so it runs in a thread of its own; one that never
    comes back is left behind and does not keep the process alive.

    Raises:
        TransportError: the name has no address, or the time is up.
    """
    answers: queue.SimpleQueue[list[Address] | OSError | ValueError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
    doing = f"looking up {host}"
    while True:
        left = clock.left(doing)
        try:
            answer = answers.get(timeout=min(left, _LOOK_EVERY_S))
        except queue.Empty:
            continue
        break
    if isinstance(answer, Exception):
        said = answer.strerror if isinstance(answer, OSError) else "not a valid host name"
        raise TransportError(
            Reason.NAME_NOT_FOUND,
            f"the name {host} could not be looked up: {said}",
            mend="check the address in the inventory, and this machine's DNS",
        ) from answer
    if not answer:
        raise TransportError(Reason.NAME_NOT_FOUND, f"the name {host} has no address")
    return answer[:_MOST_ADDRESSES]


def connect(addresses: list[Address], clock: Clock) -> tuple[socket.socket, Address]:
    """A connected, non-blocking socket to the first of ``addresses`` that answers.

    Raises:
        TransportError: none answered (``unreachable``, which may pass), or the time is up.
    """
    failures: list[str] = []
    for index, address in enumerate(addresses):
        doing = f"connecting to {address.ip}"
        # One part more than there are addresses: the last keeps time for what comes after.
        until = clock.moment(1 / (len(addresses) - index + 1), 10.0, doing)
        try:
            return _open(address, clock, until, doing), address
        except TimeoutError:
            failures.append(f"{address.ip}: no answer")
        except OSError as error:
            failures.append(f"{address.ip}: {error.strerror or error}")
    port = addresses[0].sockaddr[1]
    raise TransportError(
        Reason.UNREACHABLE,
        f"port {port} cannot be reached ({'; '.join(failures)})",
        mend="check the address and port in the inventory, and any firewall on the way",
        passing=True,
    )


def _open(address: Address, clock: Clock, until: float, doing: str) -> socket.socket:
    connection = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        code = connection.connect_ex(address.sockaddr)
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))
        wait(connection, selectors.EVENT_WRITE, clock, until, doing)
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
    except BaseException:
        connection.close()
        raise
    return connection


def wait(connection: socket.socket, event: int, clock: Clock, until: float, doing: str) -> None:
    """Waits until ``connection`` is ready for ``event`` (of ``selectors``).

    Raises:
        TimeoutError: it is not by ``until``.
        TransportError: the whole time is up, or the run was interrupted.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(connection, event)
        while True:
            left = min(clock.left(doing), _LOOK_EVERY_S, until - time.monotonic())
            if left <= 0:
                raise TimeoutError(doing)
            if selector.select(left):
                return
