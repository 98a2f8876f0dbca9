"""Asks an authority for a time stamp (RFC 3161, 3.4: over HTTP)."""

from __future__ import annotations

import requests

from assessor.errors import EvidenceError

LARGEST = 256 * 1024
WITHIN_S = 20.0


def ask_for_stamp(url: str, request: bytes) -> bytes:
    """What the authority answers, DER.

    The stamp itself is signed, so that plain HTTP does no harm; HTTPS is verified where it is used.

    Raises:
        EvidenceError: there was no answer.
    """
    session = requests.Session()
    session.trust_env = False  # no proxies, no .netrc
    try:
        with session.post(
            url,
            data=request,
            headers={
                "Content-Type": "application/timestamp-query",
                "Accept": "application/timestamp-reply",
                "User-Agent": "assess",
            },
            timeout=WITHIN_S,
            allow_redirects=False,
            stream=True,
        ) as answer:
            raw = answer.raw.read(LARGEST + 1, decode_content=True)
            if answer.status_code != 200:
                raise EvidenceError(
                    f"{url}: the time stamp authority answered {answer.status_code}"
                )
    except requests.RequestException as error:
        raise EvidenceError(f"{url}: no time stamp ({type(error).__name__})") from None
    finally:
        session.close()
    if len(raw) > LARGEST:
        raise EvidenceError(f"{url}: the answer is too large for a time stamp")
    return bytes(raw)
