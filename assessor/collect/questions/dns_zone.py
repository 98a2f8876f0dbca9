"""What the DNS says of a domain itself: its signatures, name servers, issuers and aliases."""

from __future__ import annotations

from datetime import UTC, datetime

import dns.name
from dns import rdatatype
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.RRSIG import RRSIG

from assessor.collect.questions.dns_lookup import Lookup, Lookups, plain, weakest
from assessor.collect.questions.dns_signatures import Zone, algorithm_name, key_facts
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

_MOST_NAME_SERVERS = 13
_MOST_NAMES = 30
# Names that companies hand to a supplier by an alias; beside these, options.names is looked at.
_USUAL_NAMES = ("www", "mail", "webmail", "autodiscover", "autoconfig", "mta-sts", "shop")


def zone_facts(lookups: Lookups, domain: dns.name.Name, target: Target) -> dict[str, object]:
    """All that ``dns_security`` judges."""
    start = lookups.look_up(domain, rdatatype.SOA)
    apex = _apex(lookups, domain, start)
    looked_up = [start, *lookups.addresses(domain)]
    zone: dict[str, object] = {}
    if apex is not None:
        at_apex = [
            lookups.look_up(apex, kind)
            for kind in (rdatatype.SOA, rdatatype.NS, rdatatype.MX, rdatatype.TXT)
        ]
        looked_up += at_apex
        zone = {
            "name_servers": _name_servers(lookups, at_apex[1]),
            "has_keys": lookups.look_up(apex, rdatatype.DNSKEY).found,
        }
    # Where an alias leads is another domain's affair.
    verdict = weakest(one.verdict for one in looked_up if not one.aliases)
    return {
        "zone": None if apex is None else plain(apex),
        "exists": "alias" if start.aliases else start.outcome.value,
        "security": verdict.security.value,
        "why": verdict.why and verdict.why.value,
        "detail": verdict.detail,
        "looked_up": [
            {
                "name": plain(one.name),
                "type": rdatatype.to_text(one.kind),
                "outcome": one.outcome.value,
                "security": one.verdict.security.value,
                "aliases": [plain(name) for name in one.aliases],
            }
            for one in looked_up
        ],
        "chain": [_zone(one) for one in lookups.chain.path(apex or domain)],
        "name_servers": [],
        "has_keys": False,
        **zone,
        "caa": _caa(lookups, domain),
        "names": _names(lookups, domain, target),
    }


def _apex(lookups: Lookups, domain: dns.name.Name, start: Lookup) -> dns.name.Name | None:
    """The apex of the zone that ``domain`` stands in: the nearest name with a SOA of its own."""
    name, found = domain, start
    while not (found.found and not found.aliases):
        if len(name) <= 2:
            return None
        name = name.parent()
        found = lookups.look_up(name, rdatatype.SOA)
    return name


def _zone(zone: Zone) -> dict[str, object]:
    return {
        "zone": plain(zone.name) or ".",
        "security": zone.verdict.security.value,
        "why": zone.verdict.why and zone.verdict.why.value,
        "detail": zone.verdict.detail,
        "ds": [
            {
                "key_tag": ds.key_tag,
                "algorithm": int(ds.algorithm),
                "digest_type": int(ds.digest_type),
            }
            for ds in zone.ds[:20]
        ],
        "keys": [key_facts(key) for key in zone.keys or () if isinstance(key, DNSKEY)],
        "signatures": [
            _signature(kind, signature) for kind, signature in sorted(zone.signatures.items())
        ],
    }


def _signature(kind: str, signature: RRSIG) -> dict[str, object]:
    return {
        "type": kind,
        "key_tag": signature.key_tag,
        "algorithm": int(signature.algorithm),
        "algorithm_name": algorithm_name(signature.algorithm),
        "begins": _moment(signature.inception),
        "ends": _moment(signature.expiration),
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_servers(lookups: Lookups, found: Lookup) -> list[dict[str, object]]:
    servers: list[dict[str, object]] = []
    for one in found.records[:_MOST_NAME_SERVERS]:
        if isinstance(one, NS):
            both = lookups.addresses(one.target)
            servers.append(
                {
                    "name": plain(one.target),
                    "addresses": sorted(text for each in both for text in each.texts())[:20],
                    "outcome": "failed" if any(each.failure for each in both) else "looked-up",
                }
            )
    return servers


def _caa(lookups: Lookups, domain: dns.name.Name) -> dict[str, object]:
    """The records that hold for ``domain``: its own or the nearest above it (RFC 8659, 3)."""
    name = domain
    found = lookups.look_up(name, rdatatype.CAA)
    while found.void and len(name) > 2:
        name = name.parent()
        found = lookups.look_up(name, rdatatype.CAA)
    return found.facts()


def _names(lookups: Lookups, domain: dns.name.Name, target: Target) -> list[dict[str, object]]:
    """Where the domain's usual names and those of the inventory lead, if they are aliases."""
    named = target.options.get("names", ())
    if not isinstance(named, tuple) or not all(isinstance(one, str) for one in named):
        raise TransportError(
            Reason.NOT_RUN,
            f"the option names of {target.name} is not a list of names",
            mend="write it as [shop, portal]: the names before the domain",
        )
    labels = dict.fromkeys([*(str(one) for one in named), *_USUAL_NAMES])
    return [_alias(lookups, domain)] + [
        _alias(lookups, domain, *label.split(".")) for label in list(labels)[:_MOST_NAMES]
    ]


def _alias(lookups: Lookups, domain: dns.name.Name, *labels: str) -> dict[str, object]:
    found = lookups.under(domain, *labels, kind=rdatatype.A)
    if found.aliases and not found.found:
        other = lookups.under(domain, *labels, kind=rdatatype.AAAA)
        found = other if other.found else found
    return {
        "name": plain(found.name),
        "outcome": found.outcome.value,
        "aliases": [plain(name) for name in found.aliases],
    }
