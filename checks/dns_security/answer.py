"""The answer to ``{kind: dns, subject: zone}``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assessor.api import Fields, LookedUp, UnparsedError, read_answer, read_lookup


@dataclass(frozen=True, slots=True)
class Key:
    """A DNSKEY: its algorithm by number (IANA) and name, and its length where that is known."""

    algorithm: int
    name: str
    bits: int | None


@dataclass(frozen=True, slots=True)
class Signature:
    """A verified signature of the zone: over which type of record, and from when until when."""

    kind: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone between the root and the domain.

    Attributes:
        name: ``.`` for the root.
        security: ``secure``, ``insecure``, ``bogus`` or ``indeterminate``.
        why: why it is not secure.
        detail: the record that it is about, for people who run name servers.
        ds: of each DS record above it, the algorithm and the type of digest, by number (IANA).
    """

    name: str
    security: str
    why: str
    detail: str
    ds: tuple[tuple[int, int], ...]
    keys: tuple[Key, ...]
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """What the DNS says of a domain.

    Attributes:
        name: the domain; empty where the target is an IP address, and then nothing else is said.
        exists: how the look-up of the domain itself ended.
        apex: the zone that it stands in; ``None`` where none was found.
        security: of the zone's records together, with ``why`` and ``detail``.
        chain: from the root down.
        has_keys: the zone has DNSKEY records, whether or not they are trusted.
        strangers: names outside, where the domain leads by an alias, that are not secure.
        servers: the addresses of each name server, by its name.
        servers_known: all those addresses could be looked up.
        caa: who may issue certificates.
        dangling: names of the domain that lead to a name that does not exist, with that name.
    """

    name: str
    exists: str = ""
    apex: str | None = None
    security: str = ""
    why: str = ""
    detail: str = ""
    chain: tuple[Zone, ...] = ()
    has_keys: bool = False
    strangers: tuple[str, ...] = ()
    servers: Mapping[str, tuple[str, ...]] | None = None
    servers_known: bool = False
    caa: LookedUp | None = None
    dangling: tuple[tuple[str, str], ...] = ()


def read_domain(text: str) -> Domain:
    """Reads the answer.

    Raises:
        UnparsedError: it is not as documented.
    """
    answer = read_answer(text, "dns")
    if answer.text("subject") != "zone":
        raise UnparsedError("subject")
    name = answer.optional_text("domain")
    if name is None:
        return Domain("")
    servers = answer.parts("name_servers")
    domain = Domain(
        name=name,
        exists=answer.text("exists"),
        apex=answer.optional_text("zone"),
        security=answer.text("security"),
        why=answer.optional_text("why") or "",
        detail=answer.text("detail"),
        chain=tuple(_zone(part) for part in answer.parts("chain")),
        has_keys=answer.boolean("has_keys"),
        strangers=_strangers(answer),
        servers={part.text("name"): part.texts("addresses") for part in servers},
        servers_known=all(part.text("outcome") == "looked-up" for part in servers),
        caa=read_lookup(answer.part("caa")),
        dangling=_dangling(answer),
    )
    secure = domain.security == "secure"
    own = domain.chain[-1] if domain.chain else None
    if secure and (domain.why or own is None or own.security != "secure" or not own.keys):
        raise UnparsedError("the parts of the answer contradict each other")
    return domain


def _zone(part: Fields) -> Zone:
    return Zone(
        name=part.text("zone"),
        security=part.text("security"),
        why=part.optional_text("why") or "",
        detail=part.text("detail"),
        ds=tuple((ds.integer("algorithm"), ds.integer("digest_type")) for ds in part.parts("ds")),
        keys=tuple(
            Key(key.integer("algorithm"), key.text("algorithm_name"), key.optional_integer("bits"))
            for key in part.parts("keys")
        ),
        signatures=tuple(
            Signature(one.text("type"), one.moment("begins"), one.moment("ends"))
            for one in part.parts("signatures")
        ),
    )


def _strangers(answer: Fields) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            aliases[-1]
            for part in answer.parts("looked_up")
            if (aliases := part.texts("aliases")) and part.text("security") != "secure"
        )
    )


def _dangling(answer: Fields) -> tuple[tuple[str, str], ...]:
    return tuple(
        (part.text("name"), aliases[-1])
        for part in answer.parts("names")
        if (aliases := part.texts("aliases")) and part.text("outcome") == "no-name"
    )
