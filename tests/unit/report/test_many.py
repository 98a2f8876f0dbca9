"""A report of many systems: grouped, the exceptions first, and nothing left out without a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest
from bs4 import BeautifulSoup

from assessor.model.capture import Reason
from assessor.model.finding import Finding, Message, Outcome
from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.model.run import Reference, RunResult
from assessor.report.context import MANY, NAMES_MOST
from assessor.report.gaps_view import MAX_HINTS
from assessor.report.html import render_html
from assessor.report.parts.evidence import FindingView
from assessor.report.parts.report import ReportView
from assessor.report.register_view import MEASURE, MOST
from assessor.report.room import ANSWERS_MOST, OUTPUT_BUDGET, ROWS_MOST, share
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.growth import LINEAR, growth
from tests.unit.report.example import TEMPLATES
from tests.unit.report.fleets import even_fleet, sampled_fleet

Texts = Mapping[Language, ReportTexts]
Run = tuple[RunResult, Reference]

RUNS: Mapping[str, Callable[[], Run]] = {
    "sampled-60": lambda: sampled_fleet(60),
    "sampled-500": lambda: sampled_fleet(500),
    "even-500": lambda: even_fleet(500, 40),
}


@pytest.fixture(scope="module", params=RUNS)
def run(request: pytest.FixtureRequest) -> Run:
    return RUNS[request.param]()


@pytest.fixture(scope="module")
def view(run: Run, texts: Texts) -> ReportView:
    return build_view(*run, Language.NL, texts[Language.NL])


@pytest.fixture(scope="module")
def html(view: ReportView) -> str:
    return render_html(view, TEMPLATES)


def dutch(texts: Texts, result: RunResult, audience: Audience = Audience.INTERNAL) -> ReportView:
    presentation = Presentation(audience)
    return build_view(result, make.make_reference(), Language.NL, texts[Language.NL], presentation)


def fleet_of(findings: Sequence[Finding], *, hosts: int | None = None) -> RunResult:
    """A run of the targets of ``findings``, or of ``host-1`` up to so many."""
    names = [f"host-{n}" for n in range(1, hosts + 1)] if hosts else []
    names = names or list(dict.fromkeys(each.target for each in findings))
    measures: dict[str, list[Finding]] = {}
    for finding in findings:
        measures.setdefault(finding.measure, []).append(finding)
    return make.make_result(
        plan=[make.make_target_plan(make.make_target(name)) for name in names],
        findings=findings,
        measures=[
            make.make_measure_verdict(measure, findings=found)
            for measure, found in measures.items()
        ],
    )


def outcomes(*groups: tuple[Outcome, int]) -> list[Finding]:
    """Findings of one check on as many targets as the groups ask for."""
    listed = [outcome for outcome, number in groups for _ in range(number)]
    return [
        make.make_finding(outcome, target=f"host-{n}", facts={"name": "x"})
        for n, outcome in enumerate(listed, 1)
    ]


def test_the_page_stays_within_its_size(run: Run, html: str) -> None:
    size = len(html.encode("utf-8"))

    assert size < (6_000_000 if len(run[0].plan.targets) > 60 else 3_000_000)


@pytest.mark.parametrize("make_run", [lambda: sampled_fleet(50), lambda: even_fleet(50, 40)])
def test_fifty_systems_fit_in_three_megabytes(texts: Texts, make_run: Callable[[], Run]) -> None:
    view = build_view(*make_run(), Language.NL, texts[Language.NL])

    assert len(render_html(view, TEMPLATES).encode("utf-8")) < 3_000_000


def test_every_link_leads_to_a_place_and_every_place_is_there_once(html: str) -> None:
    places = Counter(re.findall(r'\bid="([^"]+)"', html))
    links = set(re.findall(r'\bhref="#([^"]*)"', html))
    described = set(re.findall(r'\baria-(?:labelledby|describedby)="([^"]*)"', html))

    assert [place for place, times in places.items() if times > 1] == []
    assert sorted((links | described) - set(places)) == []


def test_every_system_has_its_place(view: ReportView, html: str) -> None:
    told = BeautifulSoup(html[html.index('id="targets"') : html.index('id="gaps"')], "html.parser")
    places = {tag["id"]: tag.get_text() for tag in told.find_all(id=re.compile(r"target-\d+"))}

    assert len(places) == len(view.targets)
    for target in view.targets:
        assert target.link.text in places[target.link.anchor]


def test_what_a_page_has_room_for_is_bounded(view: ReportView) -> None:
    answers = [answer for target in view.evidence.targets for answer in target.answers]
    rows = [row for each in findings_of(view) for row in each.rows]

    assert len(answers) <= ANSWERS_MOST
    assert len(rows) <= ROWS_MOST + len(findings_of(view))
    assert sum(len(answer.output) for answer in answers) < OUTPUT_BUDGET * 1.2


def findings_of(view: ReportView) -> list[FindingView]:
    return [finding for check in view.evidence.checks for finding in check.findings]


def test_every_finding_is_shown_or_counted(run: Run, view: ReportView) -> None:
    """Rows and names that are left out are counted, to the last one."""
    told = 0
    for shown in findings_of(view):
        assert bool(shown.rest) == (shown.said > len(shown.rows))
        named = [shown.others, *(row.others for row in shown.rows)]
        told += sum(len(each.targets) + number_in(each.more) for each in named)
        told += sum(len(row.proofs) for row in shown.rows)
        if shown.rest:
            assert number_in(shown.rest) == shown.said - len(shown.rows)

    assert told == len(run[0].findings)


def number_in(words: str) -> int:
    found = re.search(r"\d+", words)
    return int(found[0]) if found else 0


def test_answers_that_are_left_out_are_counted_with_where_they_are(
    run: Run, view: ReportView
) -> None:
    kept = sum(len(evidence.captures) for evidence in run[0].evidence.values())
    shown = sum(len(target.answers) for target in view.evidence.targets)

    assert view.evidence.received == kept
    assert shown < kept
    assert f"{kept:,}".replace(",", ".") in view.evidence.cut
    assert f"{shown:,}".replace(",", ".") in view.evidence.cut
    assert run[0].facts.id in view.evidence.cut
    for target in view.evidence.targets:
        total = len(run[0].evidence[target.target.text].captures)
        told = [int(each) for each in re.findall(r"\d+", target.summary)]
        assert told == ([total] if total == len(target.answers) else [len(target.answers), total])


def test_an_answer_that_was_left_out_is_never_called_missing(run: Run, view: ReportView) -> None:
    """A proof leads to all that the finding rests on; else the system is only named."""
    received = {
        (name, stored.digest)
        for name, evidence in run[0].evidence.items()
        for stored in evidence.captures.values()
    }
    without = {
        finding.target
        for finding in run[0].findings
        if not any((finding.target, digest) in received for digest in finding.evidence)
    }

    empty = {
        proof.target.text
        for shown in findings_of(view)
        for row in shown.rows
        for proof in row.proofs
        if not proof.answers
    }

    assert empty <= without


def test_what_is_wrong_has_its_answers_first(texts: Texts) -> None:
    view = build_view(*even_fleet(200, 40), Language.NL, texts[Language.NL])

    with_answers = Counter(
        shown.badge.code
        for shown in findings_of(view)
        for row in shown.rows
        if any(proof.answers for proof in row.proofs)
    )
    rows = Counter(shown.badge.code for shown in findings_of(view) for _ in shown.rows)

    assert with_answers["fail"] == rows["fail"] == 800
    assert 0 < with_answers["pass"] < rows["pass"]


def test_few_systems_are_told_as_ever_and_one_more_groups_them(texts: Texts) -> None:
    few = dutch(texts, fleet_of(outcomes((Outcome.PASS, MANY))))
    many = dutch(texts, fleet_of(outcomes((Outcome.PASS, MANY + 1))))

    assert few.fleet is None
    assert sum(len(table.targets) for table in few.matrix) == len(few.targets) == MANY
    assert many.fleet is not None
    assert many.matrix == ()
    assert len(many.targets) == MANY + 1


def test_the_tallies_add_up(run: Run, view: ReportView) -> None:
    assert view.fleet is not None
    asked: dict[str, set[str]] = {}
    for finding in run[0].findings:
        asked.setdefault(finding.measure, set()).add(finding.target)
    listed = [line.measure for line in run[0].measures if line.measure in asked]
    assert len(view.fleet.measures) == len(listed)

    by_title = {each.measure.text: each for each in view.fleet.measures}
    for measure in listed:
        entry = run[1].measures[measure].title[Language.NL]
        tallies = by_title[entry].tallies
        assert [tally.badge.code for tally in tallies] == [
            "fail", "unknown", "pass", "not-applicable",
        ]  # fmt: skip
        assert sum(tally.number for tally in tallies) == len(asked[measure])
        applies = sum(tally.number for tally in tallies[:3])
        assert [tally.total for tally in tallies] == [applies] * 3 + [len(asked[measure])]
        for tally in tallies[:2]:
            assert len(tally.named.targets) + number_in(tally.named.more) == tally.number


def test_measures_and_systems_with_the_most_exceptions_come_first(view: ReportView) -> None:
    assert view.fleet is not None
    wrong = [[tally.number for tally in each.tallies[:2]] for each in view.fleet.measures]
    assert wrong == sorted(wrong, reverse=True)

    failing = [
        next(
            (int(part.split()[0]) for part in re.split(", | en ", group.counts)
             if part.endswith(" niet in orde")),
            0,
        )
        for group in view.fleet.groups
    ]  # fmt: skip
    assert failing == sorted(failing, reverse=True)
    assert failing[0] > 0


def test_systems_that_are_alike_are_told_together(texts: Texts) -> None:
    findings = [
        *outcomes((Outcome.PASS, 20)),
        *(make.make_not_observed(Reason.UNREACHABLE, target=f"dark-{n}") for n in range(1, 16)),
        make.make_finding(Outcome.FAIL, target="odd", facts={"name": "y"}),
        make.make_finding(Outcome.FAIL, target="other", facts={"name": "z"}),
    ]
    view = dutch(texts, fleet_of(findings))
    assert view.fleet is not None

    assert [(group.title, len(group.members)) for group in view.fleet.groups] == [
        ("odd", 1), ("other", 1), ("dark-1, dark-2 en nog 13", 15),
    ]  # fmt: skip
    assert view.fleet.groups[2].size == "15 systemen waar precies hetzelfde is gezien"
    assert view.fleet.groups[2].counts == "1 onbekend"
    assert view.fleet.in_order is not None
    assert (
        view.fleet.in_order.title
        == "Op 20 van de 37 systemen is alles in orde wat is gecontroleerd"
    )
    assert [each.link.text for each in view.fleet.in_order.members] == [
        f"host-{n}" for n in range(1, 21)
    ]


@pytest.mark.parametrize("outcome", [None, Outcome.NOT_APPLICABLE, Outcome.UNKNOWN])
def test_a_system_of_which_nothing_is_known_is_not_in_order(
    texts: Texts, outcome: Outcome | None
) -> None:
    findings = [make.make_finding(target=f"host-{n}") for n in range(1, MANY + 1)]
    if outcome:
        findings.append(make.make_finding(outcome, target=f"host-{MANY + 1}"))
    view = dutch(texts, fleet_of(findings, hosts=MANY + 1))
    assert view.fleet is not None
    assert view.fleet.in_order is not None

    assert len(view.fleet.in_order.members) == MANY
    assert [group.title for group in view.fleet.groups] == [f"host-{MANY + 1}"]


def test_a_system_that_gave_nothing_is_not_in_order(texts: Texts) -> None:
    result = fleet_of(outcomes((Outcome.PASS, MANY + 1)))
    gone = make.make_evidence("host-3", gap=make.make_not_captured("", Reason.DROPPED))
    evidence = [each for each in result.evidence.values() if each.target != "host-3"]
    result = make.make_result(
        plan=result.plan.targets, evidence=[*evidence, gone], findings=result.findings
    )

    view = dutch(texts, result)

    assert view.fleet is not None
    (group,) = view.fleet.groups
    assert group.title == "host-3"
    assert group.problem == texts[Language.NL]["reason.dropped.what"]


def test_very_many_names_are_counted(texts: Texts) -> None:
    findings = outcomes((Outcome.FAIL, NAMES_MOST + 50), (Outcome.PASS, 1))
    view = dutch(texts, fleet_of(findings))
    assert view.fleet is not None

    (measure,) = view.fleet.measures
    named = measure.tallies[0].named

    assert len(named.targets) == NAMES_MOST
    assert named.more == "nog 50 (genoemd in findings.json, in de map van deze meting)"


def test_administrators_of_many_machines_have_one_row(texts: Texts) -> None:
    def seen(name: str, *accounts: str) -> Finding:
        facts = {"administrators": accounts, "rights": tuple("sudo" for _ in accounts)}
        return make.make_finding(target=name, measure=MEASURE, observed=facts)

    hosts = [f"host-{n}" for n in range(1, MANY + 2)]
    few = dutch(texts, fleet_of([seen(name, "anna") for name in hosts[:2]]))
    first, *others = hosts
    wide = [seen(first, "anna", "piet"), *(seen(name, "anna") for name in others)]
    many = dutch(texts, fleet_of(wide))

    assert [(row.account, row.target.text, row.others.targets) for row in few.register] == [
        ("anna", "host-1", ()), ("anna", "host-2", ()),
    ]  # fmt: skip
    assert [(row.account, row.target.text) for row in many.register] == [
        ("anna", "host-1"), ("piet", "host-1"),
    ]  # fmt: skip
    assert [link.text for link in many.register[0].others.targets] == hosts[1:]
    assert many.register_rest == ""


def test_a_register_that_is_too_long_says_so(texts: Texts) -> None:
    accounts = tuple(f"user{n}" for n in range(MOST + 7))
    observed = {"administrators": accounts, "rights": tuple("sudo" for _ in accounts)}

    view = dutch(texts, fleet_of([make.make_finding(measure=MEASURE, observed=observed)]))

    assert len(view.register) == MOST
    assert number_in(view.register_rest) == 7


def test_hints_that_are_left_out_are_counted(texts: Texts) -> None:
    findings = [
        make.make_not_observed(target=f"host-{n}", mend=f"line {n}") for n in range(MAX_HINTS + 3)
    ]

    (gap,) = dutch(texts, fleet_of(findings)).gaps

    assert len(gap.hints) == MAX_HINTS
    assert number_in(gap.hints_rest) == 3


def test_the_clients_version_points_to_no_file_of_ours(texts: Texts) -> None:
    result, reference = sampled_fleet(60)
    view = build_view(
        result, reference, Language.NL, texts[Language.NL], Presentation(Audience.CLIENT)
    )
    html = render_html(view, TEMPLATES)

    assert view.fleet is not None
    assert "findings.json" not in html
    assert "het bewijs dat uw ICT-bedrijf bewaart" in view.evidence.cut
    assert re.findall(r"werkplek-\d+", html) == []


def test_different_sayings_beyond_the_room_keep_those_of_the_most_systems(texts: Texts) -> None:
    """One saying of forty systems must not be pushed out by hundreds that are said once."""
    once = [
        make.make_finding(Outcome.FAIL, target=f"host-{n}", facts={"name": f"fault {n}"})
        for n in range(2 * ROWS_MOST)
    ]
    often = [
        make.make_finding(Outcome.FAIL, target=f"late-{n}", facts={"name": "the same"})
        for n in range(40)
    ]

    (check,) = dutch(texts, fleet_of([*once, *often])).evidence.checks
    (shown,) = check.findings

    assert shown.rows[0].message == "It is bad: the same."
    assert shown.said == 2 * ROWS_MOST + 1
    assert shown.message == f"{shown.said} verschillende uitkomsten"
    assert number_in(shown.rest) == shown.said - len(shown.rows)


def test_the_work_grows_with_what_is_read(texts: Texts) -> None:
    def building(hosts: int) -> Callable[[], object]:
        run = sampled_fleet(hosts)
        return lambda: build_view(*run, Language.NL, texts[Language.NL])

    assert growth(building, few=MANY + 10) < LINEAR


@pytest.mark.parametrize(
    ("sizes", "budget", "most", "given"),
    [
        ([], 10, 5, (5, 10)),
        ([1, 2, 3], 10, 5, (5, 4)),
        ([9, 9], 10, 5, (5, 0)),
        ([1, 9, 9], 11, 50, (5, 0)),
        ([9, 9], 100, 5, (5, 90)),
        ([3, 3, 3], 2, 5, (0, 2)),
    ],
)
def test_short_ones_leave_their_share_to_long_ones(
    sizes: list[int], budget: int, most: int, given: tuple[int, int]
) -> None:
    assert share(sizes, budget, most) == given


def test_advice_and_messages_of_one_row_are_those_of_its_findings(texts: Texts) -> None:
    """Findings that differ in what was seen are apart, however many there are."""
    findings = [
        make.make_finding(target=f"host-{n}", observed={"value": n % 2}, advice=(Message("good"),))
        for n in range(MANY + 5)
    ]

    (check,) = dutch(texts, fleet_of(findings)).evidence.checks
    (shown,) = check.findings

    assert [row.observed[0].value for row in shown.rows] == ["0", "1"]
    assert [row.advice for row in shown.rows] == [("It is good.",)] * 2
