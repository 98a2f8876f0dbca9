"""An SSH server that acts like a device's command line: prompt, echo, pages, no exec channel.

It is paramiko's server, so that it can be as old or as strange as a device is: other line ends, a
slow echo, key exchange of long ago, a session that ends in the middle of an answer.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

USER, PASSWORD = "assess", "Lab-device-2026"
Say = Callable[[paramiko.Channel, str], None]


@dataclass(frozen=True)
class Manners:
    """How a device behaves.

    Attributes:
        prompt: after which it waits for a command.
        answers: what it says to each command; anything else is refused.
        unknown: what it says to a command that it does not know.
        page: lines of a page; 0 for no pages.
        pager: what it shows between pages.
        wipes: how it takes the pager away again.
        ends: of its lines.
        banner: what it says before the first prompt.
        echo: it repeats what is typed.
        old: it knows key exchange of long ago only, with SHA-1.
        exec: it runs single commands instead, each with an exit status.
        breaks: in the middle of the answer to this command the connection ends.
        hangs: ... or nothing more comes.
    """

    prompt: str = "router# "
    answers: Mapping[str, str] = field(default_factory=dict)
    unknown: str = "% Invalid input detected"
    page: int = 0
    pager: str = "--More-- "
    wipes: str = "\r          \r"
    ends: str = "\r\n"
    banner: str = ""
    echo: bool = True
    old: bool = False
    exec: bool = False
    breaks: str = ""
    hangs: str = ""


class _Server(paramiko.ServerInterface):
    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self.wants_shell = threading.Event()
        self.commands: list[tuple[paramiko.Channel, str]] = []
        self.arrived = threading.Event()

    def check_auth_password(self, username: str, password: str) -> int:
        good = username.split("+")[0] == USER and password == PASSWORD
        return AUTH_SUCCESSFUL if good else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_: object) -> bool:
        return not self._manners.exec

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self.wants_shell.set()
        return not self._manners.exec

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        if self._manners.exec:
            self.commands.append((channel, command.decode()))
            self.arrived.set()
        return self._manners.exec


@dataclass
class DeviceLab:
    """A running device.

    Attributes:
        port: where it listens on 127.0.0.1.
        key: its host key, as a line of ``known_hosts`` holds it.
        typed: every command that it was given.
    """

    port: int
    key: str
    typed: list[str]


@contextlib.contextmanager
def device(manners: Manners) -> Iterator[DeviceLab]:
    """A device on a port of its own, until the context is left."""
    key = paramiko.RSAKey.generate(2048)
    listening = socket.create_server(("127.0.0.1", 0))
    lab = DeviceLab(listening.getsockname()[1], f"{key.get_name()} {key.get_base64()}", [])
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=_serve, args=(peer, key, manners, lab), daemon=True)
            threads.append(thread)
            thread.start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield lab
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def _serve(peer: socket.socket, key: paramiko.PKey, manners: Manners, lab: DeviceLab) -> None:
    transport = paramiko.Transport(peer)
    transport.add_server_key(key)
    if manners.old:
        # Paramiko itself no longer knows them; to offer them is enough.
        old: Any = transport
        old._preferred_kex = ("diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1")
    server = _Server(manners)
    with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
        transport.start_server(server=server)
        if manners.exec:
            _run_commands(transport, server, manners, lab)
        else:
            channel = transport.accept(20)
            if channel is not None and server.wants_shell.wait(20):
                _talk(channel, manners, lab.typed)
    transport.close()


def _run_commands(
    transport: paramiko.Transport, server: _Server, manners: Manners, lab: DeviceLab
) -> None:
    while transport.is_active():
        if not server.arrived.wait(0.2):
            continue
        server.arrived.clear()
        while server.commands:
            channel, command = server.commands.pop(0)
            lab.typed.append(command)
            known = command in manners.answers
            if known:
                channel.sendall(manners.answers[command].encode())
            else:
                channel.sendall_stderr(b"sh: not found\n")
            channel.send_exit_status(0 if known else 127)
            channel.close()


def _talk(channel: paramiko.Channel, manners: Manners, typed: list[str]) -> None:
    line = _Typing(channel, manners)
    if manners.banner:
        line.say(manners.banner)
    while True:
        channel.sendall(manners.prompt.encode())
        command = line.typed()
        if command is None:
            return
        if not command.strip():
            continue
        typed.append(command)
        answer = manners.answers.get(command, manners.unknown)
        if command in (manners.breaks, manners.hangs):
            channel.sendall(answer[: len(answer) // 2].encode())
            if command == manners.breaks:
                return
            line.typed()
            return
        if not line.page(answer):
            return


class _Typing:
    """The device's end of a terminal."""

    def __init__(self, channel: paramiko.Channel, manners: Manners) -> None:
        self._channel = channel
        self._manners = manners
        self._ahead = b""

    def say(self, text: str) -> None:
        self._channel.sendall(text.replace("\n", self._manners.ends).encode())

    def _key(self) -> bytes:
        if not self._ahead:
            self._ahead = self._channel.recv(4096)
        key, self._ahead = self._ahead[:1], self._ahead[1:]
        return key

    def typed(self) -> str | None:
        """A line, echoed letter by letter as a slow device does; ``None`` at the end."""
        letters = b""
        while key := self._key():
            if key in b"\r\n":
                self._channel.sendall(self._manners.ends.encode())
                return letters.decode()
            letters += key
            if self._manners.echo:
                self._channel.sendall(key)
        return None

    def page(self, answer: str) -> bool:
        """Shows an answer page by page; ``False`` where nobody turns the page."""
        lines = answer.splitlines(keepends=True)
        size = self._manners.page or len(lines) or 1
        for start in range(0, len(lines), size):
            self.say("".join(lines[start : start + size]))
            if start + size < len(lines):
                self._channel.sendall(self._manners.pager.encode())
                if not self._key():
                    return False
                self._channel.sendall(self._manners.wipes.encode())
        if lines and not lines[-1].endswith("\n"):
            self.say("\n")
        return True


def numbered(lines: int, words: Sequence[str] = ("set", "interface", "address")) -> str:
    """A long answer of which every line is different."""
    return "".join(f"{words[n % len(words)]} line {n} of the answer\n" for n in range(lines))


def plain_lines(text: str) -> list[str]:
    """Lines without the blanks at their ends, for comparing."""
    return [re.sub(r"[ \t]+$", "", line) for line in text.strip("\n").split("\n")]
