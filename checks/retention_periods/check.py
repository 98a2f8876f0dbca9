"""Whether the places that the inventory names hold anything older than was promised.

A file's day is that of its last change: it may be younger than what the file holds (a copy or a
restore can set it anew), so a pass says so. Of a log it is the oldest entry, of an mbox the day
each message came in, of a table the oldest date in the column that is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assessor.api import (
    Captured,
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    failed,
    not_observed,
    passed,
    unknown,
)

from .held import Held, Kind, Trouble
from .named import Named, read_options
from .paths import read_find, read_paths
from .tables import read_table

RETENTION = "retention"
_CLOCK_TOLERANCE_DAYS = 2
_BY_LAST_CHANGE = frozenset({Kind.FOLDER})
_ROOT_MAY_SEE_MORE = frozenset({Trouble.CLOSED, Trouble.PARTLY, Trouble.TOO_MANY})


@dataclass(frozen=True, slots=True)
class Place:
    """A place that the inventory names, and what was seen of it.

    Attributes:
        named: its name and its own period.
        held: what it holds.
        gap: why nobody with more rights looked, where that was needed; else ``None``.
        cleaners: files of jobs and settings that name it and remove things.
    """

    named: Named
    held: Held
    gap: NotCaptured | None = None
    cleaners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen on a target.

    Attributes:
        places: all that the inventory names.
        today: the day of the assessment.
        wrong: what the inventory says and could not be understood.
        clock_off: the target's clock differs from ours by days, so that ages mean nothing.
    """

    places: tuple[Place, ...]
    today: date
    wrong: tuple[str, ...]
    clock_off: bool

    def age(self, day: date) -> int:
        """Days since ``day``."""
        return (self.today - day).days


def observe(captures: Captures) -> Seen:
    """What was seen of each place."""
    today = captures.at.date()
    options = read_options(captures.target.options)
    places, now = _paths(captures, options.paths, today)
    places += _tables(options.postgresql, [captures.each("postgresql")], captures, today)
    places += _tables(
        options.mysql, [captures.each("mysql"), captures.each("mariadb")], captures, today
    )
    apart = abs((now - today).days) if now is not None else 0
    return Seen(tuple(places), today, options.wrong, apart > _CLOCK_TOLERANCE_DAYS)


def _paths(
    captures: Captures, named: Sequence[Named], today: date
) -> tuple[list[Place], date | None]:
    if not named:
        return [], None
    answer = captures.answered("paths")
    read = answer and read_paths(answer.stdout, [path.name for path in named], today)
    gap = captures.gap("paths") if answer is None else None
    unread = Held(trouble=Trouble.NOT_UNDERSTOOD)
    if read:
        places = [
            Place(path, seen.held, None, seen.cleaners)
            for path, seen in zip(named, read[0], strict=True)
        ]
    else:
        places = [Place(path, unread, gap) for path in named]
    as_root = captures.each("paths_as_root")
    if read and len(as_root) == len(places):
        places = [
            _with_root(place, found, today) for place, found in zip(places, as_root, strict=True)
        ]
    return places, read[1] if read else None


def _with_root(place: Place, found: Captured | NotCaptured, today: date) -> Place:
    """``place`` with what root saw of it, where our own rights did not reach."""
    if place.held.trouble not in _ROOT_MAY_SEE_MORE:
        return place
    if isinstance(found, NotCaptured):
        return replace(place, gap=found)
    seen = read_find(found, today)
    if seen is None or (seen.trouble is not None and not seen.days and place.held.days):
        return place
    return replace(place, held=seen)


def _tables(
    named: Sequence[Named],
    clients: Iterable[Sequence[Captured | NotCaptured]],
    captures: Captures,
    today: date,
) -> list[Place]:
    """The tables by the first client that is installed."""
    places = []
    for position, table in enumerate(named):
        place = Place(table, Held(trouble=Trouble.NOT_UNDERSTOOD))
        for answers in clients:
            if position >= len(answers):
                continue
            answer = answers[position]
            if isinstance(answer, NotCaptured):
                place = Place(table, place.held, answer)
                break
            place = Place(table, read_table(answer, today))
            if place.held.trouble is not Trouble.NOT_INSTALLED:
                break
        places.append(place)
    return places


def evaluate(seen: Seen, parameters: Parameters) -> Iterable[Judgement]:
    return [_judge(seen, parameters)]


def _judge(seen: Seen, parameters: Parameters) -> Judgement:
    promised = None if parameters["max_days"] is None else parameters.integer("max_days")
    slack = parameters.integer("slack_days")
    expected: Facts = {"max_days": promised}
    observed = _facts(seen)
    if seen.wrong:
        facts: Facts = {"wrong": seen.wrong}
        return unknown(RETENTION, "options_wrong", facts, expected=expected, observed=observed)
    if not seen.places:
        return unknown(RETENTION, "nothing_named", expected=expected)
    if seen.clock_off:
        return unknown(RETENTION, "clock_off", expected=expected, observed=observed)
    late = [place for place in seen.places if _too_old(seen, place, promised, slack)]
    if late:
        facts = _late_facts(seen, late, promised, slack)
        return failed(
            RETENTION,
            "held_too_long",
            facts,
            expected=expected,
            observed=observed,
            advice=_advice(late, held_long=True),
        )
    return _unclear(seen, promised, expected, observed) or _kept(seen, promised, expected, observed)


def _period(place: Place, promised: int | None) -> int | None:
    return place.named.days if place.named.days is not None else promised


def _too_old(seen: Seen, place: Place, promised: int | None, slack: int) -> int:
    """The number of things in ``place`` that should be gone."""
    period = _period(place, promised)
    if period is None:
        return 0
    days = place.held.days.items()
    return sum(count for day, count in days if seen.age(day) > period + slack)


def _late_facts(seen: Seen, late: Sequence[Place], promised: int | None, slack: int) -> Facts:
    """The worst of ``late``, and the names of all."""

    def excess(place: Place) -> int:
        oldest, period = place.held.oldest, _period(place, promised)
        return seen.age(oldest) - period if oldest is not None and period is not None else 0

    worst = max(late, key=excess)
    oldest, period = worst.held.oldest, _period(worst, promised)
    counted = [place for place in late if place.held.kind in (Kind.FOLDER, Kind.MBOX)]
    return {
        "places": tuple(place.named.name for place in late),
        "worst": worst.named.name,
        "oldest": oldest.isoformat() if oldest is not None else None,
        "days": seen.age(oldest) if oldest is not None else None,
        "asked": period,
        "count": sum(_too_old(seen, place, promised, slack) for place in counted),
    }


def _unclear(
    seen: Seen, promised: int | None, expected: Facts, observed: Facts
) -> Judgement | None:
    """Why it is not known of some place, the first such place's reason first."""
    troubled = [place for place in seen.places if place.held.trouble is not None]
    for place in troubled:
        if place.gap is not None:
            return replace(not_observed(RETENTION, place.gap), expected=expected, observed=observed)
    if troubled:
        trouble = troubled[0].held.trouble
        assert trouble is not None  # noqa: S101 - for the type checker
        same = tuple(place.named.name for place in troubled if place.held.trouble is trouble)
        places: Facts = {"places": same}
        return unknown(RETENTION, trouble.value, places, expected=expected, observed=observed)
    without = [place for place in seen.places if _period(place, promised) is None]
    if without and any(place.held.days for place in without):
        facts: Facts = {
            "places": tuple(place.named.name for place in without),
            "oldest": min(p.held.oldest for p in without if p.held.oldest is not None).isoformat(),
        }
        return unknown(RETENTION, "no_period", facts, expected=expected, observed=observed)
    return None


def _kept(seen: Seen, promised: int | None, expected: Facts, observed: Facts) -> Judgement:
    names = tuple(place.named.name for place in seen.places)
    dated = [place for place in seen.places if place.held.oldest is not None]
    if not dated:
        return passed(
            RETENTION, "holds_nothing", {"places": names}, expected=expected, observed=observed
        )
    oldest = min(place.held.oldest for place in dated if place.held.oldest is not None)
    return passed(
        RETENTION,
        "nothing_too_old",
        {"places": names, "oldest": oldest.isoformat(), "days": seen.age(oldest)},
        expected=expected,
        observed=observed,
        advice=_advice(seen.places, held_long=False),
    )


def _advice(places: Sequence[Place], *, held_long: bool) -> tuple[Message, ...]:
    advice = []
    by_change = tuple(
        place.named.name
        for place in places
        if place.held.kind in _BY_LAST_CHANGE and place.held.days
    )
    if by_change:
        message = "old_by_last_change" if held_long else "young_by_last_change"
        advice.append(Message(message, {"places": by_change}))
    linked = tuple(place.named.name for place in places if place.held.links)
    if linked and not held_long:
        advice.append(Message("links_not_followed", {"places": linked}))
    kept_by_hand = tuple(
        place.named.name
        for place in places
        if place.held.kind in (Kind.FOLDER, Kind.MBOX, Kind.LOG) and not place.cleaners
    )
    if kept_by_hand:
        advice.append(Message("no_cleaner_seen", {"places": kept_by_hand}))
    return tuple(advice)


def _facts(seen: Seen) -> Facts:
    """Place by place, in parallel."""
    oldest = [place.held.oldest for place in seen.places]
    return {
        "places": tuple(place.named.name for place in seen.places),
        "items": tuple(place.held.items for place in seen.places),
        "oldest": tuple(day.isoformat() if day is not None else None for day in oldest),
        "own_periods": tuple(place.named.days for place in seen.places),
        "cleaners": tuple(dict.fromkeys(job for place in seen.places for job in place.cleaners)),
    }


CHECK = Check(observe=observe, evaluate=evaluate)
