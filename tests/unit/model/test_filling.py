"""What the inventory names goes into a probe, and nothing that could mean more than it says."""

from __future__ import annotations

import json
import shlex
from types import MappingProxyType

import pytest

from assessor.errors import UsageError
from assessor.model.check import Probe, ProbeKind
from assessor.model.filling import MOST_ENTRIES, filled
from assessor.model.target import Platform, Privilege, Role, Target, TransportKind

QUERY = Probe(
    "oldest",
    ProbeKind.COMMAND,
    """/usr/bin/psql -d '{database}' -c 'select min("{column}") from "{table}"'""",
    Privilege.SUDO,
    option="columns",
)
SCRIPT = Probe("folders", ProbeKind.SCRIPT, 'echo "$@"', option="folders")
VISITS = {"database": "crm", "table": "visits", "column": "created_at"}


def target(**options: object) -> Target:
    return Target(
        "web",
        Role.SERVER,
        TransportKind.SSH,
        Platform.LINUX,
        "web.example",
        options=MappingProxyType(options),
    )


def test_a_probe_without_an_option_stays_as_it_is() -> None:
    probe = Probe("rules", ProbeKind.COMMAND, "/usr/sbin/nft -j list ruleset")
    assert filled(probe, target(folders=["/srv"])) == (probe,)


def test_a_command_is_asked_once_for_each_entry() -> None:
    both = filled(QUERY, target(columns=[VISITS, {**VISITS, "database": "shop"}]))

    assert [probe.name for probe in both] == ["oldest[0]", "oldest[1]"]
    assert both[1].text == """/usr/bin/psql -d shop -c 'select min("created_at") from "visits"'"""


def test_without_the_option_a_command_is_not_asked_and_a_script_is_given_nothing() -> None:
    assert filled(QUERY, target()) == ()
    assert filled(SCRIPT, target())[0].arguments == ()


def test_a_script_is_given_the_entries_as_they_are() -> None:
    (probe,) = filled(SCRIPT, target(folders=["/srv/my files", "/var/'; reboot"]))
    assert probe.arguments == ("/srv/my files", "/var/'; reboot")


@pytest.mark.parametrize(
    "value",
    [
        'a" from "b',
        "a b",
        "a;b",
        "a'b",
        "-c",
        "../../etc/shadow",
        "a\n",
        "",
        "{value}",
        "a*",
        "x" * 200,
        "é",
        7,
        None,
        ["a"],
    ],
)
def test_what_could_mean_more_than_a_name_never_gets_into_a_command(value: object) -> None:
    with pytest.raises(UsageError, match=r"target web: options\.columns: column is a path"):
        filled(QUERY, target(columns=[{**VISITS, "column": value}]))


FIND = Probe("find", ProbeKind.COMMAND, "/usr/bin/find '{value}' -type f", option="folders")


@pytest.mark.parametrize("path", ["/srv/Gedeelde map", "/srv/café (oud)", "/a,b=c"])
def test_a_path_that_is_a_word_of_its_own_may_hold_spaces(path: str) -> None:
    (probe,) = filled(FIND, target(folders=[path]))
    assert shlex.split(probe.text) == ["/usr/bin/find", path, "-type", "f"]


@pytest.mark.parametrize(
    "path", ["/srv -delete", "/srv  x", "/srv ", "/srv/../etc", "/srv/*", "/a\nb", "/a'b", "/a;b"]
)
def test_a_path_that_sudo_could_take_for_more_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="value is a path"):
        filled(FIND, target(folders=[path]))


def test_a_field_without_a_value_is_refused() -> None:
    with pytest.raises(UsageError, match="table is a path"):
        filled(QUERY, target(columns=[{"database": "crm", "column": "created_at"}]))


@pytest.mark.parametrize("value", ["-rf", "a\nb", "a\0b", "", 7, "x" * 300])
def test_an_argument_that_could_be_an_option_or_a_line_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match=r"target web: options\.folders"):
        filled(SCRIPT, target(folders=["/srv", value]))


@pytest.mark.parametrize("value", ["/srv", {"a": "b"}, 7, ["/srv"] * (MOST_ENTRIES + 1)])
def test_the_option_is_a_list_of_some_length(value: object) -> None:
    with pytest.raises(UsageError, match=r"target web: options\.folders"):
        filled(SCRIPT, target(folders=value))


ASK = Probe("offers", ProbeKind.REQUEST, '{"kind":"x","port":1,"service":"{value}"}', option="more")


def test_a_request_is_asked_once_for_each_entry() -> None:
    both = filled(ASK, target(more=["smtp:25", 'a "b" {c}']))

    assert [probe.name for probe in both] == ["offers[0]", "offers[1]"]
    assert both[0].text == '{"kind":"x","port":1,"service":"smtp:25"}'
    assert json.loads(both[1].text) == {"kind": "x", "port": 1, "service": 'a "b" {c}'}
    assert filled(ASK, target()) == ()


@pytest.mark.parametrize("value", ["-x", "a\nb", "", 7, None, {"other": "a"}])
def test_a_request_is_filled_with_plain_text_only(value: object) -> None:
    with pytest.raises(UsageError, match=r"target web: options\.more"):
        filled(ASK, target(more=[value]))
