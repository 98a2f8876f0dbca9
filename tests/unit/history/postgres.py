"""A real PostgreSQL on loopback, with one user who has a password."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "geheim / wachtwoord @ 1%"
_RULES = "local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``url`` holds no password."""

    url: str
    folder: Path
    as_owner: tuple[str, ...]

    def sql(self, text: str, database: str = "postgres") -> str:
        """Runs ``text`` as the owner of the server."""
        done = subprocess.run(
            [*self.as_owner, "psql", "-h", str(self.folder), "-XAtd", database, "-c", text],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@contextmanager
def postgres() -> Iterator[Server]:
    """A server until the end of the block; skips where PostgreSQL is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("postgresql is not installed")
    bin_folder = programs[-1].parent
    place = Path(tempfile.mkdtemp(prefix="assess-pg-", dir="/tmp"))
    as_owner: tuple[str, ...] = ()
    if os.geteuid() == 0:  # it refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(place, owner.pw_uid, owner.pw_gid)
        as_owner = ("runuser", "-u", "postgres", "--")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = place / "data"
    try:
        subprocess.run(
            [*as_owner, str(bin_folder / "initdb"), "-D", str(data), "--no-sync", "--auth=peer"],
            cwd="/",
            check=True,
            capture_output=True,
        )
        (data / "pg_hba.conf").write_text(_RULES)
        server = subprocess.Popen(
            [
                *(*as_owner, str(bin_folder / "postgres"), "-D", str(data), "-k", str(place)),
                *("-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
            ],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert server.stdout is not None
            if not any("ready to accept connections" in line for line in server.stdout):
                pytest.fail("PostgreSQL did not start")
            url = f"postgresql+psycopg://assess@127.0.0.1:{port}/assess"
            running = Server(url, place, (*as_owner, "env", f"PGPORT={port}"))
            running.sql(f"create role assess login password '{PASSWORD}'")
            running.sql("create database assess owner assess")
            yield running
        finally:
            _stop(server, data)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _stop(server: subprocess.Popen[str], data: Path) -> None:
    """Ends the server itself, not only the ``runuser`` before it."""
    try:
        first = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(first, 3)  # SIGQUIT: at once
    except (OSError, ValueError):
        server.kill()
    server.communicate()
