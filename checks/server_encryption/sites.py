"""What one website is served with, and what is concluded of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessor.api import Fact, Message

YEAR_S = 31_536_000
OLD = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1")
"""Protocols that NCSC-NL calls insufficient or to be phased out, and RFC 8996 retires."""


@dataclass(frozen=True, slots=True)
class Site:
    """A website, as one server is set to serve it to other machines.

    Attributes:
        name: its name, or where it listens.
        plain: it can be reached without encryption.
        redirects: what comes unencrypted is sent on or refused; ``None`` where that depends.
        encrypted: it can be reached encrypted, and serves something there.
        old: the outdated protocols that its settings name.
        hsts_s: how long browsers are told to come encrypted alone, in seconds; 0 for not at all.
        application: it hands requests to a program, which may set headers of its own.
        listing: folders whose contents are shown.
    """

    name: str
    plain: bool
    redirects: bool | None
    encrypted: bool
    old: tuple[str, ...] = ()
    hsts_s: int = 0
    application: bool = False
    listing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A web server: its sites, and good practice that its settings lack."""

    engine: str
    sites: tuple[Site, ...]
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A web server of which the settings could not be read or understood."""

    engine: str
    file: str
    message: str = "settings_unseen"


def hsts_seconds(value: str) -> int:
    """``max-age`` of a Strict-Transport-Security header (RFC 6797, 6.1.1)."""
    for part in value.strip("\"'").split(";"):
        name, _, seconds = part.strip().partition("=")
        digits = seconds.strip().strip("\"'")
        if name.strip().lower() == "max-age" and digits.isdecimal():
            return int(digits[:12])
    return 0


def _list(names: Iterable[str]) -> str:
    every = list(dict.fromkeys(names))
    return ", ".join(every if len(every) <= 8 else [*every[:8], f"… ({len(every)})"])


def judge(server: Server, allowed_plain: Iterable[str]) -> tuple[list[Message], list[Message]]:
    """Faults and gaps of one server, worst first."""
    known = set(allowed_plain)
    plain = [s for s in server.sites if s.plain and s.name not in known]
    secure = [s for s in server.sites if s.encrypted]
    without = [s for s in secure if s.hsts_s == 0]
    faults = {
        "plain_site": [s.name for s in plain if s.redirects is False],
        "old_protocols": [f"{s.name} ({', '.join(s.old)})" for s in secure if s.old],
        "listing": [folder for s in server.sites for folder in s.listing],
        "no_hsts": [s.name for s in without if not s.application],
    }
    gaps = {
        "redirect_unclear": [s.name for s in plain if s.redirects is None],
        "headers_elsewhere": [s.name for s in without if s.application],
    }
    return _messages(faults, server.engine), _messages(gaps, server.engine)


def wishes(server: Server) -> list[Message]:
    """Good practice beside the promise."""
    short = [s.name for s in server.sites if s.encrypted and 0 < s.hsts_s < YEAR_S]
    found = _messages({"hsts_short": short}, server.engine)
    return [*found, *(Message(wish, {"engine": server.engine}) for wish in server.advice)]


def _messages(by_message: dict[str, list[str]], engine: str) -> list[Message]:
    found = []
    for message, names in by_message.items():
        if names:
            facts: dict[str, Fact] = {"engine": engine, "sites": _list(names)}
            found.append(Message(message, facts))
    return found
