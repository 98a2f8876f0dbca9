"""Real arrays of md and btrfs: the verdict follows what the kernel holds, disk by disk.

They are made in a virtual machine (``tests/lab/vm.py``), since the test machine's kernel has no md.
One boot of some 40 seconds serves all tests on arrays. A real Monit makes "watched" true and false.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.api import Captured, Captures, Judgement, Outcome, Parameters, Target
from assessor.model.target import Platform, Role, TransportKind
from checks.availability.check import CHECK
from tests.checks.realhost import RealHost
from tests.lab import vm

_LACKING = vm.missing()
needs_vm = [
    pytest.mark.skipif(bool(_LACKING), reason=f"no md lab, not here: {', '.join(_LACKING)}"),
    pytest.mark.timeout(400),
]
DISKS_MIB = (64, 64, 192, 192, 64)
ARRAYS = r"""
quiet() { "$@" >/dev/console 2>&1; }
ask() { echo "== $1"; su nobody -s /bin/sh -c 'sh /availability.sh'; }
wait_for() { until grep -q "$1" /proc/mdstat; do :; done; }

quiet mdadm --create /dev/md0 --run --level=1 --metadata=1.2 --assume-clean --raid-devices=2 \
    /dev/vda /dev/vdb
quiet mkfs.ext4 -q -F /dev/md0
mkdir -p /n
mount /dev/md0 /n
ask whole
quiet mdadm /dev/md0 --fail /dev/vdb
ask disk_failed
quiet mdadm /dev/md0 --remove /dev/vdb
ask disk_removed
echo 0 >/proc/sys/dev/raid/speed_limit_max
echo 0 >/proc/sys/dev/raid/speed_limit_min
quiet mdadm --zero-superblock /dev/vdb
quiet mdadm /dev/md0 --add /dev/vdb
wait_for 'recovery ='
ask rebuilding
echo 200000 >/proc/sys/dev/raid/speed_limit_max
wait_for '\[UU\]'
ask restored
umount /n
quiet mdadm --stop /dev/md0

quiet mdadm --create /dev/md0 --run --force --level=1 --metadata=1.2 --raid-devices=1 /dev/vda
quiet mkfs.ext4 -q -F /dev/md0
mount /dev/md0 /n
ask mirror_of_one
umount /n
quiet mdadm --stop /dev/md0

quiet mkfs.btrfs -q -f -m raid1 -d raid1 /dev/vdc /dev/vdd
quiet btrfs device scan
mount /dev/vdc /n
ask btrfs
umount /n
quiet mkfs.btrfs -q -f -m dup -d single /dev/vdc
mount /dev/vdc /n
ask btrfs_single
umount /n

quiet lvm pvcreate -qq -ff -y /dev/vdc /dev/vdd
quiet lvm vgcreate -qq vg /dev/vdc /dev/vdd
quiet lvm lvcreate -qq -an -Zn -n data -L 32M vg
quiet lvm vgchange -qq -ay vg
quiet lvm vgmknodes
quiet mkfs.ext4 -q -F /dev/vg/data
mount /dev/vg/data /n
ask lvm_on_one
umount /n
"""
TRUTH = {
    "whole": (Outcome.PASS, "redundant_and_watched"),
    "disk_failed": (Outcome.FAIL, "disk_missing"),
    "disk_removed": (Outcome.FAIL, "disk_missing"),
    "rebuilding": (Outcome.UNKNOWN, "rebuilding"),
    "restored": (Outcome.PASS, "redundant_and_watched"),
    "mirror_of_one": (Outcome.UNKNOWN, "disks_elsewhere"),
    "btrfs": (Outcome.PASS, "redundant_and_watched"),
    "btrfs_single": (Outcome.UNKNOWN, "disks_elsewhere"),
    "lvm_on_one": (Outcome.UNKNOWN, "disks_elsewhere"),
}
WATCHED = "process monit\n"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the script answered in the machine, by case."""
    folder = tmp_path_factory.mktemp("vm")
    script = bundled.folder("checks") / "availability" / "linux_availability.sh"
    files = {"/availability.sh": script.read_text(encoding="utf-8")}
    image = vm.build(folder, files, ARRAYS + "\necho '== done'\n")
    return vm.sections(vm.boot(folder, image, DISKS_MIB, seconds=350))


def _judge(answer: str, *, watched: bool) -> Judgement:
    """The judgement on a real answer; the machine of the lab has no program that watches it."""
    if watched:
        *lines, complete, _ = answer.splitlines(keepends=True)
        answer = "".join([*lines, WATCHED, complete, f"end {len(lines) + 2}\n"])
    at = datetime.now(UTC)
    target = Target(
        name="vm",
        role=Role.SERVER,
        transport=TransportKind.LOCAL,
        platform=Platform.LINUX,
        address="localhost",
    )
    captures = {"availability": Captured("availability", answer, "", 0, at)}
    (judgement,) = CHECK.evaluate(CHECK.observe(Captures(target, at, captures)), Parameters({}))
    return judgement


class TestArrays:
    """In the virtual machine."""

    pytestmark = needs_vm

    @pytest.mark.parametrize("case", TRUTH)
    def test_verdict_follows_the_disks(self, answers: dict[str, str], case: str) -> None:
        judged = _judge(answers[case], watched=True)

        assert (judged.outcome, judged.message.id) == TRUTH[case], answers[case]

    def test_the_broken_array_is_named(self, answers: dict[str, str]) -> None:
        judged = _judge(answers["disk_failed"], watched=True)

        assert judged.message.facts["arrays"] == ("md0",)

    def test_whole_disks_without_a_watcher_do_not_pass(self, answers: dict[str, str]) -> None:
        judged = _judge(answers["whole"], watched=False)

        assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "not_watched")


@pytest.fixture
def monit(tmp_path: Path) -> Iterator[None]:
    """A real Monit in the foreground that watches nothing and listens nowhere."""
    program = shutil.which("monit", path="/usr/bin:/usr/sbin")
    if program is None:
        pytest.skip("needs the Debian package monit")
    settings = tmp_path / "monitrc"
    settings.write_text(
        f"set daemon 60\nset pidfile {tmp_path}/pid\nset idfile {tmp_path}/id\n"
        f"set statefile {tmp_path}/state\nset log {tmp_path}/log\n",
        encoding="ascii",
    )
    settings.chmod(0o600)
    process = subprocess.Popen(
        [program, "-I", "-c", str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@pytest.mark.usefixtures("monit")
def test_a_real_monit_is_seen() -> None:
    host = RealHost("availability")
    judged = host.judge(host.run("availability"))["availability"]
    watched_by = judged.observed["watched_by"]
    assert isinstance(watched_by, tuple)
    assert "Monit" in watched_by


def test_this_machine_never_passes_with_nothing_to_show_for_it() -> None:
    """A container or virtual machine: its disks lie with its host."""
    host = RealHost("availability")
    judged = host.judge(host.run("availability"))["availability"]
    standing = judged.observed["volumes"]
    assert isinstance(standing, tuple)
    if all(volume.endswith("redundant") for volume in map(str, standing)) and standing:
        pytest.skip("this machine's disks are redundant")
    assert judged.outcome is not Outcome.PASS
