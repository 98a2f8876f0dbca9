"""Whether a notice is due: pure."""

from __future__ import annotations

from enum import StrEnum

from assessor.history.comparison import Comparison
from assessor.history.drift import Change
from assessor.history.records import RunSummary
from assessor.model.finding import Outcome
from assessor.model.notice import When
from assessor.model.statement import Verdict

NOT_KEPT = frozenset({Verdict.BROKEN, Verdict.PARTLY, Verdict.EXPIRED})


class Event(StrEnum):
    """What there is to tell. The words stand in what webhooks get: never rename one."""

    FINISHED = "run.finished"
    FAILED = "run.failed"
    TEST = "test"


def changed(comparison: Comparison | None) -> bool:
    """Whether anything is not as it was; so it is for the first run, which is news as a whole."""
    if comparison is None:
        return True
    return bool(
        comparison.findings
        or comparison.promises
        or comparison.new_targets
        or comparison.lost_targets
        or comparison.silent_targets
    )


def worse(comparison: Comparison | None, run: RunSummary) -> bool:
    """Whether anything got worse, is new and not in order, or is no longer to be seen.

    A first run is worse than nothing where a promise is not kept.
    """
    if comparison is None:
        return bool(NOT_KEPT & run.verdicts().keys())
    return (
        any(
            item.change is Change.WORSE
            or (item.change is Change.NEW and item.after is Outcome.FAIL)
            for item in comparison.findings
        )
        or any(
            item.change is Change.WORSE or (item.change is Change.NEW and item.after in NOT_KEPT)
            for item in comparison.promises
        )
        or bool(comparison.silent_targets)
    )


def wanted(when: When, comparison: Comparison | None, run: RunSummary) -> bool:
    """Whether whoever asked for ``when`` is told of a finished run."""
    match when:
        case When.ALWAYS:
            return True
        case When.CHANGE:
            return changed(comparison)
        case When.WORSE:
            return worse(comparison, run)
        case When.FAILED:
            return False
