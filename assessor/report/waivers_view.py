"""The deviations that were accepted: shown, never hidden."""

from __future__ import annotations

from collections.abc import Mapping

from assessor.model.attestation import Waiver
from assessor.model.finding import Outcome
from assessor.report.clean import cut, one_line, visible
from assessor.report.context import Context
from assessor.report.ends_view import all_waivers, links_of
from assessor.report.notes import more
from assessor.report.parts.common import Badge
from assessor.report.parts.past import WaiversView, WaiverView
from assessor.report.words_view import TEXT_MOST, until

MAX_WAIVERS = 200

_Place = tuple[str, str]
"""A check and a target."""


def build_waivers(context: Context) -> WaiversView | None:
    """Every deviation that was accepted: those that count first; ``None`` where there is none."""
    waivers = sorted(
        all_waivers(context),
        key=lambda each: (not each.counts_on(context.day), each.until, each.check, each.target),
    )
    if not waivers:
        return None
    outcomes, measures = _seen(context)
    return WaiversView(
        tuple(_waiver(context, each, outcomes, measures) for each in waivers[:MAX_WAIVERS]),
        more(context, len(waivers) - MAX_WAIVERS),
    )


def _seen(
    context: Context,
) -> tuple[Mapping[_Place, set[Outcome]], Mapping[_Place, dict[str, None]]]:
    """What was found of each check on each target, and of which measures."""
    outcomes: dict[_Place, set[Outcome]] = {}
    measures: dict[_Place, dict[str, None]] = {}
    for finding in context.findings:
        place = finding.check, finding.target
        outcomes.setdefault(place, set()).add(finding.outcome)
        measures.setdefault(place, {})[finding.measure] = None
    return outcomes, measures


def _waiver(
    context: Context,
    each: Waiver,
    outcomes: Mapping[_Place, set[Outcome]],
    measures: Mapping[_Place, dict[str, None]],
) -> WaiverView:
    phrases = context.phrases
    place = each.check, each.target
    counts = each.counts_on(context.day)
    return WaiverView(
        badge=Badge("attested", phrases.text("waiver.counts"))
        if counts
        else Badge("expired", phrases.text("waiver.ended")),
        check=context.check_title(each.check),
        target=context.target_link(each.target),
        links=links_of(context, measures.get(place, {})),
        reason=visible(cut(each.reason, TEXT_MOST), lines=True),
        by=phrases.text(
            "waiver.by", {"name": one_line(each.by, 120), "day": phrases.day(each.recorded_at)}
        ),
        until=until(context, each.until),
        state=phrases.text(f"waiver.state.{_state(outcomes.get(place, set()), counts=counts)}"),
    )


def _state(outcomes: set[Outcome], *, counts: bool) -> str:
    if Outcome.FAIL in outcomes:
        return "there" if counts else "counts_again"
    if Outcome.UNKNOWN in outcomes:
        return "unseen"
    return "gone" if outcomes else "unchecked"
