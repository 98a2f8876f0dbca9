"""``assess statement advise``, as its users run it: from what a run has stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.assess import assess

STATEMENT = """\
# Privacyverklaring

## Beveiliging

Wij nemen de volgende maatregelen:

- Onze website heeft een SSL-certificaat.
- Ons kantoor is beveiligd met een alarm.
- Met de stagiairs gaan wij zorgvuldig om.
"""

ASSESSMENT = """\
organisation: Bakkerij Zoet
language: en
statement: privacy.md
profile: mkb
targets:
  - {name: here, transport: local, role: server}
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run of a statement with two promises."""
    folder = tmp_path_factory.mktemp("advised")
    (folder / "privacy.md").write_text(STATEMENT, encoding="utf-8")
    (folder / "assessment.yaml").write_text(ASSESSMENT, encoding="utf-8")
    run = assess(folder, "run", "--quiet")
    assert run.returncode in {1, 3}, run.stderr
    return folder


def advice(folder: Path, *words: str) -> Any:
    told = assess(folder, "statement", "advise", "--json", *words)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_it_lists_what_is_not_shown_and_what_would_show_it(done: Path) -> None:
    told = {item["measure"]: item for item in advice(done)["unproven"]}
    assert told["physical-access"]["rule"] == "needs-attestation"
    assert "assess attest physical-access" in told["physical-access"]["needed"]
    assert told["physical-access"]["evidence"]
    assert STATEMENT[told["tls"]["start"] : told["tls"]["end"]].endswith("SSL-certificaat.")


def test_it_lists_what_guidance_advises_against_with_its_source(done: Path) -> None:
    (item,) = advice(done)["discouraged"]
    assert item["guidance"] == "ssl"
    assert item["sources"][0]["url"].startswith("https://")


def test_it_proposes_only_what_the_statement_does_not_promise(done: Path) -> None:
    proposed = {item["measure"] for item in advice(done)["unpromised"]}
    assert not proposed & {"tls", "physical-access", "password-rotation"}


def test_it_speaks_the_statements_language_unless_told_otherwise(done: Path) -> None:
    assert advice(done)["language"] == "nl"
    assert advice(done, "--lang", "en")["discouraged"][0]["wording"].startswith("The connection")


def test_people_read_the_same(done: Path) -> None:
    told = assess(done, "statement", "advise")
    assert told.returncode == 0
    assert '"Onze website heeft een SSL-certificaat."' in told.stdout
    assert "assess attest physical-access" in told.stdout


def test_a_run_that_is_not_there_is_told(done: Path) -> None:
    told = assess(done, "statement", "advise", "--run", "1999")
    assert told.returncode != 0
    assert "1999" in told.stderr
    assert "Traceback" not in told.stderr
