"""Security updates: what waits, since when, whether the release still gets any, and a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from assessor.api import (
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Platform,
    failed,
    not_observed,
    passed,
    unknown,
)

from .apt import read_apt
from .facts import Facts, Machine, Pending, Updates
from .macos import read_macos
from .plain import read_apk, read_pacman
from .releases import Support, support_of
from .rpm import read_dnf, read_zypper
from .system import read_machine
from .windows import (
    Windows,
    judge,
    machine,
    observe_windows,
    observed_windows,
    paid_until,
    updates,
)
from .windows_release import Release

MEASURE = "patching"
SOON = timedelta(days=90)
NAMES = 5

FAMILIES = (
    ("apt", "apt-get", {"debian", "ubuntu"}),
    ("dnf", "dnf", {"rhel", "fedora", "centos", "almalinux", "rocky", "ol", "amzn"}),
    ("zypper", "zypper", {"suse", "sles", "opensuse", "opensuse-leap", "opensuse-tumbleweed"}),
    ("apk", "apk", {"alpine"}),
    ("pacman", "pacman", {"arch", "archarm", "manjaro"}),
)
PRODUCTS = {"pve-manager": "Proxmox VE"}
"""Names of products that are installed on top of a release and end by themselves."""
SPLIT = frozenset({"debian", "ubuntu", "linuxmint"})
"""Distributions with a package source of their own for security updates."""


def observe(captures: Captures) -> Facts | Windows:
    """Reads the release and then what its own package manager says."""
    if captures.target.platform is Platform.MACOS:
        return _observe_macos(captures)
    if captures.target.platform is Platform.WINDOWS:
        return observe_windows(captures)
    system = captures.answered("system")
    if system is None:
        return Facts(captures.at, None, None, gap=captures.gap("system"))
    machine = read_machine(system.stdout)
    if machine is None:
        return Facts(captures.at, None, None)
    updates, gap = _updates(captures, machine)
    return Facts(captures.at, machine, updates, gap)


def _observe_macos(captures: Captures) -> Facts:
    answer = captures.answered("updates")
    if answer is None:
        return Facts(captures.at, None, None, gap=captures.gap("updates"))
    read = read_macos(answer.stdout)
    return Facts(captures.at, None, None) if read is None else Facts(captures.at, *read)


def _manager(machine: Machine) -> tuple[str, bool]:
    """The release's package manager and whether it is there."""
    words = {machine.release["ID"], *machine.release.get("ID_LIKE", "").split()}
    for manager, tool, family in FAMILIES:
        if words & family:
            return manager, tool in machine.tools and "rpm-ostree" not in machine.tools
    return "", False


def _updates(captures: Captures, machine: Machine) -> tuple[Updates | None, NotCaptured | None]:
    manager, there = _manager(machine)
    if not there:
        return Updates(manager or machine.release["ID"], problem="unsupported_manager"), None
    probe = {"apt": "apt", "dnf": "dnf_upgrade"}.get(manager, "others")
    answer = captures.answered(probe)
    if answer is None:
        return None, captures.gap(probe)
    if manager == "apt":
        release = machine.release
        # Linux Mint has a codename of its own beside that of what it is made of
        names = ("UBUNTU_CODENAME", "DEBIAN_CODENAME", "VERSION_CODENAME")
        codename = next((release[name] for name in names if release.get(name)), "")
        return read_apt(answer.stdout, codename=codename, split=release["ID"] in SPLIT), None
    if manager == "dnf":
        advisories = captures["dnf_advisories"]
        return read_dnf(
            machine, answer, None if isinstance(advisories, NotCaptured) else advisories
        ), None
    if manager == "zypper":
        return read_zypper(machine, answer.stdout), None
    readers: dict[str, Callable[[str], Updates]] = {"apk": read_apk, "pacman": read_pacman}
    return readers[manager](answer.stdout), None


@dataclass(slots=True)
class _Grounds:
    """What speaks for each verdict, the gravest first."""

    fail: list[Message] = field(default_factory=list)
    unsure: list[Message] = field(default_factory=list)
    advice: list[Message] = field(default_factory=list)
    good: Message = Message("up_to_date")  # noqa: RUF009 - frozen


def evaluate(facts: Facts | Windows, parameters: Parameters) -> list[Judgement]:
    """One judgement: a reason to fail comes before a reason for doubt."""
    if isinstance(facts, Windows):
        return [_judge_windows(facts, parameters)]
    machine = facts.machine
    if machine is None:
        if facts.gap is not None:
            return [not_observed(MEASURE, facts.gap)]
        return [unknown(MEASURE, "unparsed", {"manager": "os-release"})]
    grounds = _Grounds()
    _judge_release(grounds, facts, machine, parameters)
    if facts.updates is not None:
        _judge_updates(grounds, facts, facts.updates, parameters)
    _judge_restart(grounds, facts, machine, parameters.integer("max_age_days"))
    missing = facts.gap if facts.updates is None else None
    return [_conclude(grounds, parameters, _observed(facts, machine), missing)]


def _judge_windows(seen: Windows, parameters: Parameters) -> Judgement:
    release = seen.release.answer
    if release is None:
        if seen.release.gap is not None:
            return not_observed(MEASURE, seen.release.gap)
        return unknown(MEASURE, "unparsed", {"manager": "Windows"})
    limit = parameters.integer("max_age_days")
    whole, waiting = machine(seen, release), updates(seen)
    facts = Facts(seen.at, whole, waiting)
    grounds = _Grounds()
    _judge_windows_release(grounds, seen, release, parameters)
    if waiting is not None:
        _judge_updates(grounds, facts, waiting, parameters)
    findings = judge(seen, release, limit)
    grounds.fail += findings.fail
    grounds.unsure += findings.unsure
    grounds.advice += findings.advice
    grounds.good = findings.good or grounds.good
    _judge_restart(grounds, facts, whole, limit)
    return _conclude(grounds, parameters, observed_windows(seen, release), None)


def _judge_windows_release(
    grounds: _Grounds, seen: Windows, release: Release, parameters: Parameters
) -> None:
    support, today = release.support, seen.at.date()
    if support is None:
        grounds.unsure.append(Message("release_unknown", {"release": release.name}))
        return
    until, sure = paid_until(seen, release)
    bought = parameters.boolean("extended_support")
    if until is not None and not bought:
        support = replace(support, paid=until)
    if not sure and not bought and until is not None and today > until:
        grounds.unsure.append(Message("esu_unseen", {"release": release.name}))
        return
    _judge_support(grounds, today, release.name, support, paid=bought or until is not None)


def _conclude(
    grounds: _Grounds,
    parameters: Parameters,
    observed: dict[str, Fact],
    missing: NotCaptured | None,
) -> Judgement:
    """The verdict: what speaks against comes first, then what is missing, then what is unsure."""
    expected: dict[str, Fact] = {
        "max_age_days": parameters.integer("max_age_days"),
        "max_lists_age_days": parameters.integer("max_lists_age_days"),
    }
    if grounds.fail:
        say, (first, *more) = failed, grounds.fail
    elif missing is not None:
        return not_observed(MEASURE, missing)
    elif grounds.unsure:
        say, (first, *more) = unknown, grounds.unsure
    else:
        say, first, more = passed, grounds.good, []
    return say(
        MEASURE,
        first.id,
        first.facts,
        expected=expected,
        observed=observed,
        advice=(*more, *grounds.advice),
    )


def _judge_release(
    grounds: _Grounds, facts: Facts, machine: Machine, parameters: Parameters
) -> None:
    if machine.support is None:
        grounds.unsure.append(Message("release_unknown", {"release": machine.name}))
    else:
        paid = parameters.boolean("extended_support") or (
            facts.updates is not None and facts.updates.paid
        )
        _judge_support(grounds, facts.at.date(), machine.name, machine.support, paid=paid)
    for product, version in facts.updates.products if facts.updates is not None else ():
        support = support_of({"ID": product, "VERSION_ID": version})
        if support is not None:  # of others we do not know whether they end before the release
            name = f"{PRODUCTS.get(product, product)} {version}"
            _judge_support(grounds, facts.at.date(), name, support, paid=False)


def _judge_support(
    grounds: _Grounds, today: date, name: str, support: Support, *, paid: bool
) -> None:
    if support.free is None:
        if support.sure is not None and today > support.sure:
            grounds.unsure.append(Message("release_unknown", {"release": name}))
        return
    until = support.free
    if today > support.free:
        if not paid or support.paid is None or today > support.paid:
            grounds.fail.append(
                Message("release_ended", {"release": name, "until": support.free.isoformat()})
            )
            return
        until = support.paid
    said = {"release": name, "until": until.isoformat()}
    if today + SOON > until:
        grounds.advice.append(Message("release_ends_soon", said))
    elif support.maker is not None and today > support.maker:
        grounds.advice.append(Message("long_term_support", said))


def _judge_updates(
    grounds: _Grounds, facts: Facts, updates: Updates, parameters: Parameters
) -> None:
    said: dict[str, Fact] = {"manager": updates.manager}
    if updates.automatic is False:
        grounds.advice.append(Message("automatic_off"))
    if updates.problem:
        grounds.unsure.append(Message(updates.problem, said))
        return
    if not updates.has_source:
        grounds.fail.append(Message("no_security_source", said))
        return
    if updates.vendor_source is False:
        grounds.fail.append(Message("no_vendor_source", {"product": "Proxmox"}))
    limit = parameters.integer("max_lists_age_days")
    age = _age(facts.at, updates.checked)
    if age is None:
        grounds.unsure.append(Message("lists_undated", said))
    elif age > limit:
        grounds.unsure.append(Message("lists_stale", {**said, "days": age, "limit": limit}))
    if updates.pending:
        _judge_pending(grounds, facts.at, updates, parameters.integer("max_age_days"))


def _judge_pending(grounds: _Grounds, at: datetime, updates: Updates, limit: int) -> None:
    number = len(updates.pending)
    said: dict[str, Fact] = {"number": number, "limit": limit}
    held = [update for update in updates.pending if update.held]
    old = [(age, p) for p in updates.pending if (age := _age(at, p.published)) and age > limit]
    if old:
        days = max(age for age, _ in old)
        names = _names(update for _, update in old)
        grounds.fail.append(
            Message("pending_old", {**said, "old": len(old), "days": days, "names": names})
        )
    if held:
        grounds.fail.append(Message("pending_held", {"number": len(held), "names": _names(held)}))
    if old or held:
        return
    names = _names(updates.pending)
    if updates.complete and all(update.exact for update in updates.pending):
        grounds.good = Message("pending_recent", {**said, "names": names})
        return
    run = _days(at, updates.last_run)
    install = _days(at, updates.last_install)
    if updates.complete and run is not None and run <= limit:
        # What waits now was not there at that run: it is younger than the run.
        grounds.good = Message("pending_recent", {**said, "names": names})
    elif updates.complete and install is not None and install > limit:
        grounds.fail.append(Message("nothing_installed", {**said, "days": install, "names": names}))
    else:
        grounds.unsure.append(Message("pending_age_unknown", {**said, "names": names}))


def _judge_restart(grounds: _Grounds, facts: Facts, machine: Machine, limit: int) -> None:
    if not machine.restart_needed or machine.container:
        return
    since = _age(facts.at, machine.restart_since)
    if since is not None and since > limit:
        grounds.fail.append(Message("restart_overdue", {"days": since, "limit": limit}))
    else:
        grounds.advice.append(Message("restart_needed"))


def _observed(facts: Facts, machine: Machine) -> dict[str, Fact]:
    support = machine.support
    seen: dict[str, Fact] = {
        "release": machine.name,
        "support_until": _iso(support.free) if support else None,
        "running_kernel": machine.running,
        "newer_kernel": machine.newer_kernel or None,
        "restart_needed": machine.restart_needed and not machine.container,
    }
    updates = facts.updates
    if updates is not None:
        seen |= {
            "manager": updates.manager,
            "security_updates_waiting": len(updates.pending),
            "other_updates_waiting": updates.other,
            "lists_age_days": _age(facts.at, updates.checked),
            "last_update_installed": _iso(updates.last_install),
            "last_full_update": _iso(updates.last_run),
            "automatic": updates.automatic,
        }
    if machine.started is not None:
        seen["days_since_start"] = _age(facts.at, machine.started)
    return seen


def _age(at: datetime, moment: datetime | None) -> int | None:
    """Whole days since ``moment``; ``None`` for what is unknown or lies more than a day ahead."""
    if moment is None or moment > at + timedelta(days=1):
        return None
    return max(0, (at - moment) // timedelta(days=1))


def _days(at: datetime, day: date | None) -> int | None:
    if day is None:
        return None
    return _age(at, datetime(day.year, day.month, day.day, tzinfo=UTC))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _names(updates: Iterable[Pending]) -> str:
    names = [update.name for update in updates]
    shown = ", ".join(names[:NAMES])
    return shown if len(names) <= NAMES else f"{shown}, … (+{len(names) - NAMES})"


CHECK = Check(observe=observe, evaluate=evaluate)
