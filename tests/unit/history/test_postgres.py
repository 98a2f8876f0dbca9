"""The history in a real PostgreSQL."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url

from assessor import chronicle
from assessor.chronicle import nobody, open_history, read_history, record_of
from assessor.errors import HistoryError, UsageError
from assessor.evidence.store import list_runs
from assessor.history.database.address import address, arguments
from assessor.history.database.tables import VERSIONS, metadata
from assessor.history.extract import plain
from assessor.history.records import RunRecord
from assessor.model.assessment import HistoryAddress
from assessor.model.target import SecretSource
from tests.unit.history.months import write_months
from tests.unit.history.postgres import PASSWORD, Server, postgres
from tests.unit.history.rows import KEPT, claims, run

VARIABLE = "HISTORY_PASSWORD"


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with postgres() as server:
        yield server


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """With an empty database, and the password in the environment."""
    running.sql("drop database assess with (force)")
    running.sql("create database assess owner assess")
    monkeypatch.setenv(VARIABLE, PASSWORD)
    return running


@pytest.fixture
def where(server: Server) -> HistoryAddress:
    return HistoryAddress(server.url, SecretSource("env", (VARIABLE,)))


def everything(folder: Path, where: HistoryAddress) -> list[RunRecord]:
    told = read_history(folder, where, nobody, [each.id for each in list_runs(folder)])
    assert told.notes == ()
    return [told.record(summary.run) for summary in told.runs]


def from_folders(folder: Path) -> list[RunRecord]:
    return [record_of(each) for each in list_runs(folder)]


def test_the_history_is_what_the_folders_say(tmp_path: Path, where: HistoryAddress) -> None:
    write_months(tmp_path, 3, hosts=5, checks=4)
    assert everything(tmp_path, where) == from_folders(tmp_path)
    assert not (tmp_path / chronicle.DATABASE).exists()
    shutil.rmtree(list_runs(tmp_path)[0].path)
    assert everything(tmp_path, where) == from_folders(tmp_path)
    history = open_history(tmp_path, where)
    chronicle.rebuild(tmp_path, history)
    assert everything(tmp_path, where) == from_folders(tmp_path)


def test_several_assessments_share_a_database(tmp_path: Path, where: HistoryAddress) -> None:
    for name, seed in (("one", 1), ("other", 2)):
        (tmp_path / name).mkdir()
        write_months(tmp_path / name, 2, seed=seed, hosts=2, checks=2)
    for _ in range(2):
        for name in ("one", "other"):
            assert everything(tmp_path / name, where) == from_folders(tmp_path / name)
            chronicle.rebuild(tmp_path / name, open_history(tmp_path / name, where))


def test_any_text_is_kept(tmp_path: Path, where: HistoryAddress) -> None:
    tmp_path.joinpath(".assess").mkdir()
    history = open_history(tmp_path, where)
    hostile = plain("'; DROP TABLE history_runs; -- \x00 \ud800 \\ % :x 🔒\n")
    record = run(claims=claims((hostile, KEPT)))
    history.add(record)
    assert history.read(last=1).summaries == (record.summary,)


def test_what_was_changed_by_hand_is_made_again(
    tmp_path: Path, where: HistoryAddress, server: Server
) -> None:
    write_months(tmp_path, 2, hosts=2, checks=2)
    everything(tmp_path, where)
    server.sql("update history_claims set verdict = 'broken'", "assess")
    told = read_history(tmp_path, where, nobody, last=2)
    assert "made again from the run folders" in told.notes[0]
    assert [told.record(each.run) for each in told.runs] == from_folders(tmp_path)


def test_several_at_once_make_one_history(tmp_path: Path, where: HistoryAddress) -> None:
    """The tables too are made by one of them only."""
    write_months(tmp_path, 3, hosts=2, checks=2)
    together = threading.Barrier(4)
    faults: list[object] = []

    def update() -> None:
        history = open_history(tmp_path, where)
        together.wait()
        try:
            faults.extend(chronicle.update(tmp_path, history))
        except HistoryError as error:
            faults.append(error)

    threads = [threading.Thread(target=update) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert faults == []
    assert everything(tmp_path, where) == from_folders(tmp_path)


def test_the_migrations_make_the_tables(tmp_path: Path, where: HistoryAddress) -> None:
    database = open_history(tmp_path, where).database
    with database.writing() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS})
        found = compare_metadata(context, metadata)
    assert found == []


def test_a_wrong_password_is_told_and_not_shown(
    tmp_path: Path, where: HistoryAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_months(tmp_path, 1, hosts=1, checks=1)
    monkeypatch.setenv(VARIABLE, "not-to-be-seen")
    told = read_history(tmp_path, where, nobody)
    (note,) = told.notes
    assert "password authentication failed" in note
    assert note.endswith("the run folders were read instead")
    assert "not-to-be-seen" not in note
    assert [each.run for each in told.runs] == [each.id for each in list_runs(tmp_path)]


def test_libpq_finds_the_password_by_itself(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    write_months(tmp_path, 1, hosts=1, checks=1)
    assert everything(tmp_path, HistoryAddress(server.url)) == from_folders(tmp_path)


def test_a_server_that_is_away_costs_nothing(tmp_path: Path) -> None:
    write_months(tmp_path, 1, hosts=1, checks=1)
    away = HistoryAddress("postgresql+psycopg://assess@127.0.0.1:9/assess")
    told = read_history(tmp_path, away, nobody)
    assert len(told.runs) == 1
    assert "the run folders were read instead" in told.notes[0]


def test_a_missing_password_is_told(tmp_path: Path, where: HistoryAddress) -> None:
    missing = HistoryAddress(where.url, SecretSource("env", ("NOT_SET_ANYWHERE",)))
    with pytest.raises(UsageError, match="NOT_SET_ANYWHERE is not set"):
        open_history(tmp_path, missing)


# --- what libpq is told -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "environment", "mode"),
    [
        ("postgresql://a@db.example.nl/x", {}, "verify-full"),
        ("postgresql://a@192.0.2.7/x", {}, "verify-full"),
        ("postgresql://a@/x?host=db.example.nl", {}, "verify-full"),
        ("postgresql://a@/x?host=db1.example.nl&host=db2.example.nl", {}, "verify-full"),
        ("postgresql:///x", {"PGHOST": "db.example.nl"}, "verify-full"),
        ("postgresql://a@db.example.nl/x?sslmode=require", {}, None),
        ("postgresql://a@db.example.nl/x", {"PGSSLMODE": "prefer"}, None),
        ("postgresql:///x?service=own", {}, None),
        ("postgresql://a@localhost/x", {}, None),
        ("postgresql://a@127.0.0.1/x", {}, None),
        ("postgresql://a@[::1]/x", {}, None),
        ("postgresql:///x?host=/run/postgresql", {}, None),
        ("postgresql:///x", {}, None),
    ],
)
def test_another_machine_must_show_who_it_is(
    url: str, environment: dict[str, str], mode: str | None
) -> None:
    told = arguments(make_url(url), environment)
    assert told.get("sslmode") == mode
    assert ("sslrootcert" in told) is (mode is not None)


def test_an_own_authority_goes_before_those_of_the_system() -> None:
    own = make_url("postgresql://a@db.example.nl/x?sslrootcert=/etc/own.pem")
    assert arguments(own, {})["sslmode"] == "verify-full"
    assert "sslrootcert" not in arguments(own, {})
    assert "sslrootcert" not in arguments(
        make_url("postgresql://a@db.example.nl/x"), {"PGSSLROOTCERT": "/etc/own.pem"}
    )


def test_the_password_is_no_part_of_what_is_shown() -> None:
    made = address("postgresql://a@localhost/x", lambda: "not-to-be-seen")
    assert "not-to-be-seen" not in f"{made} {made!r}"
    assert made.password == "not-to-be-seen"


def test_what_is_no_address_is_refused_without_repeating_it() -> None:
    with pytest.raises(UsageError) as caught:
        address("postgresql://a:not-to-be-seen@host:port/x", None)
    assert "not-to-be-seen" not in str(caught.value)
