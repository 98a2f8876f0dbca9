"""A machine within this machine: its own processes, network and mounts, for servers of a test.

Only loopback is up in it; it carries one address more, for servers that listen on a network. The
kernel ends all that runs in it when its first process ends, so no test leaves a server behind.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.check import ProbeKind
from tests.checks.realhost import ENVIRONMENT, TIMEOUT_S, RealHost, can_replace_files

ADDRESS = "192.0.2.10"
"""An address of no real network (RFC 5737)."""
_FIRST = """
ip link set lo up
ip address add "$1"/32 dev lo
echo ready
read -r _
"""


class Namespace:
    """Runs commands and servers within."""

    def __init__(self, first: int) -> None:
        self._enter = ["nsenter", f"--target={first}", "--mount", "--net", "--pid", "--"]
        self._layered = False
        self._servers: list[subprocess.Popen[str]] = []

    def run(
        self, *words: str, text: str = "", user: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Runs ``words`` to their end."""
        own = [] if user is None else ["runuser", "-u", user, "--"]
        return subprocess.run(
            [*self._enter, *own, *words],
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            env=ENVIRONMENT,
            check=check,
        )

    def start(self, *words: str, until: str, user: str | None = None) -> None:
        """Starts a server in the foreground and waits for the line that says ``until``."""
        own = [] if user is None else ["runuser", "-u", user, "--"]
        server = subprocess.Popen(
            [*self._enter, *own, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=ENVIRONMENT,
        )
        self._servers.append(server)
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if until in line:
                return
        pytest.fail(f"{words[0]} did not start: {''.join(said)[-2000:]}")

    def close(self) -> None:
        """Lets go of the servers, once the kernel has ended them."""
        for server in self._servers:
            server.communicate()

    def empty(self, *folders: str, owner: str = "root") -> None:
        """Lays an empty folder over each of ``folders``, for this namespace alone."""
        for folder in folders:
            self.run("mkdir", "-p", folder)
            self.run("mount", "-t", "tmpfs", "tmpfs", folder)
            self.run("chown", owner, folder)
            self.run("chmod", "755", folder)

    def layer(self, folder: str) -> None:
        """Makes ``folder`` writable without a trace: what is written lands in a layer over it."""
        upper = f"/mnt{folder}"
        if not self._layered:
            self.empty("/mnt")
            self._layered = True
        self.run("mkdir", "-p", f"{upper}/u", f"{upper}/w")
        layers = f"lowerdir={folder},upperdir={upper}/u,workdir={upper}/w"
        done = self.run("mount", "-t", "overlay", "overlay", "-o", layers, folder, check=False)
        if done.returncode:
            pytest.skip("the kernel has no overlay file system")

    def write(self, path: str, text: str, *, mode: str = "644") -> None:
        """Writes a file below a folder of this namespace's own."""
        script = 'umask 022; mkdir -p "${1%/*}" && cat >"$1" && chmod "$2" "$1"'
        self.run("sh", "-c", script, "sh", path, mode, text=text)

    def ask(
        self,
        host: RealHost,
        probe: str,
        *,
        user: str | None = None,
        values: Mapping[str, str] | None = None,
        shell: Sequence[str] = ("sh",),
    ) -> Captured:
        """The real answer of a probe of ``host``'s check, given within."""
        asked = host.probe(probe)
        if asked.kind is ProbeKind.SCRIPT:
            words, text = [*shell, "-s"], asked.text
        else:
            words, text = shlex.split(asked.text), ""
            for name, value in (values or {}).items():
                words = [word.replace(f"{{{name}}}", value) for word in words]
            if not Path(words[0]).exists():
                found = shutil.which(Path(words[0]).name, path=ENVIRONMENT["PATH"])
                if found is None:
                    return Captured(probe, "", "", 127, datetime.now(UTC))
                words[0] = found
        done = self.run(*words, text=text, user=user, check=False)
        return Captured(probe, done.stdout, done.stderr, done.returncode, datetime.now(UTC))


@contextmanager
def namespace() -> Iterator[Namespace]:
    """A namespace of its own until the end of the block."""
    if not can_replace_files() or shutil.which("ip") is None:
        pytest.skip("needs root, namespaces (unshare, nsenter of util-linux) and iproute2")
    holder = subprocess.Popen(
        [
            *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
            *("sh", "-c", _FIRST, "sh", ADDRESS),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    within: Namespace | None = None
    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != "ready\n":
            pytest.skip("needs namespaces of processes and network (unshare of util-linux)")
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
        within = Namespace(int(children[0]))
        yield within
    finally:
        holder.kill()
        holder.communicate()
        if within is not None:
            within.close()
