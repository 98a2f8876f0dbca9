"""Finds what a statement promises: its claims, mapped to measures, each with the reasons why."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from assessor.model.statement import Claim, Parameter, Reading, StatementText
from assessor.statement.lexicon import Guard, Lexicon, Rule
from assessor.statement.parameters import parameters_of
from assessor.statement.passages import Kind, Passage, passages
from assessor.statement.phrases import Match, Phrase, Sentence
from assessor.statement.subjects import Mentions, is_label, mentions, points_back, roles_of

_MOST_REMEMBERED = 2_000
_NEGATION_BEFORE = 5
_NEGATION_BEHIND = 4
# An item of a list of measures is short; a longer one is a sentence and needs a promising verb.
_SHORT_ITEM = 14
# "Technical measures:" above a list promises nothing that its items do not.
_LONGEST_LABEL = 4
# A sentence with so many commas and brackets lists things.
_A_LIST = 3
_BRACKETS = re.compile(r"\([^()]*\)")
_MANY_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read from a passage.

    Attributes:
        readings: those that count.
        is_open: no rule explains it, and yet it reads as a promise.
        points_back: it has a word that points to the sentence before.
        about: the things that it speaks of.
    """

    sentence: Sentence
    readings: tuple[Reading, ...]
    is_open: bool
    points_back: bool
    about: Mentions = ()


def find_claims(statement: StatementText, lexicon: Lexicon) -> tuple[Claim, ...]:
    """The claims of ``statement`` in the order of the text.

    Raises:
        StatementError: the text is far longer than a statement can be.

    A claim without measures is a passage that promises something which the lexicon does not know:
    a person has to look at it. A passage that promises nothing is not returned.
    """
    reader = _Reader(statement.text, lexicon)
    seen: dict[str, int] = {}
    claims: list[Claim] = []
    for passage in passages(statement.text):
        found = reader.read(passage)
        if not found.readings and not found.is_open:
            continue
        quote = statement.text[passage.start : passage.end]
        if quote.endswith((":", ":**")) and (
            not found.readings or len(found.sentence.words) <= _LONGEST_LABEL
        ):
            continue  # it introduces the promises that follow
        measures = tuple(dict.fromkeys(r.measure for r in found.readings))
        parameters: dict[str, MappingProxyType[str, Parameter]] = {
            measure: MappingProxyType(values)
            for measure, values in parameters_of(quote, measures, lexicon).items()
        }
        claims.append(
            Claim(
                id=_claim_id(quote, seen),
                quote=quote,
                start=passage.start,
                end=passage.end,
                heading=passage.headings[0] if passage.headings else "",
                measures=measures,
                parameters=MappingProxyType(parameters),
                readings=found.readings,
                roles=roles_of(found.about, measures, lexicon.subjects),
            )
        )
    return tuple(claims)


def _claim_id(quote: str, seen: dict[str, int]) -> str:
    """A short digest of the words, so that the same words keep their id in the next version."""
    normal = _MANY_SPACES.sub(" ", quote).strip().casefold()
    digest = hashlib.sha256(normal.encode("utf-8")).hexdigest()[:10]
    count = seen[digest] = seen.get(digest, 0) + 1
    return digest if count == 1 else f"{digest}-{count}"


class _Reader:
    """Reads passage after passage, and remembers what the next one may point back to."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._contexts: dict[tuple[str, ...], frozenset[str]] = {}
        self._adds = {c.id: c.adds for c in lexicon.contexts}
        self._before: Sentence | None = None
        self._about_before: Mentions = ()
        self._labels: dict[tuple[str, ...], Mentions] = {}
        self._paragraph = -1
        self._measures: dict[str, None] = {}
        self._read_before: dict[tuple[str, frozenset[str], Kind, bool], _Found] = {}

    def read(self, passage: Passage) -> _Found:
        """Applies the lexicon to ``passage``."""
        if passage.paragraph != self._paragraph:
            self._measures = {}
            if passage.kind is Kind.SENTENCE:
                self._before = None
                self._about_before = ()
            self._paragraph = passage.paragraph
        contexts = self._contexts_of(passage)
        found = self._read_alone(passage, contexts)
        if found.points_back and self._before is not None:
            found = self._apply(found.sentence, passage, contexts, self._before)
        inherited = self._same(found.sentence, found.readings)
        if inherited:
            found = replace(found, readings=(*found.readings, *inherited))
        found = replace(found, about=self._about(found.sentence, passage))
        self._before, self._about_before = found.sentence, found.about
        self._measures.update(dict.fromkeys(r.measure for r in found.readings))
        return found

    def _about(self, sentence: Sentence, passage: Passage) -> Mentions:
        """What the passage speaks of: itself, or pointing back, or below a label."""
        subjects = self._lexicon.subjects
        own = mentions(sentence, subjects)
        if own:
            return own
        if self._about_before and points_back(sentence, subjects):
            return self._about_before
        return self._labelled(passage)

    def _labelled(self, passage: Passage) -> Mentions:
        """What the introduction of the list, or a short heading, speaks of."""
        above = (*passage.intros[:1], *passage.headings[:1])
        known = self._labels.get(above)
        if known is None:
            lexicon = self._lexicon
            known = ()
            for number, line in enumerate(above):
                label = lexicon.vocabulary.read(line)
                if number < len(passage.intros[:1]) or is_label(label):
                    known = known or mentions(label, lexicon.subjects)
            self._labels[above] = known
        return known

    def _read_alone(self, passage: Passage, contexts: frozenset[str]) -> _Found:
        """What the passage says by itself; statements repeat themselves, so it is remembered."""
        words = self._text[passage.start : passage.end]
        key = (words, contexts, passage.kind, bool(passage.intros))
        known = self._read_before.get(key)
        if known is None:
            sentence = self._lexicon.vocabulary.read(words)
            known = self._apply(sentence, passage, contexts, None)
            if len(self._read_before) < _MOST_REMEMBERED:
                self._read_before[key] = known
        return known

    def _open(
        self, sentence: Sentence, passage: Passage, contexts: frozenset[str], *, promising: bool
    ) -> bool:
        """Whether a passage that no rule explains still reads as a promise."""
        lexicon = self._lexicon
        among_promises = any(c.promises and c.id in contexts for c in lexicon.contexts) and not any(
            self._adds[c] < 0 for c in contexts
        )
        listed = (
            passage.kind is Kind.ITEM
            and bool(passage.intros)
            and len(sentence.words) <= _SHORT_ITEM
        )
        says_so = (among_promises and (promising or listed)) or lexicon.review.in_(sentence)
        asks = sentence.text.endswith("?")
        return says_so and not asks and not any(g.say.in_(sentence) for g in lexicon.guards)

    def _contexts_of(self, passage: Passage) -> frozenset[str]:
        """The contexts of the nearest line above that has any."""
        above = (*passage.intros, *passage.headings)
        known = self._contexts.get(above)
        if known is None:
            known = frozenset()
            for line in above:
                sentence = self._lexicon.vocabulary.read(line)
                known = frozenset(c.id for c in self._lexicon.contexts if c.say.in_(sentence))
                if known:
                    break
            self._contexts[above] = known
        return known

    def _apply(
        self,
        sentence: Sentence,
        passage: Passage,
        contexts: frozenset[str],
        before: Sentence | None,
    ) -> _Found:
        lexicon = self._lexicon
        promising = lexicon.promise.in_(sentence)
        points_back = lexicon.points_back.in_(sentence)
        readings, negated = self._readings(
            sentence, contexts, before if points_back else None, promising=promising
        )
        readings = self._of_the_sentence_itself(sentence, readings, contexts)
        is_open = (
            not readings
            and not negated
            and self._open(sentence, passage, contexts, promising=promising)
        )
        return _Found(sentence, readings, is_open, points_back)

    def _of_the_sentence_itself(
        self, sentence: Sentence, readings: tuple[Reading, ...], contexts: frozenset[str]
    ) -> tuple[Reading, ...]:
        """Drops what only the label of an item says, in passing: "Access control: we log ...".

        A label that names a measure for certain ("Firewall: ...") stays.
        """
        label, _, rest = sentence.text.partition(":")
        if len(readings) <= 1 or not rest or len(label.split()) > _LONGEST_LABEL:
            return readings
        if not any(r.phrase in label or ":" in r.phrase for r in readings):
            return readings
        said = self._lexicon.vocabulary.read(rest)
        if len(said.words) <= _LONGEST_LABEL:
            return readings
        promising = self._lexicon.promise.in_(said)
        own, _ = self._readings(said, contexts, None, promising=promising)
        if not own:
            return readings
        labelled, _ = self._readings(
            self._lexicon.vocabulary.read(label), frozenset(), None, promising=False
        )
        kept = {r.measure for r in (*own, *labelled)}
        return tuple(r for r in readings if r.measure in kept)

    def _readings(
        self,
        sentence: Sentence,
        contexts: frozenset[str],
        back: Sentence | None,
        *,
        promising: bool,
    ) -> tuple[tuple[Reading, ...], bool]:
        lexicon = self._lexicon
        adds = self._above(contexts)
        if promising:
            adds += lexicon.promise_adds
        guards: list[tuple[frozenset[str], frozenset[str], float]] | None = None
        readings: dict[str, Reading] = {}
        negated = False
        for rule, phrases in self._tried(sentence):
            if rule.under and not rule.under & contexts:
                continue
            if rule.not_under & contexts:
                continue
            best = readings.get(rule.measure)
            if best is not None and best.score >= 1.0:
                continue
            match, was_negated = self._match(sentence, rule, phrases, back)
            negated = negated or was_negated
            if match is None:
                continue
            if guards is None:
                guards = [(g.spares, g.only, g.adds) for g in self._guards(sentence)]
            score = rule.score + adds
            for spares, only, minus in guards:
                if rule.measure not in spares and (not only or rule.measure in only):
                    score += minus
            if score + 1e-9 < lexicon.threshold:
                continue
            score = min(1.0, round(score, 2))
            if best is None or score > best.score:
                phrase = sentence.phrase(match)
                readings[rule.measure] = Reading(rule.measure, phrase, rule.name, score)
        return self._without_the_vague(readings), negated

    def _above(self, contexts: frozenset[str]) -> float:
        """What the contexts add: the best, unless one of them takes everything away."""
        adds = [self._adds[c] for c in contexts]
        return min(adds) if -1.0 in adds else max(adds, default=0.0)

    def _guards(self, sentence: Sentence) -> list[Guard]:
        """The guards of the sentence; what stands between brackets takes no promise away."""
        found = [g for g in self._lexicon.guards if g.say.in_(sentence)]
        if not found or "(" not in sentence.text:
            return found
        bare = self._lexicon.vocabulary.read(_BRACKETS.sub(" ", sentence.text))
        if len(bare.words) < _LONGEST_LABEL:
            return found
        return [g for g in found if g.say.in_(bare)]

    def _without_the_vague(self, readings: dict[str, Reading]) -> tuple[Reading, ...]:
        """Drops what counts only alone, where something more exact was found."""
        exact = [r for r in readings.values() if r.rule not in self._lexicon.vague]
        return tuple(exact or readings.values())

    def _tried(self, sentence: Sentence) -> list[tuple[Rule, list[Phrase]]]:
        """The rules with those of their phrases whose first word the sentence has, in order."""
        rules = self._lexicon.rules
        found: dict[str, tuple[Rule, list[Phrase]]] = {}
        for sort in sentence.positions:
            for rule, phrase in rules.get(sort, ()):
                entry = found.get(rule.name)
                if entry is None:
                    found[rule.name] = (rule, [phrase])
                else:
                    entry[1].append(phrase)
        return [found[name] for name in sorted(found)]

    def _match(
        self, sentence: Sentence, rule: Rule, phrases: Sequence[Phrase], back: Sentence | None
    ) -> tuple[Match | None, bool]:
        """Where the rule holds, and whether it only does not because of a negation."""
        match, negated = self._say(sentence, rule, phrases)
        if match is None:
            return None, negated
        seen_back = back if rule.back else None
        if (
            rule.also
            and not rule.also.in_(sentence)
            and (seen_back is None or not rule.also.in_(seen_back))
        ):
            return None, False
        if rule.unless and (
            rule.unless.in_(sentence) or (seen_back is not None and rule.unless.in_(seen_back))
        ):
            return None, False
        return match, False

    def _say(
        self, sentence: Sentence, rule: Rule, phrases: Sequence[Phrase]
    ) -> tuple[Match | None, bool]:
        negated = False
        for phrase in phrases:
            for match in sentence.find_all(phrase):
                if rule.negatable and self._jumps(sentence, match):
                    continue
                if rule.negatable and self._negated(sentence, phrase, match):
                    negated = True
                else:
                    return match, False
        return None, negated

    def _jumps(self, sentence: Sentence, match: Match) -> bool:
        """Whether the match takes its words from different things that the sentence lists."""
        words = sentence.words
        return (
            words[-1].clause - words[0].clause >= _A_LIST
            and match.last - match.first > 1
            and words[match.last].clause != words[match.first].clause
        )

    def _negated(self, sentence: Sentence, phrase: Phrase, match: Match) -> bool:
        """Whether a negation reaches the match: in it or close by, in its part of the sentence."""
        if phrase.source not in self._lexicon.negating and self._holds_negation(sentence, match):
            return True
        before = range(match.first - 1, max(-1, match.first - 1 - _NEGATION_BEFORE), -1)
        behind = range(match.last + 1, min(len(sentence.words), match.last + 1 + _NEGATION_BEHIND))
        return self._meets_negation(sentence, match.first, before) or self._meets_negation(
            sentence, match.last, behind
        )

    def _meets_negation(self, sentence: Sentence, edge: int, places: range) -> bool:
        """Walks away from the match until a negation, or the end of its reach."""
        words, lexicon = sentence.words, self._lexicon
        for place in places:
            word = words[place]
            if word.clause != words[edge].clause or word.form in lexicon.negation_ends:
                return False
            if word.form in lexicon.negators:
                return self._negates(sentence, place)
        return False

    def _holds_negation(self, sentence: Sentence, match: Match) -> bool:
        """Whether a negation stands among the words that the gaps of the phrase skip."""
        words, lexicon = sentence.words, self._lexicon
        for place in range(match.last - 1, match.first, -1):
            if words[place].form in lexicon.negation_ends:
                return False
            if words[place].form in lexicon.negators:
                return self._negates(sentence, place)
        return False

    def _negates(self, sentence: Sentence, place: int) -> bool:
        """Whether the word is a negation here: "not only" and "no longer than" are none."""
        following = sentence.words[place + 1 : place + 2]
        return not following or following[0].form not in self._lexicon.not_negating

    def _same(self, sentence: Sentence, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """What "the same holds for ..." takes over from the sentences before it."""
        if not self._measures:
            return ()
        match = self._lexicon.same.first_match(sentence)
        if match is None:
            return ()
        phrase = sentence.phrase(match)
        own = {r.measure for r in readings}
        return tuple(
            Reading(m, phrase, "same", self._lexicon.threshold)
            for m in self._measures
            if m not in own
        )
