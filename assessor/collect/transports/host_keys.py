"""Whether a server's host key is the right one; there is no way to switch this off."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from paramiko.message import Message

from assessor.collect.transports.host_certificates import (
    SUFFIX,
    HostCertificateError,
    check_certificate,
    is_certificate,
    read_certificate,
)
from assessor.collect.transports.known_hosts import Known, KnownKey, fingerprint
from assessor.errors import TransportError
from assessor.model.capture import Reason

# OpenSSH's order, and the type of key behind each algorithm.
_ALGORITHMS = {
    "ssh-ed25519": "ssh-ed25519",
    "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384": "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521": "ecdsa-sha2-nistp521",
    "rsa-sha2-512": "ssh-rsa",
    "rsa-sha2-256": "ssh-rsa",
}
_TYPES = frozenset(_ALGORITHMS.values())


@dataclass(frozen=True, slots=True)
class StrictHostKeys:
    """Accepts the keys that ``known_hosts`` knows, and certificates that its authorities signed.

    Attributes:
        host: the host's name, without a port.
        known: what the files say of it.
        accept_into: the file that the mend of an unknown key names.
    """

    host: str
    known: Known
    accept_into: str

    @property
    def algorithms(self) -> Sequence[str]:
        """What to offer: certificates where one could be judged, then the known types of key.

        A server with several keys is so asked for the one that we know.
        """
        types = {key.kind for key in (self.known.keys or self.known.elsewhere)}
        ordered = sorted(_ALGORITHMS, key=lambda name: _ALGORITHMS[name] not in types)
        certified = [f"{name}{SUFFIX}" for name in ordered] if self.known.authorities else []
        return (*certified, *ordered)

    def check(self, blob: bytes) -> None:
        """Returns if the key is good.

        Raises:
            TransportError: it is unknown, another than the one we know, or revoked.
        """
        note = ""
        if is_certificate(blob):
            try:
                certificate = read_certificate(blob)
                blob = certificate.key
                self._refuse_revoked(certificate.authority)
                self._refuse_revoked(blob)
                check_certificate(certificate, self.host, self.known.authorities)
            except HostCertificateError as error:
                # As OpenSSH does: the key in it may still be known by itself.
                note = f"; its certificate is no proof: {error}"
            else:
                return
        self._refuse_revoked(blob)
        if any(key.blob == blob for key in (*self.known.keys, *self.known.elsewhere)):
            return
        comparable = [key for key in self.known.keys if key.kind in _TYPES]
        if comparable:
            raise self._changed(blob, comparable, note)
        raise self._unknown(blob, note)

    def _refuse_revoked(self, blob: bytes) -> None:
        for key in self.known.revoked:
            if key.blob == blob:
                raise TransportError(
                    Reason.HOST_KEY_CHANGED,
                    f"the key {fingerprint(blob)} of {self._name} is revoked by {key.place}",
                    mend="find out why it was revoked; give the host a new key",
                )

    def _changed(self, blob: bytes, old: Sequence[KnownKey], note: str) -> TransportError:
        same = [key for key in old if key.kind == Message(blob).get_text()] or list(old)
        places = ", ".join(f"{key.place} ({key.kind} {fingerprint(key.blob)})" for key in same)
        return TransportError(
            Reason.HOST_KEY_CHANGED,
            f"the host key of {self._name} is another than the known one:"
            f" it shows {_described(blob)}, known is {places}{note}",
            mend="if nobody renewed the host's key, someone may be listening in. If it was renewed:"
            f" ssh-keygen -R {shlex.quote(self._name)} -f {shlex.quote(str(same[0].path))},"
            " and then accept the new key",
        )

    def _unknown(self, blob: bytes, note: str) -> TransportError:
        line = f"{self._name} {Message(blob).get_text()} {base64.b64encode(blob).decode('ascii')}"
        unread = "".join(f"; {fault}" for fault in self.known.unread)
        return TransportError(
            Reason.HOST_KEY_UNKNOWN,
            f"the host key of {self._name} is not known: {_described(blob)}{note}{unread}",
            mend="compare the fingerprint with what `ssh-keygen -lf` says on the host of its"
            " /etc/ssh/ssh_host_*_key.pub; if they are equal:"
            f" echo {shlex.quote(line)} >> {self.accept_into}",
        )

    @property
    def _name(self) -> str:
        return self.known.names[0]


def _described(blob: bytes) -> str:
    return f"{Message(blob).get_text()} {fingerprint(blob)}"
