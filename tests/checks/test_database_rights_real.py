"""Real database servers, set right and wrong, and the finding that follows."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor.model.finding import Judgement, Outcome
from assessor.model.sudoers import sudoers_line
from tests.checks.namespace import ADDRESS, Namespace, namespace
from tests.checks.realhost import RealHost, available_shells

HOST = RealHost("database_rights")
MEASURE = "database-rights"
FAKE_MONGOD = "#!/bin/sh\necho up\nread -r _ </opt/pipe\n"


@pytest.fixture
def machine() -> Iterator[Namespace]:
    with namespace() as within:
        yield within


def _judge(machine: Namespace, *probes: str) -> Judgement:
    answers = [machine.ask(HOST, "databases", user="nobody")]
    return HOST.judge(*answers, *(machine.ask(HOST, probe) for probe in probes))[MEASURE]


def _said(judged: Judgement) -> tuple[Outcome, str]:
    return judged.outcome, judged.message.id


# --- PostgreSQL -------------------------------------------------------------------------------


class Postgres:
    """PostgreSQL in a folder of its own."""

    def __init__(self, machine: Namespace, programs: Path) -> None:
        self.machine, self.programs = machine, programs
        machine.empty("/var/lib/postgresql", "/run/postgresql", owner="postgres")

    def create(self, name: str) -> None:
        words = ("--no-sync", "--auth=peer", "--auth-host=scram-sha-256")
        self.machine.run(
            str(self.programs / "initdb"),
            "-D",
            f"/var/lib/postgresql/{name}",
            *words,
            user="postgres",
        )

    def start(self, name: str, **settings: str) -> None:
        self.machine.start(
            *(str(self.programs / "postgres"), "-D", f"/var/lib/postgresql/{name}"),
            *("-k", "/run/postgresql", "-c", "fsync=off"),
            *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
            until="ready to accept connections",
            user="postgres",
        )

    def sql(self, text: str) -> None:
        self.machine.run("psql", "-Xqd", "postgres", "-c", text, user="postgres")

    def rules(self, *lines: str) -> None:
        text = "".join(f"{line}\n" for line in lines)
        self.machine.write("/var/lib/postgresql/main/pg_hba.conf", text)


@pytest.fixture
def postgres(machine: Namespace) -> Postgres:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("postgresql is not installed")
    server = Postgres(machine, programs[-1].parent)
    server.create("main")
    return server


def test_postgresql_follows_its_roles(machine: Namespace, postgres: Postgres) -> None:
    postgres.start("main")
    postgres.sql("create role shop login password 'not-to-be-seen'")
    assert _said(_judge(machine, "postgresql")) == (Outcome.PASS, "limited")
    answer = machine.ask(HOST, "postgresql")
    assert "not-to-be-seen" not in answer.stdout
    assert "SCRAM" not in answer.stdout
    postgres.sql("alter role shop superuser")
    judged = _judge(machine, "postgresql")
    assert _said(judged) == (Outcome.FAIL, "superuser")
    assert judged.message.facts["accounts"] == "shop"
    postgres.sql("alter role shop nosuperuser; grant pg_execute_server_program to shop")
    assert _said(_judge(machine, "postgresql")) == (Outcome.FAIL, "superuser")
    postgres.sql("revoke pg_execute_server_program from shop")
    assert _said(_judge(machine, "postgresql")) == (Outcome.PASS, "limited")


def test_postgresql_follows_its_rules(machine: Namespace, postgres: Postgres) -> None:
    postgres.start("main", listen_addresses="*")
    local = "local all all peer"
    for rules, expected in (
        (("host all all 10.0.0.0/8 trust",), (Outcome.FAIL, "trust_network")),
        (("host all all ::/0 password",), (Outcome.FAIL, "weak_method")),
        (("host all all 0.0.0.0/0 scram-sha-256",), (Outcome.FAIL, "everyone_plain")),
        (("host all all 127.0.0.1/32 trust",), (Outcome.FAIL, "trust_local")),
        (("host all all 10.0.0.0/8 scram-sha-256",), (Outcome.PASS, "limited")),
        (("hostssl all all 0.0.0.0/0 trust",), (Outcome.PASS, "limited")),  # ssl is off
        (
            ("hostnossl all all all reject", "host all all all scram-sha-256"),
            (Outcome.PASS, "limited"),
        ),
        (
            ("hostnossl all all 0.0.0.0/0 reject", "host all all all scram-sha-256"),
            (Outcome.FAIL, "everyone_plain"),
        ),
        (
            ("hostnossl shop all all reject", "host all all all scram-sha-256"),
            (Outcome.FAIL, "everyone_plain"),
        ),
        (("host all all nowhere",), (Outcome.UNKNOWN, "rules_broken")),
    ):
        postgres.rules(local, *rules)
        assert _said(_judge(machine, "postgresql")) == expected, rules
    postgres.rules("local all all trust")
    assert _said(_judge(machine, "postgresql")) == (Outcome.FAIL, "trust_local")


def test_a_second_postgresql_is_not_passed_over(machine: Namespace, postgres: Postgres) -> None:
    postgres.start("main")
    postgres.create("second")
    postgres.start("second", port="5433")
    assert _said(_judge(machine, "postgresql")) == (Outcome.UNKNOWN, "more_servers")
    other = machine.ask(HOST, "postgresql_at", values={"value": "5433"})
    assert '"port" : "5433"' in other.stdout


def test_both_questions_to_postgresql_are_the_same() -> None:
    first, second = (shlex.split(HOST.probe(p).text) for p in ("postgresql", "postgresql_at"))
    assert [word for word in second if word not in ("-p", "{value}")] == first
    clients = [shlex.split(HOST.probe(name).text)[1:] for name in ("mysql", "mariadb")]
    assert clients[0] == clients[1]


# --- MariaDB ----------------------------------------------------------------------------------


@pytest.fixture
def mariadb(machine: Namespace) -> Namespace:
    if shutil.which("mariadb-install-db") is None:
        pytest.skip("mariadb-server is not installed")
    machine.empty("/var/lib/mysql", "/run/mysqld", owner="mysql")
    how = "--auth-root-authentication-method=socket"
    machine.run("mariadb-install-db", "--user=mysql", how, "--skip-test-db")
    return machine


def test_mariadb_follows_its_accounts(mariadb: Namespace) -> None:
    mariadb.start("mariadbd", "--user=mysql", "--bind-address=*", until="ready for connections")
    assert _said(_judge(mariadb, "mysql", "mariadb")) == (Outcome.PASS, "limited")
    for change, expected in (
        ("create user ''@localhost", (Outcome.FAIL, "anonymous")),
        ("drop user ''@localhost; create user t@localhost", (Outcome.FAIL, "empty_password")),
        ("drop user t@localhost; create user t@'%' identified by 'x'", None),
        ("alter user t@'%' require ssl", (Outcome.PASS, "limited")),
        ("grant all on *.* to t@'%'", (Outcome.FAIL, "superuser_remote")),
        ("rename user t@'%' to t@'10.0.0.1'", (Outcome.FAIL, "superuser")),
        ("drop user t@'10.0.0.1'", (Outcome.PASS, "limited")),
        ("set global require_secure_transport=1; create user t@'%' identified by 'x'", None),
    ):
        mariadb.run("mariadb", "-e", change)
        judged = _judge(mariadb, "mysql", "mariadb")
        if expected is None:
            secure = "secure" in change
            wanted = (
                (Outcome.PASS, "limited") if secure else (Outcome.FAIL, "accounts_everywhere_plain")
            )
            assert _said(judged) == wanted, change
        else:
            assert _said(judged) == expected, change


def test_mariadb_without_rights_is_unknown(mariadb: Namespace) -> None:
    mariadb.start("mariadbd", "--user=mysql", until="ready for connections")
    refused = mariadb.ask(HOST, "mariadb", user="nobody")
    assert refused.exit_status != 0
    seen = mariadb.ask(HOST, "databases", user="nobody")
    assert _said(HOST.judge(seen, refused)[MEASURE])[0] is Outcome.UNKNOWN


def test_a_setting_that_opens_mysql_is_found(mariadb: Namespace) -> None:
    mariadb.layer("/etc")
    mariadb.write("/etc/mysql/conf.d/rescue.cnf", "[mysqld]\nskip-grant-tables\n")
    mariadb.start("mariadbd", "--user=mysql", until="ready for connections")
    assert _said(_judge(mariadb, "mariadb")) == (Outcome.FAIL, "grant_tables_skipped")


# --- Redis and MongoDB ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("--bind 127.0.0.1", (Outcome.PASS, "limited")),
        ("--bind 0.0.0.0 --protected-mode no", (Outcome.FAIL, "no_password")),
        ("--bind 0.0.0.0 --requirepass x", (Outcome.FAIL, "listens_everywhere_plain")),
        (f"--bind {ADDRESS} 127.0.0.1 --requirepass x", (Outcome.PASS, "limited")),
        ("--port 6380 --bind 127.0.0.1", (Outcome.UNKNOWN, "more_servers")),
        ("--port 0 --unixsocket /tmp/redis.sock", (Outcome.UNKNOWN, "redis_silent")),
    ],
)
def test_redis(machine: Namespace, settings: str, expected: tuple[Outcome, str]) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    machine.empty("/tmp")
    until = "ready to accept" if "unixsocket" in settings else "Ready to accept"
    machine.start("redis-server", *settings.split(), until=until)
    assert _said(_judge(machine, "redis")) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("security:\n  authorization: enabled\n", (Outcome.UNKNOWN, "rights_unseen")),
        ("security:\n  keyFile: /etc/mongo.key\n", (Outcome.UNKNOWN, "rights_unseen")),
        ("security:\n  authorization: disabled\n", (Outcome.FAIL, "no_access_control")),
        ("#security:\n#  authorization: enabled\n", (Outcome.FAIL, "no_access_control")),
        ("security: {authorization: enabled}\n", (Outcome.UNKNOWN, "settings_unseen")),
    ],
)
def test_settings_of_mongodb(
    machine: Namespace, settings: str, expected: tuple[Outcome, str]
) -> None:
    """A script under the name of mongod stands for MongoDB, which Debian does not have."""
    machine.layer("/etc")
    secret = "net:\n  tls:\n    certificateKeyFilePassword: not-to-be-seen\n"
    machine.write("/etc/mongod.conf", secret + settings)
    machine.empty("/opt")
    machine.write("/opt/mongod", FAKE_MONGOD, mode="755")
    machine.run("mkfifo", "/opt/pipe")
    words = ("--config", "/etc/mongod.conf", "--sslPEMKeyPassword", "not-to-be-seen")
    machine.start("/opt/mongod", *words, until="up")
    assert "not-to-be-seen" not in machine.ask(HOST, "databases").stdout
    assert _said(_judge(machine)) == expected


# --- the script and the rights ----------------------------------------------------------------


def test_script_in_every_shell(machine: Namespace) -> None:
    answers = [machine.ask(HOST, "databases", shell=shell) for shell in available_shells()]
    for answer in answers:
        lines = answer.stdout.splitlines()
        assert lines[-2:] == ["complete", f"end {len(lines) - 1}"]
        assert answer.stderr == ""
    assert len({answer.stdout for answer in answers}) == 1


def test_a_machine_without_databases(machine: Namespace) -> None:
    """A root with busybox alone: no server runs, and none is installed."""
    if shutil.which("busybox") is None:
        pytest.skip("busybox-static is not installed")
    machine.empty("/mnt")
    machine.run("mkdir", "/mnt/bin", "/mnt/proc", "/mnt/dev")
    machine.run("cp", shutil.which("busybox") or "", "/mnt/bin/busybox")
    machine.run("mknod", "-m", "666", "/mnt/dev/null", "c", "1", "3")
    machine.run("mount", "-t", "proc", "proc", "/mnt/proc")
    machine.run("chroot", "/mnt", "/bin/busybox", "--install", "-s", "/bin")
    shell = ("chroot", "/mnt", "/bin/busybox", "ash")
    answer = machine.ask(HOST, "databases", shell=shell)
    judged = HOST.judge(answer)[MEASURE]
    assert _said(judged) == (Outcome.NOT_APPLICABLE, "no_database")
    machine.run("umount", "/mnt/proc")
    answer = machine.ask(HOST, "databases", shell=shell)
    assert _said(HOST.judge(answer)[MEASURE]) == (Outcome.UNKNOWN, "processes_hidden")


@pytest.mark.parametrize("probe", ["postgresql", "mysql", "mssql_settings"])
def test_sudo_allows_the_command_and_nothing_else(machine: Namespace, probe: str) -> None:
    if shutil.which("sudo") is None:
        pytest.skip("sudo is not installed")
    machine.layer("/etc")
    line = sudoers_line("nobody", HOST.probe(probe))
    machine.write("/etc/sudoers", f"{line}\n", mode="440")
    words = shlex.split(HOST.probe(probe).text)
    if not Path(words[0]).exists():
        pytest.skip(f"{words[0]} is not installed")
    asked = ("sudo", "-n", "-l", "--")
    assert machine.run(*asked, *words, user="nobody", check=False).returncode == 0
    words[-1] += "x"
    assert machine.run(*asked, *words, user="nobody", check=False).returncode != 0
