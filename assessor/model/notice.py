"""Who is told of a run, and when: the settings ``notify`` of an assessment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from assessor.model.language import Language
from assessor.model.target import SecretSource


class When(StrEnum):
    """After which runs a notice is sent. A run that failed is told to all of them."""

    ALWAYS = "always"
    CHANGE = "change"
    WORSE = "worse"
    FAILED = "failed"


class Attach(StrEnum):
    """What goes with an e-mail."""

    NONE = "none"
    REPORT = "report"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class MailNotice:
    """An e-mail to each recipient, through a server that is reached over TLS.

    Attributes:
        server: its host name, for which its certificate must be.
        implicit_tls: TLS from the first byte; else STARTTLS, without which nothing is sent.
        sender: the address it comes from.
        to: the recipients; each gets a message of their own.
        user: to log in with; empty for no log-in.
        password: where its password comes from.
        ca_file: certificates (PEM) to trust instead of the system's.
    """

    kind: ClassVar[str] = "mail"

    server: str
    port: int
    implicit_tls: bool
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: SecretSource | None = None
    attach: Attach = Attach.NONE
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """JSON that is posted to an address, signed with a shared key (HMAC-SHA256)."""

    kind: ClassVar[str] = "webhook"

    url: str | SecretSource
    key: SecretSource
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class NtfyNotice:
    """A push message through a server of ntfy; the last part of the address is the topic."""

    kind: ClassVar[str] = "ntfy"

    url: str | SecretSource
    token: SecretSource | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class TeamsNotice:
    """A card in a channel of Microsoft Teams; whoever has the address can post there."""

    kind: ClassVar[str] = "teams"

    url: SecretSource
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class SlackNotice:
    """A message in a channel of Slack; whoever has the address can post there."""

    kind: ClassVar[str] = "slack"

    url: SecretSource
    ca_file: Path | None = None


Place = MailNotice | WebhookNotice | NtfyNotice | TeamsNotice | SlackNotice


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of ``notify``.

    Attributes:
        link: where people find the report, with ``{run}`` and ``{language}`` to be filled in;
            empty where it is in the assessment's folder only.
    """

    place: Place
    when: When
    language: Language
    link: str = ""
