"""What a visitor of a website gets, as a browser asks for it; nothing is posted and nobody logs in.

The question ``{"kind": "website", "port": 443}`` is answered with one JSON object:

===================  =========================================================================
``name``             the host name that was asked for
``at``, ``seconds``  when it was asked, ISO 8601, UTC, and how long all of it took
``ports``            ``http`` (null: not asked) and ``https``
``allowed``          every name that a redirect may lead to
``trust``            ``ca_file``: the extra authority that the inventory names (``name``,
                     ``sha256``), or null
``addresses``        ``ipv4`` and ``ipv6``: the addresses of the name; the first of each is asked
``visits``           for ``ipv4`` and ``ipv6`` (``family``) and for ``http`` and ``https``
                     (``scheme``): ``steps``, one for each request, and ``end`` (``answer``,
                     ``silent``, ``elsewhere``, ``malformed``, ``loop``, ``too-many``)
``page``             what the page at the end loads; null where there is none (``no_page`` says
                     why: ``no-answer``, ``elsewhere``, ``status``, ``not-html``, ``packed``)
``scripts``          the site's own scripts of that page: ``url``, ``outcome``, ``status``,
                     ``whole``, ``marks``, ``hosts``
``scripts_left``     how many of them were not asked for
``security_txt``     see ``website_security_txt.py``; null where it was not asked for
``paths``            ``path``, ``kind``, ``outcome``, ``status``, ``shown`` for each fixed address
``stopped``          null, or why what follows is missing: ``timed-out``, ``deadline``, ``silent``
===================  =========================================================================

A step has ``url`` (never its query), ``scheme``, ``host``, ``outcome``, ``detail``, ``address``,
``trusted_by``, ``status``, ``location``, ``headers`` (by name), ``cookies`` (all of them but the
values) and ``cookies_count``.

Options of the target: ``server_name``, ``connect_to``, ``ca_file`` (see ``tls_handshake.py``),
``http_port`` (of plain HTTP where it is not 80) and ``allowed_hosts`` (names outside the inventory
that redirects may lead to).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from assessor.collect.questions.http_exchange import Trust
from assessor.collect.questions.http_url import Url
from assessor.collect.questions.service import Request
from assessor.collect.questions.smtp import require_store
from assessor.collect.questions.tls_handshake import (
    extra_authority,
)
from assessor.collect.questions.website_page import read_page
from assessor.collect.questions.website_paths import FIRST_BYTES, FIXED_PATHS
from assessor.collect.questions.website_script import hosts_of, marks_of
from assessor.collect.questions.website_security_txt import (
    MOST_BYTES,
    PATH,
    security_txt_facts,
)
from assessor.collect.questions.website_site import Addresses, Site, site_of
from assessor.collect.questions.website_visit import Visit, Visitor, step_facts
from assessor.collect.transports import tls
from assessor.collect.transports.tcp import Clock, Resolver, resolve
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

KIND = "website"

_FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
_MOST_SCRIPTS = 8
_SCRIPT_BYTES = 524_288
_MOST_SILENT = 2
"""After so many addresses without an answer in a row, the rest is not asked for."""


class Website:
    """Visits websites. One object serves all targets and threads."""

    def __init__(self, resolver: Resolver = resolve, inventory: Iterable[str] = ()) -> None:
        """``inventory`` has the names of all sites of the inventory."""
        self._resolver = resolver
        self._inventory = frozenset(inventory)

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer, as the module's table says.

        Raises:
            TransportError: there was no answer.
        """
        site = site_of(target, request, self._inventory)
        extra = extra_authority(target)
        require_store()
        began, at = time.monotonic(), datetime.now(UTC)
        addresses = Addresses(site, clock, self._resolver)
        found = addresses.of(site.name)
        trust = Trust(tls.verifying(extra.pem) if extra else None)
        tour = _Tour(site, Visitor(site, addresses, trust, clock))
        families = [
            name for name, family in _FAMILIES.items() if any(a.family == family for a in found)
        ]
        try:
            for facts in tour.stages(families):
                tour.facts.update(facts)
        except TransportError as error:
            # What was learned before the time was up is kept; a run that is stopped is not.
            if error.reason is Reason.INTERRUPTED or not tour.facts["visits"]:
                raise
            tour.facts["stopped"] = error.reason.value
        return {
            "kind": KIND,
            "name": site.name,
            "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(time.monotonic() - began, 3),
            "ports": {"http": site.http_port, "https": site.https_port},
            "allowed": sorted(site.allowed),
            "trust": {"ca_file": extra and {"name": extra.path, "sha256": extra.sha256}},
            "addresses": {
                name: [a.ip for a in found if a.family == family]
                for name, family in _FAMILIES.items()
            },
            **tour.facts,
        }


class _Tour:
    """All that is asked of one site, the most telling first."""

    def __init__(self, site: Site, visitor: Visitor) -> None:
        self._site = site
        self._visitor = visitor
        self._visits: list[tuple[str, str, Visit]] = []
        self.facts: dict[str, object] = {
            "visits": [],
            "page": None,
            "no_page": "no-answer",
            "scripts": [],
            "scripts_left": 0,
            "security_txt": None,
            "paths": [],
            "stopped": None,
        }

    def stages(self, families: list[str]) -> Iterator[dict[str, object]]:
        """What each stage found, as soon as it is known."""
        for family in families:
            for scheme in ("https", "http"):
                url = self._front(scheme)
                if url is not None:
                    visit = self._visitor.visit(url, _FAMILIES[family])
                    self._visits.append((family, scheme, visit))
                    yield {"visits": [_visit_facts(*one) for one in self._visits]}
        family, entrance = self._entrance()
        if entrance is None:
            return
        yield from self._page(family, entrance)
        url = entrance.last.url
        front = self._front(url.scheme)
        if entrance.end != "answer" or front is None:
            return
        yield {
            "security_txt": security_txt_facts(
                self._visitor.visit(_at(front, PATH), _FAMILIES[family], MOST_BYTES)
            )
        }
        yield from self._paths(family, url)

    def _front(self, scheme: str) -> Url | None:
        port = self._site.https_port if scheme == "https" else self._site.http_port
        return None if port is None else Url(scheme, self._site.name, port)

    def _entrance(self) -> tuple[str, Visit | None]:
        """The visit that a visitor's page comes from: the encrypted one, if there is one."""
        for end in ("answer", "elsewhere"):
            for scheme in ("https", "http"):
                for family, asked, visit in self._visits:
                    if (asked, visit.end) == (scheme, end):
                        return family, visit
        return "", None

    def _page(self, family: str, entrance: Visit) -> Iterator[dict[str, object]]:
        answer, url = entrance.last.exchange, entrance.last.url
        media_type = answer.value("content-type").split(";")[0].strip().lower()
        if entrance.end != "answer":
            yield {"no_page": "elsewhere"}
        elif answer.status != 200:
            yield {"no_page": "status"}
        elif media_type not in _HTML_TYPES:
            yield {"no_page": "not-html"}
        elif answer.body is None:
            yield {"no_page": "packed"}
        else:
            page = read_page(answer.body, url, self._site, cut=answer.cut)
            asked = page.own_scripts[:_MOST_SCRIPTS]
            left = len(page.own_scripts)
            yield {"page": page.facts, "no_page": None, "scripts_left": left}
            scripts: list[dict[str, object]] = []
            for script in asked:
                scripts.append(self._script(script, family))
                left -= 1
                yield {"scripts": list(scripts), "scripts_left": left}
                if scripts[-1]["outcome"] != "answered":
                    break

    def _script(self, url: Url, family: str) -> dict[str, object]:
        answer = self._visitor.get(url, _FAMILIES[family], _SCRIPT_BYTES)
        text = (answer.body or b"").decode("utf-8", "replace")
        hosts, more = hosts_of([text])
        return {
            "url": url.shown,
            "outcome": answer.outcome,
            "status": answer.status or None,
            "whole": answer.status == 200
            and answer.body is not None
            and not answer.cut
            and not more,
            "marks": marks_of([text]),
            "hosts": hosts,
            "cookies_count": len(answer.values("set-cookie")),
        }

    def _paths(self, family: str, front: Url) -> Iterator[dict[str, object]]:
        paths: list[dict[str, object]] = []
        silent = 0
        for fixed in FIXED_PATHS:
            answer = self._visitor.get(
                _at(front, fixed.path),
                _FAMILIES[family],
                FIRST_BYTES,
                {"Range": f"bytes=0-{FIRST_BYTES - 1}"},
            )
            paths.append(
                {
                    "path": fixed.path,
                    "kind": fixed.kind,
                    "outcome": answer.outcome,
                    "status": answer.status or None,
                    "shown": fixed.shown_by(answer),
                }
            )
            yield {"paths": list(paths)}
            silent = 0 if answer.answered else silent + 1
            if silent == _MOST_SILENT:
                yield {"stopped": "silent"}
                return


def _at(front: Url, path: str) -> Url:
    return Url(front.scheme, front.host, front.port, path)


def _visit_facts(family: str, scheme: str, visit: Visit) -> dict[str, object]:
    return {
        "family": family,
        "scheme": scheme,
        "steps": [step_facts(step) for step in visit.steps],
        "end": visit.end,
    }
