"""Decides from a request's headers whether it came from the page itself.

Any web site can make a browser send requests to 127.0.0.1, and a name that its owner points at
127.0.0.1 makes the browser take them for its own (DNS rebinding). The names below can be claimed by
nobody else: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 for ``localhost``.
"""

from __future__ import annotations

from werkzeug.datastructures import Headers

LOOPBACK = "127.0.0.1"
"""Where the page listens. There is no setting for it."""

_NAMES = (LOOPBACK, "localhost", "[::1]")  # [::1]: where a tunnel's own end may listen


def hosts(port: int) -> frozenset[str]:
    """The values of the Host header that mean this server."""
    return frozenset(f"{name}:{port}" for name in _NAMES)


def is_ours(headers: Headers, port: int) -> bool:
    """Whether the request was meant for this server and for no name of somebody else's."""
    return headers.get("Host", "").lower() in hosts(port)


def from_our_page(headers: Headers) -> bool:
    """Whether one of our own pages sent it. A browser that does not say where it is, is refused.

    Args:
        headers: of a request that :func:`is_ours`.
    """
    origin = headers.get("Origin", "").lower()
    site = headers.get("Sec-Fetch-Site", "same-origin")  # older browsers do not send it
    return origin == f"http://{headers.get('Host', '').lower()}" and site == "same-origin"


def came_by_link(headers: Headers) -> bool:
    """Whether a link on another site led here: browsers keep a strict cookie back then."""
    return (
        headers.get("Sec-Fetch-Site") == "cross-site"
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )


def looks_ahead(headers: Headers) -> bool:
    """Whether the browser only fetches in case somebody wants it; that must not use up a link."""
    return "prefetch" in headers.get("Sec-Purpose", headers.get("Purpose", ""))
