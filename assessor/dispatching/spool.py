"""A worker's ledger: every order that it took, how far it is, and what is to be handed over.

::

    spool/lock                              held by the one worker that uses it
    spool/ORDER/order.json                  the order's envelope: it was begun
    spool/ORDER/observations/TARGET.jsonl   the journal, as it grows
    spool/ORDER/delivery.json               the worker's word for it: it is finished
    spool/ORDER/sent                        the broker confirmed that it has it

An order is kept for as long as a copy of it could be obeyed, so that it runs once. Only redacted
journals are in here.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

from assessor.dispatching.messages import Order, SignedOrder
from assessor.errors import EvidenceError
from assessor.evidence.codec import decode
from assessor.evidence.store import RunFolder, write_whole
from assessor.model.evidence import TargetEvidence


class Taken(Enum):
    """What an order is to this worker."""

    NEW = auto()
    UNDER_WAY = auto()
    FINISHED = auto()


class Spool:
    """The ledger; safe to use from several threads.

    Raises:
        EvidenceError: the folder cannot be made, or another worker uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EvidenceError(f"{folder}: another worker is using it") from None
        except OSError as error:
            raise EvidenceError(f"{folder}: {error.strerror or error}") from None

    def close(self) -> None:
        """Leaves it to the next worker."""
        os.close(self._lock)

    def take(self, signed: SignedOrder) -> Taken:
        """Writes an order down; what it says of the order holds before this call.

        Raises:
            EvidenceError: the disk refuses it.
        """
        entry = self._folder / signed.id
        with self._guard:
            known = (entry / "order.json").is_file()
            finished = (entry / "delivery.json").is_file()
            try:
                (entry / "observations").mkdir(mode=0o700, parents=True, exist_ok=True)
                (entry / "sent").unlink(missing_ok=True)
            except OSError as error:
                raise EvidenceError(f"{entry}: {error.strerror or error}") from None
            if not known or signed.order.expires_at > _expiry(entry / "order.json"):
                write_whole(entry / "order.json", signed.raw.encode())
        if finished:
            return Taken.FINISHED
        return Taken.UNDER_WAY if known else Taken.NEW

    def place(self, order: str) -> RunFolder:
        """Where the journal of an order is written."""
        return RunFolder(self._folder / order)

    def collected(self, order: str, target: str) -> TargetEvidence | None:
        """What the journal of an order holds, where it has its end; raises ``EvidenceError``."""
        evidence = self.place(order).evidence().get(target)
        return evidence if evidence is not None and evidence.complete else None

    def journal(self, order: str, target: str) -> bytes:
        """The journal of an order; raises ``EvidenceError`` where it cannot be read."""
        path = self._folder / order / "observations" / f"{target}.jsonl"
        try:
            return path.read_bytes()
        except OSError as error:
            raise EvidenceError(f"{path}: {error.strerror or error}") from None

    def finish(self, order: str, envelope: bytes) -> None:
        """Writes down that everything was collected; raises ``EvidenceError``."""
        write_whole(self._folder / order / "delivery.json", envelope)

    def envelope(self, order: str) -> bytes:
        """The worker's word for the journal of a finished order."""
        return (self._folder / order / "delivery.json").read_bytes()

    def sent(self, order: str) -> None:
        """Writes down that the broker has it."""
        (self._folder / order / "sent").touch()

    def orders(self) -> Iterator[tuple[str, str]]:
        """Every order that was taken: its id and its envelope."""
        for path in sorted(self._folder.glob("*/order.json")):
            yield path.parent.name, path.read_text(encoding="ascii", errors="replace")

    def is_finished(self, order: str) -> bool:
        """Whether everything of it was collected."""
        return (self._folder / order / "delivery.json").is_file()

    def unsent(self) -> list[str]:
        """The finished orders that the broker has not confirmed."""
        finished = (path.parent for path in sorted(self._folder.glob("*/delivery.json")))
        return [entry.name for entry in finished if not (entry / "sent").exists()]

    def age(self, order: str, now: datetime) -> timedelta:
        """How long ago it was finished."""
        finished = (self._folder / order / "delivery.json").stat().st_mtime
        return now - datetime.fromtimestamp(finished, UTC)

    def drop(self, order: str) -> None:
        """Deletes an order."""
        with self._guard:
            shutil.rmtree(self._folder / order, ignore_errors=True)


def _expiry(path: Path) -> datetime:
    """Until when an order that was verified and written down before is valid."""
    payload: Any = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    return decode(Order, payload).expires_at
