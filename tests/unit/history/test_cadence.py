"""When runs are due: checked against systemd's own calendar, and against the clock's changes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.errors import UsageError
from assessor.history.schedule.cadence import Cadence, cron, monthly, read_cadence, weekly

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CADENCES = [
    monthly(),
    monthly("15", "23:59"),
    monthly("sun", "0:05"),
    weekly(),
    weekly("sat", "06:30"),
    cron("0 10 * * *"),
    cron("5 */6 * * *"),
    cron("30 9 1,15 * 1"),
    cron("30 9 1-7 * *"),
    cron("0 8-10,12 * feb-apr mon-fri"),
    cron("0 0 29 2 *"),
    cron("15 4 */10 * 0,7"),
    cron("@monthly"),
]
STARTS = [
    "2026-01-01 00:00:00",
    "2026-03-28 22:00:00",
    "2026-10-24 12:00:00",
    "2027-12-31 23:59:30",
]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Amsterdam"])
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("cadence", CADENCES, ids=lambda each: each.said)
def test_the_times_are_those_of_systemd(cadence: Cadence, start: str, zone: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (Debian package systemd)")
    expected: set[datetime] = set()
    for words in cadence.on_calendar():
        done = subprocess.run(
            ["systemd-analyze", "calendar", "--iterations=8", f"--base-time={start}", words],
            env={**os.environ, "TZ": zone, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        )
        pattern = r"(?:\(in UTC\)|elapse|#\d+): \w+ ([\d-]+ [\d:]+) UTC"
        told = re.findall(pattern, done.stdout)
        assert len(told) == 8, done.stdout
        expected |= {datetime.fromisoformat(each).replace(tzinfo=UTC) for each in told}
    here = ZoneInfo(zone)
    moment = datetime.fromisoformat(start).replace(tzinfo=here)
    ours = []
    for _ in range(8):
        moment = cadence.after(moment, here)
        ours.append(moment)
    assert ours == sorted(expected)[:8]


@given(
    cadence=st.sampled_from(CADENCES),
    moment=st.integers(1_700_000_000, 1_950_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    zone=st.sampled_from([UTC, AMSTERDAM]),
)
def test_every_moment_lies_between_two_times(
    cadence: Cadence, moment: datetime, zone: ZoneInfo
) -> None:
    before, after = cadence.before(moment, zone), cadence.after(moment, zone)
    assert before <= moment < after
    assert cadence.after(before, zone) == after
    assert cadence.before(after, zone) == after
    assert cadence.before(after - timedelta(microseconds=1), zone) == before


def test_a_time_that_the_clock_skips_comes_after_it_and_one_that_comes_twice_comes_once() -> None:
    nightly = cron("30 2 * * *")
    summer = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)  # 01:45; at 02:00 it becomes 03:00
    assert nightly.after(summer, AMSTERDAM) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    winter = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, for the first time
    assert nightly.before(winter + timedelta(hours=1), AMSTERDAM) == winter
    assert nightly.after(winter, AMSTERDAM) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("cadence", CADENCES, ids=lambda each: each.said)
def test_what_is_written_down_is_read_back(cadence: Cadence) -> None:
    assert read_cadence(cadence.said) == cadence


@pytest.mark.parametrize(
    "words",
    [
        "", "* * * * *", "0,30 1 * * *", "0 24 * * *", "0 1 0 * *", "0 1 32 * *", "0 1 * 13 *",
        "0 1 * * 8", "0 1 31 2 *", "0 1 * *", "0 1 * * * *", "0 1-0 * * *", "0 */0 * * *",
        "0 1- * * *", "0 -1 * * *", "0 1,,2 * * *", "0 x * * *", "0 1 * * mon-", "0 1/x * * *",
        "61 1 * * *", "0 ١ * * *", "0 1 * * *\n* * * * *", "@reboot", "0 00001 * * *",
    ],
)  # fmt: skip
def test_what_is_no_cadence_is_refused(words: str) -> None:
    with pytest.raises(UsageError):
        cron(words)


@pytest.mark.parametrize(
    ("on", "at"), [("29", "10:00"), ("0", "10:00"), ("dinsdag", "10:00"), ("1", "24:00"), ("1", "")]
)
def test_a_day_or_a_time_that_there_is_not_is_refused(on: str, at: str) -> None:
    with pytest.raises(UsageError):
        monthly(on, at)
    with pytest.raises(UsageError):
        weekly(on, at)


@pytest.mark.parametrize(
    "said", ["", "monthly", "daily tue 10:00", "cron", "weekly 1 10:00", "x y"]
)
def test_what_was_never_written_down_is_refused(said: str) -> None:
    with pytest.raises(UsageError):
        read_cadence(said)
