"""Hosts that pages load trackers, statistics and consent tools from, and cookies known by name.

A list of this project's own. Each entry names the maker's own page about it where that was read for
this list, so that it can be checked; the other hosts are those that the makers' snippets load from.
A host stands for the hosts below it as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a host does to a visitor whose page loads it."""

    TRACKING = "places cookies that follow visitors, unless it is told to wait for consent"
    ANALYTICS = "counts visits; whether with cookies is set by whoever runs the site"
    TAG_MANAGER = "loads what whoever runs the site has set, which the page does not show"
    CONSENT = "asks for consent and can hold others back"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who is behind a host.

    Attributes:
        source: the maker's page that says so; empty where none was read.
    """

    name: str
    kind: Kind
    hosts: tuple[str, ...]
    source: str = ""


MAKERS = (
    Maker(
        "Google Analytics",
        Kind.TRACKING,
        ("google-analytics.com", "analytics.google.com", "googleanalytics.com"),
        "https://support.google.com/analytics/answer/11397207",  # cookies _ga, _ga_<id>, two years
    ),
    Maker(
        "Google Ads",
        Kind.TRACKING,
        ("doubleclick.net", "googleadservices.com", "googlesyndication.com"),
    ),
    Maker(
        "Google Tag Manager",
        Kind.TAG_MANAGER,
        ("googletagmanager.com",),
        "https://developers.google.com/tag-platform/security/guides/consent",
    ),
    Maker(
        "Meta (Facebook)",
        Kind.TRACKING,
        ("connect.facebook.net", "facebook.com", "facebook.net"),
        "https://developers.facebook.com/docs/meta-pixel/get-started",
    ),
    Maker("LinkedIn Insight Tag", Kind.TRACKING, ("snap.licdn.com", "px.ads.linkedin.com")),
    Maker("Microsoft Advertising", Kind.TRACKING, ("bat.bing.com", "bat.bing.net")),
    Maker("Microsoft Clarity", Kind.TRACKING, ("clarity.ms",)),
    Maker("Hotjar", Kind.TRACKING, ("hotjar.com", "hotjar.io")),
    Maker("TikTok", Kind.TRACKING, ("analytics.tiktok.com",)),
    Maker("X (Twitter)", Kind.TRACKING, ("static.ads-twitter.com", "analytics.twitter.com")),
    Maker("Pinterest", Kind.TRACKING, ("s.pinimg.com", "ct.pinterest.com")),
    Maker("Snapchat", Kind.TRACKING, ("sc-static.net", "tr.snapchat.com")),
    Maker("Criteo", Kind.TRACKING, ("criteo.com", "criteo.net")),
    Maker("Taboola", Kind.TRACKING, ("taboola.com",)),
    Maker("Outbrain", Kind.TRACKING, ("outbrain.com",)),
    Maker("HubSpot", Kind.TRACKING, ("hs-scripts.com", "hs-analytics.net", "hs-banner.com")),
    Maker("Leadinfo", Kind.TRACKING, ("leadinfo.net",)),
    Maker("AddThis", Kind.TRACKING, ("addthis.com",)),
    Maker("Yandex Metrica", Kind.TRACKING, ("mc.yandex.ru", "mc.yandex.com")),
    Maker("Matomo", Kind.ANALYTICS, ("matomo.cloud", "innocraft.cloud")),
    Maker("Piwik PRO", Kind.ANALYTICS, ("piwik.pro",)),
    Maker("Plausible", Kind.ANALYTICS, ("plausible.io",)),
    Maker("Fathom", Kind.ANALYTICS, ("usefathom.com",)),
    Maker("Simple Analytics", Kind.ANALYTICS, ("simpleanalyticscdn.com", "simpleanalytics.com")),
    Maker("Cloudflare Web Analytics", Kind.ANALYTICS, ("static.cloudflareinsights.com",)),
    Maker("Adobe Analytics", Kind.TRACKING, ("omtrdc.net", "demdex.net")),
    Maker("Statcounter", Kind.TRACKING, ("statcounter.com",)),
    Maker("Adobe Launch", Kind.TAG_MANAGER, ("assets.adobedtm.com",)),
    Maker("Tealium", Kind.TAG_MANAGER, ("tiqcdn.com",)),
    Maker(
        "Cookiebot",
        Kind.CONSENT,
        ("consent.cookiebot.com", "consent.cookiebot.eu"),
        "https://support.cookiebot.com/hc/en-us/articles/4405978132242-Manual-Markup-Guide",
    ),
    Maker("OneTrust", Kind.CONSENT, ("cookielaw.org", "onetrust.com")),
    Maker("Usercentrics", Kind.CONSENT, ("usercentrics.eu", "usercentrics.com")),
    Maker("CookieYes", Kind.CONSENT, ("cdn-cookieyes.com",)),
    Maker("CookieFirst", Kind.CONSENT, ("cookiefirst.com",)),
    Maker("Cookie-Script", Kind.CONSENT, ("cookie-script.com",)),
    Maker("iubenda", Kind.CONSENT, ("iubenda.com",)),
    Maker("Didomi", Kind.CONSENT, ("didomi.io", "privacy-center.org")),
    Maker("Sourcepoint", Kind.CONSENT, ("sp-prod.net", "privacy-mgmt.com")),
    Maker("Consentmanager", Kind.CONSENT, ("consentmanager.net",)),
)

STATISTICS = frozenset(
    {
        "Google Analytics",
        "Google Tag Manager",
        "Microsoft Clarity",
        "Hotjar",
        "Yandex Metrica",
        "Adobe Analytics",
        "Statcounter",
        "Adobe Launch",
        "Tealium",
    }
)
"""Makers beside those of kind ``ANALYTICS`` that (may) count visits."""

TRACKING_COOKIES = (
    "_ga",
    "_gid",
    "_gat",
    "_gcl_",
    "__utm",
    "_fbp",
    "_fbc",
    "_hj",
    "_clck",
    "_clsk",
    "_uet",
    "_tt_",
    "_ttp",
    "_pin_unauth",
    "_scid",
    "IDE",
    "NID",
    "fr",
    "hubspotutk",
    "__hstc",
    "_ym_uid",
    "bcookie",
    "li_gc",
    "personalization_id",
    "s_vi",
)
"""Names of cookies that follow visitors; those that begin with a ``_`` are beginnings of names."""

FUNCTIONAL_COOKIES = (
    "phpsessid",
    "jsessionid",
    "asp.net_sessionid",
    "aspsessionid",
    "connect.sid",
    "sessionid",
    "session",
    "laravel_session",
    "ci_session",
    "csrftoken",
    "xsrf-token",
    "__requestverificationtoken",
    ".aspnetcore.antiforgery",
    "__host-csrf",
    "fe_typo_user",
    "wordpress_test_cookie",
    "pll_language",
    "frontend_lang",
    "__cf_bm",
    "cf_clearance",
    "arraffinity",
    "arraffinitysamesite",
    "awsalb",
    "awsalbcors",
    "bigipserver",
    "serverid",
    "incap_ses_",
    "visid_incap_",
)
"""Beginnings (small letters) of names that frameworks and load balancers give to cookies that make
a site work."""


def maker_of(host: str) -> Maker | None:
    """Who is behind ``host``, as far as this list knows."""
    for maker in MAKERS:
        if any(host == known or host.endswith(f".{known}") for known in maker.hosts):
            return maker
    return None


def is_tracking_cookie(name: str) -> bool:
    """Whether a cookie of this name is one that follows visitors."""
    return any(
        name == known or (known.startswith("_") and name.startswith(known))
        for known in TRACKING_COOKIES
    )


def is_functional_cookie(name: str) -> bool:
    """Whether a cookie of this name is one that makes a site work."""
    return name.lower().startswith(FUNCTIONAL_COOKIES)
