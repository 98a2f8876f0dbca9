"""What a statement had better say, from what was shown of its promises: pure.

Three lists. What was shown and is not promised could be promised. What is promised and not shown
had better be shown, or said as far as it is true. What guidance advises against had better be said
otherwise, whether or not it is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from assessor.model.facts import NO_FACTS, Fact, Facts
from assessor.model.finding import Outcome
from assessor.model.guidance import Guidance, Wording
from assessor.model.language import Language
from assessor.model.measure import Measure, MeasureKind
from assessor.model.statement import Claim, ClaimVerdict, MeasureVerdict, Verdict
from assessor.model.target import Role
from assessor.statement.phrases import PhraseSet, Vocabulary

SHOWN = frozenset({Verdict.KEPT, Verdict.ATTESTED})
"""The verdicts of what was shown."""

_NOT_TO_PROMISE = frozenset({"general-measures"})
# "Some targets keep it": then the statement can say of which it is true.
_PARTLY_KEPT = frozenset({"some-fail", "some-waived", "some-unknown"})
_DAYS = (("year", (366, 365)), ("month", (31, 30)), ("week", (7,)), ("day", (1,)))
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Unpromised:
    """A measure that was shown and that no sentence promises.

    Attributes:
        measure: how it was shown.
        wording: what the statement may say.
    """

    measure: MeasureVerdict
    wording: str


@dataclass(frozen=True, slots=True)
class Unproven:
    """A promise that was not shown.

    Attributes:
        claim: the sentence that promises it.
        measure: what was seen of it; the text ``need.RULE`` of its rule says what would show it.
        wording: what the statement may say.
        true_today: whether that was shown already; otherwise it is for when it has been.
    """

    claim: Claim
    measure: MeasureVerdict
    wording: str
    true_today: bool


@dataclass(frozen=True, slots=True)
class Discouraged:
    """A promise that guidance advises against.

    Attributes:
        claim: the sentence, with its verdict: it may well be kept.
        guidance: what is wrong with it, what to say instead, and who says so.
    """

    claim: ClaimVerdict
    guidance: Guidance


@dataclass(frozen=True, slots=True)
class Advice:
    """What a statement had better say."""

    unpromised: tuple[Unpromised, ...]
    unproven: tuple[Unproven, ...]
    discouraged: tuple[Discouraged, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """What is known besides the verdicts.

    Attributes:
        catalogue: the measures, by id.
        roles: what each target is for, by its name.
        tested: by measure, what its checks asked for, by the names that claims use, such as
            ``{"backup": {"interval_days": 1}}``.
    """

    catalogue: Mapping[str, Measure]
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    tested: Mapping[str, Facts] = field(default_factory=lambda: MappingProxyType({}))


def advise(
    claims: Iterable[ClaimVerdict],
    measures: Iterable[MeasureVerdict],
    wording: Wording,
    guidance: Sequence[Guidance],
    language: Language,
    background: Background,
) -> Advice:
    """What the statement had better say.

    Args:
        claims: every sentence that promises something, in the statement's order; also those for
            which no measure was found.
        measures: every measure of which anything was seen or attested, judged with the profile's
            parameters on every target, promised or not.
        wording: a sentence per measure.
        guidance: what is advised against.
        language: of the wording.
        background: what is known besides.
    """
    verdicts = tuple(claims)
    plain = {verdict.measure: verdict for verdict in measures}
    pen = _Pen(wording, guidance, language, background)
    promised = {measure for verdict in verdicts for measure in verdict.claim.measures}
    return Advice(
        unpromised=tuple(
            Unpromised(plain[measure], pen.whole(plain[measure]))
            for measure in background.catalogue
            if measure in plain
            and plain[measure].verdict in SHOWN
            and measure not in promised | _NOT_TO_PROMISE
            and measure not in pen.discouraged
        ),
        unproven=tuple(
            pen.unproven(verdict.claim, measure, plain.get(measure.measure))
            for verdict in verdicts
            for measure in verdict.measures
            if measure.verdict not in SHOWN
        ),
        discouraged=_discouraged(verdicts, guidance),
    )


# --- wording -------------------------------------------------------------------------------


class _Pen:
    """Writes what may be said of a measure."""

    def __init__(
        self,
        wording: Wording,
        guidance: Sequence[Guidance],
        language: Language,
        background: Background,
    ) -> None:
        self._sentences = wording.sentences
        self._texts = wording.texts[language]
        self._language = language
        self._background = background
        self.discouraged = {
            measure: item for item in guidance if item.whole for measure in item.measures
        }

    def whole(self, measure: MeasureVerdict) -> str:
        """The sentence of a measure that was shown everywhere, with the times it was tested by."""
        return self._sentence(
            measure.measure, self._background.tested.get(measure.measure, NO_FACTS)
        )

    def unproven(
        self, claim: Claim, seen: MeasureVerdict, plain: MeasureVerdict | None
    ) -> Unproven:
        """What may be said instead of a promise that was not shown.

        Args:
            claim: the sentence.
            seen: what was seen of the measure, with the times and on the targets of the claim.
            plain: what was seen of it with the profile's times, on every target.
        """
        if plain is not None and plain.verdict in SHOWN:
            # It holds, though not as promised: more slowly, or on other machines.
            said = self.whole(plain)
            if claim.roles is not None:
                said = self._with_scope(said, plain)
            return Unproven(claim, seen, said, true_today=True)
        parameters: Facts = dict(claim.parameters.get(seen.measure, {}))
        said = self._sentence(seen.measure, parameters)
        kind = self._background.catalogue[seen.measure].kind
        if seen.rule in _PARTLY_KEPT and kind is MeasureKind.TECHNICAL:
            return Unproven(claim, seen, self._with_scope(said, seen), true_today=True)
        if better := self.discouraged.get(seen.measure):
            said = better.instead[self._language]
        return Unproven(claim, seen, said, true_today=False)

    def _sentence(self, measure: str, times: Facts) -> str:
        sentence = self._sentences[measure][self._language]
        blank = self._texts["blank"]
        every, period = _days(times.get("interval_days")), _days(times.get("max_days"))
        return _fill(
            sentence,
            {
                "every": self._every(every) if every else blank,
                "period": self._span(period) if period else blank,
            },
        )

    def _every(self, days: int) -> str:
        count, unit = _units(days)
        if count == 1:
            return self._texts[f"every.{unit}"]
        return _fill(self._texts["every.many"], {"span": self._span(days)})

    def _span(self, days: int) -> str:
        count, unit = _units(days)
        if count == 1:
            return self._texts[f"span.{unit}"]
        return _fill(self._texts[f"span.{unit}s"], {"count": str(count)})

    def _with_scope(self, sentence: str, seen: MeasureVerdict) -> str:
        """``sentence`` and of which targets it is true: by their role where that says it all."""
        names = {
            finding.target
            for finding in seen.findings
            if finding.outcome is not Outcome.NOT_APPLICABLE
        }
        kept = names - {
            name
            for group in ("broken_targets", "waived_targets", "unknown_targets")
            for name in _names(seen.facts.get(group))
        }
        roles = self._background.roles
        others = {roles.get(name) for name in names - kept}
        whole = [role for role in Role if role in {roles.get(name) for name in kept} - others]
        if kept and all(roles.get(name) in whole for name in kept):
            named = [self._texts[f"role.{role}"] for role in whole]
            scope = _fill(self._texts["scope.roles"], {"roles": self._listed(named)})
        else:
            least = any(_names(seen.facts.get("unknown_targets")))
            scope = _fill(
                self._texts["scope.least" if least else "scope.count"],
                {"kept": str(len(kept)), "total": str(len(names))},
            )
        return f"{sentence} {scope}"

    def _listed(self, items: Sequence[str]) -> str:
        *first, last = items
        return f"{', '.join(first)} {self._texts['and']} {last}" if first else last


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), template)


def _names(fact: Fact) -> tuple[str, ...]:
    return tuple(str(name) for name in fact) if isinstance(fact, tuple) else ()


def _days(fact: Fact) -> int:
    """A number of days, rounded up: a promise may be slower than what was tested, never faster."""
    if isinstance(fact, bool) or not isinstance(fact, int | float) or not fact > 0:
        return 0
    return math.ceil(fact) if math.isfinite(fact) else 0


def _units(days: int) -> tuple[int, str]:
    """``days`` in the largest unit that they fill: 365 and 366 are a year, 91 are 13 weeks."""
    for unit, lengths in _DAYS:
        for length in lengths:
            if days % length == 0:
                return days // length, unit
    raise AssertionError("every number of days is filled by days")


# --- guidance ------------------------------------------------------------------------------


def _discouraged(
    verdicts: Iterable[ClaimVerdict], guidance: Iterable[Guidance]
) -> tuple[Discouraged, ...]:
    vocabulary = Vocabulary({})
    rules = [
        (item, _phrases(item.say, vocabulary), _phrases(item.unless, vocabulary))
        for item in guidance
    ]
    found: list[Discouraged] = []
    for verdict in verdicts:
        quote = verdict.claim.quote
        sentence = vocabulary.read(quote)
        found.extend(
            Discouraged(verdict, item)
            for item, say, unless in rules
            if _promises(verdict.claim, item)
            and (not say or say.in_(sentence))
            and not unless.in_(sentence)
        )
    return tuple(found)


def _phrases(sources: Iterable[str], vocabulary: Vocabulary) -> PhraseSet:
    return PhraseSet(phrase for source in sources for phrase in vocabulary.compile(source))


def _promises(claim: Claim, item: Guidance) -> bool:
    """Whether the claim is of a measure of ``item``, with the values that are advised against."""
    if not item.measures:
        return True
    return any(
        measure in claim.measures
        and all(name in values and bound.meets(values[name]) for name, bound in item.bounds.items())
        for measure in item.measures
        for values in [claim.parameters.get(measure, {})]
    )
