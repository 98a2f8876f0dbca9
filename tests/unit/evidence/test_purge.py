"""Raw observations are deleted after their time; what is kept still verifies, whatever happens."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor.errors import EvidenceError, UsageError
from assessor.evidence.manifest import Concluded, seal, verify
from assessor.evidence.purge import grep, period, purge, purged
from assessor.evidence.seals import manifest_digest
from assessor.evidence.signing import SigningKey
from assessor.evidence.store import RunFolder
from assessor.model.capture import Captured
from assessor.model.evidence import RunFacts
from assessor.model.language import Language
from assessor.model.plan import Plan

AT = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(days=400)
KEY = SigningKey.new()


def finished(folder: Path, number: int = 0, previous: str = "", targets: int = 2) -> RunFolder:
    """A run that was finished, with something to delete."""
    at = AT + timedelta(days=30 * number)
    run_id = f"{at:%Y%m%dT%H%M%SZ}-{number:04x}"
    facts = RunFacts(run_id, "0.1.0", "mkb", "", "", Language.NL, at, "here", previous)
    run = RunFolder(folder / "runs" / run_id)
    run.create(facts, Plan(()))
    for target in range(targets):
        journal = run.journal(f"web{target}", at, str)
        journal.keep(Captured("probe", f"jan.jansen logged in on web{target}\n", "", 0, at))
        journal.end(clock_skew_s=None, gap=None)
    run.write("findings.json", {"findings": []})
    seal(run, facts, Concluded(at, {}), KEY)
    return run


def test_what_is_kept_still_verifies(tmp_path: Path) -> None:
    run = finished(tmp_path)
    lines = (run.path / "observations" / "web0.jsonl").read_bytes().splitlines()
    before = manifest_digest(run)

    assert purge(run, LATER) == 2

    assert not list((run.path / "observations").glob("*"))
    found = verify(run)
    assert (found.faults, found.purged_at) == ((), LATER)
    assert manifest_digest(run) == before
    record = purged(run)
    assert record is not None
    digests = [hashlib.sha256(line).hexdigest() for line in lines]
    assert list(record.files["observations/web0.jsonl"][1:]) == digests
    assert not any(b"jan.jansen" in path.read_bytes() for path in run.path.rglob("*.*"))
    assert purge(run, LATER) == 0


def test_a_file_that_is_gone_without_a_record_is_missing(tmp_path: Path) -> None:
    run = finished(tmp_path)
    purge(run, LATER)
    (run.path / "purged.json").unlink()
    assert "observations/web0.jsonl: missing" in verify(run).faults


def test_a_record_of_something_else_explains_nothing(tmp_path: Path) -> None:
    run = finished(tmp_path)
    purge(run, LATER)
    path = run.path / "purged.json"
    path.write_text(re.sub(r"[0-9a-f]{64}", "0" * 64, path.read_text()))
    assert "observations/web0.jsonl: missing" in verify(run).faults


def test_what_is_not_as_it_was_sealed_is_kept(tmp_path: Path) -> None:
    run = finished(tmp_path)
    path = run.path / "observations" / "web1.jsonl"
    path.write_bytes(path.read_bytes().replace(b"jan", b"piet"))
    with pytest.raises(EvidenceError):
        purge(run, LATER)
    assert path.exists()
    unfinished = finished(tmp_path, 1)
    (unfinished.path / "manifest.json").unlink()
    with pytest.raises(EvidenceError, match="not finished"):
        purge(unfinished, LATER)


def test_what_is_held_can_be_looked_for(tmp_path: Path) -> None:
    run = finished(tmp_path)
    hits = list(grep(run, re.compile("JAN", re.IGNORECASE)))
    assert [(hit.target, hit.line) for hit in hits] == [("web0", 1), ("web1", 1)]
    assert list(grep(run, re.compile("piet"))) == []


@pytest.mark.parametrize(
    ("text", "days"), [("90d", 90), ("12w", 84), ("6m", 180), ("2y", 730), (" 1 D ", 1)]
)
def test_periods(text: str, days: int) -> None:
    assert period(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "0d", "12", "d", "-3d", "3 months", "99999d"])
def test_what_is_no_period_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        period(text)


PURGES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from assessor.evidence.purge import purge
from assessor.evidence.store import list_runs
print("begun", flush=True)
for run in list_runs(Path(sys.argv[1])):
    purge(run, datetime(2027, 2, 5, tzinfo=UTC))
print("done", flush=True)
"""


def test_killed_at_any_moment_nothing_is_lost_and_the_next_purge_ends_it(tmp_path: Path) -> None:
    chance = random.Random("purge")
    runs = []
    previous = ""
    for number in range(8):
        runs.append(finished(tmp_path, number, previous, targets=25))
        previous = manifest_digest(runs[-1])
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", PURGES, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        # Not to wait for something, but to hit another moment each time.
        try:
            child.wait(chance.random() * 0.02)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        for run in runs:
            assert verify(run).faults == (), run.id
    for run in runs:
        purge(run, LATER)
        assert verify(run).faults == ()
        assert not list((run.path / "observations").glob("*"))
