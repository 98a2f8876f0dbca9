"""Finds what a claim is about: "our router", "the laptops", or something no inventory can hold.

A thing counts only where the sentence speaks of it, not where it is the means ("via our website")
or belongs to the reader. Where a sentence names none, the introduction or the label above it
may, or the sentence before, if this one clearly points back to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessor.model.target import Role
from assessor.statement.lexicon import Subjects, Thing
from assessor.statement.phrases import Match, Phrase, Sentence

# How many words may stand between a preposition and its noun: "on a secured, external server".
_BEFORE = 3
# How far behind a thing its verb may stand: "our router for the Wi-Fi is".
_BEHIND = 4
# Words before the one that points back: "also these".
_OPENING = 2
# A heading that names a thing says little else.
_LONGEST_LABEL = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing that a sentence speaks of.

    Attributes:
        things: what it can be; which one depends on what is promised of it.
        direct: something belongs to it, or it is what the sentence speaks of; it is not the place
            where something is kept.
    """

    things: tuple[Thing, ...]
    direct: bool


Mentions = tuple[Mention, ...]


def mentions(sentence: Sentence, subjects: Subjects) -> Mentions:
    """The things that the sentence speaks of; of words that overlap, the longest."""
    places: dict[Match, list[Phrase]] = {}
    for phrase in subjects.say.candidates(sentence):
        for match in sentence.find_all(phrase):
            places.setdefault(match, []).append(phrase)
    if not places:
        return ()
    taken: list[Match] = []
    found: list[Mention] = []
    for match in sorted(places, key=lambda m: (m.first - m.last, m.first)):
        if any(match.first <= other.last and other.first <= match.last for other in taken):
            continue
        taken.append(match)
        things = _things(places[match], subjects)
        direct = _is_direct(sentence, match, subjects)
        if direct is not None and not things[0].decoy:
            found.append(Mention(things, direct))
    return tuple(found)


def _things(phrases: Sequence[Phrase], subjects: Subjects) -> tuple[Thing, ...]:
    """What the phrases stand for, in the order of the lexicon."""
    if len(phrases) == 1:
        return subjects.things[phrases[0]]
    found = set(phrases)
    return tuple(t for phrase, some in subjects.things.items() if phrase in found for t in some)


def _is_direct(sentence: Sentence, match: Match, subjects: Subjects) -> bool | None:
    """See ``Mention.direct``; ``None`` if the sentence is not about the thing at all."""
    words = sentence.words
    before = [w.form for w in reversed(words[max(0, match.first - _BEFORE) : match.first])]
    if subjects.yours.intersection(before[:2]):
        return None
    for word in before:
        if word in subjects.means:
            return None
        if word in subjects.of:
            return True
        if word in subjects.places:
            return False
    behind = words[match.last + 1 : match.last + 1 + _BEHIND]
    return any(w.form in subjects.verbs for w in behind)


def points_back(sentence: Sentence, subjects: Subjects) -> bool:
    """Whether the sentence begins by pointing to what the one before spoke of."""
    return any(
        match.first < _OPENING
        for phrase in subjects.back.candidates(sentence)
        for match in sentence.find_all(phrase, most=1)
    )


def is_label(sentence: Sentence) -> bool:
    """Whether a heading is so short that a thing in it is what it is about."""
    return len(sentence.words) <= _LONGEST_LABEL


def roles_of(
    found: Mentions, measures: Sequence[str], subjects: Subjects
) -> tuple[Role, ...] | None:
    """The kinds of machine that a claim of these measures is about; ``None`` if it does not say."""
    if not measures:
        return None
    promised = set(measures)
    copies = not promised.isdisjoint(subjects.copies)
    roles: set[Role] = set()
    said = False
    for mention in found:
        if copies and not mention.direct:
            continue
        thing = next((t for t in mention.things if not t.only or promised <= t.only), None)
        if thing is None:
            continue
        if thing.roles is None:
            return None
        roles.update(thing.roles)
        said = True
    return tuple(role for role in Role if role in roles) if said else None
