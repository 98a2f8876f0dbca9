"""The readers of the check on retention periods: options, days, root's list, tables."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from assessor.api import Captured
from checks.retention_periods.held import Kind, Trouble, day, held
from checks.retention_periods.named import Named, read_options
from checks.retention_periods.paths import read_find, read_paths
from checks.retention_periods.tables import read_table

TODAY = date(2026, 11, 28)


def captured(
    stdout: str, stderr: str = "", status: int = 0, *, truncated: bool = False
) -> Captured:
    return Captured(
        "probe", stdout, stderr, status, datetime(2026, 11, 28, tzinfo=UTC), 0, truncated
    )


def script(*lines: str) -> str:
    body = ["now 20785", *lines, "complete"]
    return "\n".join([*body, f"end {len(body)}"]) + "\n"


def test_places_and_their_periods() -> None:
    options = read_options(
        {
            "retention_paths": ["/srv/clients", "/srv/invoices"],
            "retention_days": {"/srv/invoices": 2555},
            "retention_postgresql": [
                {"database": "crm", "schema": "public", "table": "t", "column": "at", "days": 28}
            ],
            "retention_mysql": [{"database": "crm", "table": "t", "column": "at"}],
        }
    )
    assert options.paths == (Named("/srv/clients", None), Named("/srv/invoices", 2555))
    assert options.postgresql == (Named("crm.public.t.at", 28),)
    assert options.mysql == (Named("crm.t.at", None),)
    assert options.wrong == ()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"retention_days": 30}, "retention_days"),
        ({"retention_days": {"/srv/x": 30}}, "retention_days: /srv/x"),
        ({"retention_days": {"/srv/clients": "two years"}}, "/srv/clients: two years"),
        ({"retention_days": {"/srv/clients": 0}}, "/srv/clients: 0"),
        ({"retention_days": {"/srv/clients": True}}, "/srv/clients: True"),
        ({"retention_mysql": [{"table": "t", "days": -1}]}, "?.t.?: days: -1"),
    ],
)
def test_settings_that_cannot_be(given: dict[str, object], wrong: str) -> None:
    (said,) = read_options({"retention_paths": ["/srv/clients"], **given}).wrong
    assert wrong in said


@pytest.mark.parametrize(
    ("first", "written", "expected"),
    [
        ("2026-09-01", 20700, date(2026, 9, 1)),
        ("2026/09/01", 20700, date(2026, 9, 1)),
        ("01/Sep/2026", 20700, date(2026, 9, 1)),
        ("1788220800", 20700, date(2026, 9, 1)),
        # Written on 2026-01-02 (20455): December is of the year before.
        ("Dec 24", 20455, date(2025, 12, 24)),
        ("Jan  1", 20455, date(2026, 1, 1)),
        ("Jan  3", 20455, date(2026, 1, 2)),  # a day ahead, by its time zone
        ("Jan  4", 20455, date(2025, 1, 4)),
        ("Feb 29", 20455, date(2024, 2, 29)),
        ("Feb 30", 20455, None),
        ("Foo 12", 20455, None),
        ("99/Foo/2026", 20455, None),
    ],
)
def test_the_first_line_of_a_log(first: str, written: int, expected: date | None) -> None:
    output = script("path /l", "log", f"written {written}", f"first {first}", "whole 2")
    read = read_paths(output, ["/l"], TODAY)
    assert read is not None
    (path,), _ = read
    if expected is None:
        assert path.held.trouble is Trouble.NO_DATES
    else:
        assert (path.held.oldest, path.held.trouble) == (expected, None)


@pytest.mark.parametrize(
    "lines",
    [
        ("path /other", "folder", "whole 1"),
        ("path /a",),
        ("folder", "path /a", "whole 1"),
    ],
)
def test_paths_that_were_not_asked(lines: tuple[str, ...]) -> None:
    read = read_paths(script(*lines), ["/a"], TODAY)
    assert read is None or read[0][0].held.trouble is Trouble.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "lines",
    [
        ("folder",),
        ("folder", "day 20000 1"),
        ("folder", "day 20000 9", "whole 3"),
        ("folder", "day x 1", "whole 3", "more"),
        ("folder", "what 20000 1", "whole 3"),
        ("folder", "day 20000 1", "perhaps 3"),
        ("missing", "whole 1"),
        ("log", "whole 1"),
        ("log", "written 20000", "else 1", "whole 1"),
        ("nothing",),
    ],
)
def test_a_path_that_is_not_understood(lines: tuple[str, ...]) -> None:
    read = read_paths(script("path /a", *lines), ["/a"], TODAY)
    assert read is not None
    assert read[0][0].held.trouble is Trouble.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("output", "status", "trouble", "files"),
    [
        ("0d20261128+1f20250302+1l20250302+0c20261128+", 0, None, 1),
        ("0d20261128+1f20250302+0c20261128+", 1, Trouble.PARTLY, 1),
        ("0d20261128+1f20250302+", 0, Trouble.TOO_MANY, 1),
        ("0d20261128+1f20250302+0c2026112", 0, Trouble.TOO_MANY, 1),
        # A device within the folder is no end of the list.
        ("0d20261128+1c20250302+", 0, Trouble.TOO_MANY, 1),
        ("0d20261128+1f19700101+0c20261128+", 0, Trouble.UNDATED, 1),
        ("0f20261128+0c20261128+", 0, Trouble.CLOSED_FILE, None),
        ("0c20261128+", 1, Trouble.MISSING, None),
    ],
)
def test_what_root_sees(
    output: str, status: int, trouble: Trouble | None, files: int | None
) -> None:
    seen = read_find(captured(output, status=status), TODAY)
    assert seen is not None
    assert (seen.trouble, seen.items) == (trouble, files)


@pytest.mark.parametrize(
    "output", ["", "0c20261128+", "x", "0d2026+0c20261128+", "1f20250302+0c20261128+"]
)
def test_what_root_cannot_see(output: str) -> None:
    assert read_find(captured(output), TODAY) is None


def test_roots_list_at_its_limit_is_not_whole() -> None:
    seen = read_find(captured("0d20261128+0c20261128+", truncated=True), TODAY)
    assert seen is not None
    assert seen.trouble is Trouble.TOO_MANY


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (captured("rows 3 undated 0 oldest 2024-03-01 end\n"), None),
        (captured("rows 0 undated 0 oldest none end\n"), None),
        (captured("rows 3 undated 3 oldest none end\n"), Trouble.UNDATED),
        (captured("rows 3 undated 0 oldest none end\n"), Trouble.NO_DATES),
        (captured("rows 3 undated 0 oldest -infinity end\n"), Trouble.NO_DATES),
        (captured("rows 3 undated 0 oldest 0000-00-00 end\n"), Trouble.UNDATED),
        (captured("rows 3 undated 4 oldest 2024-03-01 end\n"), Trouble.NOT_UNDERSTOOD),
        (captured("rows 3 undated 0 oldest 2024-03-01"), Trouble.NOT_UNDERSTOOD),
        (captured("no table end\n"), Trouble.NO_SUCH_COLUMN),
        (captured("", status=127), Trouble.NOT_INSTALLED),
        (captured("", "runuser: user postgres does not exist", 1), Trouble.NOT_INSTALLED),
        (captured("", "FATAL: role does not exist", 2), Trouble.NO_SUCH_COLUMN),
        (captured("", "unrecognized configuration parameter", 1), Trouble.TOO_OLD),
        (captured("", "canceling statement due to statement timeout", 1), Trouble.TOO_MANY),
        (captured("", "Access denied for user", 1), Trouble.REFUSED),
    ],
)
def test_what_a_database_says(answer: Captured, trouble: Trouble | None) -> None:
    assert read_table(answer, TODAY).trouble is trouble


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        (day(1980, 1, 1), False),
        (day(1985, 1, 1), True),
        (day(2026, 11, 30), True),
        (day(2026, 12, 1), False),
        (None, False),
    ],
)
def test_days_that_can_be(when: date | None, counts: bool) -> None:
    seen = held(Kind.FOLDER, {when: 1}, TODAY)
    assert (bool(seen.days), seen.undated, seen.items) == (counts, int(not counts), 1)
