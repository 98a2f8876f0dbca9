"""The readers of the check on availability."""

from __future__ import annotations

import pytest

from checks.availability.arrays import Health, read_btrfs, read_md, read_zpools
from checks.availability.storage import Standing, read_storage
from checks.availability.watchers import read_watchers


def _md(head: str, *details: str) -> list[tuple[str, bool, Health]]:
    return [(array.name, array.redundant, array.health) for array in read_md([head, *details])]


@pytest.mark.parametrize(
    ("head", "details", "redundant", "health"),
    [
        ("md0 : active raid1 sda1[0] sdb1[1]", "[2/2] [UU]", True, Health.WHOLE),
        ("md0 : active raid1 sda1[0]", "[2/1] [U_]", True, Health.DEGRADED),
        ("md0 : active raid6 sda1[0]", "level 6, 512k chunk [8/8] [UUUUUUUU]", True, Health.WHOLE),
        ("md0 : active (read-only) raid5 sda1[0]", "[3/2] [UU_]", True, Health.DEGRADED),
        ("md0 : active raid1 sda1[0]", "[1/1] [U]", False, Health.WHOLE),
        ("md0 : active raid0 sda1[0] sdb1[1]", "512k chunks", False, Health.WHOLE),
        ("md0 : inactive sdb1[1](S)", "1234 blocks super 1.2", False, Health.DEGRADED),
        ("md0 : active raid1 sda1[0] sdb1[1]", "damaged", True, Health.UNCLEAR),
    ],
)
def test_md(head: str, details: str, redundant: bool, health: Health) -> None:
    assert _md(head, f"      976320 blocks {details}") == [("md0", redundant, health)]


def test_md_that_is_being_restored() -> None:
    found = _md(
        "md0 : active raid1 vdb[2] vda[0]",
        "      64512 blocks super 1.2 [2/1] [U_]",
        "      [>....................]  recovery =  0.0% (128/64512) finish=7.4min",
    )
    assert found == [("md0", True, Health.REBUILDING)]


def test_a_container_of_a_mainboard_is_no_array() -> None:
    assert _md("md127 : inactive sda[1](S)", "      10402 blocks super external:imsm") == []


def _pool(*config: str, state: str = "ONLINE", errors: str = "No known data errors") -> list[str]:
    head = ["  pool: tank", f" state: {state}", "config:", "", "\tNAME  STATE  READ WRITE CKSUM"]
    return [*head, f"\ttank  {state}  0 0 0", *config, "", f"errors: {errors}"]


@pytest.mark.parametrize(
    ("config", "redundant"),
    [
        (("\t  mirror-0  ONLINE", "\t    a  ONLINE", "\t    b  ONLINE"), True),
        (("\t  raidz2-0  ONLINE", "\t    a  ONLINE"), True),
        (("\t  draid1:4d:8c:1s-0  ONLINE",), True),
        (("\t  a  ONLINE",), False),
        (("\t  mirror-0  ONLINE", "\t  b  ONLINE"), False),  # striped with a single disk
        (("\t  mirror-0  ONLINE", "\tlogs\t", "\t  c  ONLINE"), True),
        (("\t  mirror-0  ONLINE", "\tspecial\t", "\t  c  ONLINE"), False),  # holds data
        ((), False),
    ],
)
def test_zpool_is_as_redundant_as_its_weakest_part(
    config: tuple[str, ...], redundant: bool
) -> None:
    (pool,) = read_zpools(_pool(*config))
    assert (pool.name, pool.redundant, pool.health) == ("tank", redundant, Health.WHOLE)


def test_state_of_zpool() -> None:
    assert read_zpools(_pool(state="DEGRADED"))[0].health is Health.DEGRADED
    assert read_zpools(_pool(errors="1 data errors"))[0].health is Health.UNCLEAR
    assert read_zpools(["no pools available"]) == []


def test_btrfs_while_it_is_converted() -> None:
    (array,) = read_btrfs(["u single", "u raid1"], [])
    assert not array.redundant
    (array,) = read_btrfs(["u raid1"], ["u"])
    assert array.health is Health.DEGRADED


def test_a_circle_in_a_damaged_description_ends() -> None:
    lines = [
        "mount 9:0 ext4 /dev/md0 /",
        "block 9:0 md0 - -",
        "slave md0 md0",
        "md md0 : active raid1 md0[0] md0[1]",
        "md       1 blocks [2/2] [UU]",
    ]
    assert read_storage(lines, virtual=False).standing == {"/": Standing.UNSEEN}


def test_two_partitions_of_one_disk_are_one_disk() -> None:
    lines = [
        "mount 9:0 ext4 /dev/md0 /",
        "part 8:1 sda1 sda",
        "part 8:2 sda2 sda",
        "block 8:0 sda ATA WDC",
        "block 9:0 md0 - -",
        "slave md0 sda1",
        "slave md0 sda2",
        "md md0 : active raid1 sda1[0] sda2[1]",
        "md       1 blocks [2/2] [UU]",
    ]
    assert read_storage(lines, virtual=False).standing == {"/": Standing.SINGLE}


def test_a_volume_over_two_parts_is_as_good_as_the_worse() -> None:
    lines = [
        "mount 253:0 ext4 /dev/mapper/vg-data /srv",
        "mount 8:33 ext4 /dev/sdc1 /boot/efi",
        "block 253:0 dm-0 dm-LVM vg-data",
        "slave dm-0 md0",
        "slave dm-0 sdc",
        "block 9:0 md0 - -",
        "slave md0 sda",
        "slave md0 sdb",
        "block 8:0 sda ATA WDC",
        "block 8:16 sdb ATA WDC",
        "block 8:32 sdc ATA WDC",
        "md md0 : active raid1 sda[0] sdb[1]",
        "md       1 blocks [2/2] [UU]",
    ]
    assert read_storage(lines, virtual=False).standing == {"/srv": Standing.SINGLE}


def test_watchers_are_named_once() -> None:
    found = read_watchers(
        [
            "processes seen",
            "process zabbix_agent2",
            "active zabbix-agent2.service",
            "process smartd",
        ]
    )
    assert (found.names, found.seen, found.disks) == (("Zabbix",), True, True)
