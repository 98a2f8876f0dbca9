"""What NSEC and NSEC3 records prove not to exist (RFC 4035, 5.4; RFC 5155, 8; RFC 6840, 4).

Pure: the records that come in here have been verified already.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3

MOST_ITERATIONS = 150
"""Beyond this a proof is not weighed: RFC 9276, 3.2 lets a validator do so."""

_OPT_OUT = 0x01
_SHA1 = 1
"""The only hash that NSEC3 knows (RFC 5155, 11)."""


class Proof(Enum):
    """How far it is proved that something does not exist."""

    NONE = "not at all"
    WHOLE = "wholly"
    OPTED_OUT = "but for a zone that is not signed, which may be there (RFC 5155, 6)"


_Windows = Sequence[tuple[int, bytes]]
_CNAME, _DNAME = dns.rdatatype.CNAME, dns.rdatatype.DNAME
_DS, _NS, _SOA = dns.rdatatype.DS, dns.rdatatype.NS, dns.rdatatype.SOA


@dataclass(frozen=True, slots=True)
class _Plain:
    """One NSEC: nothing stands between ``owner`` and ``next``."""

    owner: dns.name.Name
    next: dns.name.Name
    windows: _Windows

    def covers(self, name: dns.name.Name) -> bool:
        last = self.next <= self.owner  # it leads back to the apex
        between = self.owner < name and (last or name < self.next)
        # What stands below a cut is another zone's affair (RFC 6840, 4.1).
        return between and not (name.is_subdomain(self.owner) and _leads_away(self.windows))


@dataclass(frozen=True, slots=True)
class _Hashed:
    """One NSEC3: nothing hashes to between ``owner`` and ``next``."""

    owner: str
    next: str
    windows: _Windows
    opt_out: bool

    def covers(self, hashed: str) -> bool:
        if self.owner < self.next:
            return self.owner < hashed < self.next
        return hashed > self.owner or hashed < self.next


class Denial:
    """The verified NSEC and NSEC3 records of one answer, all from ``zone``."""

    def __init__(self, zone: dns.name.Name, rrsets: Iterable[dns.rrset.RRset]) -> None:
        self._zone = zone
        self._plain: list[_Plain] = []
        self._hashed: list[_Hashed] = []
        self._salt, self._iterations = b"", 0
        self.too_costly = False
        for rrset in rrsets:
            for rdata in rrset:
                self._take(rrset.name, rdata)

    def _take(self, owner: dns.name.Name, rdata: dns.rdata.Rdata) -> None:
        if isinstance(rdata, NSEC):
            self._plain.append(_Plain(owner, rdata.next, rdata.windows))
        elif isinstance(rdata, NSEC3) and rdata.algorithm == _SHA1:
            if rdata.iterations > MOST_ITERATIONS:
                self.too_costly = True
                return
            if not self._hashed:
                self._salt, self._iterations = rdata.salt, rdata.iterations
            elif (rdata.salt, rdata.iterations) != (self._salt, self._iterations):
                return  # of another chain; one proof rests on one chain (RFC 5155, 8.2)
            self._hashed.append(
                _Hashed(
                    owner.labels[0].decode("ascii", "replace").upper(),
                    base64.b32hexencode(rdata.next).decode("ascii").rstrip("="),
                    rdata.windows,
                    bool(rdata.flags & _OPT_OUT),
                )
            )

    def no_type(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Proof:
        """The name may exist, but has no records of ``kind`` and no alias."""
        windows = self._at(name)
        if windows is not None:
            return _proof(_denies(windows, kind))
        if self._plain:
            return _proof(self._empty_between(name) or self._no_type_by_wildcard(name, kind))
        found = self._closest_and_cover(name)
        if found is None:
            return Proof.NONE
        closest, cover = found
        if cover.opt_out and kind == _DS:
            return Proof.OPTED_OUT
        wildcard = self._at(dns.name.Name((b"*", *closest.labels)))
        return _proof(wildcard is not None and _denies(wildcard, kind), cover)

    def no_name(self, name: dns.name.Name) -> Proof:
        """The name does not exist, nor a wildcard that would stand in for it."""
        if self._plain:
            covering = self._covering(name)
            if covering is None or self._empty_between(name):
                return Proof.NONE
            wildcard = dns.name.Name((b"*", *_shared(name, covering).labels))
            return _proof(self._covering(wildcard) is not None)
        found = self._closest_and_cover(name)
        if found is None:
            return Proof.NONE
        closest, cover = found
        hashed = self._hash(dns.name.Name((b"*", *closest.labels)))
        return _proof(any(one.covers(hashed) for one in self._hashed), cover)

    def no_closer_name(self, name: dns.name.Name, closest: dns.name.Name) -> Proof:
        """Nothing stands between ``name`` and the wildcard below ``closest`` that answered."""
        closer = name.split(len(closest) + 1)[1]
        if self._plain:
            covering = self._covering(name)
            return _proof(covering is not None and len(_shared(name, covering)) <= len(closest))
        hashed = self._hash(closer)
        cover = next((one for one in self._hashed if one.covers(hashed)), None)
        return _proof(cover is not None, cover)

    def unsigned_below(self, name: dns.name.Name) -> bool:
        """``name`` is handed on to a zone that need not be signed."""
        windows = self._at(name)
        if windows is not None:
            return _has(windows, _NS) and not _has(windows, _SOA) and not _has(windows, _DS)
        found = self._closest_and_cover(name)
        return found is not None and found[1].opt_out

    def _at(self, name: dns.name.Name) -> _Windows | None:
        """The types that exist at ``name`` itself, where a record tells."""
        for plain in self._plain:
            if plain.owner == name:
                return plain.windows
        if self._hashed:
            hashed = self._hash(name)
            for one in self._hashed:
                if one.owner == hashed:
                    return one.windows
        return None

    def _covering(self, name: dns.name.Name) -> _Plain | None:
        return next((plain for plain in self._plain if plain.covers(name)), None)

    def _empty_between(self, name: dns.name.Name) -> bool:
        """``name`` exists only because something stands below it."""
        covering = self._covering(name)
        return covering is not None and covering.next.is_subdomain(name)

    def _no_type_by_wildcard(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> bool:
        covering = self._covering(name)
        if covering is None:
            return False
        wildcard = self._at(dns.name.Name((b"*", *_shared(name, covering).labels)))
        return wildcard is not None and _denies(wildcard, kind)

    def _closest_and_cover(self, name: dns.name.Name) -> tuple[dns.name.Name, _Hashed] | None:
        """The closest encloser, and what covers the next closer name (RFC 5155, 8.3)."""
        closer = name
        while self._hashed and closer != self._zone and closer.is_subdomain(self._zone):
            parent = closer.parent()
            windows = self._at(parent)
            if windows is not None:
                if _leads_away(windows):
                    return None
                hashed = self._hash(closer)
                cover = next((one for one in self._hashed if one.covers(hashed)), None)
                return None if cover is None else (parent, cover)
            closer = parent
        return None

    def _hash(self, name: dns.name.Name) -> str:
        return dns.dnssec.nsec3_hash(name, self._salt, self._iterations, _SHA1).upper()


def _proof(proved: bool, cover: _Hashed | None = None) -> Proof:
    if not proved:
        return Proof.NONE
    return Proof.OPTED_OUT if cover is not None and cover.opt_out else Proof.WHOLE


def _shared(name: dns.name.Name, covering: _Plain) -> dns.name.Name:
    """The closest encloser that a covering NSEC shows: the longest name shared with its ends."""
    return max(
        (name.split(name.fullcompare(end)[2])[1] for end in (covering.owner, covering.next)),
        key=len,
    )


def _denies(windows: _Windows, kind: dns.rdatatype.RdataType) -> bool:
    if _has(windows, kind) or _has(windows, _CNAME):
        return False
    if kind == _DS:  # only the zone above can say this
        return not _has(windows, _SOA)
    return not (_has(windows, _NS) and not _has(windows, _SOA))


def _leads_away(windows: _Windows) -> bool:
    return (_has(windows, _NS) and not _has(windows, _SOA)) or _has(windows, _DNAME)


def _has(windows: _Windows, kind: dns.rdatatype.RdataType) -> bool:
    number, rest = divmod(int(kind), 256)
    byte, bit = divmod(rest, 8)
    return any(
        window == number and byte < len(bitmap) and bool(bitmap[byte] & (0x80 >> bit))
        for window, bitmap in windows
    )
