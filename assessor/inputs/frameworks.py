"""Reads which requirements of laws and standards measures touch: ``frameworks.yaml``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from assessor.inputs.both_languages import BothLanguages
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.settings import Settings
from assessor.inputs.validation import validate
from assessor.model.framework import Framework, FrameworkPart, Frameworks, Requirement
from assessor.model.language import Language
from assessor.yamlfile import Located, read_yaml

_FRAMEWORK_ID = re.compile(r"[a-z][a-z0-9-]{0,31}")
# A.8.13, PR.AA-03.2, 21(2)(j), 10.3
_REQUIREMENT_ID = re.compile(r"[A-Z0-9](?:[A-Za-z0-9.()-]{0,30}[A-Za-z0-9)])?")


class _RequirementSettings(BothLanguages):
    cited: BothLanguages | None = None
    measures: Annotated[list[str], Field(min_length=1)]


class _PartSettings(Settings):
    title: BothLanguages | None = None
    number: Annotated[int, Field(ge=1)]
    counted: BothLanguages
    requirements: Annotated[dict[str, _RequirementSettings], Field(min_length=1)]


class _FrameworkSettings(Settings):
    title: BothLanguages
    about: BothLanguages
    edition: BothLanguages
    publisher: BothLanguages
    date: datetime.date
    url: Annotated[str, Field(pattern=r"^https://\S+$")]
    parts: Annotated[dict[str, _PartSettings], Field(min_length=1)]


def load_frameworks(path: Path, measures: Collection[str]) -> Frameworks:
    """The frameworks of the file ``path`` by id, in its order.

    Args:
        path: ``profiles/frameworks.yaml``.
        measures: ids of the catalogue.

    Raises:
        InputError: the file is broken, an id is not formed as one or stands twice in a framework,
            a measure does not exist, or a language lacks a text.
    """
    located = read_yaml(path)
    problems = Problems()
    if not isinstance(located.value, dict) or not located.value:
        problems.add("must be a mapping from a framework's id to its description", located)
        problems.raise_any()
        return MappingProxyType({})
    found = [_framework(located.at(name), name, measures, problems) for name in located.value]
    problems.raise_any()
    return MappingProxyType({each.id: each for each in found if each is not None})


def _framework(
    located: Located, name: str, measures: Collection[str], problems: Problems
) -> Framework | None:
    if not _FRAMEWORK_ID.fullmatch(name):
        problems.add("an id holds small letters, digits and hyphens", located)
    settings = validate(_FrameworkSettings, located, problems)
    if settings is None:
        return None
    _look_at_parts(settings, located, measures, problems)
    return Framework(
        id=name,
        title=settings.title.by_language(),
        about=settings.about.by_language(),
        edition=settings.edition.by_language(),
        publisher=settings.publisher.by_language(),
        date=settings.date.isoformat(),
        url=settings.url,
        parts=tuple(_part(part) for part in settings.parts.values()),
    )


def _part(settings: _PartSettings) -> FrameworkPart:
    return FrameworkPart(
        title=settings.title.by_language() if settings.title else dict.fromkeys(Language, ""),
        number=settings.number,
        counted=settings.counted.by_language(),
        requirements=tuple(
            Requirement(
                id=name,
                cited=item.cited.by_language() if item.cited else dict.fromkeys(Language, name),
                heading=item.by_language(),
                measures=tuple(item.measures),
            )
            for name, item in settings.requirements.items()
        ),
    )


def _look_at_parts(
    settings: _FrameworkSettings, located: Located, measures: Collection[str], problems: Problems
) -> None:
    """Notes what is wrong with the parts of a framework and the requirements in them."""
    seen: set[str] = set()
    for name, part in settings.parts.items():
        if part.title is None and len(settings.parts) > 1:
            problems.add(
                "has no title", located, "parts", name,
                mend="write title: {nl: ..., en: ...}; there are more parts",
            )  # fmt: skip
        if part.number < len(part.requirements):
            problems.add(
                f"is less than the {len(part.requirements)} requirements below it",
                located, "parts", name, "number",
                mend="write how many there are in the source",
            )  # fmt: skip
        for identifier, item in part.requirements.items():
            steps = ("parts", name, "requirements", identifier)
            if not _REQUIREMENT_ID.fullmatch(identifier):
                problems.add(
                    "is no id of a requirement", located, *steps,
                    mend="write it as the source does, such as A.8.13 or 21(2)(j)",
                )  # fmt: skip
            if identifier in seen:
                problems.add(
                    "stands in this framework twice", located, *steps, mend="keep one of them"
                )
            seen.add(identifier)
            _look_at_measures(item.measures, located, steps, measures, problems)


def _look_at_measures(
    named: list[str],
    located: Located,
    steps: tuple[str, ...],
    known: Collection[str],
    problems: Problems,
) -> None:
    for place, measure in enumerate(named):
        if measure not in known:
            problems.add(
                f"the catalogue has no measure {measure!r}",
                located, *steps, "measures", place,
                mend=did_you_mean(measure, known),
            )  # fmt: skip
        elif measure in named[:place]:
            problems.add(
                f"{measure!r} is named twice", located, *steps, "measures", place,
                mend="keep one of them",
            )  # fmt: skip
