"""A script that hangs or floods is ended on the host, and the rest of its probes still answer."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

import pytest

from assessor.collect.runner import Transports, collect
from assessor.collect.transports.base import Deadline, Script
from assessor.errors import EvidenceError
from assessor.model.capture import Captured, NotCaptured, Reason
from assessor.model.limits import Limits
from assessor.model.plan import Plan, PlannedProbe, TargetPlan
from assessor.model.target import TransportKind
from tests.lab.sshd import LabHost, SshLab
from tests.lab.waiting import alive, until
from tests.transports.collect_support import Journal, Nothing, Run
from tests.transports.ssh_support import SAY_END, Collected, FixedSecrets, target_of, transport
from tests.transports.winrm_support import script


@pytest.fixture
def word() -> str:
    """By which a sleeping process can be told from all others."""
    return f"98765.{random.randrange(10**9)}"


def asked(host: LabHost, probes: Sequence[PlannedProbe], abandoned: threading.Event) -> Journal:
    """What the host says to the probes, in a run that ends when it was abandoned."""
    target = target_of(host, {})
    secrets, run = FixedSecrets({}), Run()
    with transport(secrets, abandoned=abandoned) as ssh:
        ways = Transports({TransportKind.SSH: ssh}, Nothing(), secrets)
        plan = Plan((TargetPlan(target, tuple(probes), ()),))
        collect(plan, ways, run, run, abandoned, Limits())
    return run.journals.get(target.name, Journal())


@pytest.mark.parametrize(
    "kind", ["bash", "dash", "fish", "tcsh", "zsh", "ash", "noisy", "one-session"]
)
def test_what_hangs_or_floods_is_ended_and_the_rest_still_answers(
    ssh_lab: SshLab, kind: str, word: str
) -> None:
    probes = [
        script("before", "echo before; echo said >&2"),
        script("hangs", f"echo partial; sleep {word}", timeout_s=1),
        script("between", "echo between"),
        script("floods", "while :; do echo flood; done", limit_bytes=1000),
        script("loud", "while :; do echo loud >&2; done", limit_bytes=1000),
        script("after", "echo after"),
    ]
    kept = asked(ssh_lab.host(kind), probes, threading.Event()).kept
    before, hangs, floods, loud = (kept[key] for key in ("before", "hangs", "floods", "loud"))
    assert isinstance(before, Captured)
    assert (before.stdout, before.stderr, before.exit_status) == ("before\n", "said\n", 0)
    assert isinstance(hangs, NotCaptured)
    assert hangs.reason is Reason.TIMED_OUT
    for flood in (floods, loud):
        assert isinstance(flood, Captured)
        assert flood.truncated
    for key in ("between", "after"):
        answer = kept[key]
        assert isinstance(answer, Captured)
        assert (answer.stdout, answer.whole) == (f"{key}\n", True)
    until(lambda: not alive(word), lambda: "the command that hung is still there")


class Full(Collected):
    """A sink that can keep nothing of the last piece, which finishes it."""

    def output(self, data: bytes) -> None:
        super().output(data)
        if self.finished:
            raise EvidenceError("the disk is full")


def test_what_the_last_piece_runs_into_is_not_lost(ssh_lab: SshLab) -> None:
    target = target_of(ssh_lab.host("dash"), {})
    with transport(FixedSecrets({})) as ssh, pytest.raises(EvidenceError, match="full"):
        ssh.run(target, [Script(SAY_END)], Full(), Deadline.after(30))


def test_a_connection_that_ends_ends_what_was_running(ssh_lab: SshLab, word: str) -> None:
    abandoned = threading.Event()
    probes = [script("hangs", f"sleep {word}", timeout_s=600)]
    running = threading.Thread(target=asked, args=(ssh_lab.host("dash"), probes, abandoned))
    running.start()
    until(lambda: alive(word), lambda: "the command never ran")
    abandoned.set()
    running.join()
    until(lambda: not alive(word), lambda: "the command is still there")
