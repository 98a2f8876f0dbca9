"""Whether Windows encrypts connections as NCSC-NL asks: Schannel, the sites of IIS, certificates.

A server is judged by what it accepts: the levels are those of ``tls_configuration``. A workstation
that serves nothing is judged by what it offers as a client: the server at the other end chooses, so
that old versions beside new ones are advice, and only what anyone can read is not. What serves with
a TLS of its own (OpenSSL, Java, Firefox) does not go by Schannel and is not seen here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    TlsLevel,
    Told,
    failed,
    nothing_told,
    passed,
    read_registry,
    told,
    unknown,
)

from .certificates import Certificate, bound, read_certificates
from .schannel import Schannel, read_schannel
from .sites import Plain, Site, read_sites
from .weighing import client_remarks, client_weaknesses, has_modern, server_elements

TLS = "tls"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen.

    Attributes:
        at: when.
        schannel: what Schannel is set to, or why that is not known.
        bound: the certificates that http.sys shows: thumbprints by address.
        certificates: those of the computer, by thumbprint.
        sites: the sites of IIS; ``None`` for no IIS.
    """

    at: datetime
    schannel: Told[Schannel]
    bound: Told[dict[str, str]]
    certificates: Told[dict[str, Certificate]]
    sites: Told[tuple[Site, ...] | None]


def observe(captures: Captures) -> Seen:
    """Reads the settings of Schannel and of IIS, and the certificates."""
    return Seen(
        at=captures.at,
        schannel=told(captures, "settings", lambda text: read_schannel(read_registry(text))),
        bound=told(captures, "bindings", lambda text: bound(read_registry(text))),
        certificates=told(captures, "certificates", read_certificates),
        sites=told(captures, "sites", read_sites),
    )


def evaluate(seen: Seen, parameters: Parameters) -> Iterable[Judgement]:
    """One judgement: what fails comes before what was not seen."""
    schannel = seen.schannel.answer
    if schannel is None:
        return [nothing_told(TLS, seen.schannel)]
    lowest = TlsLevel[parameters.text("lowest_grade").upper()]
    serves = schannel.server_edition or schannel.iis
    observed = _observed(schannel, seen)
    expected: Facts = {"lowest_grade": parameters.text("lowest_grade")}
    faults = [*_faults(schannel, serves, lowest), *_other_faults(seen, parameters)]
    advice = (*_advice(schannel, serves, lowest, seen), *_expiring(seen, parameters))
    if faults:
        first, rest = faults[0], tuple(faults[1:])
        return [
            failed(
                TLS,
                first.id,
                first.facts,
                expected=expected,
                observed=observed,
                advice=(*rest, *advice),
            )
        ]
    doubt = _doubt(schannel, serves, seen, parameters)
    match doubt:
        case Judgement():
            return [doubt]
        case Message():
            return [unknown(TLS, doubt.id, doubt.facts, expected=expected, observed=observed)]
    message = "configured" if serves else "client_configured"
    return [passed(TLS, message, expected=expected, observed=observed, advice=advice)]


def _faults(schannel: Schannel, serves: bool, lowest: TlsLevel) -> Iterable[Message]:
    if not serves:
        weak = client_weaknesses(schannel)
        if weak:
            yield Message("client_insufficient", {"what": weak})
        if not has_modern(schannel.client):
            yield Message("no_modern_version")
        return
    elements = server_elements(schannel)
    insufficient = tuple(name for name, grade in elements if grade is TlsLevel.INSUFFICIENT)
    if insufficient:
        yield Message("insufficient", {"what": insufficient})
    below = tuple(name for name, grade in elements if TlsLevel.INSUFFICIENT < grade < lowest)
    if below:
        yield Message("below_wanted", {"what": below})
    if not has_modern(schannel.server):
        yield Message("no_modern_version")


def _other_faults(seen: Seen, parameters: Parameters) -> Iterable[Message]:
    allowed = parameters.texts("plain_sites")
    plain = tuple(
        site.name
        for site in seen.sites.answer or ()
        if site.plain is Plain.YES and site.name not in allowed
    )
    if plain:
        yield Message("plain_sites", {"sites": plain})
    expired = tuple(
        f"{where} ({certificate.subject})"
        for where, certificate in _bound_certificates(seen)
        if certificate.not_after <= seen.at
    )
    if expired:
        yield Message("certificate_expired", {"certificates": expired})


def _bound_certificates(seen: Seen) -> list[tuple[str, Certificate]]:
    certificates = seen.certificates.answer or {}
    return [
        (where, certificates[thumbprint])
        for where, thumbprint in (seen.bound.answer or {}).items()
        if thumbprint in certificates
    ]


def _doubt(
    schannel: Schannel, serves: bool, seen: Seen, parameters: Parameters
) -> Judgement | Message | None:
    """Why a pass cannot be given."""
    if schannel.suites is None:
        return Message("suites_not_seen")
    if not schannel.suites:
        return Message("no_suite_left")
    if not serves:
        return None
    needed: list[Told[Any]] = [seen.bound, seen.certificates]
    if schannel.iis:
        needed.append(seen.sites)
    for each in needed:
        if each.gap is not None or each.unparsed:
            return nothing_told(TLS, each)
    return _doubt_about_sites(seen, parameters)


def _doubt_about_sites(seen: Seen, parameters: Parameters) -> Message | None:
    sites = seen.sites.answer or ()
    bound_at = {where.rpartition(":")[2] for where in seen.bound.answer or ()}
    unbound = tuple(site.name for site in sites if site.https - bound_at)
    if unbound:
        # As with a central store of certificates, of which http.sys keeps no hash.
        return Message("binding_not_seen", {"sites": unbound})
    ports = frozenset(port for site in sites for port in site.https)
    lost = tuple(where for where in _not_found(seen) if where.rpartition(":")[2] in ports)
    if lost:
        return Message("certificate_not_found", {"places": lost})
    unseen = tuple(
        site.name
        for site in sites
        if site.plain is Plain.UNSEEN and site.name not in parameters.texts("plain_sites")
    )
    return Message("redirect_not_seen", {"sites": unseen}) if unseen else None


def _advice(schannel: Schannel, serves: bool, lowest: TlsLevel, seen: Seen) -> Iterable[Message]:
    if serves:
        elements = server_elements(schannel)
        old = tuple(name for name, grade in elements if lowest <= grade <= TlsLevel.PHASE_OUT)
        if old:
            yield Message("phase_out", {"what": old})
    offered = client_remarks(schannel)
    if offered:
        yield Message("old_client_versions", {"what": offered})
    if schannel.by_default and serves:
        yield Message("off_by_default", {"what": schannel.by_default})
    if schannel.weak_dotnet:
        yield Message("weak_dotnet", {"keys": schannel.weak_dotnet})
    if schannel.exchange:
        yield Message("exchange_here")
    elsewhere = _not_found(seen)
    if elsewhere:
        yield Message("certificate_not_found", {"places": elsewhere})


def _not_found(seen: Seen) -> tuple[str, ...]:
    """Where http.sys shows a certificate that is in none of the stores that were looked in."""
    certificates = seen.certificates.answer
    return tuple(
        where
        for where, thumbprint in (seen.bound.answer or {}).items()
        if certificates is not None and thumbprint not in certificates
    )


def _expiring(seen: Seen, parameters: Parameters) -> Iterable[Message]:
    soon = seen.at + timedelta(days=parameters.integer("warn_days"))
    found = [
        (where, certificate.subject, f"{certificate.not_after:%Y-%m-%d}")
        for where, certificate in _bound_certificates(seen)
        if seen.at < certificate.not_after <= soon
    ]
    if found:
        told = tuple(f"{where} ({subject}, {day})" for where, subject, day in found)
        # The days by themselves, for a reader who may not see the names.
        days = tuple(sorted({day for *_, day in found}))
        yield Message("certificate_expires", {"certificates": told, "days": days})


def _observed(schannel: Schannel, seen: Seen) -> Facts:
    sites = seen.sites.answer
    return {
        "build": schannel.build,
        "server": schannel.server,
        "client": schannel.client,
        "suites": schannel.suites,
        "dh_bits": schannel.dh_bits,
        "sites": None if sites is None else tuple(site.name for site in sites),
        "certificates": tuple(c.subject for _, c in _bound_certificates(seen)),
        "exchange": schannel.exchange,
    }


CHECK = Check(observe=observe, evaluate=evaluate)
