"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "history_runs",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("assessment", sa.String(64), nullable=False),
        sa.Column("run", sa.String(300), nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("manifest", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("organisation", "profile", "assess_version", "vantage", "statement"),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("unknown", sa.Integer, nullable=False),
        sa.Column("not_applicable", sa.Integer, nullable=False),
        sa.Column("summary_sha256", sa.String(64), nullable=False),
        sa.Column("findings_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_history_runs"),
        sa.UniqueConstraint("assessment", "run", name="uq_history_runs_assessment"),
    )
    _of_run(
        "history_claims",
        *_texts("claim", "quote"),
        sa.Column("begins", sa.Integer, nullable=False),
        sa.Column("ends", sa.Integer, nullable=False),
        *_texts("heading"),
        sa.Column("measures", sa.JSON, nullable=False),
        *_texts("verdict", "rule"),
    )
    _of_run("history_measures", *_texts("measure", "verdict", "rule"))
    _of_run(
        "history_targets",
        *_texts("name", "role", "platform"),
        sa.Column("seen", sa.Boolean, nullable=False),
    )
    _of_run(
        "history_certificates",
        *_texts("target", "check", "name"),
        sa.Column("ends", sa.Date, nullable=False),
    )
    _of_run(
        "history_attestations",
        *_texts("attestation", "measure", "answer", "by"),
        sa.Column("given", sa.Date, nullable=False),
        sa.Column("expires", sa.Date, nullable=False),
    )
    _of_run(
        "history_waivers",
        *_texts("check", "target", "by"),
        sa.Column("until", sa.Date, nullable=False),
    )
    _of_run(
        "history_findings",
        *_texts("target", "measure", "check"),
        sa.Column("check_version", sa.Integer, nullable=False),
        *_texts("outcome", "message"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _of_run(name: str, *columns: sa.Column) -> None:  # type: ignore[type-arg]
    op.create_table(
        name,
        sa.Column("run_number", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("run_number", "position", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["run_number"],
            ["history_runs.number"],
            name=f"fk_{name}_history_runs",
            ondelete="CASCADE",
        ),
    )
