"""Reads ``linux_databases.sh``: which engines run where, and who can reach them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from assessor.api import Record, records

LOOPBACK = re.compile(r"(127(\.[0-9]{1,3}){3}|::1|localhost|localhost6|ip6-localhost)\Z")
EVERYWHERE = frozenset({"*", "0.0.0.0", "::", "::0"})  # noqa: S104 - recognised, not bound


@dataclass(frozen=True, slots=True)
class Server:
    """A database server that runs.

    Attributes:
        engine: ``postgresql``, ``mysql``, ``redis``, ``mongodb`` or ``mssql``.
        contained: it runs in a container, where the commands of this machine do not reach.
        port: where it answers, as far as its own command line says.
    """

    engine: str
    contained: bool
    port: int | None


@dataclass(frozen=True, slots=True)
class Host:
    """What the script saw.

    Attributes:
        hidden: other users' processes cannot be seen.
        listening: the addresses on which something listens, by port; ``None`` where the kernel's
            tables could not be read.
        others: databases of which this check knows no more than the name.
        mongo_options: options of MongoDB's command line; some come without a value.
        mongo_lines: the lines of its settings that decide who gets in; ``None`` without a file.
        unreadable: files that are there but closed to this user.
        skip_grant_tables: files that switch off MySQL's accounts.
    """

    hidden: bool
    servers: tuple[Server, ...]
    installed: tuple[str, ...]
    listening: Mapping[int, tuple[str, ...]] | None
    others: tuple[str, ...]
    mongo_options: Mapping[str, str]
    mongo_lines: tuple[str, ...] | None
    unreadable: tuple[str, ...]
    skip_grant_tables: tuple[str, ...]

    def of(self, engine: str) -> tuple[Server, ...]:
        """The servers of ``engine`` that run on this machine itself."""
        return tuple(s for s in self.servers if s.engine == engine and not s.contained)

    def addresses(self, port: int) -> tuple[str, ...] | None:
        """The addresses beyond this machine on which ``port`` listens."""
        if self.listening is None:
            return None
        return tuple(a for a in self.listening.get(port, ()) if not LOOPBACK.match(a))


def read_host(output: str) -> Host | None:
    """What the script saw; ``None`` when its output is not whole or holds what it never prints."""
    found = records(output)
    if found is None:
        return None
    kinds = {kind for kind, _ in found}
    if not kinds <= _KINDS:
        return None

    def texts(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for each, text in found if each == kind))

    servers = [_server(text) for kind, text in found if kind == "process"]
    listening = _listening(found)
    if None in servers or listening is _STRANGE:
        return None
    tables, closed = texts("table"), [t for t in texts("unreadable") if t.startswith("/proc/")]
    options = (text.partition(" ") for text in texts("mongo_option"))
    return Host(
        hidden=("processes", "hidden") in found,
        servers=tuple(server for server in servers if server is not None),
        installed=texts("installed"),
        listening=listening if tables and not closed else None,
        others=texts("other"),
        mongo_options={name: value for name, _, value in options},
        mongo_lines=_mongo_lines(found),
        unreadable=texts("unreadable"),
        skip_grant_tables=texts("skip_grant_tables"),
    )


_KINDS = frozenset(
    {"process", "processes", "installed", "listen", "table", "unreadable", "other"}
    | {"mongo_option", "mongo_file", "mongo", "skip_grant_tables"}
)
_STRANGE: Mapping[int, tuple[str, ...]] = {-1: ()}


def _server(text: str) -> Server | None:
    match = re.match(
        r"(postgresql|mysql|redis|mongodb|mssql) (host|container)(?: ([0-9]{1,5}|unseen))?\Z", text
    )
    if match is None:
        return None
    port = int(match[3]) if match[3] and match[3] != "unseen" else None
    return Server(match[1], match[2] == "container", port)


def _listening(found: tuple[Record, ...]) -> Mapping[int, tuple[str, ...]]:
    """Addresses by port; ``_STRANGE`` where a line is not of the kernel's form."""
    by_port: dict[int, list[str]] = {}
    for kind, text in found:
        if kind != "listen":
            continue
        match = re.match(r"([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\Z", text)
        if match is None:
            return _STRANGE
        by_port.setdefault(int(match[2], 16), []).append(str(_address(match[1])))
    return {port: tuple(dict.fromkeys(addresses)) for port, addresses in by_port.items()}


def _address(digits: str) -> IPv4Address | IPv6Address:
    """The kernel prints addresses as 32-bit words in its own byte order, here little-endian."""
    words = (bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8))
    address = ip_address(b"".join(words))
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _mongo_lines(found: tuple[Record, ...]) -> tuple[str, ...] | None:
    """The first file's lines: MongoDB's own name for it comes before an older one."""
    lines: list[str] | None = None
    for kind, text in found:
        if kind == "mongo_file":
            if lines is not None:
                break
            lines = []
        elif kind == "mongo" and lines is not None:
            lines.append(text.removeprefix("| "))
    return None if lines is None else tuple(lines)
