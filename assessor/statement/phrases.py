"""The phrase language of the lexicon, and its matcher.

A phrase is a row of elements, separated by spaces:

====================  ==========================================================================
``wachtwoord``        this word (case, accents and hyphens do not count: ``back-up`` = ``backup``)
``versleutel*``       a word that begins so; ``*overeenkomst`` one that ends so; ``*sleutel*``
``(a|b*|@c|d e)``     one of these words, or words that follow each other
``[a]``               may be there
``@name``             a word of the group ``name`` of the lexicon
``#``                 a number, in digits or as a word of the group ``numbers``
``~``                 up to 3 words between; ``~8`` up to 8 words
====================  ==========================================================================

Articles (the group ``articles``) are skipped, in the phrase and in the text. Matching takes time
linear in the number of words for each phrase: positions are walked, nothing backtracks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assessor.statement.words import Word, fold
from assessor.statement.words import words as split_words

_DEFAULT_GAP = 3
_ELEMENT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[^\s()\[\]]+")
_GAP = re.compile(r"~(\d*)")
_WORD_SPEC = re.compile(r"\*?[^\W_]+(?:[-'.&][^\W_]+)*\*?|#")
_MOST_REMEMBERED = 50_000
_GLANCE = 3
_GLANCES = range(1, _GLANCE + 1)


class PhraseError(ValueError):
    """A phrase that the language above does not allow."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase: sorts of words, and how many words may stand before each."""

    source: str
    sorts: tuple[int, ...]
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a phrase was found: the first and the last word of it, counted in ``Sentence``."""

    first: int
    last: int


class Sentence:
    """The words of a passage, and for each sort of word the places where it stands, in order."""

    __slots__ = ("positions", "text", "words")

    def __init__(
        self, text: str, found: Sequence[Word], positions: Mapping[int, list[int]]
    ) -> None:
        self.text = text
        self.words = found
        self.positions = positions

    def phrase(self, match: Match) -> str:
        """The words of the match, as they stand."""
        return self.text[self.words[match.first].start : self.words[match.last].end]

    def find(self, phrase: Phrase) -> Match | None:
        """The first place where ``phrase`` stands, the shortest from there."""
        return next(iter(self.find_all(phrase, most=1)), None)

    def find_all(self, phrase: Phrase, most: int = 8) -> list[Match]:
        """The first ``most`` places where ``phrase`` stands."""
        positions = self.positions
        rows: list[list[int]] = []
        for sort in phrase.sorts:
            row = positions.get(sort)
            if row is None:
                return []
            rows.append(row)
        # Walk from the back: ends[i] says, for a word that fits element i, where the rest ends.
        ends: dict[int, int] = {place: place for place in rows[-1]}
        for index in range(len(rows) - 2, -1, -1):
            gap = phrase.gaps[index + 1]
            following = sorted(ends)
            step: dict[int, int] = {}
            for place in rows[index]:
                at = bisect_left(following, place + 1)
                if at < len(following) and following[at] <= place + 1 + gap:
                    step[place] = ends[following[at]]
            if not step:
                return []
            ends = step
        return [Match(place, ends[place]) for place in sorted(ends)[:most]]


class PhraseSet:
    """Phrases of which one has to be found; only those whose first word is there are tried."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = tuple(phrases)
        by_first: dict[int, list[Phrase]] = {}
        for phrase in self.phrases:
            by_first.setdefault(phrase.sorts[0], []).append(phrase)
        self._by_first = by_first
        self._firsts = frozenset(by_first)

    def __bool__(self) -> bool:
        return bool(self.phrases)

    def candidates(self, sentence: Sentence) -> list[Phrase]:
        """The phrases whose first word the sentence has, in a fixed order."""
        found = self._firsts.intersection(sentence.positions)
        if not found:
            return []
        return [phrase for sort in sorted(found) for phrase in self._by_first[sort]]

    def first_match(self, sentence: Sentence) -> Match | None:
        """A match of one of the phrases, or ``None``."""
        for phrase in self.candidates(sentence):
            match = sentence.find(phrase)
            if match is not None:
                return match
        return None

    def in_(self, sentence: Sentence) -> bool:
        """Whether one of the phrases stands in the sentence."""
        return any(sentence.find(phrase) for phrase in self.candidates(sentence))


class Vocabulary:
    """All sorts of words that the phrases of one lexicon ask for."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._groups = groups
        self._sorts: dict[frozenset[str], int] = {}
        self._exact: dict[str, list[int]] = {}
        self._prefix: dict[str, list[int]] = {}
        self._suffix: dict[str, list[int]] = {}
        self._infix: dict[str, list[int]] = {}
        self._number: list[int] = []
        self._prefix_lengths: tuple[int, ...] = ()
        self._suffix_lengths: tuple[int, ...] = ()
        self._heads: frozenset[str] = frozenset()
        self._tails: frozenset[str] = frozenset()
        self._remembered: dict[str, tuple[int, ...]] = {}
        self._articles = frozenset(groups.get("articles", ()))
        self._numbers = frozenset(fold(w) for w in groups.get("numbers", ()))

    def compile(self, source: str) -> tuple[Phrase, ...]:
        """The phrase and its variants (with and without what may be there)."""
        variants: list[list[tuple[int, int]]] = [[]]
        gap = 0
        elements = _ELEMENT.findall(source)
        if "".join(elements).replace(" ", "") != source.replace(" ", "").strip():
            raise PhraseError(f"brackets do not fit in {source!r}")
        for element in elements:
            wide = _GAP.fullmatch(element)
            if wide:
                gap = int(wide.group(1)) if wide.group(1) else _DEFAULT_GAP
                continue
            ways = self._ways(element, source)
            if not ways:
                continue
            added = [
                [*v, (way[0], gap), *((sort, 0) for sort in way[1:])]
                for v in variants
                for way in ways
            ]
            variants = [*variants, *added] if element.startswith("[") else added
            gap = 0
        if not variants[0] and len(variants) == 1:
            raise PhraseError(f"no word in {source!r}")
        return tuple(
            Phrase(source, tuple(s for s, _ in v), tuple(g for _, g in v)) for v in variants if v
        )

    def _ways(self, element: str, source: str) -> list[tuple[int, ...]]:
        """The rows of sorts that an element stands for: its single words are one sort."""
        inner = element[1:-1] if element[0] in "([" else element
        alternatives = [a.split() for a in inner.split("|")]
        single = [a[0] for a in alternatives if len(a) == 1]
        rows = [self._row([[w] for w in a], source) for a in alternatives if len(a) > 1]
        rows.append(self._row([single], source) if single else ())
        return [row for row in rows if row]

    def _row(self, words: Sequence[Sequence[str]], source: str) -> tuple[int, ...]:
        sorts = (self._sort(frozenset(self._expand(w, source))) for w in words)
        return tuple(sort for sort in sorts if sort is not None)

    def _sort(self, specs: frozenset[str]) -> int | None:
        if specs <= self._articles:
            return None
        number = self._sorts.get(specs)
        if number is None:
            number = self._sorts[specs] = len(self._sorts)
            for spec in specs:
                self._register(spec, number)
            self._prefix_lengths = tuple(sorted({len(p) for p in self._prefix}))
            self._suffix_lengths = tuple(sorted({len(p) for p in self._suffix}))
            self._heads = frozenset(p[:_GLANCE] for p in self._prefix)
            self._tails = frozenset(s[-_GLANCE:] for s in self._suffix)
            self._remembered.clear()
        return number

    def _expand(self, specs: Iterable[str], source: str) -> Iterable[str]:
        for raw in specs:
            spec = raw.strip()
            if spec.startswith("@"):
                if spec[1:] not in self._groups:
                    raise PhraseError(f"no group of words {spec!r}, in {source!r}")
                yield from self._expand(self._groups[spec[1:]], source)
            elif _WORD_SPEC.fullmatch(spec):
                head, tail = spec.startswith("*"), spec.endswith("*")
                yield "*" * head + fold(spec.strip("*")) + "*" * tail
            else:
                raise PhraseError(f"not a word: {spec!r}, in {source!r}")

    def _register(self, spec: str, number: int) -> None:
        bare = spec.strip("*")
        if spec == "#":
            self._number.append(number)
        elif spec.startswith("*") and spec.endswith("*"):
            self._infix.setdefault(bare, []).append(number)
        elif spec.endswith("*"):
            self._prefix.setdefault(bare, []).append(number)
        elif spec.startswith("*"):
            self._suffix.setdefault(bare, []).append(number)
        else:
            self._exact.setdefault(bare, []).append(number)

    def _sorts_of(self, word: Word) -> tuple[int, ...]:
        known = self._remembered.get(word.raw)
        if known is not None:
            return known
        found = set(self._of_form(word.form))
        for part in word.parts:
            found.update(self._of_form(part))
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        answer = self._remembered[word.raw] = tuple(found)
        return answer

    def _of_form(self, form: str) -> Iterator[int]:
        yield from self._exact.get(form, ())
        # Most words begin and end like none that is asked for: a glance tells.
        if not self._heads.isdisjoint(form[:n] for n in _GLANCES):
            for length in self._prefix_lengths:
                if length > len(form):
                    break
                yield from self._prefix.get(form[:length], ())
        if not self._tails.isdisjoint(form[-n:] for n in _GLANCES):
            for length in self._suffix_lengths:
                if length > len(form):
                    break
                yield from self._suffix.get(form[-length:], ())
        for part, numbers in self._infix.items():
            if part in form:
                yield from numbers
        if form.isdigit() or form in self._numbers:
            yield from self._number

    def read(self, text: str) -> Sentence:
        """The words of ``text`` with their sorts; articles are left out."""
        kept: list[Word] = []
        positions: dict[int, list[int]] = {}
        for word in split_words(text):
            if word.raw in self._articles:
                continue  # "een" is an article; "één" is a number
            for sort in self._sorts_of(word):
                positions.setdefault(sort, []).append(len(kept))
            kept.append(word)
        return Sentence(text, kept, positions)
