"""Logs in, in OpenSSH's order: keys first, then keyboard-interactive, then password.

The protocol is that of RFC 4252 and RFC 4256. Differences from what paramiko would do: a key is
offered before anything is signed with it, so that no passphrase is asked for a key that the
server does not want; a secret is given to a server once at most, so that a wrong one never locks
an account; and a prompt that is not understood is never answered.
"""

from __future__ import annotations

import contextlib
import queue
import re
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from paramiko.auth_handler import AuthHandler
from paramiko.message import Message

from assessor.collect.transports.host_certificates import SUFFIX
from assessor.collect.transports.ssh_identities import (
    Identities,
    Identity,
    IdentityError,
    Passphrase,
)
from assessor.collect.transports.ssh_session import Session, plain
from assessor.collect.transports.watch import Guard
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import SecretPurpose

_SERVICE_REQUEST = 5
_SERVICE_ACCEPT = 6
_REQUEST = 50
_FAILURE = 51
_SUCCESS = 52
_BANNER = 53
_METHOD_SPECIFIC = 60
_INFO_RESPONSE = 61

_MOST_ROUNDS = 8
_MOST_STEPS = 6

_Reply = tuple[int, Message]


class Prompt(StrEnum):
    """What a prompt asks for."""

    PASSWORD = "password"  # noqa: S105 - a kind of prompt
    CODE = "code"
    NEW_PASSWORD = "new password"  # noqa: S105
    UNKNOWN = "unknown"


_NEW_PASSWORD = re.compile(
    r"\b(new|retype|re-enter|again|confirm|repeat|current|old|expired|change|nieuw\w*|huidig\w*)\b"
)
_CODE = re.compile(
    r"\b(code|otp|totp|hotp|2fa|mfa|token|passcode|tokencode|authenticator|yubikey|verificatiecode"
    r"|beveiligingscode)\b|\bone[- ]?time\b"
)
_PASSWORD = re.compile(r"\b(password|wachtwoord|passwort|kennwort|mot de passe)\b")
_WITH_CODE = re.compile(r"(password|wachtwoord).*(&|\+|\band\b|\ben\b)|(&|\+|\band\b).*password")


def understood(prompt: str, *, echo: bool) -> Prompt:
    """What ``prompt`` asks for; ``echo`` says whether the answer may be shown while typed."""
    text = " ".join(prompt.lower().split())
    code = _CODE.search(text)
    password = _PASSWORD.search(text)
    if password and not code and _NEW_PASSWORD.search(text):
        return Prompt.NEW_PASSWORD
    if code and not _WITH_CODE.search(text):
        return Prompt.CODE
    # A password is never typed in sight: a prompt that wants that is not one for a password.
    if password and not code and not echo:
        return Prompt.PASSWORD
    return Prompt.UNKNOWN


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that may be used to enter one host.

    Attributes:
        user: the log-in name.
        place: names the host for people.
        passphrase: gives the passphrase of identity files.
        sources: for which purposes a secret is to be had.
        secret: gives the secret for a purpose; raises ``TransportError``.
        for_jump: the host is a jump host: the target's password and codes are not for it.
        key_first: the key is tried before the host has said what it offers.
    """

    user: str
    place: str
    identities: Callable[[], Identities]
    passphrase: Passphrase
    sources: frozenset[SecretPurpose]
    secret: Callable[[SecretPurpose], str | None]
    for_jump: bool = False
    key_first: bool = False


class _Conversation(AuthHandler):
    """Carries replies from paramiko's thread to ours."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.replies: queue.SimpleQueue[_Reply | None] = queue.SimpleQueue()
        self._takers = {
            kind: self._taker(kind)
            for kind in (_SERVICE_ACCEPT, _FAILURE, _SUCCESS, _BANNER, _METHOD_SPECIFIC)
        }

    @property
    def _client_handler_table(self) -> Mapping[int, Callable[[Message], None]]:
        return self._takers

    def _taker(self, kind: int) -> Callable[[Message], None]:
        def take(message: Message) -> None:
            if kind == _BANNER:
                return  # for people who log in by hand
            if kind == _SUCCESS:
                # From here on: the very next packet may be one for a session that is logged in.
                self.authenticated = True
                self.transport._auth_trigger()  # type: ignore[attr-defined]
            self.replies.put((kind, message))

        return take

    def abort(self) -> None:
        """The session has ended."""
        self.replies.put(None)


class Login:
    """One log-in."""

    def __init__(self, session: Session, credentials: Credentials, guard: Guard) -> None:
        self._session = session
        self._who = credentials
        self._guard = guard
        self._conversation = _Conversation(session)
        self._offered: tuple[str, ...] = ()
        self._tried: list[str] = []
        self._faults: list[str] = []
        self._mends: list[str] = []
        self._given: set[SecretPurpose] = set()
        self._stepped = False
        self._keys: deque[Identity] | None = None
        self._doing = f"logging in as {credentials.user}"
        self._at_most = 0.0

    def run(self, at_most: float) -> None:
        """Logs in.

        Raises:
            TransportError: the server did not let us in.
        """
        self._at_most = at_most
        self._guard.step(self._doing, at_most)
        self._session.auth_handler = self._conversation
        try:
            with self._session.translated(self._guard, self._doing):
                self._begin()
                for _ in range(_MOST_STEPS):
                    if self._conversation.authenticated:
                        return
                    if not self._step():
                        break
        except TransportError as error:
            if self._tried and self._session.farewell and self._guard.verdict is None:
                raise self._refused() from error
            raise
        raise self._refused()

    # -- the methods -----------------------------------------------------------------------

    def _begin(self) -> None:
        self._say(_SERVICE_REQUEST, "ssh-userauth")
        self._hear(_SERVICE_ACCEPT)
        if self._who.key_first and (keys := self._untried()) and keys[0].ready:
            self._public_key()
            if self._conversation.authenticated or self._stepped:
                return
        # RFC 4252, 5.2: it lets in who needs nothing, and is refused with what there is.
        self._request("none")
        self._settled(self._hear(_SUCCESS, _FAILURE))

    def _step(self) -> bool:
        """Tries what the server offers; gives whether that brought us a step further."""
        methods = {
            "publickey": self._public_key,
            "keyboard-interactive": self._interactive,
            "password": self._password,
        }
        return any(name in self._offered and method() for name, method in methods.items())

    def _untried(self) -> deque[Identity]:
        """The keys that were not tried yet."""
        if self._keys is None:
            identities = self._who.identities()
            self._faults += identities.faults
            self._keys = deque(identities.keys)
        return self._keys

    def _public_key(self) -> bool:
        keys = self._untried()
        while keys and (not self._offered or "publickey" in self._offered):
            key = keys.popleft()
            algorithm = self._algorithm(key)
            self._tried.append(key.label)
            # Before anybody is asked for a passphrase: does the server know the key at all?
            if not key.ready:
                self._request("publickey", False, algorithm, key.blob)
                kind, message = self._hear(_METHOD_SPECIFIC, _FAILURE)
                if kind == _FAILURE:
                    if self._settled((kind, message)):
                        return True
                    continue
            try:
                signature = self._signature(key, algorithm)
            except IdentityError as error:
                self._faults.append(f"{key.label}: {error}")
                self._mends.append(
                    "give the passphrase with key_passphrase, or load the key into the agent"
                )
                continue
            self._request("publickey", True, algorithm, key.blob, signature)
            if self._settled(self._hear(_SUCCESS, _FAILURE)):
                return True
        return False

    def _algorithm(self, key: Identity) -> str:
        kind = Message(key.blob).get_text()
        if not kind.startswith("ssh-rsa"):
            return kind
        # RFC 8332: an RSA key signs with SHA-2; the server says which of the two it takes.
        extensions: Mapping[str, bytes] = self._session.server_extensions  # type: ignore[attr-defined]
        told = extensions.get("server-sig-algs", b"").decode("ascii", "replace").split(",")
        chosen = "rsa-sha2-256" if "rsa-sha2-512" not in told and "rsa-sha2-256" in told else ""
        return (chosen or "rsa-sha2-512") + (SUFFIX if kind.endswith(SUFFIX) else "")

    def _signature(self, key: Identity, algorithm: str) -> bytes:
        signed = Message()
        signed.add_string(self._session.session_id or b"")
        signed.add_byte(bytes([_REQUEST]))
        _add(signed, self._who.user, "ssh-connection", "publickey", True, algorithm, key.blob)
        with self._paused():
            return key.sign(
                signed.asbytes(), algorithm, self._who.passphrase, self._guard.left(at_most=3600.0)
            )

    def _interactive(self) -> bool:
        sources = self._who.sources & {SecretPurpose.PASSWORD, SecretPurpose.ONE_TIME_CODE}
        # Without a secret it is begun only after a first step succeeded: then the server's
        # prompt tells which secret is missing.
        if (not sources and not self._stepped) or "keyboard-interactive" in self._tried:
            return False
        self._tried.append("keyboard-interactive")
        self._request("keyboard-interactive", "", "")
        for _ in range(_MOST_ROUNDS):
            reply = self._hear(_SUCCESS, _FAILURE, _METHOD_SPECIFIC)
            if reply[0] != _METHOD_SPECIFIC:
                return self._settled(reply)
            answers = self._answers(reply[1])
            if answers is None:
                return False  # RFC 4256: the next request abandons this one
            message = Message()
            message.add_byte(bytes([_INFO_RESPONSE]))
            message.add_int(len(answers))
            for answer in answers:
                message.add_string(answer)
            self._send(message)
        self._faults.append("it went on asking")
        return False

    def _answers(self, message: Message) -> list[str] | None:
        for _ in ("name", "instruction", "language"):
            message.get_binary()
        count = message.get_int()
        if count > _MOST_ROUNDS:
            self._faults.append(f"it asks {count} questions at once")
            return None
        prompts = [(message.get_binary(), message.get_boolean()) for _ in range(count)]
        answers: list[str] = []
        for prompt, echo in prompts:
            answer = self._answer(prompt.decode("utf-8", "replace"), echo)
            if answer is None:
                return None
            answers.append(answer)
        return answers

    def _answer(self, prompt: str, echo: bool) -> str | None:
        quoted = f'"{plain(prompt, 80)}"'
        match understood(prompt, echo=echo):
            case Prompt.PASSWORD:
                return self._secret(SecretPurpose.PASSWORD, f"it asks {quoted}")
            case Prompt.CODE:
                return self._secret(SecretPurpose.ONE_TIME_CODE, f"it asks {quoted}")
            case Prompt.NEW_PASSWORD:
                self._faults.append(f"it asks {quoted}: the password has to be changed first")
                self._mends.append("log in by hand once and change the password")
            case Prompt.UNKNOWN:
                self._faults.append(f"it asks {quoted}, which is not understood")
                self._mends.append("use a key for this account")
        return None

    def _password(self) -> bool:
        purpose = SecretPurpose.PASSWORD
        if "password" in self._tried or (purpose not in self._who.sources and not self._stepped):
            return False
        secret = self._secret(purpose, "it wants a password")
        if secret is None:
            return False
        self._tried.append("password")
        self._request("password", False, secret)
        reply = self._hear(_SUCCESS, _FAILURE, _METHOD_SPECIFIC)
        if reply[0] == _METHOD_SPECIFIC:  # SSH_MSG_USERAUTH_PASSWD_CHANGEREQ
            self._faults.append("the password has expired and has to be changed first")
            self._mends.append("log in by hand once and change the password")
            return False
        return self._settled(reply)

    def _secret(self, purpose: SecretPurpose, asked: str) -> str | None:
        if purpose in self._given:
            if f"the {_NAMES[purpose]} was refused" not in self._faults:
                self._faults.append(f"the {_NAMES[purpose]} was refused")
            return None
        if self._who.for_jump:
            self._faults.append(f"{asked}; the secrets of a target are not given to a jump host")
            self._mends.append("let the jump host accept a key")
            return None
        with self._paused():
            secret = self._who.secret(purpose) if purpose in self._who.sources else None
        if secret is None:
            self._faults.append(f"{asked}, and none is given")
            self._mends.append(f"name a source for {purpose.value} in the inventory")
            return None
        self._given.add(purpose)
        self._session.told(secret)
        return secret

    @contextlib.contextmanager
    def _paused(self) -> Iterator[None]:
        """A person or an agent may be asked: that is not the server's time."""
        self._guard.step("asking for a secret")
        yield
        self._guard.step(self._doing, self._at_most)

    # -- messages --------------------------------------------------------------------------

    def _request(self, method: str, *fields: str | bytes | bool) -> None:
        message = Message()
        message.add_byte(bytes([_REQUEST]))
        _add(message, self._who.user, "ssh-connection", method, *fields)
        self._send(message)

    def _say(self, kind: int, text: str) -> None:
        message = Message()
        message.add_byte(bytes([kind]))
        message.add_string(text)
        self._send(message)

    def _send(self, message: Message) -> None:
        self._session._send_message(message)  # type: ignore[attr-defined]

    def _hear(self, *kinds: int) -> _Reply:
        while True:
            try:
                reply = self._conversation.replies.get(timeout=1.0)
            except queue.Empty:
                self._guard.check()
                if not self._session.is_active():
                    raise EOFError from None
                continue
            if reply is None:
                raise self._session.get_exception() or EOFError
            if reply[0] not in kinds:
                raise ValueError(f"message {reply[0]} out of turn")
            return reply

    def _settled(self, reply: _Reply) -> bool:
        """Takes in success or failure; gives whether we are a step further."""
        kind, message = reply
        if kind == _SUCCESS:
            return True
        try:
            self._offered = tuple(message.get_list())
            partly = message.get_boolean()
        except (ValueError, struct.error):
            raise ValueError("a refusal that cannot be read") from None
        self._stepped = self._stepped or partly
        return partly

    def _refused(self) -> TransportError:
        offered = plain(", ".join(self._offered)) or "nothing"
        tried = ", ".join(self._tried) or "nothing"
        next_ = "then asks for" if self._stepped else "offers"
        parts = [f"{self._who.place} did not let {self._who.user} in; it {next_} {offered}"]
        parts.append(f"tried: {tried}")
        if self._session.farewell:
            parts.append(f"it hung up, saying: {self._session.farewell}")
            self._mends.append("name the one key that fits with identity_files in the inventory")
        detail = "; ".join([*parts, *dict.fromkeys(self._faults)])
        mend = "; ".join(dict.fromkeys(self._mends)) or (
            "check the user, and name identity_files or a source for the password in the inventory"
        )
        shown = self._session.without_secrets(detail)
        return TransportError(Reason.AUTHENTICATION_FAILED, shown, mend=mend)


_NAMES = {
    SecretPurpose.PASSWORD: "password",
    SecretPurpose.ONE_TIME_CODE: "one-time code",
}


def _add(message: Message, *fields: str | bytes | bool) -> None:
    for field in fields:
        if isinstance(field, bool):
            message.add_boolean(field)
        else:
            message.add_string(field)
