"""Every way in which WinRM fails: a reason, what to do on the Windows side, and never a hang."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from assessor.collect.transports.winrm import WinrmLimits
from assessor.model.capture import Reason
from assessor.model.target import WinrmLogin
from tests.lab.hostile_tcp import Manners as TcpManners
from tests.lab.hostile_tcp import hostile_tcp
from tests.lab.pki import DAY, Pki
from tests.lab.powershell import Call, Said, asked_by, frames
from tests.lab.wsman import OPERATION_TIMED_OUT, FaultError, Manners, wsman
from tests.transports.winrm_support import Outcome, asked, script, windows_target

OPERATIONS = ["Create", "Command", "Send", "Receive"]
ACCESS_DENIED = FaultError(5, "w:AccessDenied", "Toegang geweigerd.")
QUOTA = FaultError(2150859173, "w:QuotaLimit", "De WS-Management-service kan niet voldoen.")
SLACK_S = 5
"""What ending threads and connections may take besides on a busy machine."""


@pytest.fixture(name="pki")
def _pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path)


def echo(call: Call) -> Said:
    return Said(call.text)


def seen_with(tmp_path: Path, pki: Pki, manners: Manners, **more: object) -> Outcome:
    """What a server with such manners is seen to be; within 6 seconds."""
    with wsman(tmp_path, echo, issued=pki.issue("localhost"), manners=manners) as windows:
        seen = asked(windows_target(windows, pki), script("a"), seconds=6, **more)  # type: ignore[arg-type]
    assert seen.seconds < 6 + SLACK_S
    return seen


@pytest.mark.parametrize("login", [WinrmLogin.NTLM, WinrmLogin.BASIC])
def test_a_wrong_password_is_offered_once(tmp_path: Path, pki: Pki, login: WinrmLogin) -> None:
    manners = Manners(login=login.value)
    with wsman(tmp_path, echo, issued=pki.issue("localhost"), manners=manners) as windows:
        target = windows_target(windows, pki, login=login)
        seen = asked(target, script("a"), password="something else")
    assert seen.why().reason is Reason.AUTHENTICATION_FAILED
    assert f"Auth\\{'Negotiate' if login is WinrmLogin.NTLM else 'Basic'}" in seen.why().mend
    assert windows.operations == []
    assert windows.exchanges <= 3


@pytest.mark.parametrize("login", [WinrmLogin.NTLM, WinrmLogin.BASIC])
def test_a_server_that_lets_nobody_in(tmp_path: Path, pki: Pki, login: WinrmLogin) -> None:
    with wsman(
        tmp_path, echo, issued=pki.issue("localhost"), manners=Manners(login="never")
    ) as windows:
        seen = asked(windows_target(windows, pki, login=login), script("a"))
    assert seen.why().reason is Reason.AUTHENTICATION_FAILED
    assert windows.exchanges <= 3


def test_a_certificate_that_the_server_does_not_know(tmp_path: Path, pki: Pki) -> None:
    (tmp_path / "other").mkdir()
    mine = Pki(tmp_path / "other").issue("client")
    (tmp_path / "mine.pem").write_bytes(mine.chain_pem)
    (tmp_path / "mine.key").write_bytes(mine.key_pem)
    with wsman(
        tmp_path,
        echo,
        issued=pki.issue("localhost"),
        manners=Manners(login="certificate"),
        clients=pki,
    ) as windows:
        target = windows_target(
            windows,
            pki,
            login=WinrmLogin.CERTIFICATE,
            user=None,
            certificate=(str(tmp_path / "mine.pem"), str(tmp_path / "mine.key")),
        )
        seen = asked(target, script("a"))
    assert seen.why().reason in {Reason.AUTHENTICATION_FAILED, Reason.DROPPED}
    assert windows.operations == []


def test_files_that_are_no_certificates(tmp_path: Path, pki: Pki) -> None:
    (tmp_path / "mine.pem").write_text("no certificate")
    for files in [("/nonexistent.pem", "/nonexistent.key"), (str(tmp_path / "mine.pem"),) * 2]:
        target = windows_target(
            1, pki, login=WinrmLogin.CERTIFICATE, user=None, certificate=(files[0], files[1])
        )
        assert asked(target, script("a")).why().reason is Reason.SECRET_MISSING


@pytest.mark.parametrize(
    ("address", "ends", "trusted", "said", "mend"),
    [
        ("localhost", -DAY / 2, True, "has expired", "renew it"),
        ("127.0.0.1", DAY, True, "not made out to 127.0.0.1", "the name that it bears"),
        ("localhost", DAY, False, "cannot be trusted", "ca_file"),
    ],
    ids=["expired", "wrong-name", "unknown-authority"],
)
def test_certificates_that_prove_nothing(
    tmp_path: Path, pki: Pki, address: str, ends: object, trusted: bool, said: str, mend: str
) -> None:
    issued = pki.issue("localhost", ends=ends)  # type: ignore[arg-type]
    with wsman(tmp_path, echo, issued=issued) as windows:
        target = windows_target(windows, pki if trusted else None, address=address)
        seen = asked(target, script("a"))
    assert seen.why().reason is Reason.CERTIFICATE_REFUSED
    assert said in seen.why().detail
    assert mend in seen.why().mend
    assert windows.exchanges == 0


def test_a_self_signed_certificate_may_be_what_is_trusted(tmp_path: Path, pki: Pki) -> None:
    issued = pki.self_signed("localhost")
    pki.root_file.write_bytes(issued.chain_pem)
    with wsman(tmp_path, echo, issued=issued) as windows:
        assert asked(windows_target(windows, pki), script("a")).text("a") == "'a'"


def test_http_where_https_is_due(tmp_path: Path, pki: Pki) -> None:
    with wsman(tmp_path, echo) as windows:
        seen = asked(windows_target(windows, pki), script("a"))
    assert "does not speak TLS" in seen.why().detail
    assert "HTTPS listener" in seen.why().mend
    assert windows.exchanges == 0


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("fault", "reason", "mend"),
    [
        (ACCESS_DENIED, Reason.SHELL_REFUSED, "RootSDDL"),
        (QUOTA, Reason.SHELL_REFUSED, "quota"),
        (FaultError(2150858770, "w:InternalError", "Er is iets."), Reason.PROTOCOL, "helpmsg"),
    ],
    ids=["denied", "quota", "other"],
)
def test_faults(
    tmp_path: Path, pki: Pki, operation: str, fault: FaultError, reason: Reason, mend: str
) -> None:
    seen = seen_with(tmp_path, pki, Manners(faults={operation: fault}))
    assert seen.why().reason is reason
    assert fault.reason in seen.why().detail
    assert mend in seen.why().mend


@pytest.mark.parametrize("operation", ["Create", "Command", "Send"])
def test_an_operation_time_out_where_nothing_is_waited_for(
    tmp_path: Path, pki: Pki, operation: str
) -> None:
    timed_out = FaultError(OPERATION_TIMED_OUT, "w:TimedOut", "Te laat.")
    seen = seen_with(tmp_path, pki, Manners(faults={operation: timed_out}))
    assert seen.why().reason is Reason.TIMED_OUT


def test_operation_time_outs_without_end_end_at_the_deadline(tmp_path: Path, pki: Pki) -> None:
    timed_out = FaultError(OPERATION_TIMED_OUT, "w:TimedOut", "Te laat.")
    with wsman(
        tmp_path,
        echo,
        issued=pki.issue("localhost"),
        manners=Manners(faults={"Receive": timed_out}),
    ) as windows:
        seen = asked(windows_target(windows, pki), script("a"), seconds=4)
    assert seen.kept["a"].reason is Reason.DEADLINE  # type: ignore[union-attr]
    assert seen.seconds < 4 + SLACK_S
    assert windows.closed.is_set()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_dropped_connections(tmp_path: Path, pki: Pki, operation: str) -> None:
    assert (
        seen_with(tmp_path, pki, Manners(drop=frozenset({operation}))).why().reason
        is Reason.DROPPED
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_half_an_answer(tmp_path: Path, pki: Pki, operation: str) -> None:
    assert (
        seen_with(tmp_path, pki, Manners(half=frozenset({operation}))).why().reason
        is Reason.DROPPED
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_hang_ends_at_the_deadline_and_the_shell_is_closed(
    tmp_path: Path, pki: Pki, operation: str
) -> None:
    manners = Manners(hang=frozenset({operation}))
    with wsman(tmp_path, echo, issued=pki.issue("localhost"), manners=manners) as windows:
        seen = asked(windows_target(windows, pki), script("a"), seconds=4)
        assert windows.shells == {}
    assert seen.kept["a"].reason is Reason.DEADLINE  # type: ignore[union-attr]
    assert seen.seconds < 4 + SLACK_S


def test_a_step_that_hangs_ends_before_the_deadline(tmp_path: Path, pki: Pki) -> None:
    limits = WinrmLimits(connect_s=1, step_s=1, receive_s=1)
    seen = seen_with(tmp_path, pki, Manners(hang=frozenset({"Create"})), limits=limits)
    assert seen.kept["a"].reason is Reason.TIMED_OUT  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body", [b"", b"\xff\x00garbage", b"<html/>", b"<a>" * 50_000, b"{}"], ids=range(5)
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_strange_bodies(tmp_path: Path, pki: Pki, operation: str, body: bytes) -> None:
    seen = seen_with(tmp_path, pki, Manners(body={operation: body}))
    # What a Send is answered with says nothing to pywinrm, nor does an empty document.
    if seen.gap is not None:
        assert seen.gap.reason in {Reason.PROTOCOL, Reason.DEADLINE}
        assert seen.kept["a"].reason is seen.gap.reason  # type: ignore[union-attr]
    else:
        assert operation == "Send"


@pytest.mark.parametrize("operation", ["Create", "Receive"])
def test_an_answer_of_100_mb(tmp_path: Path, pki: Pki, operation: str) -> None:
    seen = seen_with(tmp_path, pki, Manners(body={operation: b"x" * 100_000_000}))
    assert seen.why().reason is Reason.PROTOCOL
    assert "far more" in seen.why().detail


@pytest.mark.parametrize("status", [404, 503])
def test_other_statuses(tmp_path: Path, pki: Pki, status: int) -> None:
    seen = seen_with(tmp_path, pki, Manners(status={"Create": status}))
    assert seen.why().reason is Reason.PROTOCOL


@pytest.mark.parametrize(
    ("operation", "status", "times"),
    [("Create", 503, 3), ("Create", 404, 1), ("Create", 401, 1), ("Command", 503, 1)],
)
def test_a_service_that_is_not_available_yet_is_tried_again_before_it_has_a_shell_of_ours(
    tmp_path: Path, pki: Pki, operation: str, status: int, times: int
) -> None:
    manners = Manners(status={operation: status})
    with wsman(tmp_path, echo, issued=pki.issue("localhost"), manners=manners) as windows:
        asked(windows_target(windows, pki), script("a"), retries=2)
    assert windows.operations.count(operation) == times


def noise(stdin: bytes) -> Iterable[bytes]:
    return itertools.repeat(b"x" * 50_000, 2000)


def lines(stdin: bytes) -> Iterable[bytes]:
    return itertools.repeat(b"what is this?\r\n" * 3000, 2200)


def pieces(stdin: bytes) -> Iterable[bytes]:
    first = list(itertools.islice(frames(asked_by(stdin), echo), 3))
    return itertools.chain(first, itertools.repeat(first[-1], 1_000_000))


def endless_frame(stdin: bytes) -> Iterable[bytes]:
    mark = asked_by(stdin).mark.encode()
    return itertools.chain([b"\n" + mark + b" H "], itertools.repeat(b"A" * 50_000, 2000))


@pytest.mark.parametrize("output", [noise, lines, pieces, endless_frame])
def test_100_mb_of_output_are_not_waited_for(tmp_path: Path, pki: Pki, output: object) -> None:
    with wsman(
        tmp_path,
        output=output,  # type: ignore[arg-type]
        issued=pki.issue("localhost"),
    ) as windows:
        seen = asked(windows_target(windows, pki), script("a", limit_bytes=10_000))
    assert seen.missing("a").reason is Reason.PROTOCOL
    assert windows.operations.count("Receive") < 200
    assert windows.closed.is_set()


@pytest.mark.parametrize("manners", list(TcpManners), ids=lambda manners: manners.name)
def test_what_is_no_winrm_at_all(pki: Pki, manners: TcpManners) -> None:
    with hostile_tcp(manners) as service:
        seen = asked(windows_target(service.port, pki), script("a"), seconds=3)
    assert seen.seconds < 3 + SLACK_S
    assert seen.kept["a"].reason in {  # type: ignore[union-attr]
        Reason.PROTOCOL,
        Reason.DROPPED,
        Reason.DEADLINE,
        Reason.UNREACHABLE,  # a reset may come before we know that we were connected
    }


def test_a_service_that_sends_us_elsewhere_is_not_followed(tmp_path: Path, pki: Pki) -> None:
    (tmp_path / "other").mkdir()
    with wsman(tmp_path / "other", echo, issued=pki.issue("localhost")) as other:
        seen = seen_with(tmp_path, pki, Manners(elsewhere=f"https://localhost:{other.port}/wsman"))
    assert seen.why().reason is Reason.PROTOCOL
    assert "elsewhere" in seen.why().detail
    assert other.exchanges == 0


def test_nobody_there(pki: Pki) -> None:
    with hostile_tcp(TcpManners.CLOSE) as service:
        port = service.port
    assert asked(windows_target(port, pki), script("a")).why().reason is Reason.UNREACHABLE
