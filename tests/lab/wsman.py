"""A WSMan server on loopback that speaks what a Windows speaks: [MS-WSMV] over HTTP(S).

::

    with wsman(folder, answers, issued=pki.issue("localhost")) as windows:
        windows.port, windows.operations     # what it was asked, by the last word of the action

It knows Create, Command, Send, Receive, Signal and Delete; faults with their codes and subcodes;
the operation time-out; log-in by NTLM (with channel binding over TLS, and message encryption over
HTTP), by Basic and by certificate. What ``powershell.exe`` does is played (``lab.powershell``), or
done by the ``pwsh`` on the PATH.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import queue
import re
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

import spnego
from spnego.channel_bindings import GssChannelBindings

from tests.lab.pki import Issued, Pki
from tests.lab.powershell import Answers, Call, Said, asked_by, frames, loader_of

USER, PASSWORD = "LAB\\assess", "Wachtwoord-1!"
OPERATION_TIMED_OUT = 2150858793
ENVELOPE_BYTES = 153_600
"""MaxEnvelopeSizekb as [MS-WSMV] and Windows have it by default: 150."""
_SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_BOUNDARY = b"--Encrypted Boundary"
_SEALED = "application/HTTP-SPNEGO-session-encrypted"
_NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "rsp": _SHELL,
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
}
_DECLARED = " ".join(f'xmlns:{name}="{uri}"' for name, uri in _NAMES.items())


@dataclass
class FaultError(Exception):
    """A fault as WSMan tells it; the reason may be in any language."""

    code: int
    subcode: str
    reason: str


@dataclass(slots=True)
class Manners:
    """How the server treats its visitors; each names the operation at which it does so.

    Attributes:
        login: ``ntlm``, ``basic``, ``certificate``, or ``never``: 401 whatever comes.
        faults: answered with this fault.
        drop: the connection is closed instead of an answer.
        hang: there is no answer at all.
        half: half of the answer, and then the connection is closed.
        body: answered with these bytes and status 200.
        plain: answered without encryption, where the visitor encrypts.
        status: answered with this HTTP status and no body.
        elsewhere: every request is sent on to this address.
    """

    login: str = "ntlm"
    faults: dict[str, FaultError] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    hang: frozenset[str] = frozenset()
    half: frozenset[str] = frozenset()
    body: dict[str, bytes] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    status: dict[str, int] = field(default_factory=dict)
    elsewhere: str = ""


class Process(Protocol):
    """What a command started."""

    def write(self, data: bytes, *, end: bool) -> None:
        """A piece of standard input."""

    def read(self, seconds: float) -> tuple[bytes, bytes, bool] | None:
        """Standard output, standard error and whether it has ended; ``None`` if nothing came."""

    def kill(self) -> None:
        """Ends it."""


class Played:
    """PowerShell, played: says ``output`` (what ``stdin`` makes it say) piece by piece."""

    def __init__(self, output: Callable[[bytes], Iterable[bytes]]) -> None:
        self._output = output
        self._stdin = bytearray()
        self._said: queue.Queue[tuple[bytes, bytes, bool]] = queue.Queue(maxsize=64)
        self._killed = threading.Event()

    def write(self, data: bytes, *, end: bool) -> None:
        """See ``Process``."""
        self._stdin += data
        if end:
            threading.Thread(target=self._speak, daemon=True).start()

    def _speak(self) -> None:
        try:
            for piece in self._output(bytes(self._stdin)):
                self._put((piece, b"", False))
        except ValueError as error:
            self._put((b"", str(error).encode(), False))
        self._put((b"", b"", True))

    def _put(self, said: tuple[bytes, bytes, bool]) -> None:
        while not self._killed.is_set():
            with contextlib.suppress(queue.Full):
                self._said.put(said, timeout=0.1)
                return

    def read(self, seconds: float) -> tuple[bytes, bytes, bool] | None:
        """See ``Process``; gives all that is there, as far as it fits in an envelope."""
        output, error, over = bytearray(), bytearray(), False
        with contextlib.suppress(queue.Empty):
            while not over and len(output) < 64 * 1024:
                wait = not output and not error
                out, err, over = self._said.get(wait, seconds if wait else None)
                output += out
                error += err
        return (bytes(output), bytes(error), over) if output or error or over else None

    def kill(self) -> None:
        """See ``Process``."""
        self._killed.set()


class Pwsh:
    """A real PowerShell."""

    def __init__(self, pwsh: str, command: str) -> None:
        self._process = subprocess.Popen(
            [pwsh, *command.split(" ")[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )

    def write(self, data: bytes, *, end: bool) -> None:
        """See ``Process``."""
        assert self._process.stdin
        self._process.stdin.write(data)
        if end:
            self._process.stdin.close()

    def read(self, seconds: float) -> tuple[bytes, bytes, bool] | None:
        """See ``Process``."""
        assert self._process.stdout and self._process.stderr
        data = self._process.stdout.read(64 * 1024)
        if data:
            return data, b"", False
        return b"", self._process.stderr.read(), True

    def kill(self) -> None:
        """See ``Process``."""
        self._process.kill()
        self._process.communicate()


@dataclass(slots=True)
class Windows:
    """A running server.

    Attributes:
        port: where it listens, on 127.0.0.1.
        operations: what it was asked, in their order.
        exchanges: HTTP requests, those of the log-in included.
        largest: bytes of the largest envelope that came.
        commands: the command lines that were started.
        shells: those that are open.
    """

    port: int = 0
    operations: list[str] = field(default_factory=list)
    exchanges: int = 0
    largest: int = 0
    commands: list[str] = field(default_factory=list)
    shells: dict[str, dict[str, Process]] = field(default_factory=dict)
    closed: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def wsman(
    folder: Path,
    answers: Answers | None = None,
    *,
    issued: Issued | None = None,
    manners: Manners | None = None,
    output: Callable[[bytes], Iterable[bytes]] | None = None,
    start: Callable[[str], Process] | None = None,
    clients: Pki | None = None,
) -> Iterator[Windows]:
    """Runs a server until the block ends.

    Args:
        folder: for its files.
        answers: what the probes of a script answer.
        issued: its certificate; none for HTTP.
        manners: how it misbehaves.
        output: all that PowerShell says, instead of ``answers``.
        start: starts a real process instead.
        clients: whoever signs clients' certificates.
    """
    windows = Windows()
    say = output or (lambda stdin: frames(asked_by(stdin), answers or _silent))

    def play(command: str) -> Process:
        if "[ScriptBlock]::Create" not in loader_of(command):
            raise ValueError("this is not the loader")
        return Played(say)

    class Handler(_Handler):
        pass

    Handler.windows = windows
    Handler.manners = manners or Manners()
    Handler.begin = staticmethod(start or play)
    Handler.context, Handler.binding = _tls(folder, issued, clients)
    users = folder / "ntlm-users"
    users.write_text(f"LAB:assess:{PASSWORD}\n")
    known = os.environ.get("NTLM_USER_FILE")
    os.environ["NTLM_USER_FILE"] = str(users)
    with _Server(("127.0.0.1", 0), Handler) as server:
        windows.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield windows
        finally:
            windows.ended.set()
            server.shutdown()
            thread.join()
            for shell in windows.shells.values():
                for process in shell.values():
                    process.kill()
            if known is None:
                del os.environ["NTLM_USER_FILE"]
            else:
                os.environ["NTLM_USER_FILE"] = known


def _silent(call: Call) -> Said:
    raise ValueError(f"nothing was to be asked, not even {call.key}")


def _tls(
    folder: Path, issued: Issued | None, clients: Pki | None
) -> tuple[ssl.SSLContext | None, bytes]:
    if issued is None:
        return None, b""
    chain, key = folder / "wsman-chain.pem", folder / "wsman-key.pem"
    chain.write_bytes(issued.chain_pem)
    key.write_bytes(issued.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    if clients is not None:
        context.load_verify_locations(clients.root_file)
        context.verify_mode = ssl.CERT_OPTIONAL
    der = ssl.PEM_cert_to_DER_cert(issued.chain_pem.decode().split("-----END")[0] + _END)
    return context, hashlib.sha256(der).digest()


_END = "-----END CERTIFICATE-----\n"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Visitors that refuse the certificate or leave in the middle are what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    windows: Windows
    manners: Manners
    begin: Callable[[str], Process]
    context: ssl.SSLContext | None
    binding: bytes

    def setup(self) -> None:
        if self.context is not None:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        self._ntlm: spnego.ContextProxy | None = None
        self._entered = False
        super().setup()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.request.close()  # TLS took the socket over, so the server itself does not

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is there
        """Says nothing."""

    def do_POST(self) -> None:
        self.windows.exchanges += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.manners.elsewhere:
            self._answer(307, b"", {"Location": self.manners.elsewhere})
            return
        if not self._entered and not self._enter():
            return
        sealed = "multipart/encrypted" in self.headers.get("Content-Type", "")
        if self.context is None and not sealed:
            self._answer(200, b"")  # the empty message that begins an encrypted session
            return
        if sealed:
            body = self._unsealed(body)
        self.windows.largest = max(self.windows.largest, len(body))
        self._operate(body, sealed=sealed)

    # -- log-in ----------------------------------------------------------------------------

    def _enter(self) -> bool:
        """Whether the visitor is in; else a 401 was sent."""
        given = self.headers.get("Authorization", "")
        match self.manners.login:
            case "basic":
                local = USER.rpartition("\\")[2]
                wanted = base64.b64encode(f"{local}:{PASSWORD}".encode()).decode()
                self._entered = given == f"Basic {wanted}"
                offer = 'Basic realm="WSMAN"'
            case "certificate":
                secure = self.request
                self._entered = given.endswith("secprofile/https/mutual") and bool(
                    isinstance(secure, ssl.SSLSocket) and secure.getpeercert()
                )
                offer = "Negotiate"
            case "ntlm":
                return self._enter_by_ntlm(given)
            case _:
                offer = "Negotiate"
        if not self._entered:
            self._answer(401, b"", {"WWW-Authenticate": offer})
        return self._entered

    def _enter_by_ntlm(self, given: str) -> bool:
        token = b""
        if given.startswith(("NTLM ", "Negotiate ")):
            self._ntlm = self._ntlm or spnego.server(
                protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm
            )
            binding = None
            if self.binding:
                data = b"tls-server-end-point:" + self.binding
                binding = GssChannelBindings(application_data=data)
            try:
                step = base64.b64decode(given.partition(" ")[2])
                token = self._ntlm.step(step, channel_bindings=binding) or b""
            except spnego.exceptions.SpnegoError:
                self._ntlm = None
            if self._ntlm is not None and self._ntlm.complete:
                self._entered = True
                return True
        offer = f"Negotiate {base64.b64encode(token).decode()}" if token else "Negotiate"
        self._answer(401, b"", {"WWW-Authenticate": offer})
        return False

    def _unsealed(self, body: bytes) -> bytes:
        assert self._ntlm
        _, _, rest = body.partition(b"\tContent-Type: application/octet-stream\r\n")
        sealed = rest.removesuffix(_BOUNDARY + b"--\r\n")
        (length,) = struct.unpack("<i", sealed[:4])
        assert length == 16
        return self._ntlm.unwrap(sealed[4:]).data

    def _sealed(self, body: bytes) -> bytes:
        assert self._ntlm
        head = (
            f"\tContent-Type: {_SEALED}\r\n\tOriginalContent: "
            f"type=application/soap+xml;charset=UTF-8;Length={len(body)}\r\n"
        ).encode()
        wrapped = self._ntlm.wrap(body, encrypt=True).data
        content = b"\tContent-Type: application/octet-stream\r\n" + struct.pack("<i", 16) + wrapped
        start = _BOUNDARY + b"\r\n"
        return start + head + start + content + _BOUNDARY + b"--\r\n"

    # -- operations ------------------------------------------------------------------------

    def _operate(self, body: bytes, *, sealed: bool) -> None:
        envelope = ElementTree.fromstring(body)  # noqa: S314 - pywinrm's own
        action = (envelope.findtext(".//a:Action", "", _NAMES)).rpartition("/")[2]
        relates = envelope.findtext(".//a:MessageID", "", _NAMES)
        self.windows.operations.append(action)
        manners = self.manners
        if action in manners.hang:
            self.windows.ended.wait()
        if action in manners.drop or action in manners.hang:
            self.close_connection = True
            return
        status = manners.status.get(action, 200)
        try:
            if len(body) > ENVELOPE_BYTES:
                raise FaultError(0x80338048, "w:EncodingLimit", "The envelope is too large.")
            if action in manners.faults:
                raise manners.faults[action]
            inner = getattr(self, f"_on_{action.lower()}")(envelope)
        except FaultError as fault:
            status = 500
            inner = (
                "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>"
                f"{fault.subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text>{fault.reason}"
                f'</s:Text></s:Reason><s:Detail><f:WSManFault Code="{fault.code}">'
                "</f:WSManFault></s:Detail></s:Fault>"
            )
        answer = (
            f"<s:Envelope {_DECLARED}><s:Header><a:Action>{action}Response</a:Action>"
            f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID><a:RelatesTo>{relates}</a:RelatesTo>"
            f"</s:Header><s:Body>{inner}</s:Body></s:Envelope>"
        ).encode()
        answer = manners.body.get(action, answer if action not in manners.status else b"")
        kind = "application/soap+xml;charset=UTF-8"
        if sealed and action not in manners.plain:
            answer = self._sealed(answer)
            kind = f'multipart/encrypted;protocol="{_SEALED}";boundary="Encrypted Boundary"'
        self._answer(status, answer, {"Content-Type": kind}, half=action in manners.half)

    def _on_create(self, envelope: ElementTree.Element) -> str:
        shell = str(uuid.uuid4()).upper()
        self.windows.shells[shell] = {}
        return (
            "<x:ResourceCreated><a:ReferenceParameters><w:SelectorSet>"
            f'<w:Selector Name="ShellId">{shell}</w:Selector>'
            "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
        )

    def _on_command(self, envelope: ElementTree.Element) -> str:
        line = envelope.findtext(".//rsp:Command", "", _NAMES)
        if len(line) > 8191:
            raise FaultError(0x80070057, "w:InvalidParameter", "De opdrachtregel is te lang.")
        self.windows.commands.append(line)
        command = str(uuid.uuid4()).upper()
        self._shell(envelope)[command] = type(self).begin(line)
        return (
            f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"
        )

    def _on_send(self, envelope: ElementTree.Element) -> str:
        stream = envelope.find(".//rsp:Stream", _NAMES)
        assert stream is not None
        process = self._shell(envelope)[stream.attrib["CommandId"]]
        process.write(base64.b64decode(stream.text or ""), end=stream.get("End") == "true")
        return "<rsp:SendResponse/>"

    def _on_receive(self, envelope: ElementTree.Element) -> str:
        wanted = envelope.find(".//rsp:DesiredStream", _NAMES)
        assert wanted is not None
        command = wanted.attrib["CommandId"]
        given = re.fullmatch(r"PT(\d+)S", envelope.findtext(".//w:OperationTimeout", "", _NAMES))
        assert given
        said = self._shell(envelope)[command].read(float(given[1]))
        if said is None:
            raise FaultError(
                OPERATION_TIMED_OUT, "w:TimedOut", "De WS-Management-service kan niet voldoen."
            )
        output, error, over = said
        streams = "".join(
            f'<rsp:Stream Name="{name}" CommandId="{command}">'
            f"{base64.b64encode(data).decode()}</rsp:Stream>"
            for name, data in (("stdout", output), ("stderr", error))
            if data
        )
        state = "Done" if over else "Running"
        code = "<rsp:ExitCode>0</rsp:ExitCode>" if over else ""
        return (
            f'<rsp:ReceiveResponse>{streams}<rsp:CommandState CommandId="{command}" '
            f'State="{_SHELL}/CommandState/{state}">{code}</rsp:CommandState></rsp:ReceiveResponse>'
        )

    def _on_signal(self, envelope: ElementTree.Element) -> str:
        signal = envelope.find(".//rsp:Signal", _NAMES)
        assert signal is not None
        self._shell(envelope)[signal.attrib["CommandId"]].kill()
        return "<rsp:SignalResponse/>"

    def _on_delete(self, envelope: ElementTree.Element) -> str:
        for process in self._shell(envelope).values():
            process.kill()
        del self.windows.shells[envelope.findtext(".//w:Selector", "", _NAMES)]
        self.windows.closed.set()
        return ""

    def _shell(self, envelope: ElementTree.Element) -> dict[str, Process]:
        shell = envelope.findtext(".//w:Selector", "", _NAMES)
        if shell not in self.windows.shells:
            raise FaultError(2150858843, "w:InvalidSelectors", "De shell is niet gevonden.")
        return self.windows.shells[shell]

    # -- answers ---------------------------------------------------------------------------

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, half: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if half else body)
            self.wfile.flush()
        if half:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)
