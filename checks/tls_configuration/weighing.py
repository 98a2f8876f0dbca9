"""Weighs what one service offers: each element with its level, and what is wrong beside levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from assessor.api import TlsLevel, tls_suite_level, tls_version_level

from . import grades
from .answer import NEWEST, VERSIONS, Answer, Chain


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that a service accepts: its name, as the field writes it, and its level."""

    name: str
    grade: TlsLevel


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was found of one service.

    Attributes:
        elements: all that counts, in the order in which people should hear of it.
        missing: protections that the guidelines take for granted, and that it does not know.
        hidden: groups of TLS 1.3 that only a client which insists on them gets.
        revoked: certificates that were revoked, by name.
        unstapled: certificates that must come with an OCSP response, and do not.
        stale: certificates whose OCSP response is old, not signed by the issuer or unreadable.
        bare: certificates that name a responder and come without its response.
        misordered: a weaker suite is chosen where a stronger one is to be had: both.
        unsure: what could not be told.
    """

    elements: tuple[Element, ...]
    missing: tuple[str, ...]
    hidden: tuple[Element, ...]
    revoked: tuple[str, ...]
    unstapled: tuple[str, ...]
    stale: tuple[str, ...]
    bare: tuple[str, ...]
    misordered: tuple[str, ...]
    unsure: tuple[str, ...]

    def at(self, *levels: TlsLevel) -> tuple[str, ...]:
        """The names of all elements at one of ``levels``."""
        return tuple(dict.fromkeys(one.name for one in self.elements if one.grade in levels))


def weigh(answer: Answer, at: datetime, *, strict_groups: bool) -> Weighed:
    """Weighs ``answer``; ``strict_groups`` counts every group of TLS 1.3."""
    groups, hidden = _groups(answer, strict=strict_groups)
    elements = [
        *(Element(spoken(version), tls_version_level(version)) for version in answer.accepted),
        *_suites(answer),
        *groups,
        *(Element(f"DH {one.group or one.bits}", grades.of_prime(one)) for one in answer.primes),
        *(Element(one, grades.of_signature(one)) for one in answer.weak_signatures),
        *_settings(answer),
        *_certificates(answer.chains),
    ]
    chains = answer.chains
    return Weighed(
        tuple(elements),
        missing=tuple(_missing(answer)),
        hidden=tuple(hidden),
        revoked=_owners(chain for chain in chains if _revoked(chain)),
        unstapled=_owners(
            chain for chain in chains if chain.staple.required and not chain.staple.stapled
        ),
        stale=_owners(chain for chain in chains if _stale(chain, at)),
        bare=_owners(
            chain for chain in chains if chain.staple.responder and not chain.staple.stapled
        ),
        misordered=_misordered(answer),
        unsure=tuple(_unsure(answer)),
    )


def spoken(version: str) -> str:
    """``TLSv1`` as people write it: ``TLS 1.0``."""
    kind, number = version[:3], version[4:]
    return f"{kind} {number if '.' in number else f'{number}.0'}"


def _suites(answer: Answer) -> Iterator[Element]:
    for version in reversed(VERSIONS):
        for suite in answer.suites[version].names if version in answer.suites else ():
            yield Element(suite, tls_suite_level(suite))


def _groups(answer: Answer, *, strict: bool) -> tuple[list[Element], list[Element]]:
    counted: list[Element] = []
    hidden: list[Element] = []
    for version, names in answer.groups.items():
        for position, name in enumerate(names):
            grade = grades.of_group(name)
            if grade is None:
                continue
            chosen = strict or version != NEWEST or position == 0
            (counted if chosen else hidden).append(Element(name, grade))
    return counted, [one for one in hidden if one.grade < TlsLevel.SUFFICIENT]


def _settings(answer: Answer) -> Iterator[Element]:
    """3.4.1, and early data."""
    if answer.compression not in (None, "none"):
        yield Element(f"TLS compression ({answer.compression})", TlsLevel.INSUFFICIENT)
    if answer.early_data == "offered":
        yield Element("0-RTT", TlsLevel.INSUFFICIENT)


def _missing(answer: Answer) -> Iterator[str]:
    """3.4.2 and chapter 4."""
    if answer.renegotiation is False:
        yield "secure renegotiation (RFC 5746)"
    if answer.master_secret is False:
        yield "extended master secret (RFC 7627)"


def _certificates(chains: Iterable[Chain]) -> Iterator[Element]:
    for chain in chains:
        for one in chain.certificates:
            if not one.readable:
                continue
            key = grades.of_key(one)
            if key is not None:
                size = f" {one.key_bits}" if one.key_type in ("rsa", "dsa") else ""
                yield Element(f"{one.key_type.removeprefix('ec-')}{size} ({one.subject})", key)
            hashed = grades.of_certificate_hash(one)
            yield Element(f"{one.signature_hash} ({one.subject})", hashed)


def _owners(chains: Iterable[Chain]) -> tuple[str, ...]:
    return tuple(chain.certificates[0].subject for chain in chains)


def _revoked(chain: Chain) -> bool:
    # A response that the issuer did not sign could be anybody's; but a server that itself
    # presents "revoked" has no reason to lie.
    return chain.staple.status == "revoked" and chain.staple.signed is not False


def _stale(chain: Chain, at: datetime) -> bool:
    staple = chain.staple
    if not staple.stapled:
        return False
    ended = staple.until is not None and staple.until < at
    return ended or staple.signed is False or staple.status in ("unreadable", "unknown")


def _misordered(answer: Answer) -> tuple[str, ...]:
    """A weaker and a stronger suite of the newest version before TLS 1.3, chosen in that order.

    Internet.nl looks at that version only, and at levels only: within one, any order is good.
    """
    older = [version for version in answer.accepted if version not in (NEWEST, VERSIONS[0])]
    if not older:
        return ()
    suites = answer.suites[older[-1]]
    graded = [(tls_suite_level(name), name) for name in suites.names]
    if len({grade for grade, _ in graded}) < 2:
        return ()
    if suites.order == "client":
        return (min(graded)[1], max(graded)[1])
    for (grade, name), (after, stronger) in pairwise(graded):
        if after > grade:
            return (name, stronger)
    return ()


def _unsure(answer: Answer) -> Iterator[str]:
    yield from answer.gaps
    for suites in answer.suites.values():
        if suites.order == "unclear":
            yield "the order of the cipher suites"
    if answer.early_data == "not-testable":
        yield "0-RTT"
    if not answer.chains and not _anonymous(answer):
        yield "the certificate"
    for chain in answer.chains:
        for one in chain.certificates:
            if not one.readable or grades.of_key(one) is None:
                yield f"the certificate of {one.subject}"


def _anonymous(answer: Answer) -> bool:
    names = [name for one in answer.suites.values() for name in one.names]
    return all("_anon_" in name or name.startswith("SSL_CK_") for name in names)
