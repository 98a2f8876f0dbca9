"""The history in a file: what is written is read back, and what is damaged is made again."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from assessor import chronicle
from assessor.chronicle import DATABASE, Told, nobody, open_history, read_history, record_of
from assessor.errors import HistoryError
from assessor.evidence.store import RunFolder, list_runs
from assessor.history.database.engine import FileDatabase
from assessor.history.database.lock import locked
from assessor.history.database.store import History
from assessor.history.database.tables import REVISION, VERSIONS, metadata
from assessor.history.records import MeasureRow, RunRecord, TargetRow, WaiverRow
from assessor.inputs.assessment import SETTINGS_FILE
from assessor.model.certificates import SeenCertificate
from assessor.model.finding import Outcome
from assessor.model.statement import Verdict
from tests.unit.history.months import Company, starts, write_months, write_run
from tests.unit.history.rows import KEPT, attestation, claims, finding, run


def everything(folder: Path) -> Told:
    """The whole history, as it stands in the database after it was brought up to date."""
    runs = [each.id for each in list_runs(folder)]
    return read_history(folder, None, nobody, runs)


def from_folders(folder: Path) -> list[RunRecord]:
    """What must stand in it."""
    return [record_of(each) for each in list_runs(folder)]


def records(told: Told) -> list[RunRecord]:
    return [told.record(summary.run) for summary in told.runs]


@pytest.fixture
def months(tmp_path: Path) -> list[RunFolder]:
    """Four months of three machines, in ``tmp_path``."""
    return write_months(tmp_path, 4, hosts=5, checks=4)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return open_history(tmp_path, None)


def test_a_record_is_read_back_as_it_was_written(history: History) -> None:
    record = run(
        claims=claims(("Een “belofte”\nmet ünïcode 🔒", KEPT), ("", Verdict.BROKEN)),
        measures=[MeasureRow("tls", Verdict.PARTLY, "some-fail")],
        targets=[TargetRow("a", "server", "linux", True), TargetRow("b", "nas", "device", False)],
        certificates=[SeenCertificate("a", "tls_certificate", "www", date(2026, 12, 1))],
        attestations=[attestation()],
        waivers=[WaiverRow("host_firewall", "a", "Jo", date(2027, 1, 1))],
        findings=[finding(outcome, target=outcome) for outcome in Outcome],
    )
    bare = run(name="20200101T000000Z-0000", manifest="n")
    history.add(record)
    history.add(bare)
    kept = history.read(last=1)
    assert kept.summaries == (bare.summary, record.summary)
    assert kept.findings == {record.summary.run: record.findings}
    assert history.known() == {bare.summary.run: "n", record.summary.run: "m" * 64}
    history.add(bare)
    assert len(history.read().summaries) == 2, "a run is replaced, not added twice"
    history.remove([record.summary.run])
    assert history.read(last=2).findings == {bare.summary.run: ()}


@pytest.mark.usefixtures("months")
def test_the_history_is_what_the_folders_say(tmp_path: Path) -> None:
    told = everything(tmp_path)
    assert told.notes == ()
    assert records(told) == from_folders(tmp_path)


def test_a_run_is_added_once_it_is_sealed(tmp_path: Path, history: History) -> None:
    company = Company(1, 2, 3)
    first, second = starts(2)
    write_run(tmp_path, company, first)
    write_run(tmp_path, company, second, sealed=False)
    assert chronicle.update(tmp_path, history) == ()
    assert len(history.known()) == 1


def test_only_what_is_new_is_written(tmp_path: Path, history: History) -> None:
    write_months(tmp_path, 2, hosts=2, checks=3)
    chronicle.update(tmp_path, history)
    before = (tmp_path / DATABASE).read_bytes()
    chronicle.update(tmp_path, history)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_what_was_judged_again_is_read_again(tmp_path: Path, history: History) -> None:
    write_months(tmp_path, 3, seed=1, hosts=2, checks=3)
    chronicle.update(tmp_path, history)
    (tmp_path / "other").mkdir()
    for new in write_months(tmp_path / "other", 3, seed=2, hosts=2, checks=3)[1:2]:
        old = tmp_path / "runs" / new.id
        for name in ("findings.json", "statement.json", "plan.json", "manifest.json", "run.json"):
            (old / name).write_bytes((new.path / name).read_bytes())
    assert records(everything(tmp_path)) == from_folders(tmp_path)


def test_a_run_that_is_gone_goes(tmp_path: Path, months: list[RunFolder]) -> None:
    everything(tmp_path)
    months[1].path.rename(tmp_path / "elsewhere")
    assert [each.run for each in everything(tmp_path).runs] == [
        each.id for number, each in enumerate(months) if number != 1
    ]


def test_a_damaged_run_is_left_out_and_told(tmp_path: Path, months: list[RunFolder]) -> None:
    (months[2].path / "findings.json").write_text("{}")
    told = everything(tmp_path)
    assert [each.run for each in told.runs] == [months[0].id, months[1].id, months[3].id]
    (note,) = told.notes
    assert note.startswith(f"run {months[2].id} is left out of the history:")


@pytest.mark.usefixtures("months")
def test_rows_of_an_earlier_edition_are_made_again(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    chronicle.update(tmp_path, history)
    monkeypatch.setattr("assessor.history.database.store.EDITION", 2)
    assert set(history.known().values()) == {""}
    assert history.read().summaries == ()
    assert records(everything(tmp_path)) == from_folders(tmp_path)
    assert "" not in history.known().values()


# --- damage -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_damaged_is_made_again(tmp_path: Path, seed: int) -> None:
    """Bytes are changed at random: what is told is the truth, or nothing was hit."""
    write_months(tmp_path, 3, hosts=3, checks=3)
    whole = everything(tmp_path)
    path = tmp_path / DATABASE
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    match seed % 4:
        case 0:
            del data[chance.randrange(len(data)) :]
        case 1:
            start = chance.randrange(len(data))
            data[start : start + 4096] = chance.randbytes(len(data[start : start + 4096]))
        case 2:
            for _ in range(20):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 3:
            data[chance.randrange(100)] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    told = everything(tmp_path)
    assert records(told) == records(whole)
    assert records(everything(tmp_path)) == records(whole)
    assert everything(tmp_path).notes == (), "once told is enough"


@pytest.mark.usefixtures("months")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history_claims SET verdict = 'broken' WHERE position = 0",
        "UPDATE history_claims SET verdict = 'nonsense' WHERE position = 0",
        "UPDATE history_claims SET measures = '{' WHERE position = 0",
        "UPDATE history_runs SET started_at = 'yesterday'",
        "UPDATE history_runs SET passed = passed + 1",
        "UPDATE history_findings SET outcome = 'pass'",
        "UPDATE history_attestations SET expires = 7",
        "DELETE FROM history_findings WHERE position = 1",
        "DELETE FROM history_targets",
        "DROP TABLE history_waivers",
        "ALTER TABLE history_runs RENAME TO runs",
        "DROP TABLE assess_history_version",
        "DELETE FROM assess_history_version",
        "UPDATE assess_history_version SET version_num = 'x'",
    ],
)
def test_what_was_changed_by_hand_is_made_again(tmp_path: Path, change: str) -> None:
    everything(tmp_path)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection, connection:
        connection.execute(change)
    told = everything(tmp_path)
    assert records(told) == from_folders(tmp_path)
    assert [note for note in told.notes if "made again from the run folders" in note]
    assert everything(tmp_path).notes == ()


@pytest.mark.usefixtures("months")
def test_what_is_left_of_a_broken_off_write_does_no_harm(tmp_path: Path) -> None:
    everything(tmp_path)
    path = tmp_path / DATABASE
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    path.with_name(path.name + "-journal").write_bytes(os.urandom(2000))
    assert records(everything(tmp_path)) == from_folders(tmp_path)


# --- where there is no database to be had -----------------------------------------------------


@pytest.mark.usefixtures("months")
def test_without_a_database_the_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / DATABASE).mkdir(parents=True)
    told = everything(tmp_path)
    assert records(told) == from_folders(tmp_path)
    (note,) = told.notes
    assert note.endswith("the run folders were read instead")


@pytest.mark.usefixtures("months")
def test_a_link_in_the_place_of_the_database_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / DATABASE).parent.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / DATABASE).symlink_to(victim)
    assert records(everything(tmp_path)) == from_folders(tmp_path)
    assert victim.read_text() == "mine"


@pytest.mark.usefixtures("months")
def test_a_newer_database_is_left_alone_until_it_is_rebuilt(
    tmp_path: Path, history: History
) -> None:
    everything(tmp_path)
    path = tmp_path / DATABASE
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE assess_history_version SET version_num = '9999'")
    before = path.read_bytes()
    told = everything(tmp_path)
    assert "a newer assess" in told.notes[0]
    assert (records(told), path.read_bytes()) == (from_folders(tmp_path), before)
    chronicle.rebuild(tmp_path, history)
    assert everything(tmp_path).notes == ()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with (
        locked(path),
        pytest.raises(HistoryError, match="another assess works on the history"),
        locked(path, patience_s=0),
    ):
        pytest.fail("two at once")
    with locked(path, patience_s=0):
        assert path.exists()


def test_others_may_not_read_it(tmp_path: Path, history: History) -> None:
    write_months(tmp_path, 1, hosts=1, checks=1)
    before = os.umask(0)
    try:
        chronicle.update(tmp_path, history)
    finally:
        os.umask(before)
    for path in ((tmp_path / DATABASE), (tmp_path / DATABASE).with_suffix(".lock")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / DATABASE).parent.stat().st_mode) == 0o700


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    with FileDatabase(tmp_path / "x.sqlite").writing() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS})
        assert context.get_current_revision() == REVISION
        assert compare_metadata(context, metadata) == []


def test_the_settings_stand_where_they_are_looked_for() -> None:
    assert chronicle._SETTINGS == SETTINGS_FILE


@pytest.mark.usefixtures("months")
def test_half_of_what_another_makes_again_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process throws it all away between two steps of ours."""
    whole = records(everything(tmp_path))
    read = History.read
    turns = iter([True, True, False])

    def read_late(history: History, *words: object, **more: object) -> object:
        if next(turns, False):
            history.empty()
            history.add(whole[0])
        return read(history, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(History, "read", read_late)
    assert records(everything(tmp_path)) == whole
    turns = iter([True] * 100)
    told = everything(tmp_path)
    assert records(told) == whole
    assert "the run folders were read instead" in told.notes[0]
