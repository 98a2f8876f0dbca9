"""Fetches the MTA-STS policy of a domain as a sending mail server does (RFC 8461, 3).

The question ``{"kind": "mta-sts"}`` is answered with one JSON object:

=================  ===========================================================================
``domain``         the domain; null where the target is an IP address
``at``             when it was asked, ISO 8601, UTC
``seconds``        how long all of it took
``queries``        with ``queries_count``, ``resolvers``, ``trust_anchors``: as in ``dns_question``
``record``         the look-up of ``_mta-sts`` (``dns_question`` names its parts)
``host``           where the policy must be: ``mta-sts.`` before the domain
``outcome``        ``no-record`` (then nothing is fetched), ``fetched`` (status 200), ``status``
                   (another one; redirects are not followed), ``not-trusted``, ``no-tls``,
                   ``not-http``, ``no-address``, ``unreachable``, ``no-answer``, ``closed`` or
                   ``flood``; ``detail`` says more
``address``        the IP address that answered, or null
``status``         HTTP status, or null; ``media_type`` the header Content-Type
``body``           the policy, at most 64 KiB
=================  ===========================================================================
"""

from __future__ import annotations

import http.client
import io
import re
import time

from dns import rdatatype

from assessor.collect.questions.conversation import Conversation, SilenceError
from assessor.collect.questions.dns_client import Client
from assessor.collect.questions.dns_lookup import Lookups, Outcome, name_of, plain
from assessor.collect.questions.dns_question import domain_of
from assessor.collect.questions.dns_session import Session
from assessor.collect.questions.service import Request
from assessor.collect.questions.smtp import addresses_of, require_store
from assessor.collect.transports import tls
from assessor.collect.transports.tcp import Clock, connect
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

KIND = "mta-sts"
_HTTPS = 443
_PATH = "/.well-known/mta-sts.txt"
_FETCH_S = 20.0
_MOST_BODY = 65_536
_MOST_BYTES = _MOST_BODY + 32_768
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_LAST_CHUNK = b"0\r\n\r\n"


class MtaStsQuestion:
    """Fetches a domain's policy, where its DNS says that there is one."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer, as the module's table says.

        Raises:
            TransportError: there was no answer.
        """
        domain = domain_of(target)
        if domain is None:
            return {"kind": KIND, "domain": None}
        require_store()
        began = time.monotonic()
        session = Session(self._client, target, clock)
        lookups = Lookups(session)
        record = lookups.under(domain, "_mta-sts", kind=rdatatype.TXT)
        host = f"mta-sts.{plain(domain)}"
        fetched: dict[str, object] = {
            "outcome": "no-record",
            "detail": "",
            "address": None,
            "status": None,
            "media_type": "",
            "body": "",
        }
        if record.outcome is Outcome.FOUND:
            fetched |= _fetch(lookups, host, clock)
        return {
            "kind": KIND,
            "domain": plain(domain),
            "at": session.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(time.monotonic() - began, 3),
            **session.evidence(),
            "record": record.facts(),
            "host": host,
            **fetched,
        }


def _fetch(lookups: Lookups, host: str, clock: Clock) -> dict[str, object]:
    name = name_of(host)
    addresses = addresses_of(lookups, name, _HTTPS) if name else []
    if not addresses:
        return {"outcome": "no-address"}
    context = tls.verifying()
    context.set_alpn_protocols(["http/1.1"])
    until = clock.moment(0.9, _FETCH_S, f"fetching the policy from {host}")
    try:
        connection, address = connect(addresses, clock)
        with connection:
            talk = Conversation(
                connection, clock, until, most_bytes=_MOST_BYTES, doing=f"talking to {host}"
            )
            talk.start_tls(context, host)
            talk.send(
                f"GET {_PATH} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: assess (mta-sts)\r\n"
                "Accept: text/plain\r\nConnection: close\r\n\r\n".encode("ascii")
            )
            return {"address": address.ip, **_answer(_received(talk))}
    except tls.NotTrustedError as error:
        return {"outcome": "not-trusted", "detail": str(error)}
    except tls.NoHandshakeError as error:
        return {"outcome": "no-tls", "detail": str(error)}
    except SilenceError as error:
        return {"outcome": error.outcome, "detail": str(error)}
    except (http.client.HTTPException, ValueError) as error:
        return {"outcome": "not-http", "detail": type(error).__name__}
    except TransportError as error:
        if error.reason is not Reason.UNREACHABLE:
            raise
        return {"outcome": "unreachable", "detail": error.detail}


def _received(talk: Conversation) -> bytes:
    """The whole answer; a server may keep the connection open after it."""
    raw = b""
    while more := talk.some():
        raw += more
        head, ended, body = raw.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if ended and (len(body) >= int(length[1]) if length else body.endswith(_LAST_CHUNK)):
            break
    return raw


class _Replayed:
    """What was received, in the shape that ``http.client`` reads from."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO(self._raw)


def _answer(raw: bytes) -> dict[str, object]:
    response = http.client.HTTPResponse(_Replayed(raw), method="GET")  # type: ignore[arg-type]
    response.begin()
    body = response.read()
    if len(body) > _MOST_BODY:
        return {"outcome": "flood", "detail": "the policy is longer than 64 KiB"}
    return {
        "outcome": "fetched" if response.status == http.client.OK else "status",
        "status": response.status,
        "media_type": response.headers.get("Content-Type", "")[:200],
        "body": body.decode("utf-8", "replace") if response.status == http.client.OK else "",
    }
