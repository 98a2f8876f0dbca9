"""Key slots as the real cryptsetup tells them, of headers that it wrote into plain files."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.check import Captures
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.disk_encryption.key_slots import KeySlot, read_key_slots

AT = datetime(2026, 11, 28, tzinfo=UTC)
LUKS1 = ("--type", "luks1", "--iter-time", "50")
ARGON = ("--type", "luks2", "--pbkdf-force-iterations", "4", "--pbkdf-memory", "32768")
QUICK = ("--type", "luks2", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000")


def dump(folder: Path, *options: str) -> str:
    """``luksDump`` of a fresh header."""
    cryptsetup = shutil.which("cryptsetup", path="/usr/sbin:/sbin")
    if cryptsetup is None:
        pytest.skip("needs cryptsetup (Debian package cryptsetup-bin)")
    header, password = folder / "disk", folder / "password"
    password.write_text("not a secret")
    with header.open("wb") as file:
        file.truncate(20 * 1024 * 1024)
    made = [cryptsetup, "--batch-mode", "luksFormat", *options, str(header), str(password)]
    subprocess.run(made, check=True, capture_output=True, timeout=100)
    asked = [cryptsetup, "luksDump", str(header)]
    return subprocess.run(asked, check=True, capture_output=True, text=True, timeout=100).stdout


def read(*dumps: str, status: int = 0) -> tuple[tuple[KeySlot, ...], tuple[str, ...]]:
    devices = [f"/dev/sd{letter}" for letter in "abcdef"[: len(dumps)]]
    target = Target(
        "host",
        Role.SERVER,
        TransportKind.SSH,
        Platform.LINUX,
        "host.example",
        options={"luks_devices": devices},
    )
    names = [f"key_slots[{position}]" for position in range(len(dumps))]
    captures = {
        name: Captured(name, text, "", status, AT) for name, text in zip(names, dumps, strict=True)
    }
    return read_key_slots(Captures(target, AT, captures))


def test_the_slots_of_each_kind_of_header(tmp_path: Path) -> None:
    dumps = []
    for name, options in (("a", LUKS1), ("b", ARGON), ("c", QUICK)):
        (tmp_path / name).mkdir()
        dumps.append(dump(tmp_path / name, *options))

    slots, unread = read(*dumps)

    assert unread == ()
    old, argon, quick = slots
    assert (old.device, old.number, old.function) == ("/dev/sda", "0", "pbkdf2")
    assert old.iterations is not None
    assert f"Iterations:         \t{old.iterations}\n" in dumps[0]
    assert argon == KeySlot("/dev/sdb", "0", "argon2id", None)
    assert quick == KeySlot("/dev/sdc", "0", "pbkdf2", 1000)


@pytest.mark.parametrize("options", [LUKS1, ARGON, QUICK], ids=["luks1", "argon2", "pbkdf2"])
def test_of_a_cut_off_answer_no_slot_is_believed(tmp_path: Path, options: tuple[str, ...]) -> None:
    whole = dump(tmp_path, *options)
    lines = whole.splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if line.startswith(("Key Slot 7", "\tDigest:")))
    for count in range(last):
        slots, unread = read("".join(lines[:count]))
        assert (slots, unread) == ((), ("/dev/sda",)), count


def test_a_device_that_is_none_is_named() -> None:
    assert read("Device /dev/sda is not a valid LUKS device.\n", status=1) == ((), ("/dev/sda",))


def test_nothing_is_asked_where_nothing_is_named() -> None:
    assert read() == ((), ())
