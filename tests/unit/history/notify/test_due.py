"""Whose news it is."""

from __future__ import annotations

import pytest

from assessor.history.notify.due import wanted
from assessor.history.records import RunRecord
from assessor.model.finding import Outcome
from assessor.model.notice import When
from assessor.model.statement import Verdict
from tests.unit.history.notify.support import claim, comparison, finding, run

KEPT = claim("firewall", Verdict.KEPT)
BROKEN = claim("firewall", Verdict.BROKEN)
ALL = {When.ALWAYS, When.CHANGE, When.WORSE}
CHANGED = {When.ALWAYS, When.CHANGE}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, run([KEPT]), CHANGED),
        (None, run([BROKEN]), ALL),
        (None, run([claim("firewall", Verdict.UNPROVEN)]), CHANGED),
        (run([KEPT]), run([KEPT]), {When.ALWAYS}),
        (run([KEPT]), run([BROKEN]), ALL),
        (run([KEPT]), run([claim("firewall", Verdict.UNPROVEN)]), ALL),
        (run([BROKEN]), run([KEPT]), CHANGED),
        (run([BROKEN]), run([claim("firewall", Verdict.UNPROVEN)]), CHANGED),
        (run([KEPT]), run([KEPT, claim("backups", Verdict.KEPT)]), CHANGED),
        (run([KEPT]), run([KEPT, claim("backups", Verdict.BROKEN)]), ALL),
        (run([KEPT, claim("backups", Verdict.BROKEN)]), run([KEPT]), CHANGED),
        (
            run([BROKEN], [finding("srv1", Outcome.PASS)]),
            run([BROKEN], [finding("srv1", Outcome.FAIL)]),
            ALL,
        ),
        (
            run([BROKEN], [finding("srv1", Outcome.PASS)]),
            run([BROKEN], [finding("srv1", Outcome.UNKNOWN)]),
            ALL,
        ),
        (
            run([KEPT]),
            run([KEPT], [finding("srv2", Outcome.FAIL)], targets={"srv1": True, "srv2": True}),
            ALL,
        ),
        (
            run([KEPT], targets={"srv1": True, "srv2": True}),
            run([KEPT], targets={"srv1": True, "srv2": False}),
            ALL,
        ),
        (run([KEPT], targets={"srv1": True, "srv2": True}), run([KEPT]), CHANGED),
    ],
    ids=[
        *("first-good", "first-broken", "first-unproven", "same", "broken", "proof-lost"),
        *("mended", "broken-to-unproven", "new-kept", "new-broken", "promise-gone"),
        *("system-worse", "system-unseen", "new-system-bad", "system-silent", "system-gone"),
    ],
)
def test_each_is_told_what_was_asked_for(
    before: RunRecord | None, after: RunRecord, told: set[When]
) -> None:
    found = comparison(before, after) if before else None
    assert {when for when in When if wanted(when, found, after.summary)} == told
