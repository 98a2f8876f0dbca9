"""The ways into the device itself: what its interfaces allow, and from where it is reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from assessor.devices.device import Hole, Reach, Service
from assessor.devices.fortios.accounts import Administrators
from assessor.devices.fortios.configuration import Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.local_in import LocalIn, covers
from assessor.devices.fortios.network import Network, addressed, addressed6
from assessor.devices.fortios.policies import Passage
from assessor.devices.fortios.snmp import Snmp

# Services that manage the device, with the setting of their port and its default (CLI reference,
# "config system global"). The same as in the CIS FortiGate Benchmark, 1.3 "Disable all management
# related services on WAN port"; "fgfm", which is on by default there, is shown as a hole only.
_PORTS: Mapping[str, tuple[str, int]] = {
    "https": ("admin-sport", 443),
    "ssh": ("admin-ssh-port", 22),
    "http": ("admin-port", 80),
    "telnet": ("admin-telnet-port", 23),
}
# What else an interface may allow (Fortinet, "FortiOS ports and protocols").
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "ping": ("icmp",),
    "snmp": ("udp/161",),
    "fgfm": ("tcp/541",),
    "radius-acct": ("udp/1813",),
    "probe-response": ("tcp/8008",),
    "fabric": ("tcp/8013", "udp/5246"),
    "capwap": ("udp/5246",),
    "ftm": ("tcp/4433",),
    "speed-test": ("tcp/5201",),
}
_WORST = (Reach.ANYWHERE, Reach.UNKNOWN, Reach.NAMED, Reach.INSIDE)
# Old protocols that the device may be told to offer.
_WEAK_TLS = frozenset({"sslv3", "tlsv1-0", "tlsv1-1"})
_WEAK_SSH = ("admin-ssh-v1", "ssh-cbc-cipher", "ssh-hmac-md5", "ssh-kex-sha1", "ssh-mac-weak")


@dataclass(slots=True)
class _Offer:
    """One service, over all interfaces that allow it."""

    reaches: set[Reach] = field(default_factory=set)

    def worst(self) -> Reach:
        return next((one for one in _WORST if one in self.reaches), Reach.INSIDE)


@dataclass(frozen=True, slots=True)
class Management:
    """The ways in, and those of them that lead in from outside."""

    services: tuple[Service, ...] | None
    holes: tuple[Hole, ...]


def management(
    config: Configuration,
    nets: Mapping[str, Network],
    local: Mapping[str, LocalIn],
    passing: Mapping[str, list[Passage]],
    admins: Administrators,
    agent: Snmp,
) -> Management:
    """The ways in; ``services`` is ``None`` where the export shows no interfaces."""
    if config.table("system interface") is None:
        return Management(None, ())
    settings = config.whole.part("system global")
    offers: dict[str, _Offer] = {}
    holes: list[Hole] = []
    known_outside = any(net.outside for net in nets.values())
    for domain, net in nets.items():
        for name, block in net.interfaces.items():
            for family, allowed in _allowed(block):
                for word in allowed:
                    reach = Reach.UNKNOWN
                    if known_outside:
                        entry = _Entry(name, family, word, _ports(word, settings))
                        reach, found = _reach(entry, net, local[domain], passing[domain], admins)
                        holes += found
                    if word == "snmp" and reach is Reach.ANYWHERE and agent.from_hosts:
                        reach = Reach.NAMED
                    offers.setdefault(word, _Offer()).reaches.add(reach)
    services = [
        _service(word, offers[word].worst(), settings, agent)
        for word in (*_PORTS, "snmp")
        if word in offers
    ]
    services += _name_servers(config, nets)
    return Management(tuple(services), tuple(holes))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A service that an interface allows in one family."""

    interface: str
    family: str
    word: str
    ports: tuple[str, ...]


def _allowed(block: Block) -> Iterator[tuple[str, tuple[str, ...]]]:
    if addressed(block):
        yield "ipv4", block.all("allowaccess")
    for more in block.part("secondaryip").entries.values():
        yield "ipv4", more.all("allowaccess")
    if addressed6(block):
        yield "ipv6", block.part("ipv6").all("ip6-allowaccess")


def _ports(word: str, settings: Block) -> tuple[str, ...]:
    if word in _PORTS:
        name, default = _PORTS[word]
        return (f"tcp/{settings.one(name, str(default))}",)
    return _OTHERS.get(word, (word,))


def _reach(
    entry: _Entry,
    net: Network,
    local: LocalIn,
    passing: list[Passage],
    admins: Administrators,
) -> tuple[Reach, list[Hole]]:
    if entry.interface not in net.outside:
        return _through_policies(entry, net, passing), []
    worst, holes = Reach.INSIDE, []
    for port in entry.ports:
        reach, sources = local.reach(entry.interface, entry.family, port)
        reach, sources = _from_hosts(entry, reach, sources, admins)
        if reach is not Reach.INSIDE:
            rule = f"{entry.interface}: allowaccess {entry.word}"
            holes.append(Hole(entry.family, "device", port, sources, rule))
        worst = min(worst, reach, key=_WORST.index)
    return worst, holes


def _from_hosts(
    entry: _Entry, reach: Reach, sources: tuple[str, ...], admins: Administrators
) -> tuple[Reach, tuple[str, ...]]:
    """Where every administrator has trusted hosts, only these are answered at all.

    Fortinet community, "Trusted hosts question": one administrator without them opens it to all.
    """
    if reach is not Reach.ANYWHERE or entry.word not in _PORTS:
        return reach, sources
    if not admins.from_hosts[entry.family]:
        return reach, sources
    if not admins.whole:
        return Reach.UNKNOWN, sources
    hosts = [host for account in admins.accounts or () for host in account.sources]
    return Reach.NAMED, tuple(dict.fromkeys(hosts))


def _through_policies(entry: _Entry, net: Network, passing: list[Passage]) -> Reach:
    """A loopback interface is reached from outside where a policy leads to it."""
    if net.interfaces[entry.interface].one("type") != "loopback":
        return Reach.INSIDE
    reaches = {Reach.INSIDE}
    for passage in passing:
        if passage.family != entry.family or entry.interface not in passage.target:
            continue
        if not net.leads_out(passage.source):
            continue
        services = [*passage.rule.services, *(s for vip in passage.vips for s in vip.services)]
        if passage.vips or any(covers(services, port) for port in entry.ports):
            reaches.add(Reach.NAMED if passage.side.sources else Reach.ANYWHERE)
    return min(reaches, key=_WORST.index)


def _service(word: str, reach: Reach, settings: Block, agent: Snmp) -> Service:
    if word == "snmp":
        return Service("snmp", agent.answers, agent.encrypted, reach, 161)
    name, default = _PORTS[word]
    port = settings.one(name, str(default))
    on = word != "telnet" or settings.one("admin-telnet") != "disable"
    # A redirection from HTTP to HTTPS is asked for in clear, and can be answered by anybody.
    encrypted = word in {"https", "ssh"}
    weak = tuple(_weak(word, settings))
    number = int(port) if port.isdecimal() else default
    return Service(word, on, encrypted, reach, number, weak)


def _weak(word: str, settings: Block) -> Iterable[str]:
    if word in {"https", "ssh"} and settings.one("strong-crypto") == "disable":
        yield "strong-crypto disable"
    if word == "https":
        yield from (one for one in settings.all("admin-https-ssl-versions") if one in _WEAK_TLS)
    if word == "ssh":
        yield from (name for name in _WEAK_SSH if settings.on(name))


def _name_servers(config: Configuration, nets: Mapping[str, Network]) -> Iterator[Service]:
    """The device answers questions about names where it is told to."""
    asked = {
        name for _, table in config.tables("system dns-server") for name in table.entries
    } | set(config.whole.part("system dns-server").entries)
    if not asked:
        return
    outside = {name for net in nets.values() for name in net.outside}
    reach = Reach.INSIDE if outside else Reach.UNKNOWN
    yield Service("dns", True, False, Reach.ANYWHERE if asked & outside else reach, 53)
