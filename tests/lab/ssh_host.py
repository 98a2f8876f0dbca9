"""One host of the SSH lab, with all that is needed to enter it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import pyotp

from assessor.model.target import (
    Platform,
    Privilege,
    Role,
    SecretPurpose,
    SecretSource,
    Target,
    TransportKind,
)
from tests.lab.servers import Server


class Sudo(StrEnum):
    """How an account of the lab gets root's rights."""

    NONE = "none"
    NO_PASSWORD = "no-password"
    PASSWORD = "password"


class Ending(StrEnum):
    """What a cut host does when its share of output has gone."""

    DROP = "drop"
    HANG = "hang"
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class LabHost:
    """One host of the lab, with all that is needed to enter it.

    Attributes:
        kind: what it was asked for as.
        identity_file: a private key that opens it, or ``None``.
        known_hosts: a file that holds what is known of its host key.
        password: the account's password; also opens sudo where that asks for one.
        passphrase: of the identity file; empty when it has none.
        totp_secret: the base32 secret of its time-based codes; empty when it asks for none.
        jump: jump hosts from near to far, each ``user@host:port``.
        server: its ``sshd``; ``None`` for a plain socket.
    """

    kind: str
    address: str
    port: int
    user: str
    identity_file: Path | None
    known_hosts: Path
    password: str = ""
    passphrase: str = ""
    totp_secret: str = ""
    sudo: Sudo = Sudo.NONE
    jump: tuple[str, ...] = ()
    server: Server | None = None

    def code(self) -> str:
        """The time-based code of this moment."""
        return pyotp.TOTP(self.totp_secret).now()

    def target(
        self,
        name: str = "",
        *,
        secrets_from: Mapping[SecretPurpose, SecretSource] = MappingProxyType({}),
    ) -> Target:
        """The host as a target of an inventory."""
        return Target(
            name=name or self.kind,
            role=Role.SERVER,
            transport=TransportKind.SSH,
            platform=Platform.LINUX,
            address=self.address,
            port=self.port,
            user=self.user,
            jump=self.jump,
            privilege=Privilege.NONE if self.sudo is Sudo.NONE else Privilege.SUDO,
            identity_files=(str(self.identity_file),) if self.identity_file else (),
            known_hosts=(str(self.known_hosts),),
            secrets=secrets_from,
        )
