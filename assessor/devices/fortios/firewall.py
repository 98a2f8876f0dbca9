"""The firewall: what is let in from outside, to the networks behind and to the device itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from assessor.devices.device import Firewall, Hole, Policy, Topic
from assessor.devices.fortios.configuration import Configuration
from assessor.devices.fortios.network import SDWAN, Network, addressed6
from assessor.devices.fortios.objects import ANY
from assessor.devices.fortios.policies import TABLES, Passage
from assessor.devices.fortios.schema import Unread

_MOST_HOLES = 200


def firewall(
    config: Configuration,
    nets: Mapping[str, Network],
    passing: Mapping[str, list[Passage]],
    device_holes: Iterable[Hole],
    unread: Unread,
) -> Firewall | None:
    """The firewall; ``None`` where the export shows no policies (the account may not see them)."""
    if config.table("system interface") is None or not shows_policies(config):
        return None
    outside = sorted({one for net in nets.values() for one in net.outside})
    if not outside:
        unknown = dict.fromkeys(("ipv4", "ipv6"), Policy.UNKNOWN)
        return Firewall(unknown, unknown)
    policies = {"ipv4": Policy.DENIED, "ipv6": _ipv6(config, nets)}
    families = {name for name, policy in policies.items() if policy is not Policy.OFF}
    holes = [
        hole
        for domain, net in nets.items()
        for passage in passing[domain]
        if passage.family in families
        for hole in _holes(passage, net, unread)
    ]
    for domain, net in nets.items():
        holes += _proxied(config, domain, net)
    holes += [hole for hole in device_holes if hole.family in families]
    # The widest first: what a report leaves out must not be what matters.
    holes.sort(key=lambda hole: not hole.wide)
    return Firewall(policies, policies, tuple(holes[:_MOST_HOLES]), tuple(outside))


def shows_policies(config: Configuration) -> bool:
    """Whether the export has a table of policies, even an empty one."""
    return any(True for table in TABLES for _ in config.tables(table))


def _ipv6(config: Configuration, nets: Mapping[str, Network]) -> Policy:
    """Off unless an outer interface has an address, or a domain passes frames on unrouted."""
    bridging = any(
        table.one("opmode") == "transparent" for _, table in config.tables("system settings")
    )
    addressed = any(
        addressed6(net.interfaces[name])
        for net in nets.values()
        for name in net.outside
        if name in net.interfaces
    )
    return Policy.DENIED if bridging or addressed else Policy.OFF


def _holes(passage: Passage, net: Network, unread: Unread) -> Iterator[Hole]:
    rule, side = passage.rule, passage.side
    if not net.leads_out(passage.source):
        return
    for vip in passage.vips:
        sources = (*side.sources, *vip.sources)
        for service in vip.services or rule.services:
            yield Hole(passage.family, vip.to, service, sources, f"{rule.name}, {vip.name}")
    if not passage.plain or passage.target <= {*net.outside, SDWAN}:
        return  # what goes out again reaches nobody here
    if passage.target and all(_leads_to_domain(one, net) for one in passage.target):
        # What the next domain lets through is not followed: neither closed nor open is told.
        line = f"{rule.name}: what it lets in goes on to another domain"
        unread.add((Topic.FIREWALL,), line)
        return
    to = ", ".join(side.to) if side.to else ANY
    for service in rule.services:
        yield Hole(passage.family, to, service, side.sources, rule.name)


def _leads_to_domain(name: str, net: Network) -> bool:
    block = net.interfaces.get(name)
    return "_vlink" in name or (block is not None and block.one("type") == "vdom-link")


def _proxied(config: Configuration, domain: str, net: Network) -> Iterator[Hole]:
    """What proxies of the device offer to the outer side."""
    block = config.domains[domain]
    for number, policy in block.part("firewall proxy-policy").entries.items():
        if policy.one("status") == "disable" or policy.one("action", "deny") == "deny":
            continue
        if net.leads_out(net.behind(policy.all("srcintf"))):
            to = ", ".join(policy.all("access-proxy")) or "device"
            yield Hole("ipv4", to, policy.one("proxy", "proxy"), (), f"proxy-policy {number}")
    if not block.part("web-proxy explicit").on("status"):
        return
    port = block.part("web-proxy explicit").one("http-incoming-port", "8080")
    for name in sorted(net.outside):
        if name in net.interfaces and net.interfaces[name].on("explicit-web-proxy"):
            yield Hole("ipv4", "device", f"tcp/{port}", (), f"{name}: explicit-web-proxy")
