"""Fetches a published statement over HTTPS: verified, bounded in size and in time.

There is no switch that weakens the verification. A private certificate authority can be named;
redirects are followed to HTTPS addresses only, and only a few.
"""

from __future__ import annotations

import http.client
import ssl
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from assessor.collect.https import Deadline, WatchedConnection, client_context
from assessor.errors import StatementError, UsageError

LARGEST_ANSWER = 10_000_000
"""Bytes, before and after decompression."""
LONGEST_FETCH = 20.0
"""Seconds for the whole of it, redirects included."""
MOST_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65_536
_HEADERS = {
    "Accept": "text/html, application/xhtml+xml, text/plain, application/pdf;q=0.9, */*;q=0.5",
    "Accept-Encoding": "identity",
    "User-Agent": "assess (statement reader)",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A statement as the site sent it.

    Attributes:
        url: the address that answered, after redirects.
        raw: the body.
        media_type: the ``Content-Type`` header, or the empty string.
    """

    url: str
    raw: bytes
    media_type: str


def fetch_statement(
    url: str,
    *,
    ca_file: Path | None = None,
    largest: int = LARGEST_ANSWER,
    seconds: float = LONGEST_FETCH,
) -> Fetched:
    """Fetches ``url``.

    Args:
        url: an ``https://`` address.
        ca_file: certificates (PEM) to trust instead of the system's.
        largest: bytes that the answer may have.
        seconds: time that the whole fetch may take.

    Raises:
        StatementError: no HTTPS address, not reachable, not verified, too slow, too large, too many
            redirects, or an answer other than 200.
    """
    try:
        context = client_context(ca_file)
    except UsageError as error:
        raise StatementError(error.message, mend=error.mend) from error
    deadline = time.monotonic() + seconds
    address = url
    for _ in range(MOST_REDIRECTS + 1):
        answer = _get(_checked(address), context, deadline, largest)
        if isinstance(answer, Fetched):
            return answer
        address = urljoin(address, answer)
    raise StatementError(
        f"{url}: redirects more than {MOST_REDIRECTS} times", mend="give the address it ends at"
    )


def _checked(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port  # raises where it is no number
    except ValueError as error:
        raise StatementError(f"{address}: is no address") from error
    if parts.scheme != "https" or not parts.hostname or port == 0:
        raise StatementError(
            f"{address}: is not an https address",
            mend="give an address that begins with https://, or the page as a file",
        )
    if parts.username is not None or parts.password is not None:
        raise StatementError(
            "the address holds a user name or password", mend="give the public address"
        )
    return parts


def _get(
    parts: SplitResult, context: ssl.SSLContext, deadline: float, largest: int
) -> Fetched | str:
    """The answer, or the address that it redirects to."""
    address = parts.geturl()
    left = deadline - time.monotonic()
    if left <= 0:
        raise _too_slow(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with Deadline(left) as watch:
        connection = WatchedConnection(parts.hostname or "", parts.port, context, left, watch)
        try:
            connection.request("GET", target, headers=_HEADERS)
            response = connection.getresponse()
            if response.status in _REDIRECTS:
                return response.headers.get("Location") or ""
            if response.status != http.client.OK:
                raise StatementError(
                    f"{address}: answers {response.status}",
                    mend="open the address in a browser and check it",
                )
            raw = _body(response, address, largest)
            if watch.passed:
                raise _too_slow(address)
            return Fetched(address, raw, response.headers.get("Content-Type", ""))
        except ssl.SSLCertVerificationError as error:
            raise StatementError(
                f"{address}: its certificate is not trusted: {error.verify_message}",
                mend="mend the certificate of the site, or give the page as a file",
            ) from error
        except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
            if watch.passed or isinstance(error, TimeoutError):
                raise _too_slow(address) from error
            raise StatementError(
                f"{address}: cannot be fetched: {error or type(error).__name__}",
                mend="check the address and the connection, or give the page as a file",
            ) from error
        finally:
            connection.close()


def _body(response: http.client.HTTPResponse, address: str, largest: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise StatementError(f"{address}: answers in an encoding that was not asked for")
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
    body = bytearray()
    while chunk := response.read(_CHUNK):
        if unzip is None:
            body += chunk
        else:
            try:
                body += unzip.decompress(chunk, largest + 1 - len(body))
            except zlib.error as error:
                raise StatementError(f"{address}: the answer is damaged") from error
        if len(body) > largest:
            raise StatementError(
                f"{address}: answers more than {largest:,} bytes",
                mend="give the address of the statement itself",
            )
    return bytes(body)


def _too_slow(address: str) -> StatementError:
    return StatementError(
        f"{address}: takes too long to answer", mend="try again later, or give the page as a file"
    )
