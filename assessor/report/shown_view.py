"""Exactly what was shown and what was not: by a machine, by people's word, or not at all.

Nothing is judged here: ``docs/verdicts.md`` says what each rule means, and this puts every part
of a measure where that says it belongs. What a person's word fills in is not missing; what was
seen to be wrong stays wrong, whatever was signed or accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from assessor.model.statement import MeasureVerdict, Verdict
from assessor.report.clean import one_line
from assessor.report.context import VERDICTS, Context, line_facts
from assessor.report.parts.shown import Imprint, ShownGroup, ShownLine, ShownView, VerdictCount


class Way(StrEnum):
    """How a part of a measure was shown, or that it was not; in the order of the page."""

    MACHINE = "machine"
    PEOPLE = "people"
    WRONG = "wrong"
    MISSING = "missing"


_CODES = {
    Way.MACHINE: Verdict.KEPT,
    Way.PEOPLE: Verdict.ATTESTED,
    Way.WRONG: Verdict.BROKEN,
    Way.MISSING: Verdict.UNPROVEN,
}
# What a rule adds to what was counted on the systems, and the text that says so.
_BY_RULE: Mapping[str, tuple[tuple[Way, str], ...]] = {
    "attested": ((Way.PEOPLE, ""),),
    "kept-and-attested": ((Way.PEOPLE, "beyond-machine"),),
    "attested-partly": ((Way.PEOPLE, "in-part"), (Way.MISSING, "other-part")),
    "attested-no": ((Way.WRONG, "said-no"),),
    "attestation-expired": ((Way.MISSING, "expired"),),
    "machine-part-only": ((Way.MISSING, "not-signed"),),
    "needs-attestation": ((Way.MISSING, "not-signed"),),
    "no-check": ((Way.MISSING, "no-check"),),
    "no-target": ((Way.MISSING, "no-target"),),
    "not-applicable": ((Way.MISSING, "not-applicable"),),
}
_COUNTED = (
    (Way.MACHINE, "kept", "systems"),
    (Way.WRONG, "broken", "systems"),
    (Way.WRONG, "waived", "waived"),
    (Way.MISSING, "unknown", "systems"),
)
"""Where systems belong by the name under which they are counted, and the text for their number."""
# A word stands for what was not seen, so under these rules that is not counted as missing too.
_WORD_GIVEN = frozenset({"attested", "kept-and-attested", "attested-partly", "attestation-expired"})
_BY_VERDICT = {
    Verdict.KEPT: Way.MACHINE,
    Verdict.ATTESTED: Way.PEOPLE,
    Verdict.BROKEN: Way.WRONG,
}


def build_shown(context: Context) -> ShownView:
    """What was and was not shown in a run."""
    phrases = context.phrases
    grouped: dict[Way, dict[tuple[str, str], list[int]]] = {way: {} for way in Way}
    for number, title, way, extent in _pieces(context):
        numbers = grouped[way].setdefault((title, extent), [])
        if number and number not in numbers:
            numbers.append(number)
    told = {title for lines in grouped.values() for title, _ in lines}
    verdicts = _verdicts(context)
    about = "claim" if context.result.statement else "measure"
    facts = {
        "run": one_line(context.result.facts.id, 80),
        "day": phrases.day(context.result.facts.started_at),
    }
    return ShownView(
        counts=tuple(
            VerdictCount(each.value, phrases.texts[f"verdict.{each}.{about}"], verdicts.count(each))
            for each in VERDICTS
        ),
        total=len(told),
        whole=phrases.count("whole.measures", len(told)),
        groups=tuple(
            ShownGroup(
                code=_CODES[way].value,
                title=phrases.texts[f"shown.{way}.title"],
                meaning=phrases.texts[f"shown.{way}.meaning"],
                number=len({title for title, _ in grouped[way]}),
                lines=tuple(
                    ShownLine(title, tuple(numbers), _promises(context, numbers), extent)
                    for (title, extent), numbers in grouped[way].items()
                ),
            )
            for way in Way
        ),
        whereabouts=phrases.text("shown.whereabouts", facts),
        disclaimer=phrases.text("shown.disclaimer", facts),
    )


def build_imprint(context: Context) -> Imprint:
    """What a file of this run says of itself."""
    facts, texts = context.result.facts, context.phrases.texts
    kind = texts["title.claims" if context.result.statement else "title.measures"]
    organisation = one_line(facts.organisation, 120)
    return Imprint(
        title=f"{organisation} – {kind}" if organisation else kind,
        author=one_line(facts.assessor, 120),
        at=facts.started_at,
        day=context.phrases.day(facts.started_at),
    )


def _verdicts(context: Context) -> list[Verdict]:
    result = context.result
    judged = result.claims if result.statement else result.measures
    return [each.verdict for each in judged]


def _pieces(context: Context) -> Iterator[tuple[int, str, Way, str]]:
    """The promise's number or 0, the measure's title, where it belongs, and to what extent."""
    result = context.result
    if not result.statement:
        for line in result.measures:
            yield from _line(context, 0, line)
        return
    for number, claim in enumerate(result.claims, 1):
        if not claim.measures:
            title = context.phrases.text("claim.name", {"n": number})
            yield 0, title, Way.MISSING, context.phrases.texts["shown.extent.no-measure"]
        for line in claim.measures:
            yield from _line(context, number, line)


def _line(
    context: Context, number: int, line: MeasureVerdict
) -> Iterator[tuple[int, str, Way, str]]:
    title = context.measure_title(line.measure)
    rule = context.rule_of(line)
    counted = line_facts(line)
    found = False
    for way, name, key in _COUNTED:
        part, total = counted[name], counted["total"]
        if not part or not isinstance(total, int) or (name == "unknown" and rule in _WORD_GIVEN):
            continue
        found = True
        extent = context.phrases.count(f"shown.{key}", total, {"part": part, "total": total})
        yield number, title, way, extent
    for way, key in _BY_RULE.get(rule, ()):
        found = True
        yield number, title, way, context.phrases.texts[f"shown.extent.{key}"] if key else ""
    if not found:
        yield number, title, _BY_VERDICT.get(line.verdict, Way.MISSING), ""


def _promises(context: Context, numbers: list[int]) -> str:
    """The promises by their numbers, in words; empty where there are none."""
    if not numbers:
        return ""
    named = context.phrases.join(map(str, numbers))
    return context.phrases.count("shown.promises", len(numbers), {"list": named})
