"""The part of Celery's worker that takes messages from the broker.

Celery itself quotes a message that it refuses; here one plain line says that there was one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

from assessor.dispatching.broker import MOST_PAUSE_S, why_lost

Say = Callable[[str], None]
"""Takes a line for the log."""


def consumer_of(say: Say) -> type[Any]:
    """Celery's consumer, which tells ``say`` what it refused and when the broker comes and goes."""

    class PlainConsumer(Consumer):  # type: ignore[misc]
        lost = False

        def on_decode_error(self, message: Any, exc: Exception) -> None:
            _refuse(message, "it is not of our content type, too large, or damaged")

        def on_unknown_message(self, body: object, message: Any) -> None:
            _refuse(message, "it is no order")

        def on_unknown_task(self, body: object, message: Any, exc: Exception) -> None:
            _refuse(message, "it is no order")

        def on_invalid_task(self, body: object, message: Any, exc: Exception) -> None:
            _refuse(message, "it is not of our content type, too large, or damaged")

        def on_ready(self) -> None:
            super().on_ready()
            self.lost = False
            say("connected to the broker; waiting for orders")

        def on_connection_error_before_connected(self, exc: Exception) -> None:
            self._tell_lost(exc)

        def on_connection_error_after_connected(self, exc: Exception) -> None:
            self._tell_lost(exc)
            super().on_connection_error_after_connected(exc)

        def ensure_connected(self, conn: Any) -> Any:
            return conn.ensure_connection(
                lambda exc, interval: self._tell_lost(exc),
                callback=maybe_shutdown,
                interval_start=1,
                interval_step=1,
                interval_max=MOST_PAUSE_S,
            )

        def _tell_lost(self, exc: Exception) -> None:
            if not self.lost:
                say(f"the broker is not there: {why_lost(exc)}; trying again")
            self.lost = True

    def _refuse(message: Any, why: str) -> None:
        say(f"refused a message: {why}")
        message.ack()

    return PlainConsumer
