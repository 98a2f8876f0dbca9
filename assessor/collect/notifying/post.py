"""Posts JSON to an HTTPS address."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from assessor.collect.https import Deadline, WatchedConnection
from assessor.collect.notifying.carry import NotSent
from assessor.model.addresses import address_fault

LARGEST_ANSWER = 64 * 1024
LONGEST_WAIT_S = 30.0
"""What a server may ask to wait (``Retry-After``)."""
LONGEST_STEP_S = 15.0
"""Without a byte."""
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSED_BODY = b"Webhook message delivery failed"
"""Teams' older webhooks say this with status 200."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted.

    Attributes:
        url: where to; may be a secret.
        body: JSON.
        headers: made anew at each try, so that a signature tells the time of its try.
    """

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Callable[[], Mapping[str, str]] = field(default=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HttpsCarrier:
    """Posts over connections of this TLS configuration."""

    context: ssl.SSLContext

    def attempt(
        self, parcels: Sequence[Post], seconds: float, accepted: Callable[[int], None]
    ) -> Sequence[NotSent | None]:
        """See ``Carrier.attempt``."""
        results = []
        ends = time.monotonic() + seconds
        for number, post in enumerate(parcels):
            result = self._post(post, ends - time.monotonic())
            if result is None:
                accepted(number)
            results.append(result)
        return results

    def _post(self, post: Post, seconds: float) -> NotSent | None:
        if fault := address_fault(post.url):
            return NotSent(fault)
        if seconds <= 0:
            return NotSent("there was no time left", again=True)
        parts = urlsplit(post.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "assess",
            **post.headers(),
        }
        with Deadline(seconds) as watch:
            connection = WatchedConnection(
                parts.hostname or "", parts.port, self.context, min(seconds, LONGEST_STEP_S), watch
            )
            try:
                connection.request("POST", target, body=post.body, headers=headers)
                response = connection.getresponse()
                body = response.read(LARGEST_ANSWER)
                return _judged(response.status, response.headers.get("Retry-After"), body)
            except ssl.SSLCertVerificationError as error:
                return NotSent(f"the server's certificate is not trusted: {error.verify_message}")
            except (OSError, http.client.HTTPException, ValueError) as error:
                if watch.passed or isinstance(error, TimeoutError):
                    return NotSent("the server did not answer in time", again=True)
                return NotSent(f"the connection failed ({_kind(error)})", again=True)
            finally:
                connection.close()


def _judged(status: int, retry_after: str | None, body: bytes) -> NotSent | None:
    if 200 <= status < 300:
        if status == 200 and body.lstrip().startswith(_REFUSED_BODY):
            return NotSent("the server took it and then refused it", again=True)
        return None
    if 300 <= status < 400:
        return NotSent(f"the server answered {status}: redirects are not followed")
    wait = 0.0
    if retry_after and re.fullmatch(r"\d{1,6}", retry_after.strip()):
        wait = min(float(retry_after), LONGEST_WAIT_S)
    return NotSent(f"the server answered {status}", status in _LATER, wait)


def _kind(error: Exception) -> str:
    """What kind of error it is; its own words may repeat the address."""
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or 'failed'}"
    if isinstance(error, socket.gaierror):
        return "its name was not found"
    if isinstance(error, OSError) and error.errno and error.strerror:
        return error.strerror
    return type(error).__name__
