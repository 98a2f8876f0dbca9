"""The schedulers of a machine: puts a schedule into one, takes it out, and asks after it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from assessor import wholefile
from assessor.errors import UsageError
from assessor.history.schedule.job import Job, Manager, Scope

_NEVER_LONGER_S = 60


class Place(Protocol):
    """One scheduler, of the machine or of the user."""

    def texts(self, job: Job) -> Mapping[str, str]:
        """What would be written, by the place where."""

    def install(self, job: Job) -> None:
        """Writes it and has the scheduler take it up; all of it or nothing."""

    def remove(self, name: str) -> bool:
        """Takes everything called ``name`` away again; whether there was something."""

    def active(self, name: str) -> bool | None:
        """Whether the scheduler will start it; ``None`` where that cannot be asked."""


def place_of(manager: Manager, scope: Scope) -> Place:
    """The scheduler of that kind; raises ``UsageError`` where there cannot be one."""
    match manager:
        case Manager.SYSTEMD:
            return Systemd(scope)
        case Manager.CRON:
            return UserCron() if scope is Scope.USER else SystemCron()
        case Manager.LAUNCHD:
            return Launchd(scope)
        case Manager.WINDOWS:
            if scope is Scope.SYSTEM:
                raise UsageError(
                    "Windows starts it for the user whose Linux (WSL) this is",
                    mend="leave out --system",
                )
            return Windows()


class Systemd:
    """The machine's systemd, or that of the user."""

    def __init__(self, scope: Scope) -> None:
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
        system = scope is Scope.SYSTEM
        # systemd writes there when a timer last came (Persistent=).
        self._stamps = (Path("/var/lib") if system else data) / "systemd/timers"
        self._folder = Path("/etc/systemd/system") if system else settings / "systemd/user"
        self._systemctl = ("systemctl",) if system else ("systemctl", "--user")
        self._journal = "journalctl" if system else "journalctl --user"

    def texts(self, job: Job) -> Mapping[str, str]:
        """See :class:`Place`."""
        from assessor.history.schedule.systemd import units

        return {str(self._folder / name): text for name, text in units(job).items()}

    def install(self, job: Job) -> None:
        """See :class:`Place`."""
        try:
            for path, text in self.texts(job).items():
                write_file(Path(path), text)
            self._call("daemon-reload")
            # A timer that is already there goes on with what it knew until it is started anew.
            self._call("enable", f"{job.name}.timer")
            self._call("restart", f"{job.name}.timer")
        except UsageError:
            self.remove(job.name)
            raise

    def remove(self, name: str) -> bool:
        """See :class:`Place`."""
        paths = [self._folder / each for each in self._units(name)]
        if not any(path.exists() for path in paths):
            return False
        _may_write(self._folder)
        self._call("disable", "--now", f"{name}.timer", check=False)
        for path in (*paths, self._stamps / f"stamp-{name}.timer"):
            path.unlink(missing_ok=True)
        (self._folder / "timers.target.wants" / f"{name}.timer").unlink(missing_ok=True)
        self._call("daemon-reload", check=False)
        self._call("reset-failed", *self._units(name), check=False)
        return True

    def active(self, name: str) -> bool | None:
        """See :class:`Place`."""
        done = run_quietly([*self._systemctl, "is-active", f"{name}.timer"])
        return None if done is None else done.stdout.strip() == "active"

    def start(self, name: str) -> None:
        """Starts a run now and waits for its end; raises ``UsageError`` where systemd cannot."""
        self._call("start", f"{name}.service", check=False, wait=True)

    def journal(self, name: str) -> str:
        """The command that shows what systemd kept of the runs."""
        return f"{self._journal} -u {name}.service"

    @staticmethod
    def _units(name: str) -> tuple[str, ...]:
        return (f"{name}.timer", f"{name}.service", f"{name}-failed.service")

    def _call(self, *words: str, check: bool = True, wait: bool = False) -> None:
        done = run_quietly([*self._systemctl, *words], None if wait else _NEVER_LONGER_S)
        if check and (done is None or done.returncode != 0):
            raise UsageError(
                f"systemctl {' '.join(words)} failed: {_said(done)}",
                mend="for the user's own systemd log in directly (not by su or sudo), or use "
                "--system or --with cron",
            )


class UserCron:
    """The crontab of the user."""

    def texts(self, job: Job) -> Mapping[str, str]:
        """See :class:`Place`."""
        from assessor.history.schedule.cron import line

        return {"crontab": line(job) + "\n"}

    def install(self, job: Job) -> None:
        """See :class:`Place`."""
        from assessor.history.schedule.cron import with_line

        _keep_crontab(with_line(_crontab(), job))

    def remove(self, name: str) -> bool:
        """See :class:`Place`."""
        from assessor.history.schedule.cron import holds, without

        if shutil.which("crontab") is None or not holds(before := _crontab(), name):
            return False
        _keep_crontab(without(before, name))
        return True

    def active(self, name: str) -> bool | None:
        """See :class:`Place`."""
        from assessor.history.schedule.cron import holds

        return None if shutil.which("crontab") is None else holds(_crontab(), name)


class SystemCron:
    """A file of its own in ``/etc/cron.d``."""

    _folder = Path("/etc/cron.d")

    def texts(self, job: Job) -> Mapping[str, str]:
        """See :class:`Place`."""
        from assessor.history.schedule.cron import system_file

        return {str(self._folder / job.name): system_file(job)}

    def install(self, job: Job) -> None:
        """See :class:`Place`."""
        if not self._folder.is_dir():
            raise UsageError(f"{self._folder} is not there", mend="install cron, or use systemd")
        for path, text in self.texts(job).items():
            write_file(Path(path), text)

    def remove(self, name: str) -> bool:
        """See :class:`Place`."""
        return _unlink(self._folder / name)

    def active(self, name: str) -> bool | None:
        """See :class:`Place`."""
        return (self._folder / name).exists()


class Launchd:
    """macOS's launchd."""

    def __init__(self, scope: Scope) -> None:
        if scope is Scope.SYSTEM:
            self._folder, self._domain = Path("/Library/LaunchDaemons"), "system"
        else:
            self._folder = Path.home() / "Library/LaunchAgents"
            self._domain = f"gui/{os.getuid()}"

    def texts(self, job: Job) -> Mapping[str, str]:
        """See :class:`Place`."""
        from assessor.history.schedule.launchd import plist

        return {str(self._path(job.name)): plist(job)}

    def install(self, job: Job) -> None:
        """See :class:`Place`."""
        if shutil.which("launchctl") is None:
            raise UsageError("there is no launchd here", mend="print it with --dry-run")
        self.remove(job.name)
        path = self._path(job.name)
        write_file(path, self.texts(job)[str(path)])
        done = run_quietly(["launchctl", "bootstrap", self._domain, str(path)])
        if done is None or done.returncode != 0:
            path.unlink(missing_ok=True)
            raise UsageError(f"launchctl bootstrap {self._domain} failed: {_said(done)}")

    def remove(self, name: str) -> bool:
        """See :class:`Place`."""
        if not self._path(name).exists():
            return False
        run_quietly(["launchctl", "bootout", self._service(name)])
        return _unlink(self._path(name))

    def active(self, name: str) -> bool | None:
        """See :class:`Place`."""
        done = run_quietly(["launchctl", "print", self._service(name)])
        return None if done is None else done.returncode == 0

    def _path(self, name: str) -> Path:
        from assessor.history.schedule.launchd import label

        return self._folder / f"{label(name)}.plist"

    def _service(self, name: str) -> str:
        from assessor.history.schedule.launchd import label

        return f"{self._domain}/{label(name)}"


class Windows:
    """Windows' Task Scheduler, reached from inside WSL."""

    def texts(self, job: Job) -> Mapping[str, str]:
        """See :class:`Place`."""
        from assessor.history.schedule.windows import task

        today = datetime.now().astimezone().date()
        return {f"{job.name}.xml": task(job, today, os.environ.get("WSL_DISTRO_NAME", ""))}

    def install(self, job: Job) -> None:
        """See :class:`Place`."""
        if shutil.which("schtasks.exe") is None:
            raise UsageError(
                "there is no Windows around this system that could take up a task",
                mend="print it with --dry-run > task.xml, and on Windows: "
                f"schtasks /Create /TN {job.name} /XML task.xml",
            )
        (text,) = self.texts(job).values()
        path = Path(job.folder) / ".assess" / f"{job.name}.xml"
        path.write_bytes(text.encode("utf-16"))
        try:
            seen = run_quietly(["wslpath", "-w", str(path)])
            windows = seen.stdout.strip() if seen and seen.returncode == 0 else str(path)
            words = ["schtasks.exe", "/Create", "/F", "/TN", job.name, "/XML", windows]
            done = run_quietly(words)
        finally:
            path.unlink()
        if done is None or done.returncode != 0:
            raise UsageError(f"schtasks.exe /Create failed: {_said(done)}")

    def remove(self, name: str) -> bool:
        """See :class:`Place`."""
        if not self.active(name):
            return False
        done = run_quietly(["schtasks.exe", "/Delete", "/F", "/TN", name])
        if done is None or done.returncode != 0:
            raise UsageError(f"schtasks.exe /Delete failed: {_said(done)}")
        return True

    def active(self, name: str) -> bool | None:
        """See :class:`Place`."""
        done = run_quietly(["schtasks.exe", "/Query", "/TN", name])
        return None if done is None else done.returncode == 0


def write_file(path: Path, text: str) -> None:
    """Writes a file whole or not at all; raises ``UsageError`` where this user may not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        wholefile.put(path, [text.encode()], mode=0o644)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", mend=_ROOT) from None


_ROOT = "run it as root (sudo), or use --user"


def _may_write(folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder}: this user may not write there", mend=_ROOT)


def _unlink(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        path.unlink()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", mend=_ROOT) from None
    return True


def _crontab() -> str:
    """The user's crontab; empty where there is none."""
    done = run_quietly(["crontab", "-l"])
    if done is None:
        raise UsageError("there is no crontab here", mend="install cron, or use --with systemd")
    if done.returncode == 0:
        return done.stdout
    if "no crontab" in done.stderr:
        return ""
    # Never go on from here: what cannot be read would be replaced.
    raise UsageError(f"crontab -l failed: {_said(done)}")


def _keep_crontab(text: str) -> None:
    words = ["crontab", "-"] if text.strip() else ["crontab", "-r"]
    done = run_quietly(words, stdin=text)
    if done is None or done.returncode != 0:
        raise UsageError(f"{' '.join(words)} failed: {_said(done)}")


def run_quietly(
    words: Sequence[str], timeout: float | None = _NEVER_LONGER_S, stdin: str = ""
) -> subprocess.CompletedProcess[str] | None:
    """Runs a tool of the system in plain English; ``None`` where it is not there."""
    try:
        done = subprocess.run(
            words,
            # Bytes: a crontab goes through here, and comes back to the letter.
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=timeout,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            check=False,
        )
    except FileNotFoundError:
        return None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{words[0]} gave no answer within {timeout:.0f} s") from None
    texts = [text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr)]
    return subprocess.CompletedProcess(words, done.returncode, *texts)


def _said(done: subprocess.CompletedProcess[str] | None) -> str:
    if done is None:
        return "it is not installed"
    told = (done.stderr or done.stdout).strip()[-500:].encode("utf-8", "replace").decode()
    return told or f"exit code {done.returncode}"
