# ruff: noqa: E501 -- tables of pieces read best so
"""Whatever the bytes: claims or a clear error, in time and memory that grow with the size only."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.bundled import folder
from assessor.errors import StatementError
from assessor.model.language import Language
from assessor.model.statement import Claim, StatementText
from assessor.statement.claims import find_claims
from assessor.statement.lexicon import Lexicon, load_lexicon
from assessor.statement.reading import parse_statement

SOURCES = ["a.txt", "a.md", "a.html", "a.pdf", "a.docx", "-"]
PIECES = [
    "# ", "## Beveiliging\n", "- ", "* ", "1. ", "| a | b |\n", "|---|\n", "---\n", "\n", "\n\n", "\t",
    "Wij maken dagelijks back-ups. ", "niet ", "geen ", "3 maandelijks ", "na 2 jaar verwijderd", ":",
    "Ditzelfde geldt voor ", "<p>", "</div>", "<li>", "<table><tr><td>", "&amp;", "&#0;", "<!--", "]]>",
    "“", "…", "é", "één ", "\u0301", "\ufeff", "\u200b", "\x00", "**", "_", "(", ")", "U heeft recht op ",
    "TLS 1.2 ", "https://x.example/", "99999999999999999999 jaar ", "0 keer per jaar ", "½ jaar",
]  # fmt: skip


@cache
def lexicon(language: Language) -> Lexicon:
    return load_lexicon(folder("profiles") / "lexicon", language)


def read(raw: bytes, source: str) -> tuple[StatementText, tuple[Claim, ...]]:
    statement = parse_statement(raw, source=source)
    return statement, find_claims(statement, lexicon(statement.language))


def check(raw: bytes, source: str) -> None:
    try:
        statement, claims = read(raw, source)
    except StatementError as error:
        assert error.message
        return
    ends = 0
    for claim in claims:
        assert claim.quote == statement.text[claim.start : claim.end]
        assert claim.quote.strip() == claim.quote != ""
        assert claim.start >= ends
        ends = claim.end
        assert {r.measure for r in claim.readings} == set(claim.measures)
        assert set(claim.parameters) <= set(claim.measures)
        assert all(0 < r.score <= 1 and r.phrase for r in claim.readings)
    assert len({claim.id for claim in claims}) == len(claims)
    assert find_claims(statement, lexicon(statement.language)) == claims


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=st.binary(max_size=2_000), source=st.sampled_from(SOURCES))
def test_any_bytes(raw: bytes, source: str) -> None:
    check(raw, source)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=60),
    source=st.sampled_from(["a.txt", "a.md", "a.html", "-"]),
)
def test_any_text(pieces: list[str], source: str) -> None:
    check("".join(pieces).encode("utf-8", "surrogatepass"), source)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=400), name=st.sampled_from(["word/document.xml", "[Content_Types].xml", "x"]))  # fmt: skip
def test_any_zip(body: bytes, name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, body)
    check(out.getvalue(), "a.docx")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=400))
def test_any_pdf(body: bytes) -> None:
    check(b"%PDF-1.4\n1 0 obj\n" + body, "a.pdf")


UNITS: dict[str, tuple[str, str]] = {
    "letters": ("a", "a.txt"),
    "blanks": (" ", "a.txt"),
    "words": ("Wij maken dagelijks back-ups ", "a.txt"),
    "sentences": ("Wij maken elke dag back-ups op een andere locatie. ", "a.txt"),
    "stops": ("a. ", "a.txt"),
    "stops without blanks": ("a.", "a.txt"),
    "many stops": ("...", "a.txt"),
    "hyphens": ("a-", "a.txt"),
    "lines": ("a\n", "a.txt"),
    "items": ("- a\n", "a.txt"),
    "dashes": ("a- A", "a.txt"),
    "stars": ("*", "a.md"),
    "rows": ("| a ", "a.md"),
    "rules": ("|--", "a.md"),
    "quotes": ("\"'", "a.txt"),
    "brackets": ("Aa. (((", "a.txt"),
    "accents": ("\u0301", "a.txt"),
    "deep": ("<div>", "a.html"),
    "deep lists": ("<ul><li>x", "a.html"),
    "bold": ("<b>x</b>", "a.html"),
    "cells": ("<table><tr><td>x", "a.html"),
    "entities": ("&amp;", "a.html"),
    "angles": ("<", "a.html"),
    "classes": ("<p class='cookie-cookie-cookie'>x", "a.html"),
}


@pytest.mark.parametrize("name", sorted(UNITS))
def test_the_work_grows_with_the_size_and_no_faster(name: str) -> None:
    """A quadratic step would make eight times the text take sixty-four times the time."""
    unit, source = UNITS[name]

    def work(size: int) -> Callable[[], None]:
        raw = (unit * (size // len(unit)) + " a").encode()

        def once() -> None:
            try:
                read(raw, source)
            except StatementError:
                return

        return once

    small = max(_seconds(work(30_000)), 0.02)
    assert _seconds(work(240_000)) < 30 * small


def _seconds(work: Callable[[], None]) -> float:
    """Processor time, the best of three: other work on this machine does not count."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)
