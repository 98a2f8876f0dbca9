"""A check: probes, a pure evaluation, and what is known about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeVar

from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.facts import Fact, Facts
from assessor.model.memory import Known
from assessor.model.target import Platform, Privilege, Role, Target

if TYPE_CHECKING:
    from assessor.model.finding import Judgement

Observed = TypeVar("Observed")

FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A place in a command that an entry of a target's option fills."""


class ProbeKind(StrEnum):
    """How a probe is put to a target."""

    COMMAND = "command"
    """One command line with an absolute path; the only kind that may be privileged, so that the
    sudoers file can name it to the letter."""
    SCRIPT = "script"
    """A POSIX shell file of the check's folder, run without privilege."""
    REQUEST = "request"
    """A question to a service from outside, such as a TLS handshake."""
    DEVICE = "device"
    """The configuration of a router, firewall, access point or NAS, as its system gives it."""


class Severity(StrEnum):
    """How much a failing check weighs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Probe:
    """One read-only question to a target.

    Attributes:
        name: the check's own name for it, such as ``nft_ruleset``.
        kind: how it is put.
        text: the command line as a shell would quote it, the script's text, or the request as
            canonical JSON.
        privilege: whether it needs root's rights.
        timeout_s: seconds after which it is stopped.
        limit_bytes: bytes of output after which it is cut.
        option: the option of a target that fills it in when a plan is made; empty for none.
        arguments: what a script is given; known once a plan is made.
    """

    name: str
    kind: ProbeKind
    text: str
    privilege: Privilege = Privilege.NONE
    timeout_s: int = 10
    limit_bytes: int = 262_144
    option: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What is asked, for people: a script with its arguments before it, as comments."""
        return "".join(f"# {argument}\n" for argument in self.arguments) + self.text


def entry_name(probe: str, position: int) -> str:
    """The name of a probe's question about one entry of a target's option."""
    return f"{probe}[{position}]"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a criterion was published."""

    title: str
    section: str = ""
    url: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """What must hold, in one sentence per language, and who says so."""

    text: Mapping[str, str]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """A setting of a check.

    Attributes:
        default: the value where nothing else is said.
        unit: such as ``days``; empty for a plain number or text.
        claim: the claim parameter that overrides it (``interval_days``), with the measure before it
            where the check judges several (``restore-test.interval_days``); may be empty. Of
            several, the first that a claim sets.
        help: what it means, per language.
    """

    default: Fact
    unit: str = ""
    claim: str | tuple[str, ...] = ""
    help: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def claimed_as(self, measure: str, promised: Container[str] = ()) -> str:
        """The name by which a claim about ``measure`` sets this; empty where it cannot.

        Args:
            measure: an id of the catalogue.
            promised: what the claim sets; of several names, the first in it.
        """
        claims = (self.claim,) if isinstance(self.claim, str) else self.claim
        parts = [claim.rpartition(".") for claim in claims]
        names = [name for of, _, name in parts if of in {"", measure}]
        return next((name for name in names if name in promised), names[0] if names else "")


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """What ``check.yaml`` says, without any of the check's code being loaded."""

    id: str
    version: int
    folder: Path
    origin: str
    measures: tuple[str, ...]
    severity: Severity
    roles: frozenset[Role]
    probes: Mapping[Platform, tuple[Probe, ...]]
    parameters: Mapping[str, ParameterInfo]
    criterion: Criterion
    personal: frozenset[str] = frozenset()
    """Facts that hold the names of people's accounts, so that a report can hide who they are."""


class Parameters(Mapping[str, Fact]):
    """The values a check is judged with; typed access, because YAML is not."""

    def __init__(self, values: Facts) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Fact:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def integer(self, name: str) -> int:
        """The whole number ``name``; raises ``TypeError`` for anything else."""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"parameter {name} must be a whole number, not {value!r}")
        return value

    def boolean(self, name: str) -> bool:
        """The truth value ``name``; raises ``TypeError`` for anything else."""
        value = self._values[name]
        if not isinstance(value, bool):
            raise TypeError(f"parameter {name} must be true or false, not {value!r}")
        return value

    def text(self, name: str) -> str:
        """The text ``name``; raises ``TypeError`` for anything else."""
        value = self._values[name]
        if not isinstance(value, str):
            raise TypeError(f"parameter {name} must be a text, not {value!r}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """The list of texts ``name``; raises ``TypeError`` for anything else."""
        value = self._values[name]
        if not isinstance(value, tuple):
            raise TypeError(f"parameter {name} must be a list, not {value!r}")
        return tuple(str(item) for item in value)


@dataclass(frozen=True, slots=True)
class Captures:
    """The captures of one check on one target, by the check's own probe names.

    Attributes:
        target: the target as the inventory knows it.
        at: when the target was collected, in UTC: "now" for every age a check computes.
        clock_skew_s: the target's clock minus the collector's, in seconds; ``None`` if unknown.
        known: what earlier runs saw of the secrets that the check remembers, by label.
    """

    target: Target
    at: datetime
    by_probe: Mapping[str, Capture]
    clock_skew_s: float | None = None
    known: Mapping[str, Known] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, probe: str) -> Capture:
        """The capture of ``probe``; a probe that was not planned is ``NotCaptured``."""
        found = self.by_probe.get(probe)
        if found is None:
            return NotCaptured(probe, Reason.NOT_RUN, f"probe {probe} was not run", self.at)
        return found

    def answered(self, probe: str) -> Captured | None:
        """The capture when it is whole, else ``None``: partial output is no ground to stand on."""
        found = self[probe]
        return found if isinstance(found, Captured) and found.whole else None

    def each(self, probe: str) -> tuple[Capture, ...]:
        """The captures of a command with an ``option``, one for each entry, in their order."""
        found: list[Capture] = []
        while (name := entry_name(probe, len(found))) in self.by_probe:
            found.append(self.by_probe[name])
        return tuple(found)

    def gap(self, *probes: str) -> NotCaptured | None:
        """Why the first of ``probes`` that gave nothing usable did not; ``None`` if all did."""
        for name in probes:
            match self[name]:
                case NotCaptured() as missing:
                    return missing
                case Captured(truncated=True):
                    return NotCaptured(name, Reason.PROTOCOL, "the output was cut off", self.at)
                case Captured(undecodable=True):
                    return NotCaptured(name, Reason.PROTOCOL, "the output is not text", self.at)
                case Captured():
                    pass
        return None


@dataclass(frozen=True, slots=True)
class Check(Generic[Observed]):
    """The two pure halves of a check, generic over the facts that join them.

    Attributes:
        observe: captures to typed facts. Raises nothing on strange output: says so in the facts.
        evaluate: facts and parameters to one judgement per measure of ``check.yaml``.
        compare: for a check that sets targets side by side: the facts of all its targets, by their
            names, to the same facts with what each has in common with the others.
        remember: for a check that has to know since when a secret has been in use: the facts to the
            marks of the secrets, by a label that stays the same over the runs.
    """

    observe: Callable[[Captures], Observed]
    evaluate: Callable[[Observed, Parameters], Iterable[Judgement]]
    compare: Callable[[Mapping[str, Observed]], Mapping[str, Observed]] | None = None
    remember: Callable[[Observed], Mapping[str, str]] | None = None
