"""Other machines, over SSH: one connection and one script for each."""

from __future__ import annotations

import contextlib
import getpass
import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

import paramiko
from paramiko.ssh_exception import ChannelException

from assessor.collect.transports.base import Abandoned, Deadline, Script, Secrets, Sink
from assessor.collect.transports.host_keys import StrictHostKeys
from assessor.collect.transports.known_hosts import SSH_PORT, KnownHosts
from assessor.collect.transports.ssh_agent import Agent
from assessor.collect.transports.ssh_auth import Credentials, Login
from assessor.collect.transports.ssh_identities import DEFAULT_FILES, KeyRing
from assessor.collect.transports.ssh_intake import Intake
from assessor.collect.transports.ssh_jump import Hop, JumpPool
from assessor.collect.transports.ssh_session import Line, Session, plain
from assessor.collect.transports.tcp import Clock, connect, look_up, resolve
from assessor.collect.transports.watch import Guard, Watch
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.limits import RETRIES
from assessor.model.target import Platform, SecretPurpose, Target

CHUNK = 65_536
_FULL_WINDOW_S = 0.02
_LEAVE_S = 3.0
_REFUSALS, _PAUSE_S = 20, 0.1


@dataclass(frozen=True, slots=True)
class SshLimits:
    """What each step may take by itself, in seconds; the target's deadline holds besides.

    Attributes:
        connect_s: looking up the name and connecting.
        greet_s: the greeting and the exchange of keys.
        login_s: logging in, without the time in which a person or an agent is asked.
        channel_s: starting the shell.
    """

    connect_s: float = 20.0
    greet_s: float = 20.0
    login_s: float = 60.0
    channel_s: float = 20.0


class SshTransport:
    """Runs scripts on other machines. One for a whole run; safe to use from several threads.

    Args:
        secrets: gives passwords, passphrases and codes.
        abandoned: whether the run was interrupted.
        limits: what each step may take.
        known_hosts: the ``known_hosts`` files of the user and the system.
        agent: the user's agent.
        default_identities: offered to targets that name no identity file.
        retries: how often a jump host is tried again that could not be reached.
    """

    def __init__(
        self,
        secrets: Secrets,
        abandoned: Abandoned,
        *,
        limits: SshLimits = SshLimits(),
        known_hosts: KnownHosts | None = None,
        agent: Agent | None = None,
        default_identities: Sequence[str] = DEFAULT_FILES,
        retries: int = RETRIES,
    ) -> None:
        self._secrets = secrets
        self._abandoned = abandoned
        self._limits = limits
        self._known_hosts = known_hosts or KnownHosts()
        self._keys = KeyRing(agent or Agent(), default_identities)
        self._watch = Watch(abandoned)
        self._jumps = JumpPool(self._watch, self._reach, self._enter_jump, retries)

    def __enter__(self) -> SshTransport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections to jump hosts, which outlive their targets."""
        self._jumps.close()

    def run(
        self, target: Target, scripts: Iterable[Script], sink: Sink, deadline: Deadline
    ) -> None:
        """See ``ShellTransport.run``."""
        with self.session(target, deadline) as (session, guard):
            channel: paramiko.Channel | None = None
            for script in scripts:
                channel = self._shell(session, target, script.command, guard, after=channel)
                self._converse(session, channel, script, sink, guard)

    @contextlib.contextmanager
    def session(self, target: Target, deadline: Deadline) -> Iterator[tuple[Session, Guard]]:
        """A session with ``target``, entered, and the guard that ends it when its time is up.

        Raises:
            TransportError: the target could not be reached or entered.
        """
        guard = self._watch.open(deadline)
        try:
            port = target.port or SSH_PORT
            line = self._jumps.line(target, target.address, port, guard)
            session = self._enter(
                self._credentials(target), target, target.address, port, line, guard
            )
            with contextlib.closing(session), guard.ending(session.end):
                yield session, guard
        finally:
            self._watch.close(guard)

    # -- entering --------------------------------------------------------------------------

    def _reach(self, host: str, port: int, guard: Guard) -> Line:
        clock = Clock(guard.deadline, self._limits.connect_s, self._abandoned)
        # Only a name has to be looked up, which takes a thread.
        addresses = resolve(host, port) if _is_address(host) else look_up(host, port, clock)
        connection, _ = connect(addresses, clock)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _enter_jump(self, hop: Hop, target: Target, line: Line, guard: Guard) -> Session:
        who = self._credentials(target, hop)
        return self._enter(who, target, hop.host, hop.port, line, guard)

    def _enter(
        self, who: Credentials, target: Target, host: str, port: int, line: Line, guard: Guard
    ) -> Session:
        own = target.known_hosts
        host_keys = StrictHostKeys(
            host,
            self._known_hosts.about(host, port, own),
            accept_into=str(own[0]) if own else "~/.ssh/known_hosts",
        )
        try:
            session = Session(line, host_keys)
        except BaseException:
            line.close()
            raise
        try:
            with guard.ending(session.end):
                session.greet(guard, self._limits.greet_s)
                Login(session, who, guard).run(self._limits.login_s)
        except BaseException:
            session.close()
            raise
        return session

    def _credentials(self, target: Target, hop: Hop | None = None) -> Credentials:
        user = hop.user if hop else target.user
        port = target.port or SSH_PORT

        def passphrase() -> str | None:
            return self._secrets.get(target, SecretPurpose.KEY_PASSPHRASE)

        return Credentials(
            user=user or getpass.getuser(),
            place=hop.place if hop else f"{target.address}:{port}",
            identities=lambda: self._keys.for_files(target.identity_files, passphrase),
            passphrase=passphrase,
            sources=frozenset(target.secrets),
            secret=lambda purpose: self._secrets.get(target, purpose),
            for_jump=hop is not None,
            # A device may count a key that it does not take as a log-in that failed.
            key_first=bool(target.identity_files) and target.platform is not Platform.DEVICE,
        )

    # -- the script ------------------------------------------------------------------------

    def _converse(
        self, session: Session, channel: paramiko.Channel, script: Script, sink: Sink, guard: Guard
    ) -> None:
        guard.step("waiting for the answers")
        rest = memoryview(script.text)
        intake = Intake(channel, sink)
        session.only_listen(channel, intake.take)
        with contextlib.closing(intake):
            while not sink.finished:
                intake.arrived.clear()
                with session.translated(guard, "sending the script"):
                    rest = _send(channel, rest, held=script.held)
                over = channel.eof_received or channel.closed
                with session.translated(guard, "reading the answers"):
                    some = intake.look()
                intake.check()
                if some:
                    continue
                if over:
                    break
                guard.check()
                # A window that has room again tells nobody who waits for output: look again soon.
                intake.arrived.wait(_FULL_WINDOW_S if rest else 1.0)
            intake.check()  # what ended the script may also have been too much for the sink
        if not (sink.finished or channel.eof_received or channel.exit_status >= 0):
            guard.check()
            said = session.without_secrets(session.farewell)
            raise TransportError(
                Reason.DROPPED,
                "the connection broke off before the last answer"
                + (f", the server saying: {said}" if said else ""),
            )

    def _shell(
        self,
        session: Session,
        target: Target,
        command: str,
        guard: Guard,
        *,
        after: paramiko.Channel | None,
    ) -> paramiko.Channel:
        """A shell, in the place of the one ``after`` which it comes."""
        guard.step("starting a shell", self._limits.channel_s)
        with session.translated(guard, "starting a shell"):
            if after is not None:
                _leave(after, guard)
            channel = _opened(session, target, guard, _REFUSALS if after is not None else 1)
            channel.settimeout(0.0)
            try:
                channel.exec_command(command)
            except paramiko.SSHException as error:
                if guard.verdict is not None or not session.is_active():
                    raise
                raise TransportError(
                    Reason.SHELL_REFUSED,
                    f"{target.address} refused to run {command.split(' -')[0]!r}",
                    mend="let the account run commands over SSH",
                ) from error
        return channel


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _opened(session: Session, target: Target, guard: Guard, times: int) -> paramiko.Channel:
    """A channel; a server that allows one session at a time is asked so often for the next one."""
    while True:
        try:
            return session.open_session(timeout=guard.left(at_most=3600.0))
        except ChannelException as error:
            times -= 1
            if times <= 0:
                raise TransportError(
                    Reason.SHELL_REFUSED,
                    f"{target.address} gives no shell: {plain(error.text)}",
                    mend="let the account run commands over SSH",
                ) from error
            time.sleep(_PAUSE_S)


def _leave(channel: paramiko.Channel, guard: Guard) -> None:
    """Ends a script whose end is not awaited, and gives the server a moment to see it ended."""
    channel.shutdown_write()
    channel.status_event.wait(guard.left(at_most=_LEAVE_S))
    channel.close()


def _send(channel: paramiko.Channel, rest: memoryview, *, held: bool) -> memoryview:
    """Sends as much of the script as the server takes now; gives what is left."""
    while rest:
        try:
            sent = channel.send(bytes(rest[:CHUNK]))
        except TimeoutError:
            return rest
        except OSError:  # it closed the channel: its last words are still to be read
            return rest[:0]
        rest = rest[sent:] if sent else rest[:0]
        if not (rest or held):
            channel.shutdown_write()
    return rest
