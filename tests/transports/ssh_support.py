"""What the tests of the SSH transport share: a plain sink, fixed secrets, and one way to run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.collect.transports.base import Deadline, Script
from assessor.collect.transports.known_hosts import KnownHosts
from assessor.collect.transports.ssh import SshLimits, SshTransport
from assessor.collect.transports.ssh_agent import Agent
from assessor.errors import TransportError
from assessor.model.target import SecretPurpose, SecretSource, Target
from tests.lab.sshd import LabHost

END = b"=END="
# The mark is put together on the host, so that no echo of the script can end the reading.
SAY_END = b"echo =EN''D=\n"
# Generous, but short enough for a test that waits for one of them.
LIMITS = SshLimits(connect_s=5, greet_s=5, login_s=20, channel_s=5)


@dataclass(slots=True)
class Collected:
    """A sink that keeps everything and is finished at a mark."""

    out: bytes = b""
    err: bytes = b""
    most: int = 1 << 20
    arrived: threading.Event = field(default_factory=threading.Event)

    def output(self, data: bytes) -> None:
        self.out += data
        self.arrived.set()
        if len(self.out) > self.most:
            raise FloodError

    def error(self, data: bytes) -> None:
        self.err += data

    def idle(self) -> None: ...

    left = 1.0

    @property
    def finished(self) -> bool:
        return END in self.out


class FloodError(Exception):
    """The sink has had enough."""


class FixedSecrets:
    """Gives what it was made with, and remembers what it was asked for."""

    def __init__(self, values: Mapping[SecretPurpose, str]) -> None:
        self.values = dict(values)
        self.asked: list[tuple[str, SecretPurpose]] = []

    def get(self, target: Target, purpose: SecretPurpose) -> str | None:
        self.asked.append((target.name, purpose))
        return self.values.get(purpose)


def all_secrets(host: LabHost) -> dict[SecretPurpose, str]:
    """Every secret of a host, the code of this moment included."""
    values = {SecretPurpose.PASSWORD: host.password, SecretPurpose.KEY_PASSPHRASE: host.passphrase}
    if host.totp_secret:
        values[SecretPurpose.ONE_TIME_CODE] = host.code()
    return {purpose: value for purpose, value in values.items() if value}


def transport(
    secrets: FixedSecrets,
    *,
    abandoned: threading.Event | None = None,
    limits: SshLimits = LIMITS,
    agent: str = "",
    retries: int = 0,
) -> SshTransport:
    """A transport that takes nothing from the account that runs the tests."""
    return SshTransport(
        secrets,
        abandoned or threading.Event(),
        limits=limits,
        known_hosts=KnownHosts(()),
        agent=Agent(agent),
        default_identities=(),
        retries=retries,
    )


def target_of(host: LabHost, given: Mapping[SecretPurpose, str] | None = None) -> Target:
    """The host as a target that has a source for each of the given secrets."""
    purposes = all_secrets(host) if given is None else given
    return host.target(secrets_from={purpose: SecretSource("ask") for purpose in purposes})


def run_on(
    host: LabHost,
    script: bytes = b"",
    *,
    given: Mapping[SecretPurpose, str] | None = None,
    seconds: float = 30.0,
    agent: str = "",
    most: int = 1 << 20,
) -> Collected:
    """Runs a script on a host, with all its secrets unless others are given."""
    values = all_secrets(host) if given is None else given
    sink = Collected(most=most)
    with transport(FixedSecrets(values), agent=agent) as ssh:
        ssh.run(target_of(host, values), [Script(script + SAY_END)], sink, Deadline.after(seconds))
    return sink


def refusal(
    host: LabHost,
    script: bytes = b"",
    *,
    given: Mapping[SecretPurpose, str] | None = None,
    seconds: float = 30.0,
) -> TransportError:
    """The error that a run on a host ends with; fails where it ends well."""
    try:
        run_on(host, script, given=given, seconds=seconds)
    except TransportError as error:
        return error
    raise AssertionError(f"{host.kind} let us in")
