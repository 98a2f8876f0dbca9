"""Web addresses: read as a browser reads them, and shown without what may be a secret."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

PORTS = {"http": 80, "https": 443}

_LONGEST = 8_192
_LONGEST_SHOWN = 300
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\Z")
_SAFE = "/:;,@!$&'()*+=~-._%[]"


@dataclass(frozen=True, slots=True)
class Url:
    """An address of the web (``http`` or ``https``).

    Attributes:
        host: in small letters and ASCII; an IPv6 address without brackets.
        path: begins with a slash; printable ASCII.
        query: with its question mark, or empty. It is sent, never kept: it may hold a secret.
    """

    scheme: str
    host: str
    port: int
    path: str = "/"
    query: str = ""

    @property
    def authority(self) -> str:
        """Host, and port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """What the first line of a request asks for."""
        return self.path + self.query

    @property
    def shown(self) -> str:
        """The address for evidence: without the query."""
        return f"{self.scheme}://{self.authority}{self.path[:_LONGEST_SHOWN]}"


def ascii_host(text: str) -> str | None:
    """A host name or IP address as it stands in a URL; ``None`` where it can be neither."""
    text = text.strip().rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    try:
        name = text.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return name if len(name) <= 253 and _HOST.match(name) else None


def join(base: Url, reference: str) -> Url | None:
    """What ``reference`` (a Location header, a ``src``) means on a page at ``base``.

    ``None`` where it is no address of the web: ``data:``, ``javascript:``, or not valid.
    """
    # As browsers do it (WHATWG URL): no line ends or tabs, a backslash is a slash.
    cleaned = re.sub(r"[\t\r\n]", "", reference.strip("\0 \t\r\n\f")[:_LONGEST])
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", cleaned)
    if scheme and scheme[1].lower() not in PORTS:
        return None
    cleaned = cleaned.replace("\\", "/")
    if cleaned.startswith("//"):
        cleaned = f"{base.scheme}:{cleaned}"
    try:
        # "https://" alone is no address; for urljoin, it is the base.
        whole = re.match(r"https?://", cleaned, re.IGNORECASE)
        joined = urljoin(f"{base.scheme}://{base.authority}{base.target}", cleaned)
        parts = urlsplit(cleaned if whole else joined)
        host = ascii_host(parts.hostname or "")
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or host is None or port == 0:
        return None
    query = quote(parts.query, safe=_SAFE + "?/")
    return Url(
        parts.scheme,
        host,
        port or PORTS[parts.scheme],
        quote(parts.path or "/", safe=_SAFE),
        f"?{query}" if query else "",
    )
