"""A root folder with this machine's programs and its own settings, for checks of what is in them.

It lives in a mount namespace of each process that runs in it: the machine itself is not touched.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from assessor.model.capture import Captured
from tests.checks.realhost import ENVIRONMENT, RealHost

SHARED = ("usr", "proc", "dev", "etc/alternatives")
NOW = datetime(2026, 11, 28, 13, 30, tzinfo=UTC)


class OwnRoot:
    """A root folder of our own, with the probes of one check run in it.

    Attributes:
        root: the folder.
        over: folders of ``root`` that stand in the place of others within the shared /usr.
    """

    def __init__(self, check: str, root: Path, over: Mapping[str, str]) -> None:
        self.host = RealHost(check)
        self.root = root
        self.over = dict(over)
        for name in (*SHARED, *self.over, "run", "tmp"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            if Path("/", name).is_symlink():
                (root / name).symlink_to(f"usr/{name}")

    def write(self, path: str, text: str) -> Path:
        """Puts a file in it, with the folders that it needs."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def command(
        self,
        *words: str,
        text: str = "",
        user: int | None = None,
        home: str = "/root",
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program within this root, as root or as the user with that number."""
        root = shlex.quote(str(self.root))
        mounts = [f"mount --rbind /{name} {root}/{name}" for name in SHARED]
        mounts += [f"mount --bind {root}/{own} {root}/{name}" for own, name in self.over.items()]
        identity = "" if user is None else f"--userspec={user}:{user} --groups= "
        enter = " && ".join([*mounts, f'exec chroot {identity}{root} "$@"'])
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", enter, "sh", *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            env={**ENVIRONMENT, "HOME": home},
            check=False,
        )

    def look(
        self,
        probe: str,
        *,
        shell: tuple[str, ...] = ("sh",),
        user: int | None = None,
        home: str = "/root",
    ) -> Captured:
        """The real answer of a script of the check."""
        script = self.host.probe(probe).text
        done = self.command(*shell, "-s", text=script, user=user, home=home)
        assert done.stderr == ""
        return Captured(probe, done.stdout, "", done.returncode, NOW)

    def ask(self, probe: str) -> Captured:
        """The real answer of a privileged command of the check."""
        done = self.command(*self.host.probe(probe).text.split(" "))
        return Captured(probe, done.stdout, done.stderr, done.returncode, NOW)
