"""Words of a text as the matcher sees them: folded, hyphens joined, articles dropped.

``Back-ups``, ``back-ups`` and ``backups`` are the same word; ``geüpload`` is ``geupload``. A
hyphenated word can also be found by its parts: ``TLS-verbinding`` is found by ``tls``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# A word: an address, or letters and digits held together by hyphens and apostrophes. Every
# alternative consumes at least one character and none can be matched in two ways: linear.
_TOKEN = re.compile(
    r"(?P<address>(?:https?://|www\.)[^\s<>\"”]+)"
    r"|(?P<word>[^\W_]+(?:[-\u2010\u2011'’´][^\W_]+)*)"
    r"|(?P<break>[,;:()\[\]!?…–—|/•])"
)
_JOINERS = re.compile(r"[-\u2010\u2011'’´]")
# Nobody writes longer words; a longer run of letters is no language and is cut for matching.
_LONGEST_WORD = 64
_ADDRESS = "http"
_SHORTEST_FIRST_PART = 3
_SHORTEST_LAST_PART = 4


@dataclass(slots=True)
class Word:
    """One word of a text; never changed (unfrozen, since many are made and that is faster).

    Attributes:
        start: offset of its first character in the text.
        end: offset behind its last character.
        raw: the word as it stands, in lower case.
        form: the folded word, hyphens and apostrophes removed.
        parts: the folded parts of a hyphenated word, else empty.
        clause: counts up at every punctuation mark before the word.
    """

    start: int
    end: int
    raw: str
    form: str
    parts: tuple[str, ...]
    clause: int


def fold(word: str) -> str:
    """The word in lower case without accents, hyphens and apostrophes."""
    if word.isascii():
        low = word.lower()
    else:
        low = unicodedata.normalize("NFKD", word).casefold()
        low = "".join(c for c in low if not unicodedata.combining(c))
    return _JOINERS.sub("", low)


def _parts(raw: str) -> tuple[str, ...]:
    """The parts that say something by themselves; the ``ups`` of ``back-ups`` does not."""
    first, *others = _JOINERS.split(raw)
    long_enough = [p for p in others if len(p) >= _SHORTEST_LAST_PART]
    if len(first) >= _SHORTEST_FIRST_PART:
        long_enough.insert(0, first)
    return tuple(fold(p) for p in long_enough)


def words(text: str) -> list[Word]:
    """The words of ``text`` in order."""
    found: list[Word] = []
    clause = 0
    no_parts: tuple[str, ...] = ()
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "break":
            clause += 1
            continue
        raw = match.group()[:_LONGEST_WORD].lower()
        if match.lastgroup == "address":
            form, parts = _ADDRESS, no_parts
        elif raw.isascii() and raw.isalnum():
            form, parts = raw, no_parts
        else:
            form, parts = _folded(raw)
        found.append(Word(match.start(), match.end(), raw, form, parts, clause))
    return found


@lru_cache(maxsize=20_000)
def _folded(raw: str) -> tuple[str, tuple[str, ...]]:
    """The folded word and its parts; a text says the same words over and over."""
    form = fold(raw)
    return form, _parts(raw) if _JOINERS.search(raw) else ()
