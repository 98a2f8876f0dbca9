"""The summary in Markdown, read back by a real CommonMark reader: all of it is text of ours."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.report.clean import visible
from assessor.report.markdown import code, escaped, render_markdown, write
from assessor.report.outline import Entry, Heading, Listing, Paragraph, Quotation, Span
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.unit.report.example import STATEMENT
from tests.unit.report.test_html import HOSTILE, hostile_run

# With raw HTML on, as GitHub and many mail programs have it, and with the extensions that
# markdown-it has of its own: what escapes for CommonMark alone could come alive in these.
READERS = {
    "commonmark": MarkdownIt("commonmark", {"html": True}),
    "extended": MarkdownIt("default", {"html": True}),
}
for reader in READERS.values():
    # it would leave a link to a script as text by itself, which not every reader does
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
OURS = {
    "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close",
    "bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close",
    "list_item_open", "list_item_close", "blockquote_open", "blockquote_close", "fence",
}  # fmt: skip
OURS_INLINE = {"text", "strong_open", "strong_close", "code_inline", "hardbreak"}

# What Markdown, its extensions, and the readers around it give a meaning.
MARKUP = (
    *HOSTILE,
    "![x](https://evil.example/pixel.png)",
    "[Alles in orde](javascript:alert(1))",
    "[x]: https://evil.example/ 'y'",
    "[^1] [x][y] [x]",
    "<https://evil.example> <mailto:boef@evil.example> <javascript:alert(1)>",
    "https://evil.example/?a=b&c=d www.evil.example ftp://evil.example boef@evil.example",
    "# Alles in orde",
    "Alles in orde #",
    "- kop\n- kop",
    "1. een 2) twee",
    "10) tien",
    "+ plus",
    "> citaat",
    "===",
    "---",
    "- - -",
    "***",
    "    code",
    "\tcode",
    "```\ncode\n```",
    "~~~",
    "`` ` ``",
    "`",
    "*een* **twee** __drie__ _vier_ ~~vijf~~ ==zes== ^zeven^ ~acht~",
    "a | b\n--- | ---\nc | d",
    "a | b\n| --- | --- |\n| c | d |",
    "a\n===",
    "a\n---",
    "$x$ $$y$$ \\(z\\) \\[z\\]",
    ":white_check_mark: @iemand #12",
    "&copy; &#35; &#x2713; &amp;",
    "achteraan\\",
    "twee spaties  \nnieuwe regel",
    "\\<b\\> \\\\ \\",
    "<!-- weg --> <?php ?> <![CDATA[x]]> <!DOCTYPE html>",
    "<details open ontoggle=alert(1)>",
    "---\ntitle: x\n---",
    "{% include x %} {{< x >}} {#id .class onclick=x}",
)


def tokens(text: str, reader: str = "commonmark") -> Iterator[Token]:
    for token in READERS[reader].parse(text):
        yield token
        yield from token.children or ()


def shown(text: str, reader: str = "commonmark") -> str:
    """What a reader sees, with all white space as one space."""
    seen = []
    for token in tokens(text, reader):
        if token.type in {"text", "code_inline"}:
            seen.append(token.content)
        elif token.type == "fence":
            seen.append(f" {token.content}")
        elif token.type in {"hardbreak", "softbreak", "inline"}:
            seen.append(" ")
    return " ".join("".join(seen).split())


@pytest.fixture(scope="module")
def text(views: Mapping[Language, ReportView]) -> str:
    return render_markdown(views[Language.NL])


def test_it_says_who_when_which_statement_and_the_verdict(text: str) -> None:
    read = shown(text)

    assert text.startswith("# Bakkerij Zoet\n\nControle van de privacyverklaring\n")
    for part in (
        "Uitgevoerd door: Koek ICT",
        "Gemeten op: 24 november 2026, 09:05 UTC",
        "Verklaring: https://bakkerijzoet.example/privacy",
        "Controlegetal (SHA-256): bb1386e08beb297f",
        "1 van de 12 beloften wordt niet nagekomen, 5 maar deels",
        "✗ niet nagekomen: 1 van 12",
        "Beveiligingsupdates (Gewicht: zeer hoog) Er staan 12 beveiligingsupdates open",
        "Wie: de systeembeheerder Waar: kassa",
        "Dit is geen certificaat en geen garantie.",
        "horen bij meting 20261124T090500Z-4f2a",
    ):
        assert part in read


def test_every_promise_stands_there_verbatim_with_sign_and_word(text: str) -> None:
    quotes = re.findall(r"(?m)^### Belofte \d+: \S (.+)\n\n.*\n\n> (.*)$", text)

    assert len(quotes) == 12
    for word, quote in quotes:
        assert word in {
            "nagekomen", "deels nagekomen", "niet nagekomen", "verklaard", "verlopen",
            "niet aangetoond",
        }  # fmt: skip
        assert quote in STATEMENT


def test_exceptions_remedies_and_what_was_not_shown_are_in_it(text: str) -> None:
    read = shown(text)

    for part in (
        "✗ kassa: Te lang niet gewijzigd: anna en piet",
        "Wat te doen: Laat anna en piet een nieuw wachtwoord kiezen",
        "Hoe vaak: beloofd 92 dagen; gecontroleerd met 92 dagen",
        "Advies van nu: Verplicht wijzigen op vaste tijden",
        "De serverkast is op slot; de sleutel ligt bij de eigenaar.",
        "Firewall (belofte 1): 2 van de 4 systemen",
        "Geheimhouding (belofte 11): getekend, maar verlopen",
    ):
        assert part in read
    assert "assess ALL=(root) NOPASSWD: /usr/sbin/nft -j list ruleset\n" in text


def test_headings_go_down_one_step_at_a_time(text: str) -> None:
    levels = [int(token.tag[1]) for token in tokens(text) if token.type == "heading_open"]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_without_a_statement_it_is_about_the_measures(
    texts: Mapping[Language, ReportTexts],
) -> None:
    line = make.make_measure_verdict("firewall", Verdict.KEPT, "all-pass", [make.make_finding()])
    result = make.make_result(measures=[line])

    view = build_view(result, make.make_reference(), Language.EN, texts[Language.EN])

    assert "### firewall: ✓ in order\n" in render_markdown(view)
    nothing = build_view(
        make.make_result(), make.make_reference(), Language.EN, texts[Language.EN]
    )  # fmt: skip
    assert "Nothing was assessed." in render_markdown(nothing)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("words", MARKUP)
def test_nothing_from_outside_becomes_markup(
    texts: Mapping[Language, ReportTexts], words: str, reader: str
) -> None:
    tame, wild = (
        render_markdown(build_view(*hostile_run(each), Language.NL, texts[Language.NL]))
        for each in ("tamme woorden", words)
    )

    found = list(tokens(wild, reader))

    assert {each.type for each in found} - OURS - OURS_INLINE == set()
    assert _blocks(wild, reader) == _blocks(tame, reader)
    assert " ".join(visible(words, lines=True).split()) in shown(wild, reader)


def _blocks(text: str, reader: str) -> list[str]:
    """The blocks in their order; paragraphs in quotations and lines in lists are the text's own."""
    lone = [f"{token.type}{token.tag}" for token in READERS[reader].parse(text)]
    return sorted(each for each in lone if not each.startswith(("paragraph", "inline")))


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://evil.example", r"https\://evil.example"),
        ("javascript:alert(1)", r"javascript\:alert(1)"),
        ("www.evil.example", r"www\.evil.example"),
        ("boef@evil.example", r"boef\@evil.example"),
        ("|x| $x$ ^x^ ~x~", r"\|x\| \$x\$ \^x\^ \~x\~"),
        ("09:05, 50 % (a/b) 'c' 1.2.3 - d", "09:05, 50 % (a/b) 'c' 1.2.3 - d"),
    ],
)
def test_what_only_other_readers_look_for_is_escaped_too(address: str, written: str) -> None:
    """Links of bare addresses, tables, formulas: none of the readers here has all of these."""
    assert escaped(address) == written


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_comes_back_from_any_block(words: str) -> None:
    comes_back(words)


@pytest.mark.parametrize("words", MARKUP)
def test_markup_comes_back_from_any_block(words: str) -> None:
    comes_back(words)


def comes_back(words: str) -> None:
    """Asserts that each block that holds ``words`` is read as those words and no more."""
    cleaned = visible(words, lines=True)
    expected = " ".join(cleaned.split())
    for block, begins in (
        (Heading(2, (Span(cleaned),)), ""),
        (Paragraph((Span("Wie: "), Span(cleaned))), "Wie: "),
        (Paragraph((Span(cleaned),)), ""),
        (Quotation(cleaned, "nl"), ""),
        (Listing((Entry(((Span(cleaned),), (Span(cleaned),))),)), f"{expected} "),
        (Listing((Entry(((Span("x"),),), cleaned),), numbered=True), "x "),
    ):
        written = "\n".join(write(block))
        for reader in READERS:
            assert {each.type for each in tokens(written, reader)} - OURS - OURS_INLINE == set()
            assert shown(written, reader) == f"{begins}{expected}".strip()


@given(st.text("` ab\n", max_size=12))
def test_code_holds_any_number_of_backticks(words: str) -> None:
    written = f"x {code(words)} y"

    codes = [token.content for token in tokens(written) if token.type == "code_inline"]

    assert codes == ([" ".join(words.split("\n"))] if words.strip() else [])
