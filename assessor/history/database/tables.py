"""The tables, as the newest migration leaves them; a test compares the two.

A database may hold several assessments (PostgreSQL, for a company with several clients); a run
belongs to one. Texts are plain (see ``extract.plain``). ``position`` keeps the order of rows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

REVISION = "0001"
"""Of the newest migration."""

VERSIONS = "assess_history_version"
"""Where the revision of a database is kept: a name of our own, in a database that may be shared."""


class Utc(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so that it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC, without a zone where the database knows none."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """With the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def _of_run(name: str, *columns: Column[Any]) -> Table:
    """A table whose rows belong to a run and go with it."""
    return Table(
        f"history_{name}",
        metadata,
        Column(
            "run_number",
            ForeignKey("history_runs.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        Column("position", Integer, primary_key=True, autoincrement=False),
        *columns,
    )


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


runs = Table(
    "history_runs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("assessment", String(64), nullable=False),
    Column("run", String(300), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("manifest", String(64), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("finished_at", Utc, nullable=False),
    _text("organisation"),
    _text("profile"),
    _text("assess_version"),
    _text("vantage"),
    _text("statement"),
    _number("passed"),
    _number("failed"),
    _number("unknown"),
    _number("not_applicable"),
    # SHA-256 (hex) of the rows as they were written: whatever else is read is damaged.
    Column("summary_sha256", String(64), nullable=False),
    Column("findings_sha256", String(64), nullable=False),
    UniqueConstraint("assessment", "run"),
)
claims = _of_run(
    "claims",
    _text("claim"),
    _text("quote"),
    _number("begins"),
    _number("ends"),
    _text("heading"),
    Column("measures", JSON, nullable=False),
    _text("verdict"),
    _text("rule"),
)
measures = _of_run("measures", _text("measure"), _text("verdict"), _text("rule"))
targets = _of_run(
    "targets",
    _text("name"),
    _text("role"),
    _text("platform"),
    Column("seen", Boolean, nullable=False),
)
certificates = _of_run(
    "certificates",
    _text("target"),
    _text("check"),
    _text("name"),
    Column("ends", Date, nullable=False),
)
attestations = _of_run(
    "attestations",
    _text("attestation"),
    _text("measure"),
    _text("answer"),
    _text("by"),
    Column("given", Date, nullable=False),
    Column("expires", Date, nullable=False),
)
waivers = _of_run(
    "waivers", _text("check"), _text("target"), _text("by"), Column("until", Date, nullable=False)
)
findings = _of_run(
    "findings",
    _text("target"),
    _text("measure"),
    _text("check"),
    _number("check_version"),
    _text("outcome"),
    _text("message"),
)
