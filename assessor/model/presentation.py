"""What a view of a run needs besides the run itself and the words."""

from __future__ import annotations

from dataclasses import dataclass, field

from assessor.model.past import Past
from assessor.model.report_settings import Audience, HouseStyle


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a view needs besides the run and the words.

    Attributes:
        audience: for whom it is.
        style: of the company that hands it over.
        past: what is known of the months before; empty for a first run.
    """

    audience: Audience = Audience.INTERNAL
    style: HouseStyle = field(default_factory=HouseStyle)
    past: Past = field(default_factory=Past)
