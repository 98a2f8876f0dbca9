"""The networks of one's own, and which of them are kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assessor.devices.device import Segment, WifiNetwork
from assessor.devices.routeros.export import Export
from assessor.devices.routeros.firewall import Filters
from assessor.devices.routeros.wifi import GUESTS, Offered

MOST = 24
"""Networks that are compared with each other; beyond that nothing is said of their isolation."""
_KINDS = frozenset({"ethernet", "bridge", "vlan", "wireless"})


class Segments:
    """The own networks of one device."""

    def __init__(self, export: Export, filters: Filters, wifi: Sequence[Offered]) -> None:
        """Takes interfaces with addresses, and what is known of how they are called."""
        self._export = export
        self._filters = filters
        topology = filters.topology
        self._names = [name for name in topology.inside if topology.kind(name) in _KINDS]
        self._vlans: dict[str, int] = {}
        self._carrier: dict[tuple[str, int], str] = {}
        comments: dict[str, list[str]] = {}
        for item in export.items("interface vlan"):
            if item.get("vlan-id").isdecimal() and len(item.get("vlan-id")) < 5:
                self._vlans[item.name] = int(item.get("vlan-id"))
                self._carrier[item.get("interface"), self._vlans[item.name]] = item.name
        for path in ("interface vlan", "interface bridge", "ip address", "ip dhcp-server"):
            for item in export.items(path):
                name = item.get("interface") if path.startswith("ip ") else item.name
                texts = [item.get("comment"), item.get("name")]
                comments.setdefault(name, []).extend(text for text in texts if text)
        self._pvid = {
            port.get("interface"): (port.get("bridge"), port.get("pvid", "1"))
            for port in export.items("interface bridge port")
            if export.enabled(port)
        }
        guests = {
            name
            for name in self._names
            if any(GUESTS.search(text) for text in (name, *comments.get(name, ())))
        }
        carried = [self._carried(each) for each in wifi]
        shared = {name for each, name in zip(wifi, carried, strict=True) if not each.network.guest}
        for each, where in zip(wifi, carried, strict=True):
            # A network whose only wireless is for guests is for guests.
            if where and each.network.guest and where not in shared and len(self._names) > 1:
                guests.add(where)
        self._guests = guests
        self._apart = self._compare()
        self._wifi = tuple(zip(wifi, carried, strict=True))

    def _carried(self, each: Offered) -> str | None:
        """The network that a wireless one belongs to; ``None`` where it is not this device's."""
        for port in each.ports:
            if port in self._filters.topology.addresses:
                return port
            bridge, pvid = self._pvid.get(port, (each.bridge, "1"))
            if bridge:
                vlan = each.vlan or (int(pvid) if pvid.isdecimal() and pvid != "1" else None)
                return self._on_bridge(bridge, vlan)
        return self._on_bridge(each.bridge, each.vlan) if each.bridge else None

    def _on_bridge(self, bridge: str, vlan: int | None) -> str | None:
        if vlan is None or vlan == 1:
            return bridge if bridge in self._names else None
        carrier = self._carrier.get((bridge, vlan))
        return carrier if carrier in self._names else None

    def _compare(self) -> Mapping[str, bool | None]:
        """By network: whether it is kept from all others it should be kept from."""
        if len(self._names) > MOST:
            return {}
        inner = [name for name in self._names if name not in self._guests]
        found: dict[str, bool | None] = {}
        for name in self._names:
            others = [other for other in inner if other != name]
            if name in self._guests:
                found[name] = _all([self._filters.apart(name, other) for other in others])
                continue
            answers = [self._filters.apart(name, other) for other in self._names if other != name]
            if answers and all(answer is True for answer in answers):
                found[name] = True
            elif answers and all(answer is False for answer in answers):
                found[name] = False
            else:
                found[name] = None
        return found

    def segments(self) -> tuple[Segment, ...]:
        """The own networks."""
        return tuple(
            Segment(name, self._vlans.get(name), name in self._guests, self._apart.get(name))
            for name in self._names
        )

    def wifi(self) -> tuple[WifiNetwork, ...]:
        """The wireless networks, and whether those for guests are kept apart."""
        return tuple(
            replace(each.network, isolated=self._isolated(each, carried))
            for each, carried in self._wifi
        )

    def _isolated(self, each: Offered, carried: str | None) -> bool | None:
        if carried is None:
            return None
        if not each.network.guest or carried in self._guests:
            return self._apart.get(carried)
        # Guests are in a network with others; a filter on the bridge may still part them.
        filtered = any(
            self._export.enabled(rule) for rule in self._export.items("interface bridge filter")
        )
        return None if filtered else False


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    if False in found:
        return False
    return None if None in found or not found else True
