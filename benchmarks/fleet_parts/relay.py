"""A relay that delays: a round trip to a host through it takes as long as over a real line.

It is a process of its own, so that its work is nobody's who is measured::

    python relay.py ROUND_TRIP_MS PORT ADDRESS...      # reads nothing, ends when its input closes

On each address it listens on a free port (the same for all) and passes on to ``PORT`` there. Each
piece is held for half the round trip in either direction, in order, without a limit on bandwidth.
Over a real line a connection is made by a round trip of its own before the first byte can go; the
kernel of this machine makes it at once, so the relay reckons from then: it connects to the host
one and a half round trips later, and the host's greeting arrives after two.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import psutil


class Delayed:
    """Hands on pieces after a time, in their order; ``None`` is the end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, delay_s: float, not_before: float) -> None:
        self._loop, self._delay_s, self._not_before = loop, delay_s, not_before
        self._waiting: deque[bytes | None] = deque()
        self._hand_on: Callable[[bytes | None], None] | None = None
        self._due = 0

    def put(self, piece: bytes | None) -> None:
        """Takes a piece that has just come in."""
        at = max(self._loop.time() + self._delay_s, self._not_before)
        self._waiting.append(piece)
        self._loop.call_at(at, self._arrived)

    def to(self, hand_on: Callable[[bytes | None], None]) -> None:
        """Where pieces go; those whose time has come go at once."""
        self._hand_on = hand_on
        self._flush()

    def _arrived(self) -> None:
        self._due += 1
        self._flush()

    def _flush(self) -> None:
        while self._hand_on is not None and self._due:
            self._due -= 1
            self._hand_on(self._waiting.popleft())


class End(asyncio.Protocol):
    """One end of a connection: what comes in goes into ``inward``, ``outward`` is written to it."""

    def __init__(self, inward: Delayed, outward: Delayed) -> None:
        self._inward, self._outward = inward, outward
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to write what has arrived."""
        self._transport = cast("asyncio.Transport", transport)
        self._outward.to(self._write)

    def data_received(self, data: bytes) -> None:
        """A piece is on its way."""
        self._inward.put(data)

    def eof_received(self) -> bool:
        """The other way stays open."""
        self._inward.put(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Both ways are closed."""
        self._inward.put(None)

    def _write(self, piece: bytes | None) -> None:
        assert self._transport is not None
        if self._transport.is_closing():
            return
        if piece is None:
            # SSH ends with the connection: no side goes on after the other has gone.
            self._transport.close()
        else:
            self._transport.write(piece)


class Entry(End):
    """The client's end, which opens the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop, delay_s: float, port: int) -> None:
        self._opens = loop.time() + 3 * delay_s
        self._to_host = Delayed(loop, delay_s, self._opens)
        self._to_client = Delayed(loop, delay_s, self._opens)
        super().__init__(self._to_host, self._to_client)
        self._loop, self._port = loop, port
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        super().connection_made(transport)
        address = transport.get_extra_info("sockname")[0]
        self._opening = self._loop.create_task(self._open(address))

    async def _open(self, address: str) -> None:
        await asyncio.sleep(self._opens - self._loop.time())
        try:
            await self._loop.create_connection(
                lambda: End(self._to_client, self._to_host), address, self._port
            )
        except OSError:
            self._to_client.put(None)


async def _serve(round_trip_s: float, port: int, addresses: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    chosen = 0
    servers = []
    for address in addresses:
        server = await loop.create_server(
            lambda: Entry(loop, round_trip_s / 2, port), address, chosen, backlog=512
        )
        chosen = server.sockets[0].getsockname()[1]
        servers.append(server)
    print(json.dumps(chosen), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


@dataclass(frozen=True, slots=True)
class Relay:
    """A running relay.

    Attributes:
        port: where it listens, on every address.
    """

    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """Seconds of CPU that it has taken."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextlib.contextmanager
def relay(round_trip_s: float, port: int, addresses: Sequence[str]) -> Iterator[Relay]:
    """Runs a relay in front of ``port`` of all addresses.

    Raises:
        RuntimeError: it did not start.
    """
    words = [sys.executable, str(Path(__file__).resolve()), str(round_trip_s * 1000), str(port)]
    with subprocess.Popen(
        [*words, *addresses], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            if not said:
                raise RuntimeError("the relay did not start")
            yield Relay(json.loads(said), psutil.Process(process.pid))
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) / 1000, int(sys.argv[2]), sys.argv[3:]))
