"""Connections to the history, in a file or on a server, and what their errors mean."""

from __future__ import annotations

import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from assessor.errors import HistoryError
from assessor.history.database.address import address, arguments
from assessor.history.database.lock import locked
from assessor.history.database.migrate import is_current, upgrade

_BUSY_S = 30.0
_WRITES = "assess_writes"
_LOCK = 0x61737365  # "asse": the key of an advisory lock
# What says nothing about the file: it is in use, may not be written, or the disk is full or away.
_ENVIRONMENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
_PRIMARY = 0xFF


class DamagedError(HistoryError):
    """What stands in the database is not what was written. It is made again."""


class Database(ABC):
    """Where a history is kept.

    Attributes:
        name: how people know it; holds no secret.
    """

    name: str

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection that sees one moment; ``None`` where nothing was ever written.

        Raises:
            DamagedError: what is read is not what was written.
            HistoryError: it cannot be read at all.
        """
        with self._told(), self._engine.connect() as connection, connection.begin():
            self._prepare(connection, writes=False)
            yield connection if is_current(connection) else None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection of one writer at a time; what it does is kept whole or not at all.

        Raises:
            DamagedError: what was written before is not what it was.
            HistoryError: it cannot be written.
        """
        with self._told(), self._exclusively(), self._engine.connect() as connection:
            writing = connection.execution_options(**{_WRITES: True})
            with writing.begin():
                self._prepare(writing, writes=True)
                self._lock(writing)
                if not is_current(writing):
                    upgrade(writing)
                yield writing

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._meaning(error.orig) from None
        except sqlite3.Error as error:
            raise self._meaning(error) from None
        except (SQLAlchemyError, ValueError, TypeError, LookupError) as error:
            # A value that its column cannot hold: nothing of ours wrote it.
            raise DamagedError(f"{self.name}: damaged ({type(error).__name__})") from None
        except OSError as error:
            raise HistoryError(f"{self.name}: {error.strerror or error}") from None

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        yield

    @abstractmethod
    def _prepare(self, connection: Connection, *, writes: bool) -> None:
        """Sets what holds for one transaction."""

    @abstractmethod
    def _lock(self, connection: Connection) -> None:
        """Waits for other writers."""

    @abstractmethod
    def empty(self) -> bool:
        """Makes room for a new beginning: whether all that stood there is gone with it."""

    @abstractmethod
    def _meaning(self, error: BaseException | None) -> HistoryError:
        """What an error of the driver means."""


class FileDatabase(Database):
    """SQLite in a file; its lock stands beside it."""

    def __init__(self, path: Path) -> None:
        super().__init__(create_engine("sqlite://", creator=self._connect, poolclass=NullPool))
        self.name = str(path)
        self._path = path
        event.listen(self._engine, "begin", _begin)

    def _connect(self) -> sqlite3.Connection:
        # SQLite would let the world read it, as far as the umask does.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
        for pragma in ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """See :meth:`Database.reading`; a file that is not there is not made for it."""
        if not self._path.exists():
            yield None
            return
        with super().reading() as connection:
            yield connection

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        with locked(self._path.with_suffix(".lock")):
            yield

    def _prepare(self, connection: Connection, *, writes: bool) -> None:
        """Nothing: the connection is set already."""

    def _lock(self, connection: Connection) -> None:
        """Nothing: whoever writes holds the lock beside the file."""

    def empty(self) -> bool:
        """Removes the file."""
        with self._told(), self._exclusively():
            # The database first: without it, SQLite throws away what is left of a broken-off write.
            for suffix in ("", "-journal", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    self._path.with_name(self._path.name + suffix).unlink()
        return True

    def _meaning(self, error: BaseException | None) -> HistoryError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        short = code == sqlite3.SQLITE_IOERR_SHORT_READ
        if code & _PRIMARY in _ENVIRONMENT and not short:
            return HistoryError(f"{self.name}: {error}")
        return DamagedError(f"{self.name}: damaged ({error})")


def _begin(connection: Connection) -> None:
    """Begins as a writer at once where it will write: two that both read first would both wait."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class ServerDatabase(Database):
    """PostgreSQL."""

    def __init__(self, url: str, password: Callable[[], str] | None) -> None:
        where = address(url, password)
        super().__init__(
            create_engine(
                where,
                poolclass=NullPool,
                hide_parameters=True,
                connect_args=arguments(where, os.environ),
            )
        )
        self.name = f"the history on {where.host or 'this machine'}"

    def _prepare(self, connection: Connection, *, writes: bool) -> None:
        if not writes:  # rows of several tables must be those of one moment
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        connection.execute(text("SET LOCAL statement_timeout = '60s'"))

    def _lock(self, connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

    def empty(self) -> bool:
        """Leaves the tables: other assessments may be in them."""
        return False

    def _meaning(self, error: BaseException | None) -> HistoryError:
        lines = str(error).strip().splitlines()
        return HistoryError(f"{self.name}: {lines[0][:300] if lines else type(error).__name__}")
