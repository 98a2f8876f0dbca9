"""Runs a check's own scripts and commands on this machine, or on it with some files replaced.

Files are replaced in a mount namespace of the one process that asks: the machine itself and every
other process keep their own.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.model.capture import Captured
from assessor.model.check import Captures, Check, Parameters, Probe, ProbeKind
from assessor.model.facts import Fact
from assessor.model.finding import Judgement
from assessor.model.target import Platform, Role, Target, TransportKind

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}
APT_LISTS = Path("/var/lib/apt/lists")
TIMEOUT_S = 110
"""Longer than the probes' own limits: a machine that runs tests may be busy."""
OWN_ETC = "mount -t tmpfs none /mnt && { cp -a /etc/. /mnt 2>/dev/null; mount --move /mnt /etc; }"
"""A copy of /etc to mount files in: a mount on a file ends, in every namespace, as soon as another
process renames a new file over it, which is how useradd writes /etc/passwd. What cp cannot find are
the lock files that it leaves for a moment."""
SHELLS = (("dash",), ("busybox", "ash"), ("bash", "--posix"))


@functools.cache
def can_replace_files() -> bool:
    """Whether this process may make a mount namespace."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "true"], capture_output=True, timeout=20, check=False
    )
    return tried.returncode == 0


needs_replacing = pytest.mark.skipif(
    not can_replace_files(), reason="needs root and mount namespaces (unshare of util-linux)"
)


def few_lists(folder: Path) -> Path:
    """A copy of apt's smaller package lists; the whole archive takes seconds to read."""
    lists = folder / "lists"
    lists.mkdir()
    for path in APT_LISTS.glob("*"):
        if path.is_file() and path.stat().st_size < 3_000_000:
            shutil.copy2(path, lists)
    return lists


class RealHost:
    """One check, with its probes run for real.

    Attributes:
        replaced: a path of this machine to the file or folder that stands in its place.
    """

    def __init__(self, check: str, replaced: Mapping[str, Path] | None = None) -> None:
        self.info = read_check(bundled.folder("checks") / check, "bundled")
        self.check: Check[object] = load(self.info)
        self.replaced = dict(replaced or {})

    def probe(self, name: str) -> Probe:
        """The probe ``name`` for Linux."""
        return next(p for p in self.info.probes[Platform.LINUX] if p.name == name)

    def run(
        self, name: str, *, shell: tuple[str, ...] = ("sh",), user: str | None = None
    ) -> Captured:
        """The real answer of the probe ``name``, given to ``user`` or to us."""
        probe = self.probe(name)
        if probe.kind is ProbeKind.SCRIPT:
            words, text = [*shell, "-s"], probe.text
        else:
            words, text = shlex.split(probe.text), ""
        if user is not None:
            words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *words]
        if self.replaced:
            mounts = " && ".join(
                [OWN_ETC]
                + [
                    f"mount --bind {shlex.quote(str(new))} {shlex.quote(old)}"
                    for old, new in self.replaced.items()
                ]
            )
            words = ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh", *words]
        done = subprocess.run(
            words,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            env=ENVIRONMENT,
            check=False,
        )
        return Captured(name, done.stdout, done.stderr, done.returncode, datetime.now(UTC))

    def judge(
        self,
        *answers: Captured,
        at: datetime | None = None,
        parameters: Mapping[str, Fact] | None = None,
    ) -> dict[str, Judgement]:
        """The judgement by measure; a probe without an answer was not run."""
        target = Target(
            "here", Role.SERVER, TransportKind.LOCAL, Platform.LINUX, address="localhost"
        )
        captures = Captures(
            target, at or datetime.now(UTC), {answer.probe: answer for answer in answers}
        )
        defaults = {name: info.default for name, info in self.info.parameters.items()}
        judged = self.check.evaluate(
            self.check.observe(captures), Parameters({**defaults, **(parameters or {})})
        )
        return {judgement.measure: judgement for judgement in judged}


def available_shells() -> list[tuple[str, ...]]:
    """The shells of other systems that are installed here."""
    return [words for words in SHELLS if shutil.which(words[0])]
