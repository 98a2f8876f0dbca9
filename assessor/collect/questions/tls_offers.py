"""Everything of TLS that a service offers to its visitors: versions, suites, groups and the rest.

The question ``{"kind": "tls-offers", "service": "https"}`` takes a service of
``starttls.SERVICES``, with a port after a colon where that is not the usual one (``smtp:2525``).
Without one it goes to the target's port, or to the usual port with ``"beside": true``: that is
for a service beside the one that the target is. It is answered with one JSON object:

=====================  =======================================================================
``service``            as asked for: ``https``, ``smtp`` ...
``address``            the IP address that answered
``port``               TCP port
``server_name``        the name in SNI
``at``, ``seconds``    when it was asked (ISO 8601, UTC), and how long all of it took
``connections``        how many connections it took, two at a time at most
``tls``                ``offered``; or ``not-offered``: the service speaks in clear only, and
                       ``refusal`` says how it turned TLS down. The rest is missing then.
``gaps``               what could not be found out, in words; empty: all that follows is complete
``versions``           SSLv2 to TLSv1.3: ``accepted``, ``refused`` or ``no-answer``
``suites``             per accepted version: ``names``, in the order in which the server chose
                       them, and ``order``: ``server``, ``client``, ``single`` or ``unclear``
``groups``             per version (TLS 1.3, and the newest before it): names, in that order
``dh``                 Diffie-Hellman parameters up to TLS 1.2: ``bits``, ``group`` (a published
                       one, or null), ``generator``
``signature``          the scheme that a key exchange of TLS 1.2 is signed with, or null
``weak_signatures``    schemes with MD5, SHA-1 or SHA-224 that it accepts for that
``renegotiation``      whether RFC 5746 is known; null where TLS 1.3 alone is accepted
``master_secret``      whether RFC 7627 (extended master secret) is known; null as above
``compression``        the compression method that it takes, ``none``; null as above
``early_data``         ``state``: ``offered``, ``not-offered``, ``no-ticket``, ``not-testable``
                       or null without TLS 1.3; ``bytes``: the most that a ticket allows
``alpn``               the application protocol chosen, or null
``certificates``       per certificate presented: ``chain`` (``certificates.py`` names the
                       fields), ``chain_length``, ``versions`` with which it came, ``ocsp``
                       (``tls_offers_ocsp.py`` names the fields)
=====================  =======================================================================

Options of the target: ``server_name`` and ``connect_to``, as for a handshake. Renegotiation that
a client begins is not tried: no visitor does that, and it is a load on the server.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address

from assessor.collect.questions import starttls, tls_records
from assessor.collect.questions import tls_offers_names as names
from assessor.collect.questions import tls_offers_session as session
from assessor.collect.questions.service import Request, Service, service_of
from assessor.collect.questions.tls_offers_enumerate import ACCEPTED, Enumerator, Version
from assessor.collect.questions.tls_offers_names import SSL2, SSL3, TLS10, TLS12, TLS13
from assessor.collect.questions.tls_offers_ocsp import describe as describe_staple
from assessor.collect.questions.tls_offers_wire import (
    Ended,
    Endpoint,
    Reply,
    flight_suffices,
    not_reached,
)
from assessor.collect.transports.certificates import MOST_CERTIFICATES, describe
from assessor.collect.transports.tcp import Clock, Resolver, look_up, resolve
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

KIND = "tls-offers"
_AT_ONCE = 2
"""Connections side by side to one service."""

_COMPRESSIONS = (1, 64, 0)
_WEB_PROTOCOLS = ("h2", "http/1.1")
_CURVES = {"ec-secp256r1": 0x17, "ec-secp384r1": 0x18, "ec-secp521r1": 0x19}


@dataclass(frozen=True, slots=True)
class _Presented:
    """A chain of certificates, and what came along with it."""

    version: int
    chain: tuple[bytes, ...]
    staple: bytes | None


class TlsOffers:
    """Asks what a service offers. One object serves all targets and threads."""

    def __init__(self, resolver: Resolver = resolve) -> None:
        self._resolver = resolver

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer, as the module's table says.

        Raises:
            TransportError: there was no answer.
        """
        kind, service = _service(target, request)
        began, at = time.monotonic(), datetime.now(UTC)
        addresses = look_up(service.host, service.port, clock, self._resolver)
        endpoint = Endpoint(kind, _sni(service.server_name), addresses, clock)
        try:
            facts = _Survey(endpoint, kind, f"{service.server_name}, port {service.port}").run()
        except starttls.NotOfferedError as error:
            facts = {"tls": "not-offered", "refusal": str(error)}
        except starttls.NotSpokenError as error:
            raise TransportError(
                Reason.PROTOCOL,
                f"{service.server_name}, port {service.port}, does not speak {kind}: {error}",
                mend="check the services of this target in the inventory",
            ) from error
        return {
            "kind": KIND,
            "service": kind,
            "address": endpoint.address.ip,
            "port": service.port,
            "server_name": service.server_name,
            "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "connections": endpoint.connections,
            **facts,
            "seconds": round(time.monotonic() - began, 3),
        }


class _Survey:
    """One service, asked about everything."""

    def __init__(self, endpoint: Endpoint, kind: str, place: str) -> None:
        self._endpoint = endpoint
        self._kind = kind
        self._place = place
        protocols = _WEB_PROTOCOLS if kind == "https" else ()
        self._enumerator = Enumerator(endpoint, protocols)
        self._gaps: list[str] = []
        self._presented: list[_Presented] = []
        self._facts: dict[str, object] = {
            "tls": "offered",
            "dh": [],
            "signature": None,
            "weak_signatures": [],
            "renegotiation": None,
            "master_secret": None,
            "compression": None,
            "early_data": {"state": None, "bytes": None},
            "alpn": None,
        }

    def run(self) -> dict[str, object]:
        self._first_contact()
        versions = self._versions()
        accepted = {code: found for code, found in versions.items() if found.state == ACCEPTED}
        if not accepted:
            if not self._gaps:
                raise not_reached(self._kind, self._place, [Reply(Ended.ALERT)])
            raise TransportError(
                Reason.TIMED_OUT,
                f"{self._place}: {self._gaps[0]}",
                mend="try again; if it stays so, look at any firewall before the server",
            )
        older = max((code for code in accepted if SSL3 <= code <= TLS12), default=None)
        if older is not None:
            self._flight(older, accepted[older])
        jobs: list[tuple[str, Callable[[], None]]] = []
        groups: dict[str, list[str]] = {}
        if TLS13 in accepted:
            jobs.append(("groups", lambda: self._groups_tls13(accepted[TLS13], groups)))
            jobs.append(("session", lambda: self._session(accepted[TLS13])))
        if older is not None:
            jobs.append(("curves", lambda: self._groups_older(older, accepted[older], groups)))
            jobs.append(("dh", lambda: self._primes(older, accepted)))
        if TLS12 in accepted:
            jobs.append(("signatures", lambda: self._signatures(accepted[TLS12])))
        self._all(jobs)
        self._still_there(accepted, older)
        return {
            **self._facts,
            "versions": {names.VERSIONS[code]: found.state for code, found in versions.items()},
            "suites": {
                names.VERSIONS[code]: {"names": _suites(code, found), "order": found.order}
                for code, found in accepted.items()
            },
            "groups": groups,
            "certificates": self._certificates(),
            "gaps": self._gaps,
        }

    def _first_contact(self) -> None:
        """Ends at once where nothing is to be had: no more is asked of a tarpit."""
        replies: list[Reply] = []
        for version in (TLS12, TLS13, TLS10):
            hello = self._enumerator.hello(version, names.offered(version)[0])
            reply = self._endpoint.ask(hello)
            if reply.hello is not None or reply.ended is Ended.ALERT:
                return
            replies.append(reply)
            if reply.ended is Ended.GARBAGE:
                break
        else:
            # What speaks the oldest versions only may hang up on all that is newer.
            reply = self._endpoint.ask(self._enumerator.hello(SSL3, names.offered(SSL3)[0]))
            if reply.hello is not None or self._enumerator.ssl2().state == ACCEPTED:
                return
        raise not_reached(self._kind, self._place, replies)

    def _versions(self) -> dict[int, Version]:
        found = {code: Version("no-answer") for code in names.VERSIONS}

        def look(code: int) -> None:
            found[code] = (
                self._enumerator.ssl2()
                if code == SSL2
                else self._enumerator.version(code, session.shares)
            )
            self._gaps.extend(found[code].gaps)

        # The newest first: they matter most where time runs short.
        self._all([(names.VERSIONS[code], partial(look, code)) for code in reversed(found)])
        return found

    def _flight(self, version: int, found: Version) -> None:
        """The whole first flight of the newest version before TLS 1.3, per kind of certificate."""
        by_kind: dict[str, list[int]] = {}
        # Suites without a certificate come last: the first flight shows the settings as well.
        for code in sorted(found.suites, key=lambda code: "_anon_" in names.name(code)):
            by_kind.setdefault(names.authentication(code), []).append(code)
        for suites in by_kind.values():
            self._look("the certificate", partial(self._one_flight, version, suites))

    def _one_flight(self, version: int, suites: list[int]) -> None:
        offer = self._enumerator.hello(version, suites, compressions=_COMPRESSIONS, status=True)
        reply = self._endpoint.ask(offer, flight_suffices)
        if reply.refused:
            offer = self._enumerator.hello(version, suites, status=True)
            reply = self._endpoint.ask(offer, flight_suffices)
        hello = reply.hello
        if hello is None:
            self._gaps.append("the certificate: no answer")
            return
        if reply.chain:
            status = reply.messages.get(tls_records.CERTIFICATE_STATUS)
            self._presented.append(_Presented(version, reply.chain, _staple(status)))
        if self._facts["renegotiation"] is None:
            exchange = reply.exchange
            scheme = exchange.signature if exchange is not None else None
            self._facts.update(
                renegotiation=tls_records.RENEGOTIATION in hello.extensions,
                master_secret=tls_records.EXTENDED_MASTER_SECRET in hello.extensions,
                compression=names.COMPRESSIONS.get(hello.compression, str(hello.compression)),
                alpn=hello.protocol,
                signature=None if scheme is None else names.signature_name(scheme),
            )

    def _groups_tls13(self, found: Version, groups: dict[str, list[str]]) -> None:
        codes, gaps = self._enumerator.groups_tls13(found)
        groups[names.VERSIONS[TLS13]] = [names.group_name(code) for code in codes]
        self._gaps.extend(gaps)

    def _groups_older(self, version: int, found: Version, groups: dict[str, list[str]]) -> None:
        codes, gaps = self._enumerator.groups_tls12(version, found, self._certificate_group())
        groups[names.VERSIONS[version]] = [names.group_name(code) for code in codes]
        self._gaps.extend(gaps)

    def _certificate_group(self) -> int | None:
        for presented in self._presented:
            kind = str(describe(presented.chain[:1])[0].get("key_type"))
            if kind in _CURVES:
                return _CURVES[kind]
        return None

    def _primes(self, version: int, accepted: dict[int, Version]) -> None:
        seen = [exchange for found in accepted.values() for exchange in found.exchanges.values()]
        classic = self._enumerator.classic_prime(version, accepted[version])
        seen += [] if classic is None else [classic]
        unique = {(one.prime, one.generator): one for one in seen if one.prime}
        self._facts["dh"] = [
            {
                "bits": int.from_bytes(one.prime, "big").bit_length(),
                "group": names.prime_name(one.prime),
                "generator": int.from_bytes(one.generator[:4], "big"),
            }
            for one in unique.values()
        ]

    def _signatures(self, found: Version) -> None:
        codes, gaps = self._enumerator.weak_signatures(found)
        self._facts["weak_signatures"] = [names.signature_name(code) for code in codes]
        self._gaps.extend(gaps)

    def _session(self, found: Version) -> None:
        group = next((code for code in found.groups if code in session.GROUPS), None)
        hello = self._enumerator.hello(TLS13, found.suites, status=True)
        shown = None
        # The group that it chose may be one that keys cannot be agreed on here; then another.
        for one in dict.fromkeys([group, *session.GROUPS[:2]]):
            if one is not None and shown is None:
                shown = session.shake_hands(self._endpoint, hello, one)
        if shown is None:
            self._facts["early_data"] = {"state": "not-testable", "bytes": None}
            self._gaps.append("TLSv1.3: no handshake was completed, so no ticket was seen")
            return
        if shown.chain:
            self._presented.append(_Presented(TLS13, shown.chain, shown.staple))
        self._facts["alpn"] = shown.protocol or self._facts["alpn"]
        state = "offered" if shown.early_data else "not-offered"
        if not shown.tickets:
            state = "no-ticket"
            if not shown.finished:
                self._gaps.append("TLSv1.3: whether a ticket allows early data")
        self._facts["early_data"] = {"state": state, "bytes": shown.early_data}

    def _still_there(self, accepted: dict[int, Version], older: int | None) -> None:
        """A refusal counts as one only if the service still answers at the end."""
        version = older if older is not None else max(accepted)
        if version == SSL2:
            return
        found = accepted[version]
        hello = self._enumerator.hello(version, found.suites, shares=found.shares)

        def look() -> None:
            if self._endpoint.ask(hello).hello is None:
                self._gaps.append("it stopped answering on the way")

        self._look("the end", look)

    def _certificates(self) -> list[dict[str, object]]:
        by_own: dict[bytes, list[_Presented]] = {}
        for presented in self._presented:
            by_own.setdefault(presented.chain[0], []).append(presented)
        certificates: list[dict[str, object]] = []
        for several in by_own.values():
            chain = several[0].chain
            staple = next((one.staple for one in several if one.staple), None)
            certificates.append(
                {
                    "chain": describe(chain[:MOST_CERTIFICATES]),
                    "chain_length": len(chain),
                    "versions": sorted({names.VERSIONS[one.version] for one in several}),
                    "ocsp": describe_staple(staple, chain),
                }
            )
        return certificates

    def _all(self, jobs: list[tuple[str, Callable[[], None]]]) -> None:
        """Does all of ``jobs``, two at a time."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tls-offers") as pool:
            for done in [pool.submit(self._look, part, job) for part, job in jobs]:
                done.result()

    def _look(self, part: str, job: Callable[[], None]) -> None:
        """Does ``job``; what ends it before time is a gap, and what it found is kept."""
        try:
            job()
        except (starttls.NotOfferedError, starttls.NotSpokenError) as error:
            self._gaps.append(f"{part}: {error}")
        except TransportError as error:
            if error.reason is Reason.INTERRUPTED:
                raise
            self._gaps.append(f"{part}: {error}")


def _service(target: Target, request: Request) -> tuple[str, Service]:
    """Which service is asked, and where.

    Raises:
        TransportError: there is no such service (reason ``not-run``).
    """
    kind, colon, port = str(request.get("service", "https")).partition(":")
    if kind not in starttls.SERVICES or (colon and not _is_port(port)):
        raise TransportError(
            Reason.NOT_RUN,
            f"{request.get('service')!r} is no service that can be asked for its TLS",
            mend=f"write one of {', '.join(starttls.SERVICES)}, with its port: smtp:25",
        )
    where = service_of(target, request, starttls.SERVICES[kind])
    if colon:
        where = Service(where.host, int(port), where.server_name)
    elif request.get("beside"):
        where = Service(where.host, starttls.SERVICES[kind], where.server_name)
    return kind, where


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65_536


def _sni(name: str) -> str:
    """The name as it is sent; an IP address is not (RFC 6066, section 3).

    Raises:
        TransportError: it is no name that can be sent.
    """
    try:
        ip_address(name)
    except ValueError:
        pass
    else:
        return ""
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise TransportError(
            Reason.NAME_NOT_FOUND,
            f"{name!r} is not a name that a certificate can carry",
            mend="set the option server_name of this target to the service's host name",
        ) from error


def _suites(version: int, found: Version) -> list[str]:
    if version == SSL2:
        return [names.SSL2_SUITES.get(code, f"0x{code:06x}") for code in found.suites]
    return [names.name(code) for code in found.suites]


def _staple(status: bytes | None) -> bytes | None:
    if status is None:
        return None
    try:
        return tls_records.read_status(status)
    except tls_records.MalformedError:
        return None
