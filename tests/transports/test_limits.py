"""The limits of a run against real servers: those that refuse at first, and jump hosts."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psutil
import pytest

from assessor.model.capture import Reason
from assessor.model.limits import Limits
from assessor.model.target import SecretPurpose, Target
from tests.lab.sshd import LabHost, SshLab
from tests.lab.waiting import until
from tests.transports.collect_support import Run, collect_over_ssh
from tests.transports.ssh_support import target_of

PATIENCE_S = 60.0


@contextlib.contextmanager
def somebody_logging_in(host: LabHost) -> Iterator[Callable[[], None]]:
    """Takes up the one log-in that a host allows at a time; gives what ends that."""
    with socket.create_connection((host.address, host.port)) as peer:
        assert peer.recv(4) == b"SSH-"

        yield lambda: peer.shutdown(socket.SHUT_RDWR)


def refusals(host: LabHost) -> int:
    """How often a server hung up because of its MaxStartups."""
    assert host.server is not None
    return host.server.log.read_text().count("drop connection")


def test_a_server_that_is_full_at_first_is_tried_again(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("one-at-a-time")
    before = refusals(host)
    with somebody_logging_in(host) as leave, ThreadPoolExecutor(1) as pool:
        running = pool.submit(collect_over_ssh, [target_of(host, {})], "echo in", Limits(retries=5))
        until(lambda: refusals(host) > before, lambda: "it was not refused")
        leave()
        run = running.result(PATIENCE_S)
    assert run.said(host.kind) == "in\n"
    assert run.journals[host.kind].gap is None


def test_a_server_that_stays_full_is_given_up(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("one-at-a-time")
    before = refusals(host)
    with somebody_logging_in(host):
        run = collect_over_ssh([target_of(host, {})], "echo in", Limits(retries=1))
    assert run.gap_of(host.kind).reason is Reason.DROPPED
    assert refusals(host) == before + 2


def test_a_jump_host_that_is_full_at_first_is_tried_again(ssh_lab: SshLab) -> None:
    gate, host = ssh_lab.host("gate"), ssh_lab.host("dash")
    before = refusals(gate)
    with somebody_logging_in(gate) as leave, ThreadPoolExecutor(1) as pool:
        targets = [through(gate, host, ssh_lab, f"t{number}") for number in range(3)]
        running = pool.submit(collect_over_ssh, targets, "echo in", Limits(retries=5))
        until(lambda: refusals(gate) > before, lambda: "it was not refused")
        leave()
        run = running.result(PATIENCE_S)
    assert [run.said(target.name) for target in targets] == ["in\n"] * 3


def test_a_jump_host_that_stays_shut_costs_all_behind_it_one_wait(ssh_lab: SshLab) -> None:
    gate, host = ssh_lab.host("gate"), ssh_lab.host("dash")
    before = refusals(gate)
    with somebody_logging_in(gate):
        targets = [through(gate, host, ssh_lab, f"t{number}") for number in range(5)]
        run = collect_over_ssh(targets, "echo in", Limits(retries=1))
    assert {run.gap_of(target.name).reason for target in targets} == {Reason.DROPPED}
    assert refusals(gate) == before + 2, "the jump host is tried again, not each target behind it"


def through(gate: LabHost, host: LabHost, lab: SshLab, name: str) -> Target:
    """A host as a target behind a jump host."""
    return replace(
        target_of(host, {}),
        name=name,
        jump=(f"{gate.user}@{gate.address}:{gate.port}",),
        known_hosts=(str(lab.known_together(gate, host)),),
    )


@pytest.mark.parametrize("most", [3, 12])
def test_no_more_go_through_a_jump_host_at_once_than_may(ssh_lab: SshLab, most: int) -> None:
    # The jump host allows no session at all: forwarding needs none, so MaxSessions, of which a
    # connection has 10 unless said otherwise, is no bound for it (sshd_config(5)).
    gate, host = ssh_lab.host("gate"), ssh_lab.host("dash")
    opened = ssh_lab.folder / f"open-for-{most}"
    script = f"until [ -e {opened} ]; do sleep 0.1; done; echo in"
    targets = [through(gate, host, ssh_lab, f"t{number:02}") for number in range(most + 4)]
    seen: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            seen.append(forwarded(gate, host))

    with ThreadPoolExecutor(2) as pool:
        limits = Limits(jobs=50, per_jump=most, deadline_s=PATIENCE_S)
        running = pool.submit(collect_over_ssh, targets, script, limits)
        pool.submit(watch)
        try:
            until(lambda: most in seen, lambda: f"there were never {most} at once")
            opened.touch()
            run = running.result(PATIENCE_S)
        finally:
            opened.touch()
            over.set()
    assert [run.said(target.name) for target in targets] == ["in\n"] * len(targets)
    assert max(seen) == most


def forwarded(gate: LabHost, host: LabHost) -> int:
    """How many connections to a host the processes of a jump host have open."""
    assert gate.server is not None
    found = set()
    for process in psutil.Process(gate.server.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found |= {
                one.laddr
                for one in process.net_connections("tcp")
                if one.raddr == (host.address, host.port) and one.status == "ESTABLISHED"
            }
    return len(found)


def test_a_log_in_that_is_refused_is_never_repeated(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("password")
    assert host.server is not None
    before = host.server.log.read_text().count("Failed password")
    target = target_of(host, {SecretPurpose.PASSWORD: "wrong"})
    run = collect_over_ssh([target], "echo in", Limits(retries=5), password="wrong")
    assert run.gap_of(host.kind).reason is Reason.AUTHENTICATION_FAILED
    assert host.server.log.read_text().count("Failed password") == before + 1


def test_when_the_run_s_time_is_up_nobody_is_missing(ssh_lab: SshLab) -> None:
    stuck, host = ssh_lab.host("hangs"), ssh_lab.host("dash")
    targets = [
        replace(target_of(stuck, {}), name="stuck"),
        *(replace(target_of(host, {}), name=f"t{number}") for number in range(3)),
    ]
    run = collect_over_ssh(targets, "echo in", Limits(jobs=1, run_deadline_s=2.0), run=Run())
    assert run.gap_of("stuck").reason is Reason.DEADLINE
    for target in targets[1:]:
        gap = run.gap_of(target.name)
        assert gap.reason is Reason.DEADLINE
        assert gap.detail == "the run's time was up before its turn"
