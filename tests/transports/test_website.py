"""Visits to websites of a real nginx, and to servers that misbehave."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assessor.collect.questions.website_paths import FIXED_PATHS
from assessor.errors import TransportError
from assessor.model.capture import Reason
from tests.lab.hostile_http import Answer, endless_body, endless_header, gzip_bomb, page, scripted
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.pki import Pki
from tests.lab.websites import HEADERS, Ports, Website, visits, websites
from tests.transports.website_support import Names, ends, site, visit, visit_text

SHOP = b"""<!doctype html><html><head><meta name=generator content="WordPress 6.4.2">
<script src="/app.js?ver=secret1"></script>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC123DEF"></script>
<script type="text/plain" src="https://connect.facebook.net/x.js"></script>
</head><body>Personal text<img src="http://img.example/x.png?token=secret2">
<form action="http://forms.example/post" method=post><input type=password></form></body></html>"""

SECURITY_TXT = b"Contact: mailto:security@good.lab.example\nExpires: 2030-01-01T00:00:00Z\n"
EXPOSED = {
    ".git/HEAD": b"ref: refs/heads/main\n",
    ".env": b"APP_KEY=secret3\nDB_PASSWORD=secret4\n",
    "backup.zip": b"PK\x03\x04rest",
    "backup.sql": b"-- MySQL dump 10.13\nCREATE TABLE users (id int);\n",
    "phpinfo.php": b"<html><title>PHP 8.2 - phpinfo()</title></html>",
    "wp-login.php": b'<html><form name="loginform" id="loginform"></form></html>',
}
COOKIE = 'add_header Set-Cookie "PHPSESSID=secret5; path=/; HttpOnly" always;'


@dataclass(frozen=True)
class Lab:
    folder: Path
    pki: Pki
    ports: dict[str, Ports]

    def visit(self, name: str, **how: Any) -> dict[str, Any]:
        return visit(self.target(name, **how.pop("options", {})), **how)

    def target(self, name: str, **options: object) -> Any:
        at = self.ports[name]
        root = str(self.pki.root_file)
        return site(f"{name}.lab.example", at.https, at.http, **{"ca_file": root, **options})


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    pki = Pki(folder)

    def known(name: str) -> Any:
        return pki.issue(f"{name}.lab.example")

    index = {"index.html": b"<p>hello"}
    sites = {
        "good": Website(known("good"), files={**index, ".well-known/security.txt": SECURITY_TXT}),
        "shop": Website(
            known("shop"), COOKIE, "", {"index.html": SHOP, "app.js": b"let a", **EXPOSED}
        ),
        "loop": Website(known("loop"), "return 302 /again$uri;", "return 302 http://$http_host/;"),
        "own-page": Website(known("own-page"), "error_page 404 =200 /index.html;", files=index),
        "plain-only": Website(None, http="", files=index),
        "untrusted": Website(pki.self_signed("untrusted.lab.example"), files=index),
        "other-port": Website(known("other-port"), "return 301 https://$host:1/x;", files=index),
        "strange": Website(known("strange"), "return 301 ftp://strange.lab.example/;"),
        "only-ipv4": Website(known("only-ipv4"), HEADERS, files=index, ipv6=False),
        "image": Website(known("image"), "types { } default_type image/png;", None),
        "closed": Website(known("closed"), "return 403;", None),
    }
    with websites(folder, sites) as ports:
        yield Lab(folder, pki, ports)


def test_a_good_site(lab: Lab) -> None:
    answer = lab.visit("good")

    assert answer["name"] == "good.lab.example"
    assert answer["addresses"] == {"ipv4": ["127.0.0.1"], "ipv6": ["::1"]}
    assert ends(answer) == dict.fromkeys(
        ("ipv4 https", "ipv4 http", "ipv6 https", "ipv6 http"), "answer"
    )
    https = answer["visits"][0]["steps"][0]
    assert (https["status"], https["trusted_by"]) == (200, "ca_file")
    assert https["headers"]["strict-transport-security"] == ["max-age=31536000; includeSubDomains"]
    first, second = answer["visits"][1]["steps"]
    at = lab.ports["good"]
    assert first["location"] == f"https://good.lab.example:{at.https}/" == second["url"]
    assert answer["security_txt"]["fields"] == [
        {"name": "contact", "value": "mailto"},
        {"name": "expires", "value": "2030-01-01T00:00:00Z"},
    ]
    assert [one["path"] for one in answer["paths"]] == [one.path for one in FIXED_PATHS]
    assert {one["status"] for one in answer["paths"]} == {404}
    assert not any(one["shown"] for one in answer["paths"])
    assert answer["stopped"] is None


def test_what_a_shop_shows(lab: Lab) -> None:
    answer = lab.visit("shop")

    found = answer["page"]
    assert found["generator"] == "WordPress 6.4.2"
    assert {one["host"]: one["kind"] for one in found["resources"]} == {
        "shop.lab.example": "script",
        "www.googletagmanager.com": "script",
        "img.example": "image",
    }
    assert found["waiting"] == ["connect.facebook.net"]
    assert found["forms"] == [
        {
            "url": "http://forms.example/post",
            "scheme": "http",
            "host": "forms.example",
            "method": "post",
            "password": True,
        }
    ]
    (script,) = answer["scripts"]
    assert (script["whole"], script["marks"]) == (True, [])
    (cookie,) = answer["visits"][0]["steps"][0]["cookies"]
    assert cookie["name"] == "PHPSESSID"
    assert (cookie["secure"], cookie["http_only"], cookie["same_site"]) == (False, True, None)
    shown = {one["path"] for one in answer["paths"] if one["shown"]}
    assert shown == {f"/{path}" for path in EXPOSED}


def test_no_secret_and_no_text_of_a_page_is_kept(lab: Lab) -> None:
    text = visit_text(lab.target("shop"))
    for secret in ("secret", "Personal text", "refs/heads", "CREATE TABLE", "security@"):
        assert secret not in text


def test_only_what_a_visitor_would_ask_for_is_asked(lab: Lab) -> None:
    before = len(visits(lab.folder))
    lab.visit("good")
    asked = visits(lab.folder)[before:]
    # Twice two front pages, security.txt and the fixed addresses; every one of them once.
    assert len(asked) == len(set(asked)) + 2 == 4 + 1 + len(FIXED_PATHS)
    for line in asked:
        method, _, agent = line.split(" ", 2)
        assert method == "GET"
        assert "assess" in agent


def test_a_page_for_every_address_is_no_leak(lab: Lab) -> None:
    answer = lab.visit("own-page")
    assert {one["status"] for one in answer["paths"]} <= {200, 206}
    assert not any(one["shown"] for one in answer["paths"])
    assert answer["security_txt"]["media_type"] == "text/html"


def test_an_untrusted_certificate_gets_no_request(lab: Lab) -> None:
    before = len(visits(lab.folder))
    answer = lab.visit("untrusted")
    assert answer["visits"][0]["steps"][0]["outcome"] == "not-trusted"
    assert ends(answer)["ipv4 http"] == "silent"  # it leads to the same certificate
    assert answer["page"] is None
    assert not any("https://untrusted" in line for line in visits(lab.folder)[before:])


def test_an_authority_is_used_only_where_the_inventory_names_it(lab: Lab) -> None:
    at = lab.ports["good"]
    answer = visit(site("good.lab.example", at.https, at.http))
    assert answer["visits"][0]["steps"][0]["outcome"] == "not-trusted"
    assert answer["trust"]["ca_file"] is None


def test_without_https(lab: Lab) -> None:
    answer = lab.visit("plain-only")
    outcomes = [one["steps"][0]["outcome"] for one in answer["visits"]]
    assert outcomes == ["unreachable", "answered"] * 2
    assert answer["page"]["scheme"] == "http"


def test_one_family_only(lab: Lab) -> None:
    answer = lab.visit("only-ipv4")
    assert ends(answer)["ipv4 https"] == "answer"
    assert ends(answer)["ipv6 https"] == "silent"
    one = lab.visit("only-ipv4", names=Names({"only-ipv4.lab.example": ("127.0.0.1",)}))
    assert {entry["family"] for entry in one["visits"]} == {"ipv4"}
    assert one["addresses"]["ipv6"] == []


def test_what_is_no_page(lab: Lab) -> None:
    assert lab.visit("image")["no_page"] == "not-html"
    assert lab.visit("closed")["no_page"] == "status"
    assert lab.visit("strange")["no_page"] == "no-answer"


@pytest.mark.parametrize(("name", "end"), [("loop", "too-many"), ("strange", "malformed")])
def test_redirects_that_lead_nowhere(lab: Lab, name: str, end: str) -> None:
    assert ends(lab.visit(name))["ipv4 https"] == end


def test_a_loop(lab: Lab) -> None:
    answer = lab.visit("loop")
    assert ends(answer)["ipv4 http"] == "loop"
    assert all(len(one["steps"]) <= 6 for one in answer["visits"])


def test_another_port_of_the_same_name_is_not_visited(lab: Lab) -> None:
    answer = lab.visit("other-port")
    assert ends(answer)["ipv4 https"] == "elsewhere"
    assert answer["visits"][0]["steps"][-1]["location"] == "https://other-port.lab.example:1/x"


class Stranger:
    """A host outside the inventory that counts who comes."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.port = listener.getsockname()[1]

    def visitors(self) -> int:
        """Connections that stand in the listener's queue."""
        self.listener.setblocking(False)
        count = 0
        while True:
            try:
                self.listener.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Stranger(listener)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_stranger_is_never_touched(tmp_path: Path, stranger: Stranger, scheme: str) -> None:
    pki = Pki(tmp_path)
    away = f"return 302 {scheme}://stranger.example:{stranger.port}/in?token=secret;"
    html = f"<script src='{scheme}://stranger.example:{stranger.port}/x.js'></script>"
    sites = {
        "away": Website(pki.issue("away.lab.example"), away, away),
        "page": Website(pki.issue("page.lab.example"), files={"index.html": html.encode()}),
    }
    names = Names(
        {
            "away.lab.example": ("127.0.0.1",),
            "page.lab.example": ("127.0.0.1",),
            "stranger.example": ("127.0.0.1",),
        }
    )
    with websites(tmp_path, sites) as ports:
        root = str(pki.root_file)
        lab = Lab(tmp_path, pki, ports)
        answer = lab.visit("away", names=names, options={"ca_file": root})
        lab.visit("page", names=names)

        assert set(ends(answer).values()) == {"elsewhere"}
        location = answer["visits"][0]["steps"][0]["location"]
        assert location == f"{scheme}://stranger.example:{stranger.port}/in"
        assert answer["no_page"] == "elsewhere"
        assert stranger.visitors() == 0
        assert "stranger.example" not in names.asked

        # The proof can fail: with the name and its port allowed, the same redirect is followed.
        if scheme == "http":
            options = {"allowed_hosts": ["stranger.example"], "http_port": stranger.port}
            target = site("away.lab.example", ports["away"].https, None, ca_file=root, **options)
            visit(target, names, seconds=2)
            assert stranger.visitors() > 0


def test_an_allowed_host_is_visited(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    issued = pki.issue("shop.example", "www.shop.example")
    settings = "if ($host = shop.example) { return 301 https://www.shop.example:{https}$uri; }"
    sites = {"shop": Website(issued, settings, files={"index.html": b"<p>www"})}
    names = Names({"shop.example": ("127.0.0.1", "::1"), "www.shop.example": ("127.0.0.1",)})
    with websites(tmp_path, sites) as ports:
        at, root = ports["shop"], str(pki.root_file)

        strict = visit(site("shop.example", at.https, at.http, ca_file=root), names)
        options = {"ca_file": root, "allowed_hosts": ["www.shop.example"]}
        allowed = visit(site("shop.example", at.https, at.http, **options), names)

    assert set(ends(strict).values()) == {"elsewhere"}
    assert set(ends(allowed).values()) == {"answer"}
    assert allowed["page"]["url"] == f"https://www.shop.example:{at.https}/"
    assert allowed["allowed"] == ["shop.example", "www.shop.example"]


def test_another_site_of_the_inventory_is_visited(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    issued = pki.issue("shop.example", "www.shop.example")
    settings = "if ($host = shop.example) { return 301 https://www.shop.example:{https}$uri; }"
    with websites(tmp_path, {"shop": Website(issued, settings)}) as ports:
        at = ports["shop"]
        target = site("shop.example", at.https, at.http, ca_file=str(pki.root_file))
        answer = json.loads(visit_text(target, sites=["shop.example", "www.shop.example"]))
    assert set(ends(answer).values()) == {"answer"}


def test_many_sites_side_by_side(lab: Lab) -> None:
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: lab.visit("good"), range(40)))
    for answer in answers:
        assert set(ends(answer).values()) == {"answer"}
        assert answer["stopped"] is None
        assert len(answer["paths"]) == len(FIXED_PATHS)


def test_addresses_are_looked_up_once(lab: Lab) -> None:
    names = Names()
    lab.visit("good", names=names)
    assert names.asked == ["good.lab.example"]


def test_one_connection_at_a_time() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def counted(_path: str) -> Iterator[bytes]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        said = page(b"<script src=/a.js></script><script src=/b.js></script>")
        yield said[:-1]
        with lock:  # before the last byte: who has that may ask again at once
            now -= 1
        yield said[-1:]

    with scripted(counted) as server:
        answer = visit(site("site.example", _closed(), server.port), Names({"site.example": V4}))
    assert answer["page"] is not None
    assert len(server.requests) > 10
    assert most == 1


V4 = ("127.0.0.1",)


def _closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize("answer", [endless_header, endless_body, gzip_bomb])
def test_floods_end_in_facts(answer: Answer) -> None:
    with scripted(answer) as server:
        found = visit(site("site.example", _closed(), server.port), Names({"site.example": V4}))
    plain = found["visits"][1]
    assert plain["steps"][0]["outcome"] == ("flood" if answer is endless_header else "answered")
    if found["page"]:
        assert found["page"]["whole"] is False


@pytest.mark.parametrize("manners", list(Manners))
def test_hostile_services_end_in_facts_or_a_reason(manners: Manners) -> None:
    with hostile_tcp(manners) as service:
        target = site("site.example", service.port, service.port)
        try:
            found = visit(target, Names({"site.example": V4}), seconds=3)
        except TransportError as error:
            assert error.reason is Reason.TIMED_OUT
            assert error.mend
        else:
            assert found["page"] is None or found["page"]["scheme"] == "http"
            assert found["stopped"] in (None, "timed-out", "silent")


def test_a_server_that_falls_silent_is_left_alone() -> None:
    gone = threading.Event()

    def once(path: str) -> Iterator[bytes]:
        if path == "/":
            yield page(b"<p>hello")
        else:
            gone.set()  # and closes without a word

    with scripted(once) as server:
        found = visit(site("site.example", _closed(), server.port), Names({"site.example": V4}))
    assert gone.is_set()
    assert found["stopped"] == "silent"
    assert len(found["paths"]) == 2


def test_what_was_seen_before_the_time_was_up_is_kept() -> None:
    ended = threading.Event()

    def slow(path: str) -> Iterator[bytes]:
        if path == "/":
            yield page(b"<p>hello")
        else:
            ended.wait(20)

    with scripted(slow) as server:
        target = site("site.example", _closed(), server.port)
        found = visit(target, Names({"site.example": V4}), seconds=2)
        ended.set()
    assert found["page"] is not None
    assert found["stopped"] in ("timed-out", "silent")


def test_a_port_of_its_own_says_nothing_of_plain_http(lab: Lab) -> None:
    root = str(lab.pki.root_file)
    answer = visit(site("good.lab.example", lab.ports["good"].https, ca_file=root))
    assert answer["ports"]["http"] is None
    assert {one["scheme"] for one in answer["visits"]} == {"https"}


@pytest.mark.parametrize(
    "options",
    [
        {"allowed_hosts": "www.example.nl"},
        {"allowed_hosts": [5]},
        {"allowed_hosts": ["not a host"]},
        {"http_port": "80"},
        {"http_port": 0},
        {"http_port": True},
        {"connect_to": 5},
        {"ca_file": "/does/not/exist"},
    ],
)
def test_options_of_the_wrong_kind(options: dict[str, Any]) -> None:
    with pytest.raises(TransportError) as raised:
        visit(site("site.example", 443, **options))
    assert raised.value.reason is Reason.NOT_RUN
    assert raised.value.mend


def test_a_name_without_address() -> None:
    with pytest.raises(TransportError) as raised:
        visit(site("site.example", 443), Names({}))
    assert raised.value.reason is Reason.NAME_NOT_FOUND


def test_connect_to_is_for_the_sites_own_name(lab: Lab) -> None:
    names = Names({"inside": V4})
    answer = lab.visit("good", names=names, options={"connect_to": "inside"})
    assert ends(answer)["ipv4 https"] == "answer"
    assert names.asked == ["inside"]
