"""This machine itself: the same script, without a network."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
from collections.abc import Iterable, Sequence

import psutil

from assessor.collect.transports.base import Abandoned, Deadline, Script, Sink
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

CHUNK = 65_536
TICK_S = 0.25
"""How soon an interruption is seen, in seconds."""


class LocalTransport:
    """Runs scripts with this machine's own shell, as the user who runs ``assess``.

    Args:
        abandoned: whether the run was interrupted.
        shell: takes a script in place of its own command.
    """

    def __init__(self, abandoned: Abandoned, shell: Sequence[str] = ()) -> None:
        self._abandoned = abandoned
        self._shell = tuple(shell)

    def run(
        self, target: Target, scripts: Iterable[Script], sink: Sink, deadline: Deadline
    ) -> None:
        """See ``ShellTransport.run``."""
        for script in scripts:
            self._run(script, sink, deadline)

    def _run(self, script: Script, sink: Sink, deadline: Deadline) -> None:
        words = self._shell or ("/bin/sh", "-c", script.command)
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise TransportError(
                Reason.SHELL_REFUSED, f"{words[0]} cannot be started: {error.strerror}"
            ) from None
        try:
            self._talk(process, script, sink, deadline)
        finally:
            _end(process)

    def _talk(
        self, process: subprocess.Popen[bytes], script: Script, sink: Sink, deadline: Deadline
    ) -> None:
        assert process.stdin and process.stdout and process.stderr  # noqa: S101 - pipes were asked for
        rest = memoryview(script.text)
        with selectors.DefaultSelector() as selector:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            selector.register(process.stdout, selectors.EVENT_READ, sink.output)
            selector.register(process.stderr, selectors.EVENT_READ, sink.error)
            readers = 2
            while readers and not sink.finished:
                if self._abandoned.is_set():
                    raise TransportError(Reason.INTERRUPTED, "the run was interrupted")
                left = deadline.require("waiting for the answers")
                ready = selector.select(min(left, TICK_S))
                if not ready:
                    sink.idle()
                for key, _ in ready:
                    if key.fileobj is process.stdin:
                        rest = self._write(process.stdin.fileno(), rest)
                        if not rest:
                            selector.unregister(process.stdin)
                            if not script.held:
                                process.stdin.close()
                        continue
                    data = os.read(key.fd, CHUNK)
                    if data:
                        key.data(data)
                    else:
                        selector.unregister(key.fileobj)
                        readers -= 1

    @staticmethod
    def _write(fd: int, rest: memoryview) -> memoryview:
        try:
            return rest[os.write(fd, rest[:CHUNK]) :]
        except BlockingIOError:
            return rest
        except BrokenPipeError:  # the shell has gone: its last words are still to be read
            return rest[:0]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the shell and all that it started and left behind."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()
