"""Keys and signatures of one zone: DNSKEY, DS and RRSIG records (RFC 4034)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import dns.dnssec
import dns.dnssecalgs
import dns.exception
import dns.name
import dns.rdatatype
import dns.rrset
from dns.dnssectypes import Algorithm, DSDigest
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.dnskeybase import Flag

from assessor.collect.questions.dns_verdict import BogusError, Security, Verdict, Why

_MOST_SIGNATURES = 16
"""More than any zone needs; a message full of them is meant to cost us time (CVE-2023-50387)."""

_SUPPORTED = frozenset(Algorithm(number) for number in (5, 7, 8, 10, 13, 14, 15, 16))
_DIGESTS = frozenset({DSDigest.SHA1, DSDigest.SHA256, DSDigest.SHA384})


@dataclass(slots=True)
class Zone:
    """A zone on the way down, and what is known of it.

    Attributes:
        name: its apex.
        verdict: whether its keys are trusted.
        ds: the DS records above it, or the trust anchors.
        keys: its DNSKEY records, where they are trusted.
        signatures: of each type of record seen in it, the verified signature that ends first.
    """

    name: dns.name.Name
    verdict: Verdict
    ds: tuple[DS, ...] = ()
    keys: dns.rrset.RRset | None = None
    signatures: dict[str, RRSIG] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Whether its keys are trusted."""
        return self.verdict.security is Security.SECURE


def verify(
    zone: Zone, data: dns.rrset.RRset, section: Iterable[dns.rrset.RRset], at: datetime
) -> RRSIG:
    """The signature of ``zone`` over ``data``, in ``section``, that checks out ``at`` that time.

    Raises:
        BogusError: none does.
    """
    kind = dns.rdatatype.to_text(data.rdtype)
    if not data.name.is_subdomain(zone.name):
        raise BogusError(Why.MISMATCH, f"{data.name} does not stand in {zone.name}")
    signatures = [one for one in signatures_over(section, data) if one.signer == zone.name]
    if len(signatures) > _MOST_SIGNATURES:
        raise BogusError(Why.OVERLOADED, f"{len(signatures)} signatures over {data.name}")
    assert zone.keys is not None  # noqa: S101 - a zone without keys is never verified with
    now = at.timestamp()
    why, detail = Why.UNSIGNED, f"{data.name} {kind} has no signature of {zone.name}"
    for signature in signatures:
        if signature.expiration < now:
            why, detail = Why.EXPIRED, f"{data.name} {kind}, on {_moment(signature.expiration)}"
            continue
        if signature.inception > now:
            why, detail = Why.EARLY, f"{data.name} {kind}, until {_moment(signature.inception)}"
            continue
        try:
            dns.dnssec.validate_rrsig(
                data,
                signature,
                {zone.name: zone.keys.to_rdataset()},
                now=now,
                policy=dns.dnssec.allow_all_policy,
            )
        except (dns.exception.ValidationFailure, dns.exception.UnsupportedAlgorithm) as error:
            why, detail = Why.MISMATCH, f"{data.name} {kind}: {error}"
            continue
        known = zone.signatures.get(kind)
        if known is None or signature.expiration < known.expiration:
            zone.signatures[kind] = signature
        return signature
    raise BogusError(why, detail)


def signatures_over(section: Iterable[dns.rrset.RRset], data: dns.rrset.RRset) -> list[RRSIG]:
    """All signatures over ``data`` in ``section``, whoever made them."""
    return [
        one
        for rrset in section
        if rrset.rdtype == dns.rdatatype.RRSIG
        and rrset.name == data.name
        and rrset.covers == data.rdtype
        for one in rrset
        if isinstance(one, RRSIG)
    ]


def usable(ds: Iterable[DS]) -> list[DS]:
    """Those of ``ds`` whose methods are known here; of them the ones with SHA-1 only if need be.

    RFC 4509, 3: where there is a better digest, SHA-1 does not count.
    """
    known = [
        one
        for one in ds
        if Algorithm.make(one.algorithm) in _SUPPORTED
        and DSDigest.make(one.digest_type) in _DIGESTS
    ]
    return [one for one in known if one.digest_type != DSDigest.SHA1] or known


def stands_for(ds: DS, zone: dns.name.Name, key: DNSKEY) -> bool:
    """Whether ``ds`` is about ``key`` of ``zone``."""
    if ds.algorithm != key.algorithm or ds.key_tag != dns.dnssec.key_id(key):
        return False
    made = dns.dnssec.make_ds(
        zone,
        key,
        DSDigest.make(ds.digest_type),
        policy=dns.dnssec.allow_all_policy,
        validating=True,
    )
    return made.digest == ds.digest


def algorithm_name(number: int) -> str:
    """The mnemonic of a DNSSEC algorithm, such as ``ECDSAP256SHA256``."""
    return dns.dnssec.algorithm_to_text(Algorithm.make(number))


def key_facts(key: DNSKEY) -> dict[str, object]:
    """What a DNSKEY is, in plain facts."""
    return {
        "key_tag": dns.dnssec.key_id(key),
        "algorithm": int(key.algorithm),
        "algorithm_name": algorithm_name(key.algorithm),
        "bits": _bits(key),
        "entry": bool(key.flags & Flag.SEP),
    }


def _bits(key: DNSKEY) -> int | None:
    """The length of the key; of an RSA key that of its modulus. ``None`` where it is not known."""
    try:
        chosen = dns.dnssecalgs.get_algorithm_cls_from_dnskey(key).public_cls.from_dnskey(key)
    except (dns.exception.DNSException, ValueError):
        return None
    size = getattr(getattr(chosen, "key", None), "key_size", None)
    return size if isinstance(size, int) else None


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
