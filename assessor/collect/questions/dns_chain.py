"""Follows the signatures from a trust anchor down to a record: DNSSEC, validated here.

What a resolver says of it is not looked at: DS, DNSKEY and RRSIG records are fetched and their
signatures checked (RFC 4035, 5), and where there is no DS, that has to be proved. A record that
does not check out is asked once more of the zone's own name servers, so that a resolver that leaves
out or changes something is not held against the domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from assessor.collect.questions.dns_client import Server
from assessor.collect.questions.dns_denial import Denial, Proof
from assessor.collect.questions.dns_session import Session
from assessor.collect.questions.dns_signatures import (
    Zone,
    signatures_over,
    stands_for,
    usable,
    verify,
)
from assessor.collect.questions.dns_verdict import (
    OPTED_OUT,
    SECURE,
    BogusError,
    Security,
    Verdict,
    Why,
)

_MOST_KEYS = 32
"""More than any zone needs; a message full of them is meant to cost us time (CVE-2023-50387)."""

_MOST_AUTHORITIES = 4

_A, _NS = dns.rdatatype.A, dns.rdatatype.NS
_CNAME, _DNAME = dns.rdatatype.CNAME, dns.rdatatype.DNAME
_DNSKEY, _DS = dns.rdatatype.DNSKEY, dns.rdatatype.DS
_NSEC, _NSEC3 = dns.rdatatype.NSEC, dns.rdatatype.NSEC3


class Chain:
    """The zones between the trust anchors and whatever a question is about."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._zones: dict[dns.name.Name, Zone] = {}
        self._not_cut: set[dns.name.Name] = set()
        self._authorities: dict[dns.name.Name, tuple[Server, ...]] = {}

    def enclosing(self, name: dns.name.Name) -> Zone:
        """The zone that ``name`` stands in; above an unsigned one, it goes no further."""
        anchored = [zone for zone in self._session.anchors if name.is_subdomain(zone)]
        if not anchored:
            return Zone(name, Verdict(Security.INDETERMINATE, Why.NO_ANCHOR))
        start = max(anchored, key=len)
        zone = self._zones.get(start)
        if zone is None:
            zone = self._zones[start] = self._entered(
                start, tuple(self._session.anchors[start]), None
            )
        for depth in range(len(start) + 1, len(name) + 1):
            if not zone.secure:
                break
            child = name.split(depth)[1]
            if child not in self._zones and child not in self._not_cut:
                self._look_for_cut(zone, child)
            zone = self._zones.get(child, zone)
        return zone

    def path(self, name: dns.name.Name) -> tuple[Zone, ...]:
        """The zones from the trust anchor down to the one that ``name`` stands in."""
        self.enclosing(name)
        return tuple(
            sorted(
                (zone for apex, zone in self._zones.items() if name.is_subdomain(apex)),
                key=lambda zone: len(zone.name),
            )
        )

    def judge(
        self, message: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> Verdict:
        """The state of what ``message`` says of ``name`` itself, not of where an alias leads."""
        try:
            return self._judged(message, name, kind)
        except BogusError as error:
            return error.verdict
        except (dns.exception.DNSException, ValueError) as error:
            return Verdict(Security.BOGUS, Why.MISMATCH, type(error).__name__)

    def authorities(self, zone: dns.name.Name) -> tuple[Server, ...]:
        """Some addresses of the name servers of ``zone``, as the resolver has them."""
        if zone not in self._authorities:
            self._authorities[zone] = tuple(self._find_authorities(zone))
        return self._authorities[zone]

    def _find_authorities(self, zone: dns.name.Name) -> Iterable[Server]:
        found: list[Server] = []
        reply = self._session.ask(zone, _NS)
        for host in _targets(reply.message, zone):
            addresses = self._session.ask(host, _A).message
            found += [Server(text) for text in _addresses(addresses, host, _A)]
            if len(found) >= _MOST_AUTHORITIES:
                break
        return found[:_MOST_AUTHORITIES]

    def _look_for_cut(self, zone: Zone, child: dns.name.Name) -> None:
        verdict = Verdict(Security.INDETERMINATE, Why.NO_ANSWER)
        for authorities in self._both_ways(zone.name):
            message = self._session.ask(child, _DS, authorities).message
            if message is None:
                continue
            try:
                found = self._cut(zone, child, message)
            except BogusError as error:
                verdict = _graver(verdict, error.verdict, asked_directly=bool(authorities))
                continue
            except (dns.exception.DNSException, ValueError) as error:
                verdict = Verdict(Security.BOGUS, Why.MISMATCH, type(error).__name__)
                continue
            if found is None:
                self._not_cut.add(child)
            else:
                self._zones[child] = found
            return
        self._zones[child] = Zone(child, verdict)

    def _both_ways(self, zone: dns.name.Name) -> Iterable[tuple[Server, ...]]:
        """First the resolver, then, if it comes to it, the zone's own name servers."""
        yield ()
        authorities = self.authorities(zone)
        if authorities:
            yield authorities

    def _cut(self, zone: Zone, child: dns.name.Name, message: dns.message.Message) -> Zone | None:
        """The zone that begins at ``child``; ``None`` where none does."""
        found = _rrset(message.answer, child, _DS)
        if found is not None:
            verify(zone, found, message.answer, self._session.now)
            return self._entered(child, tuple(one for one in found if isinstance(one, DS)), zone)
        alias = _rrset(message.answer, child, _CNAME)
        if alias is not None:
            verify(zone, alias, message.answer, self._session.now)
            return None
        denial = self._denial(zone, message)
        if denial.unsigned_below(child):
            return Zone(child, Verdict(Security.INSECURE, Why.NO_DS))
        if Proof.WHOLE in (denial.no_type(child, _DS), denial.no_name(child)):
            return None
        if denial.too_costly:
            return Zone(child, Verdict(Security.INSECURE, Why.TOO_COSTLY))
        raise BogusError(Why.NO_PROOF, f"that {child} has no DS record is not proved")

    def _entered(self, name: dns.name.Name, ds: tuple[DS, ...], above: Zone | None) -> Zone:
        """The zone ``name``, whose keys must be among those that ``ds`` stands for."""
        known = usable(ds)
        if not known:
            return Zone(name, Verdict(Security.INSECURE, Why.UNSUPPORTED), ds)
        verdict = Verdict(Security.INDETERMINATE, Why.NO_ANSWER)
        for authorities in self._both_ways(name):
            message = self._session.ask(name, _DNSKEY, authorities).message
            if message is None:
                continue
            zone = Zone(name, SECURE, ds)
            try:
                self._take_keys(zone, message, known)
            except BogusError as error:
                verdict = _graver(verdict, error.verdict, asked_directly=bool(authorities))
                continue
            except (dns.exception.DNSException, ValueError) as error:
                verdict = Verdict(Security.BOGUS, Why.MISMATCH, type(error).__name__)
                continue
            return zone
        if above is None:
            # Where the very first keys are not those that are trusted, no domain is to blame.
            verdict = Verdict(Security.INDETERMINATE, verdict.why, verdict.detail)
        return Zone(name, verdict, ds)

    def _take_keys(self, zone: Zone, message: dns.message.Message, ds: Sequence[DS]) -> None:
        keys = _rrset(message.answer, zone.name, _DNSKEY)
        if keys is None:
            raise BogusError(Why.KEY_MISSING, f"{zone.name} has no DNSKEY records")
        if len(keys) > _MOST_KEYS:
            raise BogusError(Why.OVERLOADED, f"{zone.name} has {len(keys)} DNSKEY records")
        trusted = dns.rrset.RRset(zone.name, dns.rdataclass.IN, _DNSKEY)
        for key in keys:
            if isinstance(key, DNSKEY) and any(stands_for(one, zone.name, key) for one in ds):
                trusted.add(key)
        if not trusted:
            raise BogusError(Why.KEY_MISSING, f"no DNSKEY of {zone.name} is the one of its DS")
        zone.keys = trusted
        verify(zone, keys, message.answer, self._session.now)
        zone.keys = keys

    def _judged(
        self, message: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> Verdict:
        data = _rrset(message.answer, name, kind) or _rrset(message.answer, name, _CNAME)
        if data is None:
            return self._judged_absent(message, name, kind)
        handed_on = _handed_on(message.answer, name)
        if handed_on is not None and data.rdtype == _CNAME:
            data = handed_on  # an alias made of a DNAME has no signature of its own
        signatures = signatures_over(message.answer, data)
        signers = {one.signer for one in signatures if data.name.is_subdomain(one.signer)}
        zone = self.enclosing(max(signers, key=len) if signers else data.name)
        if not zone.secure:
            return zone.verdict
        signature = verify(zone, data, message.answer, self._session.now)
        if signature.labels < len(data.name) - 1 - data.name.is_wild():
            closest = data.name.split(signature.labels + 1)[1]
            proof = self._denial(zone, message).no_closer_name(data.name, closest)
            if proof is Proof.NONE:
                raise BogusError(Why.NO_PROOF, f"that no {data.name} stands beside the wildcard")
            return SECURE if proof is Proof.WHOLE else OPTED_OUT
        return SECURE

    def _judged_absent(
        self, message: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> Verdict:
        signers = {
            one.signer
            for rrset in message.authority
            for one in signatures_over(message.authority, rrset)
            if name.is_subdomain(one.signer)
        }
        zone = self.enclosing(max(signers, key=len) if signers else name)
        if not zone.secure:
            return zone.verdict
        denial = self._denial(zone, message)
        if message.rcode() == dns.rcode.NXDOMAIN:
            proof = denial.no_name(name)
        else:
            proof = denial.no_type(name, kind)
        if proof is not Proof.NONE:
            return SECURE if proof is Proof.WHOLE else OPTED_OUT
        if denial.too_costly:
            return Verdict(Security.INSECURE, Why.TOO_COSTLY)
        below = self.enclosing(name)
        if not below.secure:
            return below.verdict
        raise BogusError(Why.NO_PROOF, f"that {name} is not there is not proved")

    def _denial(self, zone: Zone, message: dns.message.Message) -> Denial:
        """The NSEC and NSEC3 records of ``message`` that ``zone`` has signed."""
        verified = []
        problem: BogusError | None = None
        for rrset in message.authority:
            if rrset.rdtype not in (_NSEC, _NSEC3):
                continue
            try:
                verify(zone, rrset, message.authority, self._session.now)
            except BogusError as error:
                problem = error
            else:
                verified.append(rrset)
        if problem is not None and not verified:
            raise problem
        return Denial(zone.name, verified)


def _graver(before: Verdict, found: Verdict, *, asked_directly: bool) -> Verdict:
    """What to hold on to after a resolver's answer and one of the zone's own servers.

    A resolver may leave signatures out, so that their absence counts only where the zone's own
    servers were asked.
    """
    if not asked_directly and found.why in (Why.UNSIGNED, Why.NO_PROOF):
        return Verdict(Security.INDETERMINATE, found.why, found.detail)
    return found if found.security is Security.BOGUS else before


def _rrset(
    section: Iterable[dns.rrset.RRset], name: dns.name.Name, kind: dns.rdatatype.RdataType
) -> dns.rrset.RRset | None:
    return next((one for one in section if one.rdtype == kind and one.name == name), None)


def _handed_on(section: Iterable[dns.rrset.RRset], name: dns.name.Name) -> dns.rrset.RRset | None:
    """The DNAME that an alias at ``name`` was made of."""
    return next(
        (
            one
            for one in section
            if one.rdtype == _DNAME and name.is_subdomain(one.name) and name != one.name
        ),
        None,
    )


def _targets(message: dns.message.Message | None, zone: dns.name.Name) -> list[dns.name.Name]:
    found = _rrset(message.answer, zone, _NS) if message else None
    return [one.target for one in found or ()]


def _addresses(
    message: dns.message.Message | None, host: dns.name.Name, kind: dns.rdatatype.RdataType
) -> list[str]:
    found = _rrset(message.answer, host, kind) if message else None
    return [one.address for one in found or ()]
