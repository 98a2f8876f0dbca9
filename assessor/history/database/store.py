"""What is asked of the history and written to it: one assessment's runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select

from assessor.history.database import tables
from assessor.history.database.engine import Database
from assessor.history.database.rows import (
    PARTS,
    finding_rows,
    part_rows,
    read_findings,
    read_summary,
    run_row,
)
from assessor.history.records import EDITION, FindingRow, RunRecord, RunSummary

Known = Mapping[str, str]
"""The manifest's digest by which each run is known; empty where its rows are of another edition."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What stood in the history at one moment.

    Attributes:
        known: as :meth:`History.known`.
        summaries: the oldest run first.
        findings: of the runs that were asked for, by run.
    """

    known: Known
    summaries: tuple[RunSummary, ...] = ()
    findings: Mapping[str, tuple[FindingRow, ...]] | None = None


class History:
    """The runs of one assessment in a database.

    Args:
        database: where.
        assessment: tells it apart from other assessments in the same database.
    """

    def __init__(self, database: Database, assessment: str) -> None:
        self.database = database
        self._assessment = assessment

    def known(self) -> Known:
        """Which runs are there; raises as :meth:`Database.reading` does."""
        with self.database.reading() as connection:
            return {} if connection is None else self._known(connection)

    def read(self, runs: Iterable[str] = (), *, last: int = 0) -> Kept:
        """All summaries, and the findings of the runs named, and of the ``last`` ones.

        Raises:
            DamagedError: a row is not what was written.
            HistoryError: it cannot be read.
        """
        with self.database.reading() as connection:
            if connection is None:
                return Kept({})
            numbers, summaries = self._summaries(connection)
            wanted = {*runs, *(summary.run for summary in summaries[-last:] if last)}
            found = {
                run: self._findings(connection, *numbers[run]) for run in wanted if run in numbers
            }
            return Kept(self._known(connection), summaries, found)

    def add(self, record: RunRecord) -> None:
        """Puts a run in the place of what was known of it.

        Raises:
            HistoryError: it cannot be written; then nothing of it is.
        """
        with self.database.writing() as connection:
            self._remove(connection, [record.summary.run])
            row = run_row(self._assessment, EDITION, record)
            number = connection.execute(
                insert(tables.runs).values(**row).returning(tables.runs.c.number)
            ).scalar_one()
            for part, (table, _, _) in PARTS.items():
                _insert(connection, table, part_rows(number, part, record.summary))
            _insert(connection, tables.findings, finding_rows(number, record.findings))

    def remove(self, runs: Collection[str]) -> None:
        """Forgets runs; raises as :meth:`add` does."""
        with self.database.writing() as connection:
            self._remove(connection, runs)

    def empty(self) -> None:
        """Forgets all runs of the assessment; raises as :meth:`add` does."""
        if self.database.empty():
            return
        with self.database.writing() as connection:
            connection.execute(
                delete(tables.runs).where(tables.runs.c.assessment == self._assessment)
            )

    def _remove(self, connection: Connection, runs: Collection[str]) -> None:
        here = tables.runs.c.assessment == self._assessment
        connection.execute(delete(tables.runs).where(here, tables.runs.c.run.in_(list(runs))))

    def _known(self, connection: Connection) -> Known:
        columns = tables.runs.c
        rows = connection.execute(
            select(columns.run, columns.manifest, columns.edition).where(
                columns.assessment == self._assessment
            )
        )
        return {run: manifest if edition == EDITION else "" for run, manifest, edition in rows}

    def _summaries(
        self, connection: Connection
    ) -> tuple[dict[str, tuple[int, str]], tuple[RunSummary, ...]]:
        """Each run's number and the digest of its findings, and the summaries."""
        here = tables.runs.c.assessment == self._assessment
        current = tables.runs.c.edition == EDITION
        rows = connection.execute(select(tables.runs).where(here, current)).mappings()
        # Sorted here: each database has its own idea of the order of letters.
        found = sorted(rows, key=lambda row: str(row["run"]))
        parts: dict[int, dict[str, list[RowMapping]]] = defaultdict(
            lambda: {part: [] for part in PARTS}
        )
        for part, (table, _, _) in PARTS.items():
            of_them = (
                select(table)
                .join(tables.runs, tables.runs.c.number == table.c.run_number)
                .where(here, current)
                .order_by(table.c.run_number, table.c.position)
            )
            for row in connection.execute(of_them).mappings():
                parts[row["run_number"]][part].append(row)
        summaries = tuple(read_summary(row, parts[row["number"]]) for row in found)
        numbers = {row["run"]: (row["number"], row["findings_sha256"]) for row in found}
        return numbers, summaries

    def _findings(self, connection: Connection, number: int, digest: str) -> tuple[FindingRow, ...]:
        table = tables.findings
        rows = connection.execute(
            select(table).where(table.c.run_number == number).order_by(table.c.position)
        ).mappings()
        return read_findings(rows, digest)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
