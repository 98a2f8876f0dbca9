"""Ways into the device, and from where each can be reached.

What an export does not name is as the maker set it: every service of ``/ip service`` is on but
``www-ssl``, MAC-Telnet and MAC-WinBox listen everywhere, the bandwidth server is on; SNMP, UPnP,
SOCKS, the proxy and RoMON are off (manual.mikrotik.com, "Services", "MAC server", "Bandwidth test",
"Securing your router"; the same on wiki.mikrotik.com for 6.x). What the device itself said to
``/ip service print`` counts before that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assessor.devices.device import Reach, Service, Topic
from assessor.devices.releases import older
from assessor.devices.routeros.export import Export, Item
from assessor.devices.routeros.firewall import Filters, worst
from assessor.devices.routeros.nets import everything, networks, own
from assessor.devices.routeros.prints import Entry


@dataclass(frozen=True, slots=True)
class _Kind:
    """A service of ``/ip service``."""

    name: str
    port: int
    encrypted: bool
    on: bool = True


_KINDS = {
    "telnet": _Kind("telnet", 23, False),
    "ftp": _Kind("ftp", 21, False),
    "www": _Kind("http", 80, False),
    "ssh": _Kind("ssh", 22, True),
    "www-ssl": _Kind("https", 443, True, on=False),
    "api": _Kind("api", 8728, False),
    "winbox": _Kind("winbox", 8291, True),
    "api-ssl": _Kind("api-tls", 8729, True),
    "reverse-proxy": _Kind("reverse-proxy", 443, True, on=False),
}
_WINBOX_ENCRYPTS = "6.43"
"""Since then WinBox always encrypts (changelog of 6.43)."""


class Services:
    """The services of one device."""

    def __init__(self, export: Export, filters: Filters, printed: Sequence[Entry]) -> None:
        """Takes what the services follow from.

        Args:
            export: the configuration.
            filters: the firewall.
            printed: what the device said to ``/ip service print``; empty where it did not.
        """
        self._export = export
        self._filters = filters
        self._printed = printed

    def all(self) -> tuple[Service, ...]:
        """Every service that is told of."""
        return (*self._ip_services(), *self._link_services(), *self._others())

    # --- /ip service ---------------------------------------------------------------------------

    def _ip_services(self) -> Iterator[Service]:
        items = {item.name: item for item in self._export.items("ip service")}
        for name in items:
            if name not in _KINDS:
                self._export.notes.add((Topic.MANAGEMENT,), f"/ip service {items[name].text}")
        for entry in self._printed:
            name = entry.values.get("name", "")
            if "D" in entry.flags.upper() or name not in _KINDS:
                continue
            printed = {key: value for key, value in entry.values.items() if key != "disabled"}
            printed["disabled"] = "yes" if "X" in entry.flags.upper() else "no"
            items[name] = Item("ip service", printed, f"/ip service {name}", name)
        for name, kind in _KINDS.items():
            yield self._ip_service(name, kind, items.get(name) or Item("ip service", {}, name))

    def _ip_service(self, name: str, kind: _Kind, item: Item) -> Service:
        off = self._export.flag(item, "disabled", default=not kind.on)
        port = kind.port
        if told := item.get("port"):
            if told.isdecimal() and len(told) < 6:
                port = int(told)
            else:
                self._export.notes.add((Topic.MANAGEMENT,), f"/ip service {item.text}")
        encrypted = kind.encrypted
        if name == "winbox" and self._export.version:
            encrypted = older(self._export.version, _WINBOX_ENCRYPTS) is not True
        if off is True:
            return Service(kind.name, False, encrypted, Reach.INSIDE, port)
        allowed = item.get("address") or item.get("available-from")
        reach = self.reach("tcp", port, allowed.split(",") if allowed else ())
        return Service(kind.name, True, encrypted, reach, port, tuple(self._weak(name, item)))

    def _weak(self, name: str, item: Item) -> Iterator[str]:
        if name == "ssh":
            ssh = self._export.settings("ip ssh")
            if self._export.flag(ssh, "strong-crypto", default=False) is not True:
                yield "strong-crypto=no"
            if self._export.flag(ssh, "allow-none-crypto", default=False) is True:
                yield "allow-none-crypto=yes"
            if "null" in ssh.get("ciphers").split(","):
                yield "ciphers=null"
        elif name in ("www-ssl", "api-ssl"):
            if item.get("tls-version", "any") != "only-1.2":
                yield "tls-version=any"
            if item.get("certificate", "none") == "none":
                yield "certificate=none"

    # --- from where ----------------------------------------------------------------------------

    def reach(self, protocol: str, port: int, allowed: Sequence[str] = ()) -> Reach:
        """From where a port can be reached that answers to the networks ``allowed`` alone."""
        if not self._filters.topology.outside:
            return self._reach_within(allowed)
        found = []
        for family, behind in self._filters.reach(protocol, port).items():
            granted = self._granted(allowed, family)
            if granted is Reach.INSIDE or behind is Reach.INSIDE:
                found.append(Reach.INSIDE)
            elif granted is Reach.NAMED and behind is Reach.ANYWHERE:
                found.append(Reach.NAMED)
            else:
                found.append(behind)
        return worst(found)

    def _granted(self, allowed: Sequence[str], family: int) -> Reach:
        """Whom a list of networks lets in."""
        found = [networks(text) for text in allowed if text.strip()]
        if not found:
            return Reach.ANYWHERE
        known = tuple(net for nets in found if nets for net in nets)
        if everything(known, family):
            return Reach.ANYWHERE
        outside = [
            net
            for name in self._filters.topology.outside
            for net in self._filters.topology.networks(name)
        ]
        foreign = any(
            net.version == family and (not own(net) or any(net.overlaps(one) for one in outside))
            for net in known
        )
        return Reach.NAMED if foreign or None in found else Reach.INSIDE

    def _reach_within(self, allowed: Sequence[str]) -> Reach:
        """Of a device of which no side is known to be outside."""
        if self._granted(allowed, 4) is self._granted(allowed, 6) is Reach.INSIDE:
            return Reach.INSIDE
        topology = self._filters.topology
        having = [net for nets in map(topology.networks, topology.addresses) for net in nets]
        unknown = [name for name, found in topology.addresses.items() if not found]
        if having and not unknown and topology.inner and all(own(net) for net in having):
            # Nobody on the internet can address it; what its router lets through is the router's.
            return Reach.INSIDE
        return Reach.UNKNOWN

    # --- what works without an address -----------------------------------------------------------

    def _link_services(self) -> Iterator[Service]:
        for path, name, encrypted in (
            ("tool mac-server", "mac-telnet", False),
            ("tool mac-server mac-winbox", "mac-winbox", True),
        ):
            listed = self._mac_list(path)
            if listed == "none":
                yield Service(name, False, encrypted, Reach.INSIDE)
                continue
            # It is answered on the link alone: a neighbour on the outer side, not the internet.
            outside = self._filters.topology.outside
            heard = [one for one in outside if self._filters.topology.listed(one, listed)]
            weak = (f"allowed-interface-list={listed}",) if heard else ()
            yield Service(name, True, encrypted, Reach.INSIDE, weak=weak)
        romon = self._export.settings("tool romon")
        if self._export.flag(romon, "enabled", default=False) is not False:
            weak = () if romon.get("secrets") else ("no secrets",)
            yield Service("romon", True, True, Reach.INSIDE, weak=weak)

    def _mac_list(self, path: str) -> str:
        """The list of interfaces that it listens on."""
        items = self._export.items(path)
        told = self._export.settings(path).get("allowed-interface-list")
        if told or not items:
            return told or "all"
        # Before 6.41 there was an entry for each interface, the first of them for all.
        on = [item for item in items if self._export.enabled(item)]
        every = not any("default" in item.find or item.target == "0" for item in items)
        if every or any(item.get("interface", "all") == "all" for item in on):
            return "all"
        return "interfaces" if on else "none"

    # --- the rest ------------------------------------------------------------------------------

    def _others(self) -> Iterator[Service]:
        yield from self._snmp()
        switch = self._export.settings("ip upnp")
        on = self._export.flag(switch, "enabled", default=False) is not False
        yield Service("upnp", on, False, Reach.INSIDE)
        nat_pmp = self._export.settings("ip nat-pmp")
        if self._export.flag(nat_pmp, "enabled", default=False) is not False:
            yield Service("upnp", True, False, Reach.INSIDE)
        for path, name, key, protocol, port, default in (
            ("ip socks", "socks", "enabled", "tcp", 1080, False),
            ("ip proxy", "web-proxy", "enabled", "tcp", 8080, False),
            ("ip dns", "dns", "allow-remote-requests", "udp", 53, False),
            ("tool bandwidth-server", "bandwidth-test", "enabled", "tcp", 2000, True),
            ("ip smb", "smb", "enabled", "tcp", 445, False),
        ):
            settings = self._export.settings(path)
            told = settings.get("port").partition(",")[0]
            if told.isdecimal() and len(told) < 6:
                port = int(told)
            if settings.get(key) == "auto" or (
                self._export.flag(settings, key, default=default) is False
            ):
                continue
            yield Service(name, True, False, self.reach(protocol, port), port)
        shared = self._export.items("ip tftp")
        if any(self._export.enabled(item) for item in shared if item.added):
            yield Service("tftp", True, False, self.reach("udp", 69), 69)

    def _snmp(self) -> Iterator[Service]:
        if self._export.flag(self._export.settings("snmp"), "enabled", default=False) is False:
            return
        allowed: list[str] = []
        open_to_all = False
        private = True
        for item in communities(self._export):
            addresses = [one for one in item.get("addresses").split(",") if one]
            # "::/0", as the maker set it, stands for both families.
            everyone = not addresses or "::/0" in addresses or "0.0.0.0/0" in addresses
            open_to_all = open_to_all or everyone
            allowed += addresses
            private = private and item.get("security") == "private"
        reach = self.reach("udp", 161, () if open_to_all else allowed)
        yield Service("snmp", True, private, reach, 161)


def communities(export: Export) -> Sequence[Item]:
    """The communities of SNMP, the one that the maker put there among them."""
    items = list(export.items("snmp community"))
    if not any("default" in one.find or one.target in ("0", "public") for one in items):
        items.insert(0, Item("snmp community", {}, "/snmp community", find={"default": "yes"}))
    return [item for item in items if export.enabled(item)]
