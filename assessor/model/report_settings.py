"""How reports are made: for whom, in which forms, and in whose style."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Audience(StrEnum):
    """For whom a report is: it decides how much it reveals.

    ``internal`` is for who assesses and who mends: everything. ``client`` is for whom the promises
    were made: no address, user name, version or raw output that helps an attacker.
    """

    INTERNAL = "internal"
    CLIENT = "client"


class Format(StrEnum):
    """In which form a report is written.

    ``summary`` is one page that says exactly what was and was not shown; ``md`` and ``docx`` are
    summaries for mailing.
    """

    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    MARKDOWN = "md"
    DOCX = "docx"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of the company.

    Attributes:
        media_type: ``image/png``, ``image/jpeg`` or ``image/svg+xml``.
        data: the file's bytes.
    """

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a reader asks; any of these may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """The look of the company that hands the report over.

    Attributes:
        colour: of the head of the page, as ``#rrggbb``; empty for the programme's own.
        accent: of links and lines; empty for the programme's own.
    """

    colour: str = ""
    accent: str = ""
    logo: Logo | None = None
    contact: Contact = Contact()


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What ``assessment.yaml`` says of reports.

    Attributes:
        formats: in which a run writes its report.
        audiences: for whom.
        region: ``BE`` for Flemish words and dates; empty for those of the Netherlands.
        templates: a folder whose files go before the programme's own, or ``None``.
    """

    formats: tuple[Format, ...] = (Format.HTML, Format.JSON)
    audiences: tuple[Audience, ...] = (Audience.INTERNAL, Audience.CLIENT)
    region: str = ""
    style: HouseStyle = HouseStyle()
    templates: Path | None = None
