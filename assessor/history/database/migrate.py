"""Brings a database's tables to what this version needs, by the migrations beside this file."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from assessor.errors import HistoryError
from assessor.history.database.tables import REVISION, VERSIONS

_REVISION = re.compile(r"\d{4}")


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version; ``False`` where they must be brought to it.

    Raises:
        HistoryError: a newer version of this programme made them.
        ValueError: nobody knows what they are.
    """
    if not inspect(connection).has_table(VERSIONS):
        return False
    found = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalars().all()  # noqa: S608 - a constant
    if list(found) == [REVISION]:
        return True
    if len(found) != 1 or not _REVISION.fullmatch(str(found[0])):
        raise ValueError("its revision is none of ours")
    if str(found[0]) > REVISION:
        raise HistoryError(
            "a newer assess made the history's tables; mend: use that version here too, "
            "or make the history again with: assess history --rebuild"
        )
    return False


def upgrade(connection: Connection) -> None:
    """Runs the migrations that are due, within the transaction of ``connection``."""
    from alembic import command  # half a second, which only the first run of a version needs
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).with_name("migrations")).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
