"""Which facts a client may be told: numbers, days, yes and no, targets by their aliases. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime

from assessor.model.facts import Fact, Facts
from assessor.model.target import Target

_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
_HELPFUL = re.compile(
    r"(?:^|_)(?:ports?|lines?|build|version|release|serial|[ug]id|pid|id|vlan)(?:_|$)"
)
"""Facts whose numbers help an attacker, by their names."""
_NAMING = re.compile(r"(?:^|_)(?:names?|hosts?|domains?|targets?|partners?|places?|computers?)$")
"""Facts that may name targets by words that are words of a language too."""
_COUNTRIES = re.compile(r"[A-Z]{2,3}(?:, [A-Z]{2,3})*")
"""Where data are, as ISO 3166-1 names countries: that may be told, in facts of these names."""
_PLACES = frozenset({"countries", "region"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


class PlainFacts:
    """Tells of facts what may be told.

    Args:
        targets: all of the run.
        aliases: what a client calls each, by its name.
        numbers: those that are not told, whatever they are of.
        clean: whether a name of a fact holds nothing of the run.
    """

    def __init__(
        self,
        targets: Iterable[Target],
        aliases: Mapping[str, str],
        numbers: Collection[int],
        clean: Callable[[str], bool],
    ) -> None:
        listed = list(targets)
        self._aliases = aliases
        self._numbers = numbers
        self._clean = clean
        self._own = {target.name: _names_of(target) for target in listed}
        # Several targets may have one address (a site and a mail domain): then the first is meant.
        self._called = {
            name: aliases[target.name]
            for target in reversed(listed)
            for name in self._own[target.name]
        } | {target.name.casefold(): aliases[target.name] for target in listed}

    def of(self, facts: Facts, target: str = "") -> dict[str, Fact]:
        """Those of ``facts`` that may be told.

        Args:
            facts: by their names.
            target: of which they are; several targets may have its address.
        """
        told: dict[str, Fact] = {}
        for name, value in facts.items():
            if not self.is_name(name):
                continue
            if isinstance(value, str | tuple):
                known = self._known(name, value, target)
                if known is not None:
                    told[name] = known
            elif value is not None and self.is_number(name, value):
                told[name] = value
        return told

    def is_name(self, name: str) -> bool:
        """Whether a fact is called as code calls it, and not after something of the run."""
        return _NAME.fullmatch(name) is not None and self._clean(name)

    def is_number(self, name: str, value: Fact) -> bool:
        """Whether ``value`` is a number that may be told, or a yes or no."""
        if isinstance(value, bool):
            return True
        if not isinstance(value, int | float):
            return False
        return value not in self._numbers and not _HELPFUL.search(name)

    def _known(self, fact: str, value: str | tuple[Fact, ...], target: str) -> Fact:
        """A day, a country or an empty list as it is, and targets by their aliases; else ``None``.

        What is a word as well as the name of a target (``nas``) is one only in a fact that names
        targets: else a sentence could come out that nobody meant.
        """
        if isinstance(value, tuple):
            items = [
                self._known(fact, each, target) if isinstance(each, str) else None for each in value
            ]
            return None if None in items else tuple(items)
        if is_day(value) or (fact in _PLACES and _COUNTRIES.fullmatch(value)):
            return value
        if value.isalpha() and not _NAMING.search(fact):
            return None
        name = value.casefold()
        return (
            self._aliases[target] if name in self._own.get(target, ()) else self._called.get(name)
        )


def _names_of(target: Target) -> frozenset[str]:
    name = target.options.get("server_name")
    return frozenset(
        each.casefold()
        for each in (target.name, target.address, name)
        if isinstance(each, str) and each
    )


def is_day(text: str) -> bool:
    """Whether ``text`` is a day, or a moment, as ISO 8601 writes it, and nothing else."""
    try:
        if _DAY.fullmatch(text):
            date.fromisoformat(text)
        elif _MOMENT.fullmatch(text):
            datetime.fromisoformat(text)
        else:
            return False
    except ValueError:
        return False
    return True
