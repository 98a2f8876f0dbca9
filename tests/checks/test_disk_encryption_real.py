"""Real LUKS, LVM, RAID, btrfs, verity and swap: the verdict follows what the kernel holds.

The volumes are made in a virtual machine (``tests/lab/vm.py``), since the test machine's kernel
may have no device-mapper. One boot of some 40 seconds serves all tests here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.api import Captured, Captures, Judgement, Outcome, Parameters, Target
from assessor.model.target import Platform, Role, TransportKind
from checks.disk_encryption.check import CHECK
from checks.host_firewall.host import read_services
from tests.lab import vm

_LACKING = vm.missing()
# the machine is emulated: the first test waits for it to boot and to finish
pytestmark = [
    pytest.mark.skipif(bool(_LACKING), reason=f"no dm-crypt lab, not here: {', '.join(_LACKING)}"),
    pytest.mark.timeout(400),
]

DISKS_MIB = (192, 64, 64, 64, 192, 192, 192, 64)
SCRIPTS = {
    "/linux_disks.sh": "disk_encryption",
    "/linux_network.sh": "host_firewall",
    "/linux_services.sh": "host_firewall",
}

TRUTH = {
    "luks2_lvm": (Outcome.PASS, "all_encrypted", "/, /home, /dev/mapper/vg-swap"),
    "plain_data": (Outcome.FAIL, "plain_volumes", "/srv/data"),
    "plain_swap": (Outcome.FAIL, "plain_swap", "/dev/vdd"),
    "luks1_raid": (Outcome.PASS, "all_encrypted", "/, /home, /srv/data, /dev/mapper/vg-swap"),
    "btrfs_luks": (Outcome.PASS, "all_encrypted", "/, /home, /srv/data, /dev/mapper/vg-swap"),
    "btrfs_half": (Outcome.FAIL, "plain_volumes", "/srv/data"),
    "verity": (Outcome.FAIL, "plain_volumes", "/srv/data"),
    "null_cipher": (Outcome.FAIL, "plain_volumes", "/srv/data"),
    "swap_file": (Outcome.PASS, "all_encrypted", "/, /home, /swapfile"),
    "all_plain": (Outcome.FAIL, "plain_volumes", "/"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the probes answered in the machine, by ``case.probe``."""
    folder = tmp_path_factory.mktemp("vm")
    checks = bundled.folder("checks")
    files = {
        path: (checks / check / path.lstrip("/")).read_text(encoding="utf-8")
        for path, check in SCRIPTS.items()
    }
    script = (Path(vm.__file__).parent / "disks.sh").read_text(encoding="utf-8")
    image = vm.build(folder, files, script)
    return vm.sections(vm.boot(folder, image, DISKS_MIB, seconds=350))


def _judge(answers: dict[str, str], case: str, *, data_volumes: tuple[str, ...] = ()) -> Judgement:
    at = datetime.now(UTC)
    target = Target(
        name="vm",
        role=Role.SERVER,
        transport=TransportKind.LOCAL,
        platform=Platform.LINUX,
        address="localhost",
        options={"data_volumes": list(data_volumes)},
    )
    captures = {
        probe: Captured(probe, answers[f"{case}.{probe}"], "", 0, at)
        for probe in ("disks", "lsblk", "dm_crypt")
    }
    (judgement,) = CHECK.evaluate(CHECK.observe(Captures(target, at, captures)), Parameters({}))
    return judgement


@pytest.mark.parametrize("case", TRUTH)
def test_verdict_follows_the_volumes(answers: dict[str, str], case: str) -> None:
    outcome, message, volumes = TRUTH[case]

    judgement = _judge(answers, case)

    assert (judgement.outcome, judgement.message.id) == (outcome, message)
    assert judgement.message.facts["volumes"] == volumes


def test_a_named_data_volume_must_be_there(answers: dict[str, str]) -> None:
    there = _judge(answers, "luks1_raid", data_volumes=("/srv/data",))
    gone = _judge(answers, "luks2_lvm", data_volumes=("/srv/data/",))

    assert there.outcome is Outcome.PASS
    assert (gone.outcome, gone.message.id) == (Outcome.UNKNOWN, "not_mounted")


def test_ciphers_are_seen_and_no_key_with_them(answers: dict[str, str]) -> None:
    judgement = _judge(answers, "luks1_raid")

    assert judgement.observed["ciphers"] == (
        "locked: aes-xts-plain64",
        "raid: aes-xts-plain64",
    )
    assert judgement.observed["mappings"] == (
        "locked: LUKS2, aes-xts-plain64, 512 bits",
        "raid: LUKS1, aes-xts-plain64, 512 bits",
    )
    assert "old_header" in {message.id for message in judgement.advice}


def test_lsblk_calls_verity_encrypted_and_the_check_does_not(answers: dict[str, str]) -> None:
    assert '"type": "crypt"' in answers["verity.lsblk"].split('"checked"')[1]
    assert _judge(answers, "verity").outcome is Outcome.FAIL


def test_a_kernel_without_a_packet_filter_is_seen_as_such(answers: dict[str, str]) -> None:
    services = read_services(answers["none.services"])

    assert services.complete
    assert services.tools == frozenset()
    assert services.kernel == frozenset()
