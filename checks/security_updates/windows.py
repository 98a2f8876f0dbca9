"""Windows: the release, what Windows Update says, and when it was last updated.

Newer releases refuse the Windows Update Agent to whoever comes over the network (E_ACCESSDENIED
since Server 2025 and Windows 11 KB5065789; PSWindowsUpdate, issues 60 and 65). What the event log
and the list of hot fixes show then still counts: Microsoft publishes on fixed days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from assessor.api import (
    Captures,
    CimAnswer,
    Fact,
    Message,
    NotCaptured,
    Told,
    UnparsedError,
    read_cim,
    told,
)

from .facts import Machine, Updates
from .windows_agent import Agent, read_agent
from .windows_installs import (
    Fixes,
    Install,
    Present,
    due_since,
    in_place,
    read_events,
    read_fixes,
)
from .windows_release import Release, extended_until, read_release
from .windows_settings import Settings, read_settings

MANAGER = "Windows Update"


@dataclass(frozen=True, slots=True)
class Windows:
    """What the probes gave; without a release nothing can be judged."""

    at: datetime
    release: Told[Release]
    settings: Told[Settings]
    agent: Told[Agent]
    events: Told[tuple[Install, ...]]
    fixes: Told[Fixes]
    started: Told[datetime]
    licences: CimAnswer | None

    @property
    def installs(self) -> tuple[Install, ...]:
        """The updates of Windows, as agent and log know them."""
        agent = self.agent.answer
        return (*(agent.installs if agent is not None else ()), *(self.events.answer or ()))

    @property
    def latest(self) -> date | None:
        """The latest day on which anything of Windows can have been installed."""
        fixes = self.fixes.answer
        days = [last for _, last in fixes.days] if fixes is not None else []
        return max([*days, *(one.on for one in self.installs)], default=None)

    @property
    def earliest(self) -> date | None:
        """The latest day on which something of Windows was installed for sure."""
        fixes = self.fixes.answer
        days = [first for first, _ in fixes.days] if fixes is not None else []
        return max([*days, *(one.on for one in self.installs)], default=None)


def observe_windows(captures: Captures) -> Windows:
    """Reads all that Windows says."""
    at = captures.at
    release = told(captures, "release", read_release)
    settings = told(captures, "settings", lambda text: read_settings(text, at))
    build = release.answer.build if release.answer is not None else 0
    exact = settings.answer is not None and not settings.answer.own_server
    return Windows(
        at,
        release,
        settings,
        told(captures, "agent", lambda text: read_agent(text, build, exact)),
        told(captures, "installs", lambda text: read_events(text, build)),
        told(captures, "fixes", lambda text: read_fixes(text, at.date())),
        told(captures, "started", read_started),
        told(captures, "licences", read_cim).answer,
    )


def read_started(text: str) -> datetime:
    """When Windows was last started; raises ``UnparsedError``."""
    rows = read_cim(text).rows
    if len(rows) != 1:
        raise UnparsedError("rows")
    return rows[0].moment("LastBootUpTime")


def machine(seen: Windows, release: Release) -> Machine:
    """The machine, for the judgement that all systems share."""
    settings, agent = seen.settings.answer, seen.agent.answer
    restart = (settings is not None and settings.restart) or (
        agent is not None and agent.restart is True
    )
    return Machine(
        name=release.name,
        release={},
        support=release.support,
        restart_since=_restart_since(seen) if restart else None,
        restart_needed=restart,
        started=seen.started.answer,
    )


def _restart_since(seen: Windows) -> datetime | None:
    """A moment since which a restart is waited for, for sure: the newest update after the start.

    What waits was installed after the last start, and at the latest with the newest update.
    """
    started = seen.started.answer
    if started is None:
        return None
    newest = max((one.on for one in seen.installs if one.on > started.date()), default=None)
    if newest is None:
        return None
    return datetime(newest.year, newest.month, newest.day, tzinfo=UTC)


def updates(seen: Windows) -> Updates | None:
    """What Windows Update says; ``None`` where it says nothing of what waits."""
    agent = seen.agent.answer
    if agent is None or agent.fault:
        return None
    return Updates(
        MANAGER,
        pending=agent.pending,
        other=agent.other,
        checked=agent.searched,
        last_install=seen.latest,
        complete=agent.complete,
    )


def paid_until(seen: Windows, release: Release) -> tuple[date | None, bool]:
    """Until when Extended Security Updates reach this machine; whether nothing can tell more."""
    settings = seen.settings.answer
    subscribed = settings is not None and settings.subscribed
    try:
        return extended_until(release, seen.licences, subscribed)
    except UnparsedError:
        return extended_until(release, None, subscribed)


@dataclass(slots=True)
class Findings:
    """What speaks for each verdict, beside what all systems share."""

    fail: list[Message] = field(default_factory=list)
    unsure: list[Message] = field(default_factory=list)
    advice: list[Message] = field(default_factory=list)
    good: Message | None = None


def judge(seen: Windows, release: Release, limit: int) -> Findings:
    """What is known of settings and of days, with ``limit`` the days to install an update in."""
    findings = Findings()
    settings = seen.settings.answer
    if settings is None:
        findings.unsure.append(_untold(seen.settings))
    else:
        _judge_settings(findings, seen.at, settings, limit)
    _judge_days(findings, seen, release, limit)
    if machine(seen, release).restart_needed and seen.started.answer is None:
        findings.unsure.append(Message("restart_undated"))
    return findings


def _judge_settings(findings: Findings, at: datetime, settings: Settings, limit: int) -> None:
    if settings.deferred > limit:
        said: dict[str, Fact] = {"days": settings.deferred, "limit": limit}
        findings.fail.append(Message("deferred_too_long", said))
    if settings.paused_since is not None:
        days = (at - settings.paused_since).days
        if days > limit:
            findings.fail.append(Message("paused_too_long", {"days": days, "limit": limit}))
        else:
            findings.advice.append(Message("updates_paused", {"days": days}))
    if settings.automatic is False:
        findings.advice.append(Message("automatic_off"))
    findings.advice += [
        Message("update_service_off", {"service": name}) for name in settings.disabled
    ]
    if settings.office is False:
        version = settings.office_version or "?"
        findings.advice.append(Message("office_updates_off", {"version": version}))


def _judge_days(findings: Findings, seen: Windows, release: Release, limit: int) -> None:
    """Whether what Microsoft published long enough ago is in place, by the days of installation."""
    due = due_since(seen.at.date(), limit)
    latest, earliest = seen.latest, seen.earliest
    said: dict[str, Fact] = {"published": due.isoformat(), "limit": limit}
    agent, settings, fixes = seen.agent.answer, seen.settings.answer, seen.fixes.answer
    dated = fixes is not None and bool(fixes.days) and not fixes.undated
    if latest is not None and latest < due and dated:
        missed = {**said, "installed": latest.isoformat()}
        findings.fail.append(Message("patch_day_missed", missed))
        return
    present = Present(
        release.revision,
        fixes.articles if fixes is not None else None,
        settings is not None and settings.direct,
    )
    shown = in_place(seen.installs, due, present)
    if agent is not None and not agent.fault:
        if not agent.complete:
            findings.unsure.append(Message("search_incomplete"))
        elif shown is None and (earliest is None or earliest < due):
            findings.unsure.append(Message("install_unseen", said))
        return
    if shown is not None and not seen.agent.unparsed:
        facts = {**said, "update": f"KB{shown.article}", "installed": shown.on.isoformat()}
        findings.good = Message("patched_since", facts)
        return
    if agent is None:
        findings.unsure.append(_untold(seen.agent))
        return
    code: dict[str, Fact] = {"code": f"0x{agent.fault:08x}"}
    if earliest is None:
        findings.unsure.append(Message("agent_refuses", code))
    else:
        findings.unsure.append(
            Message("pending_unseen", {**code, "installed": earliest.isoformat()})
        )


def _untold(answer: Told[Settings] | Told[Agent]) -> Message:
    gap: NotCaptured | None = answer.gap
    if gap is None:
        return Message("unparsed", {"manager": MANAGER})
    facts: dict[str, Fact] = {
        "probe": gap.probe,
        "reason": gap.reason.value,
        "detail": gap.detail,
        "mend": gap.mend,
    }
    return Message("not_observed", facts)


def observed_windows(seen: Windows, release: Release) -> dict[str, Fact]:
    """What was seen, for the report."""
    settings, agent = seen.settings.answer, seen.agent.answer
    support, started = release.support, seen.started.answer
    facts: dict[str, Fact] = {
        "release": release.name,
        "version": release.version,
        "support_until": support.free.isoformat() if support and support.free else None,
        "last_update_installed": seen.earliest.isoformat() if seen.earliest else None,
        "last_start": started.date().isoformat() if started else None,
    }
    if agent is not None:
        facts["update_agent_fault"] = f"0x{agent.fault:08x}" if agent.fault else None
        facts["last_search"] = agent.searched.date().isoformat() if agent.searched else None
        if not agent.fault:
            facts["security_updates_waiting"] = len(agent.pending)
            facts["other_updates_waiting"] = agent.other
    if settings is not None:
        facts["update_source"] = "WSUS" if settings.own_server else "Microsoft"
        facts["deferred_days"] = settings.deferred
        facts["automatic"] = settings.automatic
        facts["restart_needed"] = machine(seen, release).restart_needed
        facts["office_version"] = settings.office_version or None
    return facts
