"""``claims.yaml``: what people decided about the statement's promises, kept beside it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AwareDatetime, Field

from assessor.inputs.files import write_whole
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.settings import Settings
from assessor.inputs.validation import validate
from assessor.model.decision import Decision
from assessor.yamlfile import read_yaml

FILE = "claims.yaml"

_HEAD = """\
# What people decided about the promises in the privacy statement (assess statement review).
# A decision belongs to its sentence: when the statement changes, those on unchanged sentences stay.
# "measures" are ids of the catalogue; [] means that the sentence promises no security.
"""


class _DecisionSettings(Settings):
    """One decision."""

    quote: Annotated[str, Field(min_length=1)]
    measures: list[str]
    by: Annotated[str, Field(min_length=1)]
    at: AwareDatetime


class _FileSettings(Settings):
    """The whole file."""

    decisions: list[_DecisionSettings]


def decisions_file(folder: Path, statement: str) -> Path:
    """Where the decisions about ``statement`` stand: beside it, or in the assessment folder.

    Args:
        folder: the assessment folder.
        statement: a path (from ``folder``), an address, or ``-`` for standard input.
    """
    if statement == "-" or statement.startswith(("https://", "http://")):
        return folder / FILE
    return (folder / statement).parent / FILE


def load_decisions(path: Path, known_measures: Collection[str]) -> tuple[Decision, ...]:
    """The decisions in ``path``; none where there is no such file.

    Raises:
        InputError: the file is broken, or names a measure that does not exist.
    """
    if not path.exists():
        return ()
    located = read_yaml(path)
    problems = Problems()
    settings = validate(_FileSettings, located, problems)
    found = []
    for number, entry in enumerate(settings.decisions if settings else ()):
        for measure in entry.measures:
            if measure not in known_measures:
                problems.add(
                    f"there is no measure {measure!r}",
                    located,
                    "decisions",
                    number,
                    "measures",
                    mend=did_you_mean(measure, known_measures) or "see profiles/measures.yaml",
                )
        found.append(Decision(entry.quote, tuple(entry.measures), entry.by, entry.at))
    problems.raise_any()
    return tuple(found)


def save_decisions(path: Path, decisions: Collection[Decision]) -> None:
    """Writes all ``decisions``, the whole file or nothing; raises ``UsageError``."""
    entries = [
        {
            "quote": " ".join(decision.quote.split()),
            "measures": list(decision.measures),
            "by": decision.by,
            "at": _utc(decision.at),
        }
        for decision in decisions
    ]
    text = yaml.safe_dump({"decisions": entries}, allow_unicode=True, sort_keys=False, width=100)
    write_whole(path, _HEAD + text, replace=True)


def _utc(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
