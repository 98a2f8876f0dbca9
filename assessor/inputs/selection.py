"""Which targets of the inventory a run is limited to (``--limit``). Pure.

::

    web01          the target of that name; web* for several
    @servers       the targets of a group; @all for all
    tag:klant-a    the targets with a tag
    !tag:old       without those; stands before any of the above

Several words, separated by commas or given one by one, add up. What is excluded stays so, wherever
it stands; where nothing else is said, the rest of the inventory is meant. This is as Ansible's
patterns are, and ``@`` and ``tag:`` keep names, groups and tags apart. Capitals make no difference,
as in the inventory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from assessor.errors import UsageError
from assessor.inputs.problems import nearest
from assessor.inputs.targets import EVERY_TARGET
from assessor.model.target import Target

_NOT = "!"
_GROUP = "@"
_TAG = "tag:"
_SHOWN = 20
"""A message names at most so many of what there is."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The inventory in two parts, each in its order."""

    chosen: tuple[Target, ...]
    others: tuple[Target, ...]


def select(targets: Sequence[Target], limit: Iterable[str]) -> Selection:
    """The targets that the words of ``limit`` name; all where there is none.

    Raises:
        UsageError: a word names nothing, or nothing is left.
    """
    given = [word.strip() for text in limit for word in text.split(",")]
    if not given:
        return Selection(tuple(targets), ())
    excluded: set[str] = set()
    wanted: set[str] = set()
    for word in given:
        part = excluded if word.startswith(_NOT) else wanted
        part |= _named(word.removeprefix(_NOT).strip(), targets)
    if all(word.startswith(_NOT) for word in given):
        wanted = {target.name for target in targets}
    chosen = wanted - excluded
    if not chosen:
        raise UsageError(
            f"--limit {','.join(given)} leaves no target",
            mend="see what the inventory has with: assess inventory list",
        )
    return Selection(
        tuple(target for target in targets if target.name in chosen),
        tuple(target for target in targets if target.name not in chosen),
    )


def _named(word: str, targets: Sequence[Target]) -> set[str]:
    """The names of the targets that one word names; raises ``UsageError`` where it names none."""
    if word.startswith(_GROUP):
        return _having(word, _GROUP, "group", targets, lambda it: (EVERY_TARGET, *it.groups))
    if word.startswith(_TAG):
        return _having(word, _TAG, "tag", targets, lambda it: it.tags)
    return _having(word, "", "target", targets, lambda it: (it.name,))


def _having(
    word: str,
    sign: str,
    kind: str,
    targets: Sequence[Target],
    labels: Callable[[Target], Sequence[str]],
) -> set[str]:
    wanted = word.removeprefix(sign)
    found = {
        target.name
        for target in targets
        if any(fnmatchcase(label.casefold(), wanted.casefold()) for label in labels(target))
    }
    if not found:
        known = list(dict.fromkeys(label for target in targets for label in labels(target)))
        raise UsageError(
            f"the inventory has no {kind} {wanted!r}",
            mend=nearest(wanted, known) or _what_there_is(kind, known),
        )
    return found


def _what_there_is(kind: str, known: Sequence[str]) -> str:
    if not known:
        return f"no target has a {kind}"
    more = f", and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"it has: {', '.join(known[:_SHOWN])}{more}"
