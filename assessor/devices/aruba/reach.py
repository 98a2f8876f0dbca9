"""From where a switch can be managed, as far as its own configuration tells.

A switch does not know what lies beyond the router. Where it has private addresses only, nothing
from the internet finds it but through a rule of the router's, which shows there; where it has a
public address, or lets a server choose its address, that cannot be told from here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from assessor.devices.device import Reach
from assessor.devices.networks import OWN, Network


@dataclass(slots=True)
class Addresses:
    """The addresses under which a switch can be reached.

    Attributes:
        fixed: those that stand in the configuration.
        dynamic: some are given by a server, or were not understood.
    """

    fixed: list[Network] = field(default_factory=list)
    dynamic: bool = False

    def add(self, address: str, mask: str = "") -> bool:
        """Adds one with its mask or length; ``False`` where it is none."""
        network = network_of(address, mask)
        if network is None:
            self.dynamic = True
            return False
        self.fixed.append(network)
        return True

    @property
    def inside(self) -> bool:
        """All of them are private."""
        return bool(self.fixed) and not self.dynamic and all(map(private, self.fixed))


def network_of(address: str, mask: str = "") -> Network | None:
    """A network as devices write it; ``None`` where it is none."""
    try:
        return ipaddress.ip_network(f"{address}/{mask}" if mask else address, strict=False)
    except ValueError:
        return None


def private(network: Network) -> bool:
    """Whether nothing of ``network`` is routed in the internet."""
    return any(
        network.version == one.version and network.subnet_of(one)  # type: ignore[arg-type]
        for one in OWN
    )


def reach_of(addresses: Addresses, managers: Iterable[Network] | None) -> Reach:
    """From where a service can be reached.

    Args:
        addresses: of the switch.
        managers: from which alone it may be managed; ``None`` for any.
    """
    if addresses.inside:
        return Reach.INSIDE
    if managers is None:
        return Reach.UNKNOWN
    named = list(managers)
    if any(network.prefixlen == 0 for network in named):
        return Reach.UNKNOWN
    return Reach.INSIDE if all(map(private, named)) else Reach.NAMED
