"""Colours of a house style that stay readable. Pure.

Contrast is that of WCAG 2.2: section 1.4.3 asks 4.5:1 for text, and "contrast ratio" and "relative
luminance" are defined in its glossary.
"""

from __future__ import annotations

import re

ENOUGH = 4.5
INK = "#1b2530"
GROUNDS = ("#ffffff", "#fffefb", "#fffaf0", "#f5f7f8", "#eef4f8")
"""On what links stand in the report; a test holds them against ``reports/style.css``."""
_WHITE, _BLACK = "#ffffff", "#000000"
_FORM = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether ``text`` is ``#rrggbb`` and nothing else."""
    return _FORM.fullmatch(text) is not None


def luminance(colour: str) -> float:
    """The relative luminance of ``#rrggbb``: 0 for black, 1 for white."""
    parts = (part / 255 for part in _parts(colour))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(ground: str) -> str:
    """White, the report's ink, or black: the first that is readable on ``ground``.

    One always is: a ground on which white has less than 4.5:1 gives black more.
    """
    return next(
        (each for each in (_WHITE, INK) if contrast(each, ground) >= ENOUGH),
        _BLACK,
    )


def readable(colour: str, grounds: tuple[str, ...] = GROUNDS) -> str:
    """``colour``, darkened no more than it takes to be readable on all of ``grounds``."""
    parts = _parts(colour)
    for share in range(255, -1, -1):
        darker = _form(tuple(round(part * share / 255) for part in parts))
        if all(contrast(darker, ground) >= ENOUGH for ground in grounds):
            return darker
    return _BLACK


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _form(parts: tuple[int, ...]) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)
