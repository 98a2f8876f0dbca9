"""A fleet of real SSH servers on loopback, and an assessment of it as a user would write it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from assessor import bundled
from tests.lab.sshd import LabHost, SshLab

PROFILE = "fleet"
FIRST = (
    "host_firewall",
    "disk_encryption",
    "password_policy",
    "ssh_login",
    "access_logging",
    "malware_protection",
    "backups",
)
"""The seven host checks for which the bars of ``bare`` were set."""


ALONE = "ASSESS_BENCHMARK_ALONE"
"""The variable that says that this process has a network namespace of its own."""


def be_alone() -> None:
    """Starts this programme again, in a network namespace of its own; returns in there.

    What else listens on this machine would be a part of every host's answers, and so would a socket
    for each address of the fleet: no real host has a thousand.
    """
    if ALONE not in os.environ:
        enter = 'ip link set lo up && exec "$@"'
        words = ["unshare", "--net", "sh", "-c", enter, "sh", sys.executable, *sys.argv]
        os.execvpe(words[0], words, {**os.environ, ALONE: "yes"})  # noqa: S606 - our own words


@contextlib.contextmanager
def fleet(count: int) -> Iterator[tuple[tuple[LabHost, ...], Path]]:
    """That many hosts, and an empty folder; all of it is gone afterwards."""
    lab = SshLab()
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
            yield lab.fleet(count, everywhere=ALONE in os.environ), Path(folder)
    finally:
        lab.close()


@dataclass(frozen=True, slots=True)
class Reach:
    """How a fleet is reached: straight, or through a relay on another port.

    Attributes:
        addresses: of the hosts.
        port: on every address.
        known_hosts: the file with their keys, for this port.
    """

    addresses: Sequence[str]
    port: int
    user: str
    identity_file: Path
    known_hosts: Path

    @classmethod
    def straight(cls, hosts: Sequence[LabHost]) -> Reach:
        """To the servers themselves."""
        first = hosts[0]
        assert first.identity_file is not None
        addresses = [host.address for host in hosts]
        return cls(addresses, first.port, first.user, first.identity_file, first.known_hosts)

    def first(self, count: int) -> Reach:
        """So many of the hosts."""
        return replace(self, addresses=self.addresses[:count])

    def through(self, port: int) -> Reach:
        """The same hosts on another port, by which their keys are known too."""
        known = self.known_hosts.with_name(f"known_hosts_{port}")
        known.write_text(self.known_hosts.read_text().replace(f"]:{self.port} ", f"]:{port} "))
        return replace(self, port=port, known_hosts=known)


def write_assessment(folder: Path, reach: Reach, profile: str, jobs: int) -> None:
    """An assessment of the fleet, so many hosts side by side."""
    settings = {
        "organisation": "Fleet",
        "language": "en",
        "profile": profile,
        "run": {"jobs": jobs},
        "groups": {
            "fleet": {
                "transport": "ssh",
                "role": "server",
                "user": reach.user,
                "port": reach.port,
                "identity_files": [str(reach.identity_file)],
                "known_hosts": [str(reach.known_hosts)],
            }
        },
        "targets": {
            f"host{number:04d}": {"address": address, "groups": ["fleet"]}
            for number, address in enumerate(reach.addresses, start=1)
        },
    }
    write_yaml(folder / "assessment.yaml", settings)


def write_profile(folder: Path, checks: Sequence[str] = FIRST) -> str:
    """The profile ``mkb`` with these of its checks only; gives its id."""
    mkb = yaml.safe_load((bundled.folder("profiles") / "mkb.yaml").read_text())
    mkb["checks"] = {check: mkb["checks"][check] for check in checks}
    mkb["id"] = PROFILE
    write_yaml(folder / "profiles" / f"{PROFILE}.yaml", mkb)
    return PROFILE


def write_yaml(path: Path, content: object) -> None:
    """Writes a file, and the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False))
