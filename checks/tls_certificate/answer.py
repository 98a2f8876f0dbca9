"""The answer of a ``tls-handshake``, read strictly: what is not as documented is not believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assessor.api import Fields, UnparsedError
from assessor.api import read_answer as read_fields

VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_MOST_CERTIFICATES = 10
"""The transport describes no more of a chain than these."""

_OUTCOMES = frozenset({"accepted", "refused", "no-answer", "not-testable"})


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate as presented; its fields are those of the transport."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    key_type: str
    key_bits: int | None
    signature_hash: str | None
    self_signed: bool | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handshake showed.

    Attributes:
        name: the name that was asked for.
        trusted_by: ``system`` or ``ca_file``; ``None`` where no handshake was verified.
        ca_file: the extra authority that the inventory names for this target.
        verify_code: OpenSSL's number for what is wrong with the certificate.
        verify_error: what is wrong with the certificate, in OpenSSL's words.
        modern_error: why there is no handshake under today's settings.
        protocol: what was agreed on.
        chain: the certificates that were presented and could be read.
        chain_length: how many were presented.
        unreadable: certificates of the chain that could not be read.
        accepted: per version of TLS, how it went.
    """

    name: str
    trusted_by: str | None
    ca_file: str | None
    verify_code: int | None
    verify_error: str | None
    modern_error: str | None
    protocol: str | None
    chain: tuple[Certificate, ...]
    chain_length: int
    unreadable: int
    accepted: Mapping[str, str]


def read_answer(text: str) -> Answer:
    """Reads the transport's JSON; raises ``UnparsedError`` where it is not as documented."""
    answer = read_fields(text, "tls-handshake")
    trust, verify_error = answer.part("trust"), answer.optional_part("verify_error")
    ca_file = trust.optional_part("ca_file")
    parts = answer.parts("chain")
    readable = [part for part in parts if not part.has("unreadable")]
    read = Answer(
        name=answer.text("server_name"),
        trusted_by=answer.optional_text("trusted_by"),
        ca_file=ca_file.text("name") if ca_file else None,
        verify_code=verify_error.optional_integer("code") if verify_error else None,
        verify_error=verify_error.text("text") if verify_error else None,
        modern_error=answer.optional_text("modern_error"),
        protocol=answer.optional_text("protocol"),
        chain=tuple(_certificate(part) for part in readable),
        chain_length=answer.integer("chain_length"),
        unreadable=len(parts) - len(readable),
        accepted=_accepted(answer.part("accepted")),
    )
    _agree(read, verified=answer.boolean("verified"))
    return read


def _agree(read: Answer, *, verified: bool) -> None:
    """Refuses an answer that contradicts itself."""
    if verified:
        wrong = (
            read.trusted_by not in ("system", "ca_file")
            or (read.trusted_by == "ca_file" and read.ca_file is None)
            or read.verify_error is not None
            or read.modern_error is not None
            or read.protocol not in VERSIONS
            or read.chain_length < 1
        )
    else:
        wrong = read.trusted_by is not None or (
            read.verify_error is None and read.modern_error is None
        )
    if wrong or len(read.chain) + read.unreadable != min(read.chain_length, _MOST_CERTIFICATES):
        raise UnparsedError("the parts of the answer contradict each other")
    if read.protocol is not None and read.accepted.get(read.protocol) != "accepted":
        raise UnparsedError("the parts of the answer contradict each other")


def _certificate(part: Fields) -> Certificate:
    names = tuple(name for name in part.list("names") if isinstance(name, str))
    subject = part.optional_text("subject_cn") or (names[0] if names else "")
    return Certificate(
        subject=subject,
        issuer=part.optional_text("issuer_cn") or part.text("issuer"),
        names=names or (subject,),
        begins=part.moment("not_before"),
        ends=part.moment("not_after"),
        key_type=part.text("key_type"),
        key_bits=part.optional_integer("key_bits"),
        signature_hash=part.optional_text("signature_hash"),
        self_signed=part.optional_boolean("self_signed"),
    )


def _accepted(part: Fields) -> Mapping[str, str]:
    accepted = {version: part.text(version) for version in VERSIONS}
    if not _OUTCOMES.issuperset(accepted.values()):
        raise UnparsedError("accepted")
    return accepted
