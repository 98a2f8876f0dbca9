"""Reads the headers by which a site tells browsers to be careful."""

from __future__ import annotations

import re

_MAX_AGE = re.compile(r'max-age[ \t]*=[ \t]*"?(\d{1,12})"?\Z', re.IGNORECASE)
_VERSION = re.compile(r"\d+\.\d+|/\d+\b")
_VERSION_HEADERS = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version")

FRAMING_DENIED = frozenset({"deny", "sameorigin"})

# The last policy that a browser knows is the one that counts (W3C Referrer Policy, 8.1). These are
# the policies that internet.nl accepts.
CAREFUL_REFERRERS = frozenset(
    {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
)
_OTHER_REFERRERS = frozenset(
    {"origin", "origin-when-cross-origin", "no-referrer-when-downgrade", "unsafe-url"}
)


def hsts_seconds(value: str | None) -> int | None:
    """The ``max-age`` of a Strict-Transport-Security header (RFC 6797, 6.1); ``None`` for none.

    Of several headers the first counts, and a directive that stands twice voids it (8.1).
    """
    if value is None:
        return None
    found = [
        match
        for directive in value.split(",")[0].split(";")
        if (match := _MAX_AGE.match(directive.strip()))
    ]
    return int(found[0][1]) if len(found) == 1 else None


def csp_directives(value: str | None) -> dict[str, tuple[str, ...]]:
    """The directives of a Content-Security-Policy by name; of equal ones the first counts."""
    directives: dict[str, tuple[str, ...]] = {}
    for part in (value or "").split(";"):
        words = part.split()
        if words:
            directives.setdefault(words[0].lower(), tuple(word.lower() for word in words[1:]))
    return directives


def runs_any_script(directives: dict[str, tuple[str, ...]]) -> bool:
    """Whether a policy holds back no script that somebody smuggles into the page."""
    sources = directives.get("script-src", directives.get("default-src"))
    if sources is None:
        return True
    named = any(
        source.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for source in sources
    )
    return "*" in sources or ("'unsafe-inline'" in sources and not named)


def careful_referrer(value: str | None) -> bool:
    """Whether a Referrer-Policy keeps the site's addresses to itself, as browsers do by default."""
    known = [
        word
        for part in (value or "").lower().split(",")
        if (word := part.strip()) in CAREFUL_REFERRERS | _OTHER_REFERRERS
    ]
    return not known or known[-1] in CAREFUL_REFERRERS


def versions_told(headers: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The headers' values that tell which version of a program the server runs."""
    return tuple(
        value[:80]
        for name in _VERSION_HEADERS
        for value in headers.get(name, ())
        if _VERSION.search(value)
    )
