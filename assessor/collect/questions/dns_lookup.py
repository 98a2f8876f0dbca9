"""Looks names up, follows their aliases, and says how far what came back can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

from assessor.collect.questions.dns_chain import Chain
from assessor.collect.questions.dns_session import Session
from assessor.collect.questions.dns_verdict import SECURE, Security, Verdict, Why

_MOST_ALIASES = 8
_MOST_RECORDS = 40
_MOST_CHARACTERS = 4_096

# From the one that counts least to the one that decides.
_WEIGHT = (Security.SECURE, Security.INSECURE, Security.INDETERMINATE, Security.BOGUS)


class Outcome(StrEnum):
    """What a look-up found. The words appear in evidence: never rename one."""

    FOUND = "found"
    NO_DATA = "no-data"
    NO_NAME = "no-name"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is known of the records of one type at one name.

    Attributes:
        name: as it was asked for.
        kind: the type of the records.
        outcome: whether there are any.
        verdict: how far that can be trusted, the aliases on the way included.
        records: what was found, at most some.
        count: how many there are.
        aliases: the names that aliases (CNAME) led to, in their order.
        failure: why nothing is known.
    """

    name: dns.name.Name
    kind: dns.rdatatype.RdataType
    outcome: Outcome
    verdict: Verdict
    records: tuple[dns.rdata.Rdata, ...] = ()
    count: int = 0
    aliases: tuple[dns.name.Name, ...] = ()
    failure: str = ""

    @property
    def found(self) -> bool:
        """Whether there are such records."""
        return self.outcome is Outcome.FOUND

    @property
    def void(self) -> bool:
        """Whether it is sure that there are none."""
        return self.outcome in (Outcome.NO_DATA, Outcome.NO_NAME)

    def texts(self) -> tuple[str, ...]:
        """The records in text; those of a TXT as one text each, bytes beyond ASCII as escapes."""
        return tuple(_text(record) for record in self.records)

    def facts(self) -> dict[str, object]:
        """As a check reads it."""
        texts = self.texts()
        return {
            "name": plain(self.name),
            "type": dns.rdatatype.to_text(self.kind),
            "outcome": self.outcome.value,
            "security": self.verdict.security.value,
            "why": self.verdict.why and self.verdict.why.value,
            "detail": self.verdict.detail,
            "records": [text[:_MOST_CHARACTERS] for text in texts],
            "records_count": self.count,
            "cut": self.count > len(texts) or any(len(text) > _MOST_CHARACTERS for text in texts),
            "aliases": [plain(name) for name in self.aliases],
            "failure": self.failure,
        }


class Lookups:
    """Looks up names in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.chain = Chain(session)

    def look_up(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Lookup:
        """The records of ``kind`` at ``name``, or at what its aliases lead to."""
        aliases: list[dns.name.Name] = []
        verdict, current = SECURE, name
        while True:
            message, failure, found = self._ask(current, kind)
            verdict = _weaker(verdict, found)
            outcome, records, alias = _read(message, current, kind)
            if alias is None or alias in aliases or len(aliases) == _MOST_ALIASES:
                if alias is not None:
                    outcome, failure = Outcome.FAILED, "the aliases lead round and round"
                return Lookup(
                    name,
                    kind,
                    outcome,
                    verdict,
                    records[:_MOST_RECORDS],
                    len(records),
                    tuple(aliases),
                    failure,
                )
            aliases.append(alias)
            current = alias

    def under(self, name: dns.name.Name, *labels: str, kind: dns.rdatatype.RdataType) -> Lookup:
        """As ``look_up``, of a name some labels below ``name``."""
        try:
            below = dns.name.Name((*(label.encode("ascii") for label in labels), *name.labels))
        except (dns.exception.DNSException, UnicodeError):
            return Lookup(name, kind, Outcome.FAILED, SECURE, failure="the name is too long")
        return self.look_up(below, kind)

    def addresses(self, name: dns.name.Name) -> tuple[Lookup, Lookup]:
        """The IPv4 and the IPv6 addresses of ``name``."""
        return self.look_up(name, dns.rdatatype.A), self.look_up(name, dns.rdatatype.AAAA)

    def _ask(
        self, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> tuple[dns.message.Message | None, str, Verdict]:
        reply = self.session.ask(name, kind)
        if reply.message is None:
            return None, reply.failure, Verdict(Security.INDETERMINATE, Why.NO_ANSWER)
        message, verdict = reply.message, self.chain.judge(reply.message, name, kind)
        if verdict.security is not Security.BOGUS:
            return message, "", verdict
        # Is it the domain, or the resolver that we ask?
        zone = self.chain.enclosing(name)
        authorities = self.chain.authorities(zone.name) if zone.secure else ()
        direct = self.session.ask(name, kind, authorities).message if authorities else None
        if direct is not None:
            return direct, "", self.chain.judge(direct, name, kind)
        if verdict.why in (Why.UNSIGNED, Why.NO_PROOF):
            verdict = Verdict(Security.INDETERMINATE, verdict.why, verdict.detail)
        return message, "", verdict


def name_of(text: str) -> dns.name.Name | None:
    """``text`` as an absolute name; ``None`` where it cannot be one."""
    try:
        return dns.name.from_text(text.rstrip(".") + ".")
    except (dns.exception.DNSException, UnicodeError, ValueError):
        return None


def plain(name: dns.name.Name) -> str:
    """``name`` as people write it, without the dot at its end."""
    return name.to_text(omit_final_dot=True)


def weakest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that decides where all must hold; of none, nothing is known."""
    return max(
        verdicts,
        key=lambda verdict: _WEIGHT.index(verdict.security),
        default=Verdict(Security.INDETERMINATE, Why.NO_ANSWER),
    )


def _weaker(first: Verdict, second: Verdict) -> Verdict:
    return weakest((first, second))


def _read(
    message: dns.message.Message | None, name: dns.name.Name, kind: dns.rdatatype.RdataType
) -> tuple[Outcome, tuple[dns.rdata.Rdata, ...], dns.name.Name | None]:
    if message is None:
        return Outcome.FAILED, (), None
    for rrset in message.answer:
        if rrset.name == name and rrset.rdtype == kind:
            return Outcome.FOUND, tuple(rrset), None
    for rrset in message.answer:
        if rrset.name == name and rrset.rdtype == dns.rdatatype.CNAME:
            return Outcome.NO_DATA, (), rrset[0].target
    if message.rcode() == dns.rcode.NXDOMAIN:
        return Outcome.NO_NAME, (), None
    return Outcome.NO_DATA, (), None


def _text(record: dns.rdata.Rdata) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("ascii", "backslashreplace")
    return record.to_text()
