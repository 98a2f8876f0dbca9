"""The policies of a virtual domain, in their order, in one form for all generations.

The first policy that fits decides, and what none fits is denied (FortiOS administration guide,
"Firewall policy"). A denying policy whose destination is "all" does not fit what goes to a virtual
address, unless ``match-vip`` is on, as it is by default since 7.2.4 (Fortinet community, "DENY
policy for Virtual IP firewall policy").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from assessor.devices.fortios.configuration import Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.network import Network
from assessor.devices.fortios.objects import ANY, Objects, Vip

TABLES = (
    "firewall policy",
    "firewall policy6",
    "firewall policy46",
    "firewall policy64",
    "firewall consolidated policy",
    "firewall security-policy",
)
_MATCH_VIP_SINCE = (7, 2, 4)
_PEOPLE = ("groups", "users", "fsso-groups")
_TAGS = ("ztna-ems-tag", "ztna-ems-tag-secondary", "ztna-geo-tag", "src-vendor-mac")
_SOURCES_OF_SERVICES = ("name", "group", "custom", "custom-group", "fortiguard", "id")


@dataclass(frozen=True, slots=True)
class Side:
    """What a policy says of one family of addresses.

    Attributes:
        sources: from where alone; empty for anywhere.
        to: where to; empty for anywhere, ``None`` for virtual addresses alone.
        vips: virtual addresses among where to.
    """

    sources: tuple[str, ...] = ()
    to: tuple[str, ...] | None = ()
    vips: tuple[Vip, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy that is on.

    Attributes:
        name: as its owner finds it.
        accept: it lets through; otherwise it denies.
        always: its schedule has no end.
        source, target: interfaces.
        sides: by family, only those that it is about.
        services: texts; ``any`` alone for any.
    """

    name: str
    accept: bool
    always: bool
    source: frozenset[str]
    target: frozenset[str]
    sides: Mapping[str, Side]
    services: tuple[str, ...]
    match_vip: bool = False

    def is_whole(self, family: str) -> bool:
        """Whether it fits whatever goes from its source to its target."""
        side = self.sides.get(family)
        return (
            side is not None
            and self.always
            and not side.sources
            and side.to == ()
            and self.services == (ANY,)
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """What a rule lets through of one family, after the rules before it.

    Attributes:
        source, target: the interfaces between which something is left.
        plain: what does not go to a virtual address is let through.
        vips: the virtual addresses that it lets reach.
    """

    rule: Rule
    family: str
    source: frozenset[str]
    target: frozenset[str]
    plain: bool
    vips: tuple[Vip, ...]

    @property
    def side(self) -> Side:
        """What the rule says of the family."""
        return self.rule.sides[self.family]


@dataclass(slots=True)
class _Denied:
    """What earlier rules of one family deny, per interface of origin."""

    plain: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    to_vips: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    vips: dict[str, set[str]] = field(default_factory=dict)

    def add(self, rule: Rule, side: Side) -> None:
        if not rule.always or side.sources or rule.services != (ANY,):
            return
        for origin in rule.source:
            if side.to == () and not _covered(self.plain, origin, rule.target):
                self.plain.setdefault(origin, []).append(rule.target)
            if side.to == () and rule.match_vip:
                self.to_vips.setdefault(origin, []).append(rule.target)
            self.vips.setdefault(origin, set()).update(vip.name for vip in side.vips)


def passages(config: Configuration, domain: str, network: Network, found: Objects) -> list[Passage]:
    """What the policies of a domain let through."""
    block = config.domains[domain]
    left: list[Passage] = []
    for table in _tables(block):
        denied = {"ipv4": _Denied(), "ipv6": _Denied()}
        for rule in _rules(config, domain, table, network, found):
            for family, side in rule.sides.items():
                if not rule.accept:
                    denied[family].add(rule, side)
                elif passage := _left(rule, family, denied[family]):
                    left.append(passage)
    return left


def _covered(
    denied: Mapping[str, list[frozenset[str]]], origin: str, target: frozenset[str]
) -> bool:
    """Whether one earlier rule denies all from ``origin`` to ``target``."""
    return any(each is target or each >= target for each in denied.get(origin, ()))


def _left(rule: Rule, family: str, denied: _Denied) -> Passage | None:
    side = rule.sides[family]
    plain: set[str] = set()
    if side.to is not None:
        plain = {one for one in rule.source if not _covered(denied.plain, one, rule.target)}
    source = set(plain)
    reached = []
    for vip in side.vips:
        origins = {
            one
            for one in rule.source
            if vip.name not in denied.vips.get(one, set())
            and not _covered(denied.to_vips, one, rule.target)
        }
        if origins:
            reached.append(vip)
            source |= origins
    if not source:
        return None
    return Passage(rule, family, frozenset(source), rule.target, bool(plain), tuple(reached))


def _tables(block: Block) -> Iterator[str]:
    """The tables of policies that count."""
    by_application = block.part("system settings").one("ngfw-mode") == "policy-based" and bool(
        block.part("firewall security-policy").entries
    )
    for table in TABLES:
        if table == "firewall security-policy" and not by_application:
            continue
        # With policies by application, "firewall policy" only chooses what is inspected.
        if table in {"firewall policy", "firewall consolidated policy"} and by_application:
            continue
        if table in block.parts:
            yield table


def _rules(
    config: Configuration, domain: str, table: str, network: Network, found: Objects
) -> Iterator[Rule]:
    match_vip = config.version >= _MATCH_VIP_SINCE
    prefix = f"{domain}: " if domain and len(config.domains) > 1 else ""
    kind = table.rpartition(" ")[2]
    for number, block in config.domains[domain].part(table).entries.items():
        action = block.one("action", "deny")
        if block.one("status") == "disable" or action not in {"accept", "deny"}:
            continue  # "ipsec" and "ssl-vpn" take what comes out of a tunnel
        title = f" ({block.one('name')})" if block.one("name") else ""
        yield Rule(
            name=f"{prefix}{kind} {number}{title}",
            accept=action == "accept",
            always=block.one("schedule", "always") == "always",
            # FortiOS demands both; where an export lacks one, the policy may be about all.
            source=network.behind(block.all("srcintf") or ("any",)),
            target=network.behind(block.all("dstintf") or ("any",)),
            sides=dict(_sides(table, block, found)),
            services=_services(table, block, found),
            match_vip=block.on("match-vip", otherwise=match_vip),
        )


def _sides(table: str, block: Block, found: Objects) -> Iterator[tuple[str, Side]]:
    if table in {"firewall policy6", "firewall policy64"}:
        families = [("ipv6", "", "")]
    elif table == "firewall policy46":
        families = [("ipv4", "", "")]
    elif table == "firewall consolidated policy":
        families = [("ipv4", "4", ""), ("ipv6", "6", "6")]
    else:
        families = [("ipv4", "", ""), ("ipv6", "6", "6")]
    for family, suffix, service in families:
        sources, targets = block.all(f"srcaddr{suffix}"), block.all(f"dstaddr{suffix}")
        by_service = block.on(f"internet-service{service}-src")
        to_service = block.on(f"internet-service{service}")
        if not (sources or by_service) or not (targets or to_service):
            continue
        denied = block.one("action", "deny") == "deny"
        origin = _origin(block, suffix, service, found, family)
        if to_service:
            names = _service_names(block, f"internet-service{service}-")
            yield family, Side(origin, names or ("an internet service",))
            continue
        vips = tuple(one for name in targets for one in found.vips.get(name, ()))
        plain = [one for one in targets if one not in found.vips and one not in found.off]
        if block.on(f"dstaddr{suffix}-negate"):
            yield family, Side(origin, ("all but some",) if denied else ())
        elif plain or vips:
            to = found.addresses(plain, family, denied=denied) if plain else None
            yield family, Side(origin, to, vips)


def _origin(
    block: Block, suffix: str, service: str, found: Objects, family: str
) -> tuple[str, ...]:
    """From where alone a policy lets come; empty for anywhere."""
    denied = block.one("action", "deny") == "deny"
    people = [f"{one} (logged in)" for name in _PEOPLE for one in block.all(name)]
    tags = [f"tag {one}" for name in _TAGS for one in block.all(name)]
    if block.on(f"internet-service{service}-src"):
        negated = block.on(f"internet-service{service}-src-negate")
        named = _service_names(block, f"internet-service{service}-src-")
        names = () if negated and not denied else named or ("an internet service",)
    elif block.on(f"srcaddr{suffix}-negate") or block.on("srcaddr-negate"):
        names = ("all but some",) if denied else ()
    else:
        names = found.addresses(block.all(f"srcaddr{suffix}"), family, denied=denied)
    return (*names, *people, *tags)


def _service_names(block: Block, prefix: str) -> tuple[str, ...]:
    return tuple(
        f"internet service {one}"
        for kind in _SOURCES_OF_SERVICES
        for one in block.all(f"{prefix}{kind}")
    )


def _services(table: str, block: Block, found: Objects) -> tuple[str, ...]:
    names: Iterable[str] = block.all("service")
    if block.on("service-negate"):
        return ("all but some",) if block.one("action", "deny") == "deny" else (ANY,)
    if names:
        return found.ports(names)
    if block.on("internet-service") or block.on("internet-service6"):
        return ("as the internet service",)
    if table == "firewall security-policy" and (
        block.all("application") or block.all("app-category")
    ):
        return ("some applications",)
    return (ANY,)
