"""Interfaces, their lists and addresses, and which of them lead outside.

Nothing in a configuration says "this is the internet". It is taken for the side where the default
route leads (by hand, by DHCP, PPPoE, LTE or another dialled client), together with what somebody
put on a list called WAN. A bridge of several ports with nothing translated behind it is an inner
device's way to its router, not an outside; then there is no telling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Interface, IPv6Interface, ip_interface

from assessor.devices.device import Topic
from assessor.devices.routeros.export import Export, Item
from assessor.devices.routeros.nets import Network, networks, own, within

Address = IPv4Interface | IPv6Interface

_OUTSIDE_LIST = re.compile(r"(?:.*[_.-])?(?:wans?|internet|outside|external|uplinks?)\d*", re.I)
_DIALLED = (
    "interface pppoe-client",
    "interface pptp-client",
    "interface l2tp-client",
    "interface sstp-client",
    "interface ovpn-client",
    "interface ppp-client",
)
_PROVIDERS = frozenset({"interface pppoe-client", "interface ppp-client"})
"""Whoever is dialled so is a provider, whatever routes there are."""
_KINDS: Mapping[str, str] = {
    "interface ethernet": "ethernet",
    "interface bridge": "bridge",
    "interface vlan": "vlan",
    "interface bonding": "ethernet",
    "interface wireless": "wireless",
    "interface wifi": "wireless",
    "interface lte": "lte",
    "interface wireguard": "tunnel",
    "interface gre": "tunnel",
    "interface eoip": "tunnel",
    "interface ipip": "tunnel",
    "interface 6to4": "tunnel",
    "interface vxlan": "tunnel",
    **dict.fromkeys(_DIALLED, "ppp"),
}
_BY_NAME = ((r"(?:ether|sfp|combo|qsfp)", "ethernet"), (r"(?:wlan|wifi)", "wireless"))
_ALL_OF = {"all-ethernet": "ethernet", "all-vlan": "vlan", "all-ppp": "ppp"}
_ALL_OF["all-wireless"] = "wireless"


class Topology:
    """The interfaces of one device."""

    def __init__(self, export: Export, leased: Mapping[str, Iterable[str]]) -> None:
        """Reads them from an export.

        Args:
            export: the configuration.
            leased: the addresses that the device has at the moment, by interface, where it told.
        """
        self._export = export
        self.kinds = dict(self._read_kinds())
        self.bridges = {
            port.get("interface"): port.get("bridge")
            for port in export.items("interface bridge port")
            if export.enabled(port)
        }
        self.addresses: dict[str, list[Address]] = {}
        self._read_addresses(leased)
        self._members: dict[str, set[str]] = {}
        self._parts: dict[str, tuple[list[str], list[str]]] = {}
        self._listed: dict[tuple[str, str], bool | None] = {}
        self._filled = self._read_lists()
        self.outside = self._find_outside()
        self.inner = self._is_inner()
        if self.inner:
            self.outside = ()
        self.inside = tuple(
            name
            for name in dict.fromkeys([*self.addresses, *self._served()])
            if name not in self.outside and self.kinds.get(name) != "loopback"
        )

    def _read_kinds(self) -> Iterator[tuple[str, str]]:
        for path in self._export.paths():
            if not path.startswith("interface ") or len(path.split()) != 2:
                continue
            for item in self._export.items(path):
                if item.name:
                    yield item.name, _KINDS.get(path, "other")

    def kind(self, name: str) -> str:
        """What sort of interface it is: ``ethernet``, ``bridge``, ``vlan``, ``ppp``, ..."""
        if name in self.kinds:
            return self.kinds[name]
        return next((kind for begins, kind in _BY_NAME if re.match(begins, name)), "other")

    def _read_addresses(self, leased: Mapping[str, Iterable[str]]) -> None:
        for path in ("ip address", "ipv6 address"):
            for item in self._export.items(path):
                if not self._export.enabled(item):
                    continue
                name = item.get("interface")
                name = self.bridges.get(name, name)
                if not name or (not item.get("address") and not item.get("from-pool")):
                    self._export.notes.add((Topic.FIREWALL, Topic.SEGMENTS), item.text)
                    continue
                self._add_address(name, item.get("address"), item.get("netmask"))
        for name, texts in leased.items():
            for text in texts:
                self._add_address(name, text, "")

    def _add_address(self, name: str, text: str, mask: str) -> None:
        known = self.addresses.setdefault(name, [])
        try:
            found = ip_interface(f"{text}/{mask}" if mask and "/" not in text else text)
        except ValueError:
            if text:
                topics = (Topic.FIREWALL, Topic.SEGMENTS)
                self._export.notes.add(topics, f"address {text} on {name}")
            return
        if found not in known:
            known.append(found)

    def networks(self, name: str) -> list[Network]:
        """The networks that an interface has an address in."""
        return [address.network for address in self.addresses.get(name, ())]

    # --- lists of interfaces -------------------------------------------------------------------

    def _read_lists(self) -> set[str]:
        """Reads the lists; returns those that the device fills by itself."""
        for item in self._export.items("interface list"):
            include, exclude = item.get("include"), item.get("exclude")
            self._members.setdefault(item.name, set())
            self._parts[item.name] = (
                [one for one in include.split(",") if one],
                [one for one in exclude.split(",") if one],
            )
        for item in self._export.items("interface list member"):
            if not self._export.enabled(item):
                continue
            if not item.get("list") or not item.get("interface"):
                topics = (Topic.FIREWALL, Topic.MANAGEMENT, Topic.SEGMENTS)
                self._export.notes.add(topics, f"/{item.path} {item.text}")
                continue
            self._members.setdefault(item.get("list"), set()).add(item.get("interface"))
        profiles = {
            item.name: item.get("interface-list") for item in self._export.items("ppp profile")
        }
        for path in _DIALLED:
            for item in self._export.items(path):
                if listed := profiles.get(item.get("profile", "default")):
                    self._members.setdefault(listed, set()).add(item.name)
        detect = self._export.settings("interface detect-internet")
        roles = ("lan-interface-list", "wan-interface-list", "internet-interface-list")
        if detect.get("detect-interface-list", "none") == "none":
            return set()
        return {detect.get(role) for role in roles} - {"", "none", "all"}

    def listed(self, name: str, of: str) -> bool | None:
        """Whether an interface is on a list; ``None`` where that cannot be told."""
        if of in ("all", "static"):
            return True
        if of in ("none", "dynamic"):
            return False
        if (name, of) not in self._listed:
            # Until it is known: a list that is part of itself has no answer.
            self._listed[name, of] = None
            self._listed[name, of] = self._on_list(name, of)
        return self._listed[name, of]

    def _on_list(self, name: str, of: str) -> bool | None:
        if of not in self._members and of not in self._filled:
            return None
        include, exclude = self._parts.get(of, ([], []))
        out = [self.listed(name, one) for one in exclude]
        if any(out):
            return False
        found: bool | None = name in self._members.get(of, ())
        if not found:
            parts = [self.listed(name, one) for one in include]
            found = True if any(parts) else None if None in parts or of in self._filled else False
        return None if found and None in out else found

    def is_list(self, of: str) -> bool:
        """Whether there is such a list."""
        builtin = ("all", "none", "static", "dynamic")
        return of in builtin or of in self._members or of in self._filled

    def is_interface(self, name: str, wanted: str) -> bool:
        """Whether ``wanted``, as a rule names it, means the interface ``name``."""
        return name == wanted or _ALL_OF.get(wanted) == self.kind(name)

    # --- which of them lead outside ------------------------------------------------------------

    def _find_outside(self) -> tuple[str, ...]:
        found = dict.fromkeys(self._dialled())
        leased, doubtful = self._leased()
        found |= dict.fromkeys(leased)
        found |= dict.fromkeys(self._routed())
        if not found:
            found = dict.fromkeys(doubtful)
        for of, members in self._members.items():
            if _OUTSIDE_LIST.fullmatch(of):
                found |= dict.fromkeys(sorted(members))
        names = (self.bridges.get(name, name) for name in found if not name.startswith("*"))
        return tuple(dict.fromkeys(names))

    def _dialled(self) -> Iterator[str]:
        for path in _DIALLED:
            for item in self._export.items(path):
                # A client is off unless it says otherwise, in all versions.
                off = self._export.flag(item, "disabled", default=True)
                default = self._export.flag(item, "add-default-route", default=False)
                provider = path in _PROVIDERS or default is not False
                if item.name and off is False and provider:
                    yield item.name
        apns = self._export.items("interface lte apn")
        if any(self._export.flag(one, "add-default-route", default=True) is False for one in apns):
            return
        for item in self._export.items("interface lte"):
            if item.name and self._export.enabled(item):
                yield item.name

    def _leased(self) -> tuple[list[str], list[str]]:
        """Interfaces with a DHCP client, and those of which it is not sure that it is on."""
        sure: list[str] = []
        doubtful: list[str] = []
        for path in ("ip dhcp-client", "ipv6 dhcp-client"):
            for item in self._export.items(path):
                route = self._export.flag(item, "add-default-route", default=path.startswith("ip "))
                name = item.get("interface")
                if not name or (route is False and item.get("add-default-route") != "special"):
                    continue
                if item.get("disabled") == "yes":
                    continue
                # Off unless it says "disabled=no" in version 6, on unless it says so in 7.
                told = self._export.major >= 7 or "disabled" in item.values
                (sure if told else doubtful).append(name)
        return sure, doubtful

    def _routed(self) -> Iterator[str]:
        """Where the default routes lead that somebody wrote."""
        for path, default in (("ip route", "0.0.0.0/0"), ("ipv6 route", "::/0")):
            routes = [one for one in self._export.items(path) if self._export.enabled(one)]
            for route in routes:
                if route.get("dst-address", default) not in (default, "") or _dead(route):
                    continue
                for gateway in route.get("gateway").split(","):
                    yield from self._towards(gateway, routes, 3)

    def _towards(self, gateway: str, routes: list[Item], depth: int) -> Iterator[str]:
        """The interface through which ``gateway`` is reached; none where that is not told."""
        gateway = gateway.strip().partition("@")[0]
        address, _, through = gateway.partition("%")
        if through:
            yield through
            return
        found = networks(address)
        if found is None:
            if address in self.kinds or self.kind(address) != "other":
                yield address
            return
        direct = [
            name
            for name, having in self.addresses.items()
            if any(within(found[0], one.network) for one in having)
        ]
        if direct:
            yield from direct[:1]
            return
        for route in routes[:200] if depth else ():
            to = networks(route.get("dst-address")) if route.get("dst-address") else None
            if to and to[0].prefixlen and within(found[0], to[0]) and not _dead(route):
                for each in route.get("gateway").split(","):
                    yield from self._towards(each, routes, depth - 1)
                return

    def _served(self) -> Iterator[str]:
        """Interfaces on which addresses are handed out."""
        for item in self._export.items("ip dhcp-server"):
            if item.get("interface") and item.get("disabled") != "yes":
                yield item.get("interface")

    def _is_inner(self) -> bool:
        """Whether this is no router to the outside, but a device in somebody's network."""
        if not self.outside or any(self._served()):
            return False
        nat = [*self._export.items("ip firewall nat"), *self._export.items("ipv6 firewall nat")]
        if any(self._export.enabled(rule) for rule in nat):
            return False
        if any(_OUTSIDE_LIST.fullmatch(of) and self._members[of] for of in self._members):
            return False
        return all(self._joins_ports(name) or self._is_managed(name) for name in self.outside)

    def _joins_ports(self, name: str) -> bool:
        ports = (bridge == name for bridge in self.bridges.values())
        return any(ports) and any(ports)

    def _is_managed(self, name: str) -> bool:
        """Whether it has one network of its own, a VLAN on a bridge, and the device no other."""
        having = self.addresses.get(name, [])
        return (
            self.kind(name) == "vlan"
            and bool(having)
            and all(own(one.network) for one in having)
            and len([one for one, found in self.addresses.items() if found]) == 1
        )


def _dead(route: Item) -> bool:
    """Whether a route leads nowhere."""
    kind = route.get("type") or ""
    return kind in ("blackhole", "unreachable", "prohibit") or any(
        key in route.values and route.get(key) in ("", "yes")
        for key in ("blackhole", "unreachable", "prohibit")
    )
