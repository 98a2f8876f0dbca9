"""Whether backups are made, whether one is kept elsewhere, and whether restoring was tried.

A backup counts when its last success was seen and is young enough: from the unit that made it, from
the repository, from a log, or from a listing that the job left. A job that runs without its result
being seen is ``unknown``. So is a machine on which nothing is found: it may be backed up from
outside, by its hypervisor or by a server that fetches, and this machine cannot tell. A job that
never succeeded, failed last time, or is too old is ``fail``.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import (
    Captures,
    Check,
    Fact,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Platform,
    Reason,
    failed,
    not_observed,
    passed,
    records,
    unknown,
)

from .commands import Level
from .crontab import root_lines
from .jobs import Job, Result, read_jobs, read_texts
from .places import Whereabouts, read_places, whereabouts
from .restores import failed_tests, trials
from .seen import Backups
from .success import Success
from .time_machine import NAME as TIME_MACHINE
from .time_machine import read_time_machine
from .traces import Traces, read_traces
from .windows import read_windows, reworded

BACKUP, OFFSITE, RESTORE = "backup", "offsite-backup", "restore-test"
MEASURES = (BACKUP, OFFSITE, RESTORE)
_HOUR, _DAY = 3600, 86_400
_CLOCK_TOLERANCE_S = 900


def observe(captures: Captures) -> Backups | NotCaptured | None:
    """The facts; why there are none; or ``None`` when the answer was not understood."""
    if captures.target.platform is Platform.WINDOWS:
        return _on_windows(captures)
    answer = captures.answered("backups")
    if answer is None:
        return captures.gap("backups")
    found = records(answer.stdout)
    if found is None:
        return None
    single = dict(record for record in found if record[0] in ("now", "uptime", "host"))
    if not (single.get("now", "").isdecimal() and single.get("uptime", "").isdecimal()):
        return None
    now, host = int(single["now"]), single.get("host", "")
    texts = read_texts(found)
    jobs = read_jobs(found, texts, root_lines(captures))
    traces = read_traces(found, host)
    places = read_places(found)
    known = {}
    if captures.target.platform is Platform.MACOS:
        machine = read_time_machine(captures)
        if machine is not None:
            jobs = (*jobs, machine.job)
            known = dict(machine.places)
    hidden = captures.gap("root_crontab")
    named = [place for job in jobs if job.makes_backups for place in job.destinations]
    named += [place for success in traces.successes for place in success.destinations]
    named += [path for path, _ in traces.borg_changes] + list(traces.empty)
    return Backups(
        now=now,
        uptime=int(single["uptime"]),
        clock_off=_clock_off(captures, now),
        tools=tuple(text for kind, text in found if kind == "tool"),
        jobs=jobs,
        traces=traces,
        destinations=tuple(
            (place, known.get(place) or whereabouts(place, places, host))
            for place in dict.fromkeys(named)
        ),
        tried=trials(found, jobs, host),
        failed_tests=failed_tests(jobs),
        unread=tuple(text for kind, text in found if kind == "unreadable"),
        agents=tuple(dict.fromkeys(text for kind, text in found if kind == "agent")),
        kept=texts.kept,
        hidden=hidden if hidden is not None and hidden.reason is Reason.NO_PRIVILEGE else None,
    )


def _clock_off(captures: Captures, now: int) -> bool:
    skew = abs(now - captures.at.timestamp())
    return skew > _CLOCK_TOLERANCE_S or abs(captures.clock_skew_s or 0.0) > 300


def _on_windows(captures: Captures) -> Backups | NotCaptured | None:
    seen = read_windows(captures)
    if seen is None or isinstance(seen, NotCaptured):
        return seen
    return Backups(
        now=seen.now,
        uptime=seen.uptime,
        clock_off=_clock_off(captures, seen.now),
        tools=seen.programs,
        jobs=seen.jobs,
        traces=Traces(seen.successes, (), (), (), ()),
        destinations=seen.places,
        tried=(*seen.tried, *trials((), seen.jobs, "")),
        failed_tests=(*seen.failed_tests, *failed_tests(seen.jobs)),
        unread=(),
        agents=seen.fetched,
        hidden=seen.gap,
        warned=seen.warned,
        advice=seen.advice,
        windows=True,
    )


def evaluate(seen: Backups | NotCaptured | None, parameters: Parameters) -> Iterable[Judgement]:
    judgements = _evaluate(seen, parameters)
    if isinstance(seen, Backups) and seen.windows:
        return [reworded(judgement) for judgement in judgements]
    return judgements


def _evaluate(seen: Backups | NotCaptured | None, parameters: Parameters) -> list[Judgement]:
    match seen:
        case NotCaptured() as gap:
            return [not_observed(measure, gap) for measure in MEASURES]
        case None:
            return [unknown(measure, "not_understood") for measure in MEASURES]
        case Backups(clock_off=True):
            return [unknown(m, "clock_off", observed=seen.facts()) for m in MEASURES]
    days = parameters.integer("interval_days")
    limit = days * _DAY + parameters.integer("slack_hours") * _HOUR
    backup = _backup(seen, days, limit)
    return [backup, _offsite(seen, days, limit), _restore(seen, parameters.integer("restore_days"))]


def _ago(seen: Backups, time: int) -> int:
    """Whole days since ``time``."""
    return max(0, seen.now - time) // _DAY


def _backup(seen: Backups, days: int, limit: int) -> Judgement:
    expected: Facts = {"interval_days": days}
    observed = seen.facts()
    successes = seen.successes()
    broken = _broken(seen)
    if broken is not None:
        return failed(BACKUP, broken.id, broken.facts, expected=expected, observed=observed)
    if successes and seen.now - successes[0].time <= limit:
        newest = successes[0]
        facts: Facts = {
            "source": newest.source,
            "hours": max(0, seen.now - newest.time) // _HOUR,
            "asked": days,
        }
        return passed(
            BACKUP, "recent", facts, expected=expected, observed=observed, advice=_advice(seen)
        )
    stale = _stale(seen, successes, limit)
    if stale is not None:
        facts = {**stale.facts, "asked": days}
        return failed(BACKUP, stale.id, facts, expected=expected, observed=observed)
    return _not_told(BACKUP, seen, expected)


def _not_told(measure: str, seen: Backups, expected: Facts) -> Judgement:
    reason = _unseen(seen)
    if seen.hidden is not None and reason.id in ("only_installed", "nothing_found"):
        return not_observed(measure, seen.hidden)
    return unknown(
        measure,
        reason.id,
        reason.facts,
        expected=expected,
        observed=seen.facts(),
        advice=seen.advice,
    )


def _broken(seen: Backups) -> Message | None:
    """What is plainly wrong: a job whose last run failed, a backup that was never made."""
    for job in seen.makers:
        if job.result is Result.FAILED and job.finished is not None:
            return Message("last_run_failed", {"job": job.name, "days": _ago(seen, job.finished)})
    for log, time in seen.traces.failures:
        return Message("last_run_failed", {"job": log, "days": _ago(seen, time)})
    goals = {place for job in seen.makers for place in job.destinations}
    for path in seen.traces.empty:
        if path in goals:
            return Message("never_succeeded", {"repository": path})
    return None


def _stale(seen: Backups, successes: tuple[Success, ...], limit: int) -> Message | None:
    """What shows that no backup was made in time."""
    oldest_allowed = seen.now - limit
    # A job whose result is not seen may have made one after all, unless it cannot have run.
    hopeful = [job for job in seen.makers if _may_have_run(seen, job, oldest_allowed)]
    fresh_borg = [path for path, time in seen.traces.borg_changes if time >= oldest_allowed]
    if hopeful or fresh_borg or seen.may_be_served:
        return None
    if seen.traces.empty and not successes:
        return Message("never_succeeded", {"repository": seen.traces.empty[0]})
    if successes:
        newest = successes[0]
        return Message("too_old", {"source": newest.source, "days": _ago(seen, newest.time)})
    if seen.traces.borg_changes:
        path, time = max(seen.traces.borg_changes, key=lambda change: change[1])
        return Message("too_old", {"source": path, "days": _ago(seen, time)})
    if not seen.makers:
        return None
    names = tuple(job.name for job in seen.makers)
    if all(job.scheduled is False for job in seen.makers):
        return Message("not_scheduled", {"jobs": names})
    return Message("did_not_run", {"jobs": names})


def _may_have_run(seen: Backups, job: Job, oldest_allowed: int) -> bool:
    """Whether ``job`` may have succeeded since ``oldest_allowed`` although that was not seen."""
    if job.result is Result.SUCCESS:
        # It ran and ended well, but what it does, or that all of it succeeded, was not seen.
        unproven = not job.shown(Level.COPY_MADE)
        return unproven and job.finished is not None and job.finished >= oldest_allowed
    if job.result is Result.NEVER:
        if job.scheduled is False:
            return False
        if seen.now - seen.uptime <= oldest_allowed:
            # The machine has been up all that time, so systemd would know of a run.
            return False
        return job.triggered is None or job.triggered >= oldest_allowed
    return True


def _unseen(seen: Backups) -> Message:
    for source, time in seen.warned:
        return Message("ended_with_warning", {"job": source, "days": _ago(seen, time)})
    if seen.may_be_served:
        return _installed(seen)
    if [job.name for job in seen.makers] == [TIME_MACHINE]:
        return Message("time_machine_not_seen")
    if seen.makers or seen.traces.borg_changes:
        names = [job.name for job in seen.makers] or [p for p, _ in seen.traces.borg_changes]
        return Message("result_not_seen", {"jobs": tuple(names)})
    if seen.traces.bad_listings:
        return Message("listing_not_trusted", {"files": seen.traces.bad_listings})
    return _installed(seen)


def _installed(seen: Backups) -> Message:
    if seen.agents:
        return Message("fetched_by_server", {"agents": seen.agents})
    if seen.tools:
        return Message("only_installed", {"tools": seen.tools})
    return Message("nothing_found")


def _advice(seen: Backups) -> tuple[Message, ...]:
    makers = [a for job in seen.makers for a in job.actions if a.level is Level.COPY_MADE]
    if makers and all(action.mirror for action in makers):
        return (Message("no_earlier_versions"), *seen.advice)
    return seen.advice


def _offsite(seen: Backups, days: int, limit: int) -> Judgement:
    expected: Facts = {"interval_days": days}
    observed = seen.facts()
    by_distance = {
        far: tuple(place for place, distance in seen.destinations if distance is far)
        for far in Whereabouts
    }
    elsewhere = by_distance[Whereabouts.ELSEWHERE]
    if elsewhere:
        return _elsewhere(seen, elsewhere, limit, expected)
    unsure = by_distance[Whereabouts.NEARBY] + by_distance[Whereabouts.UNCLEAR]
    # A job without a known destination may go anywhere.
    unknown_goal = tuple(job.name for job in seen.makers if not job.destinations)
    if unsure:
        facts: Facts = {"destinations": unsure}
        return unknown(OFFSITE, "place_not_sure", facts, expected=expected, observed=observed)
    if unknown_goal:
        facts = {"jobs": unknown_goal}
        return unknown(OFFSITE, "place_not_seen", facts, expected=expected, observed=observed)
    here = by_distance[Whereabouts.SAME_MACHINE]
    if here and not seen.may_be_served:
        facts = {"destinations": here}
        return failed(OFFSITE, "same_machine", facts, expected=expected, observed=observed)
    return _not_told(OFFSITE, seen, expected)


def _elsewhere(seen: Backups, elsewhere: tuple[str, ...], limit: int, expected: Facts) -> Judgement:
    """Whether the backup that goes elsewhere gets there, and in time."""
    observed = seen.facts()
    made = [s for s in seen.successes() if seen.far(s.destinations) is Whereabouts.ELSEWHERE]
    makers = [j for j in seen.makers if seen.far(j.destinations) is Whereabouts.ELSEWHERE]
    broken = [j for j in makers if j.result is Result.FAILED and j.finished is not None]
    facts: dict[str, Fact] = {"destinations": elsewhere}
    if broken:
        facts["job"] = broken[0].name
        return failed(OFFSITE, "offsite_failed", facts, expected=expected, observed=observed)
    if made and seen.now - made[0].time <= limit:
        facts["hours"] = max(0, seen.now - made[0].time) // _HOUR
        plain = tuple(job.name for job in makers if job.unencrypted)
        advice = (Message("not_encrypted", {"jobs": plain}),) if plain else ()
        return passed(
            OFFSITE, "elsewhere", facts, expected=expected, observed=observed, advice=advice
        )
    if not any(_may_have_run(seen, job, seen.now - limit) for job in makers):
        facts["days"] = _ago(seen, made[0].time) if made else None
        message = "offsite_too_old" if made else "offsite_not_made"
        return failed(OFFSITE, message, facts, expected=expected, observed=observed)
    return unknown(OFFSITE, "offsite_not_seen", facts, expected=expected, observed=observed)


def _restore(seen: Backups, days: int) -> Judgement:
    expected: Facts = {"days": days, "level": f"R{Level.RESTORED.value}"}
    observed = seen.facts()
    if seen.failed_tests:
        facts: Facts = {"jobs": seen.failed_tests}
        return failed(RESTORE, "test_failed", facts, expected=expected, observed=observed)
    tried = [one for one in seen.tried if one.time <= seen.now + 300]
    restored = [one for one in tried if one.level is Level.RESTORED]
    if restored:
        newest = max(restored, key=lambda one: one.time)
        ago = _ago(seen, newest.time)
        facts = {"source": newest.source, "days": ago, "asked": days, "level": "R4"}
        if ago <= days:
            return passed(RESTORE, "restored", facts, expected=expected, observed=observed)
        return failed(RESTORE, "restored_too_long_ago", facts, expected=expected, observed=observed)
    if tried:
        best = max(tried, key=lambda one: (one.level, one.time))
        facts = {
            "source": best.source,
            "days": _ago(seen, best.time),
            "asked": days,
            "level": f"R{best.level.value}",
        }
        message = "data_read" if best.level is Level.DATA_READ else "index_checked"
        return unknown(RESTORE, message, facts, expected=expected, observed=observed)
    return unknown(RESTORE, "no_test_seen", {"asked": days}, expected=expected, observed=observed)


CHECK = Check(observe=observe, evaluate=evaluate)
