"""What cannot be seen is shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.report.clean import cut, one_line, visible

INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain text", "plain text"),
        ("é ü € ✓ naïef", "é ü € ✓ naïef"),
        ("a\x1b[31mred", "a␛[31mred"),
        ("bell\x07\x7f", "bell␇␡"),
        ("two\nlines\tand", "two␊lines␉and"),
        ("c1\x9bcsi", "c1[U+009B]csi"),
        ("file\u202etxt.exe", "file[U+202E]txt.exe"),
        ("ad\u200bmin", "ad[U+200B]min"),
        ("\ufeffbom", "[U+FEFF]bom"),
        ("tag\U000e0041", "tag[U+E0041]"),
        ("half\ud800", "half[U+D800]"),
        ("pass\u00adword", "pass[U+00AD]word"),
        ("lost\ufffd", "lost\ufffd"),
        ("\u3164", "[U+3164]"),
    ],
)
def test_what_cannot_be_seen_is_shown(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


def test_lines_and_soft_hyphens_may_be_kept() -> None:
    assert visible("one\r\ntwo\tx\rthree", lines=True) == "one\ntwo\tx␍three"
    assert visible("zacht\u00adjes", soft_hyphens=True) == "zacht\u00adjes"


def test_a_pile_of_marks_does_not_cover_the_lines_around_it() -> None:
    assert visible("z" + "\u0301" * 50) == "z" + "\u0301" * 3 + "[+47]"
    assert visible("e\u0301") == "e\u0301"


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_nothing_unseen_is_left(text: str) -> None:
    shown = visible(text)

    assert not [char for char in shown if unicodedata.category(char) in INVISIBLE]
    shown.encode("utf-8")


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(max_size=400), st.integers(1, 80))
def test_one_line_is_one_short_line(text: str, limit: int) -> None:
    assert "\n" not in one_line(text, limit)
    assert len(cut(text, limit)) <= limit
