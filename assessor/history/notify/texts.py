"""The texts of notices, ``reports/notify.nl.yaml`` and ``notify.en.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list

from assessor.history.notify.failure import Failure
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.model.target import Role
from assessor.yamlfile import Words, flat_texts, read_yaml

_LOCALES = {Language.NL: "nl_NL", Language.EN: "en_GB"}
_PLACE = re.compile(r"\{([a-z_]+)\}")
MOST_NAMES = 6

# A word of the model that has no text is found when the texts are loaded.
_COMPLETE = (
    Words("verdict", Verdict, ("claims", "measures")),
    Words("outcome", Outcome),
    Words("role", Role),
    Words("failed", Failure),
)


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts in one language, by dotted key such as ``subject.worse.one``."""

    language: Language
    entries: Mapping[str, str] = field(repr=False)

    def text(self, key: str, **values: str | int) -> str:
        """The text ``key`` filled in. What is filled in is never filled in again.

        Raises:
            KeyError: there is no such text, or it names another value: that is a fault of ours.
        """
        return _PLACE.sub(lambda found: str(values[found[1]]), self.entries[key])

    def count(self, key: str, number: int, **values: str | int) -> str:
        """The text ``key.one`` or ``key.other``; ``{n}`` is the number."""
        return self.text(f"{key}.{'one' if number == 1 else 'other'}", n=number, **values)

    def join(self, names: Sequence[str], most: int = MOST_NAMES) -> str:
        """``a, b and c``; more than ``most`` are counted instead of named."""
        shown = list(dict.fromkeys(names))
        if len(shown) > most:
            shown = [*shown[: most - 1], self.text("more", n=len(shown) - most + 1)]
        return str(format_list(shown, style="standard", locale=self._locale))

    def day(self, day: date) -> str:
        """A date in words, such as ``24 november 2026``."""
        return str(format_date(day, "long", locale=self._locale))

    @property
    def _locale(self) -> Locale:
        return Locale.parse(_LOCALES[self.language])


def load_texts(folder: Path, language: Language) -> Texts:
    """Reads ``notify.<language>.yaml`` in ``folder``.

    Raises:
        InputError: it is missing or broken, a text is empty, or a word of the model has none.
    """
    located = read_yaml(folder / f"notify.{language}.yaml")
    return Texts(language, flat_texts(located, _COMPLETE))
