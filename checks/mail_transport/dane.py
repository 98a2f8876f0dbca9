"""Whether a mail server shows what its TLSA records promise (RFC 7672, DANE for SMTP)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from enum import Enum

from .answers import Certificate, Host, Met, Names

_RECORD = re.compile(r"(\d{1,3}) (\d{1,3}) (\d{1,3}) ([0-9A-Fa-f ]+)\Z")

TRUST_ANCHOR, END_ENTITY = 2, 3
"""The certificate usages that SMTP knows (RFC 7672, 3.1): 0 and 1 are not for it."""

_WHOLE, _KEY = 0, 1
_FULL, _SHA256, _SHA512 = 0, 1, 2


class Dane(Enum):
    """What DANE says of a mail server."""

    NONE = "no TLSA records"
    MATCH = "validated, and the certificate is the one"
    MISMATCH = "validated, and the certificate is another"
    UNUSABLE = "validated, and none of a kind that mail servers use"
    NOT_SIGNED = "there, but without DNSSEC they mean nothing"
    BROKEN = "there, or denied, with signatures that do not check out"
    UNKNOWN = "could not be looked up, or not be compared"


def dane_of(names: Names, host: Host, met: Met | None, at: datetime) -> Dane:
    """What the TLSA records of ``host`` make of what it showed."""
    tlsa = host.tlsa
    if tlsa.security == "bogus":
        return Dane.BROKEN
    if not tlsa.usable:
        return Dane.UNKNOWN
    if not tlsa.found:
        return Dane.NONE
    # RFC 7672, 2.2: the whole way there is validated, from the domain to the server's address.
    addresses = [one for one in (host.ipv4, host.ipv6) if one.found]
    if not (
        names.mx
        and names.mx.secure
        and tlsa.secure
        and addresses
        and all(one.secure for one in addresses)
    ):
        return Dane.NOT_SIGNED
    records = [record for text in tlsa.records if (record := _read(text)) is not None]
    if not records:
        return Dane.UNUSABLE
    if met is None or not met.chain:
        return Dane.UNKNOWN
    expected = (host.name, names.domain)
    if any(_matches(record, met, expected, at) for record in records):
        return Dane.MATCH
    return Dane.MISMATCH


_Record = tuple[int, int, int, str]


def _read(text: str) -> _Record | None:
    """Usage, selector, matching type and data, where SMTP can use them."""
    match = _RECORD.match(text)
    if match is None:
        return None
    usage, selector, matching = (int(match[position]) for position in (1, 2, 3))
    if (
        usage not in (TRUST_ANCHOR, END_ENTITY)
        or selector not in (_WHOLE, _KEY)
        or matching not in (_FULL, _SHA256, _SHA512)
    ):
        return None
    return usage, selector, matching, match[4].replace(" ", "").lower()


def _matches(record: _Record, met: Met, names: tuple[str, ...], at: datetime) -> bool:
    usage, selector, matching, data = record
    if usage == END_ENTITY:
        return _is(met.chain[0], selector, matching, data)
    return any(
        _is(one, selector, matching, data) and _vouched(met, one, names, at) for one in met.chain
    )


def _vouched(met: Met, anchor: Certificate, names: tuple[str, ...], at: datetime) -> bool:
    """Whether the chain leads from the server's own certificate to ``anchor``.

    With this usage, names and days count as well (RFC 7672, 3.1.2 and 3.2.2).
    """
    own, below = met.chain[0], met.chain[: met.chain.index(anchor)]
    return (
        all(one.signed_by_next for one in below)
        and all(one.begins <= at <= one.ends for one in (*below, anchor))
        and any(stands_for(pattern, name) for pattern in own.names for name in names)
    )


def stands_for(pattern: str, name: str) -> bool:
    """Whether ``pattern`` (perhaps ``*.`` and a name, RFC 9525, 6.3) is about ``name``."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    if not pattern.startswith("*."):
        return pattern == name
    _, _, above = name.partition(".")
    return above == pattern[2:]


def _is(certificate: Certificate, selector: int, matching: int, data: str) -> bool:
    digests = certificate.whole if selector == _WHOLE else certificate.key
    if digests is None:
        return False
    sha256, sha512 = digests
    if matching == _SHA512:
        return data == sha512
    if matching == _FULL:
        try:
            data = hashlib.sha256(bytes.fromhex(data)).hexdigest()
        except ValueError:
            return False
    return data == sha256
