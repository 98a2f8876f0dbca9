"""Is inbound traffic closed by default, over IPv4 and IPv6?

The kernel's rules decide: a packet gets in only when every chain on its way accepts it, so that
one chain that surely refuses is enough for "closed", while "open" needs all rules to be known.
firewalld's own words, and what an ordinary user sees, stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assessor.api import (
    Fact,
    Judgement,
    Message,
    failed,
    not_observed,
    passed,
    unknown,
)

from .exposure import Side, State, side, trusted_sources
from .host import Ipv6, Listener, Network
from .ports import NO_PORTS
from .published import Published, published
from .rules import Base, Family, Table
from .sources import Had, Observed, Source

MEASURE = "firewall"
EXPECTED: Mapping[str, Fact] = {"inbound": "closed by default", "families": "IPv4, IPv6"}


def judge_linux(observed: Observed) -> list[Judgement]:
    """The judgement on a Linux host."""
    read = [source for source in observed.sources if source.had is Had.READ]
    if not read:
        return [_without_rules(observed)]
    tables = _tables(observed)
    tracked = not any(source.reading.notrack for source in read)
    sides = [
        side(family, tables, observed.network.interfaces, tracked=tracked)
        for family in Family
        if family is Family.IPV4 or _ipv6_counts(observed.network)
    ]
    shown = published(
        [forward for source in read for forward in source.reading.forwarded],
        tables,
        observed.network.interfaces,
    )
    if all(found.state is State.CLOSED for found in sides):
        return [_closed(observed, tables, sides, shown)]
    hindrance = _hindrance(observed, [found for found in sides if found.state is not State.CLOSED])
    if hindrance is not None:
        return [hindrance]
    opened = [found for found in sides if found.state is State.OPEN]
    if opened:
        return [_open(observed, tables, sides, opened, shown)]
    unclear = [text for found in sides for text in found.because]
    return [
        unknown(
            MEASURE,
            "unclear_rules",
            {"rules": _joined(unclear)},
            expected=EXPECTED,
            observed=_seen(observed, sides, shown),
        )
    ]


def _ipv6_counts(network: Network) -> bool:
    """IPv6 is left out only where it is seen that no stranger can reach the host over it."""
    return not network.complete or network.ipv6 in (Ipv6.GLOBAL, Ipv6.UNKNOWN)


def _tables(observed: Observed) -> list[Table]:
    """All tables on the way in, each base chain once.

    iptables-nft's chains show in nft as well, there with matches that nft cannot express: then
    iptables' own view counts. Yet iptables-nft also prints built-in chains that do not exist, when
    nft holds a table of that name: those are left out.
    """
    tables: list[Table] = []
    native = observed.source("nft_ruleset")
    shown: dict[str, Table] = {}
    for source in observed.sources:
        if source is native:
            continue
        for table in source.reading.tables:
            if source.reading.nf_tables:
                shown[_nft_label(table)] = table
            else:
                tables.append(table)
    if native.had is not Had.READ:
        return [*tables, *shown.values()]
    for table in native.reading.tables:
        twin = shown.get(table.label)
        if twin is not None:
            both = {base.chain for base in table.bases} & {base.chain for base in twin.bases}
            tables.append(_with_bases(twin, [b for b in twin.bases if b.chain in both]))
            table = _with_bases(table, [b for b in table.bases if b.chain not in both])
        tables.append(table)
    return tables


def _nft_label(table: Table) -> str:
    family = "ip" if Family.IPV4 in table.families else "ip6"
    return f"{family} {table.label.split(' ', 1)[1]}"


def _with_bases(table: Table, bases: Sequence[Base]) -> Table:
    return replace(table, bases=tuple(bases))


def _hindrance(observed: Observed, sides: Sequence[Side]) -> Judgement | None:
    """Why "open" cannot be said: rules that might refuse could not be read."""
    for source in observed.sources:
        concerned = [found for found in sides if found.family in source.families]
        if not concerned:
            continue
        if source.had is Had.FAILED:
            return unknown(
                MEASURE,
                "rules_not_readable",
                {"source": source.name, "detail": source.detail},
                expected=EXPECTED,
            )
        unclear = any(found.state is State.UNCLEAR for found in concerned)
        if source.gap is not None and (unclear or _matters(observed, source)):
            return not_observed(MEASURE, source.gap)
    hidden = "firewalld" in observed.services.active or any(
        source.reading.partial for source in observed.sources
    )
    if observed.source("nft_ruleset").had is Had.ABSENT and hidden:
        # firewalld writes nftables rules through a library, without the program nft
        return unknown(MEASURE, "tool_missing", {"tool": "nft"}, expected=EXPECTED)
    return None


def _matters(observed: Observed, source: Source) -> bool:
    """Whether rules may exist that only ``source`` would have shown."""
    if source.name == "nft_ruleset":
        return True
    if source.name in ("iptables", "ip6tables"):
        # with nft read, only the legacy tables remain, which the next probe shows
        return observed.source("nft_ruleset").had is not Had.READ
    plain = observed.source(source.name.removesuffix("_legacy"))
    if plain.reading.tables and not plain.reading.nf_tables:
        return False  # "iptables" is the legacy tool itself
    kernel = observed.services.kernel
    module = "ip6_tables" if source.name == "ip6tables_legacy" else "ip_tables"
    return kernel is None or module in kernel


# -- judgements ----------------------------------------------------------------------------------


def _joined(texts: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _port_words(sides: Sequence[Side], shown: Published) -> str:
    """What strangers reach, published ports among it, as ``tcp 22, 8080``."""
    words: list[str] = []
    for protocol in ("tcp", "udp"):
        ports = NO_PORTS
        for found in sides:
            ports |= (found.open_ports or {}).get(protocol, NO_PORTS)
            ports |= shown.of(found.family, protocol)
        if ports:
            words.append(f"{protocol} {ports}")
    return "; ".join(words)


def _reachable(
    listeners: Sequence[Listener], sides: Sequence[Side], shown: Published
) -> tuple[str, ...]:
    """Programs that listen on ports that stand open, as ``tcp 22``."""
    by_family = {found.family: found.open_ports or {} for found in sides}
    hit = {
        (item.protocol, item.port)
        for item in listeners
        if item.port in by_family.get(item.family, {}).get(item.protocol, NO_PORTS)
        # what listens on a published port is a container's stand-in
        or item.port in shown.of(item.family, item.protocol)
    }
    return tuple(f"{protocol} {port}" for protocol, port in sorted(hit))


def _seen(observed: Observed, sides: Sequence[Side], shown: Published) -> dict[str, Fact]:
    listeners = observed.network.listeners
    reachable = _reachable(listeners, sides, shown)
    every = {f"{item.protocol} {item.port}" for item in listeners}
    states = {found.family: found.state.value for found in sides}
    return {
        "ipv4": states.get(Family.IPV4, ""),
        "ipv6": states.get(Family.IPV6, observed.network.ipv6.value),
        "open_ports": _port_words(sides, shown),
        "published": shown.texts,
        "listening_and_open": reachable,
        "listening_and_shielded": tuple(sorted(every - set(reachable))),
        "ufw_enabled": observed.services.ufw.get("ENABLED", ""),
        "firewalld": observed.firewalld,
        "zones": observed.zones,
    }


def _closed(
    observed: Observed, tables: Sequence[Table], sides: Sequence[Side], shown: Published
) -> Judgement:
    ports = _port_words(sides, shown)
    return passed(
        MEASURE,
        "default_deny" if ports else "all_closed",
        {"open_ports": ports},
        expected=EXPECTED,
        observed=_seen(observed, sides, shown),
        advice=tuple(_advice(observed, tables, sides, shown)),
    )


def _advice(
    observed: Observed, tables: Sequence[Table], sides: Sequence[Side], shown: Published
) -> list[Message]:
    found: list[Message] = []
    if shown.texts:
        found.append(Message("forwarded_ports", {"ports": _joined(shown.texts)}))
    trusted = [name for item in sides for name in item.trusted]
    if trusted:
        names = ", ".join(dict.fromkeys(trusted))
        found.append(Message("trusted_interfaces", {"interfaces": names}))
    sources = trusted_sources(tables)
    if sources:
        found.append(Message("trusted_sources", {"sources": ", ".join(sources[:20])}))
    if observed.network.complete and observed.network.ipv6 is Ipv6.LINK_LOCAL:
        found.append(Message("ipv6_local_only"))
    if observed.services.enabled is not None and not observed.services.enabled & _AT_BOOT:
        found.append(Message("not_at_boot"))
    return found


_AT_BOOT = frozenset(
    {
        "nftables", "ufw", "firewalld", "netfilter-persistent", "iptables", "ip6tables",
        "shorewall", "ferm", "pve-firewall", "csf", "firehol", "awall",
    }
)  # fmt: skip


def _open(
    observed: Observed,
    tables: Sequence[Table],
    sides: Sequence[Side],
    opened: Sequence[Side],
    shown: Published,
) -> Judgement:
    families = " + ".join(found.family.value for found in opened)
    interfaces = ", ".join(dict.fromkeys(name for found in opened for name in found.interfaces))
    because = _joined([text for found in opened for text in found.because])
    seen = _seen(observed, sides, shown)
    facts: dict[str, Fact] = {
        "families": families,
        "interfaces": interfaces,
        "because": because,
        "open_ports": _port_words(opened, shown),
    }
    guilty = {found.family for found in opened}
    if not any(_filters(table, guilty) for table in tables):
        message = "no_firewall" if len(opened) == len(sides) else "no_rules_for_family"
    elif not all(found.everything for found in opened):
        message = "too_much_open"
    elif any(text.startswith("policy ") for found in opened for text in found.because):
        message = "open_by_default"
    else:
        message = "rule_opens_all"
    return failed(MEASURE, message, facts, expected=EXPECTED, observed=seen)


def _filters(table: Table, families: set[Family]) -> bool:
    """Whether ``table`` holds anything at all that looks at inbound packets of ``families``."""
    return bool(table.families & families) and any(
        base.deny or table.chains[base.chain].rules for base in table.bases
    )


def _without_rules(observed: Observed) -> Judgement:
    """No source of rules could be read: what an ordinary user sees never gives ``pass``."""
    services = observed.services
    nothing_installed = services.complete and not services.tools
    if all(source.had is Had.ABSENT for source in observed.sources) or nothing_installed:
        if services.kernel is not None and not services.kernel:
            # no tool, and no packet filter in the kernel: there is nothing that could hold rules
            return failed(MEASURE, "no_firewall_installed", expected=EXPECTED)
        if all(source.had is Had.ABSENT for source in observed.sources):
            return unknown(MEASURE, "tool_missing", {"tool": "nft"}, expected=EXPECTED)
    broken = next((source for source in observed.sources if source.had is Had.FAILED), None)
    if broken is not None:
        found = unknown(
            MEASURE,
            "rules_not_readable",
            {"source": broken.name, "detail": broken.detail},
            expected=EXPECTED,
        )
    else:
        gap = next((source.gap for source in observed.sources if source.gap is not None), None)
        if gap is None:
            return unknown(MEASURE, "tool_missing", {"tool": "nft"}, expected=EXPECTED)
        found = not_observed(MEASURE, gap)
    hints: dict[str, Fact] = {
        "tools": tuple(sorted(services.tools)),
        "enabled_at_boot": tuple(sorted(services.enabled or ())),
        "active": tuple(sorted(services.active)),
        "ufw_enabled": services.ufw.get("ENABLED", ""),
        "firewalld": observed.firewalld or ("running" if "firewalld" in services.active else ""),
    }
    return replace(found, expected=EXPECTED, observed=hints)
