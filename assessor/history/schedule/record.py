"""What an assessment folder remembers of its schedule: as text and back, pure.

``.assess/schedule.json`` says what was installed, ``.assess/schedule-runs.json`` how the last runs
went. Neither holds a path that anything would be deleted by: what is installed has a name that
follows from the folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from assessor.errors import EvidenceError
from assessor.history.schedule.cadence import Cadence, read_cadence
from assessor.history.schedule.due import Attempt
from assessor.history.schedule.job import Manager, Scope, name_of

FORMAT = 1
KEPT = 36
"""Attempts that are remembered: three years of months."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A schedule as it was installed.

    Attributes:
        name: of the unit, line or task.
        folder: where the assessment stood then.
        cadence: how often.
        options: further words for ``assess run``.
        user: as whom the runs are started.
        environment_file: variables for the run; empty for none.
        at: when it was installed, in UTC; times before it are not owed.
    """

    name: str
    folder: str
    manager: Manager
    scope: Scope
    cadence: Cadence
    options: tuple[str, ...]
    user: str
    environment_file: str
    at: datetime


def installed_text(value: Installed) -> str:
    """What :func:`read_installed` reads."""
    kept = asdict(value) | {
        "format": FORMAT,
        "cadence": value.cadence.said,
        "at": value.at.isoformat(),
    }
    return json.dumps(kept, indent=1) + "\n"


def read_installed(text: str, about: str) -> Installed:
    """A schedule as it was written down; ``about`` is the file that a complaint names.

    Raises:
        EvidenceError: it is damaged.
    """
    try:
        kept: dict[str, Any] = json.loads(text)
        if kept["format"] != FORMAT or kept["name"] != name_of(kept["folder"]):
            raise ValueError
        return Installed(
            name=_text(kept["name"]),
            folder=_text(kept["folder"]),
            options=_words(kept["options"]),
            user=_text(kept["user"]),
            environment_file=_text(kept["environment_file"]),
            manager=Manager(kept["manager"]),
            scope=Scope(kept["scope"]),
            cadence=read_cadence(kept["cadence"]),
            at=_time(kept["at"]),
        )
    except Exception as error:  # whatever stands there, it is not ours
        raise EvidenceError(
            f"{about}: damaged ({type(error).__name__}); mend: install the schedule again"
        ) from None


def attempts_text(attempts: Sequence[Attempt]) -> str:
    """What :func:`read_attempts` reads: the last ones."""
    kept = [
        {
            "started_at": each.started_at.isoformat(),
            "ended_at": each.ended_at and each.ended_at.isoformat(),
            "code": each.code,
            "run": each.run,
            "resumes": each.resumes,
            "told": each.told,
        }
        for each in attempts[-KEPT:]
    ]
    return json.dumps({"format": FORMAT, "attempts": kept}, indent=1) + "\n"


def read_attempts(text: str, about: str) -> tuple[Attempt, ...]:
    """The attempts that were written down, the oldest first; raises ``EvidenceError``."""
    try:
        return tuple(
            Attempt(
                _time(each["started_at"]),
                None if each["ended_at"] is None else _time(each["ended_at"]),
                None if each["code"] is None else int(each["code"]),
                _text(each["run"]),
                _text(each["resumes"]),
                each["told"] is True,
            )
            for each in json.loads(text)["attempts"]
        )
    except Exception as error:  # whatever stands there, it is not ours
        raise EvidenceError(
            f"{about}: damaged ({type(error).__name__}); mend: move it away; "
            "which runs were made stands in runs/"
        ) from None


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(each) for each in value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _time(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError
    return found
