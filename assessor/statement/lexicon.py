"""Loads the lexicon of a language: the phrases that promise a measure, and those that do not.

The files are ``profiles/lexicon/nl.yaml`` and ``en.yaml``; ``profiles/lexicon/README.md`` explains
their fields. Every fault is reported with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assessor.errors import InputError
from assessor.model.language import Language
from assessor.model.target import Role
from assessor.statement.phrases import Phrase, PhraseError, PhraseSet, Vocabulary

_MEND = "see profiles/lexicon/README.md for the fields and the phrase language"
_LARGEST = 2_000_000
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A lexicon entry: phrases that promise a measure.

    Attributes:
        name: ``<measure>/<id>``, as explanations name it.
        measure: the measure it promises.
        score: how sure it is by itself, 0 to 1; contexts and guards add and subtract.
        say: one of these must stand in the sentence.
        also: if given, one of these must stand there too.
        unless: none of these may stand there.
        under: if given, one of these contexts must hold.
        not_under: none of these contexts may hold.
        back: ``also`` may be met by the sentence before, when this one points back to it.
        negatable: whether a negation before or behind the phrase takes the promise away.
        alone: counts only where no other measure was found.
    """

    name: str
    measure: str
    score: float
    say: PhraseSet
    also: PhraseSet
    unless: PhraseSet
    under: frozenset[str]
    not_under: frozenset[str]
    back: bool
    negatable: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What headings and list introductions say of the passages below them.

    Attributes:
        id: its name, for rules and explanations.
        adds: what it adds to the score of every rule.
        say: one of these stands in the heading or introduction.
        promises: what stands below it, stands there as a promise.
    """

    id: str
    adds: float
    say: PhraseSet
    promises: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """What makes a sentence promise less, or nothing: a right, a description, a condition.

    Attributes:
        id: its name, for explanations.
        adds: what it adds to the score; negative.
        say: one of these stands in the sentence.
        spares: measures that it does not touch.
        only: if not empty, the only measures that it touches.
    """

    id: str
    adds: float
    say: PhraseSet
    spares: frozenset[str]
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Thing:
    """What a claim can be about: the wireless network, the laptops, a program of others.

    Attributes:
        id: its name, for complaints.
        roles: the kinds of machine it is; empty if no inventory can hold it; ``None`` if it may
            be any of them ("our systems").
        decoy: it is nothing of the sort and only looks like it ("e-mail address").
        only: if not empty, the only measures that a claim about it can promise.
    """

    id: str
    roles: tuple[Role, ...] | None
    decoy: bool
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Subjects:
    """How a language says what a claim is about.

    Attributes:
        things: what claims are about, by the phrases for it; those before go before.
        say: all these phrases.
        means: words before a thing by which something happens there, not to it ("via").
        places: words before a thing in which something is; ``of``: to which something belongs.
        yours: words before a thing that is not the company's.
        verbs: words behind a thing that is what the sentence speaks of.
        copies: measures whose sentences name a place without being about it.
        back: at the beginning of a sentence: it speaks of what the sentence before spoke of.
    """

    things: Mapping[Phrase, tuple[Thing, ...]]
    say: PhraseSet
    means: frozenset[str]
    places: frozenset[str]
    of: frozenset[str]
    yours: frozenset[str]
    verbs: frozenset[str]
    copies: frozenset[str]
    back: PhraseSet


@dataclass(frozen=True, slots=True)
class TimeWords:
    """The words by which a language tells how long and how often.

    Attributes:
        numbers: value of number words.
        units: days in a unit of time.
        intervals: days between two of what is done so often ("daily": 1).
        every: words that make an interval of a unit ("every month").
        times: words that count within a unit ("2 times per year").
    """

    numbers: Mapping[str, float]
    units: Mapping[str, float]
    intervals: Mapping[str, float]
    every: frozenset[str]
    times: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A compiled lexicon.

    Attributes:
        threshold: the score from which a rule counts.
        promise_adds: what a promising verb in the sentence adds.
        negators: words that negate; ``negating``: the phrases that hold one themselves.
        subjects: the words by which a claim says what it is about.
        review: phrases that show a promise which a person must look at, if no rule explains it.
        regions: codes of countries and unions, by the words for them.
        rules: each phrase that promises a measure with its rule, by the sort of word it begins
            with.
        vague: names of the rules that count only alone.
    """

    language: Language
    threshold: float
    vocabulary: Vocabulary
    rules: Mapping[int, tuple[tuple[Rule, Phrase], ...]]
    vague: frozenset[str]
    contexts: tuple[Context, ...]
    guards: tuple[Guard, ...]
    promise: PhraseSet
    promise_adds: float
    points_back: PhraseSet
    same: PhraseSet
    negators: frozenset[str]
    negating: frozenset[str]
    negation_ends: frozenset[str]
    not_negating: frozenset[str]
    review: PhraseSet
    subjects: Subjects
    time: TimeWords
    characters: frozenset[str]
    regions: Mapping[str, str]


# --- the file ------------------------------------------------------------------------------

_Phrases = Annotated[list[str], Field(min_length=1)]
_Score = Annotated[float, Field(ge=-1, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Rule(_Strict):
    id: str
    score: Annotated[float, Field(gt=0, le=1)]
    say: _Phrases
    also: list[str] = []
    unless: list[str] = []
    under: list[str] = []
    not_under: list[str] = Field(default=[], alias="not-under")
    back: bool = False
    negation: Literal["counts", "ignored"] = "counts"
    alone: bool = False


class _Context(_Strict):
    id: str
    adds: _Score
    say: _Phrases
    promises: bool = False


class _Guard(_Strict):
    id: str
    adds: Annotated[float, Field(ge=-1, lt=0)]
    say: _Phrases
    spares: list[str] = []
    only: list[str] = []


class _Promise(_Strict):
    adds: _Score
    say: _Phrases


class _Negation(_Strict):
    words: list[str]
    ends: list[str]
    followed_by: list[str] = Field(default=[], alias="not-when-followed-by")


class _Thing(_Strict):
    id: str
    roles: list[Role] | Literal["all", "decoy"]
    say: _Phrases
    only: list[str] = []


class _Subjects(_Strict):
    things: list[_Thing]
    means: list[str]
    places: list[str]
    of: list[str]
    yours: list[str]
    verbs: list[str]
    copies: list[str]
    back: list[str]


class _File(_Strict):
    language: Language
    threshold: Annotated[float, Field(gt=0, le=1)]
    words: dict[str, list[str]]
    numbers: dict[str, float]
    units: dict[str, float]
    intervals: dict[str, float]
    every: list[str]
    times: list[str]
    characters: list[str]
    regions: dict[str, str]
    review: list[str]
    subjects: _Subjects
    negation: _Negation
    contexts: list[_Context]
    promise: _Promise
    guards: list[_Guard]
    points_back: list[str] = Field(alias="points-back")
    same: list[str]
    measures: dict[str, list[_Rule]]


def load_lexicon(folder: Path, language: Language) -> Lexicon:
    """Loads ``<folder>/<language>.yaml``.

    Raises:
        InputError: the file is missing, too large, no YAML, or breaks the rules of its fields;
            names the file and the line.
    """
    path = folder / f"{language.value}.yaml"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=path) from error
    if len(raw) > _LARGEST:
        raise InputError("too large for a lexicon", path=path)
    try:
        text = raw.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        raise InputError(f"is no YAML: {error}", path=path, line=line) from error
    try:
        parsed = _File.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = first["loc"]
        raise InputError(
            first["msg"], path=path, line=_line(node, place), field=_dotted(place), mend=_MEND
        ) from error
    if parsed.language is not language:
        raise InputError("is for another language", path=path, field="language")
    return _Compiler(parsed, path, node).lexicon()


def _dotted(place: Sequence[int | str]) -> str:
    return ".".join(str(p) for p in place)


def _line(node: yaml.Node | None, place: Sequence[int | str]) -> int | None:
    """The line of the deepest node on the way to ``place`` that is there."""
    line = None if node is None else node.start_mark.line + 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == str(step)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(node.value):
                break
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


class _Compiler:
    """Turns the parsed file into a ``Lexicon``; complains with the line."""

    def __init__(self, parsed: _File, path: Path, node: yaml.Node | None) -> None:
        self._file = parsed
        self._path = path
        self._node = node
        groups = {**parsed.words, "numbers": list(parsed.numbers)}
        groups.setdefault("units", list(parsed.units))
        groups.setdefault("intervals", list(parsed.intervals))
        self._vocabulary = Vocabulary(groups)

    def lexicon(self) -> Lexicon:
        """The compiled lexicon."""
        file = self._file
        contexts = tuple(
            Context(c.id, c.adds, self._phrases(c.say, "contexts", i, "say"), c.promises)
            for i, c in enumerate(file.contexts)
        )
        guards = tuple(
            Guard(
                g.id,
                g.adds,
                self._phrases(g.say, "guards", i, "say"),
                frozenset(g.spares),
                frozenset(g.only),
            )
            for i, g in enumerate(file.guards)
        )
        for i, guard in enumerate(file.guards):
            self._known((*guard.spares, *guard.only), "guards", i)
        rules = self._rules({c.id for c in contexts})
        return Lexicon(
            language=file.language,
            threshold=file.threshold,
            vocabulary=self._vocabulary,
            rules=rules,
            vague=frozenset(r.name for some in rules.values() for r, _ in some if r.alone),
            contexts=contexts,
            guards=guards,
            promise=self._phrases(file.promise.say, "promise", "say"),
            promise_adds=file.promise.adds,
            points_back=self._phrases(file.points_back, "points-back"),
            same=self._phrases(file.same, "same"),
            negators=frozenset(file.negation.words),
            negating=self._negating(),
            negation_ends=frozenset(file.negation.ends),
            not_negating=frozenset(file.negation.followed_by),
            review=self._phrases(file.review, "review"),
            subjects=self._subjects(file.subjects),
            time=TimeWords(
                file.numbers,
                file.units,
                file.intervals,
                frozenset(file.every),
                frozenset(file.times),
            ),
            characters=frozenset(file.characters),
            regions=file.regions,
        )

    def _subjects(self, parsed: _Subjects) -> Subjects:
        things: dict[Phrase, tuple[Thing, ...]] = {}
        for i, thing in enumerate(parsed.things):
            self._known(thing.only, "subjects", "things", i)
            compiled = Thing(
                thing.id,
                tuple(thing.roles) if isinstance(thing.roles, list) else None,
                thing.roles == "decoy",
                frozenset(thing.only),
            )
            for phrase in self._phrases(thing.say, "subjects", "things", i, "say").phrases:
                things[phrase] = (*things.get(phrase, ()), compiled)
        self._known(parsed.copies, "subjects", "copies")
        return Subjects(
            things,
            PhraseSet(things),
            frozenset(parsed.means),
            frozenset(parsed.places),
            frozenset(parsed.of),
            frozenset(parsed.yours),
            frozenset(parsed.verbs),
            frozenset(parsed.copies),
            self._phrases(parsed.back, "subjects", "back"),
        )

    def _known(self, measures: Sequence[str], *place: int | str) -> None:
        for measure in measures:
            if measure not in self._file.measures:
                self._complain(f"no measure {measure!r} in this lexicon", *place)

    def _negating(self) -> frozenset[str]:
        negators = frozenset(self._file.negation.words)
        sources = (
            phrase
            for entries in self._file.measures.values()
            for entry in entries
            for phrase in entry.say
        )
        return frozenset(s for s in sources if negators.intersection(_LETTERS.findall(s)))

    def _rules(self, contexts: set[str]) -> dict[int, tuple[tuple[Rule, Phrase], ...]]:
        """The phrases with their rules, by the sort of word that they begin with."""
        by_sort: dict[int, list[tuple[Rule, Phrase]]] = {}
        names: set[str] = set()
        for measure, entries in self._file.measures.items():
            for index, entry in enumerate(entries):
                place = ("measures", measure, index)
                rule = Rule(
                    f"{measure}/{entry.id}",
                    measure,
                    entry.score,
                    self._phrases(entry.say, *place, "say"),
                    self._phrases(entry.also, *place, "also"),
                    self._phrases(entry.unless, *place, "unless"),
                    frozenset(entry.under),
                    frozenset(entry.not_under),
                    entry.back,
                    entry.negation == "counts",
                    entry.alone,
                )
                if rule.name in names:
                    self._complain(f"the rule {rule.name!r} stands here twice", *place)
                names.add(rule.name)
                unknown = (rule.under | rule.not_under) - contexts
                if unknown:
                    self._complain(f"no context {sorted(unknown)[0]!r}", *place)
                for phrase in rule.say.phrases:
                    by_sort.setdefault(phrase.sorts[0], []).append((rule, phrase))
        return {sort: tuple(rules) for sort, rules in by_sort.items()}

    def _phrases(self, sources: Sequence[str], *place: int | str) -> PhraseSet:
        compiled: list[Phrase] = []
        for index, source in enumerate(sources):
            try:
                compiled.extend(self._vocabulary.compile(source))
            except PhraseError as error:
                self._complain(str(error), *place, index)
        return PhraseSet(compiled)

    def _complain(self, message: str, *place: int | str) -> None:
        raise InputError(
            message,
            path=self._path,
            line=_line(self._node, place),
            field=_dotted(place),
            mend=_MEND,
        )
