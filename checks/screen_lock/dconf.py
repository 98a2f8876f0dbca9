"""GNOME's and Cinnamon's lock, as dconf(7) and GSettings hold it.

``gsettings`` says what holds for the account that asks, which is not who sits at the screen. So the
machine's own databases are read: what they lock holds for everybody, the rest each user may change
in a database that nobody else can read.

A value is looked up in the databases of the profile in their order, and last in the schemas. Where
a database locks a key, those before it do not count; the last one that locks it decides. Keys are
locked one by one: a line in ``locks`` that names a folder does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessor.api import Outcome, Record

from .lock import Timing, judge_settings
from .people import People
from .verdict import Verdict

IDLE, ENABLED, DELAY, LOCKDOWN = (
    "session/idle-delay",
    "screensaver/lock-enabled",
    "screensaver/lock-delay",
    "lockdown/disable-lock-screen",
)
_MATTER = (IDLE, ENABLED, DELAY)
_DATABASES = "/etc/dconf/db/"
_OVERRIDE = ".gschema.override"


@dataclass(frozen=True, slots=True)
class _Database:
    values: Mapping[str, str]
    locks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dconf:
    """The settings of this machine.

    Attributes:
        databases: those of the profile after the user's own, in its order.
        schemas: the values where no database has one.
        not_updated: files that count only after ``dconf update`` (or for overrides
            ``glib-compile-schemas``).
        unreadable: files that could not be read.
        other_profile: files that choose another profile than the standard one.
        own: what the account that looked chose itself; ``None`` where that was not seen.
    """

    databases: tuple[_Database, ...]
    schemas: Mapping[str, str]
    not_updated: tuple[str, ...]
    unreadable: tuple[str, ...]
    other_profile: tuple[str, ...]
    own: Mapping[str, str] | None

    def locked(self, key: str) -> bool:
        """Whether no user can change ``key``."""
        return any(key in database.locks for database in self.databases)

    def standard(self, key: str) -> str | None:
        """The value for somebody who chose nothing."""
        first = max(
            (place for place, database in enumerate(self.databases) if key in database.locks),
            default=0,
        )
        for database in self.databases[first:]:
            if key in database.values:
                return database.values[key]
        return self.schemas.get(key)


def judge_dconf(desktop: str, root: str, seen: Dconf, people: People, limit: int) -> Verdict:
    """What the settings below ``root`` (``org/gnome/desktop``) come to for a desktop."""
    if seen.unreadable:
        return Verdict(Outcome.UNKNOWN, "settings_unread", {"files": seen.unreadable})
    if seen.not_updated:
        return Verdict(Outcome.UNKNOWN, "not_updated", {"files": seen.not_updated})
    if seen.other_profile:
        return Verdict(Outcome.UNKNOWN, "other_profile", {"files": seen.other_profile})
    keys = {name: f"/{root}/{name}" for name in (*_MATTER, LOCKDOWN)}
    standard = _timing({name: seen.standard(key) for name, key in keys.items()})
    if standard is None:
        return Verdict(Outcome.UNKNOWN, "settings_unknown", {"desktop": desktop})
    free = tuple(name for name in _MATTER if not seen.locked(keys[name]))
    own: dict[str, Timing] = {}
    if seen.own is not None and people.own in people.names:
        chosen = {name: seen.own.get(key, seen.standard(key)) for name, key in keys.items()}
        timing = _timing(chosen)
        if timing is None:
            return Verdict(Outcome.UNKNOWN, "settings_unknown", {"desktop": desktop})
        own[people.own] = timing
    return judge_settings(desktop, standard, free, own, people, limit)


def _timing(values: Mapping[str, str | None]) -> Timing | None:
    """When the screen locks; ``None`` where a value is missing or not understood."""
    idle, delay = _number(values[IDLE]), _number(values[DELAY])
    enabled = {"true": True, "false": False}.get(values[ENABLED] or "")
    forbidden = {"true": True, "false": False}.get(values[LOCKDOWN] or "false")
    if idle is None or delay is None or enabled is None or forbidden is None:
        return None
    if not enabled or forbidden or idle == 0:
        return Timing(None)
    return Timing(idle + delay)


def _number(text: str | None) -> int | None:
    """``uint32 300`` or ``300``."""
    found = re.fullmatch(r"(?:u?int32 +)?(\d{1,9})", text or "")
    return int(found[1]) if found else None


def read_dconf(found: Sequence[Record]) -> Dconf:
    """The settings as ``linux_desktop.sh`` prints them."""
    every = {
        kind: [text for name, text in found if name == kind] for kind in {name for name, _ in found}
    }
    values: dict[str, dict[str, str]] = {}
    locks: dict[str, set[str]] = {}
    schemas = _schemas(every.get("schema", []))
    relevant: set[str] = set()
    # Within a database, and among overrides, the file that comes last by name decides.
    for text in sorted(every.get("key", [])):
        match = re.fullmatch(r"(\S+) \[([^\]]*)\] ([a-z-]+) *= *(.*)", text)
        if match is None:
            continue
        path, group, key, value = match.groups()
        relevant.add(path)
        if path.startswith(_DATABASES):
            values.setdefault(_database(path), {})[f"/{group}/{key}"] = value
        elif path.endswith(_OVERRIDE):
            schema = group.partition(":")[0].replace(".", "/")
            schemas[f"/{schema}/{key}"] = value
    for text in every.get("lock", []):
        path, _, lock = text.partition(" ")
        locks.setdefault(_database(path), set()).add(lock)
        if re.match(r"/org/(gnome|cinnamon)/desktop/(session|screensaver|lockdown)/", lock):
            relevant.add(path)
    order = [
        line.partition(":")[2]
        for line in every.get("profile", [])
        if line.startswith(("system-db:", "file-db:"))
    ]
    compiled = set(every.get("compiled", []))
    stale = relevant.intersection(every.get("newer", []))
    stale |= {p for p in relevant if p.startswith(_DATABASES) and _database(p) not in compiled}
    in_use = {path for path in stale if path.endswith(_OVERRIDE) or _database(path) in order}
    own = None
    if "own_seen" in every:
        own = dict(_own(text) for text in every.get("own", []))
    return Dconf(
        databases=tuple(
            _Database(values.get(name, {}), frozenset(locks.get(name, ()))) for name in order
        ),
        schemas=schemas,
        not_updated=tuple(sorted(in_use)),
        unreadable=tuple(
            path for path in every.get("unreadable", []) if "dconf" in path or "glib" in path
        ),
        other_profile=(
            *every.get("dconf_profile_set", []),
            *(name for name in order if name.startswith("/")),
        ),
        own=own,
    )


def _schemas(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        schema, _, rest = line.partition(" ")
        key, _, value = rest.partition(" ")
        found[f"/{schema.replace('.', '/')}/{key}"] = value
    return found


def _own(text: str) -> tuple[str, str]:
    key, _, value = text.partition(" ")
    return f"/{key}", value


def _database(path: str) -> str:
    """``local`` for ``/etc/dconf/db/local.d/00-screen``."""
    return path.removeprefix(_DATABASES).partition("/")[0].removesuffix(".d")
