"""``assess waive`` as people use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from assessor.inputs.words import load_words
from tests.unit.cli.conftest import Assess
from tests.unit.cli.folders import assessment

TODAY = date.today()  # noqa: DTZ011 - as the command itself
UNTIL = (TODAY + timedelta(days=90)).isoformat()
WHY = ("--reason", "It is replaced in February.", "--by", "A. Bakker")


Waive = Callable[..., tuple[int, str]]


@pytest.fixture(name="waive")
def _waive(assess: Assess) -> Waive:
    def run(folder: Path, *words: str) -> tuple[int, str]:
        done = assess(folder, "waive", *words)
        return done.code, done.out + done.err

    return run


def test_a_deviation_is_accepted_and_listed(waive: Waive, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")

    code, told = waive(folder, "host_firewall", "--target", "web01", "--until", UNTIL, *WHY)

    assert (code, "warning" in told) == (0, False), told
    (waiver,) = load_words(folder).waivers
    assert (waiver.check, waiver.target, waiver.by) == ("host_firewall", "web01", "A. Bakker")
    assert waiver.until.isoformat() == UNTIL
    code, listed = waive(folder, "--list")
    assert code == 0
    assert f"{UNTIL}  host_firewall on web01 (A. Bakker)" in listed
    assert "It is replaced in February." in listed


def test_a_name_that_does_not_exist_is_warned_about(waive: Waive, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")

    code, told = waive(folder, "host_firewal", "--target", "web1", "--until", UNTIL, *WHY)

    assert code == 0
    assert "no check 'host_firewal'; did you mean 'host_firewall'?" in told
    assert "no target 'web1'; did you mean 'web01'?" in told
    assert len(load_words(folder).waivers) == 1


def test_how_each_waiver_stands(waive: Waive, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    days = {"expired": -1, "soon": 31, "valid": 32}
    (folder / "waivers.yaml").write_text(
        "".join(
            f"- {{check: host_firewall, target: web01, reason: {state}, by: Jo, "
            f"until: {TODAY + timedelta(days=left)}, recorded_at: 2026-01-01}}\n"
            for state, left in days.items()
        ),
        encoding="utf-8",
    )

    code, told = waive(folder, "--list", "--json")

    items = [json.loads(line) for line in told.splitlines()]
    assert code == 0
    assert {item["reason"]: item["state"] for item in items} == {state: state for state in days}
    assert {item["state"]: item["days_left"] for item in items} == days
    assert "counts no more" in waive(folder, "--list")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "not said: CHECK, --target, --until, --reason, --by"),
        (("host_firewall", "-t", "web01", *WHY), "not said: --until"),
        (("host_firewall", "-t", "web01", "--until", "soon", *WHY), "'soon' is no day"),
        (("host_firewall", "-t", "web01", "--until", "2001-01-01", *WHY), "that day is over"),
        (
            (
                *("host_firewall", "-t", "web01", *WHY),
                *("--until", (TODAY + timedelta(days=400)).isoformat()),
            ),
            "366 days at most",
        ),
        (("host_firewall", "--list"), "--list shows all waivers"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    waive: Waive, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    folder = assessment(tmp_path / "c")

    code, output = waive(folder, *words)

    assert code == 2
    assert told in output
    assert not (folder / "waivers.yaml").exists()


def test_a_longer_time_must_be_asked_for(waive: Waive, tmp_path: Path) -> None:
    folder = assessment(tmp_path / "c")
    until = (TODAY + timedelta(days=400)).isoformat()
    words = ("host_firewall", "-t", "web01", "--until", until, *WHY)

    assert waive(folder, *words, "--longest", "500")[0] == 0
    assert waive(folder, "--list")[1].startswith(until)


def test_no_waivers(waive: Waive, tmp_path: Path) -> None:
    assert waive(assessment(tmp_path / "c"), "--list") == (0, "No deviation was accepted.\n")
