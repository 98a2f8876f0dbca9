"""An export as menus with their items, and what of it was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assessor.devices.device import Topic
from assessor.devices.routeros import known
from assessor.devices.routeros.grammar import Script, Statement, parse
from assessor.devices.routeros.notes import Notes
from assessor.model.answers import UnparsedError

_MOST_UNKNOWN_MENUS = 60
_HEADER = re.compile(
    r"(?P<at>(?:[a-z]{3}/\d\d/\d{4}|\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d) by RouterOS (?P<version>\S+)"
)
_COMMENT_SETTING = re.compile(r"([a-z][a-z -]{1,30}?)(?: =|:) ?(\S.*)$")
_FAILED = re.compile(r"error exporting \"?/?([a-z0-9/ -]{1,80})|.*\binterrupted\b", re.IGNORECASE)
_TRUE, _FALSE = frozenset({"yes", "true"}), frozenset({"no", "false"})
_SWITCHES = frozenset({"disabled", "enabled"})
_SWITCHED = _TRUE | _FALSE | {"", "auto"}


@dataclass(slots=True)
class Item:
    """One item of a menu, or the settings of one that has no items.

    Attributes:
        target: by what name or number an item that was there already is meant.
        find: ... or by which properties.
        added: it was made by ``add``.
    """

    path: str
    values: dict[str, str]
    text: str
    target: str = ""
    find: Mapping[str, str] = field(default_factory=dict)
    added: bool = True

    def get(self, key: str, default: str = "") -> str:
        """A property."""
        return self.values.get(key, default)

    @property
    def name(self) -> str:
        """What the item is called: the name it was given, or the one it came with."""
        named = self.values.get("name") or self.find.get("name") or self.find.get("default-name")
        return named or self.target or ("default" if "default" in self.find else "")


class Export:
    """The menus of an export.

    Attributes:
        notes: what was not understood.
        version: of RouterOS, by the head of the export; empty where it does not tell.
        about: what the comments at its head say: ``model``, ``board-name``, ...
        comments: all comments.
    """

    def __init__(self, text: str) -> None:
        """Reads ``text``; raises ``UnparsedError`` where it is no export, or not all of one."""
        script = parse(text)
        self.notes = Notes()
        self.comments: Sequence[str] = script.comments
        self.version = ""
        self.about: dict[str, str] = {}
        self._menus: dict[str, list[Item]] = {}
        self._named: dict[tuple[str, str], Item] = {}
        self._by_name: dict[str, Mapping[str, Item]] = {}
        self._read_comments(script.comments)
        self._refuse_others(script)
        for line in script.odd:
            self.notes.add(Topic, line)
        unknown: set[str] = set()
        for statement in script.statements:
            self._take(statement, unknown)

    def _read_comments(self, comments: Iterable[str]) -> None:
        for comment in comments:
            if (head := _HEADER.match(comment)) is not None:
                self.version = self.version or head["version"]
                self.about.setdefault("exported", head["at"])
            elif (failed := _FAILED.match(comment)) is not None:
                path = " ".join((failed[1] or "").replace("/", " ").split())
                self.notes.add(known.topics(path) if failed[1] else Topic, f"# {comment}")
            elif (setting := _COMMENT_SETTING.match(comment)) is not None:
                self.about.setdefault(setting[1].strip(), setting[2])
        if not self.version:
            self.version = self.about.get("version", "").partition(" ")[0]

    def _refuse_others(self, script: Script) -> None:
        understood = sum(bool(one.verb) for one in script.statements)
        menus = {one.path for one in script.statements if one.verb}
        if not understood or not any(known.menu(_menu(menu)) for menu in menus):
            raise UnparsedError("this is no export of RouterOS")
        if understood < len(script.odd):
            raise UnparsedError(f"this is no export of RouterOS: {script.odd[0][:60]}")
        if len({menu.partition(" ")[0] for menu in menus}) < 2:
            # "/ip firewall export" looks the same as the whole, but what is not in it may be there.
            raise UnparsedError("this is only a part of a configuration")

    def _take(self, statement: Statement, unknown: set[str]) -> None:
        path = _menu(statement.path)
        menu = known.menu(path)
        if menu is None:
            if path not in unknown:
                unknown.add(path)
                line = f"/{path} {statement.text}" if not statement.text.startswith("/") else ""
                many = len(unknown) > _MOST_UNKNOWN_MENUS
                self.notes.add(Topic if many else known.topics(path), line or statement.text)
            return
        if statement.verb not in ("add", "set"):
            self.notes.add(menu.topics, f"/{path} {statement.text}")
            return
        unlisted = next((key for key in statement.values if not menu.has(key)), None)
        if unlisted is not None:
            self.notes.add(menu.topics, f"/{path} {unlisted}=: {statement.text}")
        for key in _SWITCHES.intersection(statement.values):
            if statement.values[key] not in _SWITCHED:
                self.notes.add(menu.topics, f"/{path} {key}=: {statement.text}")
        items = self._menus.setdefault(path, [])
        added = statement.verb == "add"
        wanted = "" if added else statement.target or statement.find.get("name", "")
        item = None
        if not added and (wanted or not statement.find):
            item = self._named.get((path, wanted))
        if item is None:
            find = dict(statement.find)
            item = Item(path, {}, statement.text, statement.target, find, added)
            items.append(item)
            if not added and not wanted and not find:
                self._named[path, ""] = item
        item.values.update(statement.values)
        if item.name:
            self._named[path, item.name] = item

    def items(self, path: str) -> Sequence[Item]:
        """The items of a menu, in their order."""
        return self._menus.get(path, ())

    def named(self, path: str) -> Mapping[str, Item]:
        """The items of a menu by what they are called."""
        if path not in self._by_name:
            self._by_name[path] = {item.name: item for item in self.items(path)}
        return self._by_name[path]

    def settings(self, path: str) -> Item:
        """The settings of a menu without items; empty where all are the maker's."""
        found = Item(path, {}, f"/{path}", added=False)
        for item in self.items(path):
            if not item.added:
                found.values.update(item.values)
                found.text = item.text
        return found

    def paths(self) -> Iterable[str]:
        """Every menu that has something in it."""
        return self._menus

    def flag(self, item: Item, key: str, *, default: bool) -> bool | None:
        """A property that is yes or no; ``None``, and noted, where it is something else."""
        value = item.values.get(key, "")
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        if not value:
            return default
        self.notes.add(known.topics(item.path), f"/{item.path} {key}={value}: {item.text}")
        return None

    def enabled(self, item: Item, *, default: bool = True) -> bool:
        """Whether an item is in force; one of which that is not understood counts as if it was."""
        off = self.flag(item, "disabled", default=not default)
        return off is not True

    @property
    def major(self) -> int:
        """The first number of the version; 7 where it is not told."""
        first = self.version.partition(".")[0]
        return int(first) if first.isdigit() and len(first) < 4 else 7


def _menu(path: str) -> str:
    """One name for a menu that had another before 7.13."""
    if path.startswith("interface wifiwave2"):
        return "interface wifi" + path.removeprefix("interface wifiwave2")
    return path
