"""Linux over SSH, Windows over SSH and Windows over WinRM in one run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from assessor.collect.runner import Transports, collect
from assessor.collect.transports.base import ShellTransport
from assessor.collect.transports.winrm import WinrmTransport
from assessor.model.capture import Captured
from assessor.model.limits import Limits
from assessor.model.plan import Plan, TargetPlan
from assessor.model.target import Platform, TransportKind
from tests.lab.pki import Pki
from tests.lab.powershell import Said
from tests.lab.sshd import SshLab
from tests.lab.wsman import Windows, wsman
from tests.transports.collect_support import Run
from tests.transports.ssh_support import FixedSecrets, target_of, transport
from tests.transports.winrm_support import Outcome, script, windows_target


@contextmanager
def windows_machine(folder: Path, pki: Pki) -> Iterator[Windows]:
    with wsman(folder, lambda call: Said(call.text), issued=pki.issue("localhost")) as windows:
        yield windows


@pytest.mark.parametrize("targets", [1, 4])
def test_every_target_is_asked_in_its_own_tongue(
    ssh_lab: SshLab, tmp_path: Path, targets: int
) -> None:
    pki = Pki(tmp_path)
    run, outcome, abandoned = Run(), Outcome(), threading.Event()
    linux = target_of(ssh_lab.host("dash"), {})
    over_ssh = replace(target_of(ssh_lab.host("windows"), {}), platform=Platform.WINDOWS)
    with windows_machine(tmp_path, pki) as windows, transport(FixedSecrets({})) as ssh:
        over_winrm = windows_target(windows, pki)
        plans = [
            TargetPlan(
                replace(target, name=f"{target.name}-{kind}-{number}"), (script("p", text),), ()
            )
            for number in range(targets)
            for kind, target, text in (
                ("linux", linux, "echo linux"),
                ("ssh", over_ssh, "'windows'"),
                ("winrm", over_winrm, "'windows'"),
            )
        ]
        shells: dict[TransportKind, ShellTransport] = {
            TransportKind.SSH: ssh,
            TransportKind.WINRM: WinrmTransport(outcome, abandoned),
        }
        collect(
            Plan(tuple(plans)), Transports(shells, outcome, outcome), run, run, abandoned, Limits()
        )
    assert len(run.journals) == 3 * targets
    for name, journal in run.journals.items():
        answer = journal.kept["p"]
        assert isinstance(answer, Captured), answer
        assert answer.stdout == ("linux\n" if "-linux-" in name else "'windows'")
        assert journal.gap is None
