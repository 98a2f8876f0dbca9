"""What of a text a client may read. Pure.

Two things are kept from the client's version: what belongs to this run (a host name, an address, an
account, a version that was seen), and what is for whoever mends it (a path, a command, the name of
a setting). Sentences of checks are cut where they come to such a thing; words of people have a mark
in its place.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

_RUN = re.compile(r"[^\W_]+")
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")
_ASIDE = re.compile(r"\s*\([^()]*\)")
# Backticks, paths, versions, settings, files with settings, and our own commands.
_TECHNICAL = re.compile(
    r"`|[/\\]|\d\.\d|\w=\w|[^\W\d_]_[^\W\d_]|\boptions\.|\bassess\b"
    r"|\b[\w-]+\.(?:ya?ml|conf|cfg|ini|log|msc|exe|d|service|timer|settings|screensaver)\b"
)
_FOLDERS = re.compile(
    r"(?<![\w/])~?(?:/[\w.@+$-]+)+/?"
    r"|(?<!\w)[A-Za-z]:\\[^\s\"'<>|]*"
    r"|\\\\[\w.$-]+(?:\\[^\s\"'<>|\\]+)*\\?"
)
_NUMBERS = re.compile(
    r"(?<![\w.:\[])\[?[0-9A-Fa-f:.]{2,44}[0-9A-Fa-f:]\]?(?:/\d{1,3}|:\d{1,5})?(?![\w:])"
)
_HARDWARE = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![\w:-])")


SHORTEST = 10
"""Characters below which the words before a colon say nothing by themselves."""


def without_asides(text: str) -> str:
    """An instruction without what stands in brackets: commands, mostly, for whoever mends it."""
    while (less := _ASIDE.sub("", text)) != text:
        text = less
    return text


class PrivateWords:
    """Words that belong to a run, found in a text wherever they stand on their own."""

    def __init__(self, words: Iterable[str], public: Iterable[str] = ()) -> None:
        """Takes all of ``words`` but those that stand in ``public`` texts, or tell nothing."""
        self._starts: dict[str, list[str]] = {}
        for word in {_bare(word) for word in words}:
            if len(word) > 1 and not word.isdigit():
                self._starts.setdefault(_first(word), []).append(word)
        for starting in self._starts.values():
            # the longest first: "srv1" must not be taken out of "srv1.example.nl"
            starting.sort(key=len, reverse=True)
        known = {word for text in public for _, _, word in self._found(text, everything=True)}
        self._starts = {
            first: left
            for first, words_ in self._starts.items()
            if (left := [word for word in words_ if word not in known])
        }

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they stand in ``text``: start and end, in order."""
        return ((start, end) for start, end, _ in self._found(text))

    def _found(self, text: str, *, everything: bool = False) -> Iterator[tuple[int, int, str]]:
        folded = _folded(text)
        reached = 0
        for run in _RUN.finditer(folded):
            if run.start() < reached:
                continue
            for word in self._starts.get(run[0], ()):
                end = run.start() + len(word)
                if folded.startswith(word, run.start()) and not folded[end : end + 1].isalnum():
                    yield run.start(), end, word
                    if not everything:
                        reached = end
                        break


def _folded(text: str) -> str:
    """In small letters, of the same length: places found in it are places in ``text``."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(each.lower()[:1] for each in text)


def _bare(word: str) -> str:
    """``word`` from its first to its last letter or digit, in small letters."""
    found = list(_RUN.finditer(_folded(word)))
    return _folded(word)[found[0].start() : found[-1].end()] if found else ""


def _first(word: str) -> str:
    found = _RUN.match(word)
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said of a text.

    Attributes:
        text: the sentences; empty where none can be said.
        whole: nothing was left out that had to be said; what is only not named was not needed.
    """

    text: str
    whole: bool


class Discretion:
    """Tells what of a text a client may read.

    Args:
        private: the words of the run.
        unnamed: stands where a list is not given.
        left_out: stands where a word is taken out of what somebody wrote.
    """

    def __init__(self, private: PrivateWords, unnamed: str, left_out: str) -> None:
        self._private = private
        self._unnamed = unnamed
        self._left_out = left_out
        self._places: dict[str, frozenset[str]] = {}
        self._known: dict[tuple[str, frozenset[str], bool], Said] = {}

    def said(self, template: str, known: Collection[str], *, ours: bool) -> Said:
        """The sentences of ``template`` up to the first that cannot be said.

        An aside in brackets is left out where it would tell too much, and so is what follows a
        colon; a mark then says that something stood there.

        Args:
            template: a text with places for facts.
            known: the facts that may be told; all other places are not filled in.
            ours: the text came with this programme, so no word of a run can stand in it.
        """
        places = self._places.get(template)
        if places is None:
            places = self._places[template] = frozenset(_PLACE.findall(template))
        missing = places.difference(known)
        key = (template, missing, ours)
        if key not in self._known:
            self._known[key] = self._cut(template, missing, ours=ours)
        return self._known[key]

    def _cut(self, template: str, missing: frozenset[str], *, ours: bool) -> Said:
        told: list[str] = []
        whole = True
        for sentence in _SENTENCES.split(template.strip()):
            kept = self._sentence(sentence, missing, ours=ours)
            whole = whole and kept.whole
            if not kept.text:
                break
            told.append(kept.text)
        return Said(" ".join(told), whole)

    def _sentence(self, sentence: str, missing: frozenset[str], *, ours: bool) -> Said:
        def aside(found: re.Match[str]) -> str:
            return found[0] if self._fault(found[0], missing, ours=ours) is None else ""

        while (less := _ASIDE.sub(aside, sentence)) != sentence:
            sentence = less
        fault = self._fault(sentence, missing, ours=ours)
        if fault is None:
            return Said(sentence, whole=True)
        begin, colon, _ = sentence[: fault + 1].rpartition(": ")
        if not colon or " " not in begin:
            return Said("", whole=False)
        if any(name in missing for name in _PLACE.findall(sentence, len(begin))):
            return Said(f"{begin}: {self._unnamed}.", whole=True)
        return Said(f"{begin}." if len(begin) >= SHORTEST else "", whole=False)

    def _fault(self, text: str, missing: frozenset[str], *, ours: bool) -> int | None:
        """Where ``text`` first tells too much."""
        faults = [place.start() for place in _PLACE.finditer(text) if place[1] in missing]
        bare = _PLACE.sub(lambda place: " " * len(place[0]), text)
        if technical := _TECHNICAL.search(bare):
            faults.append(technical.start())
        if not ours:
            faults += [start for start, _ in self._spans(bare)]
        return min(faults, default=None)

    def clean(self, text: str) -> bool:
        """Whether nothing of the run stands in ``text``."""
        return next(self._spans(text), None) is None

    def masked(self, text: str) -> str:
        """``text`` with a mark in the place of all that belongs to the run."""
        parts: list[str] = []
        reached = 0
        for start, end in sorted(self._spans(text)):
            if end <= reached:
                continue
            if start > reached or not parts:
                parts += [text[reached:start], self._left_out]
            reached = end
        return "".join([*parts, text[reached:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for pattern in (_FOLDERS, _HARDWARE):
            yield from (found.span() for found in pattern.finditer(text))
        yield from (found.span() for found in _NUMBERS.finditer(text) if _is_address(found[0]))
        yield from self._private.spans(text)


def _is_address(text: str) -> bool:
    bare = text.removeprefix("[")
    for part in (bare, bare.partition("/")[0], bare.rpartition(":")[0]):
        try:
            ipaddress.ip_address(part.removesuffix("]"))
        except ValueError:
            continue
        return True
    return False
