"""Message brokers of the lab: RabbitMQ and Redis from Debian, over TLS only, with a password.

Each is an own process with its own port, settings and data in the test's folder. ``kill`` is
``kill -9``; ``start`` starts it again on the same port with what it left on the disk. Redis keeps
nothing there, so that what it held is lost when it is killed.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.lab.accounts import run
from tests.lab.pki import Pki
from tests.lab.servers import free_port

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
SITES = ("noord", "zuid")
_READY_S = 90.0


class LabBroker:
    """What both have in common.

    Attributes:
        addresses: where it listens.
        port: its TLS port.
        password: of every user.
    """

    scheme = ""
    path = ""

    def __init__(self, folder: Path, addresses: Sequence[str], pki: Pki) -> None:
        self.folder = folder
        self.addresses = tuple(addresses)
        self.port = free_port("127.0.0.1")
        self.password = secrets.token_urlsafe(16)
        self.ca_file = pki.root_file
        folder.mkdir(parents=True, exist_ok=True)
        issued = pki.issue("broker.lab.example", *addresses)
        (folder / "cert.pem").write_bytes(issued.chain_pem)
        (folder / "key.pem").write_bytes(issued.key_pem)
        self.log = folder / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, address: str, user: str) -> str:
        """As settings name it."""
        return f"{self.scheme}://{address}:{self.port}/{self.path}"

    def settings(self, address: str, user: str = "hub") -> dict[str, Any]:
        """``broker:`` of a hub, or of a worker by its site's name, that reaches it there."""
        return {
            "url": self.url(address, user),
            "password": {"env": "BROKER_PASSWORD"},
            "ca_file": str(self.ca_file),
        }

    def start(self) -> None:
        """Starts it, and returns when it answers over TLS."""
        with self.log.open("ab") as sink:
            self._process = subprocess.Popen(
                self._words(),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        until = time.monotonic() + _READY_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the broker did not start:\n{self.log.read_text()[-4000:]}")
            self._pause()

    def kill(self) -> None:
        """``kill -9``, of all of it."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=20)
            self._process = None

    def close(self) -> None:
        """Kills it for good."""
        self.kill()

    def watched(self) -> contextlib.AbstractContextManager[Callable[[], bytes]]:
        """Gives, after the block, what the broker was sent within it, as far as it can be seen."""
        raise NotImplementedError

    def _pause(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(0.1)
        except subprocess.TimeoutExpired:
            return

    def _answers(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        try:
            for address in self.addresses:
                with socket.create_connection((address, self.port), timeout=2) as plain:
                    context.wrap_socket(plain, server_hostname=address).close()
        except OSError:
            return False
        return True

    def _words(self) -> list[str]:
        raise NotImplementedError

    def _environment(self) -> dict[str, str]:
        return dict(os.environ)


class LabRedis(LabBroker):
    """Redis, which keeps nothing on the disk."""

    scheme = "rediss"
    path = "0"

    def push(self, queue: str, text: str) -> None:
        """Puts ``text`` into a queue as it is."""
        run("env", f"REDISCLI_AUTH={self.password}", *self._client(), "LPUSH", queue, text)

    def _client(self) -> list[str]:
        where = ["-h", self.addresses[0], "-p", str(self.port)]
        return ["redis-cli", *where, "--tls", "--cacert", str(self.ca_file)]

    @contextlib.contextmanager
    def watched(self) -> Iterator[Callable[[], bytes]]:
        seen = self.folder / "monitor"
        with seen.open("wb") as sink:
            watching = subprocess.Popen(
                [*self._client(), "MONITOR"],
                env={**os.environ, "REDISCLI_AUTH": self.password},
                stdout=sink,
            )
            try:
                while not seen.read_bytes().startswith(b"OK"):
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        watching.wait(0.05)
                        raise RuntimeError("redis-cli ended")
                yield lambda: seen.read_bytes()
            finally:
                watching.kill()
                watching.wait(timeout=10)

    def _words(self) -> list[str]:
        config = self.folder / "redis.conf"
        config.write_text(
            f"port 0\ntls-port {self.port}\nbind {' '.join(self.addresses)}\n"
            f"tls-cert-file {self.folder}/cert.pem\ntls-key-file {self.folder}/key.pem\n"
            f"tls-auth-clients no\nrequirepass {self.password}\n"
            f'save ""\nappendonly no\ndir {self.folder}\n'
        )
        config.chmod(0o600)
        return ["redis-server", str(config)]


class LabRabbitMq(LabBroker):
    """RabbitMQ, which keeps durable queues on the disk; users may do what docs/workers.md says."""

    scheme = "amqps"
    path = "assess"

    def __init__(self, folder: Path, addresses: Sequence[str], pki: Pki) -> None:
        super().__init__(folder, addresses, pki)
        self._names = free_port("127.0.0.1")
        self._distribution = free_port("127.0.0.1")
        self._epmd: subprocess.Popen[bytes] | None = None

    def url(self, address: str, user: str) -> str:
        return f"{self.scheme}://{user}@{address}:{self.port}/{self.path}"

    def start(self) -> None:
        if self._epmd is None:
            # Erlang would leave one behind that outlives the test.
            self._epmd = subprocess.Popen(
                ["epmd", "-address", "127.0.0.1", "-port", str(self._names)],
                stdin=subprocess.DEVNULL,
            )
        super().start()

    @contextlib.contextmanager
    def watched(self) -> Iterator[Callable[[], bytes]]:
        """What it wrote into its message store, which also holds what was delivered by now."""
        store = self.folder / "mnesia"
        yield lambda: b"".join(
            path.read_bytes() for path in sorted(store.rglob("*")) if path.is_file()
        )

    def close(self) -> None:
        super().close()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(timeout=10)

    def _words(self) -> list[str]:
        listeners = "".join(
            f"listeners.ssl.{number} = {address}:{self.port}\n"
            for number, address in enumerate(self.addresses, 1)
        )
        config = self.folder / "rabbitmq.conf"
        config.write_text(
            f"listeners.tcp = none\n{listeners}"
            f"ssl_options.cacertfile = {self.ca_file}\n"
            f"ssl_options.certfile = {self.folder}/cert.pem\n"
            f"ssl_options.keyfile = {self.folder}/key.pem\n"
            "ssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = false\n"
            f"loopback_users = none\nload_definitions = {self.folder}/definitions.json\n"
            "log.console = true\nlog.file = false\n"
        )
        config.chmod(0o600)
        (self.folder / "plugins").write_text("[].\n")
        rights = {"hub": (r"^assess\..*", r"^assess\..*")} | {
            site: (rf"^assess\.({site}$|run\.)", rf"^assess\.{site}$") for site in SITES
        }
        definitions = {
            "vhosts": [{"name": self.path}],
            "users": [{"name": user, "password": self.password, "tags": ""} for user in rights],
            "permissions": [
                {"user": user, "vhost": self.path, "configure": make, "write": ".*", "read": read}
                for user, (make, read) in rights.items()
            ],
        }
        path = self.folder / "definitions.json"
        path.write_text(json.dumps(definitions))
        path.chmod(0o600)
        return [str(RABBITMQ)]

    def _environment(self) -> dict[str, str]:
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(secrets.token_hex(16))
            cookie.chmod(0o400)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"assess{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._names),
        }


def make_broker(kind: str, folder: Path, addresses: Sequence[str], pki: Pki) -> LabBroker:
    """A broker of a kind, not started; skips the test where its programme is not here."""
    if kind == "redis":
        if shutil.which("redis-server") is None:
            pytest.skip("needs redis-server (Debian package redis-server)")
        return LabRedis(folder, addresses, pki)
    if not RABBITMQ.exists():
        pytest.skip("needs rabbitmq-server (Debian package rabbitmq-server)")
    return LabRabbitMq(folder, addresses, pki)


def unwrapped(data: bytes) -> bytes:
    """What is inside the base64 in ``data``, unpacked where it is compressed."""
    found = []
    for text in re.findall(rb"[A-Za-z0-9+/]{64,}={0,2}", data):
        with contextlib.suppress(ValueError):
            inner = base64.b64decode(text + b"=" * (-len(text) % 4))
            found.append(inner)
            with contextlib.suppress(zlib.error):
                found.append(zlib.decompressobj().decompress(inner))
            found.append(unwrapped(inner))
    return b"\n".join(found)
