"""What is kept of a run: what was known at its start, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assessor.model.capture import Capture, NotCaptured
from assessor.model.language import Language


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run before anything is asked.

    Attributes:
        id: names the run's folder, such as ``20261101T090000Z-4f2a``.
        assess_version: the version of this programme.
        profile: the profile's id.
        organisation: the company whose promises are assessed; may be empty.
        assessor: who assesses; may be empty.
        language: of the report.
        started_at: by the collector's clock, in UTC.
        vantage: the machine from which everything was seen.
        previous: SHA-256 digest (hex) of the manifest of the run before, or the empty string.
        left_out: checks of the profile that are broken and do not judge.
        measures: what is assessed where there is no statement.
        packages: installed packages whose checks the profile names.
    """

    id: str
    assess_version: str
    profile: str
    organisation: str
    assessor: str
    language: Language
    started_at: datetime
    vantage: str
    previous: str = ""
    left_out: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A capture as the store keeps it, with the SHA-256 digest (hex) that findings refer to."""

    capture: Capture
    digest: str


@dataclass(frozen=True, slots=True)
class TargetEvidence:
    """Everything that came back from one target.

    Attributes:
        target: its name.
        at: when its collection began, in UTC; "now" for every age that a check computes.
        captures: by the probe's key in the plan.
        complete: it was collected to the end; ``False`` where the run was broken off.
        clock_skew_s: the target's clock minus the collector's, in seconds; ``None`` if unknown.
        gap: why the target as a whole gave nothing more, such as a refused host key.
    """

    target: str
    at: datetime
    captures: Mapping[str, Stored]
    complete: bool
    clock_skew_s: float | None = None
    gap: NotCaptured | None = None
