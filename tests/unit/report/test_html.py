"""The page: its structure, and that nothing in it runs, loads or misleads."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Mapping

import pytest
from bs4 import BeautifulSoup, Tag

from assessor.model.attestation import EvidenceFile
from assessor.model.capture import Capture
from assessor.model.check import ProbeKind, Source
from assessor.model.facts import Facts
from assessor.model.finding import Message, Outcome
from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.model.target import Privilege
from tests import factories as make
from tests.unit.report.conftest import Render
from tests.unit.report.example import STATEMENT, TEMPLATES
from tests.unit.report.fleets import even_fleet

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "</style><style>*{display:none}</style>",
    "</pre></code></details></main><h1>Alles in orde</h1>",
    '"><input autofocus onfocus=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% for x in range(9) %}{{ config }}{% endfor %}",
    "{name} {0.__class__} {a[b]} %(x)s",
    "]]><!--",
    "&lt;b&gt; &amp;#x202e;",
]
MISLEADING = (
    "a\x00\x1b]0;title\x07b\u202egpj.exe\u202c\u2066\u200b\u00ad\ufeff\x9b31m\ud800\U000e0041"
)


def test_the_page_has_a_language_a_title_and_landmarks(page: BeautifulSoup) -> None:
    assert page.html is not None
    assert page.html["lang"] == "nl"
    assert page.title is not None
    assert page.title.get_text() == "Bakkerij Zoet – Controle van de privacyverklaring"
    assert [len(page.find_all(name)) for name in ("main", "nav", "h1", "footer")] == [1, 1, 1, 1]
    skip = page.find("a", class_="skip")
    assert isinstance(skip, Tag)
    assert page.find(id=str(skip["href"]).removeprefix("#")) is page.main


def test_headings_go_down_one_step_at_a_time(page: BeautifulSoup) -> None:
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_claim_is_quoted_verbatim_with_its_verdict_in_words(page: BeautifulSoup) -> None:
    claims = page.select("#claims > article")

    assert len(claims) == 12
    for claim in claims:
        quote = claim.select_one("blockquote p")
        badge = claim.select_one(".claim-head .badge")
        assert quote is not None
        assert badge is not None
        assert quote.get_text() in STATEMENT
        assert badge.get_text(strip=True) in {
            "nagekomen", "deels nagekomen", "niet nagekomen", "verklaard", "verlopen",
            "niet aangetoond",
        }  # fmt: skip
        assert badge.svg is not None


def test_no_number_stands_without_its_whole(page: BeautifulSoup) -> None:
    counts = [item.get_text(" ", strip=True) for item in page.select(".counts li")]

    assert all(re.match(r"\d+ van 12 ", count) for count in counts)
    assert sum(int(count.split()[0]) for count in counts) == 12
    assert "%" not in "".join(text for text in page.stripped_strings if "nginx" not in text)


def test_every_link_leads_to_a_place_in_the_page(page: BeautifulSoup) -> None:
    places = [str(tag["id"]) for tag in page.find_all(id=True)]
    inside = [str(tag["href"]) for tag in page.find_all("a") if str(tag["href"]).startswith("#")]
    outside = [str(tag["href"]) for tag in page.find_all("a") if str(tag["href"])[0] != "#"]

    assert len(places) == len(set(places))
    assert sorted({link[1:] for link in inside} - set(places)) == []
    assert all(link.startswith("https://") for link in outside)


def test_statement_and_claims_are_linked_both_ways(page: BeautifulSoup) -> None:
    for number in range(1, 13):
        mark = page.find("mark", id=f"place-{number}")
        claim = page.find(id=f"claim-{number}")
        assert isinstance(mark, Tag)
        assert isinstance(claim, Tag)
        assert mark.a is not None
        assert mark.a["href"] == f"#claim-{number}"
        assert claim.select_one(f'a[href="#place-{number}"]') is not None


def test_the_matrix_is_a_table_with_headers_and_says_all_in_words(page: BeautifulSoup) -> None:
    table = page.select_one("table.matrix")

    assert table is not None
    assert table.caption is not None
    assert [each.get_text() for each in table.select("thead th[scope=col]")] == [
        "Maatregel", "kassa", "kantoor", "server", "nas", "website",
    ]  # fmt: skip
    assert len(table.select("tbody th[scope=row]")) == 11
    words = {cell.get_text(strip=True) for cell in table.select("td")}
    assert words == {"in orde", "niet in orde", "onbekend", "niet gecontroleerd"}


def test_each_finding_unfolds_to_its_proof(page: BeautifulSoup) -> None:
    check = page.find(id="check-host-firewall")
    assert isinstance(check, Tag)
    text = check.get_text(" ", strip=True)

    assert "Zo hoort host_firewall te zijn." in text
    assert "De 5 basisprincipes van veilig digitaal ondernemen" in text
    assert "24-" not in text
    link = check.select_one('.finding a[href$="-a1"]')
    assert link is not None
    answer = page.find(id=str(link["href"]).removeprefix("#"))
    assert isinstance(answer, Tag)
    shown = answer.get_text(" ", strip=True)
    for part in ("sudo /usr/sbin/nft -j list ruleset", "Controlegetal (SHA-256)", "Tijd",
                 "24 november 2026, 09:05 UTC"):  # fmt: skip
        assert part in shown


def test_nothing_loads_and_nothing_runs_but_our_own_script(pages: Mapping[Language, str]) -> None:
    page = BeautifulSoup(pages[Language.NL], "html.parser")

    (script,) = page.find_all("script")
    assert script.attrs == {}
    assert script.get_text() == (TEMPLATES / "search.js").read_text("utf-8")
    assert page.find_all(["img", "iframe", "link", "object", "embed", "form"]) == []
    assert [tag for tag in page.find_all(True) if any(k.startswith("on") for k in tag.attrs)] == []
    assert page.find_all(style=True) == []
    assert page.find_all(src=True) == []
    assert "url(" not in str(page.style)
    assert "@import" not in str(page.style)


def test_the_policy_allows_the_style_sheet_and_the_script_and_nothing_else(
    page: BeautifulSoup,
) -> None:
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert isinstance(policy, Tag)
    assert page.style is not None
    assert page.script is not None
    style, script = (
        base64.b64encode(hashlib.sha256(each.get_text().encode()).digest()).decode()
        for each in (page.style, page.script)
    )

    assert policy["content"] == (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_our_script_puts_no_text_into_the_page_as_markup() -> None:
    script = (TEMPLATES / "search.js").read_text("utf-8")

    assert re.findall(r"(?i)innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function"
                      r"|fetch\(|XMLHttp|import\(|localStorage|cookie", script) == []  # fmt: skip
    assert re.findall("(?i)</script|<!--|\r", script) == []


def test_words_and_grounds_contrast_enough() -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, for each verdict's word on its own ground."""
    style = (TEMPLATES / "style.css").read_text("utf-8")
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", style))
    pairs = re.findall(r"--tone: var\(--([a-z]+)\); --tint: (#[0-9a-f]{6})", style)

    assert len(pairs) == 6
    for name, tint in pairs:
        assert _contrast(colours[name], tint) >= 4.5, name
        assert _contrast(colours[name], "#ffffff") >= 4.5, name
    assert _contrast(colours["soft"], colours["wash"]) >= 4.5
    assert _contrast(colours["link"], "#eef4f8") >= 4.5


def _contrast(one: str, other: str) -> float:
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _light(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def hostile_run(text: str) -> tuple[RunResult, Reference]:
    """A run in which ``text`` stands wherever a target, a statement or a name can put it."""
    probe = make.make_probe(text, kind=ProbeKind.SCRIPT, text=text, privilege=Privilege.NONE)
    captures: list[Capture] = [
        make.make_captured("p", text, stderr=text),
        make.make_not_captured("q", detail=text, mend=text),
    ]
    evidence = make.make_evidence(text, captures)
    facts: Facts = {"name": text, text: (text, text)}
    findings = [
        make.make_finding(
            outcome, target=text, facts=facts, expected=facts, observed=facts, parameters=facts,
            advice=(Message("bad", facts),), error=text,
            evidence=tuple(each.digest for each in evidence.captures.values()),
        )
        for outcome in Outcome
    ] + [
        make.make_not_observed(target=text, detail=text, mend=text),
        make.make_finding(Outcome.FAIL, target=text, check=text, measure=text, message=text),
    ]  # fmt: skip
    line = make.make_measure_verdict(
        "firewall", Verdict.PARTLY, "some-fail", findings, {"broken_targets": (text,)},
        [
            make.make_attestation(
                "firewall", text=text, by=text, role=text,
                files=(EvidenceFile(text, make.make_digest(text), 1),),
            )
        ],
        [make.make_waiver(text, text, reason=text, by=text)],
    )  # fmt: skip
    claim = make.make_claim(
        text, heading=text, measures=("firewall", text), parameters={"firewall": {text: text}}
    )
    odd = make.make_measure_verdict(text, Verdict.UNPROVEN, text)
    result = make.make_result(
        facts=make.make_run_facts(
            organisation=text, assessor=text, vantage=text, left_out=(text,)
        ),
        plan=[
            make.make_target_plan(make.make_target(text, address=text), {"p": probe, text: probe})
        ],
        evidence=[evidence],
        findings=findings,
        statement=make.make_statement(f"{text}\n\n{text}", source=text),
        claims=[make.make_claim_verdict(claim, Verdict.PARTLY, "some-broken", [line, odd])],
        measures=[line, odd],
    )  # fmt: skip
    info = make.make_check_info(sources=(Source(text, text, text, text),))
    return result, make.make_reference(checks=[info])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(render: Render, text: str) -> None:
    tame = BeautifulSoup(render(*hostile_run("tame words")), "html.parser")

    page = BeautifulSoup(render(*hostile_run(text)), "html.parser")

    assert sorted(_skeleton(page)) == sorted(_skeleton(tame))  # sections are sorted by title
    shown = page.get_text()
    assert " ".join(text.split()) in " ".join(shown.split())
    assert "49{" not in shown


def _skeleton(page: BeautifulSoup) -> list[tuple[str, tuple[str, ...]]]:
    """All tags with the names of their attributes; a text that breaks out changes these."""
    return [(tag.name, tuple(sorted(tag.attrs))) for tag in page.find_all(True)]


def test_what_cannot_be_seen_is_made_visible_everywhere(render: Render) -> None:
    html = render(*hostile_run(MISLEADING))

    html.encode("utf-8")
    unseen = re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
        "\ud800-\udfff\U000e0000-\U000e007f]"
    )
    assert unseen.findall(html) == []
    shown = BeautifulSoup(html, "html.parser").get_text()
    for sign in ("␀", "␛", "␇", "[U+202E]", "[U+200B]", "[U+D800]", "[U+E0041]"):
        assert sign in shown


def test_a_fleet_fits_in_three_megabytes(render: Render) -> None:
    html = render(*even_fleet(50, 40))

    size = len(html.encode("utf-8"))
    assert size < 3_000_000
    assert html.count("server-049.example") > 40
