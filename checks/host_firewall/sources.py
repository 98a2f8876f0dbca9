"""What the probes of a Linux host say: each tool's view of the rules, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assessor.api import Capture, Captured, Captures, NotCaptured

from . import iptables, nft
from .firewalld import firewalld_zones
from .host import Network, Services, read_network, read_services
from .rules import Family, Problem, Reading

NOT_INSTALLED = 127

NOTHING_READ = Reading()


class Had(StrEnum):
    """How a source of rules came out."""

    READ = "read"
    ABSENT = "absent"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Source:
    """One tool's view of the kernel's rules.

    Attributes:
        families: what it can show.
        detail: why it failed, in the tool's own words or as a ``Problem``.
        gap: why there is no capture at all.
    """

    name: str
    families: frozenset[Family]
    had: Had
    reading: Reading = NOTHING_READ
    detail: str = ""
    gap: NotCaptured | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that the probes say, read."""

    sources: tuple[Source, ...]
    network: Network
    services: Services
    firewalld: str
    zones: tuple[str, ...]

    def source(self, name: str) -> Source:
        """The source of that probe's name."""
        return next(source for source in self.sources if source.name == name)


_IPV4, _IPV6 = frozenset({Family.IPV4}), frozenset({Family.IPV6})
_SOURCES = {
    "nft_ruleset": _IPV4 | _IPV6,
    "iptables": _IPV4,
    "ip6tables": _IPV6,
    "iptables_legacy": _IPV4,
    "ip6tables_legacy": _IPV6,
}
_SHOWN = 200


def observe_linux(captures: Captures) -> Observed:
    """Reads the probes of a Linux host."""

    def text(probe: str) -> str:
        capture = captures.answered(probe)
        return capture.stdout if capture is not None and capture.exit_status == 0 else ""

    return Observed(
        sources=tuple(_source(captures, name, families) for name, families in _SOURCES.items()),
        network=read_network(text("network")),
        services=read_services(text("services")),
        firewalld=_firewalld(captures["firewalld_zones"]),
        zones=firewalld_zones(text("firewalld_zones")),
    )


_FIREWALLD_STOPPED = 252
"""The exit status of firewall-cmd when firewalld does not run (firewall-cmd(1))."""


def _firewalld(answer: Capture) -> str:
    if isinstance(answer, NotCaptured):
        return ""
    return {0: "running", _FIREWALLD_STOPPED: "not running"}.get(answer.exit_status, "")


def _source(captures: Captures, name: str, families: frozenset[Family]) -> Source:
    capture = captures[name]
    if isinstance(capture, NotCaptured) or not capture.whole:
        return Source(name, families, Had.MISSING, gap=captures.gap(name))
    if capture.exit_status == NOT_INSTALLED:
        return Source(name, families, Had.ABSENT)
    if capture.exit_status != 0:
        return Source(name, families, Had.FAILED, detail=_complaint(capture))
    if name == "nft_ruleset":
        reading = nft.read(capture.stdout)
    else:
        reading = iptables.read(capture.stdout, next(iter(families)))
    if reading.problem is not Problem.NONE:
        return Source(name, families, Had.FAILED, detail=reading.problem.value)
    return Source(name, families, Had.READ, reading)


def _complaint(capture: Captured) -> str:
    lines = [line.strip() for line in capture.stderr.splitlines() if line.strip()]
    return (lines[0] if lines else f"exit status {capture.exit_status}")[:_SHOWN]
