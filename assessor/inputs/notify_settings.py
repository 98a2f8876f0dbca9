"""What may stand under ``notify`` in ``assessment.yaml``, as pydantic models."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator
from pydantic import WithJsonSchema as Schema

from assessor.inputs.settings import (
    _ONE_OR_MORE_SCHEMA,
    _SECRET_SCHEMA,
    Host,
    LanguageWord,
    Secret,
    Settings,
    Text,
    _secret,
    one_or_more,
    refuse,
)
from assessor.model.addresses import LONGEST_ADDRESS, address_fault
from assessor.model.target import SecretSource

MOST_NOTICES = 20
MOST_RECIPIENTS = 20
_MAIL_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)

WhenWord = Literal["always", "change", "worse", "failed"]
AttachWord = Literal["none", "report", "bundle"]
TlsWord = Literal["starttls", "implicit"]


def _mail_address(value: str) -> str:
    if len(value) > 254 or not _MAIL_ADDRESS.fullmatch(value):
        refuse("this is no e-mail address", "write for example jan@example.nl, without a name")
    return value


def _https(value: str) -> str:
    if fault := address_fault(value):
        refuse(fault, "write for example https://hooks.example.nl/assess")
    return value


def _unasked(value: object) -> SecretSource:
    """A source that serves when nobody is there."""
    source = _secret(value)
    if source.kind == "ask":
        refuse("an address cannot be asked for", "write {env: NAME} or {command: pass show NAME}")
    return source


def _https_or_secret(value: object) -> str | SecretSource:
    is_address = isinstance(value, str) and value.startswith(("https:", "http:"))
    return _https(value) if is_address and isinstance(value, str) else _unasked(value)


def _link(value: str) -> str:
    _https(value.replace("{run}", "r").replace("{language}", "l"))
    return value


MailAddress = Annotated[str, AfterValidator(_mail_address)]
MailAddresses = Annotated[
    tuple[MailAddress, ...],
    BeforeValidator(one_or_more),
    Field(min_length=1, max_length=MOST_RECIPIENTS),
    _ONE_OR_MORE_SCHEMA,
]
SecretAddress = Annotated[SecretSource, PlainValidator(_unasked), _SECRET_SCHEMA]
Address = Annotated[
    str | SecretSource,
    PlainValidator(_https_or_secret),
    Schema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^https://", "maxLength": LONGEST_ADDRESS},
                *(_SECRET_SCHEMA.json_schema or {})["oneOf"][1:],
            ]
        }
    ),
]


class PlaceSettings(Settings):
    """What all ways of telling have in common."""

    ca_file: Text | None = None
    """PEM file with the authorities to trust instead of the system's."""


class MailSettings(PlaceSettings):
    """An e-mail to each recipient; the connection is TLS and verified, or nothing is sent."""

    server: Host
    """Your mail server, by the name that its certificate is for."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """587 unless said, 465 for tls: implicit."""
    tls: TlsWord | None = None
    """starttls unless said; implicit for TLS from the first byte, as on port 465."""
    sender: Annotated[MailAddress, Field(alias="from")]
    """The address that it comes from."""
    to: MailAddresses
    """One or more addresses; each gets a message of its own."""
    user: Annotated[str, Field(min_length=1, max_length=254)] | None = None
    """To log in with."""
    password: Secret | None = None
    """Where its password comes from."""
    attach: AttachWord = "none"
    """What goes along: none (the default), the report without machines' answers, or the bundle."""

    @model_validator(mode="after")
    def _logs_in(self) -> MailSettings:
        if (self.user is None) != (self.password is None):
            refuse("a log-in needs both a user and a password", "write both, or neither")
        return self


class WebhookSettings(PlaceSettings):
    """JSON to an address of yours, signed as standardwebhooks.com says."""

    url: Address
    """An https address, or where it comes from if it is a secret."""
    key: Secret
    """The key that is shared with the receiver: 24 bytes or more, or whsec_ and base64."""


class NtfySettings(PlaceSettings):
    """A push message through ntfy."""

    url: Address
    """The server and the topic, as in https://ntfy.example.nl/assess; or where it comes from."""
    token: Secret | None = None
    """An access token, where the topic needs one."""


class ChannelSettings(PlaceSettings):
    """A channel of Microsoft Teams or Slack."""

    url: SecretAddress
    """Where the address of its webhook comes from: whoever has it can post there."""


class NotifySettings(Settings):
    """Somebody who is told of runs."""

    when: WhenWord = "change"
    """always, change (the default), worse or failed; a run that failed is told to all."""
    language: LanguageWord | None = None
    """nl or en; that of the report unless said."""
    link: Annotated[str, AfterValidator(_link)] | None = None
    """Where people find the report, if you publish it: https, with {run} and {language}."""
    mail: MailSettings | None = None
    """An e-mail."""
    webhook: WebhookSettings | None = None
    """Signed JSON."""
    ntfy: NtfySettings | None = None
    """A push message."""
    teams: ChannelSettings | None = None
    """A channel of Microsoft Teams."""
    slack: ChannelSettings | None = None
    """A channel of Slack."""

    @model_validator(mode="after")
    def _one_way(self) -> NotifySettings:
        ways = (self.mail, self.webhook, self.ntfy, self.teams, self.slack)
        if sum(way is not None for way in ways) != 1:
            refuse(
                "names one of mail, webhook, ntfy, teams and slack",
                "begin another item with a hyphen for each further one",
            )
        return self
