"""The site that a question is about: its names, its ports, and where a visit may go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessor.collect.questions.http_url import Url, ascii_host
from assessor.collect.questions.service import Request, option, service_of
from assessor.collect.transports.tcp import Address, Clock, Resolver, look_up
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

_HTTP, _HTTPS = 80, 443


@dataclass(frozen=True, slots=True)
class Site:
    """A site as the inventory has it.

    Attributes:
        name: host name that visitors type.
        connect_to: host or IP address to connect to instead; empty for none.
        https_port: of encrypted connections.
        http_port: of plain ones; ``None`` where they are not asked: a service on a port of its
            own has nothing to do with what else the machine serves.
        allowed: every name that may be visited, the site's own included.
    """

    name: str
    connect_to: str
    https_port: int
    http_port: int | None
    allowed: frozenset[str]

    def may_visit(self, url: Url) -> bool:
        """Whether a redirect to ``url`` is followed: an allowed name, on the site's own ports."""
        port = self.https_port if url.scheme == "https" else self.http_port
        return url.host in self.allowed and url.port == port

    def is_own(self, host: str) -> bool:
        """Whether ``host`` is first-party: an allowed name, or one below the site's."""
        base = self.name.removeprefix("www.")
        return host in self.allowed or host == base or host.endswith(f".{base}")


def site_of(target: Target, request: Request, inventory: Iterable[str]) -> Site:
    """The site of ``target``; ``inventory`` has the names of all its sites.

    Raises:
        TransportError: the inventory says what cannot be (reason ``not-run``).
    """
    service = service_of(target, request, _HTTPS)
    name = ascii_host(service.server_name)
    if name is None:
        raise TransportError(
            Reason.NAME_NOT_FOUND,
            f"{service.server_name!r} is not a name that a website can have",
            mend="check the address in the inventory",
        )
    known = {ascii_host(one) for one in (*inventory, *_allowed_hosts(target))}
    return Site(
        name=name,
        connect_to=option(target, "connect_to") or "",
        https_port=service.port,
        http_port=_http_port(target, service.port),
        allowed=frozenset({name, *(one for one in known if one)}),
    )


def _http_port(target: Target, https_port: int) -> int | None:
    port = target.options.get("http_port")
    if port is None:
        return _HTTP if https_port == _HTTPS else None
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65_536:
        raise TransportError(
            Reason.NOT_RUN,
            f"{port!r} is not a port",
            mend="set the option http_port of this target to a number from 1 to 65535",
        )
    return port


def _allowed_hosts(target: Target) -> list[str]:
    hosts = target.options.get("allowed_hosts", [])
    if not isinstance(hosts, list | tuple) or not all(
        isinstance(one, str) and ascii_host(one) for one in hosts
    ):
        raise TransportError(
            Reason.NOT_RUN,
            f"the option allowed_hosts of {target.name} is not a list of host names",
            mend="write allowed_hosts as a list: [www.example.nl, shop.example.nl]",
        )
    return list(hosts)


class Addresses:
    """Looks names up once, so that all of a question goes to the addresses found first."""

    def __init__(self, site: Site, clock: Clock, resolver: Resolver) -> None:
        self._site = site
        self._clock = clock
        self._resolver = resolver
        self._found: dict[str, list[Address]] = {}

    def of(self, host: str) -> list[Address]:
        """The addresses of ``host``; none where it has none.

        Raises:
            TransportError: the time is up, or the run was interrupted.
        """
        if host not in self._found:
            own = host == self._site.name and self._site.connect_to
            try:
                found = look_up(own or host, self._site.https_port, self._clock, self._resolver)
            except TransportError as error:
                if error.reason is not Reason.NAME_NOT_FOUND or host == self._site.name:
                    raise
                found = []
            self._found[host] = found
        return self._found[host]


def with_port(address: Address, port: int) -> Address:
    """The same address, at ``port``."""
    host, _, *rest = address.sockaddr
    sockaddr = (host, port, *rest)
    return Address(address.family, sockaddr)  # type: ignore[arg-type]
