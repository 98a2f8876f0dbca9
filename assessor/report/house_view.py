"""Builds the view of the house style, and the rules that it adds to a style sheet. Pure."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

from assessor.model.report_settings import Contact, Logo
from assessor.report.clean import one_line, visible
from assessor.report.colours import is_colour, readable, text_on
from assessor.report.context import Context
from assessor.report.parts.house import ContactLine, HouseView, LogoView
from assessor.report.phrases import Phrases


def build_house(context: Context) -> HouseView:
    """The style of who hands the report over; a colour in another form than #rrggbb is left out."""
    style = context.presentation.style
    ground = style.colour if is_colour(style.colour) else ""
    company = one_line(context.result.facts.assessor or style.contact.name, 120)
    return HouseView(
        logo=_logo(style.logo, company, context.phrases) if style.logo else None,
        ground=ground,
        on_ground=text_on(ground) if ground else "",
        accent=readable(style.accent) if is_colour(style.accent) else "",
        name=one_line(style.contact.name, 120),
        contact=_contact(style.contact, context.phrases),
    )


def house_css(house: HouseView) -> str:
    """The rules that put the house style over a style sheet of ours; empty where there is none.

    Nothing but ``#rrggbb`` reaches them.
    """
    colours = {
        "--house": house.ground,
        "--on-house": house.on_ground,
        "--on-house-soft": house.on_ground,
        "--link": house.accent,
    }
    rules = "".join(f" {name}: {value};" for name, value in colours.items() if is_colour(value))
    return f":root {{{rules} }}\n" if rules else ""


def _logo(logo: Logo, company: str, phrases: Phrases) -> LogoView:
    data = base64.b64encode(logo.data).decode()
    alt = (
        phrases.text("house.logo_of", {"name": company}) if company else phrases.text("house.logo")
    )
    return LogoView(f"data:{logo.media_type};base64,{data}", alt)


def _contact(contact: Contact, phrases: Phrases) -> tuple[ContactLine, ...]:
    website = contact.website if contact.website.startswith(("https://", "http://")) else ""
    shown = re.sub(r"^https?://", "", contact.website).rstrip("/")
    told = (
        ("email", one_line(contact.email), f"mailto:{quote(contact.email, safe='@')}"),
        ("phone", one_line(contact.phone), f"tel:{re.sub('[^0-9+]', '', contact.phone)}"),
        ("website", one_line(shown), website),
        ("address", visible(contact.address.strip(), lines=True), ""),
    )
    return tuple(
        ContactLine(phrases.text(f"house.{kind}"), text, address)
        for kind, text, address in told
        if text
    )
