"""A house style's colours stay readable, by the contrast of WCAG 2.2."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.report.colours import (
    ENOUGH,
    GROUNDS,
    contrast,
    is_colour,
    luminance,
    readable,
    text_on,
)
from tests.unit.report.example import TEMPLATES

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
STYLE = (TEMPLATES / "style.css").read_text("utf-8")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        # WCAG 2.2, glossary: from 1 (the same colour) to 21 (black on white)
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#777777", 1.0),
        # the grey that is known as the lightest with 4.5:1 on white, and the one above it
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(one, other) == contrast(other, one)


def test_luminance_runs_from_black_to_white() -> None:
    assert luminance("#000000") == 0
    assert luminance("#ffffff") == pytest.approx(1)
    # green weighs most, blue least
    assert luminance("#00ff00") > luminance("#ff0000") > luminance("#0000ff")


@given(colours)
def test_text_on_any_ground_can_be_read(ground: str) -> None:
    assert contrast(text_on(ground), ground) >= ENOUGH


@pytest.mark.parametrize(
    ("ground", "text"),
    [("#16303f", "#ffffff"), ("#ffe08a", "#1b2530"), ("#7f7f7f", "#000000")],
)
def test_text_is_white_then_ink_then_black(ground: str, text: str) -> None:
    assert text_on(ground) == text


@given(colours)
def test_any_accent_becomes_readable_and_no_darker_than_it_must(accent: str) -> None:
    found = readable(accent)

    assert all(contrast(found, ground) >= ENOUGH for ground in GROUNDS)
    assert luminance(found) <= luminance(accent)
    if all(contrast(accent, ground) >= ENOUGH for ground in GROUNDS):
        assert found == accent
    else:  # one step lighter would be too light: no channel moves more than two of 255 at a time
        assert min(contrast(found, ground) for ground in GROUNDS) < ENOUGH * 1.1


def test_an_accent_keeps_its_hue() -> None:
    red, green, blue = (int(readable("#ff8800")[at : at + 2], 16) for at in (1, 3, 5))

    assert red > green > blue == 0
    assert green / red == pytest.approx(0x88 / 0xFF, abs=0.01)


@pytest.mark.parametrize(
    "text",
    ["", "#fff", "#12345", "#1234567", "red", "#12345g", "#123456\n", "#123456;", "＃123456"],
)
def test_only_six_digits_are_a_colour(text: str) -> None:
    assert not is_colour(text)


def test_the_grounds_of_links_are_those_of_the_style_sheet() -> None:
    """The plain grounds; on a verdict's tint text has that verdict's colour."""
    highlight = {"#ffe08a"}  # of what was searched for, with a text colour of its own
    told = set(re.findall(r"(?:background|--wash): (#[0-9a-f]{3,6})", STYLE))

    assert told - highlight <= {*GROUNDS, "#fff"}
    assert set(GROUNDS) - {"#ffffff"} <= told
