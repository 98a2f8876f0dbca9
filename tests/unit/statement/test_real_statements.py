# ruff: noqa: E501 -- tables of wordings read best one to a line
"""The bars of the mapper on labelled statements, and its own example statements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from assessor.bundled import folder
from assessor.model.statement import Claim
from assessor.statement.claims import find_claims
from assessor.statement.lexicon import load_lexicon
from assessor.statement.reading import parse_statement
from benchmarks.mapping import ROOT, figures, predict, sets, shortfalls

needs_statements = pytest.mark.skipif(
    not (ROOT / "score.py").is_file(), reason=f"needs the labelled statements in {ROOT}"
)


def claims_of(path: Path) -> tuple[Claim, ...]:
    statement = parse_statement(path.read_bytes(), source=path.name)
    return find_claims(statement, load_lexicon(folder("profiles") / "lexicon", statement.language))


@needs_statements
@pytest.mark.parametrize("index", [0, 1], ids=["main", "development"])
def test_the_bars_are_met(tmp_path: Path, index: int) -> None:
    labelled = sets(ROOT)[index]
    predict(labelled, tmp_path)
    assert shortfalls(labelled, figures(labelled, tmp_path, ROOT)) == []


def promised(claims: Sequence[Claim]) -> set[str]:
    return {m for claim in claims for m in claim.measures}


EXAMPLE = {
    "access-control", "user-rights", "password-policy", "password-rotation", "mfa", "screen-lock",
    "endpoint-protection", "firewall", "wifi-security", "disk-encryption", "tls", "mail-authentication",
    "backup", "offsite-backup", "restore-test", "patching", "analytics-anonymisation",
    "cookie-consent", "retention", "data-location", "confidentiality-agreement",
    "processor-agreement", "breach-notification", "privacy-by-design", "physical-access", "ups",
    "media-destruction", "general-measures",
}  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_example_statement_promises_what_it_is_meant_to(language: str) -> None:
    claims = claims_of(folder("profiles") / f"example-statement.{language}.md")
    assert promised(claims) == EXAMPLE
    assert all(claim.measures for claim in claims)
    parameters = {
        (measure, name): value
        for claim in claims
        for measure, values in claim.parameters.items()
        for name, value in values.items()
    }
    assert parameters["password-rotation", "interval_days"] == 92
    assert parameters["backup", "interval_days"] == 1
    assert parameters["patching", "within_days"] == 14
    assert parameters["restore-test", "interval_days"] == 183
    assert parameters["breach-notification", "within_hours"] == 72
