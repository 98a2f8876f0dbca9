"""What a packet filter says, whichever tool wrote it: conditions, rules, chains, tables.

Every condition is seen from one point of view: a *stranger* who opens a new connection to this
host over a named interface. Answers to connections of the host itself are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .ports import ALL_PORTS, NO_PORTS, Ports, Range


class Family(StrEnum):
    """The two internet protocols, which are filtered apart."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"


BOTH = frozenset(Family)

TCP, UDP, OTHER = "tcp", "udp", "other"
PROTOCOLS = (TCP, UDP, OTHER)


@dataclass(frozen=True, slots=True)
class Traffic:
    """A stranger's new connections of one kind.

    Attributes:
        interface: where they come in; the empty string is an interface that no rule names.
        protocol: ``tcp``, ``udp`` or ``other`` (one that no rule names); never ICMP, which
            every sound rule set lets through in part.
        tracked: no rule takes connections out of connection tracking ("notrack").
    """

    family: Family
    interface: str
    protocol: str
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class Reach:
    """To which destination ports a condition applies, from the safe sides.

    Attributes:
        may: outside these ports it surely does not match.
        able: on these ports a stranger can make it match if he likes (``sure <= able <= may``).
        sure: on these ports it matches whatever the stranger does.
    """

    may: Ports
    able: Ports
    sure: Ports

    def __and__(self, other: Reach) -> Reach:
        return Reach(self.may & other.may, self.able & other.able, self.sure & other.sure)

    def negated(self) -> Reach:
        """The reach of the opposite condition."""
        return Reach(
            may=self.sure.complement(),
            able=self.may.complement() | (self.able - self.sure),
            sure=self.may.complement(),
        )


ALWAYS = Reach(ALL_PORTS, ALL_PORTS, ALL_PORTS)
NEVER = Reach(NO_PORTS, NO_PORTS, NO_PORTS)
CHOSEN = Reach(ALL_PORTS, ALL_PORTS, NO_PORTS)
OPAQUE = Reach(ALL_PORTS, NO_PORTS, NO_PORTS)


class Condition(Protocol):
    """Anything that narrows a rule."""

    def reach(self, traffic: Traffic) -> Reach:
        """To which of ``traffic`` it applies."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same for all traffic: ``ALWAYS``, ``NEVER``, ``CHOSEN`` or ``OPAQUE``."""

    value: Reach

    def reach(self, traffic: Traffic) -> Reach:
        """The fixed reach."""
        return self.value


@dataclass(frozen=True, slots=True)
class Negated:
    """The opposite of another condition."""

    condition: Condition

    def reach(self, traffic: Traffic) -> Reach:
        """The opposite reach."""
        return self.condition.reach(traffic).negated()


@dataclass(frozen=True, slots=True)
class Either:
    """One of several conditions holds."""

    conditions: tuple[Condition, ...]

    def reach(self, traffic: Traffic) -> Reach:
        """The reaches together."""
        may, able, sure = NO_PORTS, NO_PORTS, NO_PORTS
        for condition in self.conditions:
            found = condition.reach(traffic)
            may, able, sure = may | found.may, able | found.able, sure | found.sure
        return Reach(may, able, sure)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of several conditions holds."""

    conditions: tuple[Condition, ...]

    def reach(self, traffic: Traffic) -> Reach:
        """The reaches' common part."""
        found = ALWAYS
        for condition in self.conditions:
            found = found & condition.reach(traffic)
        return found


def interface_matches(pattern: str, interface: str) -> bool:
    """Whether ``pattern`` (a name, or a beginning followed by ``*``) names ``interface``."""
    if pattern.endswith("*"):
        return interface.startswith(pattern[:-1]) if interface else pattern == "*"
    return pattern == interface


@dataclass(frozen=True, slots=True)
class InterfaceIs:
    """The connection comes in over one of these interfaces."""

    patterns: tuple[str, ...]

    def reach(self, traffic: Traffic) -> Reach:
        """All or nothing."""
        named = any(interface_matches(pattern, traffic.interface) for pattern in self.patterns)
        return ALWAYS if named else NEVER


@dataclass(frozen=True, slots=True)
class FamilyIs:
    """The packet is of this internet protocol."""

    family: Family

    def reach(self, traffic: Traffic) -> Reach:
        """All or nothing."""
        return ALWAYS if traffic.family is self.family else NEVER


@dataclass(frozen=True, slots=True)
class ProtocolIs:
    """The packet is of one of these transport protocols, by lower-case name."""

    names: frozenset[str]

    def reach(self, traffic: Traffic) -> Reach:
        """All or nothing: ``other`` is a protocol that is not named anywhere."""
        return ALWAYS if traffic.protocol in self.names else NEVER


@dataclass(frozen=True, slots=True)
class PortIs:
    """The destination port is in one of these ranges.

    The ranges are kept and not the set: a set is 8 KiB, and there may be a hundred thousand rules.
    """

    ranges: tuple[Range, ...]

    def reach(self, traffic: Traffic) -> Reach:
        """The ports themselves; a protocol without ports has none."""
        if traffic.protocol == OTHER:
            return NEVER
        ports = Ports.of(self.ranges)
        return Reach(ports, ports, ports)


@dataclass(frozen=True, slots=True)
class SourceIs:
    """The packet says that it comes from one of these addresses.

    Attributes:
        text: the addresses as the rule wrote them.
        broad: they are so many that strangers are among them.
        whole: they are all addresses there are.
    """

    text: str
    broad: bool
    whole: bool = False

    def reach(self, traffic: Traffic) -> Reach:
        """A stranger is taken to come from any address that no narrow range holds."""
        if self.whole:
            return ALWAYS
        return CHOSEN if self.broad else NEVER


@dataclass(frozen=True, slots=True)
class StateIs:
    """Connection tracking holds the packet for one of these, by lower-case name."""

    names: frozenset[str]

    def reach(self, traffic: Traffic) -> Reach:
        """A stranger's connection is new, and never known, related or invalid."""
        if not traffic.tracked and self.names & {"new", "untracked"}:
            return OPAQUE
        return ALWAYS if "new" in self.names else NEVER


class Action(StrEnum):
    """What a rule does with a packet that it matches."""

    ACCEPT = "accept"
    DENY = "deny"
    RETURN = "return"
    JUMP = "jump"
    GOTO = "goto"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when all ``conditions`` hold, do ``action``.

    Attributes:
        target: the chain to go to, for ``JUMP`` and ``GOTO``.
        text: the rule in words that an administrator finds back, at most 200 characters.
    """

    conditions: tuple[Condition, ...]
    action: Action
    target: str = ""
    text: str = ""

    def reach(self, traffic: Traffic) -> Reach:
        """To which of ``traffic`` the rule applies."""
        found = ALWAYS
        for condition in self.conditions:
            found = found & condition.reach(traffic)
            if found is not ALWAYS and not found.may:
                return NEVER
        return found


@dataclass(frozen=True, slots=True)
class Chain:
    """Rules in order.

    Attributes:
        closed: the text shows that no rule is missing at its end.
    """

    rules: tuple[Rule, ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Base:
    """A chain that the kernel itself calls on a packet's way in.

    Attributes:
        chain: its name in the table.
        hook: ``ingress``, ``prerouting`` or ``input``.
        deny: the policy is to refuse what no rule decided.
        devices: the only interfaces it sees, or none where it sees all.
    """

    chain: str
    hook: str
    deny: bool
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of chains.

    Attributes:
        label: as people name it, such as ``inet filter`` or ``iptables filter``.
        families: which packets it sees.
        bases: its chains on the way in, of type filter.
    """

    label: str
    families: frozenset[Family]
    chains: dict[str, Chain]
    bases: tuple[Base, ...]


class Problem(StrEnum):
    """Why a text could not be read as rules."""

    NONE = ""
    UNKNOWN_FORMAT = "unknown-format"
    CUT_OFF = "cut-off"


@dataclass(frozen=True, slots=True)
class Forward:
    """A rule that passes a port on to a container or another host, before the host's own rules.

    Attributes:
        families: which packets it sees.
        rule: for which packets; its action is of no matter.
        text: as people write it, such as ``tcp 8080 -> 172.17.0.2:80``.
    """

    families: frozenset[Family]
    rule: Rule
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tool's output says.

    Attributes:
        forwarded: ports that are passed on to a container or another host.
        nf_tables: the text is iptables' view of tables that nft shows as well.
        notrack: some rule takes packets out of connection tracking.
        partial: the tool says that nft holds more than it can show.
    """

    tables: tuple[Table, ...] = ()
    forwarded: tuple[Forward, ...] = ()
    problem: Problem = Problem.NONE
    nf_tables: bool = False
    notrack: bool = False
    partial: bool = False
