"""Reads the catalogue of measures, ``profiles/measures.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from assessor.inputs.problems import Problems
from assessor.model.measure import Measure, MeasureKind
from assessor.yamlfile import Located, read_yaml

_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")


_FIELDS = ("kind", "nl", "en", "promises")


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
        measure = _measure(name, located.at(name), problems)
        if measure is not None:
            measures[name] = measure
    problems.raise_any()
    return MappingProxyType(measures)


def _measure(name: str, located: Located, problems: Problems) -> Measure | None:
    """A measure; ``None`` after noting what is wrong with it."""
    # By hand: every command reads fifty of them, and a model takes longer to build than they do.
    said = located.value
    if not isinstance(said, dict):
        problems.add("must be a mapping", located)
        return None
    before = len(problems)
    for field in _FIELDS:
        if field not in said:
            problems.add("is missing", located, field=f"{name}.{field}")
        elif not isinstance(said[field], str) or not said[field]:
            problems.add("must be a text", located, field)
    for field in said.keys() - _FIELDS:
        problems.add("is no setting of this place", located, field)
    if said.get("kind") not in list(MeasureKind):
        problems.add(f"must be one of {', '.join(MeasureKind)}", located, "kind")
    if len(problems) > before:
        return None
    title = MappingProxyType({"nl": said["nl"], "en": said["en"]})
    return Measure(name, MeasureKind(said["kind"]), title, said["promises"])
