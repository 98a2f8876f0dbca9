"""Unix accounts, sudo rules and the folder of one lab; all of it goes away again.

Everything that a lab leaves on the machine carries its token: accounts are called
``assesslab_<token>_<name>``, the folder is ``/run/assesslab/<token>``. A lab holds a lock on its
folder for as long as it lives, so that a later lab can tell what a killed one left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

PREFIX = "assesslab_"
ROOT = Path("/run/assesslab")
SUDOERS = Path("/etc/sudoers.d")
PAM = Path("/etc/pam.d")


def run(*words: str, text: str | None = None) -> str:
    """Runs a programme to its end and gives its output; raises when it fails."""
    done = subprocess.run(
        words, input=text, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def machine_lock() -> Iterator[None]:
    """One lab at a time changes the machine's accounts."""
    ROOT.mkdir(mode=0o755, exist_ok=True)
    with (ROOT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kill_tree(process: psutil.Process) -> None:
    """Kills a process and all that it started, and waits until they are gone."""
    family = [*process.children(recursive=True), process]
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family, timeout=10)


def _kill_processes_of(uid: int) -> None:
    gone = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == uid:
                process.kill()
                gone.append(process)
    psutil.wait_procs(gone, timeout=10)


class Accounts:
    """The accounts and the folder of one lab."""

    def __init__(self) -> None:
        with machine_lock():
            _remove_stale()
            self.token = secrets.token_hex(3)
            self.folder = ROOT / self.token
            self.folder.mkdir(mode=0o755)
            # The lock lives as long as this process: a killed lab frees it.
            self._alive = (self.folder / "alive").open("w")
            fcntl.flock(self._alive, fcntl.LOCK_EX)
        for name in ("keys", "home", "bin"):
            (self.folder / name).mkdir(mode=0o755)

    def add(self, name: str, shell: str, password: str, public_key: str) -> str:
        """Makes an account with a home folder, a password and a key; gives its full name."""
        user = f"{PREFIX}{self.token}_{name}"[:32]  # the longest name that useradd takes
        home = self.folder / "home" / name
        with machine_lock():
            run(
                "useradd", "--create-home", "--home-dir", str(home), "--skel", "/nonexistent",
                "--shell", shell, "--user-group", user,
            )  # fmt: skip
            run("chpasswd", text=f"{user}:{password}\n")
        keys = self.folder / "keys" / user
        keys.write_text(public_key)
        return user

    def home(self, user: str) -> Path:
        """The home folder of an account of this lab."""
        return Path(pwd.getpwnam(user).pw_dir)

    def write(self, user: str, name: str, text: str, mode: int = 0o644) -> Path:
        """Writes a file of the user's into the home folder."""
        path = self.home(user) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
        return path

    def sudoers(self, name: str, text: str) -> None:
        """Installs a sudoers file, after ``visudo`` found it good."""
        path = SUDOERS / f"{PREFIX}{self.token}_{name}"
        draft = self.folder / f"sudoers_{name}"
        draft.write_text(text)
        draft.chmod(0o440)
        run("visudo", "--check", "--strict", "--file", str(draft))
        with machine_lock():
            shutil.copy2(draft, path)

    def pam(self, name: str, text: str) -> str:
        """Installs a PAM service; gives its name."""
        service = f"{PREFIX}{self.token}_{name}"
        (PAM / service).write_text(text)
        return service

    def close(self) -> None:
        """Removes everything again."""
        with machine_lock():
            _remove(self.token)
        self._alive.close()


def sudo_rule(user: str, commands: Sequence[str], *, password: bool) -> str:
    """A sudoers line that allows ``commands`` as root, exactly as they stand."""
    tag = "PASSWD" if password else "NOPASSWD"
    listed = ", ".join(_sudoers_escaped(command) for command in commands)
    return f"{user} ALL=(root) {tag}: {listed}\n"


def _sudoers_escaped(command: str) -> str:
    # sudoers(5): these characters must be escaped in the arguments of a command.
    return "".join(f"\\{c}" if c in "\\,:=" else c for c in command)


def _remove_stale() -> None:
    tokens = {path.name for path in ROOT.iterdir() if path.is_dir()}
    tokens |= {
        entry.pw_name.removeprefix(PREFIX).partition("_")[0]
        for entry in pwd.getpwall()
        if entry.pw_name.startswith(PREFIX)
    }
    for token in tokens:
        alive = ROOT / token / "alive"
        if not alive.exists():
            _remove(token)
            continue
        with alive.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _remove(token)


def _remove(token: str) -> None:
    folder = ROOT / token
    for pid_file in folder.glob("*.pid"):
        _kill_recorded(pid_file, token)
    for entry in pwd.getpwall():
        if entry.pw_name.startswith(f"{PREFIX}{token}_"):
            _kill_processes_of(entry.pw_uid)
            run("userdel", "--force", entry.pw_name)
    for kind in (SUDOERS, PAM):
        for path in kind.glob(f"{PREFIX}{token}_*"):
            path.unlink()
    for namespace in Path("/run/netns").glob(f"assesslab-{token}*"):
        run("ip", "netns", "delete", namespace.name)
    shutil.rmtree(folder, ignore_errors=True)


def _kill_recorded(pid_file: Path, token: str) -> None:
    # A recorded pid may by now be someone else's: its command line must name this lab.
    with contextlib.suppress(psutil.NoSuchProcess, ValueError):
        process = psutil.Process(int(pid_file.read_text()))
        if any(f"/{token}/" in word for word in process.cmdline()):
            kill_tree(process)
