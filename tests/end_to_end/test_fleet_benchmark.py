"""What ``benchmarks/fleet.py`` measures of ours is the real thing, and is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fleet_parts import growth
from benchmarks.fleet_parts.commands import COMMANDS, Answer, differences
from benchmarks.fleet_parts.contender import run
from benchmarks.fleet_parts.relay import relay
from benchmarks.fleet_parts.scene import Reach, fleet
from benchmarks.fleet_parts.tool_ours import Ours
from tests.lab.servers import SSHD

HOSTS = 3

pytestmark = [
    pytest.mark.skipif(
        os.geteuid() != 0 or not SSHD.exists() or shutil.which("ssh-keygen") is None,
        reason="a fleet needs root and sshd (Debian package openssh-server)",
    ),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def reach() -> Iterator[Reach]:
    with fleet(HOSTS) as (hosts, _):
        yield Reach.straight(hosts)


def asked(reach: Reach, folder: Path) -> dict[tuple[str, str], Answer]:
    ours = Ours(jobs=HOSTS)
    ours.prepare(folder, reach)
    assert run(ours, folder).cpu_s > 0
    answers = dict(ours.answers())
    ours.finish()
    assert not (folder / "runs").exists()
    return answers


def test_ours_brings_home_every_answer_straight_and_through_the_relay(
    reach: Reach, tmp_path: Path
) -> None:
    (tmp_path / "straight").mkdir()
    (tmp_path / "relayed").mkdir()
    straight = asked(reach, tmp_path / "straight")
    with relay(0.02, reach.port, reach.addresses) as running:
        relayed = asked(reach.through(running.port), tmp_path / "relayed")
        assert running.cpu_s() > 0
    assert differences(reach.addresses, {"straight": straight, "relayed": relayed}) == []
    assert len(straight) == HOSTS * len(COMMANDS)
    first = straight[reach.addresses[0], "/usr/bin/uname -r"]
    assert first == Answer(0, os.uname().release)


def test_growth_tells_the_time_and_the_memory_of_both_stages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bars = growth.compare(1, 2, jobs=2, script="small")
    assert len(bars) == 2 * len(growth.STAGES)
    memory = [bar.measured for bar in bars if "MB" in bar.what]
    # A Python with paramiko takes more than this, and a figure in another unit is far off.
    assert all(20 < each < 2000 for each in memory)
    assert "kB of memory for each further host" in capsys.readouterr().out
