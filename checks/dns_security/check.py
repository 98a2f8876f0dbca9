"""Judges whether a domain is signed with DNSSEC, from the root down and with today's methods."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    Told,
    failed,
    not_applicable,
    nothing_told,
    passed,
    told,
    unknown,
)

from .answer import Domain, Zone, read_domain

MEASURE = "dnssec"

# IANA, "DNS Security Algorithm Numbers", column "Use for DNSSEC Signing" (RFC 9904): MUST NOT for
# RSAMD5, DSA, GOST and, since RFC 9905, for everything with SHA-1 (5, 7).
OUTDATED = frozenset({1, 3, 5, 6, 7, 12})
# The same registry says NOT RECOMMENDED of RSASHA512.
NOT_RECOMMENDED = frozenset({10})
RSA = frozenset({1, 5, 7, 8, 10})
SHORTEST_RSA_BITS = 1024
GOOD_RSA_BITS = 2048
# IANA, "Digest Algorithms" of DS records: MUST NOT for SHA-1 (RFC 9904, RFC 9905) and GOST.
OUTDATED_DIGESTS = frozenset({1, 3})

BOGUS = {
    "signature-expired": "expired",
    "signature-not-yet-valid": "not_yet_valid",
    "signature-missing": "signature_missing",
    "signature-wrong": "signature_wrong",
    "no-key-for-ds": "wrong_key",
    "denial-not-proved": "denial_missing",
    "too-many-keys-or-signatures": "overloaded",
}
NOT_KNOWN = {"signature-missing": "no_dnssec_here", "no-key-for-ds": "other_root"}
INSECURE = {"unsupported-algorithm": "unsupported", "too-many-iterations": "too_many_iterations"}

_TOGETHER = {4: 24, 6: 48}
"""Name servers within one network of this size (bits of the prefix) fall out together."""


def observe(captures: Captures) -> Told[Domain]:
    return told(captures, "zone", read_domain)


def evaluate(seen: Told[Domain], parameters: Parameters) -> list[Judgement]:
    if seen.answer is None:
        return [nothing_told(MEASURE, seen)]
    if not seen.answer.name:
        return [not_applicable(MEASURE, "no_domain_name")]
    return [_judge(seen.answer, seen.at, parameters)]


def _judge(domain: Domain, at: datetime, parameters: Parameters) -> Judgement:
    observed, expected = _observed(domain), {"security": "secure"}
    facts: Facts = {"domain": domain.name, "zone": domain.apex or domain.name}
    if domain.exists == "no-name" and domain.security in ("secure", "insecure"):
        return unknown(MEASURE, "no_such_name", facts, expected=expected, observed=observed)
    guilty = next((zone for zone in domain.chain if zone.security != "secure"), None)
    why, detail = domain.why, domain.detail
    if guilty is not None:
        why, detail = guilty.why or why, guilty.detail or detail
        # The root has no name that a reader would know.
        facts = {**facts, "zone": domain.name if guilty.name == "." else guilty.name}
    facts = {**facts, "detail": detail}
    advice = _advice(domain, at, parameters)
    match domain.security:
        case "secure" if domain.apex is not None:
            wrong = _weak(domain, domain.chain[-1])
            if wrong is not None:
                return failed(
                    MEASURE,
                    wrong.id,
                    wrong.facts,
                    expected=expected,
                    observed=observed,
                    advice=advice,
                )
            return passed(
                MEASURE,
                "signed",
                {"domain": domain.name, "algorithm": _algorithms(domain.chain[-1])},
                expected=expected,
                observed=observed,
                advice=advice,
            )
        case "bogus" if why in BOGUS:
            return failed(
                MEASURE, BOGUS[why], facts, expected=expected, observed=observed, advice=advice
            )
        case "insecure":
            message = INSECURE.get(why) or _unsigned(domain, guilty)
            return failed(
                MEASURE, message, facts, expected=expected, observed=observed, advice=advice
            )
        case _:
            message = NOT_KNOWN.get(why, "no_answer")
            return unknown(MEASURE, message, facts, expected=expected, observed=observed)


def _unsigned(domain: Domain, guilty: Zone | None) -> str:
    if guilty is not None and domain.apex is not None and guilty.name != domain.apex:
        return "unsigned_above"
    return "not_linked" if domain.has_keys else "unsigned"


def _weak(domain: Domain, own: Zone) -> Message | None:
    """What makes a chain that checks out worth little."""
    linked = {algorithm for algorithm, _ in own.ds}
    if linked and linked <= OUTDATED:
        return Message("outdated_algorithm", {"domain": domain.name, "algorithm": _algorithms(own)})
    if own.ds and all(digest in OUTDATED_DIGESTS for _, digest in own.ds):
        return Message("outdated_digest", {"domain": domain.name})
    for key in own.keys:
        if key.algorithm in RSA and key.bits is not None and key.bits < SHORTEST_RSA_BITS:
            return Message("weak_key", {"domain": domain.name, "bits": key.bits})
    return None


def _advice(domain: Domain, at: datetime, parameters: Parameters) -> tuple[Message, ...]:
    advice = [*_advice_on_signatures(domain, at, parameters)]
    if domain.strangers:
        advice.append(Message("alias_unsigned", {"names": _some(domain.strangers)}))
    if domain.security != "bogus" and domain.caa and domain.caa.usable and not domain.caa.found:
        advice.append(Message("no_caa", {"domain": domain.name}))
    if domain.dangling:
        names = tuple(f"{name} → {leads_to}" for name, leads_to in domain.dangling)
        advice.append(Message("dangling_alias", {"names": _some(names)}))
    together = _together(domain)
    if together is not None:
        advice.append(together)
    return tuple(advice)


def _advice_on_signatures(
    domain: Domain, at: datetime, parameters: Parameters
) -> tuple[Message, ...]:
    if domain.security != "secure":
        return ()
    own = domain.chain[-1]
    advice = []
    warn = timedelta(days=parameters.integer("min_days_left"))
    # Some name servers sign for a day or two at a time: a fixed number of days would always warn.
    ending = [
        one for one in own.signatures if one.ends - at < min(warn, (one.ends - one.begins) / 4)
    ]
    if ending:
        first = min(ending, key=lambda one: one.ends)
        advice.append(
            Message("ends_soon", {"domain": domain.name, "until": first.ends.date().isoformat()})
        )
    short = [
        key.bits
        for key in own.keys
        if key.algorithm in RSA and key.bits is not None and key.bits < GOOD_RSA_BITS
    ]
    if short:
        advice.append(Message("short_key", {"domain": domain.name, "bits": min(short)}))
    if any(algorithm in NOT_RECOMMENDED for algorithm, _ in own.ds):
        advice.append(Message("old_algorithm", {"domain": domain.name}))
    return tuple(advice)


def _together(domain: Domain) -> Message | None:
    """Whether one outage takes all name servers away; said only where all of them are known."""
    servers = domain.servers or {}
    if not servers or not domain.servers_known:
        return None
    if len(servers) == 1:
        return Message("one_name_server", {"name": next(iter(servers))})
    networks = set()
    for text in {address for addresses in servers.values() for address in addresses}:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        prefix = _TOGETHER[address.version]
        networks.add(ipaddress.ip_network(f"{address}/{prefix}", strict=False))
    by_version = {version: {n for n in networks if n.version == version} for version in (4, 6)}
    if networks and all(len(found) <= 1 for found in by_version.values()):
        return Message("name_servers_together", {"networks": _some(tuple(map(str, networks)))})
    return None


def _observed(domain: Domain) -> Facts:
    own = domain.chain[-1] if domain.chain else None
    ends = min((one.ends for one in own.signatures), default=None) if own else None
    return {
        "zone": domain.apex,
        "security": domain.security,
        "why": domain.why or None,
        "chain": tuple(f"{zone.name} {zone.security}" for zone in domain.chain),
        "algorithms": _algorithms(own) if own else None,
        "signatures_end": ends.date().isoformat() if ends else None,
        "name_servers": tuple(domain.servers or ()),
        "caa": domain.caa.records if domain.caa else (),
    }


def _algorithms(zone: Zone) -> str:
    return ", ".join(dict.fromkeys(key.name for key in zone.keys))


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(sorted(names)[:5])
    return f"{shown}, …" if len(names) > 5 else shown


CHECK = Check(observe=observe, evaluate=evaluate)
