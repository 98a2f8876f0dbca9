"""Serves the page on the loopback interface, until it is over."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from cheroot.wsgi import Server

from assessor.errors import UsageError
from assessor.web.address import LOOPBACK
from assessor.web.uploads import Limits

if TYPE_CHECKING:
    from assessor.web.application import Application

_THREADS = 8
_SILENCE_SECONDS = 20
"""How long a browser may keep quiet in the middle of a request."""
_LONGEST_HEADERS = 32 * 1024
_LOOK_SECONDS = 5.0


class LocalServer:
    """Listens on 127.0.0.1 from the moment it is made.

    Args:
        port: 0 for any that is free.
        complain: is told of a fault in serving.

    Attributes:
        port: where it listens.

    Raises:
        UsageError: the port is taken or not allowed.
    """

    def __init__(self, port: int = 0, *, complain: Callable[[str], None]) -> None:
        self._server = _Quiet(
            (LOOPBACK, port),
            None,
            numthreads=_THREADS,
            max=_THREADS,
            timeout=_SILENCE_SECONDS,
            server_name="assess",
        )
        self._server.complain = complain
        self._server.max_request_header_size = _LONGEST_HEADERS
        self._server.max_request_body_size = Limits().request_bytes
        try:
            self._server.prepare()
        except OSError as error:
            raise UsageError(
                f"cannot listen on {LOOPBACK} port {port}: {error.strerror or error}",
                mend="choose another --port, or leave it out for one that is free",
            ) from None
        self.port: int = self._server.bind_addr[1]

    def serve(self, application: Application, idle_seconds: float) -> None:
        """Serves until the person is done, or silent for ``idle_seconds``, or Ctrl-C.

        Whatever is being recorded then is finished first.

        Raises:
            KeyboardInterrupt: it ended by Ctrl-C; the server has stopped.
        """
        self._server.wsgi_app = application
        ended = threading.Event()
        watch = threading.Thread(
            target=self._watch, args=(application, idle_seconds, ended), name="questionnaire-watch"
        )
        watch.start()
        try:
            self._server.serve()
        finally:
            ended.set()
            application.over.set()
            self._server.stop()
            watch.join()

    def close(self) -> None:
        """Stops listening; for a server that never served."""
        self._server.stop()

    def _watch(self, application: Application, idle_seconds: float, ended: threading.Event) -> None:
        while not application.over.wait(min(_LOOK_SECONDS, idle_seconds)):
            if application.idle_seconds >= idle_seconds:
                break
        if not ended.is_set():
            self._server.stop()


class _Quiet(Server):
    """Tells of faults only: a browser that goes away in the middle is none."""

    complain: Callable[[str], None]

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        if level >= logging.ERROR:
            self.complain(msg)
