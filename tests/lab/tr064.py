"""A box on loopback that speaks TR-064: TLS, digest log-in with nonces, SOAP answers and faults.

::

    with tr064(issued, answers) as box:
        box.port, box.asked      # what it was asked once somebody had logged in, in order

``answers`` gives by question (``WLANConfiguration:1 GetInfo``) the arguments that come back, a
``Fault``, or a list of either for what is asked by index. An action without an entry is answered
with fault 401, as AVM's boxes do. How it misbehaves says ``Manners``.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from xml.sax.saxutils import escape

from tests.lab.pki import Issued

USER, PASSWORD = "assess", "Lab Wachtwoord: 1!"
REALM = "HTTPS Access"
NEEDS_NO_LOGIN = re.compile(r"LANConfigSecurity:1 (?:GetInfo|X_AVM-DE_Get(?:UserList|Anon\w+))")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of SOAP, with the number of UPnP in it."""

    code: int
    words: str = "Invalid Action"


Said = Mapping[str, str] | Fault
Answers = Mapping[str, Said | list[Said]]


@dataclass(frozen=True, slots=True)
class Manners:
    """How a box behaves.

    Attributes:
        stale: a nonce holds for this many requests; 0 for ever.
        open: nobody needs to log in.
        raw: the body in place of the answer to a question or path, byte for byte.
        status: ... and its HTTP status.
        hangs: at this question nothing more comes.
        halves: the answer to this question breaks off.
        elsewhere: every request is sent there.
        control: the control URL of every service, instead of a path.
    """

    stale: int = 0
    open: bool = False
    raw: Mapping[str, bytes] = field(default_factory=dict)
    status: Mapping[str, int] = field(default_factory=dict)
    hangs: str = ""
    halves: str = ""
    elsewhere: str = ""
    control: str = ""


@dataclass(slots=True)
class Lab:
    """A running box.

    Attributes:
        asked: questions that were answered, each with its arguments.
        offered: how often a log-in was offered.
        requests: all requests, by path.
    """

    port: int
    fingerprint: str = ""
    asked: list[str] = field(default_factory=list)
    offered: int = 0
    requests: list[str] = field(default_factory=list)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext | None, answers: Answers, manners: Manners) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = context
        self.answers = answers
        self.manners = manners
        self.ended = threading.Event()
        self.lab = Lab(self.server_address[1])
        self.nonces: dict[str, int] = {}

    def finish_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        with suppress(OSError):
            request.settimeout(10)
            if self.context is not None:
                request = self.context.wrap_socket(request, server_side=True)
            with request:
                _Handler(request, client_address, self)

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # an answer goes out whole, or each waits for the acknowledgement of its head
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing is told."""

    def do_GET(self) -> None:
        self.server.lab.requests.append(self.path)
        manners = self.server.manners
        if manners.elsewhere:
            return self._send(302, b"", {"Location": manners.elsewhere})
        if self.path == manners.hangs:
            self.server.ended.wait(30)
            return None
        raw = manners.raw.get(self.path)
        description = _description(self.server.answers, manners.control)
        if self.path != "/tr64desc.xml":
            return self._send(404, b"")
        return self._send(manners.status.get(self.path, 200), raw or description)

    def do_POST(self) -> None:
        self.server.lab.requests.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        action = re.search(r"urn:dslforum-org:service:([^#]+)#([^\"]+)", self.headers["SOAPAction"])
        assert action is not None
        question = f"{action[1]} {action[2]}"
        if not (self.server.manners.open or NEEDS_NO_LOGIN.fullmatch(question)):
            why = self._logged_in()
            if why is not None:
                return self._send(401, b"", {"WWW-Authenticate": why})
        return self._answer(question, action[2], action[1], body)

    def _answer(self, question: str, action: str, service: str, body: bytes) -> None:
        manners = self.server.manners
        self.server.lab.asked.append(question)
        if question == manners.hangs:
            self.server.ended.wait(30)
            return
        if question in manners.raw:
            self._send(manners.status.get(question, 200), manners.raw[question])
            return
        said = self.server.answers.get(question, Fault(401))
        if isinstance(said, list):
            index = int(re.search(rb"Index>(\d+)<", body)[1])  # type: ignore[index]
            said = said[index] if index < len(said) else Fault(713, "Array index invalid")
        if isinstance(said, Fault):
            self._send(500, _enveloped(_fault(said)))
            return
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in said.items())
        kind = f"urn:dslforum-org:service:{service}"
        answer = _enveloped(f'<u:{action}Response xmlns:u="{kind}">{inner}</u:{action}Response>')
        if question == manners.halves:
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer[: len(answer) // 2])
            self.close_connection = True
            return
        self._send(200, answer)

    def _logged_in(self) -> str | None:
        """``None`` where the log-in holds; else the challenge."""
        said = self.headers.get("Authorization", "")
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', said.partition(" ")[2]))
        stale = False
        if said.startswith("Digest "):
            self.server.lab.offered += 1
            nonce = fields["nonce"]
            if nonce in self.server.nonces:
                self.server.nonces[nonce] += 1
                most = self.server.manners.stale
                right = fields["response"] == _digest(fields, self.command)
                stale = right and 0 < most < self.server.nonces[nonce]
                if right and not stale:
                    return None
        nonce = secrets.token_hex(8)
        self.server.nonces[nonce] = 0
        more = ', stale="true"' if stale else ""
        return f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"{more}'

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _digest(fields: Mapping[str, str], method: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    who = md5(f"{USER}:{REALM}:{PASSWORD}")
    what = md5(f"{method}:{fields['uri']}")
    middle = f"{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:{fields['qop']}"
    return md5(f"{who}:{middle}:{what}") if fields["username"] == USER else ""


def _enveloped(inner: str) -> bytes:
    space = "http://schemas.xmlsoap.org/soap/envelope/"
    return (
        f'<?xml version="1.0"?><s:Envelope xmlns:s="{space}"><s:Body>{inner}</s:Body></s:Envelope>'
    ).encode()


def _fault(fault: Fault) -> str:
    return (
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>"
        '<UPnPError xmlns="urn:dslforum-org:control-1-0">'
        f"<errorCode>{fault.code}</errorCode>"
        f"<errorDescription>{escape(fault.words)}</errorDescription></UPnPError></detail></s:Fault>"
    )


def _description(answers: Answers, control: str) -> bytes:
    services = dict.fromkeys(question.split(" ")[0] for question in answers)
    each = "".join(
        "<service>"
        f"<serviceType>urn:dslforum-org:service:{name}</serviceType>"
        f"<controlURL>{control or '/upnp/control/' + name.replace(':', '').lower()}</controlURL>"
        "<SCPDURL>/scpd.xml</SCPDURL></service>"
        for name in services
    )
    return (
        '<?xml version="1.0"?><root xmlns="urn:dslforum-org:device-1-0"><device>'
        "<friendlyName>Lab Box</friendlyName>"
        f"<serviceList>{each}</serviceList></device></root>"
    ).encode()


@contextmanager
def tr064(issued: Issued | None, answers: Answers, manners: Manners = Manners()) -> Iterator[Lab]:
    """Runs a box until the block ends; without ``issued`` it speaks HTTP where TLS is due."""
    context = None
    if issued is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            chain, key = Path(folder) / "chain", Path(folder) / "key"
            chain.write_bytes(issued.chain_pem)
            key.write_bytes(issued.key_pem)
            context.load_cert_chain(chain, key)
    with _Server(context, answers, manners) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.lab
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()
