"""The device's own networks, and whether its policies keep them apart.

Between two interfaces nothing passes without a policy. One that opens the whole of another network
joins them; one that names single machines leaves them apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.devices.device import Segment
from assessor.devices.fortios.configuration import Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.network import Network
from assessor.devices.fortios.objects import ANY
from assessor.devices.fortios.policies import Passage

_GUEST = re.compile(r"guest|gast|bezoek|visitor|besuch|invite", re.IGNORECASE)
_HOST = re.compile(r"[^/]+(?:/32|/128)?")


def for_guests(*texts: str) -> bool:
    """Whether one of the names says that something is meant for guests."""
    return any(_GUEST.search(text) for text in texts)


@dataclass(frozen=True, slots=True)
class Apartness:
    """Whether the networks of a domain are kept apart."""

    domain: Block
    network: Network
    passing: list[Passage]

    def kept(self, name: str) -> bool | None:
        """Whether the network on an interface is kept from the others.

        ``None`` where a policy opens another network for some services: that may be much or little.
        """
        others = self.network.inside().keys() - {name}
        if self._joined(name, set(others)):
            return False
        answer: bool | None = True
        for passage in self.passing:
            if name not in passage.source or not passage.plain or not passage.target & others:
                continue
            to = passage.side.to
            if to and all(_HOST.fullmatch(one) for one in to):
                continue
            if passage.rule.services == (ANY,):
                return False
            answer = None
        return answer

    def _joined(self, name: str, others: set[str]) -> bool:
        """Whether it stands in a zone whose members may talk with each other."""
        return any(
            zone.one("intrazone") == "allow"
            and name in zone.all("interface")
            and bool(others & {*zone.all("interface")})
            for zone in self.domain.part("system zone").entries.values()
        )


def apartness(
    config: Configuration, nets: Mapping[str, Network], passing: Mapping[str, list[Passage]]
) -> dict[str, Apartness]:
    """For each domain."""
    return {
        name: Apartness(block, nets[name], passing[name]) for name, block in config.domains.items()
    }


def segments(
    config: Configuration, apart: Mapping[str, Apartness], *, policies_shown: bool
) -> tuple[Segment, ...] | None:
    """The networks; ``None`` where the export shows no interfaces."""
    if config.table("system interface") is None:
        return None
    found = []
    for each in apart.values():
        for name, block in each.network.inside().items():
            if block.on("fortilink"):
                continue  # it leads to switches, whose networks are interfaces of their own
            vlan = block.one("vlanid")
            kept = each.kept(name) if policies_shown else None
            guest = for_guests(name, block.one("alias"), block.one("description"))
            number = int(vlan[:5]) if vlan.isdecimal() else None
            found.append(Segment(name, number, guest, kept))
    return tuple(found)
