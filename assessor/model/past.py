"""What the runs before tell of the promises: verdicts by month, since when, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from assessor.model.statement import Verdict


class Turn(StrEnum):
    """How a promise differs from the run before.

    ``better`` is what is kept or attested and was neither, or what is kept in part and was not at
    all; ``worse`` is where less is shown than before. That something broken can no longer be seen
    is neither: it is ``other``.
    """

    WORSE = "worse"
    BETTER = "better"
    NEW = "new"
    GONE = "gone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Month:
    """A month in UTC, and what its last run concluded.

    Attributes:
        verdicts: how many promises have which verdict; empty where no run told.
    """

    year: int
    month: int
    verdicts: Mapping[Verdict, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Course:
    """How one promise fared, up to the run that is reported.

    Attributes:
        since: the first run of those in a row, up to this one, that concluded the same, in UTC.
        before: what the run before that concluded; ``None`` where none did.
        runs: how many runs concluded something of it.
        months: the verdict in each of ``Past.months``; ``None`` where no run told.
    """

    since: datetime
    before: Verdict | None
    runs: int
    months: tuple[Verdict | None, ...]


@dataclass(frozen=True, slots=True)
class PromiseTurn:
    """A promise that is not what it was in the run before.

    Attributes:
        subject: the id of the claim (or of the measure, where there is no statement) in the run
            that is reported; empty where that run does not know it.
        text: its words in this run, or in the one before where it is gone; the measure's id where
            there is no statement.
        before: ``None`` where it is new.
        after: ``None`` where it is gone.
        was: its words in the run before, where they were others; else empty.
    """

    subject: str
    text: str
    turn: Turn
    before: Verdict | None
    after: Verdict | None
    was: str = ""


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run of the timeline.

    Attributes:
        run: its id.
        started_at: in UTC.
        of_claims: it was about the promises of a statement; else about measures.
        verdicts: how many of these have which verdict.
        targets: how many systems were asked.
        seen: how many of them gave something that could be judged.
        turns: what changed since the run before, the worse first; empty for the first one, and
            where one of the two was about promises and the other about measures.
    """

    run: str
    started_at: datetime
    of_claims: bool
    verdicts: Mapping[Verdict, int]
    targets: int
    seen: int
    turns: tuple[PromiseTurn, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What was known when a run was made; empty where it is not known.

    Attributes:
        runs: the oldest first; the last one is the run that is reported.
        months: at most twelve in a row, the oldest first, up to that of the run that is reported.
        courses: by the id of the claim, or of the measure where there is no statement.
    """

    runs: tuple[PastRun, ...] = ()
    months: tuple[Month, ...] = ()
    courses: Mapping[str, Course] = field(default_factory=lambda: MappingProxyType({}))
