"""What is read from a page of HTML and from scripts, without running anything."""

from __future__ import annotations

from typing import Any

import pytest

from assessor.collect.questions.http_exchange import Exchange
from assessor.collect.questions.http_url import Url
from assessor.collect.questions.website_headers import cookies, kept_headers
from assessor.collect.questions.website_page import Page, read_page
from assessor.collect.questions.website_paths import FIXED_PATHS
from assessor.collect.questions.website_script import hosts_of, marks_of
from assessor.collect.questions.website_site import Site

URL = Url("https", "www.shop.example", 443, "/nl/")
SITE = Site("www.shop.example", "", 443, 80, frozenset({"www.shop.example"}))


def read(html: str, *, cut: bool = False) -> Page:
    return read_page(html.encode(), URL, SITE, cut=cut)


def loaded(html: str) -> list[tuple[str, str]]:
    resources: Any = read(html).facts["resources"]
    return [(one["kind"], one["url"]) for one in resources]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<script src=a.js></script>", [("script", "https://www.shop.example/nl/a.js")]),
        ("<script type=module src=/a></script>", [("script", "https://www.shop.example/a")]),
        (
            "<script type='TEXT/JavaScript; charset=x' src=/a></script>",
            [("script", "https://www.shop.example/a")],
        ),
        ("<SCRIPT SRC=//t.example/a></SCRIPT>", [("script", "https://t.example/a")]),
        ("<script type=text/plain src=//t.example/a></script>", []),
        ("<script type=application/ld+json>{}</script>", []),
        ("<img src=http://t.example/a.gif?id=1>", [("image", "http://t.example/a.gif")]),
        (
            "<img srcset='/a.png 1x, //t.example/b.png 2x'>",
            [("image", "https://www.shop.example/a.png"), ("image", "https://t.example/b.png")],
        ),
        ("<iframe src=//t.example/></iframe>", [("frame", "https://t.example/")]),
        ("<object data=//t.example/></object>", [("frame", "https://t.example/")]),
        ("<video><source src=//t.example/v></video>", [("media", "https://t.example/v")]),
        ("<link rel='preload' href=//t.example/f>", [("preload", "https://t.example/f")]),
        ("<link rel=canonical href=//t.example/>", []),
        ("<link rel=preconnect href=//t.example>", [("connection", "https://t.example/")]),
        ("<style>@import '//t.example/a.css';</style>", [("style", "https://t.example/a.css")]),
        ("<p style='background: url(//t.example/b)'>", [("style", "https://t.example/b")]),
        ("<base href=https://t.example/><img src=a>", [("image", "https://t.example/a")]),
        ("<img src=data:image/png;base64,xx>", []),
        ("<img src=''><img>", []),
        ("<!-- <script src=//t.example/a></script> -->", []),
        ("<noscript><img src=//t.example/a></noscript>", []),
        ("<head><noscript><img src=//t.example/a></noscript></head>", []),
        ("<template><img src=//t.example/a></template>", []),
        ("<a href=//t.example/>link</a>", []),
        ("<input type=image src=//t.example/a>", [("image", "https://t.example/a")]),
        ("text\0<script src=/a></script>", [("script", "https://www.shop.example/a")]),
        ("<div><p></div><script src=/a>", [("script", "https://www.shop.example/a")]),
    ],
)
def test_what_a_browser_loads(html: str, expected: list[tuple[str, str]]) -> None:
    assert loaded(html) == expected
    assert read(html).facts["whole"] is True


def test_first_party() -> None:
    html = "".join(
        f"<img src=//{host}/>"
        for host in ("www.shop.example", "cdn.shop.example", "shop.example", "evilshop.example")
    )
    resources: Any = read(html).facts["resources"]
    assert [one["own"] for one in resources] == [True, True, True, False]


def test_own_scripts_are_those_that_may_be_asked_for() -> None:
    sources = ("/a", "//cdn.shop.example/b", "//x.example/c")
    html = "".join(f"<script src={source}></script>" for source in sources)
    assert [url.shown for url in read(html).own_scripts] == ["https://www.shop.example/a"]


def test_forms() -> None:
    html = (
        "<form action=http://x.example/in?s=1 method=POST><input type=PassWord></form>"
        "<form action='/search'></form><form action=mailto:a@b.example></form>"
    )
    forms: Any = read(html).facts["forms"]
    assert [(f["url"], f["method"], f["password"]) for f in forms] == [
        ("http://x.example/in", "post", True),
        ("https://www.shop.example/search", "get", False),
    ]


def test_inline_scripts_are_read_and_not_kept() -> None:
    html = """<script>var u="https://matomo.example.nl/"; _paq.push(['x', 'private words'])</script>
    <body onload="document.cookie='a=1'"><iframe src="javascript:eval(1)"></iframe>"""
    facts = read(html).facts
    inline: Any = facts["inline"]
    assert inline["marks"] == ["cookies", "hidden", "matomo"]
    assert inline["hosts"] == ["matomo.example.nl"]
    assert "private words" not in str(facts)


def test_meta() -> None:
    html = """<meta name=Generator content=" Joomla! 5 "><meta name=referrer content=No-Referrer>
    <meta http-equiv=Content-Security-Policy content="default-src 'self'">
    <meta http-equiv=refresh content="0; url=//x.example">"""
    facts = read(html).facts
    assert (facts["generator"], facts["referrer"]) == ("Joomla! 5", "no-referrer")
    assert (facts["csp"], facts["refresh"]) == ("default-src 'self'", True)


@pytest.mark.parametrize(
    "html",
    [
        "<img src=/a>" + "<div>" * 100_000 + "<script src=//t.example/a></script>",
        "<" * 500_000,
        "<a " + "b=c " * 200_000 + ">",
        "<script>" + "<!--<script>" * 50_000,
        "".join(f"<img src=/{n}>" for n in range(5000)),
        "<form action=/>" * 5000,
        "<script>" + "'https://a.example/'," * 60_000 + "</script>",
        "<style>" + "url(" * 200_000 + "</style>",
        "<script>" + "createElement" * 80_000 + "</script>",
    ],
)
def test_a_page_that_is_meant_to_cost_time(html: str) -> None:
    # What grows with the square of a page's length does not end before the tests' own time limit.
    assert len(str(read(html).facts)) < 250_000


def test_what_is_not_whole_says_so() -> None:
    assert read("<p>", cut=True).facts["whole"] is False
    many = "".join(f"<img src=/{n}>" for n in range(300))
    assert read(many).facts["whole"] is False
    # A second body: a browser takes its attributes over, the parser drops them.
    assert read("<body><p><body onload='track()'>").facts["whole"] is False
    deep = "<div>" * 100_000 + "<script src=//t.example/a></script>"
    facts = read(deep).facts
    resources: Any = facts["resources"]
    assert facts["whole"] is False or [one["host"] for one in resources] == ["t.example"]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("document.cookie='a'", ["cookies"]),
        ("document['cookie']", ["cookies"]),
        ("cookieStore.set('a')", ["cookies"]),
        ("gtag('consent', 'default', {ad_storage: 'denied'})", ["consent-default", "denied"]),
        (
            "ga('create','UA-12345-1');ga('set','anonymizeIp',true)",
            ["anonymize-ip", "google-universal"],
        ),
        ("{'anonymize_ip': true}", ["anonymize-ip"]),
        ("'G-ABCDEF1234'", ["google-4"]),
        ("'GTM-ABC123'", ["google-tag-manager"]),
        ("_paq.push(['requireCookieConsent'])", ["consent-required", "matomo"]),
        ("eval(atob('x'))", ["hidden"]),
        ("document.createElement('script')", ["inserts"]),
        ("localStorage.x = 1", ["storage"]),
        ("fetch('/x')", ["sends"]),
        ("let evaluate = 1; // cookie", []),
    ],
)
def test_marks(text: str, marks: list[str]) -> None:
    assert marks_of([text]) == marks


def test_hosts_in_scripts() -> None:
    text = r"""a='https://A.example/x'; b="//b.example"; c='https:\/\/c.example\/y'; // see http
    d=`wss://d.example:8/`; e='//localhost/x'; f='/path'; g="https://'+x+'/"; """
    hosts, more = hosts_of([text])
    assert hosts == ["a.example", "b.example", "c.example", "d.example"]
    assert more is False
    _, more = hosts_of(["".join(f"'//h{n}.example/'" for n in range(100))])
    assert more is True


def test_cookies_without_their_values() -> None:
    (one,) = cookies(["sid=secret; Path=/; SECURE; httponly ; SameSite=Lax; Max-Age=60"])
    assert one == {
        "name": "sid",
        "secure": True,
        "http_only": True,
        "same_site": "lax",
        "domain": None,
        "lasting": True,
        "removed": False,
    }
    (nameless,) = cookies(["secret"])
    assert nameless["name"] == ""
    (gone,) = cookies(["sid=; Max-Age=0"])
    assert gone["removed"] is True
    assert len(cookies(["a=b"] * 500)) < 50


def test_headers_are_bounded_and_plain() -> None:
    many = tuple(("server", "é" * 100_000) for _ in range(100))
    kept = kept_headers(Exchange("answered", headers=(*many, ("authorization", "secret"))))
    assert set(kept) == {"server"}
    assert len(str(kept)) < 1000
    assert str(kept).isascii()


SHAPES = {
    "/.git/HEAD": (b"ref: refs/heads/main\n", b"deadbeef"),
    "/.env": (b"APP_ENV=prod\nDB_PASSWORD=x\n", b"not found"),
    "/backup.zip": (b"PK\x03\x04....", b"zip"),
    "/backup.tar.gz": (b"\x1f\x8b\x08\x00", b"gz"),
    "/backup.sql": (b"-- MySQL dump 10.13\n", b"select"),
    "/phpinfo.php": (b"<html><title>PHP 8.2.7 - phpinfo()</title>", b"<html>x"),
    "/server-status": (b"<html><head>\n<title>Apache Status</title>", b"<html>x"),
    "/wp-login.php": (b'<html><form name="loginform" id="loginform">', b"<html>x"),
    "/administrator/": (b'<html><input name="option" value="com_login">', b"<html>x"),
    "/phpmyadmin/": (b'<html><input name="pma_username">', b"<html>x"),
}


@pytest.mark.parametrize("fixed", FIXED_PATHS, ids=lambda fixed: fixed.path)
def test_the_shape_decides(fixed: Any) -> None:
    real, other = SHAPES[fixed.path]
    assert fixed.shown_by(Exchange("answered", status=200, body=real))
    assert fixed.shown_by(Exchange("answered", status=206, body=real))
    assert not fixed.shown_by(Exchange("answered", status=403, body=real))
    assert not fixed.shown_by(Exchange("answered", status=200, body=other))
    assert not fixed.shown_by(Exchange("answered", status=200, body=b""))
    assert not fixed.shown_by(Exchange("answered", status=200, body=None))
    own_page = b"<!doctype html><html><body><p>Page not found. APP_ENV=x</p></body></html>"
    assert not fixed.shown_by(Exchange("answered", status=200, body=own_page))
