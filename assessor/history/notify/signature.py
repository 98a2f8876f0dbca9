"""Signs what a webhook gets, as https://www.standardwebhooks.com says. Pure.

The receiver can tell that it comes from whoever holds the key, that nothing in it was changed, when
it was signed (so that an old one sent again is refused), and which delivery it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from assessor.errors import UsageError

PREFIX = "whsec_"
SHORTEST_KEY = 24
"""Bytes, as the specification asks."""


def key_bytes(said: str) -> bytes:
    """The key as ``said``: ``whsec_`` and base64, or the bytes of any long text.

    Raises:
        UsageError: it is shorter than 24 bytes, or no base64.
    """
    key = said.encode("utf-8", errors="replace")
    if said.startswith(PREFIX):
        try:
            key = base64.b64decode(said.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise UsageError(
                "the key of a webhook that begins with whsec_ goes on in base64",
                mend='make one with: echo "whsec_$(openssl rand -base64 32)"',
            ) from None
    if len(key) < SHORTEST_KEY:
        raise UsageError(
            f"the key of a webhook has at least {SHORTEST_KEY} bytes",
            mend='make one with: echo "whsec_$(openssl rand -base64 32)"',
        )
    return key


def signed_headers(key: bytes, delivery: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The three headers that go with ``body``.

    Args:
        key: shared with the receiver.
        delivery: names the delivery, the same when it is tried again; no full stop in it.
        timestamp: seconds since 1970 of this attempt.
        body: exactly what is sent.
    """
    signed = f"{delivery}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
