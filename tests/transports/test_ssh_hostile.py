"""Servers that hang, drop, flood or lie cost their own time at most, and nothing is lost."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from paramiko.common import AUTH_SUCCESSFUL
from paramiko.server import InteractiveQuery

from assessor.collect.transports.base import Deadline, Script
from assessor.collect.transports.ssh import SshLimits
from assessor.errors import TransportError
from assessor.model.capture import Reason
from tests.lab.servers import make_key
from tests.lab.sshd import Ending, LabHost, SshLab
from tests.transports.ssh_support import (
    SAY_END,
    Collected,
    FixedSecrets,
    FloodError,
    refusal,
    target_of,
    transport,
)

QUICK = SshLimits(connect_s=1, greet_s=1, login_s=5, channel_s=5)
ANSWER = b"printf '%01000d\\n' 7; "  # 1001 bytes


def _run(
    host: LabHost,
    script: bytes = SAY_END,
    *,
    seconds: float = 20.0,
    limits: SshLimits = QUICK,
    most: int = 1 << 20,
) -> tuple[Collected, TransportError]:
    sink = Collected(most=most)
    with transport(FixedSecrets({}), limits=limits) as ssh, pytest.raises(TransportError) as raised:
        ssh.run(target_of(host, {}), [Script(script)], sink, Deadline.after(seconds))
    return sink, raised.value


def test_a_server_that_never_speaks_is_given_up(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.host("silent"))

    assert error.reason is Reason.TIMED_OUT
    assert "greeting" in error.detail


def test_the_deadline_holds_before_the_limit_of_a_step(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.host("silent"), seconds=0.5, limits=SshLimits(greet_s=500))

    assert error.reason is Reason.DEADLINE


def test_a_server_that_closes_at_once_is_told(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.host("closes"))

    assert error.reason is Reason.DROPPED


@pytest.mark.parametrize("kind", ["chatter", "endless-line"])
def test_what_is_no_ssh_server_is_told(ssh_lab: SshLab, kind: str) -> None:
    _, error = _run(ssh_lab.host(kind), limits=SshLimits(greet_s=60))

    assert error.reason is Reason.PROTOCOL


def test_a_packet_of_an_absurd_length_is_refused(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.host("huge-packet"), limits=SshLimits(greet_s=60))

    assert error.reason is Reason.PROTOCOL
    assert "length" in error.detail


def test_a_server_without_common_cryptography_is_told(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.host("chacha"))

    assert error.reason is Reason.PROTOCOL
    assert "no acceptable ciphers" in error.detail


def test_a_server_that_opens_no_session_is_told(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.host("no-session"))

    assert error.reason is Reason.SHELL_REFUSED


def test_a_port_where_nobody_listens_is_told(ssh_lab: SshLab) -> None:
    host = replace(ssh_lab.host("bash"), address="127.0.0.77")

    _, error = _run(host)

    assert error.reason is Reason.UNREACHABLE


def test_a_name_that_does_not_exist_is_told(ssh_lab: SshLab) -> None:
    _, error = _run(replace(ssh_lab.host("bash"), address="no-such-host.invalid"))

    assert error.reason in {Reason.NAME_NOT_FOUND, Reason.TIMED_OUT}


def test_a_session_that_never_answers_ends_at_the_deadline(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.host("hangs"), seconds=2.0)

    assert error.reason is Reason.DEADLINE
    assert "waiting for the answers" in error.detail


def test_a_dropped_connection_keeps_what_came_before(ssh_lab: SshLab) -> None:
    host = ssh_lab.cut(Ending.HANG, after=1001)
    sink = Collected(most=1 << 20)

    def cut() -> None:
        if sink.arrived.wait(30):
            ssh_lab.kill_sessions(host)

    cutting = threading.Thread(target=cut)
    cutting.start()
    with transport(FixedSecrets({})) as ssh, pytest.raises(TransportError) as raised:
        ssh.run(target_of(host, {}), [Script(ANSWER + ANSWER + SAY_END)], sink, Deadline.after(60))
    cutting.join()

    assert raised.value.reason is Reason.DROPPED
    assert len(sink.out) == 1001


def test_a_connection_that_drops_by_itself_is_told(ssh_lab: SshLab) -> None:
    _, error = _run(ssh_lab.cut(Ending.DROP, after=1001), ANSWER + ANSWER + SAY_END)

    assert error.reason is Reason.DROPPED


def test_a_hang_keeps_what_came_before(ssh_lab: SshLab) -> None:
    sink, error = _run(ssh_lab.cut(Ending.HANG, after=1001), ANSWER + ANSWER + SAY_END, seconds=2.0)

    assert error.reason is Reason.DEADLINE
    assert len(sink.out) == 1001


def test_a_flood_ends_when_the_sink_has_had_enough(ssh_lab: SshLab) -> None:
    host = ssh_lab.cut(Ending.FLOOD, after=10)
    sink = Collected(most=1_000_000)

    with transport(FixedSecrets({})) as ssh, pytest.raises(FloodError):
        ssh.run(target_of(host, {}), [Script(ANSWER + SAY_END)], sink, Deadline.after(60))

    # Nothing but what was under way is taken after the sink has said no.
    assert len(sink.out) <= 1_000_000 + 65_536


def test_a_server_that_does_not_read_its_input_is_given_up(ssh_lab: SshLab) -> None:
    script = b"# " + b"x" * 20_000_000 + b"\n"

    _, error = _run(ssh_lab.host("hangs"), script, seconds=3.0)

    assert error.reason is Reason.DEADLINE


class _Parrot(paramiko.ServerInterface):
    """Asks for the password, and then says it back in the next question and when it hangs up."""

    def get_allowed_auths(self, username: str) -> str:
        return "keyboard-interactive"

    def check_auth_interactive(self, username: str, submethods: str) -> InteractiveQuery:
        return InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
        return InteractiveQuery("", "", (f"Did you say {responses[0]}? ", True))


class _Open(paramiko.ServerInterface):
    """Lets everybody in without anything, takes no key, and gives no shell."""

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_none(self, username: str) -> int:
        return AUTH_SUCCESSFUL


def _refused_by(
    manners: paramiko.ServerInterface, folder: Path, *, identity_file: Path | None = None
) -> TransportError:
    """What a server with these manners makes of a log-in."""
    key = paramiko.ECDSAKey.generate()
    known = folder / "known"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address, port = listening.getsockname()
        known.write_text(f"[{address}]:{port} {key.get_name()} {key.get_base64()}\n")
        host = LabHost(
            "paramiko", address, port, "admin", identity_file, known, password="hunter2-secret"
        )
        with ThreadPoolExecutor(1) as pool:
            told = pool.submit(refusal, host)
            peer, _ = listening.accept()
            server = paramiko.Transport(peer)
            server.add_server_key(key)
            # With an event it does not wait: whoever came may be gone before it has looked.
            server.start_server(event=threading.Event(), server=manners)
            error = told.result(30)
            server.close()
    return error


def test_a_server_that_says_the_password_back_does_not_get_it_into_a_message(
    tmp_path: Path,
) -> None:
    error = _refused_by(_Parrot(), tmp_path)

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert '"Did you say ***?", which is not understood' in error.detail
    assert "hunter2" not in f"{error!r} {error.detail} {error.mend}"


def test_who_needs_nothing_to_come_in_comes_in_though_a_key_is_named(tmp_path: Path) -> None:
    error = _refused_by(_Open(), tmp_path, identity_file=make_key(tmp_path / "id"))

    assert error.reason is Reason.SHELL_REFUSED


@pytest.mark.parametrize("kind", ["silent", "hangs"])
def test_an_interrupted_run_leaves_every_wait_soon(ssh_lab: SshLab, kind: str) -> None:
    abandoned = threading.Event()
    ended = threading.Event()
    errors: list[TransportError] = []
    host = ssh_lab.host(kind)

    def collect() -> None:
        with transport(FixedSecrets({}), abandoned=abandoned, limits=SshLimits()) as ssh:
            try:
                ssh.run(target_of(host, {}), [Script(SAY_END)], Collected(), Deadline.after(100))
            except TransportError as error:
                errors.append(error)
        ended.set()

    thread = threading.Thread(target=collect)
    thread.start()
    # Interrupted at whatever step it has reached by then; without the watch it would take 100 s.
    ended.wait(0.5)
    abandoned.set()

    thread.join(30)
    assert not thread.is_alive()
    assert [error.reason for error in errors] == [Reason.INTERRUPTED]


def test_a_hanging_host_costs_the_others_nothing(ssh_lab: SshLab) -> None:
    good, bad = ssh_lab.host("bash"), ssh_lab.host("hangs")
    stop = threading.Event()
    with transport(FixedSecrets({}), abandoned=stop) as ssh:

        def hang() -> None:
            with pytest.raises(TransportError):
                ssh.run(target_of(bad, {}), [Script(SAY_END)], Collected(), Deadline.after(100))

        waiting = threading.Thread(target=hang)
        waiting.start()
        sink = Collected()
        ssh.run(target_of(good, {}), [Script(SAY_END)], sink, Deadline.after(30))
        still_hanging = waiting.is_alive()
        stop.set()
        waiting.join(30)

    assert sink.finished
    assert still_hanging


def test_nothing_is_left_behind_after_a_run(ssh_lab: SshLab) -> None:
    before = set(threading.enumerate())
    for kind in ("bash", "silent", "closes", "changed"):
        with transport(FixedSecrets({}), limits=QUICK) as ssh:
            try:
                ssh.run(
                    target_of(ssh_lab.host(kind), {}),
                    [Script(SAY_END)],
                    Collected(),
                    Deadline.after(20),
                )
            except TransportError:
                continue

    until = time.monotonic() + 20
    while (left := _ours() - before) and time.monotonic() < until:
        next(iter(left)).join(0.1)
    assert left == set()


def _ours() -> set[threading.Thread]:
    # The lab's own hostile servers run in this process too.
    return {thread for thread in threading.enumerate() if "(" not in thread.name}
