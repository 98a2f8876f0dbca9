"""Reads ``apt-cache policy``: which installed packages have a newer version, and from where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

HEADING = re.compile(r"(\S+):\Z")
CHOICE = re.compile(r"  (Installed|Candidate): (\S+)\Z")
PIN = re.compile(r"  Package pin: (\S+)\Z")
VERSION = re.compile(r"( {5}| \*\*\* )(\S+) (-?\d+)( \(phased \d+%\))?\Z")
ORIGIN = re.compile(r" {7,}-?\d+ (\S+) (\S+)( \S+)? Packages\Z")
LOCAL = re.compile(r" {7,}-?\d+ /var/lib/dpkg/status\Z")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a version is offered: a source's address and distribution (``trixie-security``)."""

    address: str
    distribution: str

    @property
    def file(self) -> str:
        """The name that apt gives the source's release file, without its ending."""
        host = self.address.partition("://")[2] or self.address
        quoted = "".join(f"%{ord(c):02x}" if c in "_~%" else c for c in host.strip("/"))
        return f"{quoted}_dists_{self.distribution.replace('_', '%5f')}".replace("/", "_")


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is newer than the installed one."""

    number: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package of which a newer version is known.

    Attributes:
        candidate: what apt would install: the installed version where a pin forbids the newer.
        newer: the newer versions, newest first.
        pinned: a preference names this very package.
    """

    name: str
    installed: str
    candidate: str
    newer: tuple[Version, ...]
    pinned: bool


def read_policy(lines: Sequence[str]) -> tuple[Package, ...] | None:
    """The packages that ``lines`` name; ``None`` where a line is unknown or a part is missing."""
    blocks: list[list[str]] = []
    for line in lines:
        if not line.startswith(" "):
            blocks.append([])
        if not blocks:
            return None
        blocks[-1].append(line)
    packages = [_package(block) for block in blocks]
    found = tuple(package for package in packages if package is not None)
    return found if len(found) == len(packages) else None


def _package(block: Sequence[str]) -> Package | None:
    heading = HEADING.match(block[0])
    choices = {match[1]: match[2] for line in block if (match := CHOICE.match(line))}
    pinned = any(PIN.match(line) for line in block)
    rest = [
        line
        for line in block[1:]
        if not (CHOICE.match(line) or PIN.match(line) or line == "  Version table:")
    ]
    newer = _newer(rest)
    if heading is None or len(choices) != 2 or newer is None or not newer[:-1]:
        return None
    *above, installed = newer
    if installed.number != choices["Installed"]:
        return None
    return Package(heading[1], installed.number, choices["Candidate"], tuple(above), pinned)


def _newer(lines: Sequence[str]) -> list[Version] | None:
    """Every version down to the installed one, which stands last; ``None`` when it does not."""
    found: list[tuple[str, list[Origin]]] = []
    ended = False
    for line in lines:
        version, origin = VERSION.match(line), ORIGIN.match(line)
        if ended:
            return None
        if version is not None:
            ended = "*" in version[1]
            found.append((version[2], []))
        elif origin is not None and found:
            distribution = origin[2].rpartition("/")[0] or origin[2]
            found[-1][1].append(Origin(origin[1], distribution))
        elif not (LOCAL.match(line) and found):
            return None
    if not ended:
        return None
    return [Version(number, tuple(origins)) for number, origins in found]
