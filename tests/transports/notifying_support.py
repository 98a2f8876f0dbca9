"""Receivers of notices on loopback: a real SMTP server (aiosmtpd) and a real HTTPS one.

::

    with mail_server(pki.issue("localhost")) as server:      # STARTTLS
        carrier(server, pki).attempt([letter()], 10, accepted.append)
        server.letters
    with receiver(pki.issue("localhost"), [(500, {}, b""), (200, {}, b"")]) as https:
        https.requests
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.lab.pki import Issued

Answer = tuple[int, Mapping[str, str], bytes]


def server_context(issued: Issued, folder: Path) -> ssl.SSLContext:
    """The TLS of a server with this certificate."""
    path = folder / f"server-{id(issued):x}.pem"
    path.write_bytes(issued.chain_pem + issued.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@dataclass
class MailServer:
    """A running mail server.

    Attributes:
        refusals: what the next recipients are answered instead of being taken.
        letters: what was accepted: recipients, the message, and whether it came over TLS.
        logins: user and password of each try.
        hang_after: how many letters are taken before the next recipient is left without an answer.
        hangs: that somebody waits for such an answer.
    """

    port: int = 0
    login: tuple[str, str] | None = None
    refusals: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    letters: list[tuple[list[str], EmailMessage, bool]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    hang_after: int | None = None
    hangs: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.hang_after is not None and len(self.letters) >= self.hang_after:
            self.hangs.set()
            await asyncio.sleep(3600)  # until the visitor leaves
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        raw = envelope.original_content or b""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append((list(envelope.rcpt_tos), message, session.ssl is not None))
        return "250 OK"

    def check(
        self, server: SMTP, session: Session, envelope: Envelope, kind: str, given: Any
    ) -> AuthResult:
        """Whether that log-in is good."""
        assert isinstance(given, LoginPassword)
        said = (given.login.decode(), given.password.decode())
        self.logins.append(said)
        # Handled: else aiosmtpd answers in words of its own.
        return AuthResult(success=said == self.login, handled=False)


class _Controller(Controller):
    """One whose port is known once it runs."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(
    context: ssl.SSLContext | None,
    *,
    implicit: bool = False,
    login: tuple[str, str] | None = None,
    largest: int = 33_554_432,
) -> Iterator[MailServer]:
    """Runs a mail server on ``localhost`` until the block ends; without TLS where there is none."""
    lab = MailServer(login=login)
    more: dict[str, Any] = {"data_size_limit": largest}
    if login is not None:
        # aiosmtpd knows no TLS from the first byte as TLS, and warns where it is then required.
        more |= {"authenticator": lab.check, "auth_required": not implicit}
    if context is not None and not implicit:
        more |= {"tls_context": context, "require_starttls": True}
    elif context is not None:
        more |= {"auth_require_tls": False}
    controller = _Controller(
        lab, hostname="127.0.0.1", port=0, ssl_context=context if implicit else None, **more
    )
    controller.start()
    lab.port = controller.port
    try:
        yield lab
    finally:
        controller.stop()


@dataclass
class Talker:
    """A server that says something fixed for each line that it hears."""

    port: int
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def talker(greeting: bytes, answers: Sequence[bytes]) -> Iterator[Talker]:
    """Serves one visitor until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lab = Talker(listener.getsockname()[1])

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                try:
                    connection.sendall(greeting)
                    for answer in answers:
                        lab.heard.append(lines.readline())
                        connection.sendall(answer)
                    while line := lines.readline():
                        lab.heard.append(line)
                except OSError:
                    return  # the visitor left

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield lab
        thread.join(10)


@dataclass
class Receiver:
    """A running HTTPS server; ``requests`` holds path, headers and body of each."""

    url: str
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver(context: ssl.SSLContext, answers: Sequence[Answer] = ()) -> Iterator[Receiver]:
    """Answers in turn as ``answers`` say, and 200 from then on."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            lab.requests.append((self.path, headers, body))
            status, more, said = left.pop(0) if left else (200, {}, b"ok")
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A visitor that does not trust us leaves in the middle: nothing to say of it."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    lab = Receiver(f"https://localhost:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield lab
    finally:
        server.shutdown()
        server.server_close()
