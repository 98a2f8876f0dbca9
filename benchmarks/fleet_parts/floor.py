"""The least that can be asked of the servers: what no client on this machine can be faster than.

Loops of twenty lines log in to each host and run the commands, one after the other, in one shell:
without strict host keys, limits, frames or a store, and their answers are thrown away. The servers
share the cores with them. There is one for each library that could carry a transport of ours; the
fastest is the floor, and where even that misses a bar, the bar cannot be met here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fleet_parts.commands import COMMANDS
from benchmarks.fleet_parts.scene import Reach

_PARAMIKO = """
import socket

import paramiko

KEY = paramiko.PKey.from_path({key!r})


def ask(address):
    with socket.create_connection((address, {port})) as line, paramiko.Transport(line) as transport:
        transport.connect(username={user!r}, pkey=KEY)
        channel = transport.open_session()
        channel.exec_command("exec /bin/sh")
        channel.sendall({script!r})
        channel.shutdown_write()
        said = 0
        while data := channel.recv(65_536):
            said += len(data)
        return said
"""
_LIBSSH2 = """
import socket

from ssh2.exceptions import KeyExchangeError
from ssh2.session import Session


def ask(address):
    # With many threads on busy cores some key exchanges fail for no reason that it tells.
    try:
        return once(address)
    except KeyExchangeError:
        print("a key exchange failed, and is tried again")
        return ask(address)


def once(address):
    with socket.create_connection((address, {port})) as line:
        session = Session()
        session.handshake(line)
        session.userauth_publickey_fromfile({user!r}, {key!r})
        channel = session.open_session()
        channel.execute("exec /bin/sh")
        channel.write({script!r})
        channel.send_eof()
        said = 0
        while (size := channel.read(65_536)[0]) > 0:
            said += size
        return said
"""
_OPENSSH = """
import subprocess

SSH = ["ssh", "-F", "none", "-i", {key!r}, "-p", "{port}", "-l", {user!r}, "-o", "BatchMode=yes"]
SSH += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]


def ask(address):
    words = [*SSH, address, "exec /bin/sh"]
    return len(subprocess.run(words, input={script!r}, capture_output=True).stdout)
"""
_ALL = """
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor({jobs}) as pool:
    assert all(pool.map(ask, {addresses!r})), "a host said nothing"
"""


class Floor:
    """Not one of the tools: it brings no answers home.

    Args:
        name: of what it logs in with.
        loop: its ``ask``, with places for what it needs.
        python: the interpreter that has the library.
        jobs: hosts side by side.
    """

    def __init__(self, name: str, loop: str, python: str, jobs: int) -> None:
        self.name = f"loop of {name}"
        self._loop = loop + _ALL
        self._python = python
        self._jobs = jobs

    def prepare(self, folder: Path, reach: Reach) -> None:
        """Writes the loop."""
        loop = self._loop.format(
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
        return [self._python, "loop.py"]


def floors(programs: Path, jobs: int) -> Sequence[Floor]:
    """All of them; ``programs`` is the folder of the Python that has libssh2."""
    return (
        Floor("paramiko", _PARAMIKO, sys.executable, jobs),
        Floor("libssh2", _LIBSSH2, str(programs / "python"), jobs),
        Floor("OpenSSH", _OPENSSH, sys.executable, jobs),
    )
