"""OpenSSH servers of the lab: one process each, with its own configuration and host keys."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.lab.accounts import kill_tree, run

SSHD = Path("/usr/sbin/sshd")
_READY_S = 20.0


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Makes a key pair with ``ssh-keygen``; gives the private file."""
    words = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", str(path)]
    if kind == "rsa":
        words += ["-b", "2048"]
    run(*words)
    return path


def public_line(key: Path) -> str:
    """``type base64`` of a key pair's public half."""
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


def known_name(address: str, port: int) -> str:
    """A server's name as ``known_hosts`` writes it."""
    return address if port == 22 else f"[{address}]:{port}"


def free_port(address: str) -> int:
    """A TCP port that nobody uses at this moment."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Server:
    """A running ``sshd``.

    Attributes:
        host_keys: the private host keys.
        process: the master process.
        log: what it logs, at level VERBOSE.
    """

    name: str
    address: str
    port: int
    host_keys: tuple[Path, ...]
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """Kills the server and every session of it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            kill_tree(psutil.Process(self.process.pid))
        self.process.wait(timeout=10)


def start_server(
    folder: Path,
    name: str,
    address: str,
    *,
    more: tuple[str, ...] = (),
    settings: str = "",
    host_keys: tuple[Path, ...] = (),
    port: int = 0,
    namespace: str = "",
    pam_service: str = "",
) -> Server:
    """Starts an ``sshd`` and returns when it accepts connections.

    Args:
        folder: the lab's folder.
        name: names the server's files; unique in the lab.
        address: where it listens.
        more: further addresses where it listens, at most 15 (OpenSSH's limit is 16).
        settings: lines of ``sshd_config`` over the defaults below.
        host_keys: host keys; one Ed25519 key is made where none is given.
        port: 0 takes a free one.
        namespace: the network namespace in which it runs, or the empty string.
        pam_service: the PAM service for its users; without one it uses no PAM.

    Raises:
        RuntimeError: it did not start.
    """
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    keys = host_keys or (make_key(folder / f"{name}_host_key"),)
    # OpenSSH takes the PAM service from the name that it was started under.
    programme = SSHD
    if pam_service:
        programme = folder / "bin" / pam_service
        if not programme.exists():
            programme.symlink_to(SSHD)
    log = folder / f"{name}.log"
    for _ in range(20):
        chosen = port or free_port(address if not namespace else "127.0.0.1")
        config = folder / f"{name}_config"
        # sshd keeps the first value that it reads: the given settings come first.
        config.write_text(
            f"{settings}\n"
            f"Port {chosen}\n"
            + "".join(f"ListenAddress {each}\n" for each in (address, *more))
            + "".join(f"HostKey {key}\n" for key in keys)
            + f"PidFile none\nAuthorizedKeysFile {folder}/keys/%u\n"
            f"UsePAM {'yes' if pam_service else 'no'}\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPubkeyAuthentication yes\n"
            "AllowTcpForwarding no\nX11Forwarding no\nPrintMotd no\nUseDNS no\nStrictModes yes\n"
            "LoginGraceTime 60\nLogLevel VERBOSE\n"
            # Of this one OpenSSH 9.2 keeps the last value.
             + ("" if "MaxStartups" in settings else "MaxStartups 500:30:1000\n")
        )
        words = [str(programme), "-D", "-e", "-f", str(config)]
        if namespace:
            words = ["ip", "netns", "exec", namespace, *words]
        with log.open("ab") as sink:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        (folder / f"{name}.pid").write_text(str(process.pid))
        if _listening(process, log, chosen, 1 + len(more)):
            return Server(name, address, chosen, keys, process, log)
        if port or "Address already in use" not in log.read_text():
            break
    raise RuntimeError(f"sshd {name} did not start:\n{log.read_text()}")


def _listening(process: subprocess.Popen[bytes], log: Path, port: int, times: int) -> bool:
    """Waits until the server says that it listens; ``False`` when it has ended instead."""
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        # Said after listen(2), so a connection is accepted from now on.
        if log.read_text().count(f" port {port}.\n") >= times:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            return False
    kill_tree(psutil.Process(process.pid))
    raise RuntimeError(f"sshd did not listen within {_READY_S:.0f} s:\n{log.read_text()}")
