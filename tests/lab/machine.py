"""Whole machines: Debian and Ubuntu, booted with their own systemd in namespaces.

A machine has its own root (an overlay over a file system that ``tests/lab/machines.sh`` made), its
own processes, host name and network, and is reached over SSH at one address. What a test changes
on it is gone when it is closed. It shares this machine's kernel, so it cannot load modules, use
device-mapper or set the clock.

Debian packages: debootstrap, iproute2, util-linux.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from tests.lab.accounts import kill_tree
from tests.lab.netns import Namespace
from tests.lab.servers import make_key, public_line
from tests.lab.ssh_host import LabHost

BASES = Path(os.environ.get("ASSESS_LAB_MACHINES", "/var/cache/assess-lab"))
USER = "assess"
_READY_S = 90.0
_CGROUPS = Path("/sys/fs/cgroup")

# Runs as the first process of the new namespaces, and becomes systemd.
_BOOT = r"""
set -eu
root=$1
mount --make-rprivate /
mount -t overlay -o "lowerdir=$2,upperdir=$3/upper,workdir=$3/work" machine "$root"
shift 3
while [ $# -gt 0 ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2
done
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
for place in run tmp dev; do mount -t tmpfs tmpfs "$root/$place"; done
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
if [ -d /sys/fs/cgroup/systemd ]; then
  mkdir "$root/sys/fs/cgroup/systemd"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
else
  umount "$root/sys/fs/cgroup"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
for name in null zero full random urandom tty; do
  : >"$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
cd "$root"
mkdir -p .old
pivot_root . .old
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  unshare --mount sh -c 'umount -l /.old; rmdir /.old; mount --make-rshared /
    exec /lib/systemd/systemd --system --log-level=warning'
"""


class Machine:
    """A booted machine.

    Attributes:
        base: the distribution: ``debian`` or ``ubuntu``.
        host: how ``assess`` enters it: an account without any right, with a key.
    """

    def __init__(
        self, base: str, folder: Path, token: str, shared: Mapping[Path, str] | None = None
    ) -> None:
        """Boots it and returns when systemd has started what it starts.

        Args:
            base: the distribution.
            folder: an empty folder for the machine's files.
            token: eight hexadecimal digits that name its network.
            shared: folders of this machine, and where they are there too, read-only.

        Raises:
            pytest.skip.Exception: the file system was not made.
            RuntimeError: it did not boot.
        """
        if not _made(base):
            pytest.skip(f"needs the machine {base}: sh tests/lab/machines.sh {base}")
        if shutil.which("ip") is None:
            pytest.skip("the lab needs ip (Debian package iproute2)")
        self.base = base
        self._folder = folder
        self._root = folder / "root"
        for name in ("root", "upper", "work"):
            (folder / name).mkdir()
        self._identity = make_key(folder / "id_ed25519")
        self._host_key = make_key(folder / "host_ed25519")
        self._furnish(folder / "upper")
        self._network = Namespace(token)
        self._cgroups = self._own_cgroups(token)
        self._log = (folder / "console.log").open("wb")
        self._process = subprocess.Popen(
            [
                "ip", "netns", "exec", self._network.name,
                "unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork",
                "--kill-child=KILL",
                "sh", "-c", _BOOT, "boot", self._root, BASES / base, folder,
                *(word for pair in (shared or {}).items() for word in pair),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=self._enter_cgroups,
        )  # fmt: skip
        self.host = self._described()
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def run(self, command: str, *, check: bool = True) -> str:
        """Runs a shell command on the machine as root; gives its standard output.

        Raises:
            RuntimeError: it failed, and ``check`` is set.
        """
        done = subprocess.run(
            ["nsenter", "--target", str(self.first_process.pid), "--all", "--wdns=/", "--",
             "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C",
             "sh", "-euc", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            said = (done.stdout + done.stderr)[-2000:]
            raise RuntimeError(f"{command!r} ended with {done.returncode}: {said}")
        return done.stdout

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Writes a file on the machine, with the folders that it needs."""
        place = shlex.quote(path)
        quoted = shlex.quote(text)
        self.run(
            f"mkdir -p $(dirname {place}); printf %s {quoted} >{place}; chmod {mode:o} {place}"
        )

    def allow(self, sudoers: str) -> None:
        """Installs a sudoers file for the account, after ``visudo`` found it good."""
        self.write("/etc/sudoers.d/assess", sudoers, 0o440)
        self.run("visudo --check --strict --file /etc/sudoers.d/assess")

    def close(self) -> None:
        """Turns it off and removes what it left."""
        if self._process.poll() is None:
            kill_tree(psutil.Process(self._process.pid))
        self._process.wait(timeout=20)
        self._log.close()
        self._network.close()
        for own in self._cgroups:
            for folder in sorted(own.rglob("*"), reverse=True):
                if folder.is_dir():
                    folder.rmdir()
            own.rmdir()

    @property
    def first_process(self) -> psutil.Process:
        """The machine's systemd."""
        # ip becomes unshare, and unshare's only child is the first process inside.
        return psutil.Process(self._process.pid).children()[0]

    def _furnish(self, upper: Path) -> None:
        """What is different from the file system that all machines share."""
        ssh = upper / "etc/ssh"
        ssh.mkdir(parents=True)
        (upper / "etc/hostname").write_text(f"{self.base}-host\n")
        (upper / "etc/hosts").write_text(f"127.0.0.1 localhost {self.base}-host\n::1 localhost\n")
        keys = ssh / "authorized_keys"
        keys.mkdir()
        for name in ("host_ed25519", "host_ed25519.pub"):
            target = ssh / name.replace("host", "ssh_host").replace("_ed25519", "_ed25519_key")
            shutil.copy2(self._folder / name, target)
        (keys / USER).write_text(f"restrict {public_line(self._identity)}\n")
        drop_in = ssh / "sshd_config.d"
        drop_in.mkdir()
        (drop_in / "lab.conf").write_text(
            "AuthorizedKeysFile /etc/ssh/authorized_keys/%u\nUseDNS no\nMaxStartups 100\n"
        )
        for folder in (ssh, keys, drop_in):
            folder.chmod(0o755)

    def _described(self) -> LabHost:
        known = self._folder / "known_hosts"
        known.write_text(f"{self._network.address} {public_line(self._host_key)}\n")
        return LabHost(
            kind=self.base,
            address=self._network.address,
            port=22,
            user=USER,
            identity_file=self._identity,
            known_hosts=known,
        )

    def _wait(self) -> None:
        until = time.monotonic() + _READY_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            # Polled, because before its bus is up nothing can be asked to wait.
            if self._state() in {"running", "degraded"}:
                self._prepare()
                return
            time.sleep(0.2)
        raise RuntimeError(f"{self.base} did not boot: {self._said()}")

    def _state(self) -> str:
        try:
            return self.run("systemctl is-system-running || :", check=False).strip()
        except (psutil.Error, IndexError):
            return ""

    def _prepare(self) -> None:
        self.run(
            f"useradd --create-home --shell /bin/sh {USER}; usermod --password '*' {USER};"
            "systemctl restart ssh"
        )

    def _said(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text(errors="replace")[-3000:]

    @staticmethod
    def _own_cgroups(token: str) -> list[Path]:
        """Groups of its own, so that the machine's systemd sees no process of another machine.

        One in each hierarchy that a systemd may use: where both are there it uses both.
        """
        hybrid = [_CGROUPS / name for name in ("systemd", "unified")]
        folders = []
        for parent in [each for each in hybrid if each.is_dir()] or [_CGROUPS]:
            folder = parent / f"assesslab-{token}"
            try:
                folder.mkdir()
            except OSError:
                continue
            folders.append(folder)
        return folders

    def _enter_cgroups(self) -> None:
        for own in self._cgroups:
            (own / "cgroup.procs").write_text(str(os.getpid()))


def _made(base: str) -> bool:
    """Whether the file system of ``base`` is there; waits while one is being made."""
    lock = BASES / "lock"
    if not lock.exists():
        return False
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        return (BASES / base).is_dir()
