"""What a restore test leaves."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.restore import record as records
from assessor.restore.answers import Answers, Head, RestoredFile, Seen
from assessor.restore.order import Order, Tool
from assessor.restore.outcome import Outcome, Result, Snapshot, State
from assessor.restore.record import list_digest, make_line, make_record

ENDED = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
SEEN = Seen(6, 1.0, 1.0, "ab" * 32)
FILE = RestoredFile("home/piet/salaris.ods", 6, SEEN, SEEN)
OUTCOME = Outcome(
    Result.PROVEN, Snapshot("0123456789abcdef0123", ENDED, "web01"), ((FILE, State.EQUAL),)
)
ORDER = Order(Tool.RESTIC, "rest:https://me@box/r", token="f" * 32)


def test_the_line_on_the_target_names_no_file_and_no_place() -> None:
    line = make_line(ORDER, OUTCOME, ENDED)
    assert "piet" not in line.text
    assert "box" not in line.text
    assert line.text == (
        "assess restore-test 2026-11-28T12:00:00Z: restic backup 0123456789abcdef of "
        "2026-11-28T12:00:00Z: 1 restored (6 bytes), 1 compared and equal, 0 different; "
        f"list sha256 {list_digest(OUTCOME)}"
    )


def test_the_list_can_be_made_again_with_sha256sum() -> None:
    text = f"{'ab' * 32}  home/piet/salaris.ods\n"
    assert list_digest(OUTCOME) == hashlib.sha256(text.encode()).hexdigest()


def test_the_record_here_holds_all_but_secrets() -> None:
    record = make_record(
        "web01", ORDER, Answers("m", head=Head(0, 1, "Linux", "web01")), OUTCOME, ENDED
    )
    assert record.id == "20261128T120000Z-web01-ffff"
    assert record.entry["repository"] == "rest:https://box/r"
    assert record.entry["files"] == [
        {"path": "home/piet/salaris.ods", "size": 6, "sha256": "ab" * 32, "state": "equal"}
    ]


def test_the_commands_put_exactly_the_line_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PLACE", str(tmp_path / "place"))
    line = make_line(ORDER, OUTCOME, ENDED)
    for command in line.commands():
        subprocess.run(["sh", "-c", command.replace("sudo ", "")], check=True, timeout=20)
    left = (tmp_path / "place" / "restored" / line.name).read_bytes()
    assert hashlib.sha256(left).hexdigest() == line.digest
    sums = (tmp_path / "place" / "canary" / "SHA256SUMS").read_text()
    assert sums == f"{line.digest}  {line.name}\n"
