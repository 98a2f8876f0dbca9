"""The view of the company that hands a report over: its logo, its colours, whom to ask."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogoView:
    """The company's logo.

    Attributes:
        address: the picture itself, as a ``data:`` address.
        alt: what it is, in words.
    """

    address: str
    alt: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One way to ask.

    Attributes:
        label: what kind of way it is.
        text: as people write it; an address of a house may have several lines.
        address: a ``mailto:``, ``tel:``, ``http:`` or ``https:`` address, or empty.
    """

    label: str
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class HouseView:
    """The style of the company that hands the report over.

    Attributes:
        logo: ``None`` where it has none.
        ground: the colour of the page's head, as ``#rrggbb``; empty for the style sheet's own.
        on_ground: the colour of text on it, as ``#rrggbb``; empty where ``ground`` is.
        accent: the colour of links and lines, dark enough to be read; empty for the style sheet's.
        name: whom a reader asks; may be empty.
        contact: how; empty where the settings do not say.
    """

    logo: LogoView | None
    ground: str
    on_ground: str
    accent: str
    name: str
    contact: tuple[ContactLine, ...]
