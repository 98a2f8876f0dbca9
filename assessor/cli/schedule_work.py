"""What the scheduler starts: a run, if one is due, and a word of how it went."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from assessor.cli.console import note, plain
from assessor.cli.exit_codes import ExitCode
from assessor.cli.schedule_folder import GIVEN, Holder, ScheduleFolder
from assessor.errors import AssessError, EvidenceError, UsageError
from assessor.history.notify.failure import Failure
from assessor.history.schedule.due import ENDED_CODES, NO_RUN, RESUMABLE, Attempt, Ending, due
from assessor.history.schedule.job import Manager
from assessor.history.schedule.record import Installed

_SHOWN_BYTES = 64 * 1024
_AS_BEGUN = ("limit", "statement", "vantage")
"""Options of ``assess run`` that choose what a run is about: ``--resume`` takes none of them."""


def programme() -> tuple[str, ...]:
    """The words that call this ``assess``."""
    called = Path(sys.argv[0])
    if called.name == "assess" and os.access(called, os.X_OK):
        return (str(called.absolute()),)
    # -P: not what happens to be called "assessor" in the folder that it is started in.
    return (sys.executable, "-P", "-m", "assessor")


def work(folder: ScheduleFolder, *, if_due: bool) -> int:
    """Makes a run and writes down how it went.

    Args:
        folder: with an installed schedule.
        if_due: do nothing where no run is due, and wait for one that somebody makes by hand.

    Returns:
        The exit code: that of ``assess run``, or 5 where that left no finished run. With
        ``if_due`` 0 where a run came to its end, whatever it found, or nothing was to be done:
        to a scheduler everything else is a failure, such as the 1 of a Python that broke.

    Raises:
        EvidenceError: another run works here.
        UsageError: no schedule is installed, or this is root and the folder another's.
    """
    installed = installed_here(folder)
    if os.geteuid() == 0 and folder.owner()[0] != 0:
        raise UsageError(
            "this is root, and the assessment folder belongs to somebody else",
            mend="run it as the owner of the folder",
        )
    lock = folder.lock(Holder.SCHEDULED)
    if lock is None:
        busy = folder.holder()
        if not if_due:
            raise EvidenceError(f"{folder.path}: another assess is working on it ({busy})")
        if busy is Holder.SCHEDULED:
            return 0
        lock = folder.lock(Holder.SCHEDULED, wait=True)
        assert lock is not None  # noqa: S101 - who waits gets it
    try:
        attempts = _told(folder, installed, folder.attempts(going=False))
        now = datetime.now(UTC).replace(microsecond=0)
        standing = due(installed.cadence, installed.at, attempts, now)
        if if_due and not standing.wanted and not folder.asked():
            return 0
        code = _attempt(folder, installed, attempts, now, lock)
        return 0 if if_due and code in ENDED_CODES else code
    finally:
        os.close(lock)


def installed_here(folder: ScheduleFolder) -> Installed:
    """The schedule of ``folder``; raises ``UsageError`` where there is none."""
    installed = folder.installed()
    if installed is None:
        raise UsageError(
            f"{folder.path}: no schedule is installed for this folder",
            mend="assess schedule install --monthly",
        )
    return installed


def tell_failure(folder: ScheduleFolder, attempt: Attempt | None) -> None:
    """Tells that a scheduled run failed: here, and to whom the settings name (``notify:``)."""
    from assessor.history.schedule.told import clock, outcome
    from assessor.inputs.notices import load_notices

    if attempt is None:
        what = "it could not be started"
    else:
        what = f"{clock(attempt.started_at)}: {outcome(attempt, attempt.ending(going=False))}"
    note(f"assess: the scheduled run of {folder.path} went wrong: {what}")
    note(f"  see: assess schedule status -C {folder.path}")
    try:
        listed = load_notices(folder.path).notices
    except AssessError as error:
        note(f"  nobody else was told: {error}")
        return
    if listed:
        words = [*programme(), "notify", "-C", str(folder.path), "--failed", _reason(attempt)]
        subprocess.run(words, stdin=subprocess.DEVNULL, check=False)


def _reason(attempt: Attempt | None) -> Failure:
    """In a word, as ``assess notify`` knows it; it tells nobody twice what the run told itself."""
    if attempt is None:
        return Failure.MISSED
    if attempt.ending(going=False) is Ending.BROKEN_OFF:
        return Failure.UNFINISHED
    known: dict[int, Failure] = {
        ExitCode.USAGE: Failure.SETTINGS,
        ExitCode.INTERNAL: Failure.FAULT,
        NO_RUN: Failure.STORAGE,
    }
    return known.get(attempt.code or 0, Failure.OTHER)


def last_words(folder: ScheduleFolder, lines: int = 5) -> list[str]:
    """The last lines that the last run printed."""
    with contextlib.suppress(OSError), folder.as_owner(), folder.log.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _SHOWN_BYTES))
        text = stream.read(_SHOWN_BYTES).decode("utf-8", "replace")
        return [plain(line)[:300] for line in text.splitlines() if line.strip()][-lines:]
    return []


def _attempt(
    folder: ScheduleFolder,
    installed: Installed,
    attempts: Sequence[Attempt],
    now: datetime,
    lock: int,
) -> int:
    """One run, written down before and after."""
    resumed = _to_resume(folder, installed, attempts, now)
    attempt = Attempt(now, resumes=resumed)
    folder.keep_attempts([*attempts, attempt])
    folder.take_back()
    before = {run for run, _ in folder.finished()}
    words = [*programme(), "run", "--quiet", "-C", str(folder.path), *installed.options]
    code = _started([*words, "--resume"] if resumed else words, folder, installed, lock)
    made = [run for run, _ in folder.finished() if run not in before]
    if code in ENDED_CODES and not made:
        code = NO_RUN
    attempt = replace(attempt, ended_at=datetime.now(UTC), code=code, run=made[-1] if made else "")
    folder.keep_attempts([*attempts, attempt])
    _told(folder, installed, (*attempts, attempt))
    return code


def _told(
    folder: ScheduleFolder, installed: Installed, attempts: tuple[Attempt, ...]
) -> tuple[Attempt, ...]:
    """Tells once of a last attempt that went wrong; systemd does that itself (``OnFailure``)."""
    by_systemd = installed.manager is Manager.SYSTEMD and "INVOCATION_ID" in os.environ
    if not attempts or attempts[-1].told or by_systemd:
        return attempts
    last = attempts[-1]
    if last.ending(going=False) is Ending.ENDED:
        return attempts
    told = (*attempts[:-1], replace(last, told=True))
    folder.keep_attempts(told)
    tell_failure(folder, last)
    return told


def _to_resume(
    folder: ScheduleFolder, installed: Installed, attempts: Sequence[Attempt], now: datetime
) -> str:
    """The run that the last attempt left unfinished, if it can be gone on with; else empty."""
    from assessor.evidence.seals import is_sealed
    from assessor.evidence.store import list_runs

    if not attempts or attempts[-1].ending(going=False) is not Ending.BROKEN_OFF:
        return ""
    runs = [run for run in list_runs(folder.path) if not is_sealed(run)]
    if not runs or now - attempts[-1].started_at > RESUMABLE:
        return ""
    given = run_options(installed.options)
    # Its words are written last: what was broken off before them is begun anew.
    if any(given.get(name) for name in _AS_BEGUN) or not (runs[-1].path / "words.json").exists():
        return ""
    try:
        recent = runs[-1].facts().started_at >= attempts[-1].started_at - RESUMABLE
    except EvidenceError:
        return ""
    return runs[-1].id if recent else ""


def run_options(words: Sequence[str]) -> dict[str, object]:
    """What ``assess run`` makes of ``words``; a usage error of click where it refuses them."""
    from typer.main import get_command

    from assessor.cli.app import app

    command = getattr(get_command(app), "commands", {})["run"]
    return dict(command.make_context("assess run", list(words)).params)


def _started(words: Sequence[str], folder: ScheduleFolder, installed: Installed, lock: int) -> int:
    """Runs ``words``; what they print goes to the log first, and then to whoever started this."""
    with folder.log.open("wb") as log:
        folder.log.chmod(0o600)
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            env={**_environment(installed), GIVEN: str(lock)},
            pass_fds=[lock],  # should this process be killed, the run that goes on holds the lock
            start_new_session=True,
        )
        with _passed_on(process):
            status = process.wait()
    for line in last_words(folder, 1000):
        typer.echo(line, err=status not in ENDED_CODES)
    return status if status >= 0 else 128 - status


@contextlib.contextmanager
def _passed_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Passes the signals to stop on to the run, so that it is this process that outlives it."""

    def stop(number: int, _frame: object) -> None:
        process.send_signal(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)

    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(kind, stop) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


def _environment(installed: Installed) -> dict[str, str]:
    """The variables of the run; systemd has read the file already, others have not."""
    if not installed.environment_file or installed.manager is Manager.SYSTEMD:
        return dict(os.environ)
    return {**os.environ, **read_environment(Path(installed.environment_file))}


def read_environment(path: Path) -> dict[str, str]:
    """The variables in a file that only its owner may read.

    Raises:
        UsageError: it cannot be read, others may read it, or it is not plain.
    """
    from assessor.history.schedule import envfile

    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            raw = stream.read(envfile.MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if mode & 0o077:
        raise UsageError(f"{path}: others may read these secrets", mend=f"chmod 600 {path}")
    if len(raw) > envfile.MAX_BYTES:
        raise UsageError(f"{path}: too large for a file of variables")
    return dict(envfile.parse(raw.decode("utf-8", "replace"), path))
