"""The part of Celery's worker that takes messages from the broker.

Celery itself quotes a message that it refuses; here one plain line says that there was one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

from assessor.dispatching.broker import MOST_PAUSE_S, TASK, why_lost

Say = Callable[[str], None]
"""Takes a line for the log."""


class PlainConsumer(Consumer):  # type: ignore[misc]
    """Celery's consumer, which tells ``say`` what it refused and when the broker comes and goes."""

    say: Say
    lost = False

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # Whatever the library makes of what a broker gave it, it connects anew and goes on.
        self.connection_errors = (Exception,)

    def create_task_handler(self, *args: Any, **named: Any) -> Callable[[Any], None]:
        """Lets nothing through to Celery but what our serializer read."""
        handle = super().create_task_handler(*args, **named)

        def handle_ours(message: Any) -> None:
            try:
                ours = message.headers["task"] == TASK and isinstance(message.decode(), list)
            except Exception:  # whatever decoding makes of bytes that anybody sent
                ours = False
            if not ours:
                self.on_decode_error(message, None)
                return
            # Celery takes headers at their word (when to run, what to do after), and some words
            # would end it. None is needed.
            name = str(uuid4())
            message.headers = {"lang": "py", "task": TASK, "id": name, "root_id": name}
            handle(message)

        return handle_ours

    def on_decode_error(self, message: Any, exc: Exception | None) -> None:
        """Refuses a message for good."""
        self.say("refused a message: it is no order of ours, too large, or damaged")
        message.ack()

    def on_ready(self) -> None:
        """The broker is there."""
        super().on_ready()
        self.lost = False
        self.say("connected to the broker; waiting for orders")

    def on_connection_error_before_connected(self, exc: Exception) -> None:
        """The broker is not there."""
        self._tell_lost(exc)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """The broker went away."""
        self._tell_lost(exc)
        super().on_connection_error_after_connected(exc)

    def ensure_connected(self, conn: Any) -> Any:
        """Tries until the broker is there, or the worker is told to end."""
        return conn.ensure_connection(
            lambda exc, interval: self._tell_lost(exc),
            callback=maybe_shutdown,
            interval_start=1,
            interval_step=1,
            interval_max=MOST_PAUSE_S,
        )

    def _tell_lost(self, exc: Exception) -> None:
        if not self.lost:
            self.say(f"the broker is not there: {why_lost(exc)}; trying again")
        self.lost = True


def consumer_of(say: Say) -> type[Any]:
    """The consumer that tells ``say``; Celery makes one itself, and hands on nothing of ours."""
    return type("Consumer", (PlainConsumer,), {"say": staticmethod(say)})
