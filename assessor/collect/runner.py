"""Walks the plan: many targets side by side, each with its own deadline."""

from __future__ import annotations

import concurrent.futures
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from assessor.collect.powershell import script as powershell
from assessor.collect.powershell.frames import PowershellReader
from assessor.collect.shell.frames import FrameReader, Head
from assessor.collect.shell.script import Mark, render
from assessor.collect.transports.base import (
    Deadline,
    RequestTransport,
    Secrets,
    ShellTransport,
    Sink,
)
from assessor.collect.transports.device import DeviceTransport, ask_device
from assessor.errors import EvidenceError, TransportError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import ProbeKind
from assessor.model.plan import Plan, PlannedProbe, TargetPlan
from assessor.model.target import (
    Platform,
    Privilege,
    SecretPurpose,
    Target,
    TransportKind,
)

REPORT_IT = "this is a fault of assess: please report it"

SYSTEMS = {Platform.LINUX: "Linux", Platform.MACOS: "Darwin"}


class Journal(Protocol):
    """Keeps what one target answers, as it answers. Only one thread uses it at a time."""

    def keep(self, capture: Capture) -> None:
        """Stores one capture; when this returns, it survives the end of this process."""

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        """Everything that this target had to say is stored."""


class Store(Protocol):
    """Opens journals; safe to call from several threads."""

    def journal(self, target: str, at: datetime) -> Journal:
        """The journal of ``target``, whose collection begins ``at``."""


class Progress(Protocol):
    """Hears how far a run is; called from several threads."""

    def begun(self, plan: TargetPlan) -> None:
        """A target is being collected."""

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """A probe was stored."""

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """A target is done; ``gap`` says why it could not be reached or read to the end."""


class Reader(Sink, Protocol):
    """Turns what a target's script says into captures."""

    @property
    def head(self) -> Head | None:
        """What the script's first frame said."""

    def silence(self) -> NotCaptured:
        """Why there is no more output, where the transport ended without an error."""

    def close(self, missing: NotCaptured | None) -> None:
        """Ends the reading: what has no answer yet is ``missing``."""


@dataclass(frozen=True, slots=True)
class Transports:
    """The ways to reach a target; ``requests`` may be absent where the plan holds none."""

    shells: Mapping[TransportKind, ShellTransport]
    requests: RequestTransport | None
    secrets: Secrets
    devices: Mapping[TransportKind, DeviceTransport] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What protects the collector and the targets.

    Attributes:
        jobs: targets collected at the same time.
        deadline_s: seconds that one target may take, connecting included.
    """

    jobs: int = 16
    deadline_s: float = 180.0


def collect(
    plan: Plan,
    transports: Transports,
    store: Store,
    progress: Progress,
    abandoned: threading.Event,
    limits: Limits,
) -> None:
    """Asks every target its probes and stores what comes back.

    What goes wrong with one target is stored as the reason why its probes have no answer, and
    stops no other. ``KeyboardInterrupt`` sets ``abandoned``, waits for what is under way to be
    stored, and is raised again.
    """
    asked = [target for target in plan.targets if target.probes]
    workers = max(1, min(limits.jobs, len(asked)))
    with concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="collect") as pool:
        futures = [
            pool.submit(_collect_target, target, transports, store, progress, abandoned, limits)
            for target in asked
        ]
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
        except BaseException:
            abandoned.set()
            pool.shutdown(cancel_futures=True)
            raise


def _collect_target(
    plan: TargetPlan,
    transports: Transports,
    store: Store,
    progress: Progress,
    abandoned: threading.Event,
    limits: Limits,
) -> None:
    if abandoned.is_set():
        return
    progress.begun(plan)
    journal = store.journal(plan.target.name, _now())

    def keep(capture: Capture) -> None:
        journal.keep(capture)
        progress.answered(plan, capture)

    deadline = Deadline.after(limits.deadline_s)
    if plan.target.transport is TransportKind.NETWORK:
        skew, gap = None, _ask_all(plan, transports.requests, keep, deadline, abandoned)
    elif plan.target.platform is Platform.DEVICE:
        skew, gap = None, _ask_device(plan, transports.devices, keep, deadline)
    else:
        skew, gap = _run_script(plan, transports, keep, deadline)
        if gap is None or gap.reason is not Reason.INTERRUPTED:
            gap = _look_from_outside(plan, transports.requests, keep, deadline, abandoned) or gap
    if gap is not None and gap.reason is Reason.INTERRUPTED:
        return  # without an end in its journal, a resumed run asks this target again
    journal.end(clock_skew_s=skew, gap=gap)
    progress.ended(plan, gap)


def _run_script(
    plan: TargetPlan, transports: Transports, keep: Callable[[Capture], None], deadline: Deadline
) -> tuple[float | None, NotCaptured | None]:
    target = plan.target
    mark = Mark.random()
    asked = [planned for planned in plan.probes if planned.probe.kind is not ProbeKind.REQUEST]
    reader = _reader(target, asked, mark, keep)
    gap: NotCaptured | None = None
    try:
        script = _script(target, asked, mark, transports.secrets, deadline)
        transports.shells[target.transport].run(target, script, reader, deadline)
    except TransportError as error:
        gap = NotCaptured("", error.reason, error.detail, _now(), error.mend)
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


def _reader(
    target: Target, asked: Sequence[PlannedProbe], mark: Mark, keep: Callable[[Capture], None]
) -> Reader:
    user = target.user or "USER"
    if target.platform is Platform.WINDOWS:
        return PowershellReader(asked, mark, keep, user=user)
    return FrameReader(asked, mark, keep, system=SYSTEMS[target.platform], user=user)


def _script(
    target: Target,
    asked: Sequence[PlannedProbe],
    mark: Mark,
    secrets: Secrets,
    deadline: Deadline,
) -> bytes:
    if target.platform is Platform.WINDOWS:
        return powershell.render(asked, mark, deadline.remaining())
    sudo = target.privilege is Privilege.SUDO
    password = secrets.get(target, SecretPurpose.SUDO_PASSWORD) if sudo else None
    return render(asked, mark, sudo=sudo, password=password)


def _look_from_outside(
    plan: TargetPlan,
    transport: RequestTransport | None,
    keep: Callable[[Capture], None],
    deadline: Deadline,
    abandoned: threading.Event,
) -> NotCaptured | None:
    """Puts the requests to a host's own services; gives the gap when the run was interrupted."""
    requests = tuple(each for each in plan.probes if each.probe.kind is ProbeKind.REQUEST)
    if plan.target.jump:
        # In this network its address may be another machine's, which nobody asked us to touch.
        why = "it is reached through another host, so its services cannot be seen from here"
        for planned in requests:
            keep(NotCaptured(planned.key, Reason.NOT_RUN, why, _now()))
        return None
    gap = _ask_all(replace(plan, probes=requests), transport, keep, deadline, abandoned)
    return gap if gap is not None and gap.reason is Reason.INTERRUPTED else None


def _ask_device(
    plan: TargetPlan,
    devices: Mapping[TransportKind, DeviceTransport],
    keep: Callable[[Capture], None],
    deadline: Deadline,
) -> NotCaptured | None:
    """Asks a device for its configuration, which answers all probes that there are for devices."""
    at = _now()
    gap: NotCaptured | None = None
    text = ""
    try:
        text, broken = ask_device(devices[plan.target.transport], plan.target, deadline)
        if broken is not None:
            gap = NotCaptured("", broken.reason, broken.detail, _now(), broken.mend)
    except TransportError as error:
        gap = NotCaptured("", error.reason, error.detail, _now(), error.mend)
    except Exception as error:  # as in _run_script
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


def _ask_all(
    plan: TargetPlan,
    transport: RequestTransport | None,
    keep: Callable[[Capture], None],
    deadline: Deadline,
    abandoned: threading.Event,
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
        return NotCaptured(planned.key, error.reason, error.detail, _now(), error.mend)
    except Exception as error:  # as in _run_script
        return NotCaptured(planned.key, Reason.INTERNAL, _where(error), _now(), REPORT_IT)
    duration = round((_now() - at).total_seconds(), 3)
    raw = answer.encode("utf-8", errors="replace")
    text = raw[:limit].decode("utf-8", errors="replace")
    return Captured(planned.key, text, "", 0, at, duration, truncated=len(raw) > limit)


def _where(error: Exception) -> str:
    """Where a fault of ours stands. Its message is left out: it may hold what was being handled."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _now() -> datetime:
    return datetime.now(UTC)
