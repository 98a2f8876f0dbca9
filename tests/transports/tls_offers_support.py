"""Asks for a service's TLS the way a run does."""

from __future__ import annotations

import json
from typing import Any

from assessor.collect.transports.base import Deadline
from assessor.collect.transports.network import NetworkTransport
from assessor.errors import TransportError
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Platform, Role, Target, TransportKind

NAME = "site.lab.example"

OLD = {"SSLv2": "refused", "SSLv3": "refused", "TLSv1": "refused", "TLSv1.1": "refused"}
MODERN = OLD | {"TLSv1.2": "accepted", "TLSv1.3": "accepted"}


def ask(
    port: int,
    service: str = "https",
    *,
    name: str = NAME,
    timeout_s: int = 60,
    beside: bool = False,
    **options: object,
) -> dict[str, Any]:
    """The answer of the service on ``port`` of loopback."""
    target = Target(
        name="site",
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=name,
        port=port,
        options={"connect_to": "127.0.0.1", **options},
    )
    request = json.dumps({"kind": "tls-offers", "service": service, "beside": beside})
    probe = PlannedProbe("key", Probe("offers", ProbeKind.REQUEST, request, timeout_s=timeout_s))
    text = NetworkTransport().answer(target, probe, Deadline.after(120))
    answer = json.loads(text)
    assert isinstance(answer, dict)
    assert text.isascii()
    return answer


def refusal(port: int, service: str = "https", **how: Any) -> TransportError:
    """Why there is no answer."""
    try:
        answer = ask(port, service, **how)
    except TransportError as error:
        return error
    raise AssertionError(f"there is an answer: {answer}")
