"""The list of trackers, and answers that lack something or say more."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessor.api import Captured, Captures, Outcome, Parameters
from assessor.collect.questions.website_script import MARKS
from checks.web_trackers import check
from checks.web_trackers.check import CHECK
from checks.web_trackers.hosts import (
    FUNCTIONAL_COOKIES,
    MAKERS,
    STATISTICS,
    TRACKING_COOKIES,
    is_functional_cookie,
    is_tracking_cookie,
    maker_of,
)
from tests.transports.website_support import site, without_each_field

AT = datetime(2026, 11, 28, tzinfo=UTC)
SAMPLES = Path(__file__).resolve().parents[2] / "checks" / "web_trackers" / "samples"


def judged(answer: Any) -> Outcome:
    captured = Captured("visit", json.dumps(answer), "", 0, AT)
    captures = Captures(site("x.lab.example", 443), AT, {"visit": captured})
    consent, _ = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return consent.outcome


def whole() -> Any:
    path = SAMPLES / "nginx_own_script" / "visit.stdout"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("host", "maker"),
    [
        ("www.google-analytics.com", "Google Analytics"),
        ("region1.google-analytics.com", "Google Analytics"),
        ("www.googletagmanager.com", "Google Tag Manager"),
        ("stats.g.doubleclick.net", "Google Ads"),
        ("consent.cookiebot.com", "Cookiebot"),
        ("evilgoogle-analytics.com", None),
        ("google-analytics.com.example", None),
        ("cookiebot.com", None),
    ],
)
def test_makers(host: str, maker: str | None) -> None:
    found = maker_of(host)
    assert (found.name if found else None) == maker


def test_the_list_is_in_order() -> None:
    hosts = [host for maker in MAKERS for host in maker.hosts]
    assert len(hosts) == len(set(hosts))
    assert all(host == host.lower() for host in hosts)
    assert {maker.name for maker in MAKERS} >= STATISTICS
    assert len(TRACKING_COOKIES) == len(set(TRACKING_COOKIES))
    assert not any(is_tracking_cookie(name) for name in FUNCTIONAL_COOKIES)
    assert not any(is_functional_cookie(name) for name in TRACKING_COOKIES)


def test_the_marks_are_those_of_the_question() -> None:
    assert set(MARKS) >= check.WAITS | check.MAY_PLACE


@pytest.mark.parametrize(
    ("name", "tracking", "functional"),
    [
        ("_ga", True, False),
        ("_ga_ABC123", True, False),
        ("_fbp", True, False),
        ("IDE", True, False),
        ("fr", True, False),
        ("french", False, False),
        ("PHPSESSID", False, True),
        ("ASPSESSIONIDQABC", False, True),
        ("XSRF-TOKEN", False, True),
        ("visitor", False, False),
    ],
)
def test_cookies(name: str, tracking: bool, functional: bool) -> None:
    assert (is_tracking_cookie(name), is_functional_cookie(name)) == (tracking, functional)


READ = {
    "kind",
    "name",
    "no_page",
    "page",
    "scripts",
    "scripts_left",
    "stopped",
    "visits",
    "page.whole",
    "page.refresh",
    "page.resources",
    "page.resources.kind",
    "page.resources.host",
    "page.resources.own",
    "page.resources.url",
    "page.waiting",
    "page.inline",
    "page.inline.count",
    "page.inline.marks",
    "page.inline.hosts",
    "scripts.url",
    "scripts.whole",
    "scripts.marks",
    "scripts.hosts",
    "scripts.cookies_count",
    "visits.steps",
    "visits.steps.cookies",
    "visits.steps.cookies_count",
}


def test_an_answer_that_lacks_a_field_never_passes() -> None:
    assert judged(whole()) is Outcome.PASS
    refused = {
        p for p, changed in without_each_field(whole()) if judged(changed) is not Outcome.PASS
    }
    assert refused == READ


def third_party(answer: Any) -> None:
    answer["page"]["resources"].append(
        {"kind": "image", "host": "x.example", "own": False, "scheme": "https", "url": "https://x/"}
    )


@pytest.mark.parametrize(
    "change",
    [
        third_party,
        lambda a: a["page"]["inline"]["marks"].append("cookies"),
        lambda a: a["page"]["inline"]["hosts"].append("static.hotjar.com"),
        lambda a: a["scripts"][0]["marks"].append("sends"),
        lambda a: a["scripts"][0].update(whole=False),
        lambda a: a["scripts"].clear(),
        lambda a: a["page"]["waiting"].append("x.example"),
        lambda a: a["visits"][0]["steps"][0].update(cookies_count=1),
        lambda a: a.update(stopped="timed-out"),
    ],
)
def test_whatever_more_is_seen_ends_the_pass(change: Callable[[Any], object]) -> None:
    answer = whole()
    change(answer)
    assert judged(answer) is Outcome.UNKNOWN
