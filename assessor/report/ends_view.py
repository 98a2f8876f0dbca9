"""What ends within ninety days after the run: certificates, attestations, accepted deviations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from assessor.model.attestation import Attestation, Waiver
from assessor.model.certificates import certificates_of
from assessor.model.finding import Outcome
from assessor.model.measure import MeasureKind
from assessor.model.statement import MeasureVerdict
from assessor.model.target import Platform, Role
from assessor.report.clean import one_line
from assessor.report.context import Context
from assessor.report.notes import MAX_TARGETS, more
from assessor.report.parts.common import Link
from assessor.report.parts.past import EndsView, EndView

AHEAD = timedelta(days=90)
MAX_ENDS = 60
MAX_LINKS = 6
_RESTS_ON_WORDS = frozenset({"attested", "kept-and-attested", "attested-partly", "attested-no"})
"""The rules by which a person's word decided; of any other the end of a word changes nothing."""


@dataclass(frozen=True, slots=True)
class _End:
    """Something that ends: what differs in systems and measures alone is told at once.

    Attributes:
        kind: ``certificate``, ``attestation`` or ``waiver``.
    """

    day: date
    kind: str
    what: str
    who: str


@dataclass(slots=True)
class _Extent:
    """The systems on which it ends, and the measures that rest on it."""

    targets: dict[str, None] = field(default_factory=dict)
    measures: dict[str, None] = field(default_factory=dict)


_Found = tuple[_End, str, Iterable[str]]
"""What ends, on which system (empty where it is on none), and the measures that rest on it."""


def build_ends(context: Context) -> EndsView:
    """What ends soon, the first to end first; what has just ended comes before it."""
    extents: dict[_End, _Extent] = {}
    found = (*_certificates(context), *_attestations(context), *_waivers(context))
    for end, target, measures in found:
        extent = extents.setdefault(end, _Extent())
        extent.targets.update({target: None} if target else {})
        extent.measures.update(dict.fromkeys(measures))
    ordered = sorted(extents, key=lambda end: (end.day, end.kind, end.what, end.who))
    return EndsView(
        intro=_intro(context, some=bool(ordered)),
        ends=tuple(_end(context, end, extents[end]) for end in ordered[:MAX_ENDS]),
        rest=more(context, len(ordered) - MAX_ENDS),
    )


def _intro(context: Context, *, some: bool) -> str:
    phrases = context.phrases
    intro = phrases.text(
        f"ends.{'some' if some else 'none'}", {"last": phrases.day(context.day + AHEAD)}
    )
    if any(target.platform is Platform.WINDOWS for target in context.targets.values()):
        intro = f"{intro} {phrases.text('ends.windows')}"
    return intro


def _end(context: Context, end: _End, extent: _Extent) -> EndView:
    phrases = context.phrases
    left = (end.day - context.day).days
    if left == 0:
        told = phrases.text("ends.left.none")
    else:
        told = phrases.count(f"ends.left.{'ago' if left < 0 else 'ahead'}", abs(left))
    links = tuple(context.target_link(name) for name in extent.targets)
    return EndView(
        day=phrases.day(end.day),
        left=told,
        past=left < 0,
        kind=phrases.text(f"ends.{end.kind}.kind"),
        what=end.what,
        where=links[:MAX_TARGETS],
        more=more(context, len(links) - MAX_TARGETS),
        links=links_of(context, extent.measures),
        todo=phrases.text(f"ends.{end.kind}.{'late' if left < 0 else 'todo'}"),
        who=phrases.text(f"who.{end.who}"),
    )


def links_of(context: Context, measures: Iterable[str]) -> tuple[Link, ...]:
    """The promises that hold one of ``measures``; the measures where there are none."""
    wanted = tuple(dict.fromkeys(measures))
    claims = tuple(
        Link(f"claim-{number}", context.phrases.text("claim.name", {"n": number}))
        for number, claim in enumerate(context.result.claims, 1)
        if any(measure in claim.claim.measures for measure in wanted)
    )
    return (claims or tuple(context.measure_link(each) for each in wanted))[:MAX_LINKS]


def _certificates(context: Context) -> Iterator[_Found]:
    """Those that end soon, and those that had ended."""
    last = context.day + AHEAD
    measures: dict[tuple[date, str, str], dict[str, None]] = {}
    for finding in context.findings:
        for seen in certificates_of(finding):
            if seen.ends <= last:
                key = (seen.ends, seen.name, finding.target)
                measures.setdefault(key, {})[finding.measure] = None
    for (day, name, target), of_it in measures.items():
        # a name is an address: who must not see these is told the system only
        what = "" if context.for_client else one_line(name, 200)
        yield _End(day, "certificate", what, _who(context, target)), target, of_it


def _who(context: Context, target: str) -> str:
    known = context.targets.get(target)
    public = known is not None and known.role in (Role.SITE, Role.MAIL_DOMAIN)
    return "webmaster" if public else "administrator"


def _attestations(context: Context) -> Iterator[_Found]:
    """The word that counts for a measure, where the measure rests on it and no other takes over."""
    lines: dict[str, list[MeasureVerdict]] = {}
    for line in (
        *context.result.measures,
        *(each for claim in context.result.claims for each in claim.measures),
    ):
        lines.setdefault(line.measure, []).append(line)
    for measure, of_it in lines.items():
        if not any(line.rule in _RESTS_ON_WORDS for line in of_it):
            continue
        word = _lasting([each for line in of_it for each in line.attestations], context.day)
        if word is not None and word.expires <= context.day + AHEAD:
            what = context.phrases.text(
                "ends.attestation.what",
                {"name": word.by, "role": word.role, "day": context.phrases.day(word.given)},
            )
            yield _End(word.expires, "attestation", what, _signs(context, measure)), "", [measure]


def _lasting(words: Iterable[Attestation], day: date) -> Attestation | None:
    """The word that counts on ``day``, or the last of those that take over without a gap."""
    known = sorted(words, key=lambda each: (each.given, each.recorded_at))
    given = [each for each in known if each.given <= day]
    if not given or not given[-1].counts_on(day):
        return None
    last = given[-1]
    for each in known[len(given) :]:
        if each.given <= last.expires + timedelta(days=1):
            last = each
    return last


def _signs(context: Context, measure: str) -> str:
    entry = context.reference.measures.get(measure)
    return "premises" if entry and entry.kind is MeasureKind.PHYSICAL else "management"


def _waivers(context: Context) -> Iterator[_Found]:
    """Those that count, where the deviation is still there and no longer one takes over."""
    failing: dict[tuple[str, str], dict[str, None]] = {}
    for finding in context.findings:
        if finding.outcome is Outcome.FAIL:
            failing.setdefault((finding.check, finding.target), {})[finding.measure] = None
    longest: dict[tuple[str, str], Waiver] = {}
    for waiver in sorted(all_waivers(context), key=lambda each: each.until):
        longest[waiver.check, waiver.target] = waiver
    for place, waiver in longest.items():
        if place in failing and context.day <= waiver.until <= context.day + AHEAD:
            what = context.phrases.text(
                "ends.waiver.what", {"check": context.check_title(waiver.check), "name": waiver.by}
            )
            end = _End(waiver.until, "waiver", what, _who(context, waiver.target))
            yield end, waiver.target, failing[place]


def all_waivers(context: Context) -> tuple[Waiver, ...]:
    """Every waiver that the run knew, also of what it did not look at; each once."""
    lines = (
        *context.result.measures,
        *(each for claim in context.result.claims for each in claim.measures),
    )
    known = (*context.result.words.waivers, *(each for line in lines for each in line.waivers))
    return tuple(dict.fromkeys(known))
