"""E-mail to a real SMTP server: over verified TLS or not at all, bounded, and no secret told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from assessor.collect.https import client_context
from assessor.collect.notifying.carry import Courier, NotSent, Patience
from assessor.collect.notifying.smtp import Letter, SmtpCarrier
from assessor.errors import UsageError
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.pki import DAY, Pki
from tests.transports.notifying_support import mail_server, server_context, talker

USER, WORD = "assess", "geheim-van-de-bakker"


@pytest.fixture(name="pki", scope="module")
def _pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


def letter(
    recipient: str = "jan@bakker.example", size: int = 0, *, lighter: bool = False
) -> Letter:
    text = b"Subject: Bericht\r\nTo: x@y.example\r\n\r\n"
    heavy = text + b"\r\n".join(b"." + b"x" * 70 for _ in range(size // 72)) + b"\r\nzwaar\r\n"
    light = text + b"licht\r\n" if lighter else None
    return Letter("assess@bakker.example", recipient, heavy, light)


def carrier(
    port: int, pki: Pki | None, *, implicit: bool = False, login: bool = False
) -> SmtpCarrier:
    context = client_context(pki.root_file if pki else None)
    user, word = (USER, WORD) if login else ("", "")
    return SmtpCarrier("localhost", port, implicit, context, user, word)


def attempt(
    carrier: SmtpCarrier, *letters: Letter, seconds: float = 20.0
) -> tuple[Sequence[NotSent | None], list[int]]:
    accepted: list[int] = []
    return carrier.attempt(list(letters) or [letter()], seconds, accepted.append), accepted


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
def test_a_letter_arrives_over_tls_after_a_log_in(
    pki: Pki, tmp_path: Path, *, implicit: bool
) -> None:
    context = server_context(pki.issue("localhost"), tmp_path)
    with mail_server(context, implicit=implicit, login=(USER, WORD)) as server:
        results, accepted = attempt(
            carrier(server.port, pki, implicit=implicit, login=True),
            letter("jan@bakker.example"),
            letter("piet@bakker.example"),
        )

    assert results == [None, None]
    assert accepted == [0, 1]
    assert [to for to, _, _ in server.letters] == [["jan@bakker.example"], ["piet@bakker.example"]]
    assert implicit or all(tls for _, _, tls in server.letters)
    assert server.logins == [(USER, WORD)]


def test_a_server_without_starttls_hears_nothing_but_a_greeting() -> None:
    """Whoever sits in between and takes STARTTLS away gets neither mail nor password."""
    answers = [b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n"]
    with talker(b"220 mail.example\r\n", answers) as server:
        results, accepted = attempt(carrier(server.port, None, login=True))

    (result,) = results
    assert result is not None
    assert not result.again
    assert "no STARTTLS" in result.why
    assert accepted == []
    assert [line.strip().upper() for line in server.heard] == [b"EHLO [127.0.0.1]"]


def test_the_greeting_names_neither_this_machine_nor_its_address(pki: Pki) -> None:
    import socket

    with talker(b"220 mail.example\r\n", [b"250 mail.example\r\n"]) as server:
        attempt(carrier(server.port, pki))
    assert socket.gethostname().encode() not in b"".join(server.heard)


def test_what_is_said_in_clear_behind_starttls_counts_for_nothing(pki: Pki) -> None:
    answers = [
        b"250-mail.example\r\n250 STARTTLS\r\n",
        b"220 go on\r\n250-mail.example\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 OK\r\n250 OK\r\n",
    ]
    with talker(b"220 mail.example\r\n", answers) as server:
        results, accepted = attempt(carrier(server.port, pki, login=True), seconds=3.0)
    assert results[0] is not None
    assert accepted == []
    assert WORD.encode() not in b"".join(server.heard)
    assert b"MAIL FROM" not in b"".join(server.heard).upper()


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["other-name", "expired", "unknown-authority", "self-signed"])
def test_a_wrong_certificate_gets_nothing(
    pki: Pki, tmp_path: Path, fault: str, *, implicit: bool
) -> None:
    issued = {
        "other-name": lambda: pki.issue("mail.other.example"),
        "expired": lambda: pki.issue("localhost", begins=-9 * DAY, ends=-DAY),
        "unknown-authority": lambda: pki.issue("localhost"),
        "self-signed": lambda: pki.self_signed("localhost"),
    }[fault]()
    trusted = None if fault == "unknown-authority" else pki
    with mail_server(server_context(issued, tmp_path), implicit=implicit) as server:
        results, _ = attempt(carrier(server.port, trusted, implicit=implicit, login=True))

    (result,) = results
    assert result is not None
    assert not result.again, "a wrong certificate does not become right by trying again"
    assert "certificate is not trusted" in result.why
    assert server.letters == []
    assert server.logins == []


def test_a_refused_log_in_is_not_tried_again_and_tells_no_secret(
    pki: Pki, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    context = server_context(pki.issue("localhost"), tmp_path)
    with mail_server(context, login=(USER, "another word")) as server:
        post = carrier(server.port, pki, login=True)
        (result,) = Courier(post, wait=waits.append).carry([letter()], lambda _: None)

    assert result is not None
    assert "log-in" in result.why
    assert waits == []
    assert {word for _, word in server.logins} == {WORD}
    printed = capfd.readouterr()
    assert WORD not in f"{printed} {result} {post!r}"
    assert server.letters == []


def test_a_greylisted_recipient_is_tried_again_and_the_other_is_not_told_twice(
    pki: Pki, tmp_path: Path
) -> None:
    waits: list[float] = []
    accepted: list[int] = []
    with mail_server(server_context(pki.issue("localhost"), tmp_path)) as server:
        server.refusals = ["450 4.2.0 come back later"]
        results = Courier(carrier(server.port, pki), wait=waits.append).carry(
            [letter("jan@bakker.example"), letter("piet@bakker.example")], accepted.append
        )

    assert results == (None, None)
    assert accepted == [1, 0]
    assert waits == [Patience().pauses[0]]
    assert [to for to, _, _ in server.letters] == [["piet@bakker.example"], ["jan@bakker.example"]]


def test_an_unknown_recipient_is_told_of_and_costs_the_other_nothing(
    pki: Pki, tmp_path: Path
) -> None:
    with mail_server(server_context(pki.issue("localhost"), tmp_path)) as server:
        server.refusals = ["550 5.1.1 no such user as geheim"]
        results, accepted = attempt(
            carrier(server.port, pki), letter("nobody@bakker.example"), letter()
        )
    assert results[0] == NotSent("the server refused this recipient (550)")
    assert results[1] is None
    assert accepted == [1]


def test_a_message_that_is_too_large_goes_without_its_attachment(pki: Pki, tmp_path: Path) -> None:
    context = server_context(pki.issue("localhost"), tmp_path)
    with mail_server(context, largest=20_000) as server:
        results, _ = attempt(carrier(server.port, pki), letter(size=50_000, lighter=True))
        assert results == [None]
        server.data_answers = ["552 5.3.4 too large"]
        results, _ = attempt(carrier(server.port, pki), letter(size=10_000, lighter=True))
        assert results == [None]
        server.data_answers = ["552 5.3.4 too large"]
        (result,), _ = attempt(carrier(server.port, pki), letter(size=10_000))
    assert [message.get_content().strip() for _, message, _ in server.letters] == ["licht"] * 2
    assert result == NotSent("the server refused it (552)")


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize(
    "manners", [Manners.TARPIT, Manners.DRIP, Manners.FLOOD, Manners.TLS_FLOOD, Manners.GARBAGE]
)
def test_a_server_that_never_ends_is_left_in_time(
    pki: Pki, manners: Manners, *, implicit: bool
) -> None:
    with hostile_tcp(manners) as server:
        results, _ = attempt(carrier(server.port, pki, implicit=implicit, login=True), seconds=1.0)
    assert results[0] is not None
    assert all(WORD.encode() not in heard for heard in server.received)


def test_an_endless_answer_of_many_lines_is_cut_off(pki: Pki) -> None:
    endless = b"250-" + b"x" * 1000 + b"\r\n"
    with talker(b"220 mail.example\r\n", [endless * 1000]) as server:
        results, _ = attempt(carrier(server.port, pki), seconds=30.0)
    assert results == [NotSent("the server broke the connection", again=True)]


def test_a_file_without_certificates_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    for text in (None, "", "no certificate\n"):
        if text is not None:
            empty.write_text(text)
        with pytest.raises(UsageError, match=r"ca\.pem"):
            client_context(empty)


def test_nothing_is_tried_for_longer_than_it_may_take() -> None:
    """The clock stands still but for the pauses."""
    now = [0.0]
    tries: list[float] = []

    class Never:
        def attempt(
            self, parcels: Sequence[str], seconds: float, accepted: object
        ) -> Sequence[NotSent | None]:
            tries.append(seconds)
            now[0] += seconds
            return [NotSent("not now", again=True, wait_s=7.0)] * len(parcels)

    def wait(seconds: float) -> None:
        now[0] += seconds

    patience = Patience(pauses=(2.0, 8.0, 8.0), attempt_s=30.0, whole_s=60.0)
    results = Courier(Never(), patience, wait, lambda: now[0]).carry(["a"], lambda _: None)

    assert results == (NotSent("not now", again=True, wait_s=7.0),)
    assert tries == [30.0, 23.0]
    assert now[0] <= 60.0
