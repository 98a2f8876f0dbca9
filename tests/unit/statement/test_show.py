"""Claims as JSON for programs."""

from __future__ import annotations

import json
from types import MappingProxyType

from assessor.model.statement import Claim, Reading
from assessor.statement.show import claims_as_json

MAPPED = Claim(
    id="a",
    quote="Wachtwoorden wijzigen\n wij elk kwartaal.",
    start=3,
    end=43,
    heading="Beveiliging",
    measures=("password-rotation",),
    parameters=MappingProxyType(
        {"password-rotation": MappingProxyType({"interval_days": 92})}
    ),
    readings=(
        Reading("password-rotation", "Wachtwoorden wijzigen", "password-rotation/changed", 1.0),
    ),
)  # fmt: skip
OPEN = Claim(id="b", quote="Bitschuiver", start=50, end=61, heading="", measures=())


def test_the_json_has_what_a_program_needs() -> None:
    assert json.loads(json.dumps(claims_as_json([MAPPED, OPEN]))) == {
        "claims": [
            {
                "quote": "Wachtwoorden wijzigen\n wij elk kwartaal.",
                "start": 3,
                "end": 43,
                "measures": ["password-rotation"],
                "parameters": {"password-rotation": {"interval_days": 92}},
            },
            {"quote": "Bitschuiver", "start": 50, "end": 61, "measures": [], "parameters": {}},
        ]
    }
