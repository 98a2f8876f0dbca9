"""Devices with a shell: each question is a command of its own, over one connection."""

from __future__ import annotations

from collections.abc import Iterator

import paramiko
from paramiko.ssh_exception import ChannelException

from assessor.collect.transports.ssh_session import Session, plain
from assessor.collect.transports.watch import Guard
from assessor.devices.system import DeviceSystem
from assessor.errors import TransportError
from assessor.model.capture import Reason

QUESTION_S = 30.0
MOST = 4 * 1024 * 1024
_CHUNK = 65_536


def ask_each(asked: DeviceSystem, session: Session, guard: Guard) -> Iterator[tuple[str, str]]:
    """Each question with its output; see ``DeviceTransport.answers``.

    A command that fails is an answer too: its output ends with ``[exit N]`` and what it complained.
    """
    for question in asked.questions:
        guard.step(f"asking {question.split(' ')[0]!r}", QUESTION_S)
        with session.translated(guard, "asking the device"):
            yield question, _run(session, question, guard)


def _run(session: Session, question: str, guard: Guard) -> str:
    try:
        channel = session.open_session(timeout=guard.left(at_most=QUESTION_S))
    except ChannelException as error:
        raise TransportError(
            Reason.SHELL_REFUSED,
            f"the device runs no commands: {plain(error.text)}",
            mend="let the account run commands over SSH",
        ) from error
    try:
        channel.exec_command(question)
        channel.shutdown_write()
        output = _drained(channel, guard)
        status = channel.recv_exit_status()
        complaint = channel.recv_stderr(8192) if channel.recv_stderr_ready() else b""
    finally:
        channel.close()
    text = output.decode("utf-8", "replace").replace("\x00", "\ufffd")
    if status:
        text = f"{text.rstrip()}\n[exit {status}] {plain(complaint)}\n"
    return text


def _drained(channel: paramiko.Channel, guard: Guard) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := channel.recv(_CHUNK):
        guard.check()
        pieces.append(piece)
        size += len(piece)
        if size > MOST:
            raise TransportError(Reason.PROTOCOL, "one answer is larger than 4 MiB")
    return b"".join(pieces)
