"""The parts that judge how a website is secured, and answers that lack something."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessor.api import Captured, Captures, Outcome, Parameters
from assessor.collect.questions.website_headers import KEPT
from assessor.collect.questions.website_paths import FIXED_PATHS
from checks.website_hardening.advice import security_txt_state
from checks.website_hardening.answer import HEADERS, PATHS, SecurityTxt
from checks.website_hardening.check import CHECK
from checks.website_hardening.headers import (
    careful_referrer,
    csp_directives,
    hsts_seconds,
    runs_any_script,
    versions_told,
)
from tests.transports.website_support import site, without_each_field

AT = datetime(2026, 11, 28, tzinfo=UTC)
SAMPLES = Path(__file__).resolve().parents[2] / "checks" / "website_hardening" / "samples"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("max-age=31536000", 31_536_000),
        ("max-age=31536000; includeSubDomains; preload", 31_536_000),
        ('includeSubDomains; Max-Age = "600"', 600),
        ("max-age=31536000, max-age=0", 31_536_000),
        ("max-age=0", 0),
        ("max-age=1; max-age=2", None),
        ("max-age=-1", None),
        ("max-age=year", None),
        ("includeSubDomains", None),
        ("", None),
        (None, None),
    ],
)
def test_hsts(value: str | None, seconds: int | None) -> None:
    assert hsts_seconds(value) == seconds


@pytest.mark.parametrize(
    ("policy", "weak"),
    [
        ("default-src 'self'", False),
        ("default-src 'none'; script-src 'self' https://cdn.example", False),
        ("script-src 'unsafe-inline' 'nonce-abc'", False),
        ("script-src 'unsafe-inline' 'sha256-abc'", False),
        ("default-src 'self'; script-src *", True),
        ("default-src 'self' 'unsafe-inline'", True),
        ("upgrade-insecure-requests", True),
        ("frame-ancestors 'none'", True),
    ],
)
def test_policies(policy: str, weak: bool) -> None:
    assert runs_any_script(csp_directives(policy)) is weak


def test_of_equal_directives_the_first_counts() -> None:
    assert csp_directives("Default-Src 'self'; default-src *;;") == {"default-src": ("'self'",)}


@pytest.mark.parametrize(
    ("value", "careful"),
    [
        ("no-referrer", True),
        ("STRICT-ORIGIN", True),
        ("unsafe-url, same-origin", True),
        ("same-origin, unsafe-url", False),
        ("no-referrer-when-downgrade", False),
        ("made-up", True),
        (None, True),
    ],
)
def test_referrers(value: str | None, careful: bool) -> None:
    assert careful_referrer(value) is careful


def test_versions() -> None:
    told = versions_told(
        {"server": ("Apache/2.4.57 (Debian)", "nginx"), "x-powered-by": ("PHP/8.2", "Express")}
    )
    assert told == ("Apache/2.4.57 (Debian)", "PHP/8.2")


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ([("contact", "mailto"), ("expires", "2027-01-01T00:00:00Z")], "good"),
        ([("contact", "https"), ("expires", "2027-01-01t00:00:00+01:00")], "good"),
        ([("contact", "mailto"), ("expires", "2026-11-27T00:00:00Z")], "expired"),
        ([("contact", "mailto")], "incomplete"),
        ([("expires", "2027-01-01T00:00:00Z")], "incomplete"),
        ([("contact", "mailto"), ("expires", "next year")], "incomplete"),
        ([("contact", "mailto"), *[("expires", "2027-01-01T00:00:00Z")] * 2], "incomplete"),
        ([], "missing"),
    ],
)
def test_security_txt(fields: list[tuple[str, str]], state: str) -> None:
    txt = SecurityTxt("answer", 200, "text/plain", cut=False, fields=tuple(fields))
    assert security_txt_state(txt, AT) == state


@pytest.mark.parametrize(
    ("end", "status", "media_type", "state"),
    [
        ("answer", 404, "text/html", "missing"),
        ("answer", 200, "text/html", "missing"),
        ("answer", 403, "text/html", "not-seen"),
        ("answer", 503, "text/html", "not-seen"),
        ("elsewhere", 301, "", "not-seen"),
        ("silent", None, "", "not-seen"),
    ],
)
def test_security_txt_that_is_not_there(
    end: str, status: int | None, media_type: str, state: str
) -> None:
    fields = (("contact", "mailto"), ("expires", "2027-01-01T00:00:00Z"))
    txt = SecurityTxt(end, status, media_type, cut=False, fields=fields)
    assert security_txt_state(txt, AT) == state


def test_the_check_and_the_question_have_the_same_addresses_and_headers() -> None:
    assert tuple(fixed.path for fixed in FIXED_PATHS) == PATHS
    assert set(HEADERS) <= set(KEPT)


NOT_READ = {
    "allowed",
    "at",
    "page.bytes",
    "page.inline",
    "page.inline.count",
    "page.inline.hosts",
    "page.inline.marks",
    "page.refresh",
    "page.url",
    "page.waiting",
    "ports.https",
    "scripts",
    "scripts_left",
    "seconds",
    "security_txt.location",
    "security_txt.outcome",
    "security_txt.signed",
    "security_txt.url",
    "visits.steps.address",
    "visits.steps.cookies_count",
    "visits.steps.detail",
    "visits.steps.trusted_by",
}
"""Fields that a site can be seen to be secured without."""

LATER = "visits.steps.headers."
"""Headers are advice, but for one; and of that one the first step of a visit counts."""


def judged(answer: Any) -> Outcome:
    captured = Captured("visit", json.dumps(answer), "", 0, AT)
    captures = Captures(site("good.lab.example", 443), AT, {"visit": captured})
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({"min_hsts_days": 365}))
    return judgement.outcome


def test_an_answer_that_lacks_a_field_never_passes() -> None:
    whole = json.loads((SAMPLES / "nginx_good" / "visit.stdout").read_text(encoding="utf-8"))
    assert judged(whole) is Outcome.PASS
    tried = 0
    for path, changed in without_each_field(whole):
        if judged(changed) is Outcome.PASS:
            assert path in NOT_READ or path.startswith(LATER), path
        else:
            tried += 1
    assert tried > 40


def test_without_hsts_on_the_first_step_it_never_passes() -> None:
    whole = json.loads((SAMPLES / "nginx_good" / "visit.stdout").read_text(encoding="utf-8"))
    for visit in whole["visits"]:
        if visit["scheme"] == "https":
            del visit["steps"][0]["headers"]["strict-transport-security"]
            assert judged(whole) is Outcome.FAIL
