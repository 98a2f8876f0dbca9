"""OpenSSH host certificates: whether one proves that a host is who it says.

The format is that of PROTOCOL.certkeys in OpenSSH's source. The rules are those of OpenSSH's
client, but for one: a certificate without principals is refused here, since it would be good for
every host.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)
from paramiko.message import Message

from assessor.collect.transports.known_hosts import KnownKey

SUFFIX = "-cert-v01@openssh.com"

# How many fields the certified key itself takes, after the nonce.
_KEY_FIELDS = {
    f"ssh-ed25519{SUFFIX}": 1,
    f"ssh-rsa{SUFFIX}": 2,
    f"ecdsa-sha2-nistp256{SUFFIX}": 2,
    f"ecdsa-sha2-nistp384{SUFFIX}": 2,
    f"ecdsa-sha2-nistp521{SUFFIX}": 2,
}
# OpenSSH's CASignatureAlgorithms without those that need a security key; no SHA-1.
_SIGNATURES = frozenset(
    {
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "rsa-sha2-512",
        "rsa-sha2-256",
    }
)


class HostCertificateError(Exception):
    """A host certificate that proves nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class HostCertificate:
    """What a certificate says, before anything of it is believed.

    Attributes:
        key: the key that it certifies, in wire format.
        authority: the key that has signed it, in wire format.
        algorithm: of the signature.
    """

    blob: bytes
    key: bytes
    authority: bytes
    algorithm: str


def is_certificate(blob: bytes) -> bool:
    """Whether a host key in wire format is a certificate."""
    return Message(blob).get_binary().endswith(SUFFIX.encode("ascii"))


def read_certificate(blob: bytes) -> HostCertificate:
    """Takes a certificate apart, as far as ``cryptography`` does not show it.

    Raises:
        HostCertificateError: it is of a kind that is not known.
    """
    message = Message(blob)
    kind = message.get_binary().decode("ascii", "replace")
    if kind not in _KEY_FIELDS:
        raise HostCertificateError("it is of a kind that is not known")
    message.get_binary()  # nonce
    key = Message()
    key.add_string(kind.removesuffix(SUFFIX))
    for _ in range(_KEY_FIELDS[kind]):
        key.add_string(message.get_binary())
    message.get_int64()  # serial
    message.get_int()  # type
    message.get_binary()  # key id
    message.get_binary()  # principals
    message.get_int64()  # valid after
    message.get_int64()  # valid before
    for _ in ("critical options", "extensions", "reserved"):
        message.get_binary()
    authority = message.get_binary()
    algorithm = Message(message.get_binary()).get_binary().decode("ascii", "replace")
    return HostCertificate(blob, key.asbytes(), authority, algorithm)


def check_certificate(
    certificate: HostCertificate,
    host: str,
    authorities: Iterable[KnownKey],
    now: datetime | None = None,
) -> None:
    """Returns if ``certificate`` is a good one for ``host``.

    Args:
        certificate: as ``read_certificate`` gave it.
        host: the host's name as it was asked for, without a port.
        authorities: the keys that may have signed it.
        now: the moment to judge at; by default this one.

    Raises:
        HostCertificateError: it is not.
    """
    if not any(known.blob == certificate.authority for known in authorities):
        raise HostCertificateError("it is signed by another authority than known_hosts names")
    if certificate.algorithm not in _SIGNATURES:
        raise HostCertificateError("it is signed with an algorithm that is not accepted")
    kind = Message(certificate.blob).get_binary()
    try:
        read = load_ssh_public_identity(kind + b" " + base64.b64encode(certificate.blob))
        if not isinstance(read, SSHCertificate):
            raise HostCertificateError("it is no certificate")
        read.verify_cert_signature()
    except InvalidSignature:
        raise HostCertificateError("its signature is not good") from None
    except (ValueError, TypeError, AssertionError, UnsupportedAlgorithm) as error:
        raise HostCertificateError("it cannot be read") from error
    _check_content(read, host, now or datetime.now(UTC))


def _check_content(certificate: SSHCertificate, host: str, now: datetime) -> None:
    if certificate.type is not SSHCertificateType.HOST:
        raise HostCertificateError("it is a user's certificate, not a host's")
    if certificate.critical_options:
        raise HostCertificateError("it has a critical option that is not known")
    moment = now.timestamp()
    if moment < certificate.valid_after:
        raise HostCertificateError(f"it is not valid before {_date(certificate.valid_after)}")
    if moment >= certificate.valid_before:
        raise HostCertificateError(f"it expired at {_date(certificate.valid_before)}")
    principals = [name.decode("utf-8", "replace") for name in certificate.valid_principals]
    if not principals:
        raise HostCertificateError("it names no host")
    if host.lower() not in principals:
        named = ", ".join(principals[:3])
        raise HostCertificateError(f"it is for {named}{' ...' if len(principals) > 3 else ''}")


def _date(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return "a moment out of range"
