"""Words on the command line that may be repeated, or written with commas between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from assessor.errors import UsageError
from assessor.model.language import TAGS, LanguageTag

_Value = TypeVar("_Value")


def language_tag(text: str) -> LanguageTag:
    """A language on the command line; raises ``UsageError``."""
    return _one("--lang", text, LanguageTag.parse, TAGS)


def language_tags(given: Sequence[str] | None) -> tuple[LanguageTag, ...]:
    """The languages that ``--lang`` names, each once.

    Raises:
        UsageError: there is no such language, or two that would be written to the same file.
    """
    tags = several("--lang", given, LanguageTag.parse, TAGS)
    languages = [tag.language for tag in tags]
    if len(languages) != len(set(languages)):
        both = " and ".join(str(tag) for tag in tags if languages.count(tag.language) > 1)
        raise UsageError(
            f"--lang: {both} are written to the same file", mend="ask for one of them at a time"
        )
    return tags


def several(
    option: str,
    given: Sequence[str] | None,
    read: Callable[[str], _Value],
    allowed: Iterable[str],
) -> tuple[_Value, ...]:
    """The values of an option, each once, in the order given.

    Args:
        option: its name, for complaints.
        given: as typed: ``["html,pdf", "md"]``.
        read: makes a value of a word; raises ``ValueError``.
        allowed: the words that there are, for complaints.

    Raises:
        UsageError: there is no such word, or none at all.
    """
    allowed = tuple(map(str, allowed))
    words = [word.strip() for text in given or () for word in text.split(",")]
    return tuple(dict.fromkeys(_one(option, word, read, allowed) for word in words))


def _one(option: str, word: str, read: Callable[[str], _Value], allowed: Iterable[str]) -> _Value:
    try:
        return read(word)
    except ValueError:
        from assessor.inputs.problems import nearest

        known = tuple(allowed)
        near = nearest(word, known)
        raise UsageError(
            f"{option}: there is no {word!r}; choose from {', '.join(known)}", mend=near
        ) from None
