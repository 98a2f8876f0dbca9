"""The readers and rules of the check on rights on databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assessor.evidence.redact import Redactor
from checks.database_rights import mysql, postgresql
from checks.database_rights.host import read_host

SAMPLES = Path(__file__).parents[2] / "checks" / "database_rights" / "samples"
ALL = "0.0.0.0"  # noqa: S104 - judged, not bound


def _host_output(*lines: str) -> str:
    return "\n".join([*lines, "complete", f"end {len(lines) + 1}", ""])


def test_listeners_by_port() -> None:
    host = read_host(
        _host_output(
            "listen 0100007F:1538",
            "listen 0A0200C0:1538",
            "listen 00000000000000000000000001000000:1538",
            "listen 0000000000000000FFFF00000100007F:18EB",
            "table /proc/net/tcp",
        )
    )
    assert host is not None
    assert host.listening == {
        5432: ("127.0.0.1", "192.0.2.10", "::1"),
        6379: ("127.0.0.1",),
    }
    assert host.addresses(5432) == ("192.0.2.10",)
    assert host.addresses(6379) == ()


@pytest.mark.parametrize(
    "line", ["listen 7F:1538", "process oracle host", "process redis host -1", "strange"]
)
def test_a_line_of_another_form_is_not_guessed_at(line: str) -> None:
    assert read_host(_host_output(line, "table /proc/net/tcp")) is None


def test_listening_is_unknown_without_the_kernels_table() -> None:
    for lines in ((), ("table /proc/net/tcp", "unreadable /proc/net/tcp6")):
        host = read_host(_host_output(*lines))
        assert host is not None
        assert host.addresses(5432) is None


def _server(*rules: tuple[str, str | None, str | None, str], ssl: str = "on") -> postgresql.Server:
    answer = {
        "settings": {"port": "5432", "listen_addresses": "*", "ssl": ssl, "server_version": "16"},
        "roles": [{"name": "postgres", "super": True, "login": True, "md5": False}],
        "members": None,
        "databases": [],
        "rules": [
            {"line": at, "type": kind, "database": ["all"], "user": ["all"], "broken": False}
            | {"address": address, "netmask": mask, "method": method}
            for at, (kind, address, mask, method) in enumerate(rules, 1)
        ],
        "whole": True,
    }
    server = postgresql.read_server(json.dumps(answer))
    assert server is not None
    return server


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (("hostssl", ALL, ALL, "scram-sha-256"), None),
        (("host", ALL, ALL, "scram-sha-256"), "everyone_plain"),
        (("host", ALL, "128.0.0.0", "scram-sha-256"), "everyone_plain"),
        (("host", "::", "::", "cert"), "everyone_plain"),
        (("hostnossl", "all", None, "scram-sha-256"), "everyone_plain"),
        (("host", "10.0.0.0", "255.0.0.0", "scram-sha-256"), None),
        (("host", "fc00::", "fe00::", "scram-sha-256"), None),
        (("hostssl", "10.0.0.0", "255.0.0.0", "ident"), "weak_method"),
        (("host", "samenet", None, "trust"), "trust_network"),
        (("host", "samehost", None, "trust"), "trust_local"),
        (("host", "app.example.nl", None, "trust"), "trust_network"),
        (("host", "127.0.0.0", "255.0.0.0", "trust"), "trust_local"),
        (("host", "127.0.0.0", "254.0.0.0", "trust"), "trust_network"),
        (("host", "all", None, "reject"), None),
        (("local", None, None, "peer"), None),
    ],
)
def test_rules_of_postgresql(
    rule: tuple[str, str | None, str | None, str], fault: str | None
) -> None:
    verdict = postgresql.judge(_server(rule), ("postgres",))
    assert [message.id for message in verdict.faults] == ([fault] if fault else [])


def test_the_first_rule_that_fits_decides() -> None:
    everyone = ("host", "all", None, "trust")
    closed = ("host", "all", None, "reject")
    half = ("host", ALL, ALL, "reject")
    assert postgresql.judge(_server(closed, everyone), ("postgres",)).faults == ()
    assert postgresql.judge(_server(half, everyone), ("postgres",)).faults
    assert postgresql.judge(_server(everyone, closed), ("postgres",)).faults


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"whole": true}', "psql: error"])
def test_other_answers_of_postgresql_are_not_understood(text: str) -> None:
    assert postgresql.read_server(text) is None


def test_every_row_of_mysql_counts() -> None:
    text = (SAMPLES / "debian12_mariadb_default" / "mysql.stdout").read_text()
    assert mysql.read_server(text) is not None
    lines = text.splitlines(keepends=True)
    for at in range(len(lines)):
        assert mysql.read_server("".join(lines[:at] + lines[at + 1 :])) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [("%", True), ("%.%", True), ("%.example.nl", False), ("10.0.%", False), ("localhost", False)],
)
def test_from_anywhere(host: str, expected: bool) -> None:
    account = mysql.Account("a", host, empty=False, encrypts=False, administers=False)
    assert account.from_anywhere is expected


def test_redaction_leaves_the_outputs_as_they_are() -> None:
    """The outputs hold no secret, and nothing in them looks like one."""
    redactor = Redactor(b"0123456789abcdef0123456789abcdef")
    outputs = list(SAMPLES.glob("*/*.stdout"))
    assert outputs
    for path in outputs:
        text = path.read_text()
        assert redactor.redact(text).text == text, path
