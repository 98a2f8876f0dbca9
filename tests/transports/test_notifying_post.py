"""JSON to a real HTTPS server: verified, no redirects, no proxies, no word of a secret."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from assessor.collect.https import client_context
from assessor.collect.notifying.carry import Courier, NotSent
from assessor.collect.notifying.post import HttpsCarrier, Post
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.pki import DAY, Pki
from tests.transports.notifying_support import Answer, receiver, server_context

SECRET = "T024/B024/only-who-has-this-may-post"


@pytest.fixture(name="pki", scope="module")
def _pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


def carry(
    url: str, ca_file: Path | None, waits: list[float] | None = None
) -> tuple[NotSent | None, list[int]]:
    accepted: list[int] = []
    wait = [] if waits is None else waits
    courier = Courier(HttpsCarrier(client_context(ca_file)), wait=wait.append)
    (result,) = courier.carry([Post(url, b'{"a":1}')], accepted.append)
    return result, accepted


def serve(pki: Pki, folder: Path, *answers: Answer) -> tuple[NotSent | None, int, list[float]]:
    """What comes of posting to a server that answers so, how often it was asked, the pauses."""
    waits: list[float] = []
    with receiver(server_context(pki.issue("localhost"), folder), answers) as https:
        result, _ = carry(f"{https.url}/services/{SECRET}", pki.root_file, waits)
        assert all(path == f"/services/{SECRET}" for path, _, _ in https.requests)
        assert all(body == b'{"a":1}' for _, _, body in https.requests)
    return result, len(https.requests), waits


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_accepted_post_is_sent_once(pki: Pki, tmp_path: Path, status: int) -> None:
    assert serve(pki, tmp_path, (status, {}, b"")) == (None, 1, [])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_be_accepted_later_is_tried_a_few_times(
    pki: Pki, tmp_path: Path, status: int
) -> None:
    busy: Answer = (status, {}, b"")
    assert serve(pki, tmp_path, busy, busy) == (None, 3, [2.0, 8.0])
    result, times, _ = serve(pki, tmp_path, *[busy] * 9)
    assert result == NotSent(f"the server answered {status}", again=True)
    assert times == 3


def test_a_server_may_ask_to_wait_but_not_for_ever(pki: Pki, tmp_path: Path) -> None:
    answers: Sequence[Answer] = [
        (429, {"Retry-After": "5"}, b""),
        (429, {"Retry-After": "999999"}, b""),
    ]
    assert serve(pki, tmp_path, *answers) == (None, 3, [5.0, 30.0])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_final_and_its_words_are_not_repeated(
    pki: Pki, tmp_path: Path, status: int
) -> None:
    said = f"no_service {SECRET}".encode()
    result, times, _ = serve(pki, tmp_path, (status, {}, said))
    assert result == NotSent(f"the server answered {status}")
    assert times == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(pki: Pki, tmp_path: Path, status: int) -> None:
    context = server_context(pki.issue("localhost"), tmp_path)
    with receiver(context) as elsewhere:
        result, times, _ = serve(
            pki, tmp_path, (status, {"Location": f"{elsewhere.url}/{SECRET}"}, b"")
        )
    assert result == NotSent(f"the server answered {status}: redirects are not followed")
    assert (times, elsewhere.requests) == (1, [])


def test_teams_may_accept_and_then_refuse(pki: Pki, tmp_path: Path) -> None:
    late = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned 429"
    assert serve(pki, tmp_path, (200, {}, late)) == (None, 2, [2.0])


@pytest.mark.parametrize("fault", ["other-name", "expired", "unknown-authority", "self-signed"])
def test_a_wrong_certificate_gets_nothing(pki: Pki, tmp_path: Path, fault: str) -> None:
    issued = {
        "other-name": lambda: pki.issue("hooks.other.example"),
        "expired": lambda: pki.issue("localhost", begins=-9 * DAY, ends=-DAY),
        "unknown-authority": lambda: pki.issue("localhost"),
        "self-signed": lambda: pki.self_signed("localhost"),
    }[fault]()
    with receiver(server_context(issued, tmp_path)) as https:
        result, accepted = carry(
            f"{https.url}/{SECRET}", None if fault == "unknown-authority" else pki.root_file
        )
    assert result is not None
    assert not result.again
    assert "certificate is not trusted" in result.why
    assert SECRET not in result.why
    assert (https.requests, accepted) == ([], [])


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8/x",
        "https://user:word@localhost/x",
        "https:///x",
        "https://localhost/x\r\nHost: other",
        "https://localhost:0/",
        "ftp://localhost/",
        "https://localhost/" + "x" * 3000,
        "https://[::1/x",
    ],
    ids=["http", "user", "no-host", "line-feed", "port-0", "ftp", "too-long", "bracket"],
)
def test_only_https_is_posted_to(url: str) -> None:
    result, accepted = carry(url, None)
    assert result is not None
    assert not result.again
    assert url not in result.why
    assert accepted == []


def test_proxies_and_netrc_of_the_environment_are_not_used(
    pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine localhost login jan password geheim\n")
    netrc.chmod(0o600)
    with hostile_tcp(Manners.CLOSE) as proxy:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(netrc))
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with receiver(server_context(pki.issue("localhost"), tmp_path)) as https:
            result, _ = carry(f"{https.url}/x", pki.root_file)
    assert result is None
    assert proxy.received == []
    assert "authorization" not in https.requests[0][1]


def test_the_keys_of_connections_are_written_nowhere(
    pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    with receiver(server_context(pki.issue("localhost"), tmp_path)) as https:
        assert carry(f"{https.url}/x", pki.root_file)[0] is None
    assert not log.exists()
    assert "SSLKEYLOGFILE" in os.environ


@pytest.mark.parametrize(
    "manners", [Manners.TARPIT, Manners.DRIP, Manners.TLS_FLOOD, Manners.GARBAGE, Manners.RESET]
)
def test_a_server_that_never_ends_is_left_in_time(pki: Pki, manners: Manners) -> None:
    post = Post("", b"{}")
    with hostile_tcp(manners) as server:
        post = Post(f"https://localhost:{server.port}/{SECRET}", b"{}")
        carrier = HttpsCarrier(client_context(pki.root_file))
        (result,) = carrier.attempt([post], 1.0, lambda _: None)
    assert result is not None
    assert result.again
    assert SECRET not in f"{result} {post!r}"
    assert all(SECRET.encode() not in heard for heard in server.received)
