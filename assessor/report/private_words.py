"""Which words belong to a run and help an attacker: names, addresses, accounts, paths, versions.

They are taken from what was asked and from what was found, so that they can be taken out of what
people wrote beside it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from assessor.model.capture import Captured
from assessor.model.check import CheckInfo
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Finding
from assessor.model.run import RunResult
from assessor.model.target import Target

NOBODY = frozenset({"root", "administrator"})
"""Accounts that are on every machine: their names tell nothing."""
_LOG_IN = re.compile(
    r"^(?P<name>[A-Za-z_][\w.$-]{0,63}):(?![!*]+:)[^:\n]{0,200}:(?P<number>\d{3,10}):\d*:",
    re.MULTILINE,
)
_FIRST_PERSON = 500
"""The lowest number that an account of a person has: on macOS; elsewhere it is 1000."""
_HOME = re.compile(r"(?:/home/|\\Users\\)([\w.$-]{1,64})")
_JUMP = re.compile(r"(?:(?P<user>[^@]*)@)?(?P<host>\[[^\]]*\]|[^:]*)(?::\d+)?")
_PARTS = re.compile(r"[\s,;|\"'<>(){}=]+")
_TELLING = re.compile(r"\d|[^\W_][._@:/\\$][^\W_]")
_VERSION = re.compile(r"(?<!\d)((\d{1,9}\.\d{1,9})[\w.+~-]*)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:\d\d)?)?")
MOST_ANSWER = 400_000
"""Characters of an answer that are looked through for names of accounts."""


def private_words(result: RunResult, checks: Mapping[str, CheckInfo]) -> frozenset[str]:
    """The words of ``result``, whole names as well as the telling parts of what was seen."""
    words = {result.facts.vantage}
    for planned in result.plan.inventory:
        words.update(_of_target(planned.target))
        for check in planned.checks:
            words.update(_of_parameters(check.parameters, checks.get(check.check)))
    for finding in _every_finding(result):
        words.update(_of_finding(finding, checks.get(finding.check)))
    for output in _outputs(result):
        words.update(_accounts(output))
    return frozenset(word for word in words if word.lower() not in NOBODY)


def _every_finding(result: RunResult) -> Iterable[Finding]:
    """The run's findings, and those judged with what a claim promises; each once."""
    claimed = (line.findings for claim in result.claims for line in claim.measures)
    measured = (line.findings for line in result.measures)
    found = (result.findings, *measured, *claimed)
    return {id(each): each for findings in found for each in findings}.values()


def private_numbers(result: RunResult) -> frozenset[int]:
    """The ports that the inventory names."""
    return frozenset(each.target.port for each in result.plan.inventory if each.target.port)


def _of_target(target: Target) -> Iterator[str]:
    yield from (target.name, target.user or "", target.certificate_sha256)
    yield from _host(target.address)
    for jump in target.jump:
        if found := _JUMP.match(jump):
            yield from (found["user"] or "", *_host(found["host"]))
    files = (*target.identity_files, *target.known_hosts, target.file)
    certificates = (target.winrm.ca_file, target.winrm.certificate_file, target.winrm.key_file)
    for path in (*files, *certificates):
        yield from (path, *_telling(path))
    for source in target.secrets.values():
        for word in source.value:
            yield from _telling(word)
    for text in (*target.tags, *target.groups, target.site, *_texts_in(target.options)):
        yield from _telling(text)


def _host(address: str) -> Iterator[str]:
    """An address, the name by which people know the machine behind it, and where it belongs."""
    yield address
    labels = address.split(".")
    if not labels[0].isdigit():
        for end in range(1, len(labels)):
            yield ".".join(labels[:end])
        for begin in range(1, len(labels) - 1):
            yield ".".join(labels[begin:])


def _texts_in(value: object) -> Iterator[str]:
    """Every text of an option, the names of its parts included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            yield from _texts_in(item)
    elif isinstance(value, Iterable):
        for item in value:
            yield from _texts_in(item)


def _of_parameters(parameters: Facts, info: CheckInfo | None) -> Iterator[str]:
    """The texts of settings that are not the check's own, such as the names of administrators."""
    known = info.parameters if info else {}
    for name, value in parameters.items():
        if name not in known or known[name].default != value:
            yield from _texts(value)


def _of_finding(finding: Finding, info: CheckInfo | None) -> Iterator[str]:
    judgement = finding.judgement
    personal = info.personal if info else frozenset()
    messages = (judgement.message, *judgement.advice)
    for facts in (judgement.expected, judgement.observed, *(each.facts for each in messages)):
        yield from _of_facts(facts, personal)
    yield from _telling(finding.error)


def _of_facts(facts: Facts, personal: frozenset[str]) -> Iterator[str]:
    for name, value in facts.items():
        for text in _texts(value):
            if name in personal:
                yield from text.split(", ")
            yield from _telling(text)


def _texts(value: Fact) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _telling(text: str) -> Iterator[str]:
    """The parts of ``text`` that are no plain words: names of hosts, paths, versions.

    A version counts by itself as well, whole and as people say it: ``8.9`` of ``8.9p1``.
    """
    for part in _PARTS.split(text):
        if 2 < len(part) <= 300 and _TELLING.search(part) and not _DAY.fullmatch(part):
            yield part
            for version in _VERSION.finditer(part):
                yield from version.groups()


def _outputs(result: RunResult) -> frozenset[str]:
    return frozenset(
        stored.capture.stdout[:MOST_ANSWER]
        for evidence in result.evidence.values()
        for stored in evidence.captures.values()
        if isinstance(stored.capture, Captured)
    )


def _accounts(output: str) -> Iterator[str]:
    """Who can log in according to a list of accounts, and whose folders there are."""
    for found in _LOG_IN.finditer(output) if ":" in output else ():
        if int(found["number"]) >= _FIRST_PERSON:
            yield found["name"]
    if "/home/" in output or "\\Users\\" in output:
        yield from (found[1] for found in _HOME.finditer(output))
