"""One question's talk with the DNS: where it asks, what it trusts, and all that it asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import dns.exception
import dns.flags
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.DS import DS

from assessor.collect.questions.dns_client import DNS_PORT, Client, Reply, Server
from assessor.collect.transports.tcp import Clock
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

# IANA, https://data.iana.org/root-anchors/root-anchors.xml: KSK-2017 and KSK-2024.
ROOT_ANCHORS = (
    "20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
)

_MOST_SERVERS = 3
_MOST_QUERIES = 400
"""A domain that needs more than these is built to wear a resolver out."""

_MOST_LOGGED = 200
_MOST_RECORDS = 20
_MOST_CHARACTERS = 300
_MOST_IN_ALL = 200_000
"""Characters of all records that are kept as evidence; beyond this only their number is."""

Anchors = Mapping[dns.name.Name, Sequence[DS]]


class Session:
    """The queries of one question about one target.

    Attributes:
        servers: the resolvers that are asked.
        anchors: the keys that are trusted from the start, by zone.
        now: the moment that signatures are judged by.
    """

    def __init__(self, client: Client, target: Target, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.servers = _servers(target)
        self.anchors = _anchors(target)
        self.now = datetime.now(UTC)
        self._asked = 0
        self._characters = 0
        self._logged: list[dict[str, object]] = []

    def ask(
        self,
        name: dns.name.Name,
        kind: dns.rdatatype.RdataType,
        authorities: Sequence[Server] = (),
    ) -> Reply:
        """The reply of the resolvers, or of ``authorities`` asked directly.

        Raises:
            TransportError: the time is up, the run was interrupted, or too much had to be asked.
        """
        self._asked += 1
        if self._asked > _MOST_QUERIES:
            raise TransportError(
                Reason.PROTOCOL,
                f"more than {_MOST_QUERIES} queries were needed, the last for {name}",
                mend="look at the aliases and delegations of this domain: they lead ever on",
            )
        reply, kept = self._client.ask(
            authorities or self.servers, name, kind, self._clock, recursive=not authorities
        )
        self._log(name, kind, reply, kept)
        if authorities and reply.message and not reply.message.flags & dns.flags.AA:
            # Not, or no longer, a name server of that zone: what it says of it proves nothing.
            return replace(reply, message=None, failure="it does not answer for this zone")
        return reply

    def evidence(self) -> dict[str, object]:
        """Where was asked, what was trusted, and every query with its answer."""
        return {
            "resolvers": [str(server) for server in self.servers],
            "trust_anchors": [
                f"{zone} {anchor.to_text()}"
                for zone, anchors in self.anchors.items()
                for anchor in anchors
            ],
            "queries_count": self._asked,
            "queries": self._logged,
        }

    def _log(
        self, name: dns.name.Name, kind: dns.rdatatype.RdataType, reply: Reply, kept: bool
    ) -> None:
        if len(self._logged) >= _MOST_LOGGED:
            return
        entry: dict[str, object] = {
            "name": name.to_text(),
            "type": dns.rdatatype.to_text(kind),
            "server": str(reply.server),
            "transport": reply.transport,
            "seconds": reply.seconds,
            "kept": kept,
        }
        message = reply.message
        if message is None:
            entry["failure"] = reply.failure
        else:
            entry["code"] = dns.rcode.to_text(message.rcode())
            entry["flags"] = dns.flags.to_text(message.flags)
            records = [
                f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} {rdata.to_text()}"
                for rrset in (*message.answer, *message.authority)
                for rdata in rrset
            ]
            kept_records = [text[:_MOST_CHARACTERS] for text in records[:_MOST_RECORDS]]
            self._characters += sum(map(len, kept_records))
            entry["records"] = kept_records if self._characters <= _MOST_IN_ALL else []
            entry["records_count"] = len(records)
        self._logged.append(entry)


def _servers(target: Target) -> tuple[Server, ...]:
    texts = _texts(target, "resolver")
    if not texts:
        try:
            system = dns.resolver.Resolver()
        except (dns.exception.DNSException, OSError) as error:
            raise TransportError(
                Reason.NOT_RUN,
                "this machine names no resolver for domain names",
                mend="set options.resolver of this target to a resolver's IP address",
            ) from error
        texts = tuple(str(server) for server in system.nameservers)
    return tuple(_server(target, text) for text in texts[:_MOST_SERVERS])


def _server(target: Target, text: str) -> Server:
    address, port = text, DNS_PORT
    try:
        if text.startswith("[") and "]:" in text:
            address, _, number = text[1:].rpartition("]:")
            port = int(number)
        elif text.count(":") == 1:
            address, _, number = text.partition(":")
            port = int(number)
        ipaddress.ip_address(address)
    except ValueError:
        port = 0
    if not 0 < port < 65_536:
        raise TransportError(
            Reason.NOT_RUN,
            f"the option resolver of {target.name} is not an IP address: {text[:60]!r}",
            mend="write an address such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353",
        )
    return Server(address, port)


def _anchors(target: Target) -> Anchors:
    anchors: dict[dns.name.Name, list[DS]] = {}
    for text in _texts(target, "trust_anchor") or ROOT_ANCHORS:
        zone, anchor = _anchor(target, text)
        anchors.setdefault(zone, []).append(anchor)
    return anchors


def _anchor(target: Target, text: str) -> tuple[dns.name.Name, DS]:
    """``[ZONE [TTL] [IN] DS] KEYTAG ALGORITHM DIGESTTYPE DIGEST``."""
    before, _, after = text.rpartition(" DS ")
    try:
        zone = dns.name.from_text(before.split()[0]) if before else dns.name.root
        anchor = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DS, after)
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        raise TransportError(
            Reason.NOT_RUN,
            f"the option trust_anchor of {target.name} is not a DS record: {text[:60]!r}",
            mend=f"write it as {ROOT_ANCHORS[0][:20]}..., with the zone before it where it is not "
            "the root's: example. DS 12345 13 2 ...",
        ) from error
    assert isinstance(anchor, DS)  # noqa: S101 - that is what was asked of the parser
    return zone, anchor


def _texts(target: Target, name: str) -> tuple[str, ...]:
    value = target.options.get(name)
    values: Iterable[object]
    if value is None:
        return ()
    values = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else (None,)
    texts = tuple(one for one in values if isinstance(one, str))
    if len(texts) != len(tuple(values)):
        raise TransportError(
            Reason.NOT_RUN,
            f"the option {name} of {target.name} is no text, nor a list of them",
            mend=f"write {name} as a text in the inventory, in quotes if need be",
        )
    return texts
