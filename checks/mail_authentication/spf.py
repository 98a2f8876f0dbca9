"""Judges an SPF record with all that it includes (RFC 7208)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assessor.api import Facts, Fields, Message

from .verdict import Part

MOST_LOOKUPS = 10
MOST_VOID = 2
MOST_MX = 10
"""RFC 7208, 4.6.4: beyond these a receiver gives up with an error (permerror)."""

_BY_NAME = frozenset({"include", "a", "mx", "ptr", "exists", "redirect="})
_MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_BY_SENDER = "%"
"""A macro of the sender decides where the record goes on."""

_NEED_VALUE = frozenset({"include", "exists", "ip4", "ip6", "redirect="})


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a record, taken apart.

    Attributes:
        name: such as ``include``; a modifier's ends with ``=``; ``None`` where it is neither.
        void: whether nothing was found at the name that it needs; ``None`` where none was sought.
        count: how many records were found there, where that was sought.
    """

    text: str
    qualifier: str
    name: str | None
    value: str
    void: bool | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one domain; ``how`` it was come to: ``start``, ``include``, ``redirect``."""

    domain: str
    how: str
    above: int | None
    outcome: str
    security: str
    policies: tuple[str, ...]
    policies_count: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Spf:
    """All records that were come to, the domain's own first."""

    records: tuple[Record, ...]
    complete: bool


def read_spf(part: Fields) -> Spf:
    """Reads the walk; raises ``UnparsedError`` where it is not as documented."""
    return Spf(tuple(_record(one) for one in part.parts("records")), part.boolean("complete"))


def _record(part: Fields) -> Record:
    return Record(
        part.text("domain"),
        part.text("how"),
        part.optional_integer("above"),
        part.text("outcome"),
        part.text("security"),
        part.texts("policies"),
        part.integer("policies_count"),
        tuple(
            Term(
                one.text("text"),
                one.text("qualifier"),
                one.optional_text("name"),
                one.text("value"),
                one.optional_boolean("void"),
                one.optional_integer("count"),
            )
            for one in part.parts("terms")
        ),
    )


def refuses_all(spf: Spf) -> bool:
    """Whether the record says that nobody sends mail in the domain's name: ``v=spf1 -all``."""
    if not spf.records or spf.records[0].policies_count != 1:
        return False
    terms = [(term.name, term.qualifier) for term in spf.records[0].terms]
    return terms == [("all", "-")]


def judge_spf(spf: Spf, domain: str) -> Part:
    """What the record is worth."""
    if not spf.records:
        return Part(unsure=Message("spf_not_resolved", {"domain": domain}))
    own = spf.records[0]
    terms = [(record, term) for record in spf.records for term in _effective(record)]
    lookups = sum(term.name in _BY_NAME for _, term in terms)
    void = sum(term.void is True for _, term in terms)
    strength = _strength(spf.records, 0)
    observed: Facts = {
        "spf": own.policies[0] if own.policies else None,
        "spf_lookups": lookups,
        "spf_void": void,
        "spf_all": strength,
    }
    unsure = next((one for one in spf.records if not _answered(one)), None)
    wrong = _wrong(spf, domain, terms, lookups, void, strength, sure=unsure is None)
    if wrong is not None:
        return Part(wrong=wrong, observed=observed)
    if unsure is not None or not spf.complete or strength == _BY_SENDER:
        name = unsure.domain if unsure is not None else domain
        return Part(unsure=Message("spf_not_resolved", {"domain": name}), observed=observed)
    return Part(advice=_advice(terms), observed=observed)


def _answered(record: Record) -> bool:
    return record.outcome != "failed" and record.security in ("secure", "insecure")


def _wrong(
    spf: Spf,
    domain: str,
    terms: Sequence[tuple[Record, Term]],
    lookups: int,
    void: int,
    strength: str,
    *,
    sure: bool,
) -> Message | None:
    own = spf.records[0]
    facts: Facts = {"domain": domain}
    if _answered(own) and own.policies_count == 0:
        return Message("no_spf", facts)
    for record in spf.records:
        if record.policies_count > 1:
            return Message("several_spf", {"domain": record.domain})
        if _answered(record) and record.policies_count == 0 and record is not own:
            return Message("spf_leads_nowhere", {**facts, "name": record.domain})
    for record, term in terms:
        if not _well_formed(term):
            return Message("spf_syntax", {"domain": record.domain, "term": term.text})
        if term.name == "mx" and (term.count or 0) > MOST_MX:
            return Message("spf_syntax", {"domain": record.domain, "term": term.text})
    if lookups > MOST_LOOKUPS:
        return Message("spf_too_many", {**facts, "count": lookups})
    if void > MOST_VOID:
        return Message("spf_void", {**facts, "count": void})
    if sure and spf.complete and strength == "+":
        return Message("spf_allows_all", facts)
    if sure and spf.complete and strength == "?":
        return Message("spf_neutral", facts)
    return None


def _effective(record: Record) -> tuple[Term, ...]:
    """The terms that count: ``all`` ends the record, a redirect too (RFC 7208, 5.1)."""
    for position, term in enumerate(record.terms):
        if term.name == "all":
            return record.terms[: position + 1]
    return record.terms


def _strength(records: Sequence[Record], position: int, depth: int = 0) -> str:
    """What holds for whoever is not named: the qualifier of ``all``, of a redirect's if need be."""
    for term in records[position].terms:
        if term.name == "all":
            return term.qualifier or "+"
    for below, record in enumerate(records):
        if record.how == "redirect" and record.above == position and depth < MOST_LOOKUPS:
            return _strength(records, below, depth + 1)
    if any(term.name == "redirect=" and "%" in term.value for term in records[position].terms):
        return _BY_SENDER
    return "?"


def _well_formed(term: Term) -> bool:
    name, value = term.name, term.value
    if name is None or (not name.endswith("=") and name not in _MECHANISMS):
        return False
    if name == "all":
        return not value
    if name in _NEED_VALUE and not value:
        return False
    if name in ("ip4", "ip6"):
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            return False
        return network.version == int(name[-1])
    return True


def _advice(terms: Iterable[tuple[Record, Term]]) -> tuple[Message, ...]:
    for record, term in terms:
        if term.name == "ptr":
            return (Message("spf_ptr", {"domain": record.domain}),)
    return ()
