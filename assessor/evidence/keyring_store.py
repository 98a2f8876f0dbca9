"""Where signing keys are kept: the keyring of the system, or an encrypted file.

A file is PKCS#8 with a passphrase (scrypt and AES-256, as OpenSSL reads it). Beside either stands
the public part, so that it can be shown and handed over without the passphrase.

``KEYS/NAME.pub.pem``, ``KEYS/NAME.key.pem`` (or the keyring), ``KEYS/NAME.rotations.json``
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from assessor import wholefile
from assessor.errors import EvidenceError, UsageError
from assessor.evidence.signing import PublicKey, SigningKey, canonical, opened
from assessor.evidence.store import write_whole
from assessor.model.keys import Place

SERVICE = "assess"
ROTATION_TYPE = "application/vnd.assess.rotation+json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_LEAST_PASSPHRASE = 12

Passphrase = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Rotation:
    """One key's word that another has taken its place.

    Attributes:
        old: the key that signed this.
        new: the key that takes its place.
        at: when, as ISO 8601.
        raw: the signed envelope.
    """

    old: PublicKey
    new: PublicKey
    at: str
    raw: bytes


class KeyStore:
    """The keys of the person who assesses; by default in ``~/.config/assess/keys``."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _default_folder()

    def names(self) -> tuple[str, ...]:
        """Every key there is."""
        return tuple(
            sorted(path.name.removesuffix(".pub.pem") for path in self.folder.glob("*.pub.pem"))
        )

    def has(self, name: str) -> bool:
        """Whether there is a key of that name."""
        return self._public(name).exists()

    def public(self, name: str) -> PublicKey:
        """The public part; raises ``UsageError`` where there is no such key."""
        try:
            return PublicKey.from_pem(self._public(name).read_bytes())
        except FileNotFoundError:
            raise UsageError(
                f"there is no key {name!r}", mend=f"make one with: assess key new {name}"
            ) from None
        except OSError as error:
            raise EvidenceError(f"{self._public(name)}: {error.strerror}") from None

    def place(self, name: str) -> Place:
        """Where its private part is."""
        return Place.FILE if self._private(name).exists() else Place.KEYRING

    def new(self, name: str, place: Place, passphrase: Passphrase) -> PublicKey:
        """Makes a key.

        Raises:
            UsageError: there is one of that name, or the passphrase is too short.
            EvidenceError: it cannot be kept there.
        """
        if self.has(name):
            raise UsageError(
                f"there is a key {name!r} already",
                mend=f"replace it with: assess key rotate {name}",
            )
        return self._keep(name, SigningKey.new(), place, passphrase)

    def load(self, name: str, passphrase: Passphrase) -> SigningKey:
        """The key, to sign with.

        Raises:
            UsageError: there is none, or the passphrase is wrong.
            EvidenceError: it cannot be read.
        """
        public = self.public(name)
        if self.place(name) is Place.FILE:
            raw, word = self._private(name).read_bytes(), passphrase().encode()
        else:
            raw, word = self._from_keyring(name), None
        try:
            private = load_pem_private_key(raw, word)
        except (ValueError, TypeError):
            raise UsageError(
                f"the key {name!r} does not open with this passphrase",
                mend="give the passphrase with which it was made",
            ) from None
        if not isinstance(private, Ed25519PrivateKey):
            raise EvidenceError(f"the key {name!r} is no Ed25519 key")
        key = SigningKey(private)
        if key.public != public and any(key.public == each.new for each in self.rotations(name)):
            # The computer stopped in the middle of a rotation: it is finished now.
            write_whole(self._public(name), key.public.pem.encode())
        elif key.public != public:
            raise EvidenceError(f"the parts of the key {name!r} do not belong together")
        return key

    def rotate(self, name: str, at: str, old: Passphrase, new: Passphrase) -> Rotation:
        """Puts a new key in the place of ``name``; the old one signs for it, and is forgotten.

        Raises:
            UsageError: there is no such key, or a passphrase is wrong or too short.
            EvidenceError: the new key cannot be kept.
        """
        before = self.load(name, old)
        after = SigningKey.new()
        statement = {"old": before.public.pem, "new": after.public.pem, "at": at}
        raw = before.envelope(canonical(statement), ROTATION_TYPE)
        rotation = Rotation(before.public, after.public, at, raw)
        rotations = [*self.rotations(name), rotation]
        place = self.place(name)
        # The word of the old key first: a new key that nobody vouches for would be a stranger.
        write_whole(self._rotations(name), canonical([json.loads(one.raw) for one in rotations]))
        self._keep(name, after, place, new)
        return rotation

    def rotations(self, name: str) -> tuple[Rotation, ...]:
        """Every time that the key was replaced, the oldest first."""
        path = self._rotations(name)
        return read_rotations(path.read_bytes()) if path.exists() else ()

    def private_pem(self, name: str, passphrase: Passphrase, word: str) -> bytes:
        """The private part, encrypted with ``word``: a copy to put away safely."""
        return _encrypted(self.load(name, passphrase), word)

    def _keep(self, name: str, key: SigningKey, place: Place, passphrase: Passphrase) -> PublicKey:
        if not _NAME.match(name):
            raise UsageError(f"{name!r} is no name for a key", mend="use letters and digits")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
        except OSError as error:
            raise EvidenceError(f"{self.folder}: {error.strerror}") from None
        if place is Place.FILE:
            _write_private(self._private(name), _encrypted(key, passphrase()))
        else:
            import keyring  # a tenth of a second that other commands need not wait for
            from keyring.errors import KeyringError

            pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            try:
                keyring.set_password(SERVICE, name, pem.decode("ascii"))
            except KeyringError as error:
                raise EvidenceError(
                    f"the system's keyring does not keep the key ({type(error).__name__}); "
                    "mend: assess key new --store file"
                ) from None
        write_whole(self._public(name), key.public.pem.encode())
        return key.public

    def _from_keyring(self, name: str) -> bytes:
        import keyring
        from keyring.errors import KeyringError

        try:
            found = keyring.get_password(SERVICE, name)
        except KeyringError as error:
            raise EvidenceError(f"the system's keyring: {type(error).__name__}") from None
        if found is None:
            raise EvidenceError(f"the system's keyring does not hold the key {name!r}")
        return found.encode()

    def _public(self, name: str) -> Path:
        return self.folder / f"{name}.pub.pem"

    def _private(self, name: str) -> Path:
        return self.folder / f"{name}.key.pem"

    def _rotations(self, name: str) -> Path:
        return self.folder / f"{name}.rotations.json"


class Pins:
    """The keys of companies that a client trusts; by default in ``~/.config/assess/trusted``."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _default_folder().with_name("trusted")

    def put(self, organisation: str, key: PublicKey) -> None:
        """Trusts ``key`` for ``organisation``, and no other; raises ``EvidenceError``."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise EvidenceError(f"{self.folder}: {error.strerror}") from None
        write_whole(self._path(organisation), key.pem.encode())

    def of(self, organisation: str) -> PublicKey | None:
        """The key that is trusted for ``organisation``; ``None`` where none is."""
        path = self._path(organisation)
        return PublicKey.from_pem(path.read_bytes()) if path.exists() else None

    def _path(self, organisation: str) -> Path:
        # A name may hold anything; its digest is a good name for a file.
        digest = hashlib.sha256(organisation.strip().casefold().encode()).hexdigest()
        return self.folder / f"{digest[:32]}.pub.pem"


def read_rotations(raw: bytes) -> tuple[Rotation, ...]:
    """Rotations as they are kept; nothing of them is believed yet.

    Raises:
        EvidenceError: they are damaged.
    """
    try:
        envelopes = json.loads(raw)
        if canonical(envelopes) != raw:
            raise ValueError
        return tuple(_rotation(canonical(each)) for each in envelopes)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EvidenceError("the record of replaced keys is damaged") from None


def _rotation(raw: bytes) -> Rotation:
    said = json.loads(opened(raw, (), ROTATION_TYPE).payload)
    old, new = PublicKey.from_pem(said["old"]), PublicKey.from_pem(said["new"])
    return Rotation(old, new, str(said["at"]), raw)


def followed(trusted: PublicKey, rotations: Sequence[Rotation]) -> tuple[PublicKey, ...]:
    """The keys that ``trusted`` vouches for: itself, and each that took the place of one of them.

    Raises:
        EvidenceError: the word of a trusted key is false.
    """
    keys = [trusted]
    for rotation in rotations:
        if rotation.old in keys and opened(rotation.raw, [rotation.old], ROTATION_TYPE).signed_by:
            keys.append(rotation.new)
    return tuple(keys)


def _encrypted(key: SigningKey, passphrase: str) -> bytes:
    if len(passphrase) < _LEAST_PASSPHRASE:
        raise UsageError(
            f"the passphrase is shorter than {_LEAST_PASSPHRASE} characters",
            mend="take four words that have nothing to do with each other",
        )
    return key.private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )


def _write_private(path: Path, data: bytes) -> None:
    try:
        wholefile.put(path, [data], mode=0o600)
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror}") from None


def _default_folder() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "assess" / "keys"
