"""Where the addresses of a target are, by an offline database that the user supplies.

The question ``{"kind": "place"}`` is answered with one JSON object:

==================  ==========================================================================
``name``            the site's host name, or the mail domain
``at``              when it was asked, ISO 8601, UTC
``databases``       what was read: ``name`` (the file's), ``type`` (as it calls itself), ``built``
                    (ISO 8601), ``sha256``; empty where the inventory names none
``hosts``           the names whose addresses were looked at: the site's own, or those of the
                    domain's mail servers; ``null_mx`` where the domain takes no mail
``addresses``       for each: ``host``, ``ip``, ``public`` (not of a private network), ``country``
                    (ISO 3166-1, or null), ``network`` (number of the autonomous system, or null),
                    ``organisation`` (its name, or null), ``anycast`` (true, or null for unknown)
``left_out``        addresses or hosts beyond those that are kept
==================  ==========================================================================

Options of the target: ``server_name``, ``connect_to``, and ``location_database``: the path of a
file in MaxMind's format (MMDB), or a list of up to four (countries and networks often come apart).
"""

from __future__ import annotations

import hashlib
import ipaddress
import struct
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import maxminddb

from assessor.collect.questions.dns_client import Client
from assessor.collect.questions.dns_lookup import Lookups, plain
from assessor.collect.questions.dns_mail import is_null, mail_servers
from assessor.collect.questions.dns_question import domain_of
from assessor.collect.questions.dns_session import Session
from assessor.collect.questions.http_url import ascii_host
from assessor.collect.questions.place_records import place_in
from assessor.collect.questions.service import Request, option
from assessor.collect.transports.tcp import Clock, Resolver, look_up, resolve
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Role, Target

KIND = "place"

_MOST_FILES = 4
_MOST_HOSTS = 8
_MOST_ADDRESSES = 32
_READ_BYTES = 1_048_576
_LARGEST_FILE = 4_000_000_000

_DAMAGE = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RecursionError,
    MemoryError,
    struct.error,
)
"""What the reader raises at a damaged file, besides its own error."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A host with its addresses."""

    host: str
    ips: tuple[str, ...]


class Place:
    """Looks addresses up. One object serves all targets and threads."""

    def __init__(self, names: Client, resolver: Resolver = resolve) -> None:
        self._names = names
        self._resolver = resolver

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer, as the module's table says.

        Raises:
            TransportError: there was no answer, or a database cannot be read.
        """
        at = datetime.now(UTC)
        paths = _paths(target)
        with ExitStack() as opened:
            databases = [_Database(path, target, opened) for path in paths]
            described = [database.described() for database in databases]
            null_mx, found = (
                self._mail_hosts(target, clock)
                if target.role is Role.MAIL_DOMAIN
                else (False, (self._site(target, clock),))
            )
            kept = [(one.host, ip) for one in found[:_MOST_HOSTS] for ip in one.ips]
            places = [
                {"host": host, "ip": ip, **_place(databases, ip)}
                for host, ip in kept[:_MOST_ADDRESSES]
            ]
        return {
            "kind": KIND,
            "name": ascii_host(option(target, "server_name") or target.address) or target.address,
            "role": target.role.value,
            "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "databases": described,
            "null_mx": null_mx,
            "hosts": [one.host for one in found[:_MOST_HOSTS]],
            "addresses": places,
            "left_out": max(0, len(found) - _MOST_HOSTS) + max(0, len(kept) - _MOST_ADDRESSES),
        }

    def _site(self, target: Target, clock: Clock) -> _Found:
        host = option(target, "connect_to") or target.address
        found = look_up(host, target.port or 443, clock, self._resolver)
        return _Found(host, tuple(dict.fromkeys(address.ip for address in found)))

    def _mail_hosts(self, target: Target, clock: Clock) -> tuple[bool, tuple[_Found, ...]]:
        """Whether the domain takes no mail at all, and the servers that take it."""
        domain = domain_of(target)
        if domain is None:
            return False, ()
        lookups = Lookups(Session(self._names, target, clock))
        asked, records = mail_servers(lookups, domain)
        if not asked.found and not asked.void:
            raise TransportError(
                Reason.DROPPED,
                f"the mail servers of {plain(domain)} could not be looked up: {asked.failure}",
                mend="try again; if it stays so, look at the DNS of this machine and of the domain",
            )
        if is_null(records):
            return True, ()
        # Without MX records, mail goes to the domain's own address (RFC 5321, 5.1).
        names = [record.exchange for record in records] if records else [domain]
        found = []
        for name in names:
            both = lookups.addresses(name)
            ips = tuple(text for one in both if one.found for text in one.texts())
            found.append(_Found(plain(name), ips))
        return False, tuple(found)


def _paths(target: Target) -> tuple[str, ...]:
    named = target.options.get("location_database")
    paths = () if named is None else (named,) if isinstance(named, str) else named
    if (
        not isinstance(paths, tuple | list)
        or len(paths) > _MOST_FILES
        or not all(isinstance(path, str) and path for path in paths)
    ):
        raise TransportError(
            Reason.NOT_RUN,
            f"the option location_database of {target.name} is not the path of a file",
            mend=f"write the path of an MMDB file, or a list of at most {_MOST_FILES}",
        )
    return tuple(str(path) for path in paths)


class _Database:
    """One file that the user supplies. It may be damaged, or be no database at all."""

    def __init__(self, path: str, target: Target, opened: ExitStack) -> None:
        self._path = Path(path)
        self._target = target
        with self._reading():
            if self._path.stat().st_size > _LARGEST_FILE:
                raise ValueError("too large")
            # The reader in Python: a damaged file must not harm more than this question.
            reader = maxminddb.open_database(path, maxminddb.MODE_MMAP)
            self._reader = opened.enter_context(reader)

    def described(self) -> dict[str, object]:
        """What it is, for evidence."""
        digest = hashlib.sha256()
        with self._reading():
            metadata = self._reader.metadata()
            built = _moment(metadata.build_epoch)
            with self._path.open("rb") as file:
                while piece := file.read(_READ_BYTES):
                    digest.update(piece)
        return {
            "name": self._path.name,
            "type": str(metadata.database_type)[:100],
            "built": built,
            "sha256": digest.hexdigest(),
        }

    def record(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> object:
        """What it says of an address; ``None`` for nothing."""
        with self._reading():
            if address.version == 6 and self._reader.metadata().ip_version == 4:
                return None
            return self._reader.get(address)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (OSError, maxminddb.InvalidDatabaseError, *_DAMAGE) as error:
            said = error.strerror if isinstance(error, OSError) else None
            raise TransportError(
                Reason.NOT_RUN,
                f"the location_database {self._path} of {self._target.name} cannot be read: "
                f"{said or 'it is damaged, or no MMDB file'}",
                mend="location_database must name a readable file in MaxMind's format (.mmdb)",
            ) from error


def _moment(epoch: int) -> str | None:
    try:
        return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def _place(databases: Iterable[_Database], ip: str) -> dict[str, object]:
    address = ipaddress.ip_address(ip.partition("%")[0])
    records = [database.record(address) for database in databases]
    return {"public": address.is_global, **place_in(records)}
