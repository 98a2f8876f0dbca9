"""What policies say that the export does not explain, or leave out.

What an unknown interface or address stands for cannot be told, so neither can what a policy lets in
by it. FortiOS itself refuses such names: an export that has them is not whole, or was edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from assessor.devices.device import Topic
from assessor.devices.fortios.configuration import Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.network import SDWAN, Network
from assessor.devices.fortios.objects import Objects
from assessor.devices.fortios.policies import TABLES
from assessor.devices.fortios.schema import Unread

# Tables whose entries are interfaces, besides "system interface" itself.
_INTERFACES = (
    "system zone",
    "system pppoe-interface",
    "system switch-interface",
    "system virtual-switch",
    "system virtual-wire-pair",
    "system gre-tunnel",
    "system sit-tunnel",
    "system vdom-link",
    "vpn ipsec phase1-interface",
    "wireless-controller vap",
)
_MOST = 8
"""Lines; no more are shown anyway."""
# Interfaces that every domain has: of SSL VPN, L2TP and network access.
_OF_DOMAINS = ("ssl.", "l2t.", "naf.")
_SIDES = ("src", "dst")


def note_undefined(
    config: Configuration,
    nets: Mapping[str, Network],
    things: Mapping[str, Objects],
    unread: Unread,
) -> None:
    """Notes the names of origin that nothing explains, of policies that let through."""
    table = config.table("system interface")
    listed = {} if table is None else table.entries
    for domain, block in config.domains.items():
        net, found = nets[domain], things[domain]
        known = {*listed, *_interfaces(block), *net.zones, *net.outside, SDWAN, "any"}
        lists = {
            name
            for part in (config.whole, block)
            for name in part.part("system external-resource").entries
        }
        lines = _unexplained(block, net, found, known, lists)
        for line in dict.fromkeys(islice(lines, _MOST)):
            unread.add((Topic.FIREWALL,), line)


def _unexplained(
    block: Block, net: Network, found: Objects, known: set[str], lists: set[str]
) -> Iterator[str]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for title, policy in _accepting(block):
        for name in policy.all("srcintf"):
            if name not in known and not name.startswith(_OF_DOMAINS):
                yield f"{title}: srcintf {name} is not explained"
        if not net.leads_out(net.behind(policy.all("srcintf") or ("any",))):
            continue
        for side in _SIDES:
            named = any(policy.all(f"{side}addr{family}") for family in ("", "4", "6"))
            if not named and not _by_service(policy, side):
                yield f"{title}: no {side}addr"
        for setting, family in _sources(title):
            names = policy.all(setting)
            if (family, names) in seen:
                continue
            seen.add((family, names))
            for name in found.undefined(names, family):
                if name not in lists:
                    yield f"{title}: {setting} {name} is not explained"


def _by_service(policy: Block, side: str) -> bool:
    """Whether an internet service stands where else an address would."""
    suffix = "-src" if side == "src" else ""
    return any(policy.on(f"internet-service{kind}{suffix}") for kind in ("", "6"))


def _accepting(block: Block) -> Iterator[tuple[str, Block]]:
    for table in TABLES:
        for number, policy in block.part(table).entries.items():
            if policy.one("action") == "accept" and policy.one("status") != "disable":
                yield f"{table} {number}", policy


def _sources(title: str) -> tuple[tuple[str, str], ...]:
    if title.startswith(("firewall policy6 ", "firewall policy64 ")):
        return (("srcaddr", "ipv6"),)
    return (("srcaddr", "ipv4"), ("srcaddr4", "ipv4"), ("srcaddr6", "ipv6"))


def _interfaces(block: Block) -> Iterator[str]:
    for table in _INTERFACES:
        for name in block.part(table).entries:
            yield name
            if table == "system vdom-link":
                yield from (f"{name}0", f"{name}1")
    for table in ("system sdwan", "system virtual-wan-link"):
        yield from block.part(table).part("zone").entries
