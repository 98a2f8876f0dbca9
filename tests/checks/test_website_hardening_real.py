"""The whole way from a real nginx to a verdict on how a website is secured: the truth table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from checks.website_hardening.check import CHECK
from tests.lab.pki import Pki
from tests.lab.websites import HEADERS, HSTS, PAGE, TO_HTTPS, Ports, Website, websites
from tests.transports.website_support import Names, site, visit_text

INDEX = {"index.html": PAGE.encode()}
CONTACT = "Contact: mailto:security@example.nl\n"
GOOD_TXT = {".well-known/security.txt": f"{CONTACT}Expires: 2035-01-01T00:00:00Z\n".encode()}
OLD_TXT = {".well-known/security.txt": f"{CONTACT}Expires: 2020-01-01T00:00:00Z\n".encode()}
HALF_TXT = {".well-known/security.txt": CONTACT.encode()}
BARE = (
    "no_csp",
    "framing_allowed",
    "sniffing_allowed",
    "no_referrer_policy",
    "no_permissions_policy",
)
SHOP = b"""<!doctype html><meta name=generator content="WordPress 6.4.2"><body>
<img src=http://img.example/a.png><form action=/search></form></body>"""
FORM = b"<!doctype html><form method=post action=http://forms.example/in><input name=a></form>"
WEAK_HEADERS = f"""server_tokens off; {HSTS}
    add_header Content-Security-Policy "default-src * 'unsafe-inline'" always;
    add_header X-Frame-Options "ALLOW-FROM https://x.example" always;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy unsafe-url always;
    add_header Permissions-Policy "camera=()" always;
    add_header X-Powered-By "PHP/7.4.3" always;"""
COOKIES = f"""{HEADERS}
    add_header Set-Cookie "PHPSESSID=secret; path=/" always;
    add_header Set-Cookie "lang=nl; Secure; HttpOnly; SameSite=Lax" always;"""

Row = tuple[Outcome, str, tuple[str, ...]]
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN

TRUTH: dict[str, Row] = {
    "good": (PASS, "secured", ()),
    "no-plain": (PASS, "secured", ()),
    "bare": (PASS, "secured", (*BARE, "version_told", "security_txt_missing")),
    "weak-headers": (
        PASS,
        "secured",
        ("csp_weak", "framing_allowed", "referrer_told", "version_told", "security_txt_expired"),
    ),
    "cookies": (
        PASS,
        "secured",
        ("cookie_not_secure", "cookie_readable", "cookie_same_site", "security_txt_incomplete"),
    ),
    "shop": (PASS, "secured", ("mixed_content", "admin_page", "security_txt_missing")),
    "only-ipv4": (PASS, "secured", ("family_silent",)),
    "own-page": (PASS, "secured", ("security_txt_missing",)),
    "not-redirected": (FAIL, "not_redirected", ()),
    "plain-error": (FAIL, "not_redirected", ()),
    "by-way-of-http": (FAIL, "redirected_elsewhere", ()),
    "other-name-first": (FAIL, "redirected_elsewhere", ()),
    "no-hsts": (FAIL, "no_hsts", ()),
    "hsts-half-a-year": (FAIL, "short_hsts", ()),
    "hsts-off": (FAIL, "no_hsts", ()),
    "hsts-broken": (FAIL, "no_hsts", ()),
    "only-http": (FAIL, "no_https", (*BARE, "version_told", "security_txt_missing")),
    "form": (FAIL, "form_in_clear", ()),
    "git": (FAIL, "gives_repository", ("security_txt_missing",)),
    "backup": (FAIL, "gives_backup", ("security_txt_missing",)),
    "phpinfo": (FAIL, "gives_internals", ("security_txt_missing",)),
    "all-wrong": (
        FAIL,
        "gives_settings",
        (
            "gives_backup",
            "gives_repository",
            "form_in_clear",
            "not_redirected",
            "no_hsts",
            *BARE,
            "version_told",
            "security_txt_missing",
        ),
    ),
    "ipv6-forgotten": (FAIL, "not_redirected", ()),
    "untrusted": (UNKNOWN, "not_trusted", ()),
    "elsewhere": (UNKNOWN, "elsewhere", ()),
    "loop": (UNKNOWN, "endless", ()),
    "broken": (UNKNOWN, "error_page", ()),
    "closed": (UNKNOWN, "error_page", ()),
    "busy": (UNKNOWN, "paths_not_seen", ("security_txt_missing",)),
}


def lab_websites(pki: Pki) -> dict[str, Website]:
    """A site for every row of the table, known as ``<name>.lab.example``."""

    def known(https: str = HEADERS, http: str | None = TO_HTTPS) -> Website:
        return Website(None, https, http, {**INDEX, **GOOD_TXT})

    def without_txt(one: Website) -> Website:
        kept = {path: data for path, data in one.files.items() if "security.txt" not in path}
        return replace(one, files=kept)

    def filed(one: Website, files: dict[str, bytes]) -> Website:
        return replace(one, files={**without_txt(one).files, **files})

    own_page = f"{HEADERS} error_page 404 =200 /index.html;"
    v4_only = "if ($server_addr = 127.0.0.1) { return 301 https://$host:{https}/; }"
    busy = f"{HEADERS} location = /backup.zip {{ return 429; }}"
    git, env, sql = b"ref: refs/heads/main\n", b"DB_PASSWORD=secret\n", b"-- MySQL dump 10.13\n"
    rows = {
        "good": known(),
        "no-plain": known(http=None),
        "bare": without_txt(known(HSTS)),
        "weak-headers": filed(known(WEAK_HEADERS), OLD_TXT),
        "cookies": filed(known(COOKIES), HALF_TXT),
        "shop": filed(
            known(),
            {"index.html": SHOP, "wp-login.php": b'<html><form name="loginform" id="loginform">'},
        ),
        "only-ipv4": replace(known(), ipv6=False),
        "own-page": without_txt(known(own_page)),
        "not-redirected": known(http=""),
        "plain-error": known(http="return 404;"),
        "by-way-of-http": known(http="return 301 http://www.$host/;"),
        "other-name-first": known(http="return 301 https://www.$host:{https}/;"),
        "no-hsts": known(HEADERS.replace(HSTS, "")),
        "hsts-half-a-year": known(HEADERS.replace("31536000", "15768000")),
        "hsts-off": known(HEADERS.replace("31536000", "0")),
        "hsts-broken": known(HEADERS.replace("max-age=31536000", "max-age=one-year")),
        "only-http": without_txt(known(http="")),
        "form": filed(known(), {"index.html": FORM, **GOOD_TXT}),
        "git": filed(known(), {".git/HEAD": git}),
        "backup": filed(known(), {"backup.zip": b"PK\x03\x04rest"}),
        "phpinfo": filed(
            known(), {"phpinfo.php": b"<html><title>PHP 8.2.7 - phpinfo()</title></html>"}
        ),
        "all-wrong": filed(
            known("", ""),
            {"index.html": FORM, ".git/HEAD": git, ".env": env, "backup.sql": sql},
        ),
        "ipv6-forgotten": known(http=v4_only),
        "untrusted": known(),
        "elsewhere": known(f"{HEADERS} return 301 https://www.$host:{{https}}/;"),
        "loop": known(f"{HEADERS} if ($uri !~ well-known) {{ return 302 /; }}"),
        "broken": without_txt(known("return 500;")),
        "closed": without_txt(known("return 403;")),
        "busy": without_txt(known(busy)),
    }
    issued = {
        name: pki.self_signed(f"{name}.lab.example")
        if name == "untrusted"
        else None
        if name == "only-http"
        else pki.issue(f"{name}.lab.example")
        for name in rows
    }
    return {name: replace(one, issued=issued[name]) for name, one in rows.items()}


def defaults(**changed: Any) -> Parameters:
    folder = Path(__file__).resolve().parents[2] / "checks" / "website_hardening"
    manifest = yaml.safe_load((folder / "check.yaml").read_text(encoding="utf-8"))
    values = {name: one["default"] for name, one in manifest["parameters"].items()}
    return Parameters({**values, **changed})


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ports]]:
    """The lab's root stands in for the system's list of authorities while this lasts."""
    folder = tmp_path_factory.mktemp("lab")
    pki = Pki(folder)
    sites = lab_websites(pki)
    assert set(sites) == set(TRUTH)
    with pytest.MonkeyPatch.context() as patch, websites(folder, sites) as found:
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        yield found


def judge(name: str, at: Ports, **parameters: Any) -> Judgement:
    target = site(f"{name}.lab.example", at.https, at.http)
    text = visit_text(target, Names())
    now = datetime.now(UTC)
    captures = Captures(target, now, {"visit": Captured("visit", text, "", 0, now)})
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), defaults(**parameters))
    return judgement


@pytest.mark.parametrize("name", TRUTH)
def test_each_site_is_judged_rightly(ports: dict[str, Ports], name: str) -> None:
    judgement = judge(name, ports[name])

    outcome, message, advice = TRUTH[name]
    assert (judgement.measure, judgement.outcome) == ("web-hardening", outcome)
    assert judgement.message.id == message
    assert tuple(one.id for one in judgement.advice) == advice


def test_the_guilty_are_named(ports: dict[str, Ports]) -> None:
    assert judge("all-wrong", ports["all-wrong"]).message.facts["paths"] == "/.env"
    assert judge("form", ports["form"]).message.facts["url"] == "http://forms.example/in"
    assert judge("hsts-half-a-year", ports["hsts-half-a-year"]).message.facts["days"] == 182
    cookies = {one.id: one.facts for one in judge("cookies", ports["cookies"]).advice}
    assert cookies["cookie_not_secure"]["cookies"] == "PHPSESSID"


def test_facts(ports: dict[str, Ports]) -> None:
    observed = judge("shop", ports["shop"]).observed
    assert observed["cms"] == "WordPress 6.4.2"
    assert observed["admin_pages"] == ("/wp-login.php",)
    assert observed["mixed_content"] == ("img.example",)
    assert observed["ipv6"] == ("::1",)


def test_the_term_of_hsts_is_a_parameter(ports: dict[str, Ports]) -> None:
    name = "hsts-half-a-year"
    assert judge(name, ports[name], min_hsts_days=180).outcome is Outcome.PASS


def test_a_site_that_is_mended_passes(tmp_path: Path) -> None:
    """The verdict follows the site."""
    pki = Pki(tmp_path)
    issued = pki.issue("mended.lab.example")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        for http, outcome in (("", Outcome.FAIL), (TO_HTTPS, Outcome.PASS)):
            with websites(tmp_path, {"mended": Website(issued, http=http)}) as found:
                assert judge("mended", found["mended"]).outcome is outcome
