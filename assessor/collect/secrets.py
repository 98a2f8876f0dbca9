"""Fetches secrets from where the inventory says they are, when they are due; memory only."""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assessor.errors import TransportError, UsageError
from assessor.model.capture import Reason
from assessor.model.target import SecretPurpose, SecretSource, Target

_COMMAND_S = 30.0
_LONGEST = 4096

Ask = Callable[[str], str | None]
"""Puts a question to the user; gives ``None`` where nobody can be asked."""

_Key = tuple[str, SecretPurpose, SecretSource]

_NAMES = {
    SecretPurpose.PASSWORD: "password",
    SecretPurpose.KEY_PASSPHRASE: "key passphrase",
    SecretPurpose.ONE_TIME_CODE: "one-time code",
    SecretPurpose.SUDO_PASSWORD: "sudo password",
}


@dataclass(slots=True, repr=False)
class _Slot:
    """One secret; whoever fetches it holds the lock, so that it is fetched once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: str | None = None
    failure: _MissingError | None = None


class _MissingError(Exception):
    """A source gave nothing: why, and the mend."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why)
        self.why = why
        self.mend = mend


class SourcedSecrets:
    """The secrets of a run; safe to use from several threads.

    Each source is used once: a command runs once for all targets that name it, a question is
    asked once for each target, or once for all targets that give it the same label. One-time
    codes are fetched anew each time. A source that failed is not tried again.

    Args:
        ask: puts a question to the user.
        environ: the environment variables.
    """

    def __init__(self, ask: Ask, environ: Mapping[str, str] = os.environ) -> None:
        self._ask = ask
        self._environ = environ
        self._lock = threading.Lock()
        self._slots: dict[_Key, _Slot] = {}
        self._asking = threading.Lock()
        self._nobody: TransportError | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def get(self, target: Target, purpose: SecretPurpose) -> str | None:
        """See ``Secrets.get``."""
        source = target.secrets.get(purpose)
        if source is None:
            return None
        labelled = source.kind != "ask" or source.value
        with self._lock:
            key = ("" if labelled else target.name, purpose, source)
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            try:
                return self._filled(slot, target, purpose, source)
            except _MissingError as error:
                slot.failure = error
                raise TransportError(
                    Reason.SECRET_MISSING,
                    f"the {_NAMES[purpose]} for {target.name} is missing: {error.why}",
                    mend=error.mend,
                ) from None

    def named(self, source: SecretSource, about: str) -> str:
        """A secret that belongs to no target, such as the passphrase of a signing key.

        Args:
            source: where it comes from.
            about: what it is, as the question and an error name it.

        Raises:
            UsageError: the source gave nothing.
        """
        try:
            value = self._fetch(about, source)
            if not value:
                raise _MissingError("what its source gave is empty", "check the source")
        except _MissingError as error:
            raise UsageError(f"{about} is missing: {error.why}", mend=error.mend) from None
        except TransportError as error:
            raise UsageError(f"{about} is missing: {error.detail}", mend=error.mend) from None
        return value

    def _filled(
        self, slot: _Slot, target: Target, purpose: SecretPurpose, source: SecretSource
    ) -> str:
        if slot.failure is not None:
            raise slot.failure
        if slot.value is None or purpose is SecretPurpose.ONE_TIME_CODE:
            about = " ".join(source.value) or f"{target.name} ({target.address})"
            value = self._fetch(f"{_NAMES[purpose].capitalize()} for {about}", source)
            if not value:
                raise _MissingError("what its source gave is empty", "check the source")
            # A variable of bytes that are no UTF-8 holds surrogates, which cannot be sent.
            surrogates = any("\ud800" <= c <= "\udfff" for c in value)
            if len(value) > _LONGEST or surrogates or set(value) & set("\0\r\n"):
                raise _MissingError("what its source gave is no line of text", "check the source")
            slot.value = value
        return slot.value

    def _fetch(self, about: str, source: SecretSource) -> str:
        match source.kind:
            case "env":
                return self._from_environment(source)
            case "command":
                return _from_command(source)
            case "keyring":
                return _from_keyring(source)
            case "ask":
                return self._from_user(about)
        raise _MissingError(
            f"there is no kind of source {source.kind!r}", "use env, command, keyring or ask"
        )

    def _from_environment(self, source: SecretSource) -> str:
        name = source.value[0]
        if name not in self._environ:
            raise _MissingError(f"the variable {name} is not set", f"set {name}")
        return self._environ[name]

    def _from_user(self, about: str) -> str:
        with self._asking:
            if self._nobody is not None:
                raise self._nobody
            try:
                answer = self._ask(f"{about}: ")
            except TransportError as error:
                self._nobody = error  # whoever did not answer now will not answer 50 times more
                raise
        if answer is None:
            raise _MissingError(
                "there is no terminal to ask on",
                "run it on a terminal, or let the inventory name a variable or a command",
            )
        return answer


def _from_command(source: SecretSource) -> str:
    programme = source.value[0]
    try:
        done = subprocess.run(
            source.value,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # Not ours to show: it may quote what it was given or has found.
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_S,
            check=False,
        )
    except OSError as error:
        raise _MissingError(
            f"{programme} cannot be run: {error.strerror}", f"install {programme}"
        ) from None
    except subprocess.TimeoutExpired:
        raise _MissingError(
            f"{programme} gave nothing within {_COMMAND_S:.0f} s",
            f"see whether {programme} waits for something, such as being unlocked",
        ) from None
    if done.returncode != 0:
        raise _MissingError(
            f"{programme} ended with exit status {done.returncode}",
            "run the command by hand to see why",
        )
    with contextlib.suppress(UnicodeDecodeError):
        return done.stdout.partition(b"\n")[0].removesuffix(b"\r").decode("utf-8")
    raise _MissingError(f"{programme} gave no text", "run the command by hand to see why")


def _from_keyring(source: SecretSource) -> str:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise _MissingError(
            "the Python package keyring is not installed", "pip install keyring"
        ) from None
    service, user = source.value
    try:
        value = keyring.get_password(service, user)
    except Exception as error:  # every back end has errors of its own
        raise _MissingError(
            f"the keyring failed ({type(error).__name__})", "unlock the keyring"
        ) from None
    if not isinstance(value, str):
        raise _MissingError(
            f"the keyring holds nothing for {service} / {user}",
            f"keyring set {service} {user}",
        )
    return value
