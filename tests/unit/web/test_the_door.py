"""Who is let in, and who is not."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from assessor.web.doorkeeper import MOST_WRONG
from tests.unit.web.support import BASE, PORT, Visitor

REFUSED = "This page does not open"


def test_the_link_works_once_and_its_token_leaves_the_address_bar() -> None:
    visitor = Visitor()

    entered = visitor.get(visitor.link)

    token = visitor.link.rsplit("/", 1)[1]
    cookie = entered.headers["Set-Cookie"]
    assert entered.status_code == 303
    assert token not in entered.headers["Location"] + cookie + entered.text
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert f"Path={entered.headers['Location']}" in cookie
    assert entered.headers["Referrer-Policy"] == "no-referrer"
    assert visitor.get(entered.headers["Location"]).status_code == 200
    again = Client(visitor.app).get(visitor.link, base_url=BASE)
    assert (again.status_code, "Set-Cookie" in again.headers) == (403, False)
    assert REFUSED in again.text


@pytest.mark.parametrize(
    "path", ["/", "/enter/", "/enter/wrong", "/x/", "/static/a.css", "//", "/é"]
)
def test_without_the_link_every_address_is_refused_alike(path: str) -> None:
    visitor = Visitor()

    answers = {
        (answer.status_code, REFUSED in answer.text)
        for answer in (
            visitor.get(path),
            visitor.client.post(path, base_url=BASE, headers={"Origin": BASE}),
            visitor.client.delete(path, base_url=BASE),
        )
    }

    assert answers == {(403, True)}
    assert visitor.desk.recorded == []


def test_only_a_plain_visit_uses_up_the_link() -> None:
    visitor = Visitor()

    assert visitor.client.head(visitor.link, base_url=BASE).status_code == 403
    assert visitor.client.post(visitor.link, base_url=BASE).status_code == 403
    assert visitor.get(visitor.link, Sec_Purpose="prefetch;prerender").status_code == 403
    assert visitor.get(visitor.link).status_code == 303


def test_guessing_ends_before_it_can_succeed() -> None:
    visitor = Visitor()
    for guess in range(MOST_WRONG):
        assert visitor.get(f"/enter/{guess}").status_code == 403

    assert visitor.get(visitor.link).status_code == 403


def test_guessing_does_not_throw_out_whoever_is_in() -> None:
    visitor = Visitor().enter()
    for guess in range(MOST_WRONG + 1):
        Client(visitor.app).get(f"/enter/{guess}", base_url=BASE)

    assert visitor.get(visitor.home).status_code == 200


@pytest.mark.parametrize("kept", ["cookie", "room"])
def test_the_cookie_or_the_path_alone_opens_nothing(kept: str) -> None:
    visitor = Visitor().enter()
    session = visitor.app.doorkeeper.session
    assert session is not None
    stranger = Client(visitor.app)
    name = visitor.app.doorkeeper.cookie_name
    stranger.set_cookie(name, session.cookie if kept == "cookie" else "x", domain="127.0.0.1")

    path = f"/{session.room if kept == 'room' else 'elsewhere'}/"

    assert stranger.get(path, base_url=BASE).status_code == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", f"127.0.0.1.x:{PORT}"],
)
def test_a_foreign_host_name_is_refused_even_with_the_link(host: str) -> None:
    visitor = Visitor()

    assert visitor.client.get(visitor.link, base_url=f"http://{host}").status_code == 403
    assert visitor.get(visitor.link).status_code == 303, "the link was not used up"


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"[::1]:{PORT}", f"LOCALHOST:{PORT}"])
def test_the_names_of_this_machine_are_taken(host: str) -> None:
    visitor = Visitor()

    assert visitor.client.get(visitor.link, base_url=f"http://{host}").status_code == 303


def test_whoever_comes_by_a_link_elsewhere_asks_again_from_a_page_of_ours() -> None:
    visitor = Visitor().enter()
    stranger = Client(visitor.app)
    led = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }

    bounced = stranger.get(visitor.home, base_url=BASE, headers=led)

    assert bounced.headers["Refresh"] == f"0; url={visitor.home}"
    assert bounced.data == b""
    assert stranger.get("/elsewhere/", base_url=BASE, headers=led).status_code == 403
    assert stranger.get(visitor.home, base_url=BASE).status_code == 403


def test_every_answer_carries_the_headers_that_shut_others_out() -> None:
    visitor = Visitor()
    refused, entered = visitor.get("/"), visitor.get(visitor.link)
    home = entered.headers["Location"]
    for answer in (refused, entered, visitor.get(home), visitor.get(home + "none")):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


def test_within_the_session_what_is_not_there_is_said_to_be_not_there() -> None:
    visitor = Visitor().enter()

    assert visitor.get(f"{visitor.home}question/none").status_code == 404
    assert visitor.get(f"{visitor.home}elsewhere").status_code == 404
    refused = visitor.client.delete(visitor.home, base_url=BASE)
    assert (refused.status_code, "GET" in refused.headers["Allow"]) == (405, True)


def test_only_whoever_is_in_counts_as_activity() -> None:
    visitor = Visitor().enter()
    visitor.now = 100.0
    Client(visitor.app).get("/", base_url=BASE)
    assert visitor.app.idle_seconds == 100.0

    visitor.get(visitor.home)

    assert visitor.app.idle_seconds == 0.0
