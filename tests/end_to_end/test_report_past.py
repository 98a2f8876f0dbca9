"""The months before in a report: five runs of a company that keeps its word, forgets it, renews it.

Only the clock is made up: each run has a day of its own. What people attested decides, so that the
real pipeline concludes something without a machine to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from assessor import concluding, pipeline
from assessor.evidence.conclusions import StatementRecord
from assessor.evidence.store import RunFolder
from assessor.model.attestation import Answer, Attestation, Waiver, Words
from assessor.model.evidence import RunFacts
from assessor.model.language import Language
from assessor.model.plan import Plan
from tests.end_to_end.assess import assess
from tests.factories import make_target, make_target_plan

SECRECY = "Onze medewerkers hebben een geheimhoudingsverklaring getekend."
REWORDED = "Al onze medewerkers hebben een geheimhoudingsverklaring ondertekend."
LOCKED = "De server staat in een afgesloten ruimte met een rookmelder."
INTERNAL = "internal"
SETTINGS = """\
organisation: Bakkerij Zoet
language: nl
profile: mkb
targets:
  - {name: kassa, role: workstation, transport: local}
"""


def attested(measure: str, given: date, expires: date) -> Attestation:
    return Attestation(
        f"{measure}-{given}", measure, Answer.YES, "Jo Zoet", "eigenaar", "Zo is het.", given,
        expires, datetime(given.year, given.month, given.day, 12, tzinfo=UTC),
    )  # fmt: skip


FIRST = attested("confidentiality-agreement", date(2026, 8, 1), date(2026, 9, 15))
RENEWED = attested("confidentiality-agreement", date(2026, 11, 1), date(2027, 1, 10))
ROOM = attested("physical-access", date(2026, 8, 1), date(2027, 12, 1))
SMOKE = attested("fire-safety", date(2026, 8, 1), date(2027, 12, 1))
WAIVER = Waiver(
    "disk_encryption", "kassa", "De kassa wordt vervangen.", "Jo Zoet", date(2026, 9, 30),
    datetime(2026, 7, 1, 12, tzinfo=UTC),
)  # fmt: skip


def make_run(folder: Path, at: datetime, sentence: str, *words: Attestation) -> RunFolder:
    """A finished run: only its clock is ours, all else is done by the pipeline."""
    (folder / "privacy.md").write_text(f"## Beveiliging\n\n- {sentence}\n- {LOCKED}\n", "utf-8")
    read = pipeline.read_statement("privacy.md", folder, Language.NL)
    facts = RunFacts(
        id=f"{at:%Y%m%dT%H%M%SZ}-00aa",
        assess_version="0.1.0",
        profile="mkb",
        organisation="Bakkerij Zoet",
        assessor="Koek ICT",
        language=Language.NL,
        started_at=at,
        vantage="laptop",
    )
    run = RunFolder(folder / "runs" / facts.id)
    run.create(facts, Plan((make_target_plan(make_target("kassa")),)))
    run.write_bytes("statement.raw", read.raw)
    run.write("statement.json", StatementRecord(read.text, read.claims))
    run.write("words.json", Words(words, (WAIVER,)))
    concluding.keep_conclusions(run, concluding.conclude(run, pipeline.checks_of(run)))
    return run


Pages = Mapping[tuple[int, str], BeautifulSoup]
"""By month and audience."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """Nothing attested in July, all in August and September; in October one word has expired."""
    folder = tmp_path_factory.mktemp("bakkerij")
    (folder / "assessment.yaml").write_text(SETTINGS, "utf-8")
    rest = (ROOM, SMOKE)
    for month, sentence, words in (
        (7, SECRECY, ()),
        (8, SECRECY, (FIRST, *rest)),
        (9, SECRECY, (FIRST, *rest)),
        (10, REWORDED, (FIRST, *rest)),
        (11, REWORDED, (FIRST, RENEWED, *rest)),
    ):
        make_run(folder, datetime(2026, month, 5 if month == 9 else 20, 9, tzinfo=UTC),
                 sentence, *words)  # fmt: skip
    found = {}
    for month, audiences in ((7, INTERNAL), (8, INTERNAL), (9, INTERNAL), (11, "internal,client")):
        run = f"2026{month:02}"
        done = assess(folder, "report", run, "--format", "html", "--audience", audiences)
        assert (done.returncode, done.stderr) == (0, "")
        for audience, path in zip(audiences.split(","), done.stdout.splitlines(), strict=True):
            found[month, audience] = BeautifulSoup(Path(path).read_text("utf-8"), "html.parser")
    return found


def texts(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ", strip=True).split()) for each in page.select(selector)]


def test_the_last_report_tells_the_months_before(pages: Pages) -> None:
    page = pages[11, INTERNAL]

    assert texts(page, "#summary .numbers tr")[1:] == [
        "juli 2026 0 0 2 2", "augustus 2026 2 0 0 2", "september 2026 2 0 0 2",
        "oktober 2026 1 1 0 2", "november 2026 2 0 0 2",
    ]  # fmt: skip
    assert texts(page, "#claims .since") == [
        "Sinds deze meting; daarvoor verlopen",
        "Sinds de meting van 20 augustus 2026; daarvoor niet aangetoond",
    ]
    strips = [str(each["aria-label"]) for each in page.select("#claims .strip")]
    assert strips[0] == (
        "juli 2026: niet aangetoond; augustus 2026 tot en met september 2026: verklaard; "
        "oktober 2026: verlopen; november 2026: verklaard"
    )


def test_the_timeline_follows_a_promise_through_other_words(pages: Pages) -> None:
    runs = pages[11, INTERNAL].select("#timeline .timeline > li")

    heads = [run.h3.get_text(" ", strip=True) for run in runs if isinstance(run.h3, Tag)]
    assert heads == [
        "20 november 2026, 09:00 UTC dit rapport", "20 oktober 2026, 09:00 UTC",
        "5 september 2026, 09:00 UTC", "20 augustus 2026, 09:00 UTC", "20 juli 2026, 09:00 UTC",
    ]  # fmt: skip
    turns = [
        [" ".join(each.get_text(" ", strip=True).split()) for each in run.select(".turns > li")]
        for run in runs
    ]
    assert turns == [
        [f"Beter Belofte 1 {REWORDED} was verlopen, nu verklaard"],
        [f"Slechter Belofte 1 {REWORDED} was verklaard, nu verlopen Eerst stond er: {SECRECY}"],
        [],
        [
            f"Beter Belofte 1 {SECRECY} was niet aangetoond, nu verklaard",
            f"Beter Belofte 2 {LOCKED} was niet aangetoond, nu verklaard",
        ],
        [],
    ]


def test_an_older_report_tells_what_was_known_then(pages: Pages) -> None:
    page = pages[9, INTERNAL]

    assert (
        texts(page, "#claims .since")
        == ["Sinds de meting van 20 augustus 2026; daarvoor niet aangetoond"] * 2
    )
    assert len(page.select("#timeline .timeline > li")) == 3
    assert "20 oktober 2026" not in page.get_text()
    assert "20 november 2026" not in page.get_text()
    assert REWORDED not in page.get_text()


def test_the_first_report_has_nothing_to_compare_with(pages: Pages) -> None:
    page = pages[7, INTERNAL]

    assert page.select("#timeline, .months, .strip") == []
    assert texts(page, "#claims .since") == ["Voor het eerst gemeten"] * 2
    assert "Dit is de eerste meting." in page.get_text()


def test_what_ends_soon_is_that_of_the_day(pages: Pages) -> None:
    """A word that was renewed is told by its new end, and only once it had been renewed."""
    august, november = pages[8, INTERNAL], pages[11, INTERNAL]

    assert texts(august, "#ends .when strong") == [
        "15 september 2026",
    ]
    assert texts(november, "#ends .when strong") == ["10 januari 2027"]
    (end,) = november.select("#ends .ends > li")
    assert "51 dagen na de meting" in end.get_text()
    assert [str(link["href"]) for link in end.select("a")] == ["#claim-1"]


def test_accepted_deviations_are_shown_while_they_count_and_after(pages: Pages) -> None:
    """Nobody looked at the disk in these runs; what was accepted there is shown all the same."""
    before, after = pages[8, INTERNAL], pages[11, INTERNAL]

    assert texts(before, "#waivers .badge") == ["aanvaard"]
    assert texts(after, "#waivers .badge") == ["verlopen"]
    assert "De kassa wordt vervangen." in after.get_text()


def test_the_client_is_told_the_same_past(pages: Pages) -> None:
    internal, client = (pages[11, each] for each in ("internal", "client"))

    for selector in ("#summary .numbers tr", "#claims .since", "#timeline .turns > li"):
        assert texts(client, selector) == texts(internal, selector)
    assert texts(client, "#ends .when") == texts(internal, "#ends .when")
    assert [texts(each, "#waivers h3 .role") for each in (internal, client)] == [
        ["kassa"], ["server 1"],
    ]  # fmt: skip
