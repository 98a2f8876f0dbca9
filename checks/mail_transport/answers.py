"""The three answers that mail transport is judged by: DNS, SMTP and the MTA-STS policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assessor.api import Fields, LookedUp, UnparsedError, read_answer, read_lookup


@dataclass(frozen=True, slots=True)
class Host:
    """A mail server as the DNS has it."""

    name: str
    ipv4: LookedUp
    ipv6: LookedUp
    tlsa: LookedUp


@dataclass(frozen=True, slots=True)
class Names:
    """What the DNS says of a domain's mail.

    Attributes:
        domain: empty where the target is an IP address, and then nothing else is said.
        null_mx: the domain says that it takes no mail (RFC 7505).
    """

    domain: str
    null_mx: bool = False
    mx: LookedUp | None = None
    hosts: tuple[Host, ...] = ()
    mta_sts: LookedUp | None = None
    tls_rpt: LookedUp | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as presented, by its digests.

    Attributes:
        names: what it was issued for.
        begins: its first moment.
        ends: its last moment.
        whole: SHA-256 and SHA-512 of the certificate.
        key: SHA-256 and SHA-512 of its public key; ``None`` where it could not be read.
        signed_by_next: the next certificate of the chain vouches for this one.
    """

    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    whole: tuple[str, str]
    key: tuple[str, str] | None
    signed_by_next: bool


@dataclass(frozen=True, slots=True)
class Met:
    """A mail server as it was met.

    Attributes:
        outcome: ``spoken`` where it spoke SMTP; the question's module names the others.
        starttls: ``offered``, ``not-offered``, ``refused`` or ``None``.
        verified: its certificate is valid, from a recognised issuer and in its name.
        verify_error: why it is not.
        modern_error: why there is no handshake with TLS 1.2 or later.
        protocol: what was agreed on; ``None`` where no handshake came about at all.
    """

    name: str
    outcome: str
    detail: str
    starttls: str | None
    verified: bool = False
    verify_error: str | None = None
    modern_error: str | None = None
    protocol: str | None = None
    chain: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Servers:
    """All mail servers that were met, by their names.

    Attributes:
        complete: none was left out.
    """

    by_name: Mapping[str, Met]
    complete: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """The MTA-STS policy, as it was fetched; ``outcome`` is ``fetched`` where it was."""

    outcome: str
    detail: str
    status: int | None
    body: str


def read_names(text: str) -> Names:
    """Reads the answer of the DNS; raises ``UnparsedError`` where it is not as documented."""
    answer = read_answer(text, "dns")
    if answer.text("subject") != "mail-transport":
        raise UnparsedError("subject")
    domain = answer.optional_text("domain")
    if domain is None:
        return Names("")
    return Names(
        domain,
        answer.boolean("null_mx"),
        read_lookup(answer.part("mx")),
        tuple(
            Host(
                part.text("name"),
                read_lookup(part.part("a")),
                read_lookup(part.part("aaaa")),
                read_lookup(part.part("tlsa")),
            )
            for part in answer.parts("hosts")
        ),
        read_lookup(answer.part("mta_sts")),
        read_lookup(answer.part("tls_rpt")),
    )


def read_servers(text: str) -> Servers:
    """Reads what the mail servers showed; raises ``UnparsedError`` likewise."""
    answer = read_answer(text, "smtp")
    hosts = [_met(part) for part in answer.parts("hosts")]
    return Servers({host.name: host for host in hosts}, len(hosts) == answer.integer("hosts_count"))


def _met(part: Fields) -> Met:
    tls = part.optional_part("tls")
    name, outcome, detail = part.text("name"), part.text("outcome"), part.text("detail")
    starttls = part.optional_text("starttls")
    if tls is None:
        return Met(name, outcome, detail, starttls)
    error = tls.optional_part("verify_error")
    met = Met(
        name,
        outcome,
        detail,
        starttls,
        verified=tls.boolean("verified"),
        verify_error=error.text("text") if error else None,
        modern_error=tls.optional_text("modern_error"),
        protocol=tls.optional_text("protocol"),
        # What could not be read is left out: nothing matches it.
        chain=tuple(_certificate(one) for one in tls.parts("chain") if not one.has("unreadable")),
    )
    sound = met.protocol is not None and met.verify_error is None and met.modern_error is None
    if met.verified and not (sound and met.chain and starttls == "offered" and outcome == "spoken"):
        raise UnparsedError(f"what {name[:60]} showed")
    return met


def _certificate(part: Fields) -> Certificate:
    first, second = part.optional_text("spki_sha256"), part.optional_text("spki_sha512")
    return Certificate(
        part.texts("names") or tuple(filter(None, [part.optional_text("subject_cn")])),
        part.moment("not_before"),
        part.moment("not_after"),
        (part.text("sha256"), part.text("sha512")),
        None if first is None or second is None else (first, second),
        part.optional_boolean("signed_by_next") is True,
    )


def read_policy(text: str) -> Policy:
    """Reads the fetched policy; raises ``UnparsedError`` likewise."""
    answer = read_answer(text, "mta-sts")
    return Policy(
        answer.text("outcome"),
        answer.text("detail"),
        answer.optional_integer("status"),
        answer.text("body"),
    )
