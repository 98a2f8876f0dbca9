"""Ports that containers or other hosts publish through this one.

Docker, Podman and others pass such a port on before the host's own rules are asked (DNAT in
prerouting), so that ufw and firewalld do not hold it back and the chain for inbound traffic does
not show it. Docker asks the chain DOCKER-USER first (Docker's documentation, "Docker and iptables
chains"): where that surely refuses strangers, nothing is published to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .exposure import MOST_OPEN_PORTS, exposed_names
from .flow import way_in
from .host import Interface
from .ports import NO_PORTS, Ports
from .rules import TCP, UDP, Base, Family, Forward, Table, Traffic

_USERS_CHAIN = "DOCKER-USER"


@dataclass(frozen=True, slots=True)
class Published:
    """What strangers reach of what is passed on.

    Attributes:
        ports: by family and protocol; a rule that passes on most ports is left out of these.
        texts: the rules, as ``tcp 8080 -> 172.17.0.2:80``.
    """

    ports: Mapping[Family, Mapping[str, Ports]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    texts: tuple[str, ...] = ()

    def of(self, family: Family, protocol: str) -> Ports:
        """The ports of one kind."""
        return self.ports.get(family, {}).get(protocol, NO_PORTS)


def published(
    forwards: Iterable[Forward], tables: Sequence[Table], interfaces: Iterable[Interface]
) -> Published:
    """What of ``forwards`` a stranger may reach over some exposed interface."""
    names = exposed_names(tables, interfaces)
    ports: dict[Family, dict[str, Ports]] = {family: {} for family in Family}
    texts: dict[str, None] = {}
    for forward in forwards:
        for traffic in (
            Traffic(family, name, protocol)
            for family in forward.families
            for name in names
            for protocol in (TCP, UDP)
        ):
            reached = forward.rule.reach(traffic).may
            if not reached or _held_back(tables, traffic):
                continue
            texts[forward.text] = None
            if len(reached) <= MOST_OPEN_PORTS:
                known = ports[traffic.family].get(traffic.protocol, NO_PORTS)
                ports[traffic.family][traffic.protocol] = known | reached
    return Published(ports, tuple(texts))


def _held_back(tables: Iterable[Table], traffic: Traffic) -> bool:
    """Whether DOCKER-USER refuses all of ``traffic``, whatever its port."""
    for table in tables:
        if _USERS_CHAIN in table.chains and traffic.family in table.families:
            alone = replace(table, bases=(Base(_USERS_CHAIN, "forward", deny=False),))
            if not way_in([alone], traffic).may_enter:
                return True
    return False
