"""Asks one target, once: its script, its services from outside, or a device its configuration.

A ``TransportError`` that may pass is raised, for whoever decides whether to try again: nothing was
kept by then. Every other one becomes the reason why a probe has no answer.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from assessor.collect.shell.asking import until_answered
from assessor.collect.shell.frames import FrameReader, Head, Keep
from assessor.collect.shell.script import Mark
from assessor.collect.transports.base import (
    Abandoned,
    Deadline,
    RequestTransport,
    Script,
    Secrets,
    ShellTransport,
    Sink,
)
from assessor.collect.transports.device import DeviceTransport, ask_device
from assessor.errors import EvidenceError, TransportError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import ProbeKind
from assessor.model.plan import PlannedProbe, TargetPlan
from assessor.model.target import (
    Platform,
    Privilege,
    SecretPurpose,
    Target,
    TransportKind,
)

REPORT_IT = "this is a fault of assess: please report it"

SYSTEMS = {Platform.LINUX: "Linux", Platform.MACOS: "Darwin"}


class Reader(Sink, Protocol):
    """Turns what a target's scripts say into captures."""

    @property
    def head(self) -> Head | None:
        """What the first frame said."""

    def silence(self) -> NotCaptured:
        """Why there is no more output, where the transport ended without an error."""

    def close(self, missing: NotCaptured | None) -> None:
        """Ends the reading: what has no answer yet is ``missing``."""


_Scripts = Callable[[], Iterable[Script]]


def run_script(
    plan: TargetPlan,
    shells: Mapping[TransportKind, ShellTransport],
    secrets: Secrets,
    keep: Keep,
    deadline: Deadline,
) -> tuple[float | None, NotCaptured | None]:
    """Runs a target's script; gives its clock's skew in seconds, and why it did not say more.

    Raises:
        TransportError: the target could not be reached, which may pass.
    """
    target = plan.target
    asked = of_the_shell(plan)
    gap: NotCaptured | None = None
    if target.platform is Platform.WINDOWS:
        reader, scripts = _in_powershell(target, asked, keep, deadline)
    else:
        reader, scripts = _in_a_shell(target, asked, keep, secrets)
    try:
        shells[target.transport].run(target, scripts(), reader, deadline)
    except TransportError as error:
        if error.passing:
            raise
        gap = gap_of(error)
    except EvidenceError:
        raise
    except Exception as error:  # a fault of ours must cost the other targets nothing
        gap = NotCaptured("", Reason.INTERNAL, _where(error), _now(), REPORT_IT)
    if gap is not None and gap.reason is Reason.INTERRUPTED:
        return None, gap
    if gap is None and not reader.finished:
        gap = reader.silence()
    reader.close(gap)
    return reader.head.clock_skew_s if reader.head else None, gap


def _in_powershell(
    target: Target, asked: Sequence[PlannedProbe], keep: Keep, deadline: Deadline
) -> tuple[Reader, _Scripts]:
    # Few runs have a Windows among their targets.
    from assessor.collect.powershell.frames import PowershellReader
    from assessor.collect.powershell.script import render as render_powershell

    mark = Mark.random()
    reader = PowershellReader(asked, mark, keep, user=target.user or "USER")
    return reader, lambda: [render_powershell(asked, mark, deadline.remaining())]


def _in_a_shell(
    target: Target, asked: Sequence[PlannedProbe], keep: Keep, secrets: Secrets
) -> tuple[Reader, _Scripts]:
    mark = Mark.random()
    system, user = SYSTEMS[target.platform], target.user or "USER"
    reader = FrameReader(asked, mark, keep, system=system, user=user)

    def scripts() -> Iterator[Script]:
        sudo = target.privilege is Privilege.SUDO
        # Before anybody is called: a person may have to be asked, or its source may have none.
        password = secrets.get(target, SecretPurpose.SUDO_PASSWORD) if sudo else None
        return until_answered(reader, mark, sudo=sudo, password=password)

    return reader, scripts


def look_from_outside(
    plan: TargetPlan,
    transport: RequestTransport | None,
    keep: Keep,
    deadline: Deadline,
    abandoned: Abandoned,
) -> NotCaptured | None:
    """Puts the requests to a host's own services; gives the gap when the run was interrupted."""
    requests = tuple(each for each in plan.probes if each.probe.kind is ProbeKind.REQUEST)
    if plan.target.jump:
        # In this network its address may be another machine's, which nobody asked us to touch.
        why = "it is reached through another host, so its services cannot be seen from here"
        for planned in requests:
            keep(NotCaptured(planned.key, Reason.NOT_RUN, why, _now()))
        return None
    gap = ask_all(replace(plan, probes=requests), transport, keep, deadline, abandoned)
    return gap if gap is not None and gap.reason is Reason.INTERRUPTED else None


def ask_for_configuration(
    plan: TargetPlan,
    devices: Mapping[TransportKind, DeviceTransport],
    keep: Keep,
    deadline: Deadline,
) -> NotCaptured | None:
    """Asks a device for its configuration, which answers all probes that there are for devices.

    Raises:
        TransportError: the device could not be reached, which may pass.
    """
    at = _now()
    gap: NotCaptured | None = None
    text = ""
    try:
        text, broken = ask_device(devices[plan.target.transport], plan.target, deadline)
        if broken is not None:
            gap = gap_of(broken)
    except TransportError as error:
        if error.passing:
            raise
        gap = gap_of(error)
    except Exception as error:  # as in run_script
        gap = NotCaptured("", Reason.INTERNAL, _where(error), _now(), REPORT_IT)
    if gap is not None and gap.reason is Reason.INTERRUPTED:
        return gap
    for planned in plan.probes:
        if text:
            duration = round((_now() - at).total_seconds(), 3)
            keep(Captured(planned.key, text, "", 0, at, duration, undecodable="\ufffd" in text))
        elif gap is not None:
            keep(replace(gap, probe=planned.key))
    return gap


def ask_all(
    plan: TargetPlan,
    transport: RequestTransport | None,
    keep: Keep,
    deadline: Deadline,
    abandoned: Abandoned,
) -> NotCaptured | None:
    """Puts the requests one after the other; gives the gap that all of them share, if any."""
    gaps: list[NotCaptured] = []
    for planned in plan.probes:
        if transport is None:
            raise ValueError("a plan with requests, and nobody to put them")
        if abandoned.is_set():
            return NotCaptured("", Reason.INTERRUPTED, "the run was interrupted", _now())
        capture = _ask(plan.target, planned, transport, deadline)
        if isinstance(capture, NotCaptured):
            if capture.reason is Reason.INTERRUPTED:
                return capture
            gaps.append(capture)
        keep(capture)
    return gaps[0] if gaps and len(gaps) == len(plan.probes) else None


def _ask(
    target: Target, planned: PlannedProbe, transport: RequestTransport, deadline: Deadline
) -> Capture:
    at = _now()
    limit = planned.probe.limit_bytes
    try:
        within = Deadline.after(deadline.remaining(planned.probe.timeout_s))
        answer = transport.answer(target, planned, within)
    except TransportError as error:
        return replace(gap_of(error), probe=planned.key)
    except Exception as error:  # as in run_script
        return NotCaptured(planned.key, Reason.INTERNAL, _where(error), _now(), REPORT_IT)
    duration = round((_now() - at).total_seconds(), 3)
    raw = answer.encode("utf-8", errors="replace")
    text = raw[:limit].decode("utf-8", errors="replace")
    return Captured(planned.key, text, "", 0, at, duration, truncated=len(raw) > limit)


def of_the_shell(plan: TargetPlan) -> list[PlannedProbe]:
    """What is asked of the target itself, not of its services from outside."""
    return [planned for planned in plan.probes if planned.probe.kind is not ProbeKind.REQUEST]


def keep_missing(probes: Iterable[PlannedProbe], gap: NotCaptured, keep: Keep) -> None:
    """Stores ``gap`` as the reason why none of ``probes`` has an answer."""
    for planned in probes:
        keep(replace(gap, probe=planned.key))


def gap_of(error: TransportError) -> NotCaptured:
    """Why a target as a whole gives nothing (more)."""
    return NotCaptured("", error.reason, error.detail, _now(), error.mend)


def _where(error: Exception) -> str:
    """Where a fault of ours stands. Its message is left out: it may hold what was being handled."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _now() -> datetime:
    return datetime.now(UTC)
