"""Hands a worker's journals to the broker, until it has confirmed each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from celery import Celery
from kombu import Connection

from assessor.dispatching.broker import (
    ANSWER_S,
    MOST_PAUSE_S,
    SERIALIZER,
    delivery_queue,
    why_lost,
)
from assessor.dispatching.messages import compressed_parts, part_messages
from assessor.dispatching.spool import Spool
from assessor.errors import EvidenceError
from assessor.evidence.deliveries import read_delivery
from assessor.evidence.signing import PublicKey

_EVERY_S = 60.0


class Outbox:
    """Sends what is finished in the spool, in a thread of its own.

    A connection lives for as long as there is something to send, so that none is stale.
    """

    def __init__(
        self, app: Celery, spool: Spool, key: PublicKey, say: Callable[[str], None]
    ) -> None:
        self._app = app
        self._spool = spool
        self._key = key
        self._say = say
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)

    def start(self) -> None:
        """Begins with what a worker before this one left."""
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def stop(self) -> None:
        """Ends; what is not sent waits for the next worker."""
        self._stopped.set()
        self._wake.set()
        self._thread.join(ANSWER_S)

    def _work(self) -> None:
        pause, lost = 1.0, False
        while not self._stopped.is_set():
            self._wake.wait(_EVERY_S)
            self._wake.clear()
            if not self._spool.unsent():
                continue
            try:
                with self._app.connection_for_write() as connection:
                    self._send(connection)
                pause, lost = 1.0, False
            except Exception as error:  # whatever it is, this thread goes on trying
                if not lost:
                    self._say(f"a journal waits for the broker: {why_lost(error)}")
                lost = True
                self._stopped.wait(pause)
                pause = min(2 * pause, MOST_PAUSE_S)
                self._wake.set()

    def _send(self, connection: Connection) -> None:
        for order in self._spool.unsent():
            if self._stopped.is_set():
                return
            try:
                envelope = self._spool.envelope(order)
                delivery = read_delivery(envelope, self._key)
                journal = self._spool.journal(order, delivery.target)
            except (EvidenceError, FileNotFoundError) as error:
                self._say(f"an order in the spool cannot be handed over: {error}")
                self._spool.drop(order)
                continue
            queue = delivery_queue(delivery.run)
            producer = connection.Producer(serializer=SERIALIZER)
            for message in part_messages(envelope, compressed_parts(journal)):
                producer.publish(
                    message,
                    exchange="",
                    routing_key=queue.name,
                    declare=[queue],
                    delivery_mode=2,
                    timeout=ANSWER_S,
                    confirm_timeout=ANSWER_S,
                )
            self._spool.sent(order)
            self._say(f"{delivery.target} (run {delivery.run}): handed over")
