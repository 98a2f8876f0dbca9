"""What a person decided about a claim when reviewing a statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on what a sentence of the statement promises.

    Attributes:
        quote: the sentence; white space and capitals do not matter when it is looked up.
        measures: ids of the catalogue; empty where it promises nothing of the kind.
        by: who decided.
        at: when, in UTC.
    """

    quote: str
    measures: tuple[str, ...]
    by: str
    at: datetime
