"""A profile: which checks apply, with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.model.facts import Facts


@dataclass(frozen=True, slots=True)
class Profile:
    """Which measures and checks apply.

    Attributes:
        id: its name, such as ``mkb``.
        title: per language.
        checks: the chosen checks' ids, with the parameter values that differ from the defaults.
        measures: the measures assessed when there is no statement.
        packages: installed packages whose checks may be loaded (entry-point names).
    """

    id: str
    title: Mapping[str, str]
    checks: Mapping[str, Facts]
    measures: tuple[str, ...]
    packages: tuple[str, ...] = ()
