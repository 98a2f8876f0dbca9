"""Reads the catalogue of measures, ``profiles/measures.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from assessor.inputs.problems import Problems
from assessor.inputs.settings import Settings
from assessor.inputs.validation import validate
from assessor.model.measure import Measure, MeasureKind
from assessor.yamlfile import read_yaml

_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")


class _MeasureSettings(Settings):
    kind: Literal["technical", "mixed", "organisational", "physical"]
    nl: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    promises: Annotated[str, Field(min_length=1)]


def load_measures(path: Path) -> Mapping[str, Measure]:
    """The measures of the file ``path`` by id, in its order; raises ``InputError``."""
    located = read_yaml(path)
    problems = Problems()
    if not isinstance(located.value, dict) or not located.value:
        problems.add("must be a mapping from a measure's id to its description", located)
        problems.raise_any()
        return {}
    measures: dict[str, Measure] = {}
    for measure_id in located.value:
        name = str(measure_id)
        if not _ID.fullmatch(name):
            problems.add("an id holds small letters, digits and hyphens", located, name)
        settings = validate(_MeasureSettings, located.at(name), problems)
        if settings is not None:
            measures[name] = Measure(
                id=name,
                kind=MeasureKind(settings.kind),
                title=MappingProxyType({"nl": settings.nl, "en": settings.en}),
                promises=settings.promises,
            )
    problems.raise_any()
    return MappingProxyType(measures)
