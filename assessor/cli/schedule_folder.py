"""What an assessment folder keeps of its schedule, and the lock: one run works at a time."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from assessor.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    # Every command that makes runs holds the lock here; few look into the schedule itself.
    from assessor.history.schedule.due import Attempt
    from assessor.history.schedule.record import Installed

GIVEN = "ASSESS_SCHEDULE_LOCK"
"""The variable that names the lock's handle to the run that a schedule started."""

Command = TypeVar("Command", bound=Callable[..., Any])

_LOCK = "schedule.lock"
_PATIENCE_S = 3.0
_LONGEST = 1024 * 1024
_LOOKED_AT = 40


class Holder(StrEnum):
    """What somebody who holds a folder does."""

    SCHEDULED = "scheduled"
    BY_HAND = "by hand"
    SETTING_UP = "setting up"


class ScheduleFolder:
    """The files in ``.assess`` that belong to the schedule.

    ::

        schedule.json        what was installed
        schedule-runs.json   how the last runs went
        schedule.log         what the last run printed
        schedule.asked       somebody asked for a run now
        schedule.lock        held while a run works; says whose

    Attributes:
        path: the assessment folder, absolute and without links.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self.path = folder.resolve(strict=True)
        except OSError as error:
            raise UsageError(f"{folder}: {error.strerror}") from None
        self._own = self.path / ".assess"
        self.log = self._own / "schedule.log"

    def installed(self) -> Installed | None:
        """The schedule that was installed here; raises ``EvidenceError`` where that is damaged.

        In the copy of an assessment folder there is none: it is the other folder's.
        """
        found = self._record()
        if found is None or found.folder == str(self.path):
            return found
        original = Path(found.folder) / ".assess" / "schedule.json"
        return None if original.exists() else found

    def keep_installed(self, value: Installed) -> None:
        """Writes down what is installed."""
        from assessor.history.schedule.record import installed_text

        self._write("schedule.json", installed_text(value))

    def attempts(self, *, going: bool) -> tuple[Attempt, ...]:
        """The runs that the schedule began, the oldest first; ``going``: one works now."""
        from assessor.history.schedule.due import settled
        from assessor.history.schedule.record import read_attempts

        text = self._read("schedule-runs.json")
        if text is None:
            return ()
        attempts = read_attempts(text, str(self._own / "schedule-runs.json"))
        return settled(attempts, self.finished(), going=going)

    def keep_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Writes down how the runs went."""
        from assessor.history.schedule.record import attempts_text

        self._write("schedule-runs.json", attempts_text(attempts))

    def finished(self) -> tuple[tuple[str, datetime], ...]:
        """The id and the beginning of the last finished runs; damaged ones are left out."""
        from assessor.evidence.seals import is_sealed
        from assessor.evidence.store import list_runs

        found = []
        for run in list_runs(self.path)[-_LOOKED_AT:]:
            with contextlib.suppress(EvidenceError):
                if is_sealed(run):
                    found.append((run.id, run.facts().started_at.astimezone(UTC)))
        return tuple(found)

    def ask(self) -> None:
        """Asks for a run at once, whether or not one is due."""
        self._write("schedule.asked", "")

    def asked(self) -> bool:
        """Whether a run was asked for."""
        return (self._own / "schedule.asked").exists()

    def take_back(self) -> None:
        """What was asked for is being done, or cannot be."""
        with self.as_owner():
            (self._own / "schedule.asked").unlink(missing_ok=True)

    def forget(self) -> None:
        """Removes every trace of a schedule, for who holds the lock."""
        with self.as_owner():
            for kind in ("json", "log", "asked", "lock"):
                (self._own / f"schedule.{kind}").unlink(missing_ok=True)
            (self._own / "schedule-runs.json").unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self._own.rmdir()  # where nothing but the schedule was kept there

    def lock(self, holder: Holder, *, wait: bool = False) -> int | None:
        """Holds the folder for this process and those that inherit it; ``None``: it is held.

        The kernel lets go of it when the last of them is gone, however that came about.

        Args:
            holder: what this process does meanwhile.
            wait: until nobody holds it any more, however long that takes.
        """
        path = self._own / _LOCK
        # Who only looks whether it is held (holder) holds it for a moment.
        until = time.monotonic() + _PATIENCE_S
        while wait or time.monotonic() < until:
            with self.as_owner():
                self._make()
                try:
                    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
                except OSError as error:
                    raise EvidenceError(f"{path}: {error.strerror}") from None
                # One that was removed meanwhile (forget) keeps nobody out.
                kind = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
                if _locked(handle, kind) and _is_at(handle, path):
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, holder.value.encode(), 0)
                    return handle
            os.close(handle)
            time.sleep(0.05)
        return None

    def holder(self) -> Holder | None:
        """What is done here now by whoever holds the folder; ``None`` for nobody."""
        path = self._own / _LOCK
        try:
            with self.as_owner():
                handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EvidenceError(f"{path}: {error.strerror}") from None
        try:
            if _locked(handle, fcntl.LOCK_SH | fcntl.LOCK_NB):
                return None
            said = os.pread(handle, 20, 0).decode("ascii", "replace")
            return Holder(said) if said in set(Holder) else Holder.BY_HAND
        finally:
            os.close(handle)

    def is_going(self) -> bool:
        """Whether a scheduled run works now."""
        return self.holder() is Holder.SCHEDULED

    def holds(self, handle: int) -> bool:
        """Whether ``handle``, which this process was given, is this folder's lock."""
        try:
            return _is_at(handle, self._own / _LOCK)
        except OSError:
            return False

    def owner(self) -> tuple[int, int]:
        """The user and group that the folder belongs to."""
        status = self.path.stat()
        return status.st_uid, status.st_gid

    @contextlib.contextmanager
    def as_owner(self) -> Iterator[None]:
        """Works as the folder's owner where this is root.

        So files belong to whom the runs belong to, and a link in a folder that is another's to
        write in leads root nowhere.
        """
        user, group = self.owner()
        if os.geteuid() != 0 or user == 0:
            yield
            return
        groups, own_group = os.getgroups(), os.getegid()
        os.setgroups([group])
        os.setegid(group)
        os.seteuid(user)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(own_group)
            os.setgroups(groups)

    def _record(self) -> Installed | None:
        from assessor.history.schedule.record import read_installed

        text = self._read("schedule.json")
        return None if text is None else read_installed(text, str(self._own / "schedule.json"))

    def _make(self) -> None:
        try:
            self._own.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EvidenceError(f"{self._own}: {error.strerror}") from None

    def _read(self, name: str) -> str | None:
        path = self._own / name
        try:
            with self.as_owner(), path.open("rb") as stream:
                return stream.read(_LONGEST).decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EvidenceError(f"{path}: {error.strerror}") from None

    def _write(self, name: str, text: str) -> None:
        from assessor.evidence.store import write_whole

        with self.as_owner():
            self._make()
            write_whole(self._own / name, text.encode())


def alone(command: Command) -> Command:
    """Lets a command that makes runs hold its folder, so that no two work at once.

    A run that the schedule started is given the lock by it.
    """

    @functools.wraps(command)
    def held(*words: Any, **more: Any) -> Any:
        folder = Path(more.get("folder") or Path())
        elsewhere = more.get("all_below") is not None or more.get("dry_run")
        if elsewhere or not folder.is_dir():
            return command(*words, **more)
        here = ScheduleFolder(folder)
        given = os.environ.get(GIVEN, "")
        if given.isdecimal() and here.holds(int(given)):
            return command(*words, **more)
        handle = here.lock(Holder.BY_HAND)
        if handle is None:
            raise EvidenceError(
                f"{here.path}: another assess is working on it; wait until it has ended"
            )
        try:
            return command(*words, **more)
        finally:
            os.close(handle)

    return cast("Command", held)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _locked(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind)
    except BlockingIOError:
        return False
    return True
