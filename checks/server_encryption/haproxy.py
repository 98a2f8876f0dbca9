"""Reads HAProxy's settings: the sections that take connections of web browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .settings import LOOPBACK, Settings
from .sites import Server, Site, Unread, hsts_seconds

NAME = "HAProxy"
_MAIN = "/etc/haproxy/haproxy.cfg"


@dataclass(slots=True)
class _Section:
    kind: str
    name: str
    lines: list[list[str]] = field(default_factory=list)

    def mode(self, inherited: str) -> str:
        """``http`` or ``tcp``; HAProxy's own default is tcp."""
        return next((w[1] for w in reversed(self.lines) if w[0] == "mode" and w[1:]), inherited)


def read_haproxy(settings: Settings) -> Server | Unread:
    """Its sites, or the file that stood in the way."""
    mains = settings.main or [_MAIN]
    lines: list[str] = []
    for main in mains:
        files = [p for p in sorted(settings.files) if p == main or p.startswith(f"{main}/")]
        if not files or settings.unreadable:
            return Unread(NAME, (settings.unreadable or [main])[0])
        lines += [line for path in files for line in settings.files[path]]
    sections: list[_Section] = []
    for line in lines:
        mark, *words = line.split(" ")
        if mark == "b" and words:
            sections.append(_Section(words[0], " ".join(words[1:2])))
        elif mark == "d" and words and sections:
            sections[-1].lines.append(words)
        else:
            return Unread(NAME, mains[0])
    mode = "tcp"
    sites: list[Site] = []
    for section in sections:
        if section.kind == "defaults":
            mode = section.mode("tcp")
        elif section.kind in ("frontend", "listen") and section.mode(mode) == "http":
            sites += _sites(section)
    return Server(NAME, tuple(sites))


def _sites(section: _Section) -> Iterator[Site]:
    binds = [words for words in section.lines if words[0] == "bind" and words[1:]]
    remote = [words for words in binds if not _at_home(words[1])]
    if not remote:
        return
    secure = [words for words in remote if "ssl" in words]
    yield Site(
        name=section.name or f"{NAME} {remote[0][1]}",
        plain=len(secure) < len(remote),
        redirects=_sends_on(section),
        encrypted=bool(secure),
        old=tuple(
            dict.fromkeys(
                words[at + 1]
                for words in secure
                for at, word in enumerate(words[:-1])
                if word == "ssl-min-ver" and words[at + 1] in ("SSLv3", "TLSv1.0", "TLSv1.1")
            )
        ),
        hsts_s=_hsts(section),
        application=True,
    )


def _at_home(addresses: str) -> bool:
    """Whether all that ``bind`` names is this machine itself: addresses, or sockets of files."""
    return all(
        LOOPBACK.match(re.sub(r":[0-9-]+\Z", "", address)) or address.startswith(("unix@", "abns@"))
        for address in addresses.split(",")
    )


def _sends_on(section: _Section) -> bool | None:
    """Whether what comes unencrypted is sent on to https; ``None`` where that depends."""
    for words in section.lines:
        words = words[1:] if words[0] == "http-request" else words
        if words[:3] != ["redirect", "scheme", "https"]:
            continue
        condition = " ".join(words)
        asks = re.search(r" (if|unless) ", condition)
        return True if asks is None or "ssl_fc" in condition else None
    return False


def _hsts(section: _Section) -> int:
    for words in section.lines:
        text = " ".join(words)
        match = re.search(r"strict-transport-security +(.*)", text, re.IGNORECASE)
        if match is not None and "del-header" not in words:
            return hsts_seconds(re.split(r" (?:if|unless) ", match[1])[0].replace("\\", ""))
    return 0
