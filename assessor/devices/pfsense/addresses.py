"""Which addresses a rule means: aliases, networks of interfaces, the device itself.

Every question about them has three answers where the configuration does not tell all: what is
surely meant (``covers``), and what may be meant (``touches``). A rule that lets through counts by
what it may mean, one that blocks by what it surely means.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assessor.devices.networks import OWN, PRIVATE4, SHARED
from assessor.devices.pfsense.interfaces import Interface, Range, spans

_WIDE = 8
"""A network with fewer bits than this is as good as everybody (0.0.0.0/1 and 128.0.0.0/1)."""
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
_STATIC = frozenset({"host", "network", "networkgroup", "urltable_static"})
_ELSEWHERE = frozenset(
    {"url", "urltable", "url_ports", "urltable_ports", "urljson", "geoip", "external", "asn",
     "dynipv6host", "internal", "mac", "authgroup"}
)  # fmt: skip
_KNOWN_TYPES = _STATIC | _ELSEWHERE | {"port"}
_BUILT_IN: Mapping[str, tuple[str, ...]] = {
    # pfSense 2.8 and Plus 24.11 (filter.inc, "system aliases")
    "_private4_": tuple(str(each) for each in PRIVATE4),
    "_private6_": ("fc00::/7",),
    "_loopback4_": ("127.0.0.0/8",),
    "_loopback6_": ("::1/128",),
    "_linklocal4_": ("169.254.0.0/16",),
    "_linklocal6_": ("fe80::/10",),
    "_multicast4_": ("224.0.0.0/4",),
    "_multicast6_": ("ff00::/8",),
}
_TABLES = frozenset(
    {"bogons", "bogonsv6", "virusprot", "sshlockout", "webconfiguratorlockout", "snort2c",
     "negate_networks", "tonatsubnets", "vpn_networks"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for addresses or ports, as the configuration has it."""

    name: str
    type: str
    content: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether it is of a type that is understood."""
        return self.type in _KNOWN_TYPES


@dataclass(frozen=True, slots=True)
class Where:
    """What an address in a rule stands for.

    Attributes:
        any: everybody.
        ranges: addresses.
        nets: interfaces whose networks are meant.
        own: interfaces whose own address is meant; ``self`` for all of the device's addresses.
        opaque: more is meant than the configuration tells (a name, a list from elsewhere).
        country: ... by country or network operator: many addresses that nobody chose one by one.
        negated: everything but that.
        said: as the configuration has it.
    """

    any: bool = False
    ranges: tuple[Range, ...] = ()
    nets: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    opaque: bool = False
    country: bool = False
    negated: bool = False
    said: tuple[str, ...] = ()

    def everybody(self) -> bool:
        """Whether it leaves nobody out who matters."""
        if self.any or self.negated or self.country:
            return True
        return any(_bits(each) < _WIDE for each in self.ranges)

    def sources(self) -> tuple[str, ...]:
        """Who alone may come, for people; nothing where that is everybody."""
        return () if self.everybody() else self.said


def _bits(span: Range) -> int:
    """How many leading bits all addresses of a range share, at the most."""
    version, first, last = span
    return (32 if version == 4 else 128) - (last - first + 1).bit_length() + 1


@dataclass(frozen=True, slots=True)
class Meant:
    """How far addresses of a rule are those of something.

    Attributes:
        covers: surely all of them.
        certain: surely some of them.
        touches: some of them, perhaps.
    """

    covers: bool
    certain: bool
    touches: bool


@dataclass(frozen=True)
class Space:
    """All names of one configuration."""

    interfaces: Mapping[str, Interface]
    aliases: Mapping[str, Alias]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _resolved: dict[str, Where | None] = field(default_factory=dict)
    _covered: dict[tuple[int, str, int], tuple[Meant, Where]] = field(default_factory=dict)

    def where(self, names: Iterable[str], *, negated: bool = False) -> Where | None:
        """What ``names`` stand for together; ``None`` where one of them is unknown."""
        parts = [self._one(name) for name in names]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or not known:
            return None
        joined = _joined(known)
        if negated and not joined.any:
            said = tuple(f"!{name}" for name in joined.said)
            return Where(
                False, joined.ranges, joined.nets, joined.own, joined.opaque, joined.country,
                True, said,
            )  # fmt: skip
        return joined

    def _one(self, name: str) -> Where | None:
        if name.lower() == "any":
            return Where(any=True, said=("any",))
        if name == "(self)":
            return Where(own=frozenset({"self"}), said=(name,))
        if name in self.interfaces:
            return Where(nets=frozenset({name}), said=(f"{name} net",))
        if name.endswith("ip") and name[:-2] in self.interfaces:
            return Where(own=frozenset({name[:-2]}), said=(name,))
        if name in self.groups:
            return Where(nets=frozenset(self.groups[name]), said=(f"{name} net",))
        if (found := ranges(name)) is not None:
            return Where(ranges=found, said=(name,))
        if name not in self._resolved:
            self._resolved[name] = self._alias(name, frozenset())
        return self._resolved[name]

    def _alias(self, name: str, within: frozenset[str]) -> Where | None:
        if name in _BUILT_IN:
            return Where(ranges=tuple(ranges_of(_BUILT_IN[name])), said=(name,))
        if name.lower() in _TABLES or name.startswith("__captiveportal"):
            return Where(opaque=True, said=(name,))
        inside = re.fullmatch(r"__(\w+)_network", name)
        if inside and inside[1] in self.interfaces:
            return Where(nets=frozenset({inside[1]}), said=(name,))
        alias = self.aliases.get(name)
        if alias is None or not alias.known or alias.type == "port" or name in within:
            return None
        if alias.type in _ELSEWHERE:
            return Where(opaque=True, country=alias.type in {"geoip", "asn"}, said=(name,))
        return self._content(alias, within | {name})

    def _content(self, alias: Alias, within: frozenset[str]) -> Where:
        found: list[Range] = []
        parts: list[Where] = []
        opaque = False
        for word in alias.content:
            inner = ranges(word.removeprefix("!"))
            if word.startswith("!"):
                opaque = True  # all but this: less than the rest says
            elif inner is not None:
                found += inner
            elif word in self.aliases or word.startswith("__"):
                part = self._alias(word, within)
                opaque = opaque or part is None
                parts += [part] if part is not None else []
            else:
                opaque = True  # a host's name
        whole = _joined([Where(ranges=tuple(found), opaque=opaque), *parts])
        return Where(
            whole.any, whole.ranges, whole.nets, whole.own, whole.opaque, whole.country,
            False, (alias.name,),
        )  # fmt: skip

    def reaches(self, where: Where, to: Interface, version: int) -> Meant:
        """How far ``where`` is the network of ``to``."""
        key = (id(where), to.key, version)
        if key not in self._covered:
            # The object is kept alive with it, or another could get its id.
            self._covered[key] = (self._reaches(where, to, version), where)
        return self._covered[key][0]

    def _reaches(self, where: Where, to: Interface, version: int) -> Meant:
        if where.any:
            return Meant(covers=True, certain=True, touches=True)
        nets = [each for each in to.ranges if each[0] == version]
        here = [each for each in where.ranges if each[0] == version]
        whole = bool(nets) and not to.dynamic(version)
        covers = to.key in where.nets or (
            whole and all(any(_within(net, each) for each in here) for net in nets)
        )
        certain = covers or any(_meet(net, each) for net in nets for each in here)
        # What a provider hands out is public; of IPv4 behind the device that is not sure.
        guessed = [each for each in here if version == 4 or _public(each)]
        touches = certain or where.opaque or (to.dynamic(version) and bool(guessed))
        if not where.negated:
            return Meant(covers, certain, touches)
        known = whole and not where.opaque and not covers
        return Meant(covers=not touches, certain=not touches or known, touches=not covers)

    def device(self, where: Where) -> Meant:
        """How far ``where`` is the device itself; all of it is all addresses of its outer side."""
        if where.any:
            return Meant(covers=True, certain=True, touches=True)
        outside = {key for key, each in self.interfaces.items() if each.outside and each.enabled}
        covers = "self" in where.own or (bool(outside) and outside <= where.own)
        own = [mine for each in self.interfaces.values() if each.enabled for mine in each.own]
        certain = (
            covers
            or bool(where.own | where.nets)
            or any(_meet(mine, each) for mine in own for each in where.ranges)
        )
        given = any(self.interfaces[key].given for key in outside)
        touches = certain or where.opaque or (given and any(map(_public, where.ranges)))
        if not where.negated:
            return Meant(covers, certain, touches)
        return Meant(covers=not touches, certain=not touches, touches=not covers)


def _joined(parts: Iterable[Where]) -> Where:
    listed = list(parts)
    return Where(
        any=any(part.any for part in listed),
        ranges=tuple(each for part in listed for each in part.ranges),
        nets=frozenset(each for part in listed for each in part.nets),
        own=frozenset(each for part in listed for each in part.own),
        opaque=any(part.opaque for part in listed),
        country=any(part.country for part in listed),
        said=tuple(each for part in listed for each in part.said),
    )


def ranges(word: str) -> tuple[Range, ...] | None:
    """The addresses that ``word`` is: one, a network, or from one to another."""
    if not word or not (word[0].isdigit() or ":" in word):
        return None
    try:
        if "-" in word:
            low, high = word.split("-", 1)
            first, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
            if first.version != last.version or int(first) > int(last):
                return None
            return ((first.version, int(first), int(last)),)
        return spans(ipaddress.ip_network(word, strict=False))
    except ValueError:
        return None


def ranges_of(words: Iterable[str]) -> Iterable[Range]:
    """The addresses of all ``words`` that are some."""
    for word in words:
        yield from ranges(word) or ()


def _within(inner: Range, outer: Range) -> bool:
    return inner[0] == outer[0] and outer[1] <= inner[1] and inner[2] <= outer[2]


def _meet(one: Range, other: Range) -> bool:
    return one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2]


_INNER = tuple(
    span
    for net in (*OWN, SHARED, *map(ipaddress.ip_network, ("ff00::/8", "224.0.0.0/4")))
    for span in spans(net)
)


def _public(span: Range) -> bool:
    """Whether a range may hold an address that a provider hands out."""
    return not any(_within(span, each) for each in _INNER)
