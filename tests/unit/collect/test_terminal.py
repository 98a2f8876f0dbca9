"""Asking on a real pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import termios
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assessor.collect.terminal import Terminal
from assessor.errors import TransportError
from assessor.model.capture import Reason


@dataclass
class _Screen:
    """Both ends of a pseudo-terminal; a test is the person before it."""

    near: int
    far: int
    device: Path

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.far)[3] & termios.ECHO)

    def read_until(self, wanted: bytes) -> bytes:
        seen = b""
        while wanted not in seen:
            seen += os.read(self.near, 1024)
        return seen

    def type(self, keys: bytes) -> None:
        os.write(self.near, keys)


@pytest.fixture
def screen() -> Iterator[_Screen]:
    near, far = pty.openpty()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, near)
        stack.callback(os.close, far)
        yield _Screen(near, far, Path(os.ttyname(far)))


@dataclass
class _Asked:
    answer: str | None = None
    error: TransportError | None = None


@contextlib.contextmanager
def _asking(screen: _Screen, abandoned: threading.Event) -> Iterator[_Asked]:
    got = _Asked()

    def ask() -> None:
        try:
            got.answer = Terminal(abandoned, screen.device).ask("Password for web: ")
        except TransportError as error:
            got.error = error

    thread = threading.Thread(target=ask)
    thread.start()
    yield got
    thread.join(30)
    assert not thread.is_alive()


def test_the_answer_is_not_shown(screen: _Screen) -> None:
    with _asking(screen, threading.Event()) as got:
        screen.read_until(b"Password for web: ")
        echoed = screen.echoes()
        screen.type("w\u00e4chtwoord\n".encode())
    shown = screen.read_until(b"\n")

    assert got.answer == "w\u00e4chtwoord"
    assert not echoed
    assert shown == b"\r\n"
    assert screen.echoes()


def test_what_was_typed_before_the_question_is_no_answer(screen: _Screen) -> None:
    screen.type(b"typed too early\n")
    with _asking(screen, threading.Event()) as got:
        screen.read_until(b"Password for web: ")
        screen.type(b"in time\n")

    assert got.answer == "in time"


def test_an_interrupted_run_leaves_the_terminal_as_it_was(screen: _Screen) -> None:
    abandoned = threading.Event()
    with _asking(screen, abandoned) as got:
        screen.read_until(b"Password for web: ")
        abandoned.set()

    assert got.error is not None
    assert got.error.reason is Reason.INTERRUPTED
    assert screen.echoes()


def test_nobody_is_waited_for_without_end(screen: _Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessor.collect.terminal.WITHIN_S", 0.3)
    with _asking(screen, threading.Event()) as got:
        screen.read_until(b"Password for web: ")

    assert got.error is not None
    assert got.error.reason is Reason.SECRET_MISSING
    assert screen.echoes()


def test_the_end_of_input_is_an_empty_answer(screen: _Screen) -> None:
    with _asking(screen, threading.Event()) as got:
        screen.read_until(b"Password for web: ")
        screen.type(b"\x04")

    assert got.answer == ""


@pytest.mark.parametrize("device", ["/dev/null", "/no/such/device"])
def test_what_is_no_terminal_is_not_asked_on(device: str) -> None:
    assert Terminal(threading.Event(), Path(device)).ask("Password: ") is None


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)

        assert Terminal(threading.Event()).ask("Password: ") is None
