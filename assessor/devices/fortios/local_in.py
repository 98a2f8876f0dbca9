"""What is meant for the device itself, and what its local-in policies make of that.

They come before what an interface allows: the first that fits decides, and where none fits, the
interface's ``allowaccess`` does (FortiOS administration guide, "Local-in policy"). Their action is
to deny unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessor.devices.device import Reach
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.network import Network
from assessor.devices.fortios.objects import ANY, Objects


@dataclass(frozen=True, slots=True)
class LocalIn:
    """The local-in policies of one domain."""

    domain: Block
    network: Network
    objects: Objects

    def reach(self, interface: str, family: str, port: str) -> tuple[Reach, tuple[str, ...]]:
        """From where ``port`` (such as ``tcp/443``) of the device is reached over an interface.

        Returns:
            ``ANYWHERE``, ``NAMED`` with the addresses, or ``INSIDE`` where it is closed there.
        """
        table = "firewall local-in-policy" if family == "ipv4" else "firewall local-in-policy6"
        named: list[str] = []
        for block in self.domain.part(table).entries.values():
            if block.one("status") == "disable" or block.on("ha-mgmt-intf-only"):
                continue
            if interface not in self.network.behind(block.all("intf")):
                continue
            if not self._about(block, port):
                continue
            denied = block.one("action", "deny") == "deny"
            sources = self.objects.addresses(
                block.all("srcaddr") or ("all",), family, denied=denied
            )
            by_service = block.on("internet-service-src") or block.on("internet-service6-src")
            if block.on("srcaddr-negate"):
                # All but these are denied; a country among them is no named address.
                if denied and self._everywhere(block) and self._named(block, family):
                    return Reach.NAMED, (*named, *sources)
                continue
            if by_service:
                continue  # some addresses of a service: they change nothing for all others
            whole = self._everywhere(block) and not sources
            if denied:
                if whole:
                    return (Reach.NAMED, tuple(named)) if named else (Reach.INSIDE, ())
            elif not sources:
                return Reach.ANYWHERE, ()
            else:
                named += sources
        return Reach.ANYWHERE, ()

    def _about(self, block: Block, port: str) -> bool:
        texts = self.objects.ports(block.all("service")) if block.all("service") else (ANY,)
        fits = covers(texts, port)
        return not fits if block.on("service-negate") else fits

    def _named(self, block: Block, family: str) -> bool:
        return bool(self.objects.addresses(block.all("srcaddr"), family))

    def _everywhere(self, block: Block) -> bool:
        """Whether a denying policy surely closes its ports, at every address and hour."""
        everywhere = not self.objects.addresses(
            block.all("dstaddr") or ("all",), "ipv4", denied=True
        )
        return (
            everywhere
            and not block.on("dstaddr-negate")
            and not block.on("service-negate")
            and block.one("schedule", "always") == "always"
        )


def covers(services: Iterable[str], port: str) -> bool:
    """Whether services such as ``tcp/1-1024`` hold ``port``, such as ``tcp/443``."""
    kind, _, number = port.partition("/")
    for text in services:
        if text in (ANY, port):
            return True
        found, _, ports = text.partition("/")
        if found.lower() in _SAME.get(port, ()):
            return True
        first, _, last = ports.partition("-")
        if found == kind and first.isdecimal() and number.isdecimal():
            end = last if last.isdecimal() else first
            if int(first[:5]) <= int(number[:5]) <= int(end[:5]):
                return True
    return False


# Names of services that an export without their definitions leaves as they are.
_SAME = {
    "tcp/443": ("https",),
    "tcp/22": ("ssh",),
    "tcp/80": ("http",),
    "tcp/23": ("telnet",),
    "udp/161": ("snmp",),
    "icmp": ("icmp", "all_icmp", "ping"),
}
