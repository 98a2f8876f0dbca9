"""The answer of a ``tls-offers``, read strictly: what is not as documented is not believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assessor.api import UnparsedError

VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
NEWEST = VERSIONS[-1]

_STATES = frozenset({"accepted", "refused", "no-answer"})
_ORDERS = frozenset({"server", "client", "single", "unclear", None})
_EARLY = frozenset({"offered", "not-offered", "no-ticket", "not-testable", None})
_STATUSES = frozenset({"good", "revoked", "unknown", "unreadable", None})
_COMPRESSIONS = frozenset({"none", "DEFLATE", "LZS", None})
_MOST = 400
"""Entries of a list; the question gives fewer."""


@dataclass(frozen=True, slots=True)
class Suites:
    """The cipher suites of one version, as the server chose them, and whose order decided."""

    names: tuple[str, ...]
    order: str | None


@dataclass(frozen=True, slots=True)
class Prime:
    """The parameters of a Diffie-Hellman exchange; ``group`` where they are published ones."""

    bits: int
    group: str | None


@dataclass(frozen=True, slots=True)
class Staple:
    """What is known of the OCSP response that came along with a certificate.

    Attributes:
        responder: the certificate names a service that tells whether it was revoked.
        required: the certificate says that a response must come along.
        stapled: one came.
        status: what it says.
        signed: the issuer signed it; ``None`` where that cannot be told.
        until: when it ends.
    """

    responder: bool | None
    required: bool | None
    stapled: bool
    status: str | None
    signed: bool | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate of a chain; ``readable`` is false where the transport could not read it."""

    subject: str
    readable: bool
    key_type: str
    key_bits: int | None
    signature_hash: str | None
    self_signed: bool | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificates as presented, the service's own first, with its staple."""

    certificates: tuple[Certificate, ...]
    staple: Staple


@dataclass(frozen=True, slots=True)
class Answer:
    """What one service offers.

    Attributes:
        service: such as ``smtp``.
        port: TCP port.
        refusal: how it turned TLS down; ``None`` where it offers TLS.
        gaps: what could not be found out.
        versions: per version: ``accepted``, ``refused`` or ``no-answer``.
        suites: per accepted version.
        groups: per version: the groups of the key exchange, the one it chooses first.
        primes: Diffie-Hellman parameters up to TLS 1.2.
        weak_signatures: schemes with weak hashes that it signs a key exchange with.
        renegotiation: RFC 5746 is known; ``None`` where TLS 1.3 alone is accepted.
        master_secret: RFC 7627 is known; ``None`` likewise.
        compression: ``none`` or the method; ``None`` likewise.
        early_data: ``offered``, ``not-offered``, ``no-ticket``, ``not-testable``, or ``None``.
        chains: certificates.
    """

    service: str
    port: int
    refusal: str | None
    gaps: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    suites: Mapping[str, Suites] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    primes: tuple[Prime, ...] = ()
    weak_signatures: tuple[str, ...] = ()
    renegotiation: bool | None = None
    master_secret: bool | None = None
    compression: str | None = None
    early_data: str | None = None
    chains: tuple[Chain, ...] = ()

    @property
    def place(self) -> str:
        """The service and its port, for people."""
        return f"{self.service} ({self.port})"

    @property
    def accepted(self) -> tuple[str, ...]:
        """The versions that are accepted, oldest first."""
        return tuple(one for one in VERSIONS if self.versions.get(one) == "accepted")


def read_answer(text: str) -> Answer:
    """Reads an answer.

    Raises:
        UnparsedError: something is missing, of another type, or contradicts the rest.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UnparsedError("JSON") from error
    answer = _mapping(value, "the answer")
    if answer.get("kind") != "tls-offers":
        raise UnparsedError("kind")
    service, port = _text(answer, "service"), _integer(answer, "port")
    if _one_of(answer, "tls", frozenset({"offered", "not-offered"})) == "not-offered":
        return Answer(service, port, _text(answer, "refusal"))
    early = _mapping(answer.get("early_data"), "early_data")
    found = Answer(
        service,
        port,
        None,
        gaps=_texts(answer, "gaps"),
        versions=_versions(answer),
        suites={
            version: _suites(one)
            for version, one in _mapping(answer.get("suites"), "suites").items()
        },
        groups={
            version: _strings(one, "groups")
            for version, one in _mapping(answer.get("groups"), "groups").items()
        },
        primes=tuple(_prime(one) for one in _list(answer, "dh")),
        weak_signatures=_texts(answer, "weak_signatures"),
        renegotiation=_truth(answer, "renegotiation"),
        master_secret=_truth(answer, "master_secret"),
        compression=_one_of(answer, "compression", _COMPRESSIONS),
        early_data=_one_of(early, "state", _EARLY),
        chains=tuple(_chain(one) for one in _list(answer, "certificates")),
    )
    _agrees(found)
    return found


def _agrees(answer: Answer) -> None:
    """Refuses an answer whose parts contradict each other."""
    accepted = set(answer.accepted)
    if not accepted or set(answer.suites) != accepted:
        raise UnparsedError("suites")
    if NEWEST in accepted and not answer.gaps and not answer.groups.get(NEWEST):
        raise UnparsedError("groups")
    if (answer.early_data is None) == (NEWEST in accepted):
        raise UnparsedError("early_data")
    older = accepted - {NEWEST, VERSIONS[0]}
    if older and not answer.gaps and None in (answer.renegotiation, answer.master_secret):
        raise UnparsedError("renegotiation")
    if older and not answer.gaps and answer.compression is None:
        raise UnparsedError("compression")
    if "no-answer" in answer.versions.values() and not answer.gaps:
        raise UnparsedError("gaps")


def _versions(answer: Mapping[str, object]) -> dict[str, str]:
    versions = _mapping(answer.get("versions"), "versions")
    if set(versions) != set(VERSIONS) or not _STATES.issuperset(map(str, versions.values())):
        raise UnparsedError("versions")
    return {version: str(state) for version, state in versions.items()}


def _suites(value: object) -> Suites:
    suites = _mapping(value, "suites")
    names = _texts(suites, "names")
    if not names:
        raise UnparsedError("suites")
    return Suites(names, _one_of(suites, "order", _ORDERS))


def _prime(value: object) -> Prime:
    prime = _mapping(value, "dh")
    group = prime.get("group")
    if group is not None and not isinstance(group, str):
        raise UnparsedError("dh")
    return Prime(_integer(prime, "bits"), group)


def _chain(value: object) -> Chain:
    facts = _mapping(value, "certificates")
    certificates = tuple(_certificate(one) for one in _list(facts, "chain"))
    if not certificates:
        raise UnparsedError("certificates")
    ocsp = _mapping(facts.get("ocsp"), "ocsp")
    stapled = _truth(ocsp, "stapled")
    if stapled is None:
        raise UnparsedError("ocsp")
    return Chain(
        certificates,
        Staple(
            _truth(ocsp, "responder"),
            _truth(ocsp, "must_staple"),
            stapled,
            _one_of(ocsp, "status", _STATUSES),
            _truth(ocsp, "signed"),
            _moment(ocsp.get("next_update")),
        ),
    )


def _certificate(value: object) -> Certificate:
    facts = _mapping(value, "certificates")
    if "unreadable" in facts:
        return Certificate(
            "?", readable=False, key_type="", key_bits=None, signature_hash=None, self_signed=None
        )
    bits, signature = facts.get("key_bits"), facts.get("signature_hash")
    if isinstance(bits, bool) or not isinstance(bits, int | None):
        raise UnparsedError("key_bits")
    if not isinstance(signature, str | None):
        raise UnparsedError("signature_hash")
    subject = facts.get("subject_cn") or facts.get("issuer") or "?"
    return Certificate(
        str(subject),
        readable=True,
        key_type=_text(facts, "key_type"),
        key_bits=bits,
        signature_hash=signature,
        self_signed=_truth(facts, "self_signed"),
    )


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise UnparsedError("next_update") from error


def _mapping(value: object, part: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise UnparsedError(part)
    return value


def _list(answer: Mapping[str, object], part: str) -> list[object]:
    value = answer.get(part)
    if not isinstance(value, list) or len(value) > _MOST:
        raise UnparsedError(part)
    return value


def _texts(answer: Mapping[str, object], part: str) -> tuple[str, ...]:
    return _strings(answer.get(part), part)


def _strings(value: object, part: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise UnparsedError(part)
    if not all(isinstance(one, str) for one in value):
        raise UnparsedError(part)
    return tuple(value)


def _text(answer: Mapping[str, object], part: str) -> str:
    value = answer.get(part)
    if not isinstance(value, str):
        raise UnparsedError(part)
    return value


def _integer(answer: Mapping[str, object], part: str) -> int:
    value = answer.get(part)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnparsedError(part)
    return value


def _truth(answer: Mapping[str, object], part: str) -> bool | None:
    value = answer.get(part)
    if not isinstance(value, bool | None):
        raise UnparsedError(part)
    return value


def _one_of(
    answer: Mapping[str, object], part: str, known: frozenset[str | None] | frozenset[str]
) -> str | None:
    value = answer.get(part)
    if not isinstance(value, str | None) or value not in known:
        raise UnparsedError(part)
    return value
