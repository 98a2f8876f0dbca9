"""Devices with a command line of their own: Netmiko speaks it, over a session that we opened.

Netmiko knows the prompts and pages of a hundred makers. It does not open the connection here: the
session was entered by ``SshTransport``, so host keys, agents and jump hosts are as for any target.
Drivers that would change a setting of the device to switch its pages off are kept from that: pages
are turned instead.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import paramiko
from netmiko import ssh_dispatcher
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoBaseException
from paramiko.ssh_exception import ChannelException

from assessor.collect.transports.ssh_session import Session, plain
from assessor.collect.transports.watch import Guard
from assessor.devices.system import DeviceSystem
from assessor.errors import TransportError
from assessor.model.capture import Reason

QUESTION_S = 60.0
PREPARE_S = 30.0
MOST = 4 * 1024 * 1024
_WAIT_S = 0.5
_PAGER = re.compile(
    r"(?:--+ ?\(?more\)?[^\n]{0,90}|<-+ ?more ?-+>|-+ ?press [^\n]{0,60}"
    r"|\bmore:? *<space>[^\n]{0,60}|lines? \d+-\d+[^\n]{0,40})\s*\Z",
    re.IGNORECASE,
)
_LINE_ENDS = re.compile(r"\r+\n")

REFUSED = re.compile(
    r"\s*(?:%|\^|command (?:fail|parse error)|unknown (?:action|command)|unrecognized|invalid"
    r"|bad command|expected (?:end of command|command name)|syntax error"
    r"|not enough permission|permission denied|access denied|error:)",
    re.IGNORECASE,
)
"""How devices say that they do not know a command, or not for this account."""

# What it logs may quote what a device says.
logging.getLogger("netmiko").setLevel(logging.CRITICAL + 1)


def ask_each(asked: DeviceSystem, session: Session, guard: Guard) -> Iterator[tuple[str, str]]:
    """Each question with what was said; see ``DeviceTransport.answers``."""
    guard.step("waiting for the prompt", PREPARE_S)
    driver = _driver(asked.driver)
    with session.translated(guard, "waiting for the prompt"):
        try:
            line = driver(session=session, guard=guard)
        except (NetmikoBaseException, ValueError) as error:
            guard.check()
            raise TransportError(
                Reason.PROTOCOL,
                f"no prompt of {asked.title} was understood: {plain(str(error), 120)}",
                mend="see whether the account gets a command line, and platform: is right",
            ) from error
    for question in asked.questions:
        guard.step(f"asking {question!r}", QUESTION_S)
        with session.translated(guard, "asking the device"):
            yield question, _first_answer(line, question, asked.alternatives.get(question, ()))


def _first_answer(line: _Line, question: str, alternatives: Sequence[str]) -> str:
    """The answer to a question, or to the first of its alternatives that is not refused."""
    answer = line.ask(question)
    for other in alternatives:
        if not REFUSED.match(answer):
            break
        instead = line.ask(other)
        if not REFUSED.match(instead):
            return instead
    return answer


class _Entered:
    """What Netmiko takes for paramiko's client: connected already."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self._session = session
        self._guard = guard

    def connect(self, **_: object) -> None:
        """Nothing: the session is entered."""

    def invoke_shell(self, term: str, width: int, height: int) -> paramiko.Channel:
        """The one shell of the session."""
        try:
            channel = self._session.open_session(timeout=self._guard.left(at_most=20.0))
        except ChannelException as error:
            raise TransportError(
                Reason.SHELL_REFUSED, f"the device gives no shell: {plain(error.text)}"
            ) from error
        channel.get_pty(term, width, height)
        channel.invoke_shell()
        return channel

    def get_transport(self) -> Session:
        """The session."""
        return self._session

    def close(self) -> None:
        """Nothing: whoever opened the session closes it."""


class _Line(BaseConnection):
    """A driver of Netmiko's, over a session of ours."""

    def __init__(self, *, session: Session, guard: Guard) -> None:
        self._entered = _Entered(session, guard)
        self._guard = guard
        self._arrived = threading.Event()
        super().__init__(host="device", device_type=self.driver_name, fast_cli=True)

    driver_name = ""

    def _build_ssh_client(self) -> Any:
        return self._entered

    def ask(self, question: str) -> str:
        """What the device says to ``question``, all pages of it, without echo and prompt."""
        channel = self.remote_conn
        if isinstance(channel, paramiko.Channel):
            channel.in_buffer.set_event(self._arrived)
        # Netmiko would make a new line of each carriage return, by which a pager wipes itself out.
        self.disable_lf_normalization = True
        self.ansi_escape_codes = True
        self.write_channel(question + self.RETURN)
        prompt = re.compile(
            rf"(?:^|\n)[ \t]*{re.escape(self.base_prompt)}[^\n]{{0,60}}[>#$%\]] ?\Z"
        )
        pieces: list[str] = []
        size, tail = 0, ""
        while True:
            self._guard.check()
            piece = self.read_channel()
            if not piece:
                if getattr(channel, "closed", False):
                    raise EOFError
                self._arrived.wait(_WAIT_S)
                self._arrived.clear()
                continue
            pieces.append(piece)
            size += len(piece)
            if size > MOST:
                raise TransportError(Reason.PROTOCOL, "one answer is larger than 4 MiB")
            tail = (tail + piece)[-2000:]
            if _PAGER.search(tail):
                text = "".join(pieces)
                pieces = [_PAGER.sub("\r", text)]
                tail = ""
                self.write_channel(" ")
            elif prompt.search(tail) and (len(pieces) > 1 or "\n" in piece.strip("\n")):
                return _cleaned("".join(pieces), question)


def _cleaned(text: str, question: str) -> str:
    """An answer without the echo before it, the prompt behind it, and what pages left."""
    lines = [_as_shown(line) for line in _LINE_ENDS.sub("\n", text).split("\n")]
    words = question.split()
    if lines and lines[0].split()[-len(words) :] == words:
        lines = lines[1:]
    return "\n".join(lines[:-1])


def _as_shown(line: str) -> str:
    """What is left of a line that went back to its beginning, or over its last letters."""
    line = line.rpartition("\r")[2]
    if "\b" not in line:
        return line
    shown: list[str] = []
    for letter in line:
        if letter != "\b":
            shown.append(letter)
        elif shown:
            shown.pop()
    return "".join(shown)


def _driver(name: str) -> type[_Line]:
    own = _OWN.get(name)
    bases: tuple[type, ...] = (own, BaseConnection) if own else (_dispatched(name),)
    kind: type[_Line] = type("Driver", (_Line, *bases), {"driver_name": name})
    return kind


def _dispatched(name: str) -> type[BaseConnection]:
    found: type[BaseConnection] = ssh_dispatcher(name)
    return found


class _Plain:
    """A prompt that ends in ``>``, ``#``, ``$`` or ``%``; nothing is set."""

    def session_preparation(self) -> None:
        """Learns the prompt."""
        line: Any = self
        line.ansi_escape_codes = True
        seen = line._test_channel_read(pattern=r"[>#$%]|any key to continue")
        if "any key to continue" in seen.lower():
            line.write_channel(line.RETURN)
            line._test_channel_read(pattern=r"[>#$%]")
        prompt = line.find_prompt()
        line.clear_buffer()
        if prompt[-1:] not in set(">#$%"):
            raise ValueError("there is no prompt")
        line.base_prompt = re.sub(r"\s*(\([^)]*\)\s*)?[>#$%]$", "", prompt)


_OWN: dict[str, type] = {"plain": _Plain}
