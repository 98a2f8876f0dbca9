"""The match options of iptables, each as a condition on a stranger's new connection.

Names and meanings are those of iptables(8) and iptables-extensions(8).
"""

from __future__ import annotations

from collections.abc import Callable

from .addresses import destination, source
from .rules import (
    ALWAYS,
    CHOSEN,
    NEVER,
    OPAQUE,
    TCP,
    Condition,
    Fixed,
    InterfaceIs,
    PortIs,
    ProtocolIs,
    StateIs,
)

_PROTOCOL_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "ipv6-icmp"}


class Words:
    """The words of a rule, taken one by one."""

    def __init__(self, words: list[str]) -> None:
        self._words = words[::-1]

    def __bool__(self) -> bool:
        return bool(self._words)

    def take(self) -> str:
        """The next word, or the empty string after the last."""
        return self._words.pop() if self._words else ""

    def next_is(self, word: str) -> bool:
        """Whether ``word`` comes next."""
        return bool(self._words) and self._words[-1] == word

    def take_values(self) -> list[str]:
        """The words up to the next option."""
        found: list[str] = []
        while self._words and not is_flag(self._words[-1]) and self._words[-1] != "!":
            found.append(self._words.pop())
        return found


def is_flag(word: str) -> bool:
    """Whether ``word`` begins an option; ``-1`` is a number."""
    return len(word) > 1 and word[0] == "-" and not word[1].isdigit()


def condition_of(option: str, words: Words) -> Condition:
    """The condition of ``option``, whose values are taken from ``words``."""
    reader = _OPTIONS.get(option)
    if reader is not None:
        return reader(words.take_values())
    words.take_values()
    return Fixed(CHOSEN if option.startswith(_CHOSEN_BEGINNINGS) else OPAQUE)


_Reader = Callable[[list[str]], Condition]


def _protocol(values: list[str]) -> Condition:
    name = values[0].lower() if values else ""
    name = _PROTOCOL_NUMBERS.get(name, name)
    return Fixed(ALWAYS) if name in ("all", "0") else ProtocolIs(frozenset({name}))


def _source(values: list[str]) -> Condition:
    return source(",".join(values).split(",")) or Fixed(OPAQUE)


def _destination(values: list[str]) -> Condition:
    return destination(",".join(values).split(",")) or Fixed(OPAQUE)


def _interface(values: list[str]) -> Condition:
    pattern = values[0] if values else ""
    # iptables writes "every name that begins so" as eth+
    return InterfaceIs((pattern[:-1] + "*" if pattern.endswith("+") else pattern,))


def _ports(values: list[str]) -> Condition:
    ranges: list[tuple[int, int]] = []
    for part in ",".join(values).split(","):
        low, colon, high = part.partition(":")
        if not all(text.isdigit() or not text for text in (low, high)) or not (low or high):
            return Fixed(OPAQUE)
        ranges.append((int(low or 0), int(high or (65_535 if colon else low))))
    return PortIs(tuple(ranges))


def _states(values: list[str]) -> Condition:
    return StateIs(frozenset(",".join(values).lower().split(",")))


def _tcp_flags(values: list[str]) -> Condition:
    """``--tcp-flags mask set``: a new connection begins with SYN alone."""
    if len(values) != 2:
        return Fixed(OPAQUE)
    mask, wanted = (set(value.split(",")) for value in values)
    syn = {"SYN"} if mask & {"SYN", "ALL"} else set()
    return Fixed(ALWAYS if wanted - {"NONE"} == syn else NEVER)


def _match_set(values: list[str]) -> Condition:
    """A set of sources is a list of acquaintances; of any other set nothing is known."""
    flags = values[1].split(",") if len(values) > 1 else []
    return Fixed(NEVER if flags[:1] == ["src"] else OPAQUE)


def _source_type(values: list[str]) -> Condition:
    kinds = set(",".join(values).split(","))
    return Fixed(ALWAYS if "UNICAST" in kinds else NEVER)


def _destination_type(values: list[str]) -> Condition:
    kinds = set(",".join(values).split(","))
    return Fixed(ALWAYS if kinds & {"LOCAL", "UNICAST"} else NEVER)


def _packet_type(values: list[str]) -> Condition:
    return Fixed(ALWAYS if "unicast" in values else NEVER)


def _ipsec(values: list[str]) -> Condition:
    return Fixed(NEVER if "ipsec" in values else ALWAYS)


def _direction(values: list[str]) -> Condition:
    return Fixed(ALWAYS if "ORIGINAL" in values else NEVER)


def _fixed(condition: Condition) -> _Reader:
    return lambda values: condition


_ACQUAINTANCE, _EVERYONE = Fixed(NEVER), Fixed(ALWAYS)

_OPTIONS: dict[str, _Reader] = {
    "-p": _protocol,
    "--protocol": _protocol,
    "-s": _source,
    "--source": _source,
    "--src-range": _source,
    "-d": _destination,
    "--destination": _destination,
    "--dst-range": _destination,
    "-i": _interface,
    "--in-interface": _interface,
    "--dport": _ports,
    "--dports": _ports,
    "--destination-port": _ports,
    "--destination-ports": _ports,
    "--state": _states,
    "--ctstate": _states,
    "--ctstatus": _fixed(_ACQUAINTANCE),
    "--ctdir": _direction,
    "--tcp-flags": _tcp_flags,
    "--syn": _fixed(ProtocolIs(frozenset({TCP}))),
    "--icmp-type": _fixed(_EVERYONE),
    "--icmpv6-type": _fixed(_EVERYONE),
    "--mac-source": _fixed(_ACQUAINTANCE),
    "--match-set": _match_set,
    "--src-cc": _fixed(_ACQUAINTANCE),
    "--source-country": _fixed(_ACQUAINTANCE),
    "--helper": _fixed(_ACQUAINTANCE),
    "--src-type": _source_type,
    "--dst-type": _destination_type,
    "--limit-iface-in": _fixed(_EVERYONE),
    "--pkt-type": _packet_type,
    "--pol": _ipsec,
    "--dir": _fixed(_EVERYONE),
    "--set": _fixed(_EVERYONE),
    "--name": _fixed(_EVERYONE),
    "--mask": _fixed(_EVERYONE),
    "--rsource": _fixed(_EVERYONE),
    "--validmark": _fixed(_EVERYONE),
    "--loose": _fixed(_EVERYONE),
    "--accept-local": _fixed(_EVERYONE),
    "--ports": _fixed(Fixed(CHOSEN)),
}
# what the sender of a packet decides himself, and what is true for part of the time only
_CHOSEN_BEGINNINGS = (
    "--sport", "--source-port", "--limit", "--hashlimit", "--connlimit", "--connbytes", "--ttl",
    "--hl", "--tos", "--dscp", "--ecn", "--length", "--string", "--algo", "--from", "--to",
    "--hex-string", "--icase", "--time", "--date", "--weekdays", "--monthdays", "--kerneltz",
    "--probability", "--mode", "--every", "--packet", "--quota", "--tcp-option", "--mss",
    "--invert", "--header", "--soft", "--rt-", "--dst-", "--hbh-", "--frag", "-f", "--fragment",
)  # fmt: skip
