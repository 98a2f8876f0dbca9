"""AVM's FRITZ!Boxes over TR-064: SOAP over TLS, with digest log-in. Only what reads is asked.

The password is offered only to a box whose certificate was verified, and only once: after a refusal
a box makes everybody wait, longer with each try.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
from requests.auth import HTTPDigestAuth

from assessor.collect.transports.base import Abandoned, Deadline, Secrets
from assessor.collect.transports.tr064_http import TLS_PORT, BoxAdapter, no_box, translated
from assessor.collect.transports.tr064_soap import (
    Arguments,
    Fault,
    NotSoapError,
    Service,
    answer_of,
    envelope,
    services_of,
)
from assessor.collect.transports.watch import Guard, Watch
from assessor.devices.fritzos.questions import (
    FAULT,
    LEFT_OUT,
    LISTS,
    LOGIN,
    MISSING,
    MORE,
    MOST_ENTRIES,
    PROOFS,
    Listing,
)
from assessor.devices.reading import system
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import SecretPurpose, Target

DESCRIPTION = "/tr64desc.xml"
_INVALID_ACTION = 401
_NO_SUCH_ENTRY = 713
_ANSWERS = frozenset({200, 500})
"""A SOAP fault comes with status 500 (SOAP 1.1, 6.2)."""


@dataclass(frozen=True, slots=True)
class Tr064Limits:
    """What each step may take by itself, in seconds; the target's deadline holds besides."""

    connect_s: float = 20.0
    step_s: float = 30.0


class Tr064Devices:
    """FRITZ!Boxes. One for a whole run, for several threads.

    Args:
        secrets: gives passwords.
        abandoned: whether the run was interrupted.
        limits: what each step may take.
    """

    def __init__(
        self, secrets: Secrets, abandoned: Abandoned, *, limits: Tr064Limits = Tr064Limits()
    ) -> None:
        self._secrets = secrets
        self._limits = limits
        self._watch = Watch(abandoned)

    def answers(self, target: Target, deadline: Deadline) -> Iterator[tuple[str, str]]:
        """See ``DeviceTransport.answers``."""
        if target.device is None:
            raise TransportError(Reason.WRONG_PLATFORM, f"{target.name} is no device")
        questions = system(target.device).questions
        login = _login(target, self._secrets)
        guard = self._watch.open(deadline)
        try:
            adapter = BoxAdapter(guard, target.certificate_sha256, self._limits.connect_s)
            with contextlib.closing(adapter), requests.Session() as session:
                box = _Box(session, adapter, target, guard, login, self._limits.step_s)
                yield from box.asked(questions)
        finally:
            self._watch.close(guard)


def _login(target: Target, secrets: Secrets) -> HTTPDigestAuth:
    password = secrets.get(target, SecretPurpose.PASSWORD)
    if password is None or not target.user:
        raise TransportError(
            Reason.SECRET_MISSING,
            f"log-in over TR-064 on {target.name} needs a user and a password",
            mend="write user: and secrets: {password: ask} in the inventory",
        )
    if not target.user.isascii() or set(target.user) & set('"\\'):
        raise TransportError(
            Reason.SECRET_MISSING,
            f"the name of the user for {target.name} cannot be sent",
            mend="make a user on the box whose name has plain letters and digits only",
        )
    return HTTPDigestAuth(target.user, password)


class _Box:
    """A conversation with one box, each request within its time and with its errors translated."""

    def __init__(
        self,
        session: requests.Session,
        adapter: BoxAdapter,
        target: Target,
        guard: Guard,
        login: HTTPDigestAuth,
        step_s: float,
    ) -> None:
        self._session = session
        self._target = target
        self._guard = guard
        self._login = login
        self._step_s = step_s
        self._place = f"{_bracketed(target.address)}:{target.port or TLS_PORT}"
        self._challenged = False
        session.mount("https://", adapter)
        # Nothing of the environment: no proxy, no bundle of authorities, no .netrc, no cookies.
        session.trust_env = False
        session.proxies = {}
        session.headers["Accept-Encoding"] = "identity"

    def asked(self, questions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Each question with its answer."""
        services = self._described()
        heard = self._proven(services)
        for question in questions:
            if question == LOGIN:
                yield question, f"Demanded: {'yes' if self._challenged else 'no'}"
            elif (listing := LISTS.get(question)) is not None:
                yield (
                    question,
                    self._listed(services, question, heard.get(listing.counted), listing),
                )
            else:
                if question not in heard:
                    heard[question] = self._answer(services, question)
                yield question, _text(heard[question])

    def _described(self) -> Mapping[str, Service]:
        self._guard.step("asking what the box offers", self._step_s)
        try:
            response = self._sent("GET", DESCRIPTION, None, {})
        except TransportError as error:
            if error.reason is Reason.UNREACHABLE:
                raise TransportError(
                    error.reason,
                    error.detail,
                    mend="check the address; on the box, under Home Network > Network > Network"
                    " Settings, allow access for applications",
                    passing=error.passing,
                ) from None
            raise
        try:
            if response.status_code != 200:
                raise NotSoapError(f"HTTP status {response.status_code}")
            return services_of(response.content)
        except NotSoapError as error:
            raise no_box(self._place, str(error)) from None

    def _proven(self, services: Mapping[str, Service]) -> dict[str, Arguments | Fault | None]:
        """Asks what needs a log-in, until the box has demanded one and taken ours.

        Where it demands none, anybody may ask; that is for the reading to tell.
        """
        heard: dict[str, Arguments | Fault | None] = {}
        for question in PROOFS:
            if not self._challenged:
                heard[question] = self._answer(services, question)
        return heard

    def _answer(
        self, services: Mapping[str, Service], question: str, **arguments: int
    ) -> Arguments | Fault | None:
        """What the box answered; ``None`` where it has no such action."""
        name, _, action = question.partition(" ")
        service = services.get(name)
        if service is None:
            return None
        self._guard.step(f"asking {question}", self._step_s)
        headers = {
            "Content-Type": 'text/xml; charset="utf-8"',
            "SOAPAction": f'"{service.type}#{action}"',
        }
        body = envelope(service, action, arguments)
        response = self._sent("POST", service.control, body, headers)
        if response.status_code == 401:
            raise self._rejected()
        self._challenged |= any(each.status_code == 401 for each in response.history)
        try:
            if response.status_code not in _ANSWERS:
                raise NotSoapError(f"HTTP status {response.status_code}")
            said = answer_of(response.content, action)
        except NotSoapError as error:
            raise no_box(self._place, str(error)) from None
        missing = isinstance(said, Fault) and said.code == _INVALID_ACTION
        return None if missing else said

    def _listed(
        self,
        services: Mapping[str, Service],
        question: str,
        counted: Arguments | Fault | None,
        listing: Listing,
    ) -> str:
        if counted is None or isinstance(counted, Fault):
            return _text(counted)
        told = dict(counted).get(listing.argument, "")
        if not (told.isascii() and told.isdigit() and len(told) <= 6):
            return f"{FAULT}0] their number is not told"
        blocks: list[str] = []
        for index in range(min(int(told), MOST_ENTRIES)):
            entry = self._answer(services, question, **{listing.index: index})
            if isinstance(entry, Fault) and entry.code == _NO_SUCH_ENTRY:
                break  # one went away meanwhile: mappings have an end
            blocks.append(_text(entry))
        if int(told) > MOST_ENTRIES:
            blocks.append(f"{MORE} {int(told) - MOST_ENTRIES}")
        return "\n\n".join(blocks)

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> requests.Response:
        try:
            response = self._session.request(
                method,
                f"https://{self._place}{path}",
                data=body,
                headers=dict(headers),
                auth=self._login if body is not None else None,
                allow_redirects=False,
                timeout=self._step_s,
            )
            self._session.cookies.clear()
        except Exception as error:
            # What strange peers send ends in errors of three libraries, and of Python's own.
            if self._guard.verdict is not None:
                raise self._guard.verdict from None
            self._guard.check()
            fault = translated(error, self._target, self._place, self._guard)
            # What has a body has our log-in, which is never repeated.
            fault.passing = fault.passing and body is None
            raise fault from None
        self._guard.check()
        if 300 <= response.status_code < 400:
            raise no_box(self._place, "it sends us elsewhere")
        return response

    def _rejected(self) -> TransportError:
        return TransportError(
            Reason.AUTHENTICATION_FAILED,
            f"{self._place} refused the log-in of {self._target.user}",
            mend="check the user and the password; under System > FRITZ!Box Users the user needs"
            " the right FRITZ!Box Settings; after a refusal the box makes one wait",
        )


def _text(said: Arguments | Fault | None) -> str:
    if said is None:
        return MISSING
    if isinstance(said, Fault):
        return f"{FAULT}{said.code}] {said.words}".rstrip()
    return "\n".join(f"{name}: {value}" for name, value in said if not LEFT_OUT.fullmatch(name))


def _bracketed(address: str) -> str:
    try:
        return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    except ValueError:
        return address
