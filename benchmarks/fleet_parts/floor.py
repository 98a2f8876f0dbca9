"""The least that can be asked of the servers: what no client on this machine can be faster than.

A loop of twenty lines logs in to each host and runs the commands, one after the other, in one
shell: without strict host keys, limits, frames or a store, and its answers are thrown away. The
servers share the cores with it. Where even this misses a bar, that bar cannot be met here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fleet_parts.commands import COMMANDS
from benchmarks.fleet_parts.scene import Reach

_LOOP = '''"""Logs in, runs, and throws the answers away."""

import socket
from concurrent.futures import ThreadPoolExecutor

import paramiko

KEY = paramiko.PKey.from_path({key!r})


def ask(address):
    with socket.create_connection((address, {port})) as line, paramiko.Transport(line) as transport:
        transport.connect(username={user!r}, pkey=KEY)
        channel = transport.open_session()
        channel.exec_command("exec /bin/sh")
        channel.sendall({script!r})
        channel.shutdown_write()
        while channel.recv(65_536):
            pass


with ThreadPoolExecutor({jobs}) as pool:
    list(pool.map(ask, {addresses!r}))
'''


class Floor:
    """Not one of the tools: it brings no answers home."""

    name = "floor"

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def prepare(self, folder: Path, reach: Reach) -> None:
        """Writes the loop."""
        loop = _LOOP.format(
            key=str(reach.identity_file),
            port=reach.port,
            user=reach.user,
            script="".join(f"{command} </dev/null\n" for command in COMMANDS).encode(),
            jobs=self._jobs,
            addresses=list(reach.addresses),
        )
        (folder / "loop.py").write_text(loop)

    def command(self) -> Sequence[str]:
        """Python alone, started as ours is."""
        return [sys.executable, "loop.py"]
