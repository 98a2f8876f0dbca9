"""What is concluded of each file, and of all of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from assessor.restore.answers import Answers, Head, RestoredFile, Seen
from assessor.restore.order import Order, Tool
from assessor.restore.outcome import Outcome, Result, State, judge, same_host

BACKUP = 1_700_000_000.0
NOW = int(BACKUP) + 90_000
ONE, OTHER = "1" * 64, "2" * 64
CAME = Seen(6, BACKUP - 500, BACKUP + 100, ONE)


def live(sha256: str, *, modified: float = -500, changed: float = -500) -> Seen:
    """What is live, with its dates before or after the backup, in seconds."""
    return Seen(6, BACKUP + modified, BACKUP + changed, sha256)


def judged(
    *files: tuple[Seen | None, Seen | None],
    tool: Tool = Tool.RESTIC,
    against: str = "",
    against_file: bool = False,
    host: str = "web01",
    time: float = BACKUP,
) -> Outcome:
    """The outcome of a test with these files: what came back, and what it is compared with."""
    moment = datetime.fromtimestamp(time, UTC)
    told = {
        Tool.RESTIC: json.dumps({"time": moment.isoformat(), "id": "abc", "hostname": host}),
        Tool.BORG: f"{host}\t{moment:%Y-%m-%dT%H:%M:%S.%f}\tname",
        Tool.TAR: f"{time}\tfull.tar",
        Tool.RCLONE: None,
    }[tool]
    answers = Answers("m", head=Head(0, NOW, "Linux", "web01"), done=True, snapshot=told)
    answers.against_file = against_file
    answers.files = [
        RestoredFile(f"f{number}", 6, came, beside) for number, (came, beside) in enumerate(files)
    ]
    return judge(Order(tool, against=against), answers)


def state(*args: Seen | None, **more: object) -> State:
    """The state of one file."""
    came, beside = args
    ((_, found),) = judged((came, beside), **more).states  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("tool", Tool)
def test_equal_is_equal_whatever_the_dates_say(tool: Tool) -> None:
    assert state(CAME, live(ONE, modified=50, changed=60), tool=tool) is State.EQUAL


@pytest.mark.parametrize("tool", Tool)
def test_what_nobody_touched_since_the_backup_must_be_equal(tool: Tool) -> None:
    assert state(CAME, live(OTHER), tool=tool) is State.DIFFERS


@pytest.mark.parametrize("tool", [Tool.RESTIC, Tool.BORG, Tool.TAR])
@pytest.mark.parametrize(
    ("modified", "changed"),
    [(50, 50), (-500, 50), (-300, 50), (-0.01, -0.01), (0, 0)],
    ids=["written", "put back with its old date", "and another", "just before", "meanwhile"],
)
def test_what_was_touched_since_says_nothing(tool: Tool, modified: float, changed: float) -> None:
    found = state(CAME, live(OTHER, modified=modified, changed=changed), tool=tool)
    assert found is State.CHANGED_SINCE


def test_an_older_date_than_the_backups_counts_where_its_beginning_is_known() -> None:
    older = live(OTHER, modified=-100, changed=-100)
    assert state(CAME, older) is State.DIFFERS
    # An archive's date is that of its end: what changed while it was made is older too.
    assert state(CAME, older, tool=Tool.TAR) is State.CHANGED_SINCE
    assert state(CAME, older, tool=Tool.RCLONE) is State.CHANGED_SINCE


def test_a_backup_of_the_future_accuses_nobody() -> None:
    found = state(CAME, live(OTHER), time=float(NOW + 3600))
    assert found is State.CHANGED_SINCE


def test_what_was_set_apart_may_have_been_put_there_later() -> None:
    copy = live(OTHER, changed=5000)
    assert state(CAME, copy, against="/mnt/copy") is State.DIFFERS
    written = live(OTHER, modified=5000, changed=5000)
    assert state(CAME, written, against="/mnt/copy") is State.CHANGED_SINCE
    assert state(CAME, written, against="/mnt/file", against_file=True) is State.DIFFERS


def test_another_machines_files_are_not_compared_with_those_here() -> None:
    assert judged((CAME, live(OTHER)), host="web02").foreign
    assert state(CAME, live(OTHER), host="web02") is State.NOT_COMPARED
    assert state(CAME, live(ONE), host="web02") is State.NOT_COMPARED
    assert state(CAME, live(ONE), host="web02", against="/mnt") is State.EQUAL


def test_what_did_not_come_back_whole_is_broken() -> None:
    short = Seen(5, BACKUP, BACKUP, ONE)
    assert state(None, live(ONE)) is State.NOT_WHOLE
    assert state(short, live(ONE)) is State.NOT_WHOLE


def test_one_that_differs_outweighs_all_that_are_equal() -> None:
    equal, differs = (CAME, live(ONE)), (CAME, live(OTHER))
    assert judged(equal, differs, equal).result is Result.BROKEN
    assert judged(equal, (None, None)).result is Result.BROKEN
    assert judged(equal, (CAME, None)).result is Result.PROVEN
    assert judged((CAME, None), (CAME, live(OTHER, changed=9))).result is Result.RESTORED
    assert judged().result is Result.RESTORED


def test_empty_files_prove_nothing() -> None:
    nothing = Seen(0, BACKUP, BACKUP, ONE)
    answers = Answers("m", head=Head(0, NOW, "Linux", "web01"), done=True)
    answers.files = [RestoredFile("f", 0, nothing, nothing)]
    assert judge(Order(Tool.TAR), answers).result is Result.RESTORED


def test_the_snapshot_is_told_as_the_tools_tell_it() -> None:
    moment = datetime.fromtimestamp(BACKUP, UTC)
    for tool, name in ((Tool.RESTIC, "abc"), (Tool.BORG, "name"), (Tool.TAR, "full.tar")):
        snapshot = judged(tool=tool).snapshot
        assert (snapshot.name, snapshot.time) == (name, moment), tool
    nano = '{"time":"2026-11-28T13:50:17.22075381+02:00","hostname":"h","id":"x"}'
    read = judge(Order(Tool.RESTIC), Answers("m", done=True, snapshot=nano)).snapshot
    assert read.time == datetime(2026, 11, 28, 11, 50, 17, 220753, UTC)


@pytest.mark.parametrize("told", ["", "[]", "{", '{"time": 5}', "a\tb", "x\ty\tz"])
@pytest.mark.parametrize("tool", Tool)
def test_a_damaged_snapshot_has_no_time(tool: Tool, told: str) -> None:
    assert judge(Order(tool), Answers("m", done=True, snapshot=told)).snapshot.time is None


def test_host_names_with_and_without_domain_are_the_same() -> None:
    assert same_host("web01", "WEB01.example.nl")
    assert not same_host("web01", "web02")
    assert not same_host("", "")
