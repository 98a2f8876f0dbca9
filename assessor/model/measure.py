"""The measures that statements promise, ``profiles/measures.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class MeasureKind(StrEnum):
    """Who can show that a measure holds."""

    TECHNICAL = "technical"
    MIXED = "mixed"
    ORGANISATIONAL = "organisational"
    PHYSICAL = "physical"


@dataclass(frozen=True, slots=True)
class Measure:
    """An entry of the catalogue, ``profiles/measures.yaml``."""

    id: str
    kind: MeasureKind
    title: Mapping[str, str]
    promises: str
