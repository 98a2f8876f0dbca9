"""What a message says, and that it says nothing that a machine said."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessor import bundled
from assessor.history.notify.clean import is_address, one_line
from assessor.history.notify.failure import Failure
from assessor.history.notify.mail import as_text
from assessor.history.notify.message import Tone, Whereabouts, Whole, write
from assessor.history.notify.news import Failed, News, Todo, Trial
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.report.texts import load_texts as load_report_texts
from tests.unit.history.notify.support import claim, finding, finished, run, texts

KEPT = claim("firewall", Verdict.KEPT)
BROKEN = claim("firewall", Verdict.BROKEN)
OTHER = claim("backups", Verdict.UNPROVEN)


def flat(language: Language) -> dict[str, str]:
    return dict(texts(language).entries)


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    def shape(language: Language) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in flat(language).items()}

    def plural(key: str) -> bool:
        return key.endswith((".one", ".other"))

    dutch, english = shape(Language.NL), shape(Language.EN)
    assert dutch.keys() == english.keys()
    assert {k: v for k, v in dutch.items() if not plural(k)} == {
        k: v for k, v in english.items() if not plural(k)
    }


@pytest.mark.parametrize("language", Language)
def test_verdicts_and_outcomes_have_the_words_of_the_report(language: Language) -> None:
    report = load_report_texts(bundled.folder("reports"), language)
    own = flat(language)
    for verdict in Verdict:
        assert own[f"verdict.{verdict}.claims"] == report[f"verdict.{verdict}.claim"]
        assert own[f"verdict.{verdict}.measures"] == report[f"verdict.{verdict}.measure"]
    for outcome in (Outcome.PASS, Outcome.FAIL):
        assert own[f"outcome.{outcome}"] == report[f"outcome.{outcome}.word"]


def test_no_text_is_left_out_of_the_files() -> None:
    """YAML takes a plain no, yes or number for something else."""
    for language in Language:
        raw = (bundled.folder("reports") / f"notify.{language}.yaml").read_text(encoding="utf-8")
        assert all(isinstance(key, str) for key in yaml.safe_load(raw)["outcome"])


@pytest.mark.parametrize(
    ("before", "after", "english", "dutch", "tone"),
    [
        (
            None,
            run([KEPT, OTHER]),
            "first measurement, 1 of 2 promises kept",
            "eerste meting, 1 van 2 beloften nagekomen",
            Tone.CHANGED,
        ),
        (
            run([KEPT]),
            run([KEPT]),
            "nothing changed, 1 of 1 promise kept",
            "niets veranderd, 1 van 1 belofte nagekomen",
            Tone.SAME,
        ),
        (run([KEPT]), run([BROKEN]), "1 promise got worse", "1 belofte slechter", Tone.WORSE),
        (run([BROKEN]), run([KEPT]), "1 mended", "1 hersteld", Tone.CHANGED),
        (
            run([KEPT], [finding("srv1", Outcome.PASS)]),
            run([KEPT], [finding("srv1", Outcome.FAIL)]),
            "worse on 1 system",
            "slechter op 1 systeem",
            Tone.WORSE,
        ),
        (
            run([KEPT], [finding("srv1", Outcome.UNKNOWN)]),
            run([KEPT], [finding("srv1", Outcome.PASS)]),
            "mended on 1 system",
            "hersteld op 1 systeem",
            Tone.CHANGED,
        ),
        (
            run([KEPT], targets={"srv1": True, "srv2": True}),
            run([KEPT], targets={"srv1": True, "srv2": False}),
            "1 system no longer answers",
            "1 systeem antwoordt niet meer",
            Tone.WORSE,
        ),
        (
            run([KEPT], targets={"srv1": True, "srv2": True}),
            run([KEPT]),
            "1 system no longer looked at",
            "1 systeem niet meer bekeken",
            Tone.CHANGED,
        ),
        (
            run([KEPT]),
            run([KEPT, OTHER]),
            "something differs from last time",
            "iets is anders dan de vorige keer",
            Tone.CHANGED,
        ),
    ],
    ids=[
        *("first", "same", "worse", "mended", "worse-system", "mended-system"),
        *("silent", "lost", "new"),
    ],
)
def test_the_subject_says_what_changed(
    before: object, after: object, english: str, dutch: str, tone: Tone
) -> None:
    news = finished(after, before)  # type: ignore[arg-type] # parametrised
    message = write(news, texts(Language.EN))
    assert message.subject == f"Bakkerij Zoet: {english}"
    assert write(news, texts(Language.NL)).subject == f"Bakkerij Zoet: {dutch}"
    assert message.tone is tone


def test_a_finished_run_is_told_in_full() -> None:
    before = run(
        [KEPT, claim("backups", Verdict.UNPROVEN)],
        [
            finding("srv1", Outcome.PASS),
            finding("srv2", Outcome.FAIL),
            finding("old", Outcome.FAIL),
        ],
        targets={"srv1": True, "srv2": True, "old": True},
        month=10,
    )
    after = run(
        [BROKEN, claim("backups", Verdict.ATTESTED)],
        [
            finding("srv1", Outcome.FAIL),
            finding("srv2", Outcome.PASS),
            finding("new", Outcome.FAIL),
        ],
        targets={"srv1": True, "srv2": True, "new": True},
    )
    todo = Todo("Firewall", "srv1 and new", "Turn it on.", "the system administrator")
    dutch = texts(Language.NL)
    message = write(finished(after, before, todos=(todo,), more=2), dutch)
    shown = as_text(
        message.with_report(Whereabouts(path="runs/r/report.nl.html"), dutch), title=True
    )
    assert shown == (
        """Bakkerij Zoet: 1 belofte slechter, 1 systeem niet meer bekeken, 1 hersteld

Op 24 november 2026 is gemeten of de beloften over beveiliging worden nagekomen.
3 van 3 systemen gaven antwoord.
Hieronder staat wat er anders is dan bij de meting van 24 oktober 2026.

De stand
1 niet nagekomen
1 verklaard
2 in totaal

Slechter
Belofte 1 (Firewall): was nagekomen, nu niet nagekomen
Firewall op srv1: was in orde, nu niet in orde

Hersteld
Belofte 2 (Back-ups): was niet aangetoond, nu verklaard
Firewall op srv2: was niet in orde, nu in orde

Nieuw
Voor het eerst bekeken: new
Firewall op new: niet in orde

Niet meer bekeken
old

Dit moet er eerst gebeuren
1. Firewall (srv1 and new): Turn it on. Wie: the system administrator.
Daarna zijn er nog 2 punten; die staan in het rapport.

Het rapport
Het hele rapport staat in de map van deze controle: runs/r/report.nl.html

Dit bericht is gemaakt door assess, meting 20261124T090500Z-4f2a.
"""
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", Failure)
def test_a_failure_is_told_by_its_word(language: Language, reason: Failure) -> None:
    news = News("Bakkerij Zoet", Failed("", date(2026, 11, 24), reason))
    message = write(news, texts(language))
    assert message.tone is Tone.FAILED
    assert texts(language).text(f"failed.{reason}") in message.lead
    assert texts(language).day(date(2026, 11, 24)) in message.subject


def test_the_reports_place_is_told_as_it_is() -> None:
    english = texts()
    message = write(News("", Trial(date(2026, 11, 24))), english)
    link = "https://reports.example/r"
    told = {
        whole: as_text(
            message.with_report(Whereabouts(whole, "", "runs/r/report.nl.html"), english)
        )
        for whole in Whole
    }
    assert "comes with this message" in told[Whole.ATTACHED]
    assert "runs/" not in told[Whole.ATTACHED]
    assert "assess verify" in told[Whole.BUNDLE]
    assert "too large" in told[Whole.TOO_LARGE]
    assert "runs/r/report.nl.html" in told[Whole.TOO_LARGE]
    assert "runs/r/report.nl.html" in told[Whole.NONE]
    linked = message.with_report(Whereabouts(Whole.NONE, link, "runs/r/report.nl.html"), english)
    assert link in as_text(linked)
    assert "runs/r" not in as_text(linked)


def test_a_target_that_is_called_by_its_address_is_told_by_what_it_is() -> None:
    names = ("192.0.2.7", "2001:db8::7", "fw-192.0.2.8", "ip-192-0-2-9", "02:00:5e:00:53:01")
    seen = dict.fromkeys(names, True)
    before = run([KEPT], [finding(name, Outcome.PASS) for name in names], targets=seen)
    after = run([BROKEN], [finding(name, Outcome.FAIL) for name in names], targets=seen)
    message = write(finished(after, before), texts())
    shown = as_text(message)
    assert "Firewall on a server: was in order, now not in order" in shown
    assert [name for name in names if name in shown] == []


@pytest.mark.parametrize("name", ["srv1", "web-01.bakker.example", "v1.2.3", "2026", "nas", "cafe"])
def test_a_name_is_not_taken_for_an_address(name: str) -> None:
    assert not is_address(name)


@given(st.text(max_size=500), st.integers(2, 60))
def test_a_name_is_one_visible_line(text: str, limit: int) -> None:
    shown = one_line(text, limit)
    assert len(shown) <= limit
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e\u200b\ud800-\udfff]", shown)


def test_a_message_is_bounded_however_much_changed() -> None:
    many = {f"srv{number}": True for number in range(900)}
    measures = [f"measure-{number}" for number in range(300)]
    before = run([KEPT], [finding("srv1", Outcome.PASS, each) for each in measures], targets=many)
    after = run(
        [claim("firewall", Verdict.BROKEN, f"Promise {number}.") for number in range(300)],
        [finding("srv1", Outcome.FAIL, each) for each in measures],
        targets=many,
    )
    message = write(finished(after, before, organisation="x" * 5000), texts())
    assert len(message.subject) <= 140
    assert len(as_text(message)) < 8000
    assert "And 293 more points" in as_text(message)
