"""Makes what is sent of a message, for each way of sending it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from assessor import bundled
from assessor.collect.https import client_context
from assessor.collect.notifying.carry import Carrier, Patience
from assessor.collect.notifying.post import HttpsCarrier, Post
from assessor.collect.notifying.smtp import Letter, SmtpCarrier
from assessor.collect.secrets import SourcedSecrets
from assessor.errors import UsageError
from assessor.history.notify import payloads
from assessor.history.notify.mail import Envelope, mail
from assessor.history.notify.message import Whole
from assessor.history.notify.signature import key_bytes, signed_headers
from assessor.model.addresses import address_fault
from assessor.model.notice import (
    MailNotice,
    Notice,
    NtfyNotice,
    SlackNotice,
    TeamsNotice,
    WebhookNotice,
)
from assessor.model.target import SecretSource

if TYPE_CHECKING:
    from assessor.notifying.sending import Teller

Parcel = TypeVar("Parcel")
WITH_ATTACHMENT = Patience(attempt_s=120.0, whole_s=300.0)
"""A megabyte takes ten seconds on a slow line."""


@dataclass(frozen=True, slots=True)
class Packed(Generic[Parcel]):
    """What is sent, one for each recipient, by whom, and how long that is tried."""

    carrier: Carrier[Parcel]
    parcels: Sequence[Parcel]
    patience: Patience


def pack(
    teller: Teller, notice: Notice, deliveries: Mapping[str, str], secrets: SourcedSecrets
) -> Packed[Any]:
    """Makes what is sent.

    Args:
        teller: has the news.
        notice: who gets it.
        deliveries: the id of each delivery, by its recipient.
        secrets: where passwords, keys and secret addresses come from.

    Raises:
        UsageError: a secret is missing or cannot be used, or ``ca_file`` holds no certificates.
    """
    place = notice.place
    if isinstance(place, MailNotice):
        return _letters(teller, notice, place, deliveries, secrets)
    context = client_context(place.ca_file)
    context.set_alpn_protocols(["http/1.1"])
    url = _address(place.url, place.kind, secrets)
    delivery = next(iter(deliveries.values()))
    message = teller.message(notice)
    headers: Callable[[], Mapping[str, str]] = dict
    match place:
        case WebhookNotice():
            body = payloads.webhook(teller.news, message, teller.texts(notice), delivery)
            key = key_bytes(_secret(place.key, "Key of the webhook", secrets))
            headers = partial(_signed, key, delivery, body)
        case NtfyNotice():
            url, body = payloads.ntfy(message, url)
            if place.token is not None:
                token = _secret(place.token, "Token of ntfy", secrets)
                headers = partial(dict, {"Authorization": f"Bearer {token}"})
        case TeamsNotice():
            body = payloads.teams(message)
        case SlackNotice():
            body = payloads.slack(message)
    return Packed(HttpsCarrier(context), [Post(url, body, headers)], Patience())


def _signed(key: bytes, delivery: str, body: bytes) -> Mapping[str, str]:
    return signed_headers(key, delivery, int(time.time()), body)


def _letters(
    teller: Teller,
    notice: Notice,
    place: MailNotice,
    deliveries: Mapping[str, str],
    secrets: SourcedSecrets,
) -> Packed[Letter]:
    context = client_context(place.ca_file)
    password = ""
    if place.password is not None:
        password = _secret(place.password, f"Password of {place.user} for the mail server", secrets)
    carrier = SmtpCarrier(
        place.server, place.port, place.implicit_tls, context, place.user, password
    )
    attachment, whole = teller.attached(notice)
    full = teller.message(notice, whole)
    light = teller.message(notice, Whole.TOO_LARGE) if attachment else None
    templates, now = bundled.folder("reports"), datetime.now(UTC)
    letters = []
    for recipient, delivery in deliveries.items():
        envelope = Envelope(place.sender, recipient, now, f"assess.{delivery}")
        letters.append(
            Letter(
                place.sender,
                recipient,
                mail(full, envelope, templates, attachment),
                mail(light, envelope, templates) if light else None,
            )
        )
    return Packed(carrier, letters, WITH_ATTACHMENT if attachment else Patience())


def _address(url: str | SecretSource, kind: str, secrets: SourcedSecrets) -> str:
    if isinstance(url, str):
        return url
    found = _secret(url, f"Address for {kind}", secrets)
    if fault := address_fault(found):
        raise UsageError(f"the address for {kind} cannot be used: {fault}")
    return found


def _secret(source: SecretSource, about: str, secrets: SourcedSecrets) -> str:
    found = secrets.named(source, about)
    # SMTP's log-in (RFC 4954) and HTTP's headers carry no more than this without trouble.
    if not found.isascii() or not found.isprintable() or len(found) > 4096:
        raise UsageError(f"{about} holds characters that cannot be sent (only ASCII can)")
    return found
