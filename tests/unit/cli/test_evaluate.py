"""``assess evaluate``: it loads nothing that connects, and judges no evidence that is damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.evidence.store import RunFolder
from assessor.model.capture import NotCaptured, Reason
from assessor.pipeline import Checks, begin, prepare
from tests.unit.cli.conftest import Assess
from tests.unit.cli.loading import loaded

AT = datetime(2026, 11, 1, tzinfo=UTC)
REPORTS = ("report", "--format", "html,json,md", "--lang", "en")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run that was collected and not judged: this machine gave nothing."""
    prepared = prepare(tmp_path, Checks(), profile="mkb")
    run = begin(prepared)
    (planned,) = prepared.plan.targets
    journal = run.journal(planned.target.name, AT, lambda text: text)
    for probe in planned.probes:
        journal.keep(NotCaptured(probe.key, Reason.TIMED_OUT, "too slow", AT))
    journal.end(clock_skew_s=None, gap=None)
    return run


def test_what_connects_is_not_loaded_to_judge_and_to_report(run: RunFolder, tmp_path: Path) -> None:
    for words in (("evaluate",), REPORTS):
        modules = loaded(*words, folder=tmp_path)

        assert "assessor.evaluate.judge" in modules
        assert modules.isdisjoint(
            {"paramiko", "dns", "psutil", "keyring", "assessor.collect.runner"}
        )
    assert (run.path / "manifest.json").is_file()
    assert (run.path / "report.en.json").is_file()


@pytest.mark.parametrize("words", [("evaluate",), REPORTS], ids=" ".join)
def test_nothing_is_written_of_a_run_with_a_damaged_journal(
    run: RunFolder, tmp_path: Path, assess: Assess, words: tuple[str, ...]
) -> None:
    (journal,) = (run.path / "observations").iterdir()
    journal.write_bytes(journal.read_bytes().replace(b"too slow", b"in time", 1))
    before = {path.name for path in run.path.iterdir()}

    done = assess(tmp_path, *words)

    assert done.code == 3
    assert f"{journal.name}:3: the chain is broken" in done.err
    assert done.out == ""
    assert {path.name for path in run.path.iterdir()} <= before | {"lock"}
