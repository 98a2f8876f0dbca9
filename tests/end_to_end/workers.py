"""Two client networks with a worker each, a broker in between, and a hub that reaches neither."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assessor.catalogue.scaffold import write_check
from assessor.evidence.signing import PublicKey
from assessor.evidence.store import RunFolder
from tests.end_to_end.assess import PROGRAM, assess, environment, last_run
from tests.end_to_end.inventory import ssh_entry
from tests.lab.brokers import LabBroker
from tests.lab.netns import Namespace
from tests.lab.sites import PASSPHRASE, Site, make_signing_key
from tests.lab.sshd import LabHost, SshLab, Sudo
from tests.lab.waiting import until

FEW = """
id: few
title: {nl: Enkele, en: Few}
checks: {quick_check: {}}
measures: [patching]
"""


class Gate:
    """Stands before the shell of a host: counts who comes in, and holds them when it is shut."""

    def __init__(self, folder: Path, name: str) -> None:
        self._pipe = folder / f"{name}.gate"
        self._visits = folder / f"{name}.visits"
        self._visits.touch()
        self._visits.chmod(0o666)
        self.command = folder / "bin" / f"gate-{name}"
        self.command.write_text(
            f"#!/bin/sh\necho in >>{self._visits}\n"
            f"[ ! -p {self._pipe} ] || read -r _ <{self._pipe}\nexec /bin/sh\n"
        )
        self.command.chmod(0o755)

    @property
    def visits(self) -> int:
        """How often somebody logged in."""
        return len(self._visits.read_text().splitlines())

    def shut(self) -> None:
        """Who comes from now on waits inside."""
        os.mkfifo(self._pipe)
        self._pipe.chmod(0o666)

    def open(self) -> None:
        """Lets in everybody who waits, if it is shut."""
        if not self._pipe.exists():
            return
        # Both ends: so this does not wait for a reader, and a reader that comes now finds words.
        end = os.open(self._pipe, os.O_RDWR)
        self._pipe.unlink()
        os.write(end, b"go\n" * 64)
        self._held = end  # words in a pipe are gone when nobody holds it


@dataclass(slots=True)
class Networks:
    """The hosts of both networks, which outlive the tests."""

    noord: Namespace
    zuid: Namespace
    hosts: Mapping[str, Mapping[str, LabHost]]
    gates: Mapping[str, Gate]

    def close(self) -> None:
        """Removes both."""
        self.noord.close()
        self.zuid.close()


def make_networks(lab: SshLab) -> Networks:
    """Two networks with two hosts each; a gate stands before all but the one with sudo."""
    token = lab.accounts.token
    noord, zuid = Namespace(f"{token}a"), Namespace(f"{token}b")
    gates = {name: Gate(lab.folder, name) for name in ("n1", "z1", "z2")}
    hosts: dict[str, dict[str, LabHost]] = {
        "noord": {
            "n1": lab.within("n1", noord.name, command=str(gates["n1"].command)),
            "n2": lab.within("n2", noord.name, sudo=Sudo.PASSWORD),
        },
        "zuid": {
            name: lab.within(name, zuid.name, command=str(gates[name].command))
            for name in ("z1", "z2")
        },
    }
    return Networks(noord, zuid, hosts, gates)


@dataclass(slots=True)
class Clients:
    """One test's hub and workers.

    Attributes:
        folder: the assessment's.
        hub: the hub's public key.
        own: targets that the hub collects itself.
    """

    networks: Networks
    broker: LabBroker
    folder: Path
    hub: PublicKey
    sites: dict[str, Site]
    own: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def make(cls, networks: Networks, broker: LabBroker, folder: Path) -> Clients:
        """Writes all folders; nothing is started."""
        hub = make_signing_key(folder / "config", "default")
        (folder / "hub.pub.pem").write_text(hub.pem)
        write_check(folder / "checks", "quick_check", "patching", frozenset({"patching"}))
        (folder / "profiles").mkdir()
        (folder / "profiles" / "few.yaml").write_text(FEW)
        sites = {}
        for name, namespace in (("noord", networks.noord), ("zuid", networks.zuid)):
            site = sites[name] = Site(name, namespace, folder / f"site-{name}")
            site.hosts = dict(networks.hosts[name])
            site.write(
                broker.settings(namespace.near, name),
                folder / "hub.pub.pem",
                checks=folder / "checks",
            )
        made = cls(networks, broker, folder, hub, sites)
        made.write()
        return made

    def write(self, profile: str = "few", **more: Any) -> None:
        """Writes ``assessment.yaml``; it says nothing of how a target at a site is reached."""
        targets: list[dict[str, Any]] = [
            {"name": name, "role": "server", "site": site.name}
            for site in self.sites.values()
            for name in site.hosts
        ]
        settings = {
            "language": "en",
            "profile": profile,
            "engine": {
                "broker": self.broker.settings(self.networks.noord.near),
                "sites": {
                    site.name: {"key": str(site.folder / f"{site.name}.pub.pem")}
                    for site in self.sites.values()
                },
            },
            "targets": targets + self.own,
            **more,
        }
        path = self.folder / "assessment.yaml"
        path.write_text(yaml.safe_dump(settings, sort_keys=False))

    def near(self, name: str, host: LabHost) -> None:
        """A target that the hub reaches itself."""
        self.own.append(ssh_entry(name, host))
        self.write()

    def start(self, *names: str) -> None:
        """Starts workers; all unless named."""
        for name in names or tuple(self.sites):
            self.sites[name].start(self.broker.password)

    def stop(self) -> None:
        """Kills the workers."""
        for site in self.sites.values():
            site.kill()

    @property
    def secrets(self) -> dict[str, str]:
        """The hub's environment."""
        return {
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "ASSESS_KEY_PASSPHRASE": PASSPHRASE,
            "BROKER_PASSWORD": self.broker.password,
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``assess run`` of the hub, to its end."""
        return assess(self.folder, "run", "--checks", "checks", *words, **self.secrets)

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """``assess run`` of the hub, under way; its log is ``hub.log``."""
        with (self.folder / "hub.log").open("a") as sink:
            process = subprocess.Popen(
                [*PROGRAM, "run", "--checks", "checks", *words],
                cwd=self.folder,
                env=environment(**self.secrets),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                text=True,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=20)

    def hub_log(self) -> str:
        """What the hub said."""
        return (self.folder / "hub.log").read_text()

    def logs(self) -> str:
        """What all said, for a failure's message."""
        parts = [f"--- hub\n{self.hub_log() if (self.folder / 'hub.log').exists() else ''}"]
        parts += [
            f"--- {site.name}\n{site.log.read_text() if site.log.exists() else ''}"
            for site in self.sites.values()
        ]
        return "\n".join(parts)

    def until_visited(self, name: str, more_than: int) -> None:
        """Returns when a host was logged in to again."""
        until(lambda: self.networks.gates[name].visits > more_than, self.logs)

    def ended(self, process: subprocess.Popen[str]) -> int:
        """Waits for the run's end; gives its exit code."""
        until(lambda: process.poll() is not None, self.logs)
        return process.wait()

    def findings(self) -> dict[tuple[str, str], str]:
        """What the last run found: target and check to outcome and message."""
        return outcomes(last_run(self.folder))

    def require_whole(self) -> None:
        """Every target has one journal with one end, nothing is missing, and the run verifies."""
        run = last_run(self.folder)
        names = [name for site in self.sites.values() for name in site.hosts]
        for name in names:
            journal = (run / "observations" / f"{name}.jsonl").read_text()
            assert len(re.findall(r'^\{"kind":"end"', journal, re.MULTILINE)) == 1, name
            assert (run / "deliveries" / f"{name}.json").exists(), name
        found = {target for target, _ in self.findings()}
        assert set(names) <= found
        assert "worker-silent" not in (run / "findings.json").read_text()
        verified = assess(self.folder, "verify", "--checks", "checks")
        assert verified.returncode == 0, verified.stderr + verified.stdout


def outcomes(run: Path) -> dict[tuple[str, str], str]:
    """What a run found: target and check to outcome and message."""
    concluded = RunFolder(run).conclusions()
    assert concluded is not None
    return {
        (each.target, f"{each.check}/{each.measure}"): (
            f"{each.outcome} {each.judgement.message.id}"
        )
        for each in concluded.findings
    }
