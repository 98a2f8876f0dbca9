"""Windows machines over WinRM: one shell and one script for each."""

from __future__ import annotations

import contextlib
import ipaddress
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from requests import Session
from winrm.exceptions import WinRMOperationTimeoutError
from winrm.protocol import Protocol
from winrm.transport import HAVE_KERBEROS

from assessor.collect.transports.base import Abandoned, Deadline, Script, Secrets, Sink
from assessor.collect.transports.watch import Guard, Watch
from assessor.collect.transports.winrm_faults import translated
from assessor.collect.transports.winrm_http import WinrmAdapter, tls_context
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import SecretPurpose, Target, WinrmLogin

HTTPS_PORT = 5986
HTTP_PORT = 5985
CHUNK = 96 * 1024
"""Bytes of a Send: in Base64 and with its envelope within 150 kB, the smallest MaxEnvelopeSizekb
that Windows comes with."""
FAREWELL_S = 3.0
"""Kept back from the deadline for taking the shell away again."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class WinrmLimits:
    """What each step may take by itself, in seconds; the target's deadline holds besides.

    Attributes:
        connect_s: looking up the name and connecting.
        step_s: logging in, and each request but the waiting for output.
        receive_s: after which the service answers a request for output without any.
    """

    connect_s: float = 20.0
    step_s: float = 45.0
    receive_s: int = 20


class WinrmTransport:
    """Runs PowerShell scripts on Windows machines. One for a whole run, for several threads.

    Args:
        secrets: gives passwords and passphrases.
        abandoned: whether the run was interrupted.
        limits: what each step may take.
    """

    def __init__(
        self, secrets: Secrets, abandoned: Abandoned, *, limits: WinrmLimits = WinrmLimits()
    ) -> None:
        self._secrets = secrets
        self._limits = limits
        self._watch = Watch(abandoned)

    def run(
        self, target: Target, scripts: Iterable[Script], sink: Sink, deadline: Deadline
    ) -> None:
        """See ``ShellTransport.run``; each script has a shell of its own."""
        if target.winrm.login is WinrmLogin.KERBEROS and not HAVE_KERBEROS:
            raise TransportError(
                Reason.AUTHENTICATION_FAILED,
                "log-in by kerberos needs the Python package pykerberos",
                mend="pip install 'assess-promise[kerberos]', or write login: ntlm",
            )
        kept = min(FAREWELL_S, deadline.seconds / 4)
        guard = self._watch.open(Deadline(deadline.at - kept, deadline.seconds))
        try:
            adapter = self._adapter(target, guard)
            wsman = _Wsman(self._protocol(target), target, guard, self._limits)
            with contextlib.closing(wsman):
                wsman.mount(adapter)
                for script in scripts:
                    self._converse(wsman, target, script, sink, deadline)
        finally:
            self._watch.close(guard)

    def _converse(
        self, wsman: _Wsman, target: Target, script: Script, sink: Sink, deadline: Deadline
    ) -> None:
        wsman.open_shell()
        try:
            wsman.start(script.command)
            wsman.send(script.text)
            wsman.receive_into(sink)
        finally:
            last = self._watch.open(deadline)
            try:
                wsman.farewell(last, lambda: self._adapter(target, last))
            finally:
                self._watch.close(last)

    def _adapter(self, target: Target, guard: Guard) -> WinrmAdapter:
        def passphrase() -> str | None:
            return self._secrets.get(target, SecretPurpose.KEY_PASSPHRASE)

        return WinrmAdapter(guard, tls_context(target, passphrase), self._limits.connect_s)

    def _protocol(self, target: Target) -> Protocol:
        winrm = target.winrm
        scheme, port = ("http", HTTP_PORT) if winrm.over_http else ("https", HTTPS_PORT)
        if winrm.over_http and not winrm.login.seals:
            raise TransportError(Reason.PROTOCOL, f"log-in by {winrm.login} needs TLS")
        password = None
        if winrm.login in {WinrmLogin.NTLM, WinrmLogin.BASIC}:
            password = self._secrets.get(target, SecretPurpose.PASSWORD)
            if password is None or not target.user:
                raise TransportError(
                    Reason.SECRET_MISSING,
                    f"log-in by {winrm.login} on {target.name} needs a user and a password",
                    mend="write user: and secrets: {password: ask} in the inventory",
                )
        return Protocol(
            endpoint=f"{scheme}://{_bracketed(target.address)}:{target.port or port}/wsman",
            transport=winrm.login.value,
            username=target.user,
            password=password,
            cert_pem=winrm.certificate_file or None,
            cert_key_pem=winrm.key_file or None,
            server_cert_validation="validate",
            # The adapter's context decides; without the adapter nothing could be verified by this.
            ca_trust_path=winrm.ca_file or "/nonexistent",
            message_encryption="always" if winrm.over_http else "auto",
            operation_timeout_sec=self._limits.receive_s,
            read_timeout_sec=math.ceil(max(self._limits.step_s, self._limits.receive_s + 10)),
            proxy=None,
        )


class _Wsman:
    """pywinrm's protocol, each call within its time and with its errors translated."""

    def __init__(
        self, protocol: Protocol, target: Target, guard: Guard, limits: WinrmLimits
    ) -> None:
        self._protocol = protocol
        self._target = target
        self._guard = guard
        self._limits = limits
        self._place = protocol.transport.endpoint.split("/")[2]
        self._adapter: WinrmAdapter | None = None
        self._shell = ""
        self._command = ""

    def mount(self, adapter: WinrmAdapter) -> None:
        """Makes pywinrm connect through ``adapter``."""
        self.close()
        self._adapter = adapter
        self._call("logging in", lambda: self._ready(adapter), self._limits.step_s)

    def _ready(self, adapter: WinrmAdapter) -> None:
        transport = self._protocol.transport
        encrypts = transport.message_encryption
        # Whoever builds the session sends the first message of an encrypted one, which has to go
        # through the adapter; so the session is built without, and is set up for it afterwards.
        transport.message_encryption = "never"
        session: Session = transport.build_session()
        transport.message_encryption = encrypts
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        # Nothing of the environment: no proxy, no bundle of authorities, no .netrc.
        session.trust_env = False
        session.proxies = {}
        session.headers["Accept-Encoding"] = "identity"
        session.max_redirects = 0
        if encrypts == "always":
            if not self._can_seal(session):
                raise TransportError(
                    Reason.PROTOCOL,
                    "the Kerberos library here cannot encrypt messages",
                    mend="upgrade pykerberos, or reach the target over HTTPS",
                )
            transport.setup_encryption(session)
            adapter.sealed = True

    def _can_seal(self, session: Session) -> bool:
        ntlm = self._target.winrm.login is WinrmLogin.NTLM
        return ntlm or bool(getattr(session.auth, "winrm_encryption_available", False))

    def close(self) -> None:
        """Ends the connections."""
        self._protocol.transport.close_session()
        self._protocol.transport.encryption = None
        if self._adapter is not None:
            self._adapter.close()

    def open_shell(self) -> None:
        """Create."""
        self._shell = self._call("opening a shell", self._protocol.open_shell, self._limits.step_s)

    def start(self, command: str) -> None:
        """Command."""
        self._command = self._call(
            "starting PowerShell",
            lambda: self._protocol.run_command(self._shell, command, console_mode_stdin=False),
            self._limits.step_s,
        )

    def send(self, script: bytes) -> None:
        """Send, as often as needed; the last one closes standard input."""
        for at in range(0, len(script), CHUNK):
            piece, last = script[at : at + CHUNK], at + CHUNK >= len(script)
            self._call(
                "sending the script",
                lambda piece=piece, last=last: self._protocol.send_command_input(  # type: ignore[misc]
                    self._shell, self._command, piece, end=last
                ),
                self._limits.step_s,
            )

    def receive_into(self, sink: Sink) -> None:
        """Receive, until the sink is finished or the command has ended."""
        over = False
        while not (over or sink.finished):
            output, error, over = self._call("waiting for the answers", self._received)
            if output:
                sink.output(output)
            if error:
                sink.error(error)
            if not (output or error):
                sink.idle()

    def _received(self) -> tuple[bytes, bytes, bool]:
        try:
            output, error, _, over = self._protocol.get_command_output_raw(
                self._shell, self._command
            )
        except WinRMOperationTimeoutError:
            return b"", b"", False  # there is no output yet
        return output, error, over

    def farewell(self, guard: Guard, adapter: Callable[[], WinrmAdapter]) -> None:
        """Signal and Delete, so that nothing of ours stays there; whatever comes of it.

        Args:
            guard: the time for it.
            adapter: makes new connections, where the old one was ended in the middle of a word.
        """
        with contextlib.suppress(TransportError):
            if self._guard.verdict is not None:
                self._guard = guard
                guard.check()
                self.mount(adapter())
            if self._command:
                self._call(
                    "ending PowerShell",
                    lambda: self._protocol.cleanup_command(self._shell, self._command),
                    FAREWELL_S,
                )
            self._call(
                "closing the shell",
                lambda: self._protocol.close_shell(self._shell, close_session=False),
                FAREWELL_S,
            )

    def _call(self, doing: str, ask: Callable[[], _Answer], at_most: float = math.inf) -> _Answer:
        self._guard.step(doing, at_most)
        try:
            answer = ask()
        except Exception as error:
            # What strange peers send ends in errors of five libraries, and of Python's own.
            if self._guard.verdict is not None:
                raise self._guard.verdict from None
            self._guard.check()
            fault = translated(error, self._target, self._place)
            # From the shell on we are logged in, and a script may run there.
            fault.passing = fault.passing and not self._shell
            raise fault from None
        self._guard.check()
        return answer


def _bracketed(address: str) -> str:
    try:
        return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    except ValueError:
        return address
