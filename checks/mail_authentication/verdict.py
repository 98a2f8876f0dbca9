"""What is made of one of the three marks: SPF, DMARC, DKIM."""

from __future__ import annotations

from dataclasses import dataclass, field

from assessor.api import NO_FACTS, Facts, Message


@dataclass(frozen=True, slots=True)
class Part:
    """The verdict on one mark.

    Attributes:
        wrong: what makes it untrue that senders can be told apart; ``None`` if nothing does.
        unsure: why it cannot be told.
        advice: good practice beside it.
        observed: the values that were seen.
    """

    wrong: Message | None = None
    unsure: Message | None = None
    advice: tuple[Message, ...] = ()
    observed: Facts = field(default_factory=lambda: NO_FACTS)
