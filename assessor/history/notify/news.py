"""What there is to tell, as values: nothing in it was said by a machine. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assessor.history.comparison import Comparison
from assessor.history.notify.due import Event
from assessor.history.notify.failure import Failure
from assessor.history.records import RunSummary
from assessor.model.language import Language
from assessor.model.target import Role


@dataclass(frozen=True, slots=True)
class Todo:
    """One of the first things to do, as the report has it, without what a machine said.

    Attributes:
        title: the measures.
        where: names of targets, in words; may be empty.
        todo: what to do; empty where it cannot be told without a machine's words.
        who: who can do it.
    """

    title: str
    where: str
    todo: str
    who: str


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called.

    Attributes:
        measures: titles by id and language.
        roles: what each target is for its owner, for those whose name is an address.
    """

    measures: Mapping[str, Mapping[Language, str]]
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that was finished.

    Attributes:
        comparison: with the run before; ``None`` for the first.
        before: the day of the run before, in UTC.
        todos: by language, the first three.
        more: how many there are beyond those.
    """

    run: RunSummary
    comparison: Comparison | None
    before: date | None
    names: Names
    todos: Mapping[Language, tuple[Todo, ...]]
    more: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A run that failed.

    Attributes:
        run: its id, where it got one.
        day: on which it failed, in UTC.
    """

    run: str
    day: date
    reason: Failure


@dataclass(frozen=True, slots=True)
class Trial:
    """Nothing happened; somebody wants to know whether messages arrive."""

    day: date


@dataclass(frozen=True, slots=True)
class News:
    """What is told, and whose run it was."""

    organisation: str
    what: Finished | Failed | Trial

    @property
    def event(self) -> Event:
        """The kind of news."""
        match self.what:
            case Finished():
                return Event.FINISHED
            case Failed():
                return Event.FAILED
            case Trial():
                return Event.TEST

    @property
    def run(self) -> str:
        """The run's id; empty where there is none."""
        match self.what:
            case Finished(run=run):
                return run.run
            case Failed(run=name):
                return name
            case Trial():
                return ""

    @property
    def occasion(self) -> str:
        """What must not be told twice: the run; where one failed, that it did on that day."""
        match self.what:
            case Finished(run=run):
                return f"{Event.FINISHED} {run.run}"
            case Failed(run=name, day=day):
                # A run that goes on failing is news again on the next day.
                return f"{Event.FAILED} {name} {day.isoformat()}"
            case Trial():
                return ""
