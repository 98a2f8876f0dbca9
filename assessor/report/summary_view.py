"""The first screen: who, when, for which statement, the verdict, and what needs doing."""

from __future__ import annotations

from collections.abc import Sequence

from assessor.model.facts import Facts
from assessor.model.statement import Verdict
from assessor.report.actions import build_actions
from assessor.report.clean import one_line, visible
from assessor.report.context import VERDICTS, Context
from assessor.report.parts.common import Badge, Item, Link
from assessor.report.parts.first_screen import Count, Mark, Summary

FIRST_ACTIONS = 3
BAR = 1000


def build_summary(context: Context) -> Summary:
    """The first screen of a run's report."""
    facts = context.result.facts
    phrases = context.phrases
    about = "claims" if context.result.statement else "measures"
    verdicts = (
        [claim.verdict for claim in context.result.claims]
        if about == "claims"
        else [line.verdict for line in context.result.measures]
    )
    counts = _counts(context, about, verdicts)
    actions = build_actions(context)
    rest = len(actions) - FIRST_ACTIONS
    organisation = one_line(facts.organisation, 120)
    return Summary(
        title=organisation or phrases.texts[f"title.{about}"],
        subtitle=phrases.texts[f"title.{about}"],
        facts=_facts(context),
        headline=_headline(context, about, verdicts),
        tone=_tone(verdicts),
        counts=counts,
        total=len(verdicts),
        whole=phrases.count(f"whole.{about}", len(verdicts)),
        picture=phrases.join(f"{count.number} {count.badge.word}" for count in counts),
        marks=_marks(context, about),
        actions=actions[:FIRST_ACTIONS],
        more=phrases.count("action.more", rest) if rest > 0 else "",
        scope=_scope(context),
        warnings=(*_limited(context), *_broken_checks(context)),
    )


def _limited(context: Context) -> tuple[str, ...]:
    """That not all systems were asked, where that is so."""
    plan, phrases = context.result.plan, context.phrases
    if not plan.not_asked:
        return ()
    names = phrases.join((one_line(each.target.name, 80) for each in plan.not_asked), limit=8)
    facts: Facts = {"total": len(plan.inventory), "names": names}
    return (phrases.count("scope.not_asked", len(plan.not_asked), facts),)


def _broken_checks(context: Context) -> tuple[str, ...]:
    left_out = context.result.facts.left_out[:20]
    said = (context.phrases.text("label.left_out", {"check": check}) for check in left_out)
    return tuple(dict.fromkeys(said))


def _badge(context: Context, about: str, verdict: Verdict) -> Badge:
    return context.claim_badge(verdict) if about == "claims" else context.measure_badge(verdict)


def _facts(context: Context) -> tuple[Item, ...]:
    result, phrases = context.result, context.phrases
    texts = phrases.texts
    items = [Item(texts["label.measured"], phrases.moment(result.facts.started_at))]
    if result.facts.assessor:
        items.insert(0, Item(texts["label.assessor"], one_line(result.facts.assessor, 120)))
    if statement := result.statement:
        items += [
            Item(texts["label.statement_of"], one_line(statement.source, 200), literal=True),
            Item(texts["label.read_on"], phrases.day(result.facts.started_at)),
            Item(texts["label.digest"], visible(statement.sha256[:64]), literal=True),
        ]
    return (
        *items,
        Item(texts["label.profile"], one_line(result.facts.profile, 80), literal=True),
        Item(texts["label.run"], one_line(result.facts.id, 80), literal=True),
    )


def _counts(context: Context, about: str, verdicts: Sequence[Verdict]) -> tuple[Count, ...]:
    counts: list[Count] = []
    seen = 0
    for verdict in VERDICTS:
        number = list(verdicts).count(verdict)
        if number:
            # from rounded edges, so that the pieces of the bar always add up to the whole
            start = round(BAR * seen / len(verdicts))
            seen += number
            width = round(BAR * seen / len(verdicts)) - start
            counts.append(Count(_badge(context, about, verdict), number, start, width))
    return tuple(counts)


def _marks(context: Context, about: str) -> tuple[Mark, ...]:
    if about == "claims":
        return tuple(
            Mark(
                context.claim_badge(claim.verdict),
                Link(f"claim-{number}", context.phrases.text("claim.name", {"n": number})),
            )
            for number, claim in enumerate(context.result.claims, 1)
        )
    return tuple(
        Mark(context.measure_badge(line.verdict), context.measure_link(line.measure))
        for line in context.result.measures
    )


def _tone(verdicts: Sequence[Verdict]) -> str:
    worst_first = (
        Verdict.BROKEN,
        Verdict.PARTLY,
        Verdict.EXPIRED,
        Verdict.UNPROVEN,
        Verdict.ATTESTED,
        Verdict.KEPT,
    )
    return next((each for each in worst_first if each in verdicts), Verdict.UNPROVEN).value


def _headline(context: Context, about: str, verdicts: Sequence[Verdict]) -> str:
    """The verdict in one sentence: the worst first, and every claim counted."""
    phrases, key = context.phrases, f"headline.{about}"
    total = len(verdicts)
    if total == 0:
        return phrases.text(f"{key}.none")
    if total == 1:
        return phrases.text(f"{key}.single", {"word": _badge(context, about, verdicts[0]).word})
    number = {verdict: list(verdicts).count(verdict) for verdict in Verdict}
    good = number[Verdict.KEPT] + number[Verdict.ATTESTED]
    if good == total:
        return phrases.text(f"{key}.{'kept' if good == number[Verdict.KEPT] else 'good'}",
                            {"total": total})  # fmt: skip
    if number[Verdict.KEPT] == number[Verdict.ATTESTED] == 0 and not (
        number[Verdict.BROKEN] or number[Verdict.PARTLY]
    ):
        return phrases.text(f"{key}.nothing", {"total": total})
    lead = next(
        each for each in (Verdict.BROKEN, Verdict.PARTLY, Verdict.EXPIRED, Verdict.UNPROVEN)
        if number[each]
    )  # fmt: skip
    clauses = [phrases.count(f"{key}.lead.{lead}", number[lead], {"total": total})]
    clauses += [
        phrases.count(f"{key}.also.{each}", number[each])
        for each in (
            Verdict.PARTLY,
            Verdict.KEPT,
            Verdict.ATTESTED,
            Verdict.EXPIRED,
            Verdict.UNPROVEN,
        )
        if number[each] and each is not lead
    ]
    return f"{phrases.join(clauses)}."


def _scope(context: Context) -> tuple[str, ...]:
    result, phrases = context.result, context.phrases
    asked = len(context.targets)
    answered = sum(
        1
        for name in context.targets
        if (collected := result.evidence.get(name)) and not collected.gap
    )
    facts: Facts = {
        "answered": answered,
        "total": asked,
        "vantage": one_line(result.facts.vantage, 120),
        "day": phrases.day(result.facts.started_at),
        "version": one_line(result.facts.assess_version, 40),
    }
    return (
        phrases.count("scope.systems", asked, facts),
        phrases.text("scope.moment", facts),
        *((phrases.text("client.scope"),) if context.for_client else ()),
        phrases.text("scope.stamped" if result.stamped else "scope.own_time"),
    )
