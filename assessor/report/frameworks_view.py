"""Which requirements of laws and standards the measures of a run touch.

A requirement gets no verdict: it nearly always asks for more than the measures beside it, and a
promise that is kept is no proof that a company complies.
"""

from __future__ import annotations

from assessor.model.facts import Facts
from assessor.model.framework import Framework, FrameworkPart, Requirement
from assessor.report.context import Context, slug
from assessor.report.parts.evidence import SourceView
from assessor.report.parts.frameworks import FrameworkView, Touch, TouchedPart, TouchedRequirement


def build_frameworks(context: Context) -> tuple[FrameworkView, ...]:
    """The frameworks of which a measure of the run touches a requirement."""
    touches = {
        line.measure: Touch(context.measure_link(line.measure), context.measure_badge(line.verdict))
        for line in context.result.measures
    }
    views = (
        _framework(context, framework, touches)
        for framework in context.reference.frameworks.values()
    )
    return tuple(view for view in views if any(part.requirements for part in view.parts))


def _framework(context: Context, framework: Framework, touches: dict[str, Touch]) -> FrameworkView:
    language, phrases = context.language, context.phrases
    parts = tuple(_part(context, part, touches) for part in framework.parts)
    counts = [
        phrases.text("framework.count", {"touched": len(view.requirements), "number": part.number})
        for part, view in zip(framework.parts, parts, strict=True)
        if view.requirements
    ]
    return FrameworkView(
        anchor=f"framework-{slug(framework.id)}",
        title=framework.title[language],
        about=framework.about[language],
        extent=phrases.text("framework.extent", {"counts": phrases.join(counts)}),
        source=SourceView(
            title=framework.edition[language],
            section=framework.publisher[language],
            date=phrases.value(framework.date),
            url=framework.url,
        ),
        parts=parts,
    )


def _part(context: Context, part: FrameworkPart, touches: dict[str, Touch]) -> TouchedPart:
    requirements = tuple(
        touched
        for requirement in part.requirements
        if (touched := _requirement(context, requirement, touches)).measures
    )
    return TouchedPart(
        title=part.title[context.language],
        touched=_sentence(context, part, len(requirements)),
        requirements=requirements,
    )


def _sentence(context: Context, part: FrameworkPart, touched: int) -> str:
    facts: Facts = {
        "touched": touched,
        "number": part.number,
        "counted": part.counted[context.language],
    }
    rest = part.number - touched
    if touched == 0 or rest == 0:
        return context.phrases.text(f"framework.{'all' if touched else 'none'}", facts)
    return context.phrases.count("framework.some", rest, facts)


def _requirement(
    context: Context, requirement: Requirement, touches: dict[str, Touch]
) -> TouchedRequirement:
    return TouchedRequirement(
        cited=requirement.cited[context.language],
        heading=requirement.heading[context.language],
        measures=tuple(
            touch for measure, touch in touches.items() if measure in requirement.measures
        ),
    )
