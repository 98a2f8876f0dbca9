"""Kinds of traffic, and the parts of them that a rule's conditions match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from assessor.devices.routeros.nets import Network, meet, within


@dataclass(frozen=True, slots=True)
class Traffic:
    """A kind of traffic.

    Attributes:
        family: 4 or 6.
        through: it goes through the device, not to it.
        interface: where it comes in.
        protocol: by name; empty for any.
        port: that it goes to; ``None`` for any.
        state: of its connection: ``new`` or ``untracked``.
        translated: its destination was translated.
        sources: addresses that it comes from alone, as rules name them.
        from_nets: ... where it comes from an own network.
        to_nets: where it goes, where that is known.
        out: interfaces that it may leave through.
    """

    family: int
    through: bool
    interface: str
    protocol: str = ""
    port: int | None = None
    state: str = "new"
    translated: bool = False
    sources: tuple[str, ...] = ()
    from_nets: tuple[Network, ...] = ()
    to_nets: tuple[Network, ...] = ()
    out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What a rule matches of a kind of traffic.

    Attributes:
        whole: all of it.
        protocol: ... or what is of this protocol,
        ports: goes to these ports,
        sources: comes from these addresses,
        to: or goes to these.
        except_from: all but what comes from these.
        unclear: nobody can tell from the configuration.
    """

    whole: bool = True
    protocol: str = ""
    ports: str = ""
    sources: tuple[str, ...] = ()
    to: str = ""
    except_from: tuple[str, ...] = ()
    unclear: bool = False


ALL = Part()
SOME = Part(whole=False)
UNCLEAR = Part(whole=False, unclear=True)


def exact(matches: bool | None, negated: bool) -> Part | None:
    """All of it, or nothing; unclear where ``matches`` is ``None``."""
    if matches is None:
        return UNCLEAR
    return ALL if matches is not negated else None


def of_several(matching: Mapping[str, bool | None], negated: bool) -> Part | None:
    """Traffic that may leave through any of several interfaces, some of which match."""
    if not matching or None in matching.values():
        return UNCLEAR
    names = [name for name, matches in matching.items() if matches is not negated]
    if len(names) == len(matching):
        return ALL
    return Part(whole=False, to=", ".join(names)) if names else None


def inside(
    nets: tuple[Network, ...], found: tuple[Network, ...], more: bool, negated: bool
) -> Part | None:
    """Traffic of which the networks are known."""
    if all(any(within(net, one) for one in found) for net in nets):
        return exact(True, negated)
    if not more and not any(meet(net, one) for net in nets for one in found):
        return exact(False, negated)
    return SOME


def has_port(value: str, port: int | None) -> bool | None:
    """Whether ``port`` is among ``22,8000-8080``; ``None`` where that is not understood."""
    found = False
    for piece in value.split(","):
        low, _, high = piece.strip().partition("-")
        if not low.isdecimal() or (high and not high.isdecimal()) or len(piece) > 11:
            return None
        found = found or (port is not None and int(low) <= port <= int(high or low))
    return found


def both(one: Part, other: Part) -> Part:
    """What two conditions match together."""
    if one is ALL:
        return other
    return replace(
        one,
        whole=one.whole and other.whole,
        protocol=one.protocol or other.protocol,
        ports=one.ports or other.ports,
        sources=other.sources or one.sources,
        to=one.to or other.to,
        except_from=one.except_from or other.except_from,
        unclear=one.unclear or other.unclear,
    )
