"""What the inventory names under a target's ``options``: places, and the periods of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PATHS, DAYS, POSTGRESQL, MYSQL = (
    "retention_paths",
    "retention_days",
    "retention_postgresql",
    "retention_mysql",
)


@dataclass(frozen=True, slots=True)
class Named:
    """A place that the inventory names.

    Attributes:
        name: the path, or the column with its table and database in front, by dots.
        days: the period of its own; ``None`` where the promise's holds.
    """

    name: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Options:
    """All places, each kind in the inventory's order.

    Attributes:
        wrong: entries that cannot be understood, as a person would find them.
    """

    paths: tuple[Named, ...]
    postgresql: tuple[Named, ...]
    mysql: tuple[Named, ...]
    wrong: tuple[str, ...]


def read_options(options: Mapping[str, object]) -> Options:
    """The places that ``options`` names."""
    wrong: list[str] = []
    periods = _periods(options.get(DAYS, {}), wrong)
    paths = tuple(Named(str(path), periods.get(str(path))) for path in _entries(options, PATHS))
    known = {path.name for path in paths}
    # A misspelt path would leave another one with the wrong period.
    wrong += [f"{DAYS}: {path}" for path in periods if path not in known]
    return Options(
        paths,
        tuple(_tables(options, POSTGRESQL, ("database", "schema", "table", "column"), wrong)),
        tuple(_tables(options, MYSQL, ("database", "table", "column"), wrong)),
        tuple(wrong),
    )


def _entries(options: Mapping[str, object], name: str) -> Iterable[object]:
    # The engine refuses anything but a list before a probe is filled in with it.
    value = options.get(name, ())
    return value if isinstance(value, list | tuple) else ()


def _periods(value: object, wrong: list[str]) -> Mapping[str, int]:
    if not isinstance(value, Mapping):
        wrong.append(DAYS)
        return {}
    found = {}
    for path, days in value.items():
        if _is_period(days):
            found[str(path)] = int(days)
        else:
            wrong.append(f"{DAYS}: {path}: {days}")
    return found


def _tables(
    options: Mapping[str, object], name: str, fields: Iterable[str], wrong: list[str]
) -> Iterable[Named]:
    for entry in _entries(options, name):
        values = entry if isinstance(entry, Mapping) else {}
        place = ".".join(str(values.get(field, "?")) for field in fields)
        days = values.get("days")
        if days is not None and not _is_period(days):
            wrong.append(f"{name}: {place}: days: {days}")
        yield Named(place, days if _is_period(days) else None)


def _is_period(days: object) -> bool:
    return isinstance(days, int) and not isinstance(days, bool) and days > 0
