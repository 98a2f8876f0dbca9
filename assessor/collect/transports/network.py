"""Puts questions to services from outside; ``collect/questions`` has a module for each kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from assessor.collect.questions import (
    dns_question,
    mta_sts,
    place,
    smtp,
    tls_handshake,
    tls_offers,
    website,
)
from assessor.collect.questions.dns_client import Client
from assessor.collect.questions.service import Question, Request
from assessor.collect.transports.base import Abandoned, Deadline
from assessor.collect.transports.tcp import Clock, Resolver, resolve
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.plan import PlannedProbe
from assessor.model.target import Target


class NetworkTransport:
    """Answers requests to services. One object serves all targets and threads.

    Make it before threads are started: some questions set up what Python cannot do in a thread.
    """

    def __init__(
        self,
        abandoned: Abandoned | None = None,
        *,
        resolver: Resolver = resolve,
        sites: Iterable[str] = (),
    ) -> None:
        """``sites`` has the names of all sites of the inventory: redirects may lead to them."""
        self._abandoned = abandoned
        names = Client()
        self._questions: Mapping[str, Question] = {
            dns_question.KIND: dns_question.DnsQuestion(names),
            mta_sts.KIND: mta_sts.MtaStsQuestion(names),
            smtp.KIND: smtp.SmtpQuestion(names),
            place.KIND: place.Place(names, resolver),
            tls_handshake.KIND: tls_handshake.TlsHandshake(resolver),
            tls_offers.KIND: tls_offers.TlsOffers(resolver),
            website.KIND: website.Website(resolver, sites),
        }

    def answer(self, target: Target, probe: PlannedProbe, deadline: Deadline) -> str:
        """The answer to ``probe`` as canonical JSON, in ASCII.

        Raises:
            TransportError: there was no answer, or the request is of an unknown kind.
        """
        request = _request(probe)
        question = self._questions.get(str(request.get("kind")))
        if question is None:
            raise TransportError(
                Reason.NOT_RUN,
                f"this version of assess puts no such request: {probe.probe.text[:100]}",
                mend=f"the kind of a request is one of {', '.join(self._questions)}",
            )
        clock = Clock(deadline, probe.probe.timeout_s, self._abandoned)
        facts = question.ask(target, request, clock)
        return json.dumps(facts, sort_keys=True, separators=(",", ":"))


def _request(probe: PlannedProbe) -> Request:
    try:
        request = json.loads(probe.probe.text)
    except ValueError as error:
        raise TransportError(Reason.NOT_RUN, "the request is not JSON") from error
    return request if isinstance(request, dict) else {}
