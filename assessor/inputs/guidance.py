"""Reads what a statement had better say: ``wording.yaml`` and ``guidance.yaml`` of profiles."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from assessor.errors import InputError
from assessor.inputs.both_languages import BothLanguages, Line
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.settings import Settings
from assessor.inputs.validation import validate
from assessor.model.check import Source
from assessor.model.guidance import Bound, Guidance, Wording
from assessor.model.language import ByLanguage, Language
from assessor.yamlfile import Located, read_yaml

PLACES = frozenset({"every", "period"})
"""What may be filled in, in the sentence of a measure."""

_PLACE = re.compile(r"\{(\w+)\}")
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")
# The part of the lexicon's phrase language that guidance needs; no alternative can be met in two
# ways, so that no text makes it slow.
_WORD = r"\*?[^\W_]+(?:-[^\W_]+)*\*?"
_SOME_WORDS = rf"{_WORD}(?: {_WORD})*"
_ELEMENT = re.compile(rf"{_WORD}|#|~[0-9]{{0,2}}|\({_SOME_WORDS}(?:\|{_SOME_WORDS})*\)")
_ELEMENTS = re.compile(r"\([^()]*\)|[^\s()]+")

_Phrases = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(min_length=1)]


class _PhraseSettings(Settings):
    nl: _Phrases
    en: _Phrases


class _BoundSettings(Settings):
    below: float | int | None = None
    above: float | int | None = None
    any_of: list[str] = Field(default_factory=list)


class _SourceSettings(Settings):
    title: Line
    section: str = ""
    url: Annotated[str, Field(pattern=r"^https://\S+$")]
    date: datetime.date | None = None


class _GuidanceSettings(Settings):
    measures: list[str] = Field(default_factory=list)
    parameters: dict[str, _BoundSettings] = Field(default_factory=dict)
    say: _PhraseSettings | None = None
    unless: _PhraseSettings | None = None
    why: BothLanguages
    instead: BothLanguages
    sources: Annotated[list[_SourceSettings], Field(min_length=1)]


def load_wording(path: Path, measures: Collection[str]) -> Wording:
    """The sentence of every measure and the words around them, from the file ``path``.

    Args:
        path: ``profiles/wording.yaml``.
        measures: ids of the catalogue; each must have a sentence, and no other may.

    Raises:
        InputError: the file is broken, or a language lacks a text that another one has.
    """
    located = read_yaml(path)
    top = _mapping(located)
    problems = Problems()
    for part in ("texts", "measures"):
        if part not in top:
            problems.add(f"holds no {part}", located, field=part)
    for part in top.keys() - {"texts", "measures"}:
        problems.add("is no part of this file", located, part)
    problems.raise_any()
    sentences = _sentences(located.at("measures"), measures, problems)
    texts = _texts(located.at("texts"), problems)
    problems.raise_any()
    return Wording(sentences, texts)


def load_guidance(path: Path, measures: Collection[str]) -> tuple[Guidance, ...]:
    """The promises that guidance advises against, from the file ``path``, in its order.

    Args:
        path: ``profiles/guidance.yaml``.
        measures: ids of the catalogue.

    Raises:
        InputError: the file is broken.
    """
    located = read_yaml(path)
    problems = Problems()
    found = [_guidance(located.at(name), name, measures, problems) for name in _mapping(located)]
    problems.raise_any()
    return tuple(item for item in found if item is not None)


def _sentences(
    located: Located, measures: Collection[str], problems: Problems
) -> Mapping[str, ByLanguage]:
    sentences: dict[str, ByLanguage] = {}
    for measure in _mapping(located):
        _known([measure], measures, located, problems, measure)
        settings = validate(BothLanguages, located.at(measure), problems)
        if settings is None:
            continue
        sentences[measure] = settings.by_language()
        for language, text in sentences[measure].items():
            _places(text, PLACES, located, problems, measure, language)
        if len({tuple(_names(text)) for text in sentences[measure].values()}) > 1:
            problems.add("the languages fill in different things", located, measure)
    for measure in measures:
        if measure not in sentences and measure not in _mapping(located):
            problems.add(f"has no sentence for {measure!r}", located)
    return MappingProxyType(sentences)


def _texts(located: Located, problems: Problems) -> Mapping[Language, Mapping[str, str]]:
    languages = {name: _mapping(located.at(name)) for name in _mapping(located)}
    if set(languages) != set(Language):
        raise InputError(
            f"must hold {' and '.join(Language)}", path=located.path, line=located.line()
        )
    for name, texts in languages.items():
        for key, text in texts.items():
            if not isinstance(text, str) or not text:
                problems.add("must be a text", located, name, key)
                continue
            for other in languages.keys() - {name}:
                if key not in languages[other]:
                    problems.add(f"is missing in {other}", located, name, key)
                elif isinstance(there := languages[other][key], str):
                    _places(text, _names(there), located, problems, name, key)
    return MappingProxyType(
        {
            Language(name): MappingProxyType({key: str(text) for key, text in texts.items()})
            for name, texts in languages.items()
        }
    )


def _guidance(
    located: Located, name: str, measures: Collection[str], problems: Problems
) -> Guidance | None:
    if not _ID.fullmatch(name):
        problems.add("an id holds small letters, digits and hyphens", located)
    settings = validate(_GuidanceSettings, located, problems)
    if settings is None:
        return None
    _known(settings.measures, measures, located, problems, "measures")
    if not settings.measures and settings.say is None:
        problems.add("meets every promise", located, mend="give measures, say, or both")
    if settings.parameters and not settings.measures:
        problems.add("are those of a measure", located, "parameters", mend="give measures")
    for parameter, bound in settings.parameters.items():
        if bound.below is None and bound.above is None and not bound.any_of:
            problems.add("give below, above or any_of", located, "parameters", parameter)
    return Guidance(
        id=name,
        measures=tuple(settings.measures),
        bounds=MappingProxyType(
            {
                parameter: Bound(bound.below, bound.above, tuple(bound.any_of))
                for parameter, bound in settings.parameters.items()
            }
        ),
        say=_phrases(settings.say, located, "say", problems),
        unless=_phrases(settings.unless, located, "unless", problems),
        why=settings.why.by_language(),
        instead=settings.instead.by_language(),
        sources=tuple(
            Source(item.title, item.section, item.url, item.date.isoformat() if item.date else "")
            for item in settings.sources
        ),
    )


def _phrases(
    settings: _PhraseSettings | None, located: Located, part: str, problems: Problems
) -> tuple[str, ...]:
    if settings is None:
        return ()
    phrases = {"nl": settings.nl, "en": settings.en}
    for language, several in phrases.items():
        for place, phrase in enumerate(several):
            if not _is_phrase(phrase):
                problems.add(
                    "is no phrase",
                    located,
                    part,
                    language,
                    place,
                    mend="use words, word*, (a|b c), #, ~ and ~8",
                )
    return tuple(dict.fromkeys(phrase for several in phrases.values() for phrase in several))


def _is_phrase(phrase: str) -> bool:
    elements = _ELEMENTS.findall(phrase)
    return (
        " ".join(elements) == phrase
        and all(_ELEMENT.fullmatch(element) for element in elements)
        and not elements[0].startswith("~")
        and not elements[-1].startswith("~")
    )


def _known(
    named: Iterable[str], known: Collection[str], located: Located, problems: Problems, step: str
) -> None:
    for measure in named:
        if measure not in known:
            problems.add(
                f"the catalogue has no measure {measure!r}",
                located,
                step,
                mend=did_you_mean(measure, known),
            )


def _places(
    text: str, allowed: Collection[str], located: Located, problems: Problems, *steps: str
) -> None:
    """Notes what ``text`` fills in and may not."""
    if wrong := [name for name in _names(text) if name not in allowed]:
        problems.add(f"nothing fills in {', '.join(wrong)}", located, *steps)


def _names(text: str) -> list[str]:
    return sorted(set(_PLACE.findall(text)))


def _mapping(located: Located) -> dict[str, object]:
    if not isinstance(located.value, dict) or not located.value:
        raise InputError("must be a mapping", path=located.path, line=located.line())
    return located.value
