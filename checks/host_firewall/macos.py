"""macOS: the application firewall, the packet filter beside it, and what listens.

The application firewall decides by program, not by port; its state is what its own tool says, since
macOS 15 keeps it in no file (``socketfilterfw``). The packet filter (``pf.conf(5)``) comes with
nothing but anchors of Apple. Rules of one's own in it are not judged: they might close what the
application firewall leaves open, or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessor.api import (
    Captures,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    failed,
    not_observed,
    passed,
    unknown,
    whole_lines,
)

MEASURE = "firewall"
EXPECTED: Mapping[str, Fact] = {"inbound": "closed by default"}

_STATE = re.compile(r"\(State = ([012])\)")
_OLD_STATES = {"ENABLED": True, "DISABLED": False, "enabled": True, "disabled": False}
_BLOCK_ALL = re.compile(
    r"(?:Firewall has block all state set to|Block all) (enabled|disabled|ENABLED|DISABLED)"
)
_STEALTH = re.compile(r"(?:Firewall stealth mode is|Stealth mode) (on|off|enabled|disabled)")
_APPLE = re.compile(
    r'(?:scrub-|dummynet-)?anchor "com\.apple[./][^"]*" all(?: fragment reassemble)?'
)
_PF_NOISE = ("No ALTQ support in kernel", "ALTQ related functions disabled")
SHARING: Mapping[int, str] = {
    22: "Remote Login",
    88: "Kerberos",
    445: "File Sharing",
    548: "File Sharing (AFP)",
    631: "Printer Sharing",
    3031: "Remote Apple Events",
    3283: "Remote Management",
    5000: "AirPlay",
    5900: "Screen Sharing",
    7000: "AirPlay",
    8770: "Sharing",
}
"""Services of macOS that listen for others, by TCP port."""


@dataclass(frozen=True, slots=True)
class Mac:
    """What was seen of the firewalls of a Mac.

    Attributes:
        on: the application firewall is on; ``None`` where that was not seen.
        block_all: it holds back all but what the system itself needs.
        stealth: it does not answer probing.
        gap: why its state was not seen.
        pf_on: the packet filter is on; ``None`` where that was not seen.
        pf_own_rules: it holds rules that are not Apple's own anchors.
        pf_gap: why the packet filter was not seen.
        listening: services that listen to others, as ``tcp 22 (Remote Login)``; ``None`` where
            that was not seen.
    """

    on: bool | None
    block_all: bool
    stealth: bool | None
    gap: NotCaptured | None
    pf_on: bool | None
    pf_own_rules: bool
    pf_gap: NotCaptured | None
    listening: tuple[str, ...] | None

    def facts(self) -> dict[str, Fact]:
        """The facts for a finding."""
        return {
            "application_firewall": self.on,
            "block_all": self.block_all,
            "stealth": self.stealth,
            "packet_filter": self.pf_on,
            "listening": self.listening,
        }


def observe_mac(captures: Captures) -> Mac:
    """Reads the probes of a Mac."""
    text = _answer(captures, "application_firewall")
    state = _STATE.search(text)
    block_all = _BLOCK_ALL.search(text)
    stealth = _STEALTH.search(text)
    network = captures.answered("network")
    lines = whole_lines(network.stdout) if network is not None else None
    rules = _answer(captures, "pf_rules")
    info = _answer(captures, "pf_info")
    status = re.search(r"^Status: (Enabled|Disabled)\b", info, re.MULTILINE)
    return Mac(
        on=state[1] != "0" if state is not None else None,
        block_all=(block_all is not None and _OLD_STATES[block_all[1]])
        or (state is not None and state[1] == "2"),
        stealth=stealth[1] in ("on", "enabled") if stealth is not None else None,
        gap=captures.gap("application_firewall"),
        pf_on=status[1] == "Enabled" if status is not None else None,
        pf_own_rules=any(_is_own(line.strip()) for line in rules.splitlines()),
        pf_gap=captures.gap("pf_info", "pf_rules"),
        listening=tuple(_listening(lines)) if lines is not None else None,
    )


def _answer(captures: Captures, probe: str) -> str:
    answer = captures.answered(probe)
    return answer.stdout if answer is not None and answer.exit_status == 0 else ""


def _is_own(line: str) -> bool:
    return bool(line) and line not in _PF_NOISE and _APPLE.fullmatch(line) is None


def _listening(lines: Iterable[str]) -> Iterable[str]:
    """What listens on an address of the network, from lines ``listen *.22``."""
    ports = set()
    for line in lines:
        found = re.fullmatch(r"listen (\*|[0-9a-fA-F.:]+)(?:%\w+)?\.([0-9]+)", line)
        if found is not None and not found[1].startswith("127.") and found[1] != "::1":
            ports.add(int(found[2]))
    for port in sorted(ports):
        yield f"tcp {port} ({SHARING[port]})" if port in SHARING else f"tcp {port}"


def judge_mac(seen: Mac) -> Judgement:
    """The judgement on a Mac."""
    facts = seen.facts()
    if seen.on is None:
        if seen.gap is not None:
            return not_observed(MEASURE, seen.gap)
        return unknown(MEASURE, "mac_not_understood", expected=EXPECTED, observed=facts)
    if seen.on:
        message = "mac_blocks_all" if seen.block_all else "mac_firewall_on"
        return passed(
            MEASURE, message, expected=EXPECTED, observed=facts, advice=tuple(_advice(seen))
        )
    if seen.pf_on is None and seen.pf_gap is not None:
        # Off by its own word, but the packet filter might hold everything back.
        return not_observed(MEASURE, seen.pf_gap)
    if seen.pf_on is None:
        return unknown(MEASURE, "mac_not_understood", expected=EXPECTED, observed=facts)
    if seen.pf_on and seen.pf_own_rules:
        return unknown(MEASURE, "mac_packet_filter", expected=EXPECTED, observed=facts)
    return failed(MEASURE, "mac_firewall_off", expected=EXPECTED, observed=facts)


def _advice(seen: Mac) -> Iterable[Message]:
    shared = tuple(text for text in seen.listening or () if "(" in text)
    if shared and not seen.block_all:
        yield Message("mac_services_shared", {"services": shared})
    if seen.stealth is False:
        yield Message("mac_stealth_off")
