"""What would go where, to the letter: for ``assess plan`` and ``assess run --dry-run``."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from assessor.cli.console import say, warn_of_left_out
from assessor.cli.limits import limit_lines

if TYPE_CHECKING:
    from assessor.model.limits import Limits
    from assessor.model.plan import PlannedProbe, TargetPlan
    from assessor.model.target import Target
    from assessor.pipeline import Prepared


def show_plan(prepared: Prepared, limits: Limits, *, json: bool) -> None:
    """Prints a plan: for people, or all of it for programmes."""
    from assessor.evidence.codec import encode
    from assessor.evidence.store import without_secrets

    plan = prepared.plan
    warn_of_left_out(prepared.left_out)
    if json:
        told = {**encode(without_secrets(plan)), "limits": encode(limits)}
        typer.echo(jsonlib.dumps(told, ensure_ascii=False, indent=1))
        return
    for planned in plan.targets:
        say(f"{planned.target.name} ({planned.target.transport}, {planned.target.platform}):")
        for line in _target_lines(planned):
            say(f"  {line}")
    if plan.not_asked:
        say(f"Not asked: {', '.join(each.target.name for each in plan.not_asked)}")
    for line in limit_lines(limits):
        say(line)


def _target_lines(planned: TargetPlan) -> Iterator[str]:
    yield "; ".join(_way(planned.target))
    if not planned.checks:
        yield "no check of the profile fits this target"
    for item in planned.checks:
        yield item.check
    for probe in planned.probes:
        rights = " as root" if probe.probe.privilege == "sudo" else ""
        yield f"{probe.probe.kind}{rights}, at most {probe.probe.timeout_s} s:"
        for line in _question(planned.target, probe):
            yield f"    {line}"


def _question(target: Target, probe: PlannedProbe) -> Sequence[str]:
    from assessor.cli.device_words import questions
    from assessor.model.check import ProbeKind

    if probe.probe.kind is ProbeKind.SCRIPT:
        return probe.probe.shown.rstrip("\n").splitlines()
    if probe.probe.kind is ProbeKind.DEVICE:
        return questions(target)
    return [probe.probe.text]


def _way(target: Target) -> Iterator[str]:
    """Where the questions go, as whom, through what, and with which rights."""
    from assessor.model.target import Privilege, TransportKind

    match target.transport:
        case TransportKind.FILE:
            yield f"reads {target.file}; connects to nothing"
            return
        case TransportKind.LOCAL:
            yield "on this machine, as whoever runs assess"
        case TransportKind.NETWORK:
            yield f"to {_place(target)}, from outside"
        case _:
            yield f"to {_place(target)}, as {target.user or 'your own account here'}"
    if target.jump:
        yield f"through {', then '.join(target.jump)}"
    if target.site:
        yield f"in the site {target.site}"
    if target.transport is not TransportKind.NETWORK:
        yield "with sudo" if target.privilege is Privilege.SUDO else "without sudo"


def _place(target: Target) -> str:
    return target.address if target.port is None else f"{target.address}, port {target.port}"
