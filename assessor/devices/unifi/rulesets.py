"""Rules in fixed sets (``rest/firewallrule``): ``WAN_IN``, ``WAN_LOCAL``, ``LAN_IN``, ...

The fields are those of the controller's definitions (github.com/paultyng/go-unifi,
fields/*/FirewallRule.json). The sets of the outer side drop at their end.
"""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.device import Policy, Topic
from assessor.devices.unifi.bundle import Bundle, Record, flag, strangers, text_of, texts_of
from assessor.devices.unifi.common import Judged, Rule, group, network_name, number, service, walk

_KNOWN = frozenset(
    {"name", "ruleset", "rule_index", "enabled", "action", "protocol", "protocol_v6", "logging"}
    | {"protocol_match_excepted", "state_established", "state_invalid", "state_new"}
    | {"state_related", "ipsec", "icmp_typename", "icmpv6_typename", "dst_address", "dst_port"}
    | {"dst_address_ipv6", "dst_firewallgroup_ids", "dst_networkconf_id", "dst_networkconf_type"}
    | {"src_address", "src_address_ipv6", "src_port", "src_firewallgroup_ids", "startdate"}
    | {"src_networkconf_id", "src_networkconf_type", "src_mac_address", "stopdate", "starttime"}
    | {"stoptime", "monthdays", "monthdays_negate", "weekdays", "weekdays_negate", "utc"}
    | {"contiguous", "site_id", "setting_preference"}
)
_SETS = frozenset(
    f"{side}_{way}"
    for side in ("WAN", "LAN", "GUEST", "WANv6", "LANv6", "GUESTv6")
    for way in ("IN", "OUT", "LOCAL")
)
_STATES = ("established", "invalid", "new", "related")
_ANYWHERE = ("", "0.0.0.0/0", "::/0", "any")


def judged_by_rules(bundle: Bundle, family: str) -> Iterator[Judged]:
    """What the rules do to traffic from outside."""
    word = "WAN" if family == "ipv4" else "WANv6"
    for way, here in (("LOCAL", True), ("IN", False)):
        found = walk(_rules(bundle, f"{word}_{way}"), family, here=here)
        yield Judged(here, found.policy or Policy.DENIED, found.holes)


def check_rules(bundle: Bundle) -> None:
    """Tells what of the rules is not understood."""
    for record in bundle.records("firewallrule"):
        if flag(record, "enabled") is False:
            continue
        name, ruleset = text_of(record, "name") or "?", text_of(record, "ruleset")
        for stranger in strangers(record, _KNOWN):
            bundle.tell(Topic.FIREWALL, f"firewallrule {name}: {stranger} is not known")
        action = text_of(record, "action")
        known = action in ("accept", "drop", "reject") and ruleset in _SETS
        if not known or flag(record, "enabled") is None:
            bundle.tell(Topic.FIREWALL, f"firewallrule {name}: {ruleset or '?'} {action or '?'}")


def _rules(bundle: Bundle, ruleset: str) -> Iterator[Rule]:
    records = [one for one in bundle.records("firewallrule") if one.get("ruleset") == ruleset]
    for record in sorted(records, key=lambda one: number(one, "rule_index")):
        if flag(record, "enabled") is not False and _means_new(record):
            yield _rule(record, ruleset, bundle)


def _means_new(record: Record) -> bool:
    states = [word for word in _STATES if record.get(f"state_{word}")]
    return (not states or "new" in states) and text_of(record, "ipsec") != "match-ipsec"


def _rule(record: Record, ruleset: str, bundle: Bundle) -> Rule:
    version6 = "v6" in ruleset
    protocol = text_of(record, "protocol_v6" if version6 else "protocol")
    if flag(record, "protocol_match_excepted"):
        protocol = "all"  # all but one
    sources, source_ports = _end(record, "src", bundle, version6=version6)
    targets, ports = _end(record, "dst", bundle, version6=version6)
    mac = text_of(record, "src_mac_address")
    sources = (*sources, mac) if mac else sources
    narrow = bool(sources or targets or ports or source_ports) or protocol not in ("", "all")
    timed = any(record.get(word) for word in ("starttime", "startdate", "weekdays", "monthdays"))
    accepts = text_of(record, "action") == "accept"
    return Rule(
        f"{ruleset} {text_of(record, 'name')}",
        accepts,
        # What is let in at some times is let in.
        not narrow and (accepts or not timed),
        service(protocol, ports),
        targets[0] if targets else "any",
        sources,
    )


def _end(
    record: Record, side: str, bundle: Bundle, *, version6: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses and the ports that a rule demands of one side."""
    addresses = [text_of(record, f"{side}_address{'_ipv6' if version6 else ''}")]
    network = text_of(record, f"{side}_networkconf_id")
    if network:
        addresses.append(f"network {network_name(bundle, network)}")
    ports = [text_of(record, f"{side}_port")]
    for identifier in texts_of(record, f"{side}_firewallgroup_ids"):
        found = group(bundle, identifier)
        if text_of(found, "group_type") == "port-group":
            ports += texts_of(found, "group_members")
        else:
            addresses.append(text_of(found, "name") or identifier)
    return (
        tuple(one for one in addresses if one not in _ANYWHERE),
        tuple(one for one in ports if one not in ("", "1-65535")),
    )
