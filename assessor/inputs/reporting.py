"""Reads how reports are made: the part ``report`` of ``assessment.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from assessor.errors import InputError
from assessor.inputs.problems import Problems
from assessor.inputs.report_settings import ContactSettings, ReportingSettings
from assessor.inputs.targets import located_path
from assessor.inputs.validation import validate
from assessor.model.report_settings import (
    Audience,
    Contact,
    Format,
    HouseStyle,
    Logo,
    ReportSettings,
)
from assessor.yamlfile import Located, read_yaml

SETTINGS_FILE = "assessment.yaml"
_PART = "report"

_Word = TypeVar("_Word", Audience, Format)


def load_report_settings(folder: Path) -> ReportSettings:
    """How reports of the runs in ``folder`` are made; as usual where no settings say so.

    Nothing else of the settings is judged: a report of an old run does not wait for a target that
    was written down wrongly since.

    Raises:
        InputError: the file is no YAML, or its part ``report`` is wrong; says where.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        return ReportSettings()
    located = read_yaml(path)
    if not isinstance(located.value, dict) or located.value.get(_PART) is None:
        return ReportSettings()
    problems = Problems()
    settings = validate(ReportingSettings, located.at(_PART), problems)
    made = make_report_settings(settings, located, problems)
    problems.raise_any()
    return made


def make_report_settings(
    settings: ReportingSettings | None, located: Located, problems: Problems
) -> ReportSettings:
    """The settings as the model has them, with the logo read; faults are noted in ``problems``.

    Args:
        settings: what stands under ``report``; ``None`` for nothing.
        located: the whole file.
        problems: where faults are noted.
    """
    if settings is None:
        return ReportSettings()
    usual = ReportSettings()
    return ReportSettings(
        formats=_each(Format, settings.formats) or usual.formats,
        audiences=_each(Audience, settings.audiences) or usual.audiences,
        region="BE" if settings.region == "BE" else "",
        style=HouseStyle(
            colour=(settings.colour or "").lower(),
            accent=(settings.accent or "").lower(),
            logo=_logo(settings.logo, located, problems),
            contact=_contact(settings.contact),
        ),
        templates=_templates(settings.templates, located, problems),
    )


def _each(kind: type[_Word], words: Sequence[str] | None) -> tuple[_Word, ...]:
    return tuple(dict.fromkeys(kind(word) for word in words or ()))


def _contact(settings: ContactSettings | None) -> Contact:
    if settings is None:
        return Contact()
    return Contact(
        name=settings.name or "",
        email=settings.email or "",
        phone=settings.phone or "",
        website=settings.website or "",
        address=settings.address or "",
    )


def _logo(name: str | None, located: Located, problems: Problems) -> Logo | None:
    if name is None:
        return None
    from assessor.inputs.pictures import read_logo  # and lxml with it, which few settings need

    try:
        return read_logo(Path(located_path(name, located.path.parent)))
    except InputError as error:
        place = f"{name}, line {error.line}" if error.line else name
        message = f"{place}: {error.message}"
        problems.add(message, located, _PART, "logo", field=f"{_PART}.logo", mend=error.mend)
        return None


def _templates(name: str | None, located: Located, problems: Problems) -> Path | None:
    if name is None:
        return None
    path = Path(located_path(name, located.path.parent))
    if not path.is_dir():
        problems.add(
            f"there is no folder {name!r}",
            located,
            _PART,
            "templates",
            field=f"{_PART}.templates",
            mend="mind the path (it is relative to this file), or leave the line out",
        )
        return None
    return path
