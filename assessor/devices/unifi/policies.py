"""Policies between zones, since Network 9 (``v2/api/site/.../firewall-policies``).

The fields are those that the community found (github.com/ubiquiti-community/go-unifi,
cmd/fields/custom/FirewallPolicy.json). The maker's own policies, "predefined", are among them; what
comes from the zone "external" and is not named is blocked.
"""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.device import Policy, Topic
from assessor.devices.unifi.bundle import Bundle, Record, flag, strangers, text_of, texts_of
from assessor.devices.unifi.common import Judged, Rule, group, network_name, number, service, walk

_KNOWN = frozenset(
    {"action", "connection_state_type", "connection_states", "create_allow_respond", "name"}
    | {"description", "destination", "enabled", "icmp_typename", "icmp_v6_typename", "index"}
    | {"ip_version", "logging", "match_ip_sec", "match_ip_sec_type", "match_opposite_protocol"}
    | {"predefined", "protocol", "schedule", "source", "origin_id", "origin_type", "site_id"}
)
_KNOWN_END = frozenset(
    {"ips", "client_macs", "network_ids", "web_domains", "match_mac", "match_opposite_ips", "port"}
    | {"match_opposite_ports", "match_opposite_networks", "matching_target", "port_group_id"}
    | {"matching_target_type", "ip_group_id", "port_matching_type", "zone_id", "regions", "mac"}
    | {"app_ids", "app_category_ids"}
)
_TARGETS = frozenset({"ANY", "DEVICE", "IP", "NETWORK", "CLIENT", "MAC", "WEB", "REGION", "APP"})
_STATES = ("ALL", "RESPOND_ONLY", "CUSTOM")
_VERSIONS = ("BOTH", "IPV4", "IPV6")
_PORTS = ("", "ANY", "SPECIFIC", "LIST", "OBJECT")
_MODES = ("", "ALWAYS", "EVERY_DAY", "EVERY_WEEK", "ONE_TIME_ONLY", "CUSTOM")


def judged_by_zones(bundle: Bundle, family: str) -> Iterator[Judged]:
    """What the policies do to traffic from outside, for each zone that it may go to."""
    keys = _keys(bundle)
    for target, key in keys.items():
        if key == "external":
            continue
        for source in (one for one, word in keys.items() if word == "external"):
            found = walk(_rules(bundle, source, target, family), family, here=key == "gateway")
            yield Judged(found.here, found.policy or Policy.DENIED, found.holes)


def between_networks(bundle: Bundle, source: str, target: str) -> Policy | None:
    """What happens between two networks; ``None`` where the policies do not tell."""
    zones = {
        network: text_of(zone, "_id")
        for zone in bundle.records("firewallzone")
        for network in texts_of(zone, "network_ids")
    }
    if source not in zones or target not in zones:
        return None
    return walk(_rules(bundle, zones[source], zones[target], "ipv4"), "ipv4", here=False).policy


def check_policies(bundle: Bundle) -> None:
    """Tells what of the policies and zones is not understood."""
    if not {"external", "gateway"} <= set(_keys(bundle).values()):
        bundle.tell(Topic.FIREWALL, "firewallzone: the zones external and gateway are not told")
    for record in bundle.records("firewallpolicy"):
        if flag(record, "enabled") is False:
            continue
        name = text_of(record, "name") or "?"
        action, states = text_of(record, "action"), text_of(record, "connection_state_type")
        known = action in ("ALLOW", "BLOCK", "REJECT") and states in _STATES
        known = known and flag(record, "enabled") is not None
        known = known and text_of(record, "ip_version") in _VERSIONS
        known = known and text_of(_end(record, "schedule"), "mode") in _MODES
        for stranger in strangers(record, _KNOWN):
            bundle.tell(Topic.FIREWALL, f"firewall policy {name}: {stranger} is not known")
        for side in ("source", "destination"):
            end = _end(record, side)
            known = known and text_of(end, "matching_target") in _TARGETS and "zone_id" in end
            known = known and text_of(end, "port_matching_type") in _PORTS
            for stranger in strangers(end, _KNOWN_END):
                bundle.tell(
                    Topic.FIREWALL, f"firewall policy {name}: {side} {stranger} is not known"
                )
        if not known:
            bundle.tell(Topic.FIREWALL, f"firewall policy {name}: {action or '?'} {states or '?'}")


def _keys(bundle: Bundle) -> dict[str, str]:
    return {text_of(one, "_id"): text_of(one, "zone_key") for one in bundle.records("firewallzone")}


def _end(record: Record, name: str) -> Record:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _rules(bundle: Bundle, source: str, target: str, family: str) -> Iterator[Rule]:
    version = "IPV4" if family == "ipv4" else "IPV6"
    for record in sorted(bundle.records("firewallpolicy"), key=lambda one: number(one, "index")):
        if (
            _end(record, "source").get("zone_id") == source
            and _end(record, "destination").get("zone_id") == target
            and text_of(record, "ip_version") in ("BOTH", version)
            and _means_new(record)
        ):
            yield _rule(record, bundle)


def _means_new(record: Record) -> bool:
    kind = text_of(record, "connection_state_type")
    states = {one.upper() for one in texts_of(record, "connection_states")}
    # A port forward shows as itself; what came through IPsec is not from the internet.
    return not (
        flag(record, "enabled") is False
        or text_of(record, "origin_type") == "port_forward"
        or kind == "RESPOND_ONLY"
        or (kind == "CUSTOM" and "NEW" not in states)
        or (flag(record, "match_ip_sec") and record.get("match_ip_sec_type") != "MATCH_NON_IP_SEC")
    )


def _rule(record: Record, bundle: Bundle) -> Rule:
    source, destination = _end(record, "source"), _end(record, "destination")
    protocol = text_of(record, "protocol") or "all"
    if flag(record, "match_opposite_protocol"):
        protocol = "all"  # all but one
    ports = _ports(destination, bundle)
    sources, some = _addresses(source, bundle)
    targets, aimed = _addresses(destination, bundle)
    narrow = bool(some or aimed or ports or _ports(source, bundle)) or protocol != "all"
    always = text_of(_end(record, "schedule"), "mode") in ("", "ALWAYS")
    accepts = text_of(record, "action") == "ALLOW"
    return Rule(
        f"policy {text_of(record, 'name')}",
        accepts,
        # What is let in at some times is let in.
        not narrow and (accepts or always),
        service(protocol, ports),
        targets[0] if targets else "any",
        sources,
    )


def _ports(end: Record, bundle: Bundle) -> tuple[str, ...]:
    if text_of(end, "port_matching_type") in ("", "ANY") or flag(end, "match_opposite_ports"):
        return ()
    port = end.get("port")
    told = (str(port),) if port else ()
    return (*told, *texts_of(group(bundle, text_of(end, "port_group_id")), "group_members"))


def _addresses(end: Record, bundle: Bundle) -> tuple[tuple[str, ...], bool]:
    """The addresses that one end names, and whether it leaves anybody out."""
    target = text_of(end, "matching_target")
    if target == "ANY":
        return (), False
    opposite = flag(end, "match_opposite_ips") or flag(end, "match_opposite_networks")
    if opposite or target in ("WEB", "REGION", "APP"):
        return (), True
    names = [*texts_of(end, "ips"), *texts_of(end, "client_macs")]
    names += [f"network {network_name(bundle, one)}" for one in texts_of(end, "network_ids")]
    if end.get("ip_group_id"):
        names.append(text_of(group(bundle, text_of(end, "ip_group_id")), "name") or "a group")
    return tuple(names), True
