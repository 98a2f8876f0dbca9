"""The whole way from a real nginx to a verdict on trackers before consent: the truth table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from checks.web_trackers.check import CHECK
from tests.lab.pki import Pki
from tests.lab.websites import HEADERS, TO_HTTPS, Ports, Website, websites
from tests.transports.website_support import Names, site, visit_text

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN

GTAG = "<script async src='https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF'></script>"
GTAG_CALL = "<script>window.dataLayer=[];function gtag(){dataLayer.push(arguments)}{}</script>"
DENIED = "gtag('consent','default',{'ad_storage':'denied','analytics_storage':'denied'});"
CONFIG = "gtag('config','G-ABC123DEF');"
COOKIEBOT = "<script src='https://consent.cookiebot.com/uc.js' data-blockingmode=auto></script>"
META = """<script>!function(f,b,e,v,n,t,s){t=b.createElement(e);t.src=v;}(window,document,'script',
'https://connect.facebook.net/en_US/fbevents.js');fbq('init','1');</script>"""
MANAGER = """<script>(function(w,d,s,l,i){var j=d.createElement(s);
j.src='https://www.googletagmanager.com/gtm.js?id='+i;})(window,document,'script','x','GTM-AB12CD')
</script>"""
MATOMO = """<script>var _paq=[];(function(){var u="https://stats.shop.example/";
var g=document.createElement('script');g.src=u+'matomo.js';})();</script>"""
OLD_GOOGLE = """<script async src=https://www.google-analytics.com/analytics.js></script>
<script>ga('create','UA-12345-1');{}ga('send','pageview');</script>"""

CONSENT_TRUTH = {
    "nothing": (PASS, "nothing_placed"),
    "own-script": (PASS, "nothing_placed"),
    "own-icons": (PASS, "nothing_placed"),
    "session": (PASS, "functional_only"),
    "google-4": (FAIL, "tracker_loaded"),
    "meta-image": (FAIL, "tracker_loaded"),
    "old-google": (FAIL, "tracker_loaded"),
    "old-google-shortened": (FAIL, "tracker_loaded"),
    "server-cookie": (FAIL, "tracking_cookie"),
    "google-4-denied": (UNKNOWN, "tracker_may_wait"),
    "google-4-cookiebot": (UNKNOWN, "tracker_may_wait"),
    "google-4-unread": (UNKNOWN, "tracker_may_wait"),
    "meta-script": (UNKNOWN, "tracker_in_script"),
    "tag-manager": (UNKNOWN, "depends_on_settings"),
    "plausible": (UNKNOWN, "depends_on_settings"),
    "matomo": (UNKNOWN, "script_may_place"),
    "parked": (UNKNOWN, "script_may_place"),
    "fonts": (UNKNOWN, "third_parties"),
    "cookiebot": (UNKNOWN, "third_parties"),
    "strange-cookie": (UNKNOWN, "cookie_unknown"),
    "own-script-with-cookies": (UNKNOWN, "script_may_place"),
    "handler": (UNKNOWN, "script_may_place"),
    "large-script": (UNKNOWN, "scripts_not_read"),
    "missing-script": (UNKNOWN, "scripts_not_read"),
    "script-on-a-subdomain": (UNKNOWN, "scripts_not_read"),
    "own-frame": (UNKNOWN, "scripts_not_read"),
    "moves-on": (UNKNOWN, "page_not_read"),
    "image": (UNKNOWN, "no_page"),
}

ANONYMISED_TRUTH = {
    "old-google": (FAIL, "full_address_to_google"),
    "old-google-shortened": (UNKNOWN, "settings_not_visible"),
    "google-4": (UNKNOWN, "settings_not_visible"),
    "matomo": (UNKNOWN, "settings_not_visible"),
    "plausible": (UNKNOWN, "settings_not_visible"),
    "tag-manager": (UNKNOWN, "settings_not_visible"),
    "fonts": (UNKNOWN, "third_parties_may_count"),
    "large-script": (UNKNOWN, "scripts_not_read"),
    "nothing": (UNKNOWN, "no_statistics_seen"),
    "own-script-with-cookies": (UNKNOWN, "no_statistics_seen"),
}


def lab_websites(pki: Pki) -> dict[str, Website]:
    """A site for every row of the tables, known as ``<name>.lab.example``."""

    def known(html: str, *headers: str, **files: bytes) -> Website:
        added = "".join(f'add_header Set-Cookie "{cookie}" always;' for cookie in headers)
        paths = {name.replace("_", "."): content for name, content in files.items()}
        page = f"<!doctype html><html><head></head><body>{html}</body></html>".encode()
        return Website(None, HEADERS + added, TO_HTTPS, {"index.html": page, **paths})

    app = "<script src=/app.js?v=2></script>"
    small = b"document.querySelector('nav').classList.add('open')"
    rows = {
        "nothing": known("<p>Welkom"),
        "own-script": known(app + "<script>let open = false</script>", app_js=small),
        "own-icons": known("<link rel=icon href=/i.png><img src=/logo.png>"),
        "session": known("<p>", "PHPSESSID=1; HttpOnly", "XSRF-TOKEN=2"),
        "google-4": known(GTAG + GTAG_CALL.replace("{}", CONFIG)),
        "meta-image": known("<img src=https://www.facebook.com/tr?id=1>"),
        "old-google": known(OLD_GOOGLE.replace("{}", "")),
        "old-google-shortened": known(OLD_GOOGLE.replace("{}", "ga('set','anonymizeIp',true);")),
        "server-cookie": known("<p>", "_ga=GA1.1.1.1; Max-Age=63072000"),
        "google-4-denied": known(GTAG_CALL.replace("{}", DENIED) + GTAG),
        "google-4-cookiebot": known(COOKIEBOT + GTAG + GTAG_CALL.replace("{}", CONFIG)),
        "google-4-unread": known(GTAG + app),
        "meta-script": known(META),
        "tag-manager": known(MANAGER),
        "plausible": known("<script defer src=https://plausible.io/js/script.js></script>"),
        "matomo": known(MATOMO),
        "parked": known("<script type=text/plain src=https://static.hotjar.com/c.js></script>"),
        "fonts": known("<link rel=stylesheet href=https://fonts.googleapis.com/css2?family=A>"),
        "cookiebot": known(COOKIEBOT),
        "strange-cookie": known("<p>", "visitor=1; Max-Age=9999999"),
        "own-script-with-cookies": known(app, app_js=b"document.cookie='a=1'"),
        "handler": known("<p onclick='localStorage.x=1'>"),
        "large-script": known(app, app_js=b"//" + b"x" * 600_000),
        "missing-script": known(app),
        "script-on-a-subdomain": known(
            "<script src=https://cdn.script-on-a-subdomain.lab.example/a.js></script>"
        ),
        "own-frame": known("<iframe src=/frame.html></iframe>"),
        "moves-on": known("<meta http-equiv=refresh content='0; url=/nl/'>"),
        "image": replace(known(""), https="types { } default_type image/png;"),
    }
    return {
        name: replace(one, issued=pki.issue(f"{name}.lab.example")) for name, one in rows.items()
    }


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ports]]:
    """The lab's root stands in for the system's list of authorities while this lasts."""
    folder = tmp_path_factory.mktemp("lab")
    pki = Pki(folder)
    sites = lab_websites(pki)
    assert set(sites) == set(CONSENT_TRUTH) >= set(ANONYMISED_TRUTH)
    with pytest.MonkeyPatch.context() as patch, websites(folder, sites) as found:
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        yield found


def judge(name: str, at: Ports) -> dict[str, Judgement]:
    target = site(f"{name}.lab.example", at.https, at.http)
    text = visit_text(target, Names({f"{name}.lab.example": ("127.0.0.1",)}))
    now = datetime.now(UTC)
    captures = Captures(target, now, {"visit": Captured("visit", text, "", 0, now)})
    judgements = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return {judgement.measure: judgement for judgement in judgements}


@pytest.mark.parametrize("name", CONSENT_TRUTH)
def test_what_is_placed_before_consent(ports: dict[str, Ports], name: str) -> None:
    judgement = judge(name, ports[name])["cookie-consent"]
    assert (judgement.outcome, judgement.message.id) == CONSENT_TRUTH[name]


@pytest.mark.parametrize("name", ANONYMISED_TRUTH)
def test_what_statistics_get(ports: dict[str, Ports], name: str) -> None:
    judgement = judge(name, ports[name])["analytics-anonymisation"]
    assert (judgement.outcome, judgement.message.id) == ANONYMISED_TRUTH[name]


def test_the_guilty_are_named(ports: dict[str, Ports]) -> None:
    def facts(name: str) -> object:
        return judge(name, ports[name])["cookie-consent"].message.facts

    assert facts("google-4") == {
        "name": "google-4.lab.example",
        "trackers": "Google Analytics/Ads",
    }
    assert facts("meta-image")["trackers"] == "Meta (Facebook)"  # type: ignore[index]
    assert facts("server-cookie")["cookies"] == "_ga"  # type: ignore[index]
    assert facts("fonts")["hosts"] == "fonts.googleapis.com"  # type: ignore[index]


def test_whether_shortening_is_asked_for_is_a_fact(ports: dict[str, Ports]) -> None:
    name = "old-google-shortened"
    observed = judge(name, ports[name])["analytics-anonymisation"].observed
    assert observed["anonymise_ip_asked"] is True
