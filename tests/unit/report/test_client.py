"""The client's version of a report holds nothing that helps an attacker."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from jsonschema import Draft202012Validator

from assessor import bundled
from assessor.catalogue.catalogue import read_catalogue
from assessor.catalogue.sources import Source
from assessor.model.capture import Reason
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Finding, Message, Outcome
from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.model.run import Reference, RunResult
from assessor.model.target import Role
from assessor.report.aliases import aliases
from assessor.report.client import for_client, published
from assessor.report.context import Context
from assessor.report.html import render_html
from assessor.report.markdown import render_markdown
from assessor.report.one_page import render_one_page
from assessor.report.parts.report import ReportView
from assessor.report.plain_facts import is_day
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from assessor.yamlfile import read_yaml
from tests import factories as make
from tests.leaks import common_text, leaks, private_words, shown, told
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.secretive import OWN, PORT, secretive_run
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run
from tests.unit.report.whole_json import render_json

Texts = Mapping[Language, ReportTexts]

CLIENT = Presentation(audience=Audience.CLIENT)


def view_of(
    texts: Texts, result: RunResult, reference: Reference, language: Language
) -> ReportView:
    return build_view(result, reference, language, texts[language], CLIENT)


def documents(
    texts: Texts, result: RunResult, reference: Reference, language: Language = Language.NL
) -> tuple[str, str]:
    """The client's page and JSON."""
    return (
        render_html(view_of(texts, result, reference, language), TEMPLATES),
        render_json(result, reference, language, texts[language], CLIENT),
    )


@pytest.mark.parametrize("language", list(Language))
def test_no_word_of_the_example_is_told(texts: Texts, language: Language) -> None:
    result, reference = example_result(), example_reference()
    private = private_words(result)
    assert {"192.0.2.21", "/srv/data", "libexpat1", "anna", "piet", "kassa"} <= private
    empty, nothing = documents(texts, make.make_result(plan=[]), reference, language)
    common = common_text(
        result, reference, [*texts[language].entries.values(), shown(empty), told(nothing)]
    )

    page, document = documents(texts, result, reference, language)

    assert leaks(shown(page), private, common) == set()
    assert leaks(told(document), private, common) == set()
    internal = render_json(result, reference, language, texts[language])
    assert len(leaks(told(internal), private, common)) > 20, "the search finds what is there"


def words(beginning: str) -> Any:
    return lambda purpose: f"{beginning}{purpose}"


@pytest.mark.parametrize("language", list(Language))
def test_no_word_stays_wherever_it_stands(texts: Texts, language: Language) -> None:
    result, reference = secretive_run(words("zqx"))
    view = view_of(texts, result, reference, language)
    mails = (render_markdown(view), render_one_page(view, TEMPLATES))

    for document in (*documents(texts, result, reference, language), *mails):
        assert re.findall(r"zqx\w+", document.lower()) == []
        assert (
            re.findall(rf"192\.0\.2|198\.51|2001:db8|{PORT}|60123|8\.9|/srv|/usr/", document) == []
        )


@pytest.mark.parametrize("language", list(Language))
def test_another_run_with_the_same_verdicts_has_the_same_report(
    texts: Texts, language: Language
) -> None:
    """What is kept from a client makes no difference to what a client sees: not one byte."""
    one = documents(texts, *secretive_run(words("zqx")), language)
    other = documents(texts, *secretive_run(words("Yv-3.k")), language)

    assert one == other


def test_the_words_of_that_run_do_stand_in_the_internal_report(texts: Texts) -> None:
    result, reference = secretive_run(words("zqx"))
    view = build_view(result, reference, Language.NL, texts[Language.NL])
    page = render_html(view, TEMPLATES)

    told = set(re.findall(r"zqx(\w+)", page))
    assert {"name", "address", "output", "stderr", "detail", "error", "person", "vantage"} <= told


@pytest.mark.parametrize("text", [*HOSTILE, MISLEADING])
def test_a_hostile_run_can_be_told_too(texts: Texts, text: str) -> None:
    page, document = documents(texts, *hostile_run(text))

    assert json.loads(document)["audience"] == "client"
    tame = BeautifulSoup(documents(texts, *hostile_run("tame words"))[0], "html.parser")
    kinds = {tag.name for tag in tame.find_all(True)}
    assert {tag.name for tag in BeautifulSoup(page, "html.parser").find_all(True)} <= kinds


@pytest.mark.parametrize("language", list(Language))
def test_the_json_fits_the_schema(texts: Texts, language: Language) -> None:
    schema = json.loads((TEMPLATES / "report.schema.json").read_text("utf-8"))
    for run in ((example_result(), example_reference()), secretive_run(words("zqx"))):
        report = json.loads(documents(texts, *run, language)[1])
        assert list(Draft202012Validator(schema).iter_errors(report)) == []
        assert all(target["address"] is target["transport"] is None for target in report["targets"])
        assert report["run"]["vantage"] is None


def test_every_answer_is_named_by_its_digest_and_nothing_else(texts: Texts) -> None:
    result = example_result()
    page = BeautifulSoup(documents(texts, result, example_reference())[0], "html.parser")
    digests = {
        stored.digest for each in result.evidence.values() for stored in each.captures.values()
    }

    shown = page.select(".answer")
    assert {each.h4.get_text() for each in shown if each.h4} == {
        f"antwoord {number}" for number in range(1, 6)
    }
    assert {code.get_text() for each in shown for code in each.select("code")} == digests
    assert page.select("pre") == []
    assert page.select(".probe") == []
    assert page.find(id="register") is None
    for finding in page.select(".finding"):
        for link in finding.select('a[href$="-a1"]'):
            answer = page.find(id=str(link["href"]).removeprefix("#"))
            assert isinstance(answer, Tag)
            assert "24 november 2026, 09:05 UTC" in answer.get_text(" ", strip=True)
    assert "Geen uitvoer" not in page.get_text()


def test_verdicts_and_counts_are_those_of_the_run(texts: Texts, views: Mapping[Any, Any]) -> None:
    client = view_of(texts, example_result(), example_reference(), Language.NL)
    internal = views[Language.NL]

    assert client.summary.headline == internal.summary.headline
    assert client.summary.counts == internal.summary.counts
    assert [each.badge for each in client.claims] == [each.badge for each in internal.claims]
    assert [each.line.rests_on for each in client.measures] == [
        each.line.rests_on for each in internal.measures
    ]
    assert client.statement == internal.statement


def test_targets_are_called_by_label_or_by_role_and_number(texts: Texts) -> None:
    targets = [
        make.make_target("a"),
        replace(make.make_target("b"), label="de webwinkel"),
        make.make_target("c"),
        make.make_target("d", role=Role.SITE),
        replace(make.make_target("e", role=Role.NAS), label="De Kluis"),
        replace(make.make_target("f", role=Role.NAS), label="de kluis"),
        replace(make.make_target("g", role=Role.NAS), label="server 3"),
        make.make_target("h", role=Role.MAIL_DOMAIN),
    ]

    assert list(aliases(targets, texts[Language.NL]).values()) == [
        "server 1", "de webwinkel", "server 3", "website 1", "De Kluis 1", "de kluis 2",
        "server 3+", "maildomein 1",
    ]  # fmt: skip
    assert aliases(targets, texts[Language.EN])["h"] == "mail domain 1"


def test_aliases_stand_wherever_a_name_stood(texts: Texts) -> None:
    site = make.make_target("www", role=Role.SITE, address="Shop.example")
    mail = make.make_target("mail", role=Role.MAIL_DOMAIN, address="shop.example")
    said: Facts = {
        "name": "shop.example",
        "other_targets": ("www", "mail"),
        "other_names": ("www", "x"),
        "service": "mail",
    }
    findings = [make.make_finding(target=name, facts=said) for name in ("mail", "www")]
    result = make.make_result(
        plan=[make.make_target_plan(site), make.make_target_plan(mail)], findings=findings
    )

    told = for_client(result, make.make_reference(), texts[Language.NL]).result

    assert [each.target for each in told.findings] == ["maildomein 1", "website 1"]
    assert told.findings[0].judgement.message.facts == {
        "name": "maildomein 1", "other_targets": ("website 1", "maildomein 1"),
    }  # fmt: skip
    assert told.findings[1].judgement.message.facts["name"] == "website 1"
    assert set(told.evidence) == {"website 1", "maildomein 1"}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("count", 3, True),
        ("ratio", 0.5, True),
        ("on", False, True),
        ("since", "2026-10-02", True),
        ("at", "2026-10-02T03:04:05Z", True),
        ("none", (), True),
        ("days", ("2026-10-02",), True),
        ("countries", "BE, NL", True),
        ("region", "EEA", True),
        ("countries", "De Bilt", False),
        ("zone", "NL", False),
        ("gone", None, False),
        ("text", "sshd", False),
        ("empty", "", False),
        ("day", "2026-13-02", False),
        ("list", (1, 2), False),
        ("version", 7, False),
        ("rdp_port", 3389, False),
        ("ports", 3, False),
        ("line", 12, False),
        ("uid", 1000, False),
        ("important", 2, True),
        ("some name", 2, False),
    ],
)
def test_only_numbers_days_and_yes_or_no_are_told(
    texts: Texts, name: str, value: Fact, *, told: bool
) -> None:
    facts = {name: value}
    finding = make.make_finding(
        facts=facts, observed=facts, expected=facts, advice=(Message("good", facts),)
    )
    bare = for_client(
        make.make_result(findings=[finding]), make.make_reference(), texts[Language.NL]
    )

    judgement = bare.result.findings[0].judgement
    for left in (
        judgement.message.facts, judgement.observed, judgement.expected, judgement.advice[0].facts,
    ):  # fmt: skip
        assert left == (facts if told else {})


def test_the_port_of_a_target_is_not_told_as_a_number(texts: Texts) -> None:
    result = make.make_result(
        plan=[make.make_target_plan(make.make_target(port=2222))],
        findings=[make.make_finding(facts={"count": 2222, "other": 2223})],
    )
    told = for_client(result, make.make_reference(), texts[Language.NL]).result

    assert told.findings[0].judgement.message.facts == {"other": 2223}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://shop.example/privacy", "https://shop.example/privacy"),
        ("https://jan:geheim@shop.example:8443/p?token=x#y", "https://shop.example:8443/p"),
        ("http://shop.example/", ""),
        ("/home/jan/privacy.md", ""),
        ("https://[", ""),
        ("https://x:99999999/", ""),
        ("-", ""),
    ],
)
def test_only_a_published_address_of_the_statement_is_told(source: str, shown: str) -> None:
    assert published(source) == shown


def test_a_statement_from_a_file_is_told_as_a_file(texts: Texts) -> None:
    result = make.make_result(statement=make.make_statement(source="/home/jan/privacy.md"))
    page, document = documents(texts, result, make.make_reference())

    assert json.loads(document)["statement"]["source"] == "een bestand"
    assert "jan" not in page


def test_a_day_is_a_day_and_nothing_else() -> None:
    assert is_day("2026-10-02")
    assert is_day("2026-10-02T03:04:05.5+01:00")
    assert not is_day("2026-02-30")
    assert not is_day("2026-10-02 anna")
    assert not is_day("7.4")


def test_settings_of_the_client_are_not_told_but_promised_and_usual_ones_are(texts: Texts) -> None:
    result, reference = secretive_run(words("zqx"))
    told = for_client(result, reference, texts[Language.NL])
    unnamed = texts[Language.NL]["client.unnamed"]
    assert told.result.findings[0].parameters == {"allowed": unnamed, "days": 14}

    usual = [replace(each, parameters={"allowed": (), "days": 14}) for each in result.findings]
    told = for_client(replace(result, findings=tuple(usual)), reference, texts[Language.NL])
    assert told.result.findings[0].parameters == {"allowed": (), "days": 14}


def test_who_signed_stays_and_what_was_signed_loses_what_belongs_to_the_run(texts: Texts) -> None:
    result, reference = secretive_run(words("zqx"))
    line = for_client(result, reference, texts[Language.NL]).result.measures[0]

    (attestation,) = line.attestations
    assert (attestation.by, attestation.role) == ("Jo", "owner")
    assert attestation.text.startswith("It is on [weggelaten] ([weggelaten]), by [weggelaten]")
    assert [file.name for file in attestation.files] == ["bewijsstuk 1"]
    assert [each.target for each in line.waivers] == ["server 1", "werkplek 1"]
    assert line.waivers[1].check == OWN


def test_nothing_is_said_to_be_shown_that_is_not(texts: Texts) -> None:
    """Texts that send a reader to the raw answers have others for a client."""
    for language, word in ((Language.NL, "bij het bewijs"), (Language.EN, "evidence shows")):
        entries = texts[language].instead("client.instead").entries
        assert [key for key, text in entries.items() if word in text.lower()] == []
        assert set(texts[language].section("client.instead")) <= set(texts[language].entries)


def _catalogue() -> Reference:
    measures = read_yaml(bundled.folder("profiles") / "measures.yaml").value
    assert isinstance(measures, dict)
    catalogue = read_catalogue([Source("bundled", bundled.folder("checks"))], frozenset(measures))
    return Reference({}, catalogue.infos, catalogue.texts())


@pytest.mark.parametrize("language", list(Language))
def test_no_text_of_any_check_tells_a_fact_that_is_a_text(texts: Texts, language: Language) -> None:
    """Every message and remedy of every check, each place of which a target fills in."""
    reference = _catalogue()
    findings = list(_every_message(reference))
    result = make.make_result(findings=findings)
    context = Context(result, reference, language, texts[language], CLIENT)

    told = set()
    for finding in context.result.findings:
        title = context.check_title(finding.check)
        for said in (context.message(finding), context.remedy(finding), *context.advice([finding])):
            text = said.removeprefix(title)
            assert "zqx" not in text, finding
            assert "{" not in text, finding
            assert "…" not in text, finding
            assert not re.search(r"[`/\\]|\d\.\d|assessment\.yaml", text), text
            told.add(text)
        assert context.message(finding)
        assert context.detail(finding) == context.hint(finding) == ""
    assert len(told) > 1000, "most of it can still be told"


def _every_message(reference: Reference) -> Any:
    for check, by_language in reference.texts.items():
        for message, text in by_language[Language.NL].messages.items():
            places = set(re.findall(r"\{(\w+)\}", text))
            remedy = by_language[Language.NL].remedies.get(message, "")
            places |= set(re.findall(r"\{(\w+)\}", remedy))
            hostile: dict[str, Fact] = {place: f"zqx{place}" for place in places}
            listed: dict[str, Fact] = {place: (f"zqx{place}", "zqx") for place in places}
            for facts in (hostile, listed):
                for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
                    yield make.make_finding(
                        outcome, check=check, message=message, facts=facts,
                        advice=(Message(message, facts),),
                    )  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("reason", list(Reason))
def test_what_to_do_about_a_gap_names_no_command(
    texts: Texts, language: Language, reason: Reason
) -> None:
    finding = make.make_not_observed(reason, detail="zqx", mend="zqx ALL=(root)")
    result = make.make_result(findings=[finding])
    context = Context(result, make.make_reference(), language, texts[language], CLIENT)
    bare: Finding = context.result.findings[0]

    assert context.reason(bare) is reason
    said = f"{context.message(bare)} {context.remedy(bare)}"
    assert not re.search(r"zqx|`|/|assess \w+ --|\bsudo\b", said), said
    assert context.hint(bare) == context.detail(bare) == ""
