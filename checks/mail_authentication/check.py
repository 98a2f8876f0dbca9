"""Judges whether receivers can tell mail of a domain from forged mail: SPF, DKIM and DMARC."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    LookedUp,
    NotCaptured,
    Parameters,
    UnparsedError,
    failed,
    not_observed,
    passed,
    read_answer,
    read_lookup,
    unknown,
)

from .dkim import Dkim, judge_dkim, read_dkim
from .dmarc import judge_dmarc
from .spf import Spf, judge_spf, read_spf, refuses_all
from .verdict import Part

MEASURE = "mail-authentication"


@dataclass(frozen=True, slots=True)
class Marks:
    """What the DNS says of who may send in a domain's name.

    Attributes:
        dmarc: the look-up at the domain, then those at the domains above it, up to a record.
        permissions: the other domains that DMARC reports go to, and what they say of that.
    """

    domain: str
    spf: Spf
    dmarc: tuple[LookedUp, ...]
    permissions: tuple[tuple[str, LookedUp | None], ...]
    dkim: Dkim


@dataclass(frozen=True, slots=True)
class Seen:
    """What was answered; or why there is nothing to read."""

    marks: Marks | None = None
    gap: NotCaptured | None = None
    unparsed: str = ""
    no_name: bool = False


def observe(captures: Captures) -> Seen:
    capture = captures.answered("marks")
    if capture is None:
        return Seen(gap=captures.gap("marks"))
    try:
        return _read(capture.stdout)
    except UnparsedError as error:
        return Seen(unparsed=str(error))


def _read(text: str) -> Seen:
    answer = read_answer(text, "dns")
    if answer.text("subject") != "mail-authentication":
        raise UnparsedError("subject")
    domain = answer.optional_text("domain")
    if domain is None:
        return Seen(no_name=True)
    dmarc = tuple(read_lookup(part) for part in answer.parts("dmarc"))
    if not dmarc:
        raise UnparsedError("dmarc")
    permissions = tuple(
        (part.text("place"), None if found is None else read_lookup(found))
        for part in answer.parts("report_permissions")
        for found in [part.optional_part("found")]
    )
    return Seen(Marks(domain, read_spf(answer.part("spf")), dmarc, permissions, read_dkim(answer)))


def evaluate(seen: Seen, parameters: Parameters) -> list[Judgement]:
    if seen.gap is not None:
        return [not_observed(MEASURE, seen.gap)]
    if seen.no_name:
        return [unknown(MEASURE, "no_domain_name")]
    if seen.marks is None:
        return [unknown(MEASURE, "unparsed", {"part": seen.unparsed})]
    return [_judge(seen.marks)]


def _judge(marks: Marks) -> Judgement:
    if marks.spf.records and marks.spf.records[0].outcome == "no-name":
        return unknown(MEASURE, "no_such_name", {"domain": marks.domain})
    silent = refuses_all(marks.spf)
    parts = [
        judge_spf(marks.spf, marks.domain),
        judge_dmarc(marks.dmarc, marks.permissions, marks.domain),
        # Of a domain that sends nothing there is nothing to sign.
        Part() if silent else judge_dkim(marks.dkim, marks.domain),
    ]
    expected: Facts = {"spf_all": "-all or ~all", "dmarc_policy": "quarantine or reject"}
    observed: Facts = {name: fact for part in parts for name, fact in part.observed.items()}
    facts: Facts = {"domain": marks.domain}
    wrong = [part.wrong for part in parts if part.wrong is not None]
    unsure = [part.unsure for part in parts if part.unsure is not None]
    advice = tuple(message for part in parts for message in part.advice)
    if wrong:
        return failed(
            MEASURE,
            wrong[0].id,
            wrong[0].facts,
            expected=expected,
            observed=observed,
            advice=(*wrong[1:], *advice),
        )
    if unsure:
        return unknown(
            MEASURE,
            unsure[0].id,
            unsure[0].facts,
            expected=expected,
            observed=observed,
            advice=(*unsure[1:], *advice),
        )
    message = "sends_nothing" if silent else "authenticated"
    return passed(MEASURE, message, facts, expected=expected, observed=observed, advice=advice)


CHECK = Check(observe=observe, evaluate=evaluate)
