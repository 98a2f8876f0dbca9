"""Log, clock, resolvers, where the configuration is kept, and when it was changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from assessor.devices.device import Logging, Topic
from assessor.devices.ios.addresses import is_address
from assessor.devices.ios.grammar import Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY

_REMOTE_URL = re.compile(r"(?:tftp|ftp|scp|sftp|https?|rcp)://?", re.IGNORECASE)
_NTP_HARMLESS = VOCABULARY.words("ntp")
_HARMLESS = VOCABULARY.beginnings("logging")
_LOG_WORDS = VOCABULARY.words("logging host")
_SERVER_WORDS = VOCABULARY.words("ntp server")
_CHANGED = re.compile(
    r"! (?P<what>Last configuration change|NVRAM config last updated) at "
    r"(?P<doubt>[*.]?)(?P<time>\d\d:\d\d:\d\d)(?:\.\d+)? (?P<zone>\S+) "
    r"\w{3} (?P<month>\w{3}) +(?P<day>\d{1,2}) (?P<year>\d{4})"
)
_COMMAND = re.compile(
    r"(?P<doubt>[*.]?)(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<year>\d{4}) "
    r"(?P<time>\d\d:\d\d:\d\d)(?:\.\d+)?(?: (?P<zone>[A-Za-z]\w*))?: "
    r"%PARSER-5-CFGLOG_LOGGEDCMD: User:\S* +logged command:(?P<command>.*)"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NO_CLOCK = 2002
"""Until somebody sets it, the clock runs from March 1993 or 2002."""

# Where the configuration names no zone, and for those whose letters mean one thing only in Europe.
_ZONES: Mapping[str, int] = {"UTC": 0, "GMT": 0, "WET": 0, "CET": 60, "CEST": 120, "WEST": 60}


@dataclass(frozen=True, slots=True)
class Records:
    """What is recorded where."""

    logging: Logging | None
    ntp: tuple[str, ...] | None
    dns: tuple[str, ...]
    backup: bool


def read_records(tree: Tree, notes: Notes) -> Records:
    """From the configuration."""
    tree.take("clock")
    dns = [
        word
        for node in tree.take("ip", "name-server")
        for word in node.after(2)
        if is_address(word) and not node.no
    ]
    return Records(_logging(tree, notes), _ntp(tree, notes), tuple(dns), _backup(tree, notes))


def _logging(tree: Tree, notes: Notes) -> Logging:
    remote: list[str] = []
    encrypted = True
    on = True
    for node in tree.take("logging"):
        second = node.word(1)
        if second == "on" and len(node.words) == 2:
            on = not node.no
        elif second == "trap" and node.no:
            on = False
        elif (second == "host" and len(node.words) > 2) or is_address(second):
            words = list(node.after(2) if second == "host" else node.after(1))
            if words[:1] == ["ipv6"]:
                words = words[1:]
            if node.no or not words:
                continue
            remote.append(words[0])
            encrypted = encrypted and "tls" in words
            named = {"vrf", "discriminator", "profile"}
            options = {
                word for before, word in pairwise(words) if word.isalpha() and before not in named
            }
            if options - _LOG_WORDS:
                notes.add(node.text, Topic.LOGGING)
        elif not _HARMLESS.holds(node):
            notes.add(node.text, Topic.LOGGING)
    if not on:
        remote = []
    return Logging(tuple(remote), None, encrypted if remote else None)


def _ntp(tree: Tree, notes: Notes) -> tuple[str, ...]:
    servers: list[str] = []
    on = True
    for node in (*tree.take("ntp"), *tree.take("sntp")):
        second = node.word(1)
        if node.no and not second:
            on = False
        elif second in ("server", "peer", "pool"):
            words = [word for word in node.after(2) if word.lower() not in ("ip", "ipv6")]
            if words[:1] == ["vrf"]:
                words = words[2:]
            if words and not node.no:
                servers.append(words[0])
                if {word for word in words[1:] if word.isalpha()} - _SERVER_WORDS:
                    notes.add(node.text, Topic.TIME)
        elif second not in _NTP_HARMLESS and node.word(0) == "ntp":
            notes.add(node.text, Topic.TIME)
    return tuple(servers) if on else ()


def _backup(tree: Tree, notes: Notes) -> bool:
    """Whether the configuration is sent elsewhere by itself ("archive", "kron")."""
    away = timed = False
    for node in tree.take("archive"):
        for child in node.children:
            first = child.word(0)
            if first == "path" and not child.no:
                away = bool(_REMOTE_URL.match("".join(child.after(1))))
            elif first in ("write-memory", "time-period"):
                timed = timed or not child.no
            elif first not in ("log", "maximum", "rollback", "exit", "hidekeys"):
                notes.add(child.text, Topic.LOGGING)
    return away and timed


def zones(tree: Tree) -> Mapping[str, int]:
    """The minutes before UTC by the name of a zone, as the configuration has them."""
    known = dict(_ZONES)
    hours = 0
    for node in tree.take("clock", "timezone"):
        numbers = [word for word in node.after(3) if re.fullmatch(r"-?\d{1,2}", word)]
        if numbers and len(node.words) > 3:
            minutes = int(numbers[1]) if len(numbers) > 1 else 0
            hours = int(numbers[0]) * 60
            hours += -minutes if hours < 0 else minutes
            known[node.words[2]] = hours
    for node in tree.take("clock", "summer-time"):
        if len(node.words) > 2 and not node.no:
            known[node.words[2]] = hours + 60
    return known


def changed_at(comments: Sequence[str], known: Mapping[str, int]) -> datetime | None:
    """When the configuration was last changed, from its head.

    A star or point before the time says that the clock was not right.
    """
    found: dict[str, datetime] = {}
    for comment in comments:
        match = _CHANGED.match(comment)
        if match and (moment := _moment(match, known)):
            found[match["what"]] = moment
    # The time of saving only counts where nothing was changed since the last start.
    return found.get("Last configuration change", found.get("NVRAM config last updated"))


def _moment(match: re.Match[str], known: Mapping[str, int]) -> datetime | None:
    zone = match["zone"] or ""
    if match["doubt"] or match["month"] not in _MONTHS or zone not in known:
        return None
    if int(match["year"]) <= _NO_CLOCK:
        return None
    try:
        day = date(int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"]))
        local = datetime.combine(day, time.fromisoformat(match["time"]), UTC)
        return local - timedelta(minutes=known[zone])
    except (ValueError, OverflowError):
        return None


def secret_changes(said: str, known: Mapping[str, int]) -> Mapping[str, datetime]:
    """When the device's log saw a password being set, by the label of ``Device.secrets``.

    Only lines that name the year and a known zone count ("archive, log config, notify syslog",
    "service timestamps log datetime year").
    """
    found: dict[str, datetime] = {}
    section = ""
    for line in said.split("\n"):
        match = _COMMAND.search(line)
        if match is None or (moment := _moment(match, known)) is None:
            continue
        words = match["command"].split()
        if words[:1] == ["wlan"] and len(words) > 2:
            section = f"wifi wlan {words[2]}"
        elif words[:2] == ["dot11", "ssid"] and len(words) > 2:
            section = f"wifi ssid {' '.join(words[2:])}"
        elif words[:1] == ["username"] and {"secret", "password"} & set(words[2:]):
            found[f"account {words[1]}"] = moment
        elif words[:2] in (["enable", "secret"], ["enable", "password"]):
            found["account enable"] = moment
        elif section and ("set-key" in words or words[:1] == ["wpa-psk"]):
            found[section] = moment
    return found
