"""Visits addresses of a site as a browser does: redirects are followed where that is allowed."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.collect.questions.http_exchange import Exchange, Trust, exchange
from assessor.collect.questions.http_url import Url, join
from assessor.collect.questions.website_headers import cookies, kept_headers
from assessor.collect.questions.website_site import Addresses, Site, with_port
from assessor.collect.transports.tcp import Address, Clock

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_STEPS = 6
_DOCUMENT_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a visit.

    Attributes:
        next: where its answer sends the visitor; ``None`` for nowhere.
        location: the same for evidence: without the query, or ``malformed``; ``None`` for nowhere.
    """

    url: Url
    exchange: Exchange
    next: Url | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with all the redirects that were followed.

    Attributes:
        end: ``answer`` (the last step is one), ``silent`` (the last step got none), ``elsewhere``
            (sent on to a host or port that may not be visited), ``malformed`` (sent on to what is
            no address), ``loop`` or ``too-many``.
    """

    steps: tuple[Step, ...]
    end: str

    @property
    def last(self) -> Step:
        """Where it ended."""
        return self.steps[-1]


class Visitor:
    """Visits one site, each address of it once."""

    def __init__(self, site: Site, addresses: Addresses, trust: Trust, clock: Clock) -> None:
        self._site = site
        self._addresses = addresses
        self._trust = trust
        self._clock = clock
        self._known: dict[tuple[socket.AddressFamily, Url], Exchange] = {}

    def visit(
        self, url: Url, family: socket.AddressFamily, most_bytes: int = _DOCUMENT_BYTES
    ) -> Visit:
        """Gets ``url`` over ``family`` and follows redirects.

        Raises:
            TransportError: the whole time is up, or the run was interrupted.
        """
        steps: list[Step] = []
        current = url
        while True:
            step = self._step(current, family, most_bytes)
            steps.append(step)
            end = self._end(steps)
            if end or step.next is None:
                return Visit(tuple(steps), end or "answer")
            current = step.next

    def get(
        self,
        url: Url,
        family: socket.AddressFamily,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Gets ``url`` and follows nothing.

        Raises:
            TransportError: the whole time is up, or the run was interrupted.
        """
        address = self._address(url, family)
        if address is None:
            return Exchange("no-address", f"{url.host} has no address")
        return exchange(
            url, address, self._trust, self._clock, most_bytes=most_bytes, headers=headers
        )

    def _step(self, url: Url, family: socket.AddressFamily, most_bytes: int) -> Step:
        key = (family, url)
        if key not in self._known:
            self._known[key] = self.get(url, family, most_bytes)
        answer = self._known[key]
        location = answer.value("location")
        if answer.status not in _REDIRECTS or not location:
            return Step(url, answer)
        found = join(url, location)
        return Step(url, answer, found, found.shown if found else "malformed")

    def _end(self, steps: list[Step]) -> str:
        last = steps[-1]
        if not last.exchange.answered:
            return "silent"
        if last.location is None:
            return ""
        if last.next is None:
            return "malformed"
        if not self._site.may_visit(last.next):
            return "elsewhere"
        if last.next in [step.url for step in steps]:
            return "loop"
        return "too-many" if len(steps) == _MOST_STEPS else ""

    def _address(self, url: Url, family: socket.AddressFamily) -> Address | None:
        found = self._addresses.of(url.host)
        # A name that a redirect leads to need not have both kinds of address.
        alike = [one for one in found if one.family == family] or found
        return with_port(alike[0], url.port) if alike else None


def step_facts(step: Step) -> dict[str, object]:
    """A step for evidence."""
    answer = step.exchange
    return {
        "url": step.url.shown,
        "scheme": step.url.scheme,
        "host": step.url.host,
        "outcome": answer.outcome,
        "detail": answer.detail,
        "address": answer.address,
        "trusted_by": answer.trusted_by,
        "status": answer.status or None,
        "location": step.location,
        "headers": kept_headers(answer),
        "cookies": cookies(answer.values("set-cookie")),
        "cookies_count": len(answer.values("set-cookie")),
    }
