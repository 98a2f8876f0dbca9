"""Extends ``inventory.yaml`` with imported machines and keeps all that people wrote in it.

The file is changed line by line, so that comments and order stay; what it says afterwards is
read again and compared before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from assessor.errors import InputError
from assessor.inputs.importers.imported import Candidate, Imported, LeftOut
from assessor.inputs.problems import Problems
from assessor.inputs.settings import InventorySettings, NamedTargetSettings
from assessor.inputs.validation import require, validate
from assessor.inputs.yaml_text import inline
from assessor.yamlfile import Located, parse_yaml

HEADER = """\
# Targets of this assessment, read in with: assess inventory import
# Change what you like: a later import adds machines and leaves these alone, unless it is told to
# --replace them. The fields are explained in assessment.yaml.

"""

Entries = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to the file.

    Attributes:
        text: the whole file as it will be; ``None`` where nothing changes.
        added: names of new targets.
        replaced: names of targets whose settings change.
        unchanged: names of targets that already are as imported.
        left_out: what was not imported and why.
    """

    text: str | None
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def plan_change(
    imported: Imported,
    path: Path,
    text: str | None,
    elsewhere: Mapping[str, str],
    *,
    replace: bool,
) -> Change:
    """What importing ``imported`` into the inventory file does; writes nothing.

    Args:
        imported: what was read.
        path: the inventory file, for messages.
        text: its text, or ``None`` where there is none yet.
        elsewhere: targets that other files of the assessment name: name (case-folded) to place.
        replace: whether targets of the file may be changed.

    Raises:
        InputError: the file is broken, or written in a form that cannot be extended safely.
    """
    entries = {} if text is None else _entries(text, path)
    sorted_out = _SortedOut(imported, entries, elsewhere, replace=replace)
    if not sorted_out.added and not sorted_out.replaced:
        return sorted_out.change(None)
    if text is None:
        items = [_item(name, settings, 2) for name, settings in sorted_out.added.items()]
        return sorted_out.change(HEADER + "targets:\n" + "".join(items))
    changed = _Editor(text, path).edit(sorted_out.added, sorted_out.replaced)
    expected = {**entries, **sorted_out.replaced, **sorted_out.added}
    if _entries_or_none(changed, path) != expected:
        raise InputError(
            "cannot be extended without a risk to what stands in it",
            path=path,
            mend="write its targets one below the other, each beginning with '- name:'",
        )
    return sorted_out.change(changed)


class _SortedOut:
    """Sorts candidates: which are new, which change, which stay out."""

    def __init__(
        self, imported: Imported, entries: Entries, elsewhere: Mapping[str, str], *, replace: bool
    ) -> None:
        self.added: Entries = {}
        self.replaced: Entries = {}
        self._unchanged: list[str] = []
        self._left_out = list(imported.left_out)
        self._imported = imported
        known = {name.casefold(): name for name in entries}
        seen: set[str] = set()
        for candidate in imported.candidates:
            folded = candidate.name.casefold()
            if folded in seen:
                self._leave(candidate, "the file names another machine that would be called so")
            elif folded in elsewhere:
                self._leave(candidate, f"it already stands at {elsewhere[folded]}")
            elif folded in known:
                name = known[folded]
                self._meet(candidate, name, entries[name], replace=replace)
            elif self._valid(candidate, new := {**candidate.assumed, **candidate.settings}):
                self.added[candidate.name] = new
            seen.add(folded)

    def _meet(
        self, candidate: Candidate, name: str, old: dict[str, object], *, replace: bool
    ) -> None:
        """A candidate whose name is taken: the old settings stay where it says nothing."""
        new = {**candidate.assumed, **old, **candidate.settings}
        if new == old:
            self._unchanged.append(name)
        elif not replace:
            self._leave(candidate, "it is already in the inventory; --replace changes it")
        elif self._valid(candidate, new):
            self.replaced[name] = new

    def _valid(self, candidate: Candidate, settings: dict[str, object]) -> bool:
        located = Located(
            self._imported.path, {"name": candidate.name, **settings}, {(): candidate.line or 1}
        )
        problems = Problems()
        validate(NamedTargetSettings, located, problems)
        try:
            problems.raise_any()
        except InputError as error:
            # the place in the other file is the whole entry, so its fields are not named
            self._leave(candidate, error.message)
            return False
        return True

    def _leave(self, candidate: Candidate, reason: str) -> None:
        self._left_out.append(LeftOut(candidate.name, reason, candidate.line))

    def change(self, text: str | None) -> Change:
        """The result."""
        return Change(
            text,
            tuple(self.added),
            tuple(self.replaced),
            tuple(self._unchanged),
            tuple(self._left_out),
        )


def _entries(text: str, path: Path) -> Entries:
    """Name to settings of every target in the file; raises ``InputError`` where it is broken."""
    located = parse_yaml(text, path)
    if located.value is None:
        return {}
    require(InventorySettings, located)
    targets = _mapping(located.value).get("targets")
    if isinstance(targets, dict):
        return {name: _mapping(settings) for name, settings in targets.items()}
    found: Entries = {}
    for target in targets if isinstance(targets, list) else ():
        settings = dict(target)
        name = settings.pop("name")
        if name in found:
            raise InputError(f"the target {name!r} stands here twice", path=path)
        found[name] = settings
    return found


def _entries_or_none(text: str, path: Path) -> Entries | None:
    try:
        return _entries(text, path)
    except InputError:
        return None


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


class _Editor:
    """Puts entries into the text of an inventory file."""

    def __init__(self, text: str, path: Path) -> None:
        self._path = path
        self._end = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.splitlines(keepends=True)
        if self._lines and not self._lines[-1].endswith(("\n", "\r")):
            self._lines[-1] += self._end
        self._root = yaml.compose(text, Loader=yaml.SafeLoader)

    def edit(self, added: Entries, replaced: Entries) -> str:
        """The text with ``replaced`` entries changed and ``added`` ones at the end."""
        targets = self._targets()
        if targets is None or not targets.value:
            self._insert(self._place_for_first(), added, 2, by_name=False)
            return "".join(self._lines)
        if targets.flow_style:
            raise InputError(
                "its targets are written between brackets",
                path=self._path,
                line=targets.start_mark.line + 1,
                mend="write them one below the other, each beginning with '- name:'",
            )
        by_name = isinstance(targets, yaml.MappingNode)
        indent = targets.start_mark.column
        self._insert(_end_line(targets) + 1, added, indent, by_name=by_name)
        for start, end, name in sorted(self._spans(targets), reverse=True):
            if name in replaced:
                item = self._rendered(name, replaced[name], indent, by_name=by_name)
                self._lines[start : end + 1] = item
        return "".join(self._lines)

    def _targets(self) -> yaml.CollectionNode | None:
        for key, value in self._root.value if self._root is not None else ():
            if key.value == "targets" and isinstance(value, yaml.CollectionNode):
                return value
        return None

    def _place_for_first(self) -> int:
        """The line at which the first entry goes, below a ``targets:`` of its own."""
        if self._root is None:
            self._lines.append(f"targets:{self._end}")
            return len(self._lines)
        for key, value in self._root.value:
            if key.value == "targets":
                line: int = key.start_mark.line
                rest = self._lines[value.end_mark.line][value.end_mark.column :].rstrip()
                self._lines[line : value.end_mark.line + 1] = [f"targets:{rest}{self._end}"]
                return line + 1
        self._lines.append(f"{self._end}targets:{self._end}")
        return len(self._lines)

    def _spans(self, targets: yaml.CollectionNode) -> Iterable[tuple[int, int, str]]:
        """First line, last line and name of every entry."""
        if isinstance(targets, yaml.MappingNode):
            for key, value in targets.value:
                yield key.start_mark.line, _end_line(value), key.value
            return
        for item in targets.value:
            name = next(value.value for key, value in item.value if key.value == "name")
            start = item.start_mark.line
            while "-" not in self._lines[start][: item.start_mark.column + 1].split("#")[0]:
                start -= 1  # the hyphen stands on a line of its own above
            yield start, _end_line(item), name

    def _insert(self, at: int, entries: Entries, indent: int, *, by_name: bool) -> None:
        self._lines[at:at] = [
            line
            for name, settings in entries.items()
            for line in self._rendered(name, settings, indent, by_name=by_name)
        ]

    def _rendered(
        self, name: str, settings: Mapping[str, object], indent: int, *, by_name: bool
    ) -> list[str]:
        item = _named_item(name, settings, indent) if by_name else _item(name, settings, indent)
        return [line + self._end for line in item.splitlines()]


def _item(name: str, settings: Mapping[str, object], indent: int) -> str:
    """An entry of a list."""
    lead = " " * indent
    fields = [f"{lead}- name: {inline(name)}"]
    fields += [f"{lead}  {key}: {inline(value)}" for key, value in settings.items()]
    return "\n".join(fields) + "\n"


def _named_item(name: str, settings: Mapping[str, object], indent: int) -> str:
    """An entry of a mapping."""
    lead = " " * indent
    fields = [f"{lead}{inline(name)}:"]
    fields += [f"{lead}  {key}: {inline(value)}" for key, value in settings.items()]
    return "\n".join(fields) + "\n"


def _end_line(node: yaml.Node) -> int:
    """The last line of a node; PyYAML lets a block end where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end_line(last[1] if isinstance(last, tuple) else last)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return max(node.start_mark.line, node.end_mark.line - 1)
    if isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None:
        return node.start_mark.line
    return node.end_mark.line
