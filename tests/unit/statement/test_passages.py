"""Sentences and list items are found in text as people write it."""

from __future__ import annotations

import pytest

from assessor.errors import StatementError
from assessor.statement.passages import passages


def quotes(text: str) -> list[str]:
    return [" ".join(text[p.start : p.end].split()) for p in passages(text)]


def test_sentences_are_cut_where_they_end() -> None:
    text = (
        "Wij werken o.a. met Acme B.V. in Gent, bijv. voor hosting. Is dat veilig? Ja! "
        "Zie www.acme.example/a.b voor meer. Versie 2.1 geldt."
    )
    assert quotes(text) == [
        "Wij werken o.a. met Acme B.V. in Gent, bijv. voor hosting.",
        "Is dat veilig?",
        "Ja!",
        "Zie www.acme.example/a.b voor meer.",
        "Versie 2.1 geldt.",
    ]


def test_words_that_are_abbreviations_elsewhere_end_a_sentence() -> None:
    text = (
        "De servers staan in de EU. Wij werken met Acme Inc. Zie art. 5 lid. "
        "Er zijn max. 3 accounts."
    )
    assert quotes(text) == [
        "De servers staan in de EU.",
        "Wij werken met Acme Inc.",
        "Zie art. 5 lid.",
        "Er zijn max. 3 accounts.",
    ]


def test_broken_lines_are_one_sentence() -> None:
    text = (
        "Wij hebben op ieder van onze kantoren een\nfirewall staan. Daarnaast werkt iedereen met\n"
        "Windows, en met een virusscanner.\n"
    )
    assert quotes(text) == [
        "Wij hebben op ieder van onze kantoren een firewall staan.",
        "Daarnaast werkt iedereen met Windows, en met een virusscanner.",
    ]


def test_a_sentence_that_a_blank_line_breaks_is_joined() -> None:
    text = "Daarvoor werken wij samen met Acme\n\nheeft die maatregelen genomen.\n"
    assert quotes(text) == ["Daarvoor werken wij samen met Acme heeft die maatregelen genomen."]


def test_bullets_joined_by_dashes_on_one_line_are_items() -> None:
    text = "Toegang met wachtwoord- Sloten en kluizen- Beveiligde verbindingen"
    assert quotes(text) == [
        "Toegang met wachtwoord",
        "Sloten en kluizen",
        "Beveiligde verbindingen",
    ]


@pytest.mark.parametrize("bullet", ["-", "*", "•", "–", "+", "1.", "2)", "a)", "o", "✓"])
def test_every_kind_of_bullet(bullet: str) -> None:
    text = f"Wij nemen maatregelen:\n\n{bullet} Firewall\n{bullet} Spamfilter\n"
    assert quotes(text) == ["Wij nemen maatregelen:", "Firewall", "Spamfilter"]
    items = list(passages(text))[1:]
    assert all(p.intros == ("Wij nemen maatregelen:",) for p in items)


def test_a_list_without_bullets_is_cut_at_its_lines() -> None:
    text = "Wij gebruiken:\nFirewall\nVirusscanner\nDagelijkse back-ups\n"
    assert quotes(text)[1:] == ["Firewall", "Virusscanner", "Dagelijkse back-ups"]


@pytest.mark.parametrize(
    "heading",
    ["## Beveiliging", "Beveiliging\n-----------", "BEVEILIGING", "Beveiliging", "8. Beveiliging",
     "**Beveiliging**", "Artikel 3 Beveiliging", "Beveiliging:"],
)  # fmt: skip
def test_every_kind_of_heading(heading: str) -> None:
    (passage,) = passages(f"{heading}\n\nWij hebben een firewall.\n")
    assert [h.rstrip(":").title() for h in passage.headings] == ["Beveiliging"]


def test_headings_nest_and_end() -> None:
    text = "# Privacy\n\n## Beveiliging\n\n### Kantoor\n\nSloten.\n\n## Cookies\n\nGeen.\n"
    assert [p.headings for p in passages(text)] == [
        ("Kantoor", "Beveiliging", "Privacy"),
        ("Cookies", "Privacy"),
    ]


def test_nested_items_know_the_item_above() -> None:
    text = "Wij nemen maatregelen:\n\n- Technisch:\n    - Firewall\n- Fysiek:\n    - Sloten\n"
    assert {p.intros for p in passages(text)} == {
        (),
        ("Wij nemen maatregelen:",),
        ("Technisch:", "Wij nemen maatregelen:"),
        ("Fysiek:", "Wij nemen maatregelen:"),
    }


def test_rows_of_a_table_know_its_columns() -> None:
    text = "| Gegevens | Bewaartermijn |\n|---|---|\n| Facturen | 7 jaar |\n"
    (row,) = passages(text)
    assert text[row.start : row.end] == "Facturen | 7 jaar"
    assert row.intros == ("| Gegevens | Bewaartermijn |",)


def test_more_than_a_statement_can_have_is_refused() -> None:
    with pytest.raises(StatementError, match="lines and paragraphs"):
        list(passages("- a\n" * 30_000))
    with pytest.raises(StatementError, match="sentences"):
        list(passages("Aa. " * 30_000))
