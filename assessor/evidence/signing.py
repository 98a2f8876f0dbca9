"""Signatures over what a run or a bundle consists of: Ed25519 in a DSSE envelope.

DSSE is https://github.com/secure-systems-lab/dsse (protocol 1.0.2): what is signed is the type and
the bytes of the payload, so that nothing has to be brought into a canonical form first. The name of
a key is the SHA-256 of its public part (SubjectPublicKeyInfo, DER), as
``openssl pkey -pubin -outform DER | sha256sum`` shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from assessor.errors import EvidenceError

if TYPE_CHECKING:
    from securesystemslib.signer._key import SSlibKey

# Its library is imported where something is signed or verified: every command knows of keys.

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""As the in-toto attestation framework names its statements (spec/v1/envelope.md)."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public part of a key.

    Attributes:
        pem: as files hold it.
        name: 64 hexadecimal digits that tell it from any other.
    """

    pem: str
    name: str

    @classmethod
    def of(cls, key: Ed25519PublicKey) -> PublicKey:
        """The public part of ``key``."""
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(pem, hashlib.sha256(der).hexdigest())

    @classmethod
    def from_pem(cls, pem: str | bytes) -> PublicKey:
        """Reads one; raises ``EvidenceError`` where it is no Ed25519 key."""
        raw = pem if isinstance(pem, bytes) else pem.encode()
        try:
            key = load_pem_public_key(raw)
        except (ValueError, UnsupportedAlgorithm):
            raise EvidenceError("this is no public key in PEM") from None
        if not isinstance(key, Ed25519PublicKey):
            raise EvidenceError("this is no Ed25519 key")
        return cls.of(key)

    @property
    def spoken(self) -> str:
        """The name in groups of four, to be read out and compared."""
        return " ".join(self.name[at : at + 4] for at in range(0, len(self.name), 4))

    def _for_library(self) -> SSlibKey:
        from securesystemslib.signer._key import SSlibKey

        return SSlibKey.from_crypto(load_pem_public_key(self.pem.encode()), keyid=self.name)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that can sign. Its ``repr`` shows nothing of the private part."""

    _private: Ed25519PrivateKey

    @classmethod
    def new(cls) -> SigningKey:
        """A key that nobody else has."""
        return cls(Ed25519PrivateKey.generate())

    def __repr__(self) -> str:
        return f"SigningKey({self.public.name[:16]})"

    @property
    def private(self) -> Ed25519PrivateKey:
        """The private part, for whoever stores it."""
        return self._private

    @property
    def public(self) -> PublicKey:
        """The public part."""
        return PublicKey.of(self._private.public_key())

    def envelope(self, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
        """``payload`` in a signed envelope, as JSON."""
        from securesystemslib.dsse import Envelope
        from securesystemslib.signer._crypto_signer import CryptoSigner

        envelope = Envelope(payload, payload_type, {})
        envelope.sign(CryptoSigner(self._private, self.public._for_library()))
        return canonical(envelope.to_dict())


def canonical(value: object) -> bytes:
    """JSON in the one form in which we write it."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=True) + "\n").encode("ascii")


@dataclass(frozen=True, slots=True)
class Opened:
    """What an envelope holds.

    Attributes:
        payload: the bytes that were signed.
        signed_by: the name of the key whose signature is good; empty where none of them is known.
        claimed: the names of the keys that the envelope says it is signed by.
    """

    payload: bytes
    signed_by: str
    claimed: tuple[str, ...]


def opened(raw: bytes, keys: Iterable[PublicKey], payload_type: str = PAYLOAD_TYPE) -> Opened:
    """Opens an envelope.

    Args:
        raw: the envelope, in the form in which we write it.
        keys: the keys that may have signed it.
        payload_type: what it must hold.

    Raises:
        EvidenceError: it is no envelope, not in our form, or one of ``keys`` did not sign it.
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import FormatError, VerificationError

    try:
        document = json.loads(raw)
        if canonical(document) != raw:
            raise EvidenceError("the envelope is not as it was written")
        envelope = Envelope.from_dict(json.loads(raw))
        if canonical(envelope.to_dict()) != raw:
            raise EvidenceError("the envelope is not as it was written")
    except (ValueError, KeyError, TypeError, AttributeError, FormatError, RecursionError):
        raise EvidenceError("this is no envelope of a signature") from None
    if envelope.payload_type != payload_type:
        raise EvidenceError(f"the envelope holds {envelope.payload_type[:80]!r}")
    claimed = tuple(envelope.signatures)
    known = [key for key in keys if key.name in claimed]
    if not known:
        return Opened(envelope.payload, "", claimed)
    try:
        good = envelope.verify([key._for_library() for key in known], len(known))
    except (VerificationError, ValueError):
        raise EvidenceError("the signature is false") from None
    return Opened(envelope.payload, next(iter(good)), claimed)
