"""What the probes of a Windows say about its firewall, read strictly."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import (
    Captures,
    Fields,
    Registry,
    Told,
    UnparsedError,
    read_cim,
    read_object,
    read_registry,
    told,
)

from .windows_rules import PROFILES, Rule, read_rule

# MSFT_NetFirewallProfile: GpoBoolean, and Action with "not configured", which blocks.
NO, YES, NOT_CONFIGURED = 0, 1, 2
INBOUND_NOT_CONFIGURED, INBOUND_ALLOW, INBOUND_BLOCK = 0, 2, 4
_LEFT_OUT_NONE = "notconfigured"

STOPPED, RUNNING = 1, 4
"""System.ServiceProcess.ServiceControllerStatus."""

FIREWALL_CATEGORY = 2
"""NET_FW_RULE_CATEGORY_FIREWALL: the product filters in the place of Windows."""

DOMAIN_NETWORK = 2
"""MSFT_NetConnectionProfile.NetworkCategory: 0 public, 1 private, 2 of the domain."""
_CATEGORIES = {0: "Public", 1: "Private", DOMAIN_NETWORK: "Domain"}

_FIREWALL = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall"
_SERVICES = r"HKLM\SYSTEM\CurrentControlSet\Services"
# The local and the MDM store call the private profile "Standard"; group policy has it as "Private",
# and a "Standard" from before there were private and public ones (MS-GPFAS 2.2.3).
_LOCAL_NAMES = {"Domain": "DomainProfile", "Private": "StandardProfile", "Public": "PublicProfile"}
_POLICY_NAMES = {"Domain": "DomainProfile", "Private": "PrivateProfile", "Public": "PublicProfile"}
_POLICY_OF_OLD = {
    "Domain": "DomainProfile",
    "Private": "StandardProfile",
    "Public": "StandardProfile",
}
_DISABLED = 4
"""``Start`` of a service that never starts."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A network profile as it is in force.

    Attributes:
        enabled: GpoBoolean.
        inbound: what happens to what no rule allows.
        allow_inbound: GpoBoolean; "no" holds back everything, whatever the rules say.
        allow_local: GpoBoolean; "no" leaves local rules out.
        left_out: interfaces on which it does not filter.
    """

    name: str
    enabled: int
    inbound: int
    allow_inbound: int
    allow_local: int
    log_blocked: int
    log_kilobytes: int
    left_out: tuple[str, ...]

    @property
    def on(self) -> bool:
        """It filters."""
        return self.enabled == YES

    @property
    def shut(self) -> bool:
        """It holds back everything."""
        return self.allow_inbound == NO

    @property
    def closed_by_default(self) -> bool:
        """What no rule allows is held back."""
        return self.shut or self.inbound != INBOUND_ALLOW


@dataclass(frozen=True, slots=True)
class State:
    """The answer of the firewall itself.

    Attributes:
        reached: its service answered.
        service: the state of the service MpsSvc; ``None`` where that was not seen.
        engine: that of the Base Filtering Engine.
        products: names of the products that filter in its place; ``None`` where that was not seen.
    """

    reached: bool
    service: int | None
    engine: int | None
    profiles: tuple[Profile, ...]
    products: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What the registry keeps for a profile.

    Attributes:
        enabled: ``EnableFirewall`` of whoever decides: the policies, or else the local setting.
        inbound: ``DefaultInboundAction`` of them: 0 allows, 1 blocks.
        no_local_rules: a policy leaves local rules out.
    """

    enabled: tuple[int, ...]
    inbound: tuple[int, ...]
    no_local_rules: bool


@dataclass(frozen=True, slots=True)
class Policies:
    """What the registry keeps for the profiles, and services that never start."""

    profiles: Mapping[str, Stored]
    disabled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for inbound traffic that are switched on: local ones, and those of policies."""

    local: tuple[Rule, ...]
    central: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A firewall of somebody else, as Windows' Security Center knows it.

    Attributes:
        off: it says so itself.
    """

    name: str
    off: bool


def working(others: tuple[Other, ...]) -> tuple[str, ...]:
    """The names of those that do not say that they are off."""
    return tuple(other.name for other in others if not other.off)


@dataclass(frozen=True, slots=True)
class Windows:
    """What was seen of the firewalls of a Windows."""

    state: Told[State]
    policies: Told[Policies]
    rules: Told[Rules]
    networks: Told[tuple[str, ...]]
    in_domain: Told[bool]
    listening: Told[frozenset[int]]
    others: Told[tuple[Other, ...]]


def observe_windows(captures: Captures) -> Windows:
    """Reads the probes of a Windows."""
    return Windows(
        state=told(captures, "state", _state),
        policies=told(captures, "policies", _policies),
        rules=told(captures, "rules", _rules),
        networks=told(captures, "networks", _networks),
        in_domain=told(captures, "computer", _in_domain),
        listening=told(captures, "listening", _listening),
        others=told(captures, "other_firewalls", _others),
    )


def _state(text: str) -> State:
    answer = read_object(text)
    reached = answer.boolean("reached")
    profiles = tuple(_profile(part) for part in answer.parts("profiles"))
    if sorted(one.name for one in profiles) != (list(PROFILES) if reached else []):
        raise UnparsedError("profiles")
    products = None
    if answer.value("products") is not None:
        products = tuple(part.text("name") for part in answer.parts("products") if _filters(part))
    return State(
        reached=reached,
        service=_service(answer, "service"),
        engine=_service(answer, "filtering_engine"),
        profiles=profiles,
        products=products,
    )


def _service(answer: Fields, name: str) -> int | None:
    state = answer.optional_integer(name)
    if state not in (None, *range(STOPPED, 8)):
        raise UnparsedError(name)
    return state


def _filters(part: Fields) -> bool:
    categories = part.list("categories")
    # NET_FW_RULE_CATEGORY: boot, stealth, firewall, connection security.
    if any(not isinstance(one, int) or one not in range(4) for one in categories):
        raise UnparsedError("categories")
    return FIREWALL_CATEGORY in categories


def _profile(part: Fields) -> Profile:
    profile = Profile(
        name=part.text("name"),
        enabled=part.integer("enabled"),
        inbound=part.integer("inbound"),
        allow_inbound=part.integer("allow_inbound"),
        allow_local=part.integer("allow_local"),
        log_blocked=part.integer("log_blocked"),
        log_kilobytes=part.integer("log_kilobytes"),
        left_out=tuple(
            name for name in part.texts("left_out") if name.lower() not in ("", _LEFT_OUT_NONE)
        ),
    )
    # In force, a profile is on or off.
    if profile.enabled not in (NO, YES):
        raise UnparsedError(f"{profile.name}: enabled")
    if profile.inbound not in (INBOUND_NOT_CONFIGURED, INBOUND_ALLOW, INBOUND_BLOCK):
        raise UnparsedError(f"{profile.name}: inbound")
    switches = (profile.allow_inbound, profile.allow_local, profile.log_blocked)
    if any(switch not in (NO, YES, NOT_CONFIGURED) for switch in switches):
        raise UnparsedError(profile.name)
    return profile


def _policies(text: str) -> Policies:
    registry = read_registry(text)
    return Policies(
        profiles={name: _stored(registry, name) for name in PROFILES},
        disabled=tuple(
            name
            for name in ("BFE", "MpsSvc")
            if registry.number(rf"{_SERVICES}\{name}", "Start") == _DISABLED
        ),
    )


def _stored(registry: Registry, name: str) -> Stored:
    policies = (rf"{_POLICY}\{_POLICY_NAMES[name]}", rf"{_FIREWALL}\Mdm\{_LOCAL_NAMES[name]}")
    local = rf"{_FIREWALL}\{_LOCAL_NAMES[name]}"

    def deciding(value: str, *paths: str) -> tuple[int, ...]:
        numbers = [registry.number(path, value) for path in paths]
        found = tuple(number for number in numbers if number is not None)
        own = registry.number(local, value)
        return found or (() if own is None else (own,))

    return Stored(
        enabled=deciding("EnableFirewall", *policies, rf"{_POLICY}\{_POLICY_OF_OLD[name]}"),
        inbound=deciding("DefaultInboundAction", *policies),
        # Documented for policies alone; a local value counts for nothing.
        no_local_rules=any(registry.number(one, "AllowLocalPolicyMerge") == NO for one in policies),
    )


def _rules(text: str) -> Rules:
    registry = read_registry(text)

    def of(store: str) -> tuple[Rule, ...]:
        key = registry.key(rf"{store}\FirewallRules")
        if key is None and store == _FIREWALL:
            # There always is one, for the rules that Windows brings itself.
            raise UnparsedError("FirewallRules")
        found = [] if key is None else [(name, key.text(name) or "") for name in key.names]
        read = [read_rule(name, value) for name, value in sorted(found) if name]
        return tuple(rule for rule in read if rule is not None)

    return Rules(local=of(_FIREWALL), central=of(_POLICY) + of(rf"{_FIREWALL}\Mdm"))


def _networks(text: str) -> tuple[str, ...]:
    """The profiles of the networks that it is connected to."""
    found = {row.integer("NetworkCategory") for row in read_cim(text).rows}
    if not found <= _CATEGORIES.keys():
        raise UnparsedError("NetworkCategory")
    return tuple(sorted(_CATEGORIES[category] for category in found))


def _in_domain(text: str) -> bool:
    (*_, row) = read_cim(text).rows or (Fields({}),)
    return row.boolean("PartOfDomain")


def _listening(text: str) -> frozenset[int]:
    """TCP ports on which something listens for others."""
    answer = read_cim(text)
    if not answer.rows:
        # Windows itself always listens somewhere (port 135).
        raise UnparsedError("rows")
    ports = set()
    for row in answer.rows:
        try:
            address = ipaddress.ip_address(row.text("LocalAddress").partition("%")[0])
        except ValueError as error:
            raise UnparsedError("LocalAddress") from error
        if not address.is_loopback:
            ports.add(row.integer("LocalPort"))
    return frozenset(ports)


def _others(text: str) -> tuple[Other, ...]:
    """Firewalls in the Security Center, which a Windows Server does not have.

    The bits of ``productState`` are not documented; those of 0xF000 are read everywhere as on (1),
    snoozed (2), expired (3) and off (0). Off is believed, and nothing else is built on them.
    """
    return tuple(
        Other(row.text("displayName"), row.integer("productState") & 0xF000 == 0)
        for row in read_cim(text).rows
    )
