"""What the DNS says of a domain's mail: where it goes, how it is encrypted, who may send."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import dns.name
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dns import rdatatype
from dns.rdtypes.ANY.MX import MX

from assessor.collect.questions.dns_lookup import Lookup, Lookups, name_of, plain
from assessor.collect.questions.dns_spf import SpfWalk
from assessor.collect.questions.service import Request
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

MOST_SERVERS = 10
_SMTP = "_25"
_MOST_SELECTORS = 40
_ED25519_BYTES = 32
_MOST_ABOVE = 8
"""How far up a DMARC record is sought (RFC 9989, 4.10)."""

_REPORT_TO = re.compile(r"mailto:[^@,;\s]+@([A-Za-z0-9.-]{1,253})", re.IGNORECASE)
_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_-]+)*\Z")


def mail_servers(lookups: Lookups, domain: dns.name.Name) -> tuple[Lookup, tuple[MX, ...]]:
    """The MX records of ``domain``, the most wanted first."""
    found = lookups.look_up(domain, rdatatype.MX)
    records = [one for one in found.records if isinstance(one, MX)]
    return found, tuple(sorted(records, key=lambda one: (one.preference, one.exchange)))


def is_null(records: tuple[MX, ...]) -> bool:
    """Whether these MX records say that the domain takes no mail (RFC 7505)."""
    return len(records) == 1 and records[0].exchange == dns.name.root


def mail_transport(lookups: Lookups, domain: dns.name.Name) -> dict[str, object]:
    """MX records with the addresses and TLSA records of each, MTA-STS and TLS-RPT."""
    found, records = mail_servers(lookups, domain)
    hosts = [
        _host(lookups, one.preference, one.exchange)
        for one in records[:MOST_SERVERS]
        if one.exchange != dns.name.root
    ]
    if found.void:  # then the domain itself takes the mail (RFC 5321, 5.1)
        hosts = [_host(lookups, 0, domain)]
    return {
        "mx": found.facts(),
        "null_mx": is_null(records),
        "hosts": hosts,
        "mta_sts": lookups.under(domain, "_mta-sts", kind=rdatatype.TXT).facts(),
        "tls_rpt": lookups.under(domain, "_smtp", "_tls", kind=rdatatype.TXT).facts(),
    }


def _host(lookups: Lookups, preference: int, name: dns.name.Name) -> dict[str, object]:
    ipv4, ipv6 = lookups.addresses(name)
    return {
        "name": plain(name),
        "preference": preference,
        "a": ipv4.facts(),
        "aaaa": ipv6.facts(),
        "tlsa": lookups.under(name, _SMTP, "_tcp", kind=rdatatype.TLSA).facts(),
    }


def mail_authentication(
    lookups: Lookups, domain: dns.name.Name, target: Target, request: Request
) -> dict[str, object]:
    """SPF with all that it includes, DMARC, and the DKIM keys that can be found."""
    found, records = mail_servers(lookups, domain)
    return {
        "mx": found.facts(),
        "null_mx": is_null(records),
        "spf": SpfWalk(lookups).facts(domain),
        **_dmarc(lookups, domain),
        **_dkim(lookups, domain, target, request),
    }


def _dmarc(lookups: Lookups, domain: dns.name.Name) -> dict[str, object]:
    """The record of the domain itself and, where it has none, those of the domains above it."""
    found = [lookups.under(domain, "_dmarc", kind=rdatatype.TXT)]
    above = domain.parent()
    while not _is_dmarc(found[0]) and above != dns.name.root and len(found) <= _MOST_ABOVE:
        found.append(lookups.under(above, "_dmarc", kind=rdatatype.TXT))
        above = above.parent()
    places = {
        place.lower().rstrip(".")
        for one in found
        if _is_dmarc(one)
        for text in one.texts()
        for place in _REPORT_TO.findall(text)
    }
    return {
        "dmarc": [one.facts() for one in found],
        "report_permissions": [
            _permission(lookups, domain, place)
            for place in sorted(places)[:5]
            if not _kin(place, plain(domain))
        ],
    }


def _permission(lookups: Lookups, domain: dns.name.Name, place: str) -> dict[str, object]:
    """Whether another domain takes reports about this one (RFC 9990, 4)."""
    name = name_of(place)
    labels = [label.decode("ascii", "replace") for label in domain.labels if label]
    if name is None:
        return {"place": place, "found": None}
    return {
        "place": place,
        "found": lookups.under(name, *labels, "_report", "_dmarc", kind=rdatatype.TXT).facts(),
    }


def _kin(place: str, domain: str) -> bool:
    return place == domain or place.endswith(f".{domain}") or domain.endswith(f".{place}")


def _is_dmarc(found: Lookup) -> bool:
    return any(text.replace(" ", "").lower().startswith("v=dmarc1") for text in found.texts())


def _dkim(
    lookups: Lookups, domain: dns.name.Name, target: Target, request: Request
) -> dict[str, object]:
    named = _selectors(target.options.get("dkim_selectors"), target)
    usual = _selectors(tuple(_listed(request.get("selectors"))), target)
    below = lookups.under(domain, "_domainkey", kind=rdatatype.TXT)
    # Where this name does not exist, nothing does below it (RFC 8020): the usual ones are spared.
    asked = named or (() if below.outcome == "no-name" else usual)
    return {
        "dkim_below": below.facts(),
        "dkim_named": list(named),
        "dkim_asked": list(asked),
        "dkim": [
            {"selector": selector, "found": found.facts(), "key": _key(found)}
            for selector in asked
            if (
                found := lookups.under(
                    domain, *selector.split("."), "_domainkey", kind=rdatatype.TXT
                )
            ).found
            or selector in named
        ],
    }


def _key(found: Lookup) -> dict[str, object] | None:
    """Kind and size of the public key in a DKIM record (RFC 6376, 3.6.1; RFC 8463)."""
    if len(found.records) != 1:
        return None
    tags = dict(_tags(found.texts()[0]))
    try:
        raw = base64.b64decode("".join(tags.get("p", "").split()), validate=True)
        if tags.get("k", "rsa") == "ed25519":
            return {"type": "ed25519", "bits": 256 if len(raw) == _ED25519_BYTES else None}
        key = serialization.load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return {"type": "rsa", "bits": key.key_size} if isinstance(key, rsa.RSAPublicKey) else None


def _tags(text: str) -> Iterator[tuple[str, str]]:
    for word in text.split(";"):
        name, _, value = word.partition("=")
        yield name.strip(), value.strip()


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _selectors(value: object, target: Target) -> tuple[str, ...]:
    if value is None:
        return ()
    selectors = [one for one in _listed(value) if isinstance(one, str) and _SELECTOR.match(one)]
    if not isinstance(value, list | tuple) or len(selectors) != len(value):
        raise TransportError(
            Reason.NOT_RUN,
            f"the option dkim_selectors of {target.name} is not a list of selectors",
            mend="write it as [selector1, selector2]: what stands after s= in the header "
            "DKIM-Signature of a message that the domain sent",
        )
    return tuple(selectors[:_MOST_SELECTORS])
