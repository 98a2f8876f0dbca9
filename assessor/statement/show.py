"""Shows the claims of a statement to programs, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from assessor.model.statement import Claim, Parameter

Json = dict[str, "Json"] | list["Json"] | Parameter


def claims_as_json(claims: Sequence[Claim]) -> dict[str, Json]:
    """What ``assess statement map --json`` writes; offsets are into ``StatementText.text``."""
    return {
        "claims": [
            {
                "quote": claim.quote,
                "start": claim.start,
                "end": claim.end,
                "measures": list(claim.measures),
                "parameters": {m: dict(values) for m, values in claim.parameters.items()},
            }
            for claim in claims
        ]
    }
