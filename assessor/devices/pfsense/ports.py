"""Ports of rules: numbers, ranges, names and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessor.devices.device import Topic
from assessor.devices.pfsense.grammar import Unread

if TYPE_CHECKING:
    from assessor.devices.pfsense.addresses import Alias

_MOST = 65_535
_NEARLY_ALL = 60_000
WELL_KNOWN: Mapping[str, int] = {
    # OPNsense's "well known" names (PortField.php), of /etc/services
    "cvsup": 5999, "domain": 53, "domain-s": 853, "ftp": 21, "ftps": 990, "hbci": 3000,
    "http": 80, "https": 443, "aol": 5190, "auth": 113, "imap": 143, "imaps": 993,
    "ipsec-msft": 4500, "isakmp": 500, "l2f": 1701, "ldap": 389, "ldaps": 636, "ms-streaming": 1755,
    "afs3-fileserver": 7000, "microsoft-ds": 445, "ms-wbt-server": 3389, "wins": 1512, "msnp": 1863,
    "nntp": 119, "nntps": 563, "ntp": 123, "netbios-dgm": 138, "netbios-ns": 137,
    "netbios-ssn": 139, "openvpn": 1194, "pop3": 110, "pop3s": 995, "pptp": 1723, "radius": 1812,
    "radius-acct": 1813, "avt-profile-1": 5004, "sip": 5060, "sips": 5061, "smtp": 25,
    "submission": 587, "smtps": 465, "submissions": 465, "snmp": 161, "snmptrap": 162, "ssh": 22,
    "nat-stun-port": 3478, "stun": 3478, "tftp": 69, "telnet": 23, "tacacs": 49, "urd": 465,
    "rfb": 5900, "rtsp": 554, "syslog": 514, "syslog-tls": 6514, "kerberos": 88, "bgp": 179,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports that a rule names; none for all of them.

    Attributes:
        said: as the configuration has it.
        spans: from and to.
        unsure: more may be meant than is told.
    """

    said: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    unsure: bool = False

    @property
    def all(self) -> bool:
        """Whether it is (nearly) every port."""
        return not self.said or sum(high - low + 1 for low, high in self.spans) >= _NEARLY_ALL

    def touches(self, port: int) -> bool:
        """Whether ``port`` may be meant."""
        return not self.said or self.unsure or any(low <= port <= high for low, high in self.spans)

    def covers(self, port: int) -> bool:
        """Whether ``port`` is surely meant."""
        return not self.said or any(low <= port <= high for low, high in self.spans)

    def covers_all(self, other: Ports) -> bool:
        """Whether all of ``other`` is surely meant."""
        if not self.said or self.said == other.said:
            return True
        if other.unsure or not other.said:
            return False
        return all(
            any(low <= first and last <= high for low, high in self.spans)
            for first, last in other.spans
        )


def read_ports(said: str, aliases: Mapping[str, Alias], unread: Unread) -> Ports:
    """The ports that ``said`` names."""
    words = [word.strip() for word in said.split(",") if word.strip()]
    if not words or "any" in (word.lower() for word in words):
        return Ports()
    spans: list[tuple[int, int]] = []
    unsure = False
    for word in words:
        found = _spans(word, aliases, frozenset())
        if found is None:
            unread.add(f"<port> {word}", Topic.FIREWALL)
            unsure = True
        else:
            spans += found
    return Ports(said, tuple(spans), unsure)


def number(word: str) -> int | None:
    """A port's number; ``None`` where it is none."""
    if word.isascii() and word.isdigit() and len(word) <= 5 and int(word) <= _MOST:
        return int(word)
    return WELL_KNOWN.get(word.lower())


def _spans(
    word: str, aliases: Mapping[str, Alias], within: frozenset[str]
) -> list[tuple[int, int]] | None:
    if (one := number(word)) is not None and word not in aliases:
        return [(one, one)]
    for mark in (":", "-"):
        low, _, high = word.partition(mark)
        first = 1 if low == "any" else number(low)
        last = _MOST if high == "any" else number(high)
        if first is not None and last is not None and first <= last:
            return [(first, last)]
    alias = aliases.get(word)
    if alias is None or alias.type != "port" or word in within:
        return None
    found: list[tuple[int, int]] = []
    for each in alias.content:
        inner = _spans(each, aliases, within | {word})
        if inner is None:
            return None
        found += inner
    return found
