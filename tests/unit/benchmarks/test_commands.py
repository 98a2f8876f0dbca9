"""A tool that leaves something out, or brings home something else, is found out."""

from __future__ import annotations

from benchmarks.fleet_parts.bars import Bar
from benchmarks.fleet_parts.commands import COMMANDS, Answer, differences

HOSTS = ("127.0.0.1", "127.0.0.2")
WHOLE = {(host, command): Answer(0, command) for host in HOSTS for command in COMMANDS}


def test_twenty_commands_each_once() -> None:
    assert len(set(COMMANDS)) == len(COMMANDS) == 20


def test_equal_answers_have_no_differences() -> None:
    assert differences(HOSTS, {"ours": WHOLE, "theirs": dict(WHOLE)}) == []


def test_a_missing_an_other_and_a_failed_answer_are_each_named() -> None:
    theirs = dict(WHOLE)
    del theirs[HOSTS[0], COMMANDS[0]]
    theirs[HOSTS[1], COMMANDS[1]] = Answer(0, "something else")
    theirs[HOSTS[1], COMMANDS[2]] = Answer(1, COMMANDS[2])
    found = differences(HOSTS, {"ours": WHOLE, "theirs": theirs})
    assert [line.partition(": ")[0] for line in found] == ["theirs"] * 3
    assert COMMANDS[0] in found[0]
    assert "something else" in found[1]
    assert "status=1" in found[2]


def test_what_no_tool_was_told_is_missing_of_all() -> None:
    assert len(differences(HOSTS, {"ours": {}, "theirs": {}})) == 2 * len(WHOLE)


def test_a_bar_is_met_on_its_right_side_and_on_the_line() -> None:
    assert Bar("ms", 15.0, 15.0).met
    assert not Bar("ms", 15.1, 15.0).met
    assert Bar("times", 8.0, 8.0, at_least=True).met
    assert not Bar("times", 7.9, 8.0, at_least=True).met
