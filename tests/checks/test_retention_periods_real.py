"""Retention periods of real folders, mailboxes, logs and tables, in a machine of their own."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.check import Captures, Parameters, ProbeKind
from assessor.model.filling import filled
from assessor.model.finding import Judgement, Outcome
from assessor.model.sudoers import sudoers_command
from assessor.model.target import Platform, Privilege, Role, Target, TransportKind
from tests.checks.namespace import Namespace, namespace
from tests.checks.realhost import RealHost, available_shells

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NOW = datetime.now(UTC)
PROMISED = 365


@pytest.fixture(scope="module")
def machine() -> Iterator[Namespace]:
    with namespace() as within:
        within.empty("/srv", "/var/log", "/var/mail", "/etc/cron.d", "/etc/cron.daily")
        yield within


def target(options: Mapping[str, object]) -> Target:
    return Target(
        "here",
        Role.SERVER,
        TransportKind.LOCAL,
        Platform.LINUX,
        address="localhost",
        options=options,
    )


def judged(
    machine: Namespace,
    options: Mapping[str, object],
    *,
    user: str | None = None,
    sudo: bool = True,
    shell: tuple[str, ...] = ("sh",),
) -> Judgement:
    """The judgement with every probe asked for real; the scripts by ``user``."""
    host, here = RealHost("retention_periods"), target(options)
    answers = {}
    for declared in host.info.probes[Platform.LINUX]:
        for probe in filled(declared, here):
            root = probe.privilege is Privilege.SUDO
            if root and not sudo:
                continue
            if probe.kind is ProbeKind.SCRIPT:
                words = [*shell, "-c", probe.text, "assess", *probe.arguments]
            else:
                words = shlex.split(probe.text)
            if shutil.which(words[0]) is None:
                done = Captured(probe.name, "", "", 127, NOW)
            else:
                said = machine.run(*words, user=None if root else user, check=False)
                done = Captured(probe.name, said.stdout, said.stderr, said.returncode, NOW)
            answers[probe.name] = done
    parameters = {name: info.default for name, info in host.info.parameters.items()}
    seen = host.check.observe(Captures(here, NOW, answers))
    (judgement,) = host.check.evaluate(seen, Parameters({**parameters, "max_days": PROMISED}))
    return judgement


def days_ago(days: int) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%d")


def put(machine: Namespace, path: str, days: int, text: str = "") -> None:
    machine.write(path, text)
    machine.run("touch", "-d", days_ago(days), path)


def test_a_folder_follows_what_is_put_in_it(machine: Namespace) -> None:
    options = {"retention_paths": ["/srv/clients"]}
    assert judged(machine, options).message.id == "missing"
    put(machine, "/srv/clients/a b/one", 300)
    kept = judged(machine, options)
    assert (kept.outcome, kept.message.id) == (Outcome.PASS, "nothing_too_old")
    assert kept.message.facts["oldest"] == days_ago(300)
    put(machine, "/srv/clients/a b/two", 400)
    late = judged(machine, options)
    assert (late.outcome, late.message.id) == (Outcome.FAIL, "held_too_long")
    assert (late.message.facts["count"], late.message.facts["oldest"]) == (1, days_ago(400))
    assert "two" not in str(late.message.facts)
    own = {**options, "retention_days": {"/srv/clients": 500}}
    assert judged(machine, own).outcome is Outcome.PASS
    machine.run("rm", "/srv/clients/a b/two")
    assert judged(machine, options).outcome is Outcome.PASS


def test_a_closed_folder_needs_root(machine: Namespace) -> None:
    options = {"retention_paths": ["/srv/closed"]}
    put(machine, "/srv/closed/sub/one", 400)
    machine.run("chmod", "700", "/srv/closed/sub")
    assert judged(machine, options, user="nobody").outcome is Outcome.FAIL
    without = judged(machine, options, user="nobody", sudo=False)
    assert (without.outcome, without.message.id) == (Outcome.UNKNOWN, "partly")
    machine.run("chmod", "700", "/srv/closed")
    assert judged(machine, options, user="nobody").outcome is Outcome.FAIL
    machine.run("rm", "/srv/closed/sub/one")
    assert judged(machine, options, user="nobody").message.id == "holds_nothing"


def test_what_is_mounted_within_is_seen(machine: Namespace) -> None:
    put(machine, "/srv/outer/one", 10)
    machine.empty("/srv/outer/disk")
    put(machine, "/srv/outer/disk/old", 900)
    assert judged(machine, {"retention_paths": ["/srv/outer"]}).outcome is Outcome.FAIL


def test_a_maildir_is_judged_by_its_messages(machine: Namespace) -> None:
    options = {"retention_paths": ["/srv/mail"]}
    put(machine, "/srv/mail/dovecot-uidvalidity.5f", 2000)
    put(machine, "/srv/mail/.Sent/maildirfolder", 2000)
    put(machine, "/srv/mail/cur/1.M1.mx:2,S", 20)
    assert judged(machine, options).outcome is Outcome.PASS
    machine.run("chmod", "700", "/srv/mail")
    assert judged(machine, options, user="nobody").outcome is Outcome.PASS
    put(machine, "/srv/mail/.Sent/cur/2.M1.mx:2,S", 500)
    assert judged(machine, options, user="nobody").outcome is Outcome.FAIL


def test_an_mbox_is_judged_by_the_days_of_its_messages(machine: Namespace) -> None:
    def message(days: int) -> str:
        moment = (NOW - timedelta(days=days)).strftime("%a %b %e %H:%M:%S %Y")
        return f"From someone@example.org {moment}\nSubject: x\n\nFrom here on\n\n"

    options = {"retention_paths": ["/var/mail/piet"]}
    machine.write("/var/mail/piet", message(30) + message(10))
    kept = judged(machine, options)
    assert (kept.outcome, kept.message.facts["oldest"]) == (Outcome.PASS, days_ago(30))
    machine.write("/var/mail/piet", message(30) + message(500))
    assert judged(machine, options).outcome is Outcome.FAIL
    assert judged(machine, options).advice[0].id == "no_cleaner_seen"
    machine.run("chmod", "600", "/var/mail/piet")
    assert judged(machine, options, user="nobody").message.id == "closed_file"


def test_a_log_is_judged_by_its_oldest_line(machine: Namespace) -> None:
    def line(days: int) -> str:
        moment = (NOW - timedelta(days=days)).strftime("%d/%b/%Y:%H:%M:%S +0000")
        return f'192.0.2.1 - - [{moment}] "GET / HTTP/1.1" 200 1\n'

    options = {"retention_paths": ["/var/log/access.log"]}
    put(machine, "/var/log/access.log", 0, line(5))
    put(machine, "/var/log/access.log.1", 6, line(300))
    kept = judged(machine, options)
    assert (kept.outcome, kept.message.facts["oldest"]) == (Outcome.PASS, days_ago(300))
    put(machine, "/var/log/access.log.2", 300, line(500))
    machine.run("gzip", "/var/log/access.log.2")
    late = judged(machine, options)
    assert (late.outcome, late.message.facts["oldest"]) == (Outcome.FAIL, days_ago(500))
    # By the time of its last line alone it is young enough; and by that it cannot be told.
    machine.run("chmod", "600", "/var/log/access.log.2.gz")
    assert judged(machine, options, user="nobody").message.id == "closed_file"


def test_a_job_that_clears_is_named(machine: Namespace) -> None:
    options = {"retention_paths": ["/srv/cleared"]}
    put(machine, "/srv/cleared/one", 10)
    assert "no_cleaner_seen" in {advice.id for advice in judged(machine, options).advice}
    machine.write("/etc/cron.d/backup", "0 1 * * * root restic backup /srv/cleared\n")
    assert "no_cleaner_seen" in {advice.id for advice in judged(machine, options).advice}
    machine.write("/etc/cron.d/clear", "0 3 * * * root find /srv/cleared -mtime +365 -delete\n")
    kept = judged(machine, options)
    assert "no_cleaner_seen" not in {advice.id for advice in kept.advice}
    assert kept.observed["cleaners"] == ("/etc/cron.d/clear",)


def test_every_shell_says_the_same(machine: Namespace) -> None:
    put(machine, "/srv/shells/one", 100)
    options = {"retention_paths": ["/srv/shells", "/srv/nowhere/x", "/dev/null"]}
    host = RealHost("retention_periods")
    (probe,) = filled(host.probe("paths"), target(options))
    said = {
        machine.run(*shell, "-c", probe.text, "assess", *probe.arguments).stdout
        for shell in available_shells()
    }
    assert len(said) == 1
    (lines,) = (text.splitlines() for text in said)
    assert lines[-2:] == ["complete", f"end {len(lines) - 1}"]
    assert {"missing", "other"} <= set(lines)


def test_busybox_in_place_of_every_tool(machine: Namespace) -> None:
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("busybox-static is not installed")
    put(machine, "/srv/small/one", 100)
    machine.empty("/srv/tools")
    for tool in ("find", "stat", "awk", "grep", "sed", "head", "date", "sort", "tr", "cat"):
        machine.run("ln", "-s", busybox, f"/srv/tools/{tool}")
    options = {"retention_paths": ["/srv/small"]}
    shell = ("env", "PATH=/srv/tools:/usr/bin:/bin", busybox, "ash")
    assert judged(machine, options, sudo=False, shell=shell).outcome is Outcome.PASS
    put(machine, "/srv/small/two", 900)
    assert judged(machine, options, sudo=False, shell=shell).outcome is Outcome.FAIL


@pytest.mark.parametrize(("days", "message"), [(10, "too_many"), (900, "held_too_long")])
def test_a_folder_with_too_much_in_it(machine: Namespace, days: int, message: str) -> None:
    for number in range(9):
        put(machine, f"/srv/many{days}/{number}", days)
    options = {"retention_paths": [f"/srv/many{days}"]}
    host = RealHost("retention_periods")
    (probe,) = filled(host.probe("paths"), target(options))
    assert "MOST=200000" in probe.text
    script = probe.text.replace("MOST=200000", "MOST=5")
    said = machine.run("sh", "-c", script, "assess", *probe.arguments)
    answer = Captured("paths", said.stdout, said.stderr, 0, NOW)
    seen = host.check.observe(Captures(target(options), NOW, {"paths": answer}))
    parameters = Parameters({"max_days": PROMISED, "slack_days": 1})
    (judgement,) = host.check.evaluate(seen, parameters)
    assert judgement.message.id == message


@pytest.fixture(scope="module")
def postgresql(machine: Namespace) -> Namespace:
    if not POSTGRES:
        pytest.skip("postgresql is not installed")
    machine.empty("/run/postgresql", "/srv/pg", owner="postgres")
    programs, data = POSTGRES[-1], "/srv/pg/data"
    machine.run(f"{programs}/initdb", "-D", data, "-A", "trust", user="postgres")
    machine.start(
        *(f"{programs}/postgres", "-D", data, "-c", "listen_addresses="),
        *("-c", "unix_socket_directories=/run/postgresql"),
        until="ready to accept connections",
        user="postgres",
    )
    sql(machine, "create database crm", "postgres")
    return machine


def sql(machine: Namespace, statement: str, database: str = "crm") -> None:
    machine.run("psql", "-Xqd", database, "-c", statement, user="postgres")


def column(table: str, name: str = "createdAt", **more: object) -> Mapping[str, object]:
    entry = {"database": "crm", "schema": "public", "table": table, "column": name, **more}
    return {"retention_postgresql": [entry]}


def test_a_column_of_postgresql(postgresql: Namespace) -> None:
    sql(postgresql, 'create table visits (id serial, "createdAt" timestamptz)')
    assert judged(postgresql, column("visits")).message.id == "holds_nothing"
    sql(postgresql, f"insert into visits (\"createdAt\") values ('{days_ago(300)}')")  # noqa: S608
    kept = judged(postgresql, column("visits"))
    assert (kept.outcome, kept.message.facts["oldest"]) == (Outcome.PASS, days_ago(300))
    sql(postgresql, f"insert into visits (\"createdAt\") values ('{days_ago(400)}')")  # noqa: S608
    late = judged(postgresql, column("visits"))
    assert (late.outcome, late.observed["items"]) == (Outcome.FAIL, (2,))
    assert judged(postgresql, column("visits", days=500)).outcome is Outcome.PASS
    assert judged(postgresql, column("visits", "id")).message.id == "no_dates"
    assert judged(postgresql, column("nothing")).message.id == "no_such_column"
    sql(postgresql, 'insert into visits ("createdAt") values (null)')
    assert judged(postgresql, column("visits", days=500)).message.id == "undated"


def test_the_owner_of_a_table_gets_nothing_run_as_the_superuser(postgresql: Namespace) -> None:
    """By a view, by an own type with a cast, and by functions of well-known names."""
    sql(
        postgresql,
        """
        create table traces (who text);
        create function trace() returns text language plpgsql as
          $$ begin insert into traces values (current_user); return '2026-01-01'; end $$;
        create view seen as select trace() as "createdAt";
        create type day as (d text);
        create function as_text(day) returns text language sql as $$ select trace() $$;
        create cast (day as text) with function as_text(day) as implicit;
        create function "left"(day, int) returns text language sql as $$ select trace() $$;
        create function format(text, day) returns text language sql as $$ select trace() $$;
        create table own (\"createdAt\" day);
        insert into own values (row('x'));
        alter database crm set search_path = public, pg_catalog;
        """,
    )
    assert judged(postgresql, column("seen")).message.id == "no_such_column"
    assert judged(postgresql, column("own")).message.id == "no_dates"
    traces = postgresql.run("psql", "-XAtqd", "crm", "-c", "table traces", user="postgres")
    assert traces.stdout == ""


@pytest.fixture(scope="module")
def mariadb(machine: Namespace) -> Namespace:
    if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("mariadb-server is not installed")
    machine.empty("/run/mysqld", "/srv/my", owner="mysql")
    machine.run("mariadb-install-db", "--no-defaults", "--user=mysql", "--datadir=/srv/my/data")
    machine.start(
        *("mariadbd", "--no-defaults", "--datadir=/srv/my/data", "--skip-networking"),
        "--socket=/run/mysqld/mysqld.sock",
        until="ready for connections",
        user="mysql",
    )
    machine.run("mariadb", "-e", "create database crm; create table crm.visits (at datetime)")
    return machine


def test_a_column_of_mariadb(mariadb: Namespace) -> None:
    def entry(table: str, name: str = "at") -> Mapping[str, object]:
        return {"retention_mysql": [{"database": "crm", "table": table, "column": name}]}

    assert judged(mariadb, entry("visits")).message.id == "holds_nothing"
    mariadb.run("mariadb", "crm", "-e", f"insert into visits values ('{days_ago(300)}')")  # noqa: S608
    assert judged(mariadb, entry("visits")).outcome is Outcome.PASS
    mariadb.run("mariadb", "crm", "-e", f"insert into visits values ('{days_ago(400)}')")  # noqa: S608
    late = judged(mariadb, entry("visits"))
    assert (late.outcome, late.message.facts["oldest"]) == (Outcome.FAIL, days_ago(400))
    mariadb.run("mariadb", "crm", "-e", "create view seen as select * from visits")
    assert judged(mariadb, entry("seen")).message.id == "no_such_column"
    assert judged(mariadb, entry("visits", "nope")).message.id == "no_such_column"


def test_sudo_allows_the_commands_to_the_letter(machine: Namespace) -> None:
    """As sudo itself reads the lines that are printed, and not with another path."""
    if shutil.which("sudo") is None:
        pytest.skip("sudo is not installed")
    options = {
        "retention_paths": ["/srv/clients"],
        **column("visits"),
        "retention_mysql": [{"database": "crm", "table": "visits", "column": "at"}],
    }
    host = RealHost("retention_periods")
    probes = [
        probe
        for declared in host.info.probes[Platform.LINUX]
        for probe in filled(declared, target(options))
        if probe.privilege is Privilege.SUDO
    ]
    machine.empty("/etc/sudoers.d")
    lines = [f"nobody ALL=(root) NOPASSWD: {sudoers_command(probe)}\n" for probe in probes]
    machine.write("/etc/sudoers.d/retention", "".join(lines), mode="440")
    for probe in probes:
        words = shlex.split(probe.text)
        if shutil.which(words[0]) is None:
            continue
        allowed = machine.run("sudo", "-n", "-l", "--", *words, user="nobody", check=False)
        assert allowed.returncode == 0, (probe.name, allowed.stderr)
        other = [word.replace("/srv/clients", "/root").replace("crm", "hr") for word in words]
        refused = machine.run("sudo", "-n", "-l", "--", *other, user="nobody", check=False)
        assert refused.returncode != 0, probe.name
