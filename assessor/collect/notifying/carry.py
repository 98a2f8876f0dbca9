"""Tries a few times, a bounded while: what every way of sending has in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Parcel = TypeVar("Parcel")
Carried = TypeVar("Carried", contravariant=True)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why a parcel was not accepted.

    Attributes:
        why: for people; holds no secret and no word of the server.
        again: it may be accepted later.
        wait_s: how long the server asks to wait; 0 where it does not say.
    """

    why: str
    again: bool = False
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long sending goes on.

    Attributes:
        pauses: seconds before each further try.
        attempt_s: seconds that one try may take.
        whole_s: seconds for all of it, pauses included.
    """

    pauses: tuple[float, ...] = (2.0, 8.0)
    attempt_s: float = 30.0
    whole_s: float = 90.0


class Carrier(Protocol[Carried]):
    """One way of sending."""

    def attempt(
        self, parcels: Sequence[Carried], seconds: float, accepted: Callable[[int], None]
    ) -> Sequence[NotSent | None]:
        """Tries to send ``parcels`` within ``seconds``.

        Args:
            parcels: what to send.
            seconds: for all of them.
            accepted: called with the position of each as soon as it was accepted.

        Returns:
            For each parcel ``None`` where it was accepted, else why not.
        """
        ...


@dataclass(frozen=True, slots=True)
class Courier(Generic[Parcel]):
    """Sends by one way, and tries again what may be accepted later.

    Attributes:
        wait: lets a pause pass.
        clock: seconds that only grow.
    """

    carrier: Carrier[Parcel]
    patience: Patience = Patience()
    wait: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def carry(
        self, parcels: Sequence[Parcel], accepted: Callable[[int], None]
    ) -> tuple[NotSent | None, ...]:
        """Sends ``parcels``; see :meth:`Carrier.attempt`."""
        ends = self.clock() + self.patience.whole_s
        results: list[NotSent | None] = [NotSent("it was not tried", again=True)] * len(parcels)
        for pause in (0.0, *self.patience.pauses):
            left = [number for number, one in enumerate(results) if one is not None and one.again]
            if not left:
                break
            asked = max((one.wait_s for one in results if one is not None), default=0.0)
            pause = max(pause, asked)
            if self.clock() + pause >= ends:
                break
            if pause:
                self.wait(pause)
            seconds = min(self.patience.attempt_s, ends - self.clock())
            answers = self.carrier.attempt(
                [parcels[number] for number in left],
                seconds,
                lambda position, left=left: accepted(left[position]),  # type: ignore[misc]
            )
            for number, answer in zip(left, answers, strict=True):
                results[number] = answer
        return tuple(results)
