"""A client's network with a worker in it: a namespace, hosts that only it reaches, its folder."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import yaml

from assessor.evidence.keyring_store import KeyStore
from assessor.evidence.signing import PublicKey
from assessor.model.keys import Place
from tests.end_to_end.assess import PROGRAM, environment
from tests.end_to_end.inventory import ssh_entry
from tests.lab.netns import Namespace
from tests.lab.sshd import LabHost
from tests.lab.waiting import until

PASSPHRASE = "a passphrase of the lab"


def make_signing_key(config: Path, name: str) -> PublicKey:
    """A key in a file, as ``assess key new --store file`` makes it below ``XDG_CONFIG_HOME``."""
    keys = KeyStore(config / "assess" / "keys")
    return keys.new(name, Place.FILE, lambda: PASSPHRASE)


class Site:
    """One site.

    Attributes:
        name: of the site.
        namespace: its network.
        folder: the worker's, with ``worker.yaml``.
        config: where the worker's key is (``XDG_CONFIG_HOME``).
        key: its public part.
        hosts: by the target's name.
    """

    def __init__(self, name: str, namespace: Namespace, folder: Path) -> None:
        self.name = name
        self.namespace = namespace
        self.folder = folder
        self.config = folder / "config"
        folder.mkdir(parents=True)
        self.key = make_signing_key(self.config, name)
        (folder / f"{name}.pub.pem").write_text(self.key.pem)
        self.hosts: dict[str, LabHost] = {}
        self.log = folder / "worker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def write(
        self, broker: dict[str, Any], hub: Path, *, checks: Path | None = None, **more: Any
    ) -> None:
        """Writes ``worker.yaml`` for its hosts."""
        settings: dict[str, Any] = {
            "site": self.name,
            "broker": broker,
            "hubs": [str(hub)],
            "signing": {"key": self.name},
            "targets": [
                ssh_entry(
                    name,
                    host,
                    **({} if host.sudo == "none" else {"privilege": "sudo"}),
                    **({"secrets": {"sudo_password": {"env": "SITE_SUDO"}}}
                       if host.sudo == "password" else {}),
                )
                for name, host in self.hosts.items()
            ],
            **({"checks": [str(checks)]} if checks else {}),
            **more,
        }  # fmt: skip
        (self.folder / "worker.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))

    def environment(self, password: str) -> dict[str, str]:
        """What the worker is started with."""
        return environment(
            XDG_CONFIG_HOME=str(self.config),
            ASSESS_KEY_PASSPHRASE=PASSPHRASE,
            BROKER_PASSWORD=password,
            SITE_SUDO=next((h.password for h in self.hosts.values() if h.sudo == "password"), ""),
        )

    def start(self, password: str) -> None:
        """Starts the worker inside, and returns when it takes orders."""
        before = self.said("waiting for orders")
        with self.log.open("ab") as sink:
            self._process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace.name, *PROGRAM, "worker"],
                cwd=self.folder,
                env=self.environment(password),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        until(lambda: self.said("waiting for orders") > before, self.log.read_text)

    def said(self, words: str) -> int:
        """How often the worker's log holds ``words``."""
        return self.log.read_text().count(words) if self.log.exists() else 0

    def until_said(self, words: str, times: int = 1) -> None:
        """Returns when the worker's log holds ``words`` that often."""
        until(lambda: self.said(words) >= times, self.log.read_text)

    def kill(self, sign: int = signal.SIGKILL) -> int:
        """Ends the worker; gives its exit status."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            os.kill(self._process.pid, sign)
        status = self._process.wait(timeout=60)
        self._process = None
        return status
