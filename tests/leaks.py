"""Looks in a document for the words of a run that no client may read.

Nothing here knows how they are taken out: every text of the run is taken apart into words, and
those that are no common property are searched for.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from bs4 import BeautifulSoup

from assessor.model.capture import Reason
from assessor.model.finding import Finding
from assessor.model.run import Reference, RunResult

_WORDS = re.compile(r"[^\s,;|\"'<>(){}\[\]=]+")
_RUNS = re.compile(r"[^\W_]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_WHEN = re.compile(r"\d{4}-\d\d(-\d\d)?(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?", re.IGNORECASE)


def private_texts(result: RunResult) -> Iterator[str]:
    """Every text of the run that is not the statement, a signature or an id of the programme."""
    yield result.facts.vantage
    for planned in result.plan.targets:
        # What clients call a target is for them to read.
        yield from _texts(dataclasses.replace(planned.target, label=""))
        for probe in planned.probes:
            yield from _texts(probe)
        for check in planned.checks:
            yield from _texts(check.parameters)
    yield from _texts(result.remembered)
    for evidence in result.evidence.values():
        yield from (evidence.target, *_texts(evidence.gap))
        for stored in evidence.captures.values():
            yield from _texts(stored.capture)
    for finding in _findings(result):
        judgement = finding.judgement
        for message in (judgement.message, *judgement.advice):
            yield from _texts(message.facts)
        yield from _texts(judgement.expected)
        yield from _texts(judgement.observed)
        yield from (finding.target, finding.error)


def _findings(result: RunResult) -> Iterator[Finding]:
    yield from result.findings
    for line in (*result.measures, *(line for each in result.claims for line in each.measures)):
        yield from line.findings


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from _texts(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))


def private_words(result: RunResult) -> set[str]:
    """The words of the run's texts, in small letters: neither digests nor days nor numbers.

    A word counts whole and by each of its parts: ``srv1.example.nl`` is also ``srv1``.
    """
    found: set[str] = set()
    for text in private_texts(result):
        for word in _WORDS.findall(text.lower()):
            bare = word.strip(".:,*`!?-")
            if not (_DIGEST.fullmatch(bare) or _WHEN.fullmatch(bare)):
                found.update(each for each in (bare, *_RUNS.findall(bare)) if _tells(each))
    return found


def _tells(word: str) -> bool:
    return len(word) > 2 and not word.isdigit()


def common_text(result: RunResult, reference: Reference, texts: Iterable[str]) -> str:
    """What everybody may read.

    The statement, the names of who assesses, is assessed and signed, the catalogue, the texts and
    ids of the checks, and ``texts``: those of the report, and reports of runs that asked nothing.
    """
    facts = result.facts
    said = [facts.organisation, facts.assessor, facts.profile, facts.id, facts.assess_version]
    said += [*texts, *Reason]
    if result.statement:
        said += [result.statement.text, result.statement.source, result.statement.format]
    said += [planned.target.label for planned in result.plan.targets]
    for line in (*result.measures, *(line for each in result.claims for line in each.measures)):
        for attestation in line.attestations:
            said += [attestation.by, attestation.role]
        said += [waiver.by for waiver in line.waivers]
    for measure in reference.measures.values():
        said += [measure.id, *measure.title.values()]
    said += _texts(reference.frameworks)
    for check, info in reference.checks.items():
        said += [check, *info.criterion.text.values(), *info.parameters]
        said += _texts(info.parameters)
        said += _texts(info.criterion.sources)
        for each in reference.texts[check].values():
            said += [each.title, each.why, *each.messages.values(), *each.remedies.values()]
            said += [*each.messages, *each.remedies]
    for finding in _findings(result):
        judgement = finding.judgement
        said += [*judgement.expected, *judgement.observed, *judgement.message.facts]
    return "\n".join(said)


def shown(page: str) -> str:
    """All that a page shows or says of itself: its text, and what stands in its attributes."""
    soup = BeautifulSoup(page, "html.parser")
    for drawn in soup.find_all(["style", "script", "path", "rect", "circle", "line", "polyline"]):
        drawn.decompose()
    kept = ("id", "href", "title", "alt", "content")
    said = [
        str(value)
        for tag in soup.find_all(True)
        for name, value in tag.attrs.items()
        if name in kept or name.startswith(("aria-", "data-"))
    ]
    return "\n".join([soup.get_text("\n"), *said])


def told(document: str) -> str:
    """Every text of a JSON document."""
    return "\n".join(_texts(json.loads(document)))


def leaks(document: str, private: Iterable[str], common: str = "") -> set[str]:
    """The private words that stand in ``document`` and do not in what everybody may read."""
    found = _found(document, private)
    return found - _found(common, found)


def _found(document: str, words: Iterable[str]) -> set[str]:
    small = document.lower()
    runs = set(_RUNS.findall(small))
    return {word for word in words if _stands(word, small, runs)}


def _stands(word: str, text: str, runs: set[str]) -> bool:
    """Whether ``word`` stands in ``text`` on its own; ``runs`` are all letters and digits in it."""
    parts = _RUNS.findall(word)
    if not parts or not all(part in runs for part in parts):
        return False
    at = text.find(word)
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not (before.isalnum() and word[0].isalnum()) and not (
            behind.isalnum() and word[-1].isalnum()
        ):
            return True
        at = text.find(word, at + 1)
    return False
