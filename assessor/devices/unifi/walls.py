"""What a UniFi gateway does with traffic from outside.

Two generations: rules in fixed sets (``rulesets.py``), and since Network 9 policies between zones
(``policies.py``). After a site has changed to zones the old list of rules is empty, which says
nothing (github.com/Art-of-WiFi/UniFi-API-client/issues/259).
"""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.device import Firewall, Hole, Policy, Reach, Topic
from assessor.devices.unifi.bundle import Bundle, Record, flag, text_of
from assessor.devices.unifi.common import Judged, group, service
from assessor.devices.unifi.policies import check_policies, judged_by_zones
from assessor.devices.unifi.rulesets import check_rules, judged_by_rules

_GATEWAYS = frozenset({"ugw", "udm", "uxg"})


def gateway(bundle: Bundle) -> Record | None:
    """The site's gateway, by ``stat/device``."""
    devices = bundle.records("device")
    return next((one for one in devices if text_of(one, "type") in _GATEWAYS), None)


def read_firewall(bundle: Bundle) -> Firewall | None:
    """How the gateway treats what comes from outside; ``None`` where the site has none."""
    if bundle.has("device") and gateway(bundle) is None:
        return None
    wans = [
        one
        for one in bundle.records("networkconf")
        if text_of(one, "purpose") == "wan"
        and text_of(one, "wan_type") != "disabled"
        and flag(one, "enabled") is not False
    ]
    zoned = bundle.has("firewallpolicy") and bundle.has("firewallzone")
    check_rules(bundle)
    if zoned:
        check_policies(bundle)
    told = bundle.has("device") and bool(wans) and (zoned or _told_by_rules(bundle))
    to_device: dict[str, Policy] = {}
    forwarded: dict[str, Policy] = {}
    holes: dict[Hole, None] = {}
    for family in ("ipv4", "ipv6"):
        if family == "ipv6" and wans and all(_ipv6_off(one) for one in wans):
            to_device[family] = forwarded[family] = Policy.OFF
            continue
        judged = list((judged_by_zones if zoned else judged_by_rules)(bundle, family))
        to_device[family] = _worst([one for one in judged if one.here], told=told)
        forwarded[family] = _worst([one for one in judged if not one.here], told=told)
        holes |= dict.fromkeys(hole for one in judged for hole in one.holes)
    holes |= dict.fromkeys(_port_forwards(bundle))
    outside = tuple(text_of(one, "name") for one in wans)
    return Firewall(to_device, forwarded, tuple(holes), outside)


def _worst(judged: list[Judged], *, told: bool) -> Policy:
    policies = {one.policy for one in judged}
    if Policy.ALLOWED in policies:
        return Policy.ALLOWED
    return Policy.DENIED if told and policies == {Policy.DENIED} else Policy.UNKNOWN


def _ipv6_off(wan: Record) -> bool:
    return text_of(wan, "wan_type_v6") == "disabled"


def _told_by_rules(bundle: Bundle) -> bool:
    """Whether the old list of rules is the one that counts."""
    if not bundle.has("firewallrule") or bundle.has("firewallpolicy"):
        return False
    if "ZONE_BASED_FIREWALL" in {text_of(one, "feature") for one in bundle.records("migration")}:
        return False
    if bundle.records("firewallrule") or bundle.has("migration"):
        return True
    version = next((text_of(one, "version") for one in bundle.records("sysinfo")), "")
    major = version.split(".")[0]
    return major.isdecimal() and int(major[:4]) < 9


def _port_forwards(bundle: Bundle) -> Iterator[Hole]:
    """The gateway opens its firewall for each of them by itself."""
    for record in bundle.records("portforward"):
        name, enabled = text_of(record, "name") or "?", flag(record, "enabled")
        if enabled is False:
            continue
        protocol, to = text_of(record, "proto"), text_of(record, "fwd")
        if enabled is None or protocol not in ("tcp", "udp", "tcp_udp") or not to:
            bundle.tell(Topic.FIREWALL, f"portforward {name}: not understood")
        source = text_of(record, "src")
        sources = [source] if source not in ("", "any") and not source.startswith("!") else []
        if flag(record, "src_limiting_enabled"):
            limit = group(bundle, text_of(record, "src_firewall_group_id"))
            sources.append(text_of(limit, "name") or "a group")
        through = service(protocol, (text_of(record, "dst_port"),))
        yield Hole("ipv4", to or "?", through, tuple(sources), f"port forward {name}")
    for record in bundle.records("nat"):
        if flag(record, "enabled") is not False and text_of(record, "type") == "DNAT":
            end = record.get("destination_filter")
            port = str(end.get("port") or "") if isinstance(end, dict) else ""
            through = service(text_of(record, "protocol"), (port,))
            to = text_of(record, "ip_address") or "?"
            yield Hole("ipv4", to, through, (), f"nat {text_of(record, 'description')}".strip())


def reach(firewall: Firewall | None, protocol: str, port: int, *, private: bool) -> Reach:
    """From where one can get to a port of the gateway.

    Args:
        firewall: the site's; ``None`` where it has no gateway.
        protocol: ``tcp`` or ``udp``.
        port: the port.
        private: without a gateway: all devices have addresses that no one routes to.
    """
    if firewall is None:
        return Reach.INSIDE if private else Reach.UNKNOWN
    if Policy.ALLOWED in firewall.to_device.values():
        return Reach.ANYWHERE
    found = [
        one for one in firewall.holes if one.to == "device" and _covers(one.service, protocol, port)
    ]
    if any(not one.sources for one in found):
        return Reach.ANYWHERE
    if Policy.UNKNOWN in firewall.to_device.values():
        return Reach.UNKNOWN
    return Reach.NAMED if found else Reach.INSIDE


def _covers(through: str, protocol: str, port: int) -> bool:
    protocols, _, ports = through.partition("/")
    if protocols == "any":
        return True
    if protocol not in protocols.split("+"):
        return False
    return any(_holds(part, port) for part in ports.split(","))


def _holds(part: str, port: int) -> bool:
    """Whether ``port`` is in ``22``, ``20-30``, or what is not understood."""
    low, _, high = part.partition("-")
    high = high or low
    if not (low.isdecimal() and high.isdecimal()):
        return True
    return int(low[:6]) <= port <= int(high[:6])
