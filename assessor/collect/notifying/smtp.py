"""Hands e-mails to a mail server: TLS first, verified, or nothing at all."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

from assessor.collect.https import Deadline
from assessor.collect.notifying.carry import NotSent

LONGEST_STEP_S = 20.0
"""Without a byte."""
LARGEST_TALK = 256 * 1024
"""Bytes that a server may say in one connection."""
_TOO_LARGE = frozenset({552, 523})
_HERE = "[127.0.0.1]"
"""How we greet: the name and the address of this machine are nobody's business."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail to one recipient.

    Attributes:
        data: the whole message.
        lighter: the same without its attachment, for a server that refuses the size; or ``None``.
    """

    sender: str
    recipient: str
    data: bytes = field(repr=False)
    lighter: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SmtpCarrier:
    """A mail server.

    Attributes:
        implicit_tls: TLS from the first byte; else STARTTLS, without which nothing is sent.
        user: to log in with, after TLS only; empty for no log-in.
    """

    host: str
    port: int
    implicit_tls: bool
    context: ssl.SSLContext
    user: str = ""
    password: str = field(default="", repr=False)

    def attempt(
        self, parcels: Sequence[Letter], seconds: float, accepted: Callable[[int], None]
    ) -> Sequence[NotSent | None]:
        """See ``Carrier.attempt``; all letters go over one connection."""
        results: list[NotSent | None] = [
            NotSent("the server was not reached", again=True) for _ in parcels
        ]
        step = min(seconds, LONGEST_STEP_S)
        ends = time.monotonic() + seconds
        server = _Talk(local_hostname=_HERE, timeout=step)
        with Deadline(seconds) as watch:
            try:
                self._enter(server, watch)
                for number, letter in enumerate(parcels):
                    if time.monotonic() >= ends:
                        raise TimeoutError
                    results[number] = _hand_over(server, letter)
                    if results[number] is None:
                        accepted(number)
                _leave(server)
            except (OSError, smtplib.SMTPException, ValueError) as error:
                why = _why(error, passed=watch.passed)
                results = [why if one is not None and one.again else one for one in results]
            finally:
                server.close()
        return results

    def _enter(self, server: _Talk, watch: Deadline) -> None:
        context = self.context if self.implicit_tls else None
        server.open(self.host, self.port, context, watch)
        server.ehlo_or_helo_if_needed()
        if not self.implicit_tls:
            if not server.has_extn("starttls"):
                raise _RefusedError(
                    "the server offers no STARTTLS, so nothing was said to it", again=False
                )
            server.starttls(context=self.context)
            server.ehlo()
        if self.user:
            if not server.has_extn("auth"):
                raise _RefusedError("the server offers no log-in", again=False)
            server.login(self.user, self.password)


class _RefusedError(smtplib.SMTPException):
    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.why = why
        self.again = again


class _Bounded:
    """What a server says, up to a limit: multi-line answers have none of their own."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = LARGEST_TALK

    def readline(self, size: int = -1) -> bytes:
        line = self._stream.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("the server says too much")
        return line

    def close(self) -> None:
        self._stream.close()


class _Talk(smtplib.SMTP):
    """A conversation whose answers are bounded."""

    def open(self, host: str, port: int, context: ssl.SSLContext | None, watch: Deadline) -> None:
        """Connects; ``host`` is what the certificate must be for, now or after STARTTLS."""
        self._host = host
        plain = socket.create_connection((host, port), self.timeout)
        watch.hold(plain)
        self.sock = context.wrap_socket(plain, server_hostname=host) if context else plain
        code, _ = self.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, "")

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Bounded(self.sock.makefile("rb"))
        return super().getreply()


def _hand_over(server: smtplib.SMTP, letter: Letter) -> NotSent | None:
    """One letter; raises what ends the connection."""
    data = letter.data
    if letter.lighter is not None and 0 < _largest(server) < len(data):
        data, letter = letter.lighter, Letter(letter.sender, letter.recipient, letter.lighter)
    try:
        server.sendmail(letter.sender, [letter.recipient], data)
    except smtplib.SMTPServerDisconnected:
        raise
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        code = _code(error)
        if code in _TOO_LARGE and letter.lighter is not None:
            return _hand_over(server, Letter(letter.sender, letter.recipient, letter.lighter))
        what = "this recipient" if isinstance(error, smtplib.SMTPRecipientsRefused) else "it"
        return NotSent(f"the server refused {what} ({code})", again=400 <= code < 500)
    return None


def _largest(server: smtplib.SMTP) -> int:
    """Bytes that a message may have, as the server says (RFC 1870); 0 where it does not."""
    said = server.esmtp_features.get("size", "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 15 else 0


def _leave(server: smtplib.SMTP) -> None:
    """Says goodbye; everything was accepted, so that how it is answered is no matter."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        return


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((answer[0] for answer in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _why(error: Exception, *, passed: bool) -> NotSent:
    """An error that ended the connection, for people; never in the server's own words."""
    match error:
        case _RefusedError():
            return NotSent(error.why, error.again)
        case ssl.SSLCertVerificationError():
            return NotSent(f"the server's certificate is not trusted: {error.verify_message}")
        case _ if passed or isinstance(error, TimeoutError):
            return NotSent("the server did not answer in time", again=True)
        case smtplib.SMTPAuthenticationError():
            # Not again where it is final: accounts are locked for that.
            later = 400 <= error.smtp_code < 500
            return NotSent(f"the server refused the log-in ({error.smtp_code})", later)
        case smtplib.SMTPNotSupportedError():
            return NotSent("the server does not know what is needed")
        case smtplib.SMTPServerDisconnected():
            return NotSent("the server broke the connection", again=True)
        case smtplib.SMTPResponseException():
            later = not 500 <= error.smtp_code < 600
            return NotSent(f"the server answered {error.smtp_code}", later)
        case ssl.SSLError():
            return NotSent(f"TLS failed ({error.reason or 'no reason given'})", again=True)
        case socket.gaierror():
            return NotSent("the name of the server was not found", again=True)
        case OSError() if error.errno and error.strerror:
            return NotSent(f"the connection failed ({error.strerror})", again=True)
    return NotSent(f"the connection failed ({type(error).__name__})", again=True)
