"""Two network namespaces, a host and a stranger, so that rules are judged and tried for real.

Debian packages: iproute2, nftables, iptables, ufw, firewalld, dbus-daemon.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from assessor.model.capture import Captured
from assessor.model.check import CheckInfo, Probe, ProbeKind
from assessor.model.target import Platform

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
V4, V6 = "192.0.2.10", "2001:db8::10"
_HOST_MAC, _STRANGER_MAC = "02:00:00:00:00:0a", "02:00:00:00:00:01"
_LIMIT_S = 60


def missing(*programs: str) -> list[str]:
    """What of ``programs`` is not installed, or that root's rights are lacking."""
    lacking = [name for name in ("ip", *programs) if shutil.which(name, path=PATH) is None]
    return lacking if os.geteuid() == 0 else [*lacking, "root's rights"]


@dataclass(slots=True)
class Host:
    """A namespace with one cable to a stranger's namespace; nothing else of the machine is in it.

    Attributes:
        around: the command that every command of the host is run under, such as one that mounts.
        environment: further variables of every command.
    """

    token: str
    around: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The host's namespace."""
        return f"assessfw-{self.token}"

    @property
    def stranger(self) -> str:
        """The stranger's namespace."""
        return f"assessfx-{self.token}"

    def run(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command in the host's namespace to its end."""
        return subprocess.run(
            self.command(*words),
            input=text if text is not None else "",
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            env=self.variables(),
            check=False,
        )

    def sh(self, script: str) -> None:
        """Runs a shell script in the host's namespace; raises when a command of it fails."""
        done = self.run("sh", "-e", "-s", text=script)
        if done.returncode != 0:
            raise RuntimeError(f"exit {done.returncode}: {done.stderr}\n{script}")

    def command(self, *words: str) -> list[str]:
        """The words that run ``words`` in the host's namespace."""
        return ["ip", "netns", "exec", self.name, *self.around, *words]

    def variables(self) -> dict[str, str]:
        """The environment of the host's commands."""
        return {"PATH": PATH, "LC_ALL": "C", "TZ": "UTC", **self.environment}

    def captures(self, info: CheckInfo, leave_out: Container[str] = ()) -> dict[str, Captured]:
        """What the probes of ``info`` answer here, run as root, but for those to ``leave_out``."""
        return {
            probe.name: self._ask(probe)
            for probe in info.probes[Platform.LINUX]
            if probe.name not in leave_out
        }

    def _ask(self, probe: Probe) -> Captured:
        at = datetime.now(UTC)
        if probe.kind is ProbeKind.SCRIPT:
            done = self.run("sh", "-s", text=probe.text)
        else:
            words = probe.text.split(" ")
            if shutil.which(words[0], path=PATH) is None:
                return Captured(probe.name, "", "", 127, at)
            done = self.run(*words)
        return Captured(probe.name, done.stdout, done.stderr, done.returncode, at)

    @contextlib.contextmanager
    def listening(self, *ports: int) -> Iterator[None]:
        """A program listens on these TCP ports, over both internet protocols."""
        with subprocess.Popen(
            self.command(sys.executable, "-c", _LISTENER, *map(str, ports)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.variables(),
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            try:
                yield
            finally:
                process.stdin.close()

    def reached(self, ports: Sequence[int], addresses: Sequence[str] = (V4, V6)) -> set[str]:
        """Which ``address port`` the stranger gets a connection to."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.stranger, sys.executable, "-c", _STRANGER,
             ",".join(addresses), ",".join(map(str, ports))],
            capture_output=True, text=True, timeout=_LIMIT_S, check=True,
        )  # fmt: skip
        return set(done.stdout.splitlines())


_LISTENER = """
import socket, sys
held = [socket.create_server(("::", int(p)), family=socket.AF_INET6, dualstack_ipv6=True)
        for p in sys.argv[1:]]
print("ready", flush=True)
sys.stdin.read()
"""

# all attempts at once: a refused port answers, a dropped one keeps silent until the time is up
_STRANGER = """
import select, socket, sys
waiting = {}
for address in sys.argv[1].split(","):
    for port in sys.argv[2].split(","):
        s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        s.setblocking(False)
        s.connect_ex((address, int(port)))
        waiting[s] = f"{address} {port}"
while waiting:
    _, ready, _ = select.select([], list(waiting), [], 1.0)
    if not ready:
        break
    for s in ready:
        name = waiting.pop(s)
        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            print(name)
"""


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=_LIMIT_S)


@contextlib.contextmanager
def host() -> Iterator[Host]:
    """A fresh host and its stranger; both go away at the end."""
    made = Host(secrets.token_hex(3))
    try:
        for name in (made.name, made.stranger):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", made.name, "link", "add", "eth0", "type", "veth",
            "peer", "name", "eth0", "netns", made.stranger)  # fmt: skip
        ends = (
            (made.name, V4, V6, _HOST_MAC),
            (made.stranger, "192.0.2.1", "2001:db8::1", _STRANGER_MAC),
        )
        for (name, v4, v6, mac), (_, _, other, other_mac) in zip(ends, ends[::-1], strict=True):
            _ip("-n", name, "link", "set", "eth0", "address", mac)
            _ip("-n", name, "address", "add", f"{v4}/24", "dev", "eth0")
            _ip("-n", name, "address", "add", f"{v6}/64", "dev", "eth0", "nodad")
            _ip("-n", name, "link", "set", "eth0", "up")
            # both know each other, so that rules that refuse neighbour discovery hide nothing
            _ip("-n", name, "neighbour", "add", other, "lladdr", other_mac, "dev", "eth0")
        _ip("-n", made.name, "route", "add", "default", "via", "192.0.2.1")
        yield made
    finally:
        for name in (made.name, made.stranger):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


@contextlib.contextmanager
def firewalld(on: Host, folder: Path) -> Iterator[None]:
    """Firewalld works in the host's namespace, with a bus and settings of its own."""
    config = folder / "bus.conf"
    config.write_text(_BUS.format(socket=folder / "bus"), encoding="ascii")
    settings = folder / "firewalld"
    settings.mkdir()
    on.environment["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={folder / 'bus'}"
    bus = ("dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1")
    daemon = ("firewalld", "--nofork", "--nopid", f"--system-config={settings}")
    with _started(on, *bus), _started(on, *daemon, wait=False) as process:
        # every question takes its own time; it is asked until the answer is there
        for _ in range(100):
            if on.run("firewall-cmd", "--state").stdout == "running\n":
                break
            assert process.poll() is None, "firewalld stopped"
        yield


@contextlib.contextmanager
def _started(on: Host, *words: str, wait: bool = True) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        on.command(*words),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=on.variables(),
    ) as process:
        try:
            if wait:
                assert process.stdout is not None
                process.stdout.readline()
            yield process
        finally:
            process.terminate()


_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""


def ufw_folder(on: Host, folder: Path, settings: Mapping[str, str]) -> None:
    """Lets ufw work on a copy of its settings: ``on`` sees the copy, the machine keeps its own."""
    copy = folder / "ufw"
    shutil.copytree("/etc/ufw", copy)
    default = folder / "default"
    lines = Path("/etc/default/ufw").read_text(encoding="utf-8").splitlines()
    for name, value in settings.items():
        lines = [line for line in lines if not line.startswith(f"{name}=")] + [f"{name}={value}"]
    default.write_text("\n".join(lines) + "\n", encoding="utf-8")
    script = f'mount --bind {copy} /etc/ufw; mount --bind {default} /etc/default/ufw; exec "$@"'
    # "ip netns exec" gives each command a mount namespace of its own: nothing stays behind
    on.around = ("sh", "-c", script, "sh")
