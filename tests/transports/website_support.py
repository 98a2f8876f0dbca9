"""Puts the question ``website`` to sites of the lab."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assessor.collect.transports.base import Deadline
from assessor.collect.transports.network import NetworkTransport
from assessor.collect.transports.tcp import Address
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Platform, Role, Target, TransportKind

REQUEST = '{"kind":"website","port":443}'
LIMIT = 1_048_576


class Names:
    """A resolver of the lab: its names and addresses, and who was asked for."""

    def __init__(self, known: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._known = known
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[Address]:
        self.asked.append(host)
        if self._known is not None and host not in self._known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        ips = self._known[host] if self._known else ("127.0.0.1", "::1")
        return [
            Address(socket.AF_INET6, (ip, port, 0, 0))
            if ":" in ip
            else Address(socket.AF_INET, (ip, port))
            for ip in ips
        ]


def site(name: str, https: int, http: int | None = None, **options: object) -> Target:
    """The site ``name`` on ports of loopback."""
    if http is not None:
        options["http_port"] = http
    return Target(
        name=name.partition(".")[0],
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=name,
        port=https,
        options=options,
    )


def visit_text(
    target: Target, names: Names | None = None, *, seconds: int = 60, sites: Sequence[str] = ()
) -> str:
    """The answer as it is stored."""
    planned = PlannedProbe("key", Probe("visit", ProbeKind.REQUEST, REQUEST, timeout_s=seconds))
    transport = NetworkTransport(resolver=names or Names(), sites=sites)
    text = transport.answer(target, planned, Deadline.after(120))
    assert len(text) < LIMIT
    return text


def visit(target: Target, names: Names | None = None, *, seconds: int = 60) -> dict[str, Any]:
    """The answer, read."""
    answer = json.loads(visit_text(target, names, seconds=seconds))
    assert isinstance(answer, dict)
    return answer


def without_each_field(value: Any) -> Iterator[tuple[str, Any]]:
    """Copies of JSON data, each without one field; with the names on the way to it."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name, {key: other for key, other in value.items() if key != name}
            for inner, changed in without_each_field(part):
                yield f"{name}.{inner}", {**value, name: changed}
    elif isinstance(value, list):
        for place, part in enumerate(value):
            for inner, changed in without_each_field(part):
                yield inner, [*value[:place], changed, *value[place + 1 :]]


def ends(answer: Mapping[str, Any]) -> dict[str, str]:
    """How each visit ended, by family and scheme."""
    return {f"{one['family']} {one['scheme']}": one["end"] for one in answer["visits"]}
