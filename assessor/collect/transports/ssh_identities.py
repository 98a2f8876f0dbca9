"""The keys to offer to a host: from files, with the certificates beside them, or an agent."""

from __future__ import annotations

import base64
import binascii
import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from paramiko.message import Message

from assessor.collect.transports.host_certificates import SUFFIX
from assessor.collect.transports.known_hosts import fingerprint
from assessor.collect.transports.ssh_agent import Agent, AgentError, AgentKey

# ssh_config(5), IdentityFile: the files that OpenSSH tries by itself.
DEFAULT_FILES = (
    "~/.ssh/id_rsa",
    "~/.ssh/id_ecdsa",
    "~/.ssh/id_ecdsa_sk",
    "~/.ssh/id_ed25519",
    "~/.ssh/id_ed25519_sk",
)
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "rsa-sha2-256": hashes.SHA256(),
    "rsa-sha2-512": hashes.SHA512(),
    "ecdsa-sha2-nistp256": hashes.SHA256(),
    "ecdsa-sha2-nistp384": hashes.SHA384(),
    "ecdsa-sha2-nistp521": hashes.SHA512(),
}
_PUBLIC_TYPES = (b"ssh-", b"ecdsa-", b"sk-")

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Passphrase = Callable[[], str | None]


class IdentityError(Exception):
    """A key cannot be used; the message says why and holds no secret."""


class Identity(Protocol):
    """A key to offer.

    Attributes:
        label: names it for people, such as ``key ~/.ssh/id_ed25519``.
        blob: its public half, or its certificate, in wire format.
        ready: it signs at once: nobody has to be asked for anything.
    """

    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def blob(self) -> bytes: ...  # noqa: D102
    @property
    def ready(self) -> bool: ...  # noqa: D102

    def sign(self, data: bytes, algorithm: str, passphrase: Passphrase, within_s: float) -> bytes:
        """The signature over ``data`` in wire format; raises ``IdentityError``."""


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """A key that the agent holds."""

    agent: Agent
    key: AgentKey

    @property
    def label(self) -> str:
        """Names it for people."""
        return f"agent key {fingerprint(self.key.blob)}"

    @property
    def blob(self) -> bytes:
        """Its public half."""
        return self.key.blob

    @property
    def ready(self) -> bool:
        """Never: the agent may ask its owner."""
        return False

    def sign(self, data: bytes, algorithm: str, passphrase: Passphrase, within_s: float) -> bytes:
        """Lets the agent sign."""
        del passphrase
        try:
            return self.agent.sign(
                self.key.blob, data, algorithm.removesuffix(SUFFIX), min(within_s, 60.0)
            )
        except AgentError as error:
            raise IdentityError(f"the agent could not sign with it: {error}") from error


class KeyFile:
    """A private key file. It is read once; its passphrase is asked for when it must sign."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._private: Private | None = None
        self._data = path.read_bytes()
        with contextlib.suppress(_EncryptedError, ValueError, UnsupportedAlgorithm):
            self._private = _parsed(self._data, None)
        self.public = self._public_half()
        """Its public half in wire format; ``None`` where only the passphrase tells it."""

    @property
    def open(self) -> bool:
        """Whether no passphrase is wanted, or not any more."""
        return self._private is not None

    def _public_half(self) -> bytes | None:
        beside = _public_line(self.path.with_name(f"{self.path.name}.pub"))
        if beside is not None:
            return beside
        if self._data.startswith(_PUBLIC_TYPES):  # a public key: the agent has the private one
            return _public_line(self.path)
        header = _openssh_public(self._data)
        if header is not None:
            return header
        return _blob(self._private) if self._private else None

    def unlocked(self, passphrase: Passphrase) -> Private:
        """The private key.

        Raises:
            IdentityError: it has a passphrase that is not known, or cannot be read.
        """
        # One thread pays for the slow key derivation; the others wait for its result.
        with self._lock:
            if self._private is None:
                self._private = self._load(passphrase)
            return self._private

    def _load(self, passphrase: Passphrase) -> Private:
        try:
            return _parsed(self._data, None)
        except _EncryptedError:
            secret = passphrase()
        except (ValueError, UnsupportedAlgorithm) as error:
            raise IdentityError("it is no private key that can be read here") from error
        if secret is None:
            raise IdentityError("it has a passphrase, and none is given")
        try:
            return _parsed(self._data, secret.encode("utf-8"))
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise IdentityError("the passphrase does not open it") from None


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """A key file, or the certificate beside it."""

    file: KeyFile
    label: str
    blob: bytes

    @property
    def ready(self) -> bool:
        """Whether it is open."""
        return self.file.open

    def sign(self, data: bytes, algorithm: str, passphrase: Passphrase, within_s: float) -> bytes:
        """Signs with the private key."""
        del within_s
        return _signature(self.file.unlocked(passphrase), data, algorithm.removesuffix(SUFFIX))


@dataclass(frozen=True, slots=True)
class Identities:
    """The keys for one target in the order in which they are offered, and what is amiss."""

    keys: tuple[Identity, ...]
    faults: tuple[str, ...]


class KeyRing:
    """All keys of a run; files and agent are read once, for all threads.

    Args:
        agent: the agent to use.
        default_files: offered to targets that name no identity file.
    """

    def __init__(self, agent: Agent, default_files: Sequence[str] = DEFAULT_FILES) -> None:
        self._agent = agent
        self._defaults = tuple(default_files)
        self._lock = threading.Lock()
        self._files: dict[str, KeyFile | str] = {}
        self._agent_keys: tuple[AgentKey, ...] | None = None

    def for_files(self, named: Sequence[str], passphrase: Passphrase) -> Identities:
        """The keys to offer: first the named files, through the agent where it holds them.

        Without named files the agent's keys come before the default files, as in OpenSSH. With
        them, the agent's other keys come last: servers hang up after a few wrong keys.
        """
        agent = {key.blob: AgentIdentity(self._agent, key) for key in self._held()}
        faults: list[str] = []
        files: list[Identity] = []
        for name in named or self._defaults:
            found = self._file(name)
            if isinstance(found, str):
                if named:
                    faults.append(found)
                continue
            try:
                files += _of_file(found, name, agent, passphrase)
            except IdentityError as error:
                faults.append(f"{name}: {error}")
        others = [key for key in agent.values() if key.blob not in {f.blob for f in files}]
        ordered = [*files, *others] if named else _agent_first(files, others)
        return Identities(tuple(ordered), tuple(faults))

    def _held(self) -> tuple[AgentKey, ...]:
        with self._lock:
            if self._agent_keys is None:
                self._agent_keys = self._agent.keys()
            return self._agent_keys

    def _file(self, name: str) -> KeyFile | str:
        with self._lock:
            if name not in self._files:
                path = Path(name).expanduser()
                try:
                    self._files[name] = KeyFile(path)
                except FileNotFoundError:
                    self._files[name] = f"{name} does not exist"
                except OSError as error:
                    self._files[name] = f"{name} cannot be read: {error.strerror}"
            return self._files[name]


def _agent_first(files: Iterable[Identity], others: Iterable[Identity]) -> list[Identity]:
    held = [key for key in files if isinstance(key, AgentIdentity)]
    rest = [key for key in files if not isinstance(key, AgentIdentity)]
    return [*held, *others, *rest]


def _of_file(
    file: KeyFile, name: str, agent: dict[bytes, AgentIdentity], passphrase: Passphrase
) -> list[Identity]:
    public = file.public
    if public is None:
        public = _blob(file.unlocked(passphrase))
    offered: list[Identity] = []
    certificate = _public_line(file.path.with_name(f"{file.path.name}-cert.pub"))
    for blob, label in ((certificate, f"certificate of {name}"), (public, f"key {name}")):
        if blob is not None:
            offered.append(agent.get(blob) or FileIdentity(file, label, blob))
    return offered


class _EncryptedError(Exception):
    """The key needs a passphrase."""


def _parsed(data: bytes, passphrase: bytes | None) -> Private:
    loaders = (serialization.load_ssh_private_key, serialization.load_pem_private_key)
    loader = loaders[0] if b"OPENSSH PRIVATE KEY" in data else loaders[1]
    try:
        key = loader(data, passphrase)
    except TypeError as error:
        # How cryptography says that a passphrase is needed.
        raise _EncryptedError from error
    if not isinstance(key, Private):
        raise UnsupportedAlgorithm("not a kind of key that SSH servers take today")
    return key


def _blob(private: Private) -> bytes:
    line = private.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return base64.b64decode(line.split()[1])


def _public_line(path: Path) -> bytes | None:
    try:
        words = path.read_text(encoding="utf-8", errors="replace").split(None, 2)
        return base64.b64decode(words[1], validate=True)
    except (OSError, IndexError, binascii.Error, ValueError):
        return None


def _openssh_public(data: bytes) -> bytes | None:
    """The public half that stands, unencrypted, in OpenSSH's own format (PROTOCOL.key)."""
    head, _, rest = data.partition(b"-----BEGIN OPENSSH PRIVATE KEY-----")
    if head.strip() or not rest:
        return None
    try:
        raw = base64.b64decode(rest.partition(b"-----END")[0])
    except binascii.Error:
        return None
    magic = b"openssh-key-v1\0"
    if not raw.startswith(magic):
        return None
    message = Message(raw[len(magic) :])
    for _ in ("cipher", "kdf", "kdf options"):
        message.get_binary()
    return message.get_binary() if message.get_int() == 1 else None


def _signature(private: Private, data: bytes, algorithm: str) -> bytes:
    message = Message()
    message.add_string(algorithm)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        message.add_string(private.sign(data))
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(_HASHES[algorithm])))
        pair = Message()
        pair.add_mpint(r)
        pair.add_mpint(s)
        message.add_string(pair.asbytes())
    else:
        message.add_string(private.sign(data, padding.PKCS1v15(), _HASHES[algorithm]))
    return message.asbytes()
