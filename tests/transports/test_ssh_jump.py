"""Targets behind jump hosts, in a network that only the jump host reaches."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from assessor.collect.transports.base import Deadline, Script
from assessor.errors import TransportError
from assessor.model.capture import Reason
from tests.lab.sshd import LabHost, SshLab
from tests.transports.ssh_support import (
    SAY_END,
    Collected,
    FixedSecrets,
    refusal,
    run_on,
    target_of,
    transport,
)


def _log_ins(host: LabHost) -> int:
    assert host.server is not None
    return host.server.log.read_text().count(f"Accepted publickey for {host.user}")


def test_the_target_is_reached_through_the_jump_host_only(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("behind")
    with pytest.raises(OSError), socket.create_connection((host.address, host.port), timeout=5):
        pass

    assert run_on(host, b"id -un\n").out.splitlines()[0] == host.user.encode()


def test_a_chain_of_jump_hosts(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("behind-two")
    assert len(host.jump) == 2

    assert run_on(host, b"id -un\n").out.splitlines()[0] == host.user.encode()


def test_all_targets_share_one_connection_to_the_jump_host(ssh_lab: SshLab) -> None:
    host, jump = ssh_lab.host("behind"), ssh_lab.host("jump")
    before = _log_ins(jump)
    sinks = [Collected() for _ in range(6)]

    with transport(FixedSecrets({})) as ssh, ThreadPoolExecutor(6) as pool:
        list(
            pool.map(
                lambda sink: ssh.run(
                    target_of(host, {}), [Script(SAY_END)], sink, Deadline.after(60)
                ),
                sinks,
            )
        )

    assert all(sink.finished for sink in sinks)
    assert _log_ins(jump) - before == 1


def test_a_jump_host_that_died_is_entered_once_more(ssh_lab: SshLab) -> None:
    host, jump = ssh_lab.host("behind"), ssh_lab.host("jump")
    before = _log_ins(jump)
    with transport(FixedSecrets({})) as ssh:
        ssh.run(target_of(host, {}), [Script(SAY_END)], Collected(), Deadline.after(30))
        ssh_lab.kill_sessions(jump)
        sink = Collected()
        ssh.run(target_of(host, {}), [Script(SAY_END)], sink, Deadline.after(30))

    assert sink.finished
    assert _log_ins(jump) - before == 2


def test_the_connection_to_the_jump_host_ends_with_the_run(ssh_lab: SshLab) -> None:
    host, jump = ssh_lab.host("behind"), ssh_lab.host("jump")
    with transport(FixedSecrets({})) as ssh:
        ssh.run(target_of(host, {}), [Script(SAY_END)], Collected(), Deadline.after(30))
        assert ssh_lab.sessions(jump) > 0

    ssh_lab.wait_for_no_session(jump)


@pytest.mark.parametrize(
    ("content", "reason"), [("", Reason.HOST_KEY_UNKNOWN), ("changed", Reason.HOST_KEY_CHANGED)]
)
def test_the_jump_hosts_key_is_checked_too(
    ssh_lab: SshLab, tmp_path: Path, content: str, reason: Reason
) -> None:
    host, jump = ssh_lab.host("behind"), ssh_lab.host("jump")
    known = tmp_path / "known"
    if content:
        other = ssh_lab.host("bash").known_hosts.read_text().split(None, 1)[1]
        content = f"[{jump.address}]:{jump.port} {other}"
    known.write_text(content)

    error = refusal(replace(host, known_hosts=known))

    assert error.reason is reason
    assert jump.address in error.detail


def test_the_key_of_a_target_behind_is_checked_by_its_own_name(
    ssh_lab: SshLab, tmp_path: Path
) -> None:
    host, jump = ssh_lab.host("behind"), ssh_lab.host("jump")
    known = tmp_path / "known"
    known.write_text(jump.known_hosts.read_text())

    error = refusal(replace(host, known_hosts=known))

    assert error.reason is Reason.HOST_KEY_UNKNOWN
    assert f"[{host.address}]:{host.port}" in error.detail


def test_a_jump_host_that_does_not_forward_is_told(ssh_lab: SshLab, tmp_path: Path) -> None:
    host, stubborn = ssh_lab.host("bash"), ssh_lab.host("no-forward")
    through = f"{stubborn.user}@{stubborn.address}:{stubborn.port}"

    error = refusal(replace(host, jump=(through,)))

    assert error.reason is Reason.UNREACHABLE
    assert "AllowTcpForwarding" in error.mend


def test_a_target_that_the_jump_host_cannot_reach_is_told(ssh_lab: SshLab) -> None:
    host = replace(ssh_lab.host("behind"), address="127.0.0.99")

    error = refusal(host)

    assert error.reason is Reason.UNREACHABLE
    assert "cannot be reached from jump host" in error.detail


def test_no_password_of_a_target_is_given_to_a_jump_host(ssh_lab: SshLab) -> None:
    host, gate = ssh_lab.host("bash"), ssh_lab.host("password")
    through = f"{gate.user}@{gate.address}:{gate.port}"
    both = ssh_lab.known_together(host, gate)

    error = refusal(replace(host, jump=(through,), known_hosts=both))

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert "not given to a jump host" in error.detail


def test_a_jump_host_that_refuses_is_asked_once_for_all_targets(
    ssh_lab: SshLab, tmp_path: Path
) -> None:
    host, gate = ssh_lab.host("bash"), ssh_lab.host("password")
    through = f"{gate.user}@{gate.address}:{gate.port}"
    both = ssh_lab.known_together(host, gate)
    target = target_of(replace(host, jump=(through,), known_hosts=both), {})
    assert gate.server is not None
    before = gate.server.log.read_text().count("Connection from")

    with transport(FixedSecrets({})) as ssh:
        for _ in range(3):
            with pytest.raises(TransportError):
                ssh.run(target, [Script(SAY_END)], Collected(), Deadline.after(30))

    assert gate.server.log.read_text().count("Connection from") - before == 1


def test_an_interrupted_run_leaves_a_hanging_jump_host(ssh_lab: SshLab) -> None:
    silent = ssh_lab.host("silent")
    host = replace(ssh_lab.host("bash"), jump=(f"x@{silent.address}:{silent.port}",))
    abandoned = threading.Event()
    errors: list[TransportError] = []

    def collect() -> None:
        with transport(FixedSecrets({}), abandoned=abandoned) as ssh:
            try:
                ssh.run(target_of(host, {}), [Script(SAY_END)], Collected(), Deadline.after(100))
            except TransportError as error:
                errors.append(error)

    threads = [threading.Thread(target=collect) for _ in range(3)]
    for thread in threads:
        thread.start()
    abandoned.set()
    for thread in threads:
        thread.join(30)

    assert not any(thread.is_alive() for thread in threads)
    assert {error.reason for error in errors} <= {Reason.INTERRUPTED}
    assert len(errors) == 3
