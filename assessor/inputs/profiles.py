"""Reads a profile: which checks apply, with which parameters, and which measures."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from assessor.errors import UsageError
from assessor.inputs.parameters import ChecksOf, KnownChecks, check_parameters
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.settings import Settings
from assessor.inputs.validation import require
from assessor.model.facts import Facts
from assessor.model.profile import Profile
from assessor.yamlfile import Located, read_yaml

_ID = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_NO_PROFILES = frozenset(
    {"frameworks", "guidance", "measures", "questionnaire", "questions", "wording"}
)
"""Files of the profiles folder that are something else."""


class _Title(Settings):
    nl: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


class _ProfileSettings(Settings):
    id: str
    title: _Title
    checks: dict[str, dict[str, object] | None]
    measures: list[str]
    packages: list[str] | None = None


def load_profile(
    name_or_path: str,
    folders: Sequence[Path],
    known_checks: KnownChecks | ChecksOf | None,
    known_measures: Collection[str],
) -> Profile:
    """Reads the profile ``name_or_path``.

    Args:
        name_or_path: a profile's id, or the path of a profile file.
        folders: where ``<id>.yaml`` is looked for, in this order.
        known_checks: the checks that exist, or how to find them once it is known which packages
            the profile names; ``None`` to take names and parameters as they are.
        known_measures: the ids of the catalogue.

    Raises:
        UsageError: there is no such profile.
        InputError: it is broken, or names a check, measure or parameter that does not exist;
            ``InputErrors`` tells several at once.
    """
    located = read_yaml(find_profile(name_or_path, folders))
    settings = require(_ProfileSettings, located)
    problems = Problems()
    _check_id(settings.id, located, problems)
    _check_measures(settings.measures, known_measures, located, problems)
    packages = tuple(settings.packages or ())
    known = known_checks(packages) if callable(known_checks) else known_checks
    checks = read_checks(settings.checks, known, located.at("checks"), problems)
    problems.raise_any()
    return Profile(
        id=settings.id,
        title=MappingProxyType({"nl": settings.title.nl, "en": settings.title.en}),
        checks=MappingProxyType(checks),
        measures=tuple(settings.measures),
        packages=packages,
    )


def read_checks(
    chosen: Mapping[str, Mapping[str, object] | None],
    known: KnownChecks | None,
    located: Located,
    problems: Problems,
) -> dict[str, Facts]:
    """The parameters by check; checks and parameters that do not exist are noted."""
    checks: dict[str, Facts] = {}
    for check, values in chosen.items():
        if known is not None and check not in known:
            problems.add(
                f"there is no check {check!r}",
                located,
                check,
                mend=did_you_mean(check, known) or "assess checks list shows them",
            )
            continue
        parameters = None if known is None else known[check]
        checks[check] = check_parameters(check, values, parameters, located.at(check), problems)
    return checks


def find_profile(name_or_path: str, folders: Sequence[Path]) -> Path:
    """The file of a profile; raises ``UsageError`` where there is none."""
    if os.sep in name_or_path or name_or_path.endswith((".yaml", ".yml")):
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise UsageError(f"there is no profile file {name_or_path}", mend="mind the path")
        return path
    for folder in folders:
        path = folder / f"{name_or_path}.yaml"
        if name_or_path in profile_names([folder]):
            return path
    names = profile_names(folders)
    raise UsageError(
        f"there is no profile {name_or_path!r}", mend=did_you_mean(name_or_path, names)
    )


def profile_names(folders: Sequence[Path]) -> tuple[str, ...]:
    """The ids of the profiles in ``folders``."""
    return tuple(
        sorted(
            {
                path.stem
                for folder in folders
                for path in folder.glob("*.yaml")
                if _ID.fullmatch(path.stem) and path.stem not in _NO_PROFILES
            }
        )
    )


def _check_id(profile_id: str, located: Located, problems: Problems) -> None:
    if profile_id != located.path.stem:
        problems.add(
            f"the id {profile_id!r} differs from the file's name",
            located,
            "id",
            mend=f"write id: {located.path.stem}, or rename the file",
        )
    elif not _ID.fullmatch(profile_id):
        problems.add("an id holds small letters, digits, hyphens and underscores", located, "id")


def _check_measures(
    measures: Sequence[str], known: Collection[str], located: Located, problems: Problems
) -> None:
    for position, measure in enumerate(measures):
        if measure not in known:
            problems.add(
                f"the catalogue has no measure {measure!r}",
                located,
                "measures",
                position,
                mend=did_you_mean(measure, known),
            )
        elif measure in measures[:position]:
            problems.add(f"{measure!r} stands here twice", located, "measures", position)
