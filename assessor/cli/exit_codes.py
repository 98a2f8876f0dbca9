"""The exit codes, as ``docs/exit-codes.md`` explains them."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessor.model.run import RunResult
    from assessor.model.statement import MeasureVerdict


class ExitCode(IntEnum):
    """What the shell is told."""

    SHOWN = 0
    BROKEN = 1
    USAGE = 2
    INCOMPLETE = 3
    INTERNAL = 4
    INTERRUPTED = 130


class FailOn(StrEnum):
    """Which results make ``assess`` exit with something else than 0."""

    BROKEN = "broken"
    INCOMPLETE = "incomplete"
    NEVER = "never"


def exit_code(result: RunResult, fail_on: FailOn) -> ExitCode:
    """The exit code of a run: a broken promise goes before an unproven one."""
    from assessor.statement.verdicts import is_broken

    if fail_on is FailOn.NEVER:
        return ExitCode.SHOWN
    if any(is_broken(measure) for measure in _measures(result)):
        return ExitCode.BROKEN
    if fail_on is FailOn.INCOMPLETE and not _all_shown(result):
        return ExitCode.INCOMPLETE
    return ExitCode.SHOWN


def _measures(result: RunResult) -> list[MeasureVerdict]:
    if result.claims:
        return [measure for claim in result.claims for measure in claim.measures]
    return list(result.measures)


def _all_shown(result: RunResult) -> bool:
    from assessor.model.statement import Verdict

    shown = {Verdict.KEPT, Verdict.ATTESTED}
    verdicts = [claim.verdict for claim in result.claims] or [
        measure.verdict for measure in result.measures
    ]
    nothing_promised = result.statement is not None and not result.claims
    return (
        bool(verdicts)
        and set(verdicts) <= shown
        and not result.facts.left_out
        and not nothing_promised
    )
