"""Makes text from outside harmless to look at: nothing in it may hide, reorder or overprint.

Escaping is the writers' work. This is about what remains misleading after escaping: control
characters, characters without width, marks that turn the direction of reading, and piles of
combining marks that cover the lines around them (Unicode Technical Report 36, section 2.10.2).
"""

from __future__ import annotations

import re

# Format characters (category Cf), line and paragraph separators, surrogates, fillers that show
# as nothing, and the C0 and C1 controls; without tab, line feed and the soft hyphen.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u0600-\u0605\u061c\u06dd\u070f\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufeff\uffa0\ufff0-\uffff\U000110bd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_KEPT = "\ufffc\ufffd"  # the replacement characters are there to be seen
_PILE = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4,})")


def visible(text: str, *, lines: bool = False, soft_hyphens: bool = False) -> str:
    """``text`` with every character that cannot be seen shown by a sign or its number.

    Args:
        text: from a target, a statement, a name or an error.
        lines: keep line feeds and tabs; carriage returns before a line feed are dropped.
        soft_hyphens: keep them (they are common in web texts); else they are shown too.
    """
    if lines:
        text = text.replace("\r\n", "\n")
    elif "\n" in text or "\t" in text:
        text = text.replace("\r\n", "\n").replace("\n", "\u240a").replace("\t", "\u2409")
    if text.isascii() and text.isprintable():
        return text
    text = _UNSEEN.sub(_shown, text)
    if not soft_hyphens:
        text = text.replace("\u00ad", "[U+00AD]")
    return _PILE.sub(lambda pile: f"{pile[1][:3]}[+{len(pile[1]) - 3}]", text)


def one_line(text: str, limit: int = 300) -> str:
    """``text`` on one line, visible, and cut to ``limit`` characters."""
    return visible(cut(" ".join(text[: limit * 4].split()), limit))


def cut(text: str, limit: int) -> str:
    """``text``, or its first ``limit`` characters with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _KEPT:
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"[U+{code:04X}]"
