"""A message as an e-mail: a text part and an HTML part of the same words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assessor.history.notify.message import Message

TEMPLATE = "notify.html.j2"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an e-mail; ``kind`` is its media type, such as ``text/html``."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and when.

    Attributes:
        id: the same for the same news to the same recipient, so that a mail system that gets it
            twice can tell.
    """

    sender: str
    recipient: str
    at: datetime
    id: str


def mail(
    message: Message, envelope: Envelope, templates: Path, attachment: Attachment | None = None
) -> bytes:
    """The e-mail as it is sent (RFC 5322), in 7-bit lines ended by CR LF."""
    whole = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    whole["From"] = envelope.sender
    whole["To"] = envelope.recipient
    whole["Subject"] = message.subject
    whole["Date"] = format_datetime(envelope.at)
    whole["Message-ID"] = f"<{envelope.id}@{envelope.sender.rpartition('@')[2]}>"
    whole["Content-Language"] = message.language
    # RFC 3834: no out-of-office replies, please.
    whole["Auto-Submitted"] = "auto-generated"
    whole.set_content(as_text(message), cte="quoted-printable")
    whole.add_alternative(as_html(message, templates), subtype="html", cte="quoted-printable")
    if attachment is not None:
        maintype, _, subtype = attachment.kind.partition("/")
        whole.add_attachment(
            attachment.data, maintype=maintype, subtype=subtype, filename=attachment.name
        )
    return whole.as_bytes()


def as_text(message: Message, *, title: bool = False) -> str:
    """The message as plain text, for e-mail, push messages and terminals."""
    parts = [message.subject] if title else []
    parts.append("\n".join(message.lead))
    parts += ["\n".join((section.title, *section.lines)) for section in message.sections]
    parts.append(message.footer)
    return "\n\n".join(parts) + "\n"


def as_html(message: Message, templates: Path) -> str:
    """The message as a page that runs nothing and loads nothing; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(message=message)
