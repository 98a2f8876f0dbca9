"""What a statement had better say: from verdicts, with the bundled wording and guidance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from assessor.bundled import folder
from assessor.inputs.guidance import load_guidance, load_wording
from assessor.inputs.measures import load_measures
from assessor.model.attestation import Words
from assessor.model.facts import Facts
from assessor.model.finding import Finding, Outcome
from assessor.model.language import Language
from assessor.model.statement import (
    Claim,
    ClaimVerdict,
    MeasureVerdict,
    Parameter,
    Verdict,
)
from assessor.model.target import Role
from assessor.statement.advice import Advice, Background, Unproven, advise
from assessor.statement.claims import find_claims
from assessor.statement.lexicon import load_lexicon
from assessor.statement.verdicts import judge_claim, judge_measure
from tests.factories import (
    AT,
    make_attestation,
    make_claim,
    make_finding,
    make_measure_verdict,
    make_statement,
    make_waiver,
)

PROFILES = folder("profiles")
MEASURES = load_measures(PROFILES / "measures.yaml")
WORDING = load_wording(PROFILES / "wording.yaml", tuple(MEASURES))
GUIDANCE = load_guidance(PROFILES / "guidance.yaml", tuple(MEASURES))
LEXICONS = {language: load_lexicon(PROFILES / "lexicon", language) for language in Language}

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
NOT_APPLICABLE = Outcome.NOT_APPLICABLE


def seen(
    outcomes: Mapping[str, Outcome], measure: str = "firewall", words: Words | None = None
) -> MeasureVerdict:
    """The verdict of a measure of which each target gave one finding."""
    findings: tuple[Finding, ...] = tuple(
        make_finding(target=name, outcome=outcome, measure=measure)
        for name, outcome in outcomes.items()
    )
    return judge_measure(MEASURES[measure], findings, words or Words((), ()), AT.date())


def told(
    claims: Iterable[ClaimVerdict] = (),
    measures: Iterable[MeasureVerdict] = (),
    *,
    language: Language = Language.NL,
    roles: Mapping[str, Role] | None = None,
    tested: Mapping[str, Facts] | None = None,
) -> Advice:
    background = Background(MEASURES, roles or {}, tested or {})
    return advise(claims, measures, WORDING, GUIDANCE, language, background)


def promise(measure: MeasureVerdict, claim: Claim | None = None) -> ClaimVerdict:
    return judge_claim(claim or make_claim(measures=(measure.measure,)), (measure,))


def only(advice: Advice) -> Unproven:
    (item,) = advice.unproven
    return item


def read(text: str, language: Language) -> list[str]:
    """The guidance that meets a statement of one sentence."""
    claims = find_claims(make_statement(text, language=language), LEXICONS[language])
    assert claims, text
    advice = told([judge_claim(claim, ()) for claim in claims])
    return [item.guidance.id for item in advice.discouraged]


# --- shown, not promised -------------------------------------------------------------------


def test_what_was_shown_and_is_not_promised_could_be_promised() -> None:
    firewall, disks = seen({"a": PASS}), seen({"a": PASS}, "disk-encryption")
    advice = told([promise(firewall)], [disks, firewall], language=Language.EN)
    assert [item.measure for item in advice.unpromised] == [disks]
    assert advice.unpromised[0].wording == "The disks of our computers are encrypted."
    assert advice.unproven == ()


@pytest.mark.parametrize(
    "outcomes",
    [
        {"a": PASS, "b": FAIL},
        {"a": PASS, "b": UNKNOWN},
        {"a": FAIL},
        {"a": UNKNOWN},
        {"a": NOT_APPLICABLE},
    ],
)
def test_what_was_not_shown_everywhere_is_not_proposed(outcomes: dict[str, Outcome]) -> None:
    assert told(measures=[seen(outcomes)]).unpromised == ()


def test_what_a_person_attested_could_be_promised_too() -> None:
    words = Words((make_attestation("fire-safety"),), ())
    attested = judge_measure(MEASURES["fire-safety"], (), words, AT.date())
    assert [item.measure for item in told(measures=[attested]).unpromised] == [attested]


def test_what_guidance_discourages_is_never_proposed_though_it_was_shown() -> None:
    assert told(measures=[seen({"a": PASS}, "password-rotation")]).unpromised == ()


def test_proposals_follow_the_catalogue() -> None:
    measures = [seen({"a": PASS}, name) for name in ("patching", "mfa", "firewall")]
    proposed = [item.measure.measure for item in told(measures=measures).unpromised]
    assert proposed == ["mfa", "firewall", "patching"]


@pytest.mark.parametrize(
    ("days", "nl", "en"),
    [
        (1, "elke dag", "every day"),
        (2, "elke 2 dagen", "every 2 days"),
        (7, "elke week", "every week"),
        (14, "elke 2 weken", "every 2 weeks"),
        (31, "elke maand", "every month"),
        (90, "elke 3 maanden", "every 3 months"),
        (365, "elk jaar", "every year"),
        (732, "elke 2 jaar", "every 2 years"),
        (0.4, "elke dag", "every day"),
        (10, "elke 10 dagen", "every 10 days"),
        (None, "[vul de termijn in]", "[fill in the period]"),
        (True, "[vul de termijn in]", "[fill in the period]"),
        (-3, "[vul de termijn in]", "[fill in the period]"),
        (float("inf"), "[vul de termijn in]", "[fill in the period]"),
    ],
)
def test_an_interval_is_the_one_that_was_tested(days: float | None, nl: str, en: str) -> None:
    backup = seen({"a": PASS}, "backup")
    tested: dict[str, Facts] = {"backup": {"interval_days": days}}
    for language, every in ((Language.NL, nl), (Language.EN, en)):
        (item,) = told(measures=[backup], language=language, tested=tested).unpromised
        assert every in item.wording
        assert "{" not in item.wording


# --- promised, not shown -------------------------------------------------------------------


def test_a_promise_that_breaks_everywhere_is_to_be_left_out_until_it_is_true() -> None:
    broken = seen({"a": FAIL, "b": FAIL})
    item = only(told([promise(broken)], [broken], language=Language.EN))
    assert (item.measure, item.true_today) == (broken, False)
    assert item.wording == "Our systems are protected by a firewall."


def test_a_promise_that_holds_on_some_can_be_made_of_those() -> None:
    names = {f"pc{number}": PASS for number in range(7)}
    partly = seen({**names, "old1": FAIL, "old2": FAIL})
    item = only(told([promise(partly)], [partly]))
    assert item.true_today
    assert item.wording.endswith("Dit geldt voor 7 van onze 9 systemen.")


def test_where_a_whole_role_keeps_it_the_role_is_named() -> None:
    partly = seen({"web": PASS, "db": PASS, "nas": PASS, "pc1": FAIL, "phone": NOT_APPLICABLE})
    roles = {"web": Role.SERVER, "db": Role.SERVER, "nas": Role.NAS, "pc1": Role.WORKSTATION}
    item = only(told([promise(partly)], [partly], language=Language.EN, roles=roles))
    assert item.wording.endswith("This holds for our servers and our storage servers.")


def test_where_a_role_keeps_it_in_part_the_systems_are_counted() -> None:
    partly = seen({"web": PASS, "pc1": FAIL, "pc2": PASS})
    roles = {"web": Role.SERVER, "pc1": Role.WORKSTATION, "pc2": Role.WORKSTATION}
    item = only(told([promise(partly)], [partly], language=Language.EN, roles=roles))
    assert item.wording.endswith("This holds for 2 of our 3 systems.")


def test_where_some_were_not_seen_it_holds_for_at_least_the_others() -> None:
    partly = seen({"a": PASS, "b": UNKNOWN})
    item = only(told([promise(partly)], [partly], language=Language.EN))
    assert item.wording.endswith("This holds for at least 1 of our 2 systems.")


def test_an_accepted_deviation_is_not_counted_as_kept() -> None:
    words = Words((), (make_waiver(target="b"),))
    partly = seen({"a": PASS, "b": FAIL}, words=words)
    assert partly.rule == "some-waived"
    item = only(told([promise(partly)], [partly], language=Language.EN))
    assert item.wording.endswith("This holds for 1 of our 2 systems.")


def test_of_a_mixed_measure_what_machines_saw_of_some_is_not_the_whole_truth() -> None:
    partly = seen({"a": PASS, "b": FAIL}, "environment-separation")
    item = only(told([promise(partly)], [partly]))
    assert not item.true_today


def backup_claim(parameters: Mapping[str, Parameter]) -> Claim:
    return make_claim(measures=("backup",), parameters={"backup": parameters})


def test_what_holds_more_slowly_than_promised_is_true_with_the_time_that_was_tested() -> None:
    hourly = promise(seen({"a": FAIL}, "backup"), backup_claim({"interval_days": 1}))
    weekly = seen({"a": PASS}, "backup")
    tested: dict[str, Facts] = {"backup": {"interval_days": 7}}
    item = only(told([hourly], [weekly], language=Language.EN, tested=tested))
    assert (item.wording, item.true_today) == ("We make a backup of our data every week.", True)


def test_what_is_not_shown_keeps_the_time_of_the_promise() -> None:
    unknown = seen({"a": UNKNOWN}, "backup")
    claim = backup_claim({"interval_days": 7})
    item = only(told([promise(unknown, claim)], [unknown], language=Language.EN))
    assert (item.wording, item.true_today) == ("We make a backup of our data every week.", False)


def test_a_period_is_that_of_the_promise() -> None:
    retention = make_measure_verdict("retention", Verdict.UNPROVEN, "no-check")
    claim = make_claim(
        measures=("retention",), parameters={"retention": {"max_days": 730, "interval_days": 1}}
    )
    item = only(told([promise(retention, claim)]))
    assert item.wording == "Wij verwijderen persoonsgegevens uiterlijk na 2 jaar."


def test_a_discouraged_promise_without_proof_gets_what_guidance_proposes() -> None:
    unknown = seen({"a": UNKNOWN}, "password-rotation")
    item = only(told([promise(unknown)], [unknown], language=Language.EN))
    assert "as soon as we suspect" in item.wording
    assert not item.true_today


def test_a_sentence_of_several_measures_lists_those_that_were_not_shown() -> None:
    firewall, patching = seen({"a": PASS}), seen({"a": UNKNOWN}, "patching")
    claim = make_claim(measures=("firewall", "patching"))
    advice = told([judge_claim(claim, (firewall, patching))], [firewall, patching])
    assert only(advice).measure == patching


def test_a_sentence_that_nothing_was_found_for_is_not_listed_as_unproven() -> None:
    assert told([judge_claim(make_claim(measures=()), ())]).unproven == ()


# --- discouraged ---------------------------------------------------------------------------


def test_a_promise_may_be_kept_and_yet_be_discouraged() -> None:
    kept = seen({"a": PASS}, "password-rotation")
    advice = told([promise(kept)], [kept])
    assert [item.guidance.id for item in advice.discouraged] == ["password-rotation"]
    assert advice.discouraged[0].claim.verdict is Verdict.KEPT
    assert advice.unproven == ()


@pytest.mark.parametrize(
    ("text", "language", "ids"),
    [
        ("Wij wijzigen onze wachtwoorden elke 3 maanden.", Language.NL, {"password-rotation"}),
        ("We change our passwords every 90 days.", Language.EN, {"password-rotation"}),
        ("Onze website heeft een SSL-certificaat.", Language.NL, {"ssl"}),
        ("Our website uses SSL encryption.", Language.EN, {"ssl"}),
        ("Our website uses SSL/TLS encryption.", Language.EN, set()),
        ("Onze verbindingen zijn versleuteld met TLS 1.0.", Language.NL, {"old-tls"}),
        ("Onze verbindingen zijn versleuteld met TLS 1.3.", Language.NL, set()),
        ("Ons wifinetwerk is beveiligd met WEP.", Language.NL, {"old-wifi"}),
        ("Ons wifinetwerk is beveiligd met WPA2-PSK.", Language.NL, set()),
        ("Our Wi-Fi network is protected with WPA-TKIP.", Language.EN, {"old-wifi"}),
        ("Uw gegevens zijn bij ons 100% veilig.", Language.NL, {"absolute-security"}),
        ("Wij garanderen de veiligheid van uw gegevens.", Language.NL, {"absolute-security"}),
        (
            "Your personal data are stored 100% safely and fully protected.",
            Language.EN,
            {"absolute-security"},
        ),
        ("We store passwords as MD5 hashes.", Language.EN, {"password-hash"}),
        ("Wachtwoorden slaan wij gehasht op met SHA-1.", Language.NL, {"password-hash"}),
        ("Onze wachtwoorden zijn minstens 6 tekens lang.", Language.NL, {"password-too-short"}),
        ("Onze wachtwoorden zijn minstens 15 tekens lang.", Language.NL, set()),
    ],
)
def test_what_guidance_advises_against_is_found_in_what_our_mapper_reads(
    text: str, language: Language, ids: set[str]
) -> None:
    assert set(read(text, language)) == ids


def quoted(quote: str, *measures: str) -> list[str]:
    claim = make_claim(quote, measures=measures)
    return [item.guidance.id for item in told([judge_claim(claim, ())]).discouraged]


@pytest.mark.parametrize(
    ("quote", "ids"),
    [
        ("Wij kunnen niet garanderen dat uw gegevens 100% veilig zijn.", []),
        ("We cannot guarantee absolute security.", []),
        ("No method of storage is 100% secure.", []),
        ("We guarantee the security of your data.", ["absolute-security"]),
        ("Our U.S. providers are certified under the Privacy Shield.", ["privacy-shield"]),
        ("Na de Privacy Shield geldt het EU-US Data Privacy Framework.", []),
        ("U stelt een geheime vraag in om het wachtwoord te herstellen.", ["security-questions"]),
        ("Wij werken zonder beveiligingsvragen.", []),
        ("Aan het slotje ziet u dat onze website veilig is.", ["padlock"]),
        ("De gegevens zijn gehasht en daarmee anoniem.", ["hashed-is-anonymous"]),
        ("Gegevens worden geanonimiseerd of gepseudonimiseerd.", []),
        ("Google Analytics verzamelt bij ons anonieme statistieken.", ["anonymous-analytics"]),
        ("Wij gebruiken geen WEP.", []),
    ],
)
def test_a_denial_is_no_promise_and_an_overclaim_is_one(quote: str, ids: list[str]) -> None:
    assert quoted(quote) == ids


def test_composition_rules_are_met_in_promises_about_passwords_only() -> None:
    quote = "Wachtwoorden hebben hoofdletters en speciale tekens."
    assert quoted(quote, "password-policy") == ["password-composition"]
    assert quoted(quote, "firewall") == []


@pytest.mark.parametrize(("hours", "ids"), [(72, []), (73, ["late-breach-report"])])
def test_a_breach_may_not_be_reported_later_than_the_law_allows(hours: int, ids: list[str]) -> None:
    claim = make_claim(
        "Wij melden datalekken bij de toezichthouder.",
        measures=("breach-notification",),
        parameters={"breach-notification": {"within_hours": hours}},
    )
    found = told([judge_claim(claim, ())]).discouraged
    assert [item.guidance.id for item in found] == ids
