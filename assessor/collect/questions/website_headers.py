"""What is kept of an answer's headers: what a check reads, and of cookies all but the value."""

from __future__ import annotations

from collections.abc import Iterable

from assessor.collect.questions.http_exchange import Exchange

KEPT = (
    "content-security-policy",
    "content-security-policy-report-only",
    "content-type",
    "cross-origin-opener-policy",
    "permissions-policy",
    "referrer-policy",
    "server",
    "strict-transport-security",
    "via",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-content-type-options",
    "x-frame-options",
    "x-generator",
    "x-powered-by",
)

_MOST_VALUES = 2
_LONGEST_VALUE = 300
_LONGEST_POLICY = 3_000
_MOST_COOKIES = 24
_LONGEST_NAME = 80


def kept_headers(answer: Exchange) -> dict[str, list[str]]:
    """The headers that are kept, with all their values, at most some."""
    return {
        name: [_kept(name, value) for value in values[:_MOST_VALUES]]
        for name in KEPT
        if (values := answer.values(name))
    }


def _kept(name: str, value: str) -> str:
    longest = _LONGEST_POLICY if name.startswith("content-security-policy") else _LONGEST_VALUE
    return _plain(value)[:longest]


def _plain(text: str) -> str:
    """In ASCII: in JSON, anything else would be six times as long."""
    return text.encode("ascii", "replace").decode("ascii")


def cookies(headers: Iterable[str]) -> list[dict[str, object]]:
    """The cookies that are set, each without its value (RFC 6265, 5.2)."""
    return [_cookie(header) for header in headers][:_MOST_COOKIES]


def _cookie(header: str) -> dict[str, object]:
    pair, *rest = header.split(";")
    name, equals, _ = pair.partition("=")
    attributes: dict[str, str] = {}
    for part in rest:
        key, _, value = part.partition("=")
        attributes[key.strip().lower()] = value.strip()
    return {
        # Without "=", a browser takes all of it for the value.
        "name": _plain(name.strip())[:_LONGEST_NAME] if equals else "",
        "secure": "secure" in attributes,
        "http_only": "httponly" in attributes,
        "same_site": _plain(attributes.get("samesite", "")).lower()[:10] or None,
        "domain": _plain(attributes.get("domain", "")).lower()[:_LONGEST_NAME] or None,
        "lasting": "expires" in attributes or "max-age" in attributes,
        "removed": attributes.get("max-age", "").startswith(("0", "-")),
    }
