"""Replaces secrets in a target's output by keyed fingerprints, before it reaches the disk.

A mark looks like ``[secret:0123456789abcdef]``: the first 64 bits of HMAC-SHA256 over the secret
alone, keyed with the assessment's own key. The same secret therefore has the same mark wherever
and whenever it appears in one assessment, so that a changed Wi-Fi password shows as a changed mark;
another assessment's marks say nothing, and without the key no guess can be tried. The message that
is authenticated begins with ``assess/redaction/v1`` and a NUL, so that the key may serve another
purpose without a value of the one ever being a value of the other.

For devices a mark also tells the class of the secret that stood there in clear, such as
``[secret:0123456789abcdef:12-19]`` (its length, or that everybody tries it first): whether a Wi-Fi
password is long enough is a promise too. Nothing finer than a class is told.

What is a secret stands in ``redaction/``, as data: ``general.yaml`` for every target, and the
others, one for each kind of device, for devices besides.
"""

from __future__ import annotations

import hmac
import re
import string
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from assessor.yamlfile import read_yaml

_FOLDER = Path(__file__).parent / "redaction"
_DOMAIN = b"assess/redaction/v1\0"
_MARK_DIGITS = 16
_LEAST_KEY_BYTES = 16
_LONGEST_BLOCK = 65_536
_LONGEST_BEFORE = 200
_REMEMBERED, _REMEMBERED_CHARS = 128, 32_768
# Of the letters A to Z alone: lower() may change the length of a text in other scripts.
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_MACRO = re.compile(r"%([a-z_]+)%")
_SECRET = re.compile(r"\(\?P<(secret\w*)>")
# White space and what JSON writes for it: the same key is the same, however it is laid out.
# A line that was broken within the secret, as RouterOS' exports do.
_WRAPPED = re.compile(r"\\\r?\n[ \t]*")
_LAYOUT = re.compile(r"\s|\\[nrt]")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets.

    Attributes:
        text: with a mark where each secret stood.
        count: how many marks were set.
    """

    text: str
    count: int


class _Pattern:
    """A pattern that is compiled when it is first looked for.

    Compiling all of them takes as long as reading a plan, and most need what no machine says.
    """

    def __init__(self, text: str, flags: int = re.NOFLAG) -> None:
        self._text = text
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern; raises ``re.error`` where it is none."""
        return re.compile(self._text, self._flags)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule.

    Attributes:
        needs: words of which one must occur in the text.
        starts: words with one of which every match starts; empty for anything.
        groups: the groups that are secrets.
        before: what must stand before a match on its line.
        at_word: every match starts with the macro ``word``.
    """

    id: str
    pattern: _Pattern
    needs: tuple[str, ...]
    starts: _Pattern | None
    groups: tuple[str, ...]
    before: _Pattern | None
    at_word: bool


@dataclass(frozen=True, slots=True)
class _Block:
    """A secret of many lines, such as a private key.

    Attributes:
        ends: ``None`` where nothing marks the end.
        material: what belongs to it where its end is missing.
    """

    needs: tuple[str, ...]
    begins: _Pattern
    ends: _Pattern | None
    material: _Pattern


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of a text in which a rule applies."""

    needs: tuple[str, ...]
    begins: _Pattern
    ends: _Pattern
    rule: _Rule


@dataclass(frozen=True, slots=True)
class RedactionRules:
    """What is taken for a secret; see ``redaction/``."""

    harmless: _Pattern
    word_begins: _Pattern
    word: _Pattern
    blocks: tuple[_Block, ...]
    sections: tuple[_Section, ...]
    rules: tuple[_Rule, ...]
    word_rules: tuple[_Rule, ...]


@cache
def bundled_rules() -> RedactionRules:
    """The rules that come with the programme."""
    return read_rules(_FOLDER / "general.yaml")


@cache
def device_rules() -> RedactionRules:
    """The rules for devices, which hold those for every target as well."""
    general = _FOLDER / "general.yaml"
    return read_rules(general, *sorted(set(_FOLDER.glob("*.yaml")) - {general}))


def read_rules(general: Path, *more: Path) -> RedactionRules:
    """Reads rules; raises ``KeyError`` or ``InputError`` at a faulty file.

    Args:
        general: has the macros and the beginnings of words for all.
        more: may have ``harmless``, ``blocks``, ``sections`` and ``rules``.
    """
    document = _document(general)
    for path in more:
        for name, found in _document(path).items():
            if name not in {"harmless", "blocks", "sections", "rules"}:
                raise KeyError(f"{path}: {name}")
            document[name] += found
    macros: Mapping[str, str] = document["macros"]
    rules = [_rule(one, macros) for one in document["rules"]]
    return RedactionRules(
        harmless=_pattern("|".join(f"(?:{one})" for one in document["harmless"])),
        word_begins=_starting(document["word_begins"]),
        word=_pattern(macros["word"]),
        blocks=tuple(
            _Block(
                tuple(one.get("needs", ())),
                _pattern(one["begins"], case=True),
                _pattern(one["ends"], case=True) if "ends" in one else None,
                _pattern(one["material"], case=True),
            )
            for one in document["blocks"]
        ),
        sections=tuple(
            _Section(
                tuple(one.get("needs", ())),
                _pattern(one["begins"]),
                _pattern(one["ends"]),
                _rule({**one, "needs": ()}, macros),
            )
            for one in document["sections"]
        ),
        rules=tuple(rule for rule in rules if rule.before is None),
        word_rules=tuple(rule for rule in rules if rule.before is not None),
    )


def _document(path: Path) -> dict[str, Any]:
    value = read_yaml(path).value
    assert isinstance(value, dict)  # noqa: S101 - they come with the programme
    return value


def _rule(one: Mapping[str, Any], macros: Mapping[str, str]) -> _Rule:
    filled = _MACRO.sub(lambda match: macros[match[1]], one["pattern"])
    groups = tuple(_SECRET.findall(filled))
    if not groups:
        raise KeyError(f"the rule {one['id']} names no secret")
    before = _pattern(one["before"]) if "before" in one else None
    # A match that starts with a word holds it: a rule that needs nothing more needs one of these.
    starts = tuple(one.get("starts", ()))
    return _Rule(
        one["id"],
        _pattern(filled, case=one.get("case", False)),
        tuple(one.get("needs", starts)),
        _starting(starts) if starts else None,
        groups,
        before,
        one.get("at_word", False),
    )


def _starting(words: Iterable[str]) -> _Pattern:
    """Finds where one of ``words`` starts; a match is one character long.

    So a word within another is found as well, and a place where none can start is passed quickly.
    """
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[0], []).append(re.escape(word[1:]))
    return _Pattern(
        "|".join(f"{re.escape(one)}(?={'|'.join(rests)})" for one, rests in by_letter.items())
    )


def _pattern(text: str, *, case: bool = False) -> _Pattern:
    flags = re.VERBOSE | re.MULTILINE
    return _Pattern(text, flags if case else flags | re.IGNORECASE)


class Redactor:
    """Redacts texts with one assessment's key; safe to use from several threads.

    Machines of one owner say much the same: what was redacted lately is not worked out again.
    """

    def __init__(
        self, key: bytes, rules: RedactionRules | None = None, *, classes: bool = False
    ) -> None:
        """Takes the assessment's key (raises ``ValueError`` if it is shorter than 128 bits).

        Args:
            key: of the fingerprints.
            rules: what a secret is; the bundled ones unless said.
            classes: marks tell the class of a secret.
        """
        if len(key) < _LEAST_KEY_BYTES:
            raise ValueError(f"a key of {len(key)} bytes is too short for fingerprints")
        self._key = key
        self._rules = rules or bundled_rules()
        self._classes = classes
        self._lately = lru_cache(_REMEMBERED)(self._worked_out)

    def redact(self, text: str) -> Redacted:
        """``text`` with a mark for every secret; takes time in proportion to its length."""
        if not text:
            return Redacted("", 0)
        return self._worked_out(text) if len(text) > _REMEMBERED_CHARS else self._lately(text)

    def _worked_out(self, text: str) -> Redacted:
        parts: list[str] = []
        done = count = 0
        for start, end in _merged(self._spans(text)):
            parts += (text[done:start], self._mark(text[start:end]))
            done = end
            count += 1
        parts.append(text[done:])
        return Redacted("".join(parts), count)

    def _mark(self, secret: str) -> str:
        secret = _WRAPPED.sub("", secret)
        message = _DOMAIN + _LAYOUT.sub("", secret).encode("utf-8", errors="surrogatepass")
        digest = hmac.digest(self._key, message, "sha256").hex()
        kind = f":{_class_of(secret)}" if self._classes else ""
        return f"[secret:{digest[:_MARK_DIGITS]}{kind}]"

    def _spans(self, text: str) -> Iterator[Span]:
        for span in self._candidates(text):
            start, end = _stripped(text, span)
            if start < end and not self._rules.harmless.compiled.fullmatch(text, start, end):
                yield start, end

    def _candidates(self, text: str) -> Iterator[Span]:
        lowered = text.translate(_LOWER)
        for block in self._rules.blocks:
            if _may_hold(lowered, block.needs):
                yield from _blocks(text, block)
        for section in self._rules.sections:
            if _may_hold(lowered, section.needs):
                for start, end in _sections(text, section):
                    yield from _matches(section.rule, text, start, end)
        for rule in self._rules.rules:
            if not _may_hold(lowered, rule.needs):
                continue
            if rule.starts is None:
                yield from _matches(rule, text, 0, len(text))
            else:
                yield from _matches_at(rule, text, lowered, rule.starts)
        yield from self._at_words(text, lowered)

    def _at_words(self, text: str, lowered: str) -> Iterator[Span]:
        """Where a word of a secret begins: one look for all rules that need one there."""
        places = [word.start() for word in self._rules.word_begins.compiled.finditer(lowered)]
        if not places:  # the patterns are not compiled for nothing
            return
        rules = [
            (rule, rule.pattern.compiled, rule.before.compiled, rule.at_word)
            for rule in self._rules.word_rules
            if rule.before
        ]
        whole_word = self._rules.word.compiled
        done = [0] * len(rules)
        for at in places:
            whole = whole_word.match(text, at) is not None
            for index, (rule, pattern, before, at_word) in enumerate(rules):
                # What a match has taken is not looked at again, or a text of nothing but words
                # would take the square of its length.
                if (at_word and not whole) or at < done[index]:
                    continue
                match = pattern.match(text, at)
                if match and before.fullmatch(text, _line_of(text, at), at):
                    done[index] = match.end()
                    yield from _groups(rule, match)


def _line_of(text: str, at: int) -> int:
    """Where the line begins on which ``at`` is, as far as it is looked at."""
    earliest = max(0, at - _LONGEST_BEFORE)
    return text.rfind("\n", earliest, at) + 1 or earliest


@cache
def _common() -> frozenset[str]:
    lines = (_FOLDER / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _class_of(secret: str) -> str:
    """The class of a secret, as ``devices.device.Strength`` has them."""
    length = len(secret)
    if secret.casefold() in _common():
        return "common"
    for least, name in ((20, "20-or-more"), (12, "12-19"), (8, "8-11")):
        if length >= least:
            return name
    return "under-8"


def _may_hold(lowered: str, needs: tuple[str, ...]) -> bool:
    for word in needs:  # a generator would take twice the time
        if word in lowered:
            return True
    return not needs


def _matches_at(rule: _Rule, text: str, lowered: str, starts: _Pattern) -> Iterator[Span]:
    """As :func:`_matches` in all of ``text``, tried only where a word of ``starts`` stands."""
    done = 0
    for word in starts.compiled.finditer(lowered):
        if word.start() >= done and (match := rule.pattern.compiled.match(text, word.start())):
            done = match.end()
            yield from _groups(rule, match)


def _matches(rule: _Rule, text: str, start: int, end: int) -> Iterator[Span]:
    for match in rule.pattern.compiled.finditer(text, start, end):
        yield from _groups(rule, match)


def _groups(rule: _Rule, match: re.Match[str]) -> Iterator[Span]:
    for group in rule.groups:
        span = match.span(group)
        if span != (-1, -1):
            yield span


def _blocks(text: str, block: _Block) -> Iterator[Span]:
    # All ends are looked up once: to search for one from each beginning would take a hostile
    # text of many beginnings and no end the square of its length.
    ends = [match.start() for match in block.ends.compiled.finditer(text)] if block.ends else []
    begins = list(block.begins.compiled.finditer(text))
    for index, match in enumerate(begins):
        start = match.end()
        limit = begins[index + 1].start() if index + 1 < len(begins) else len(text)
        limit = min(limit, start + _LONGEST_BLOCK)
        nearest = bisect_left(ends, start)
        if nearest < len(ends) and ends[nearest] <= limit:
            yield start, ends[nearest]
        elif material := block.material.compiled.match(text, start):
            yield material.span()


def _sections(text: str, section: _Section) -> Iterator[Span]:
    done = 0
    while match := section.begins.compiled.search(text, done):
        end = section.ends.compiled.search(text, match.end())
        done = end.start() if end else len(text)
        yield match.end(), done


def _stripped(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """The spans in order; those that overlap become one, so that no part of either is left."""
    current: Span | None = None
    for start, end in sorted(spans):
        if current is None:
            current = start, end
        elif start < current[1]:
            current = current[0], max(current[1], end)
        else:
            yield current
            current = start, end
    if current is not None:
        yield current
