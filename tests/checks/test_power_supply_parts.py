"""The readers of the check on emergency power."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from checks.power_supply.readers import Host, read_host, read_powerpanel
from checks.power_supply.supply import (
    believable_date,
    self_test_failed,
    self_test_passed,
    whole_number,
)

AT = datetime(2026, 11, 28, tzinfo=UTC)


def _host(*lines: str) -> Host:
    host = read_host("\n".join([*lines, "complete", f"end {len(lines) + 1}"]) + "\n", AT)
    assert host is not None
    return host


@pytest.mark.parametrize(
    ("result", "failed", "passed"),
    [
        ("Done and passed", False, True),
        ("done and passed", False, True),
        ("OK", False, True),
        ("Passed at 2026/07/16 01:01:08", False, True),
        ("Done and error", True, False),
        ("Done and warning", False, False),
        ("test failed", True, False),
        ("Failed", True, False),
        ("Bad battery pack: replace", True, False),
        ("NG", True, False),
        ("BT", True, False),
        ("No test initiated", False, False),
        ("In progress", False, False),
        ("Aborted", False, False),
        ("", False, False),
    ],
)
def test_self_tests_of_any_wording(result: str, failed: bool, passed: bool) -> None:
    assert (self_test_failed(result), self_test_passed(result)) == (failed, passed)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024/05/01", 2024),
        ("2019-01-15", 2019),
        ("11/20/2021", 2021),
        ("02/14/16", 2016),
        ("2001/01/01", None),  # what devices are born with
        ("1970-01-01", None),
        ("2065/165/165", None),
        ("2065/12/31", None),
        ("not set", None),
        ("", None),
    ],
)
def test_dates_of_batteries(text: str, year: int | None) -> None:
    found = believable_date((text,), AT)
    assert (found.year if found else None) == year


def test_the_first_believable_date_counts() -> None:
    found = believable_date(("2001/01/01", "2020/02/02"), AT)
    assert found is not None
    assert found.year == 2020


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("36.8 Minutes", 36),
        ("57 min.", 57),
        ("2400", 2400),
        ("N/A", None),
        ("-1", None),
        ("", None),
    ],
)
def test_numbers(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("lines", "guarded"),
    [
        (("processes seen", "process upsmon", "nut a", "clients a 1"), True),
        (("processes seen", "process upsmon", "nut a"), True),  # NUT before 2.6 tells no clients
        (("processes seen", "process upsmon", "nut a", "clients a 0"), None),
        (("processes seen", "nut a", "clients a 0"), False),
        (("processes seen", "nut a", "clients a 1"), True),  # another program than upsmon
        (("processes unseen", "nut a", "clients a 0"), None),
    ],
)
def test_whether_the_machine_is_shut_down(lines: tuple[str, ...], guarded: bool | None) -> None:
    (supply,) = _host(*lines).supplies
    assert supply.guarded is guarded


def test_a_name_that_begins_as_another() -> None:
    host = _host(
        "nut ups", "value ups ups.status OL", "nut ups2", "value ups2 ups.status OB", "error ups2 x"
    )
    first, second = host.supplies
    assert (first.status, first.contact) == (("OL",), True)
    assert (second.status, second.contact) == (("OB",), False)


@pytest.mark.parametrize("mode", ["dummy-loop", "dummy-once", "repeater"])
def test_what_is_simulated(mode: str) -> None:
    (supply,) = _host(
        "nut a", "value a driver.name dummy-ups", f"value a driver.parameter.mode {mode}"
    ).supplies
    assert supply.simulated is (mode != "repeater")


def test_statuses_of_apcupsd() -> None:
    (supply,) = _host("tool apcaccess", "apc STATUS ONLINE REPLACEBATT", "apc END").supplies
    assert supply.status == ("OL", "RB")
    host = _host("tool apcaccess", "apc STATUS ONLINE")
    assert (host.supplies, host.silent) == ((), ("apcupsd",))


def test_powerpanel_needs_its_last_line() -> None:
    text = (
        "\tState........................ Normal\n"
        "\tPower Supply by.............. Utility Power\n"
        "\tRemaining Runtime............ 57 min.\n"
        "\tTest Result.................. Unknown\n"
        "\tLast Power Event............. None\n"
    )
    supply = read_powerpanel(text)
    assert supply is not None
    assert (supply.status, supply.runtime_s, supply.test) == (("OL",), 3420, "")
    for lost in range(5):
        lines = text.splitlines(keepends=True)
        assert read_powerpanel("".join(lines[:lost] + lines[lost + 1 :])) is None
