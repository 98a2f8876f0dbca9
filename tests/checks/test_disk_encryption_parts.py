"""FileVault's words, the length of keys, and the script for macOS among stand-ins."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.api import Captured, Captures, Judgement, Outcome, Parameters, Target
from assessor.model.target import Platform, Role, TransportKind
from checks.disk_encryption.check import CHECK
from checks.disk_encryption.macos import FileVault, read_apfs, read_filevault
from tests.checks.macos_stubs import make_root, needs_chroot, run_script, says

AT = datetime(2026, 11, 28, tzinfo=UTC)
SAMPLES = bundled.folder("checks") / "disk_encryption/samples"


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("FileVault is On.", FileVault(True)),
        ("FileVault is Off.", FileVault(False)),
        (
            "FileVault is On.\nEncryption in progress: Pending",
            FileVault(False, "encrypting", "Pending"),
        ),
        (
            "FileVault is Off.\nDecryption in progress: Percent completed = 10",
            FileVault(False, "decrypting", "Percent completed = 10"),
        ),
        (
            "FileVault is Off.\nDeferred enablement appears to be active for user 'piet'.",
            FileVault(False, "deferred"),
        ),
        (
            "FileVault is On, but needs to be restarted to finish.",
            FileVault(False, "after_restart"),
        ),
        (
            "FileVault is Off, but will be enabled after the next restart.",
            FileVault(False, "after_restart"),
        ),
        (
            "FileVault master keychain appears to be installed.\nFileVault is On.",
            FileVault(True),
        ),
        ("", FileVault(None)),
        ("FileVault is On. It said.", FileVault(None)),
        ("Error: something", FileVault(None)),
    ],
)
def test_only_apple_s_own_words_count(words: str, state: FileVault) -> None:
    assert read_filevault(words.split("\n")) == state


@pytest.mark.parametrize(
    "text",
    ["", "<plist><dict/></plist>", '<plist version="1.0"><dict><key>Containers</key><array>', "x"],
)
def test_a_damaged_list_of_volumes_is_no_list(text: str) -> None:
    assert read_apfs(text.split("\n")) is None


def _judge(platform: Platform, **answers: str) -> Judgement:
    target = Target("t", Role.SERVER, TransportKind.LOCAL, platform, address="localhost")
    captures = {probe: Captured(probe, text, "", 0, AT) for probe, text in answers.items()}
    (judgement,) = CHECK.evaluate(CHECK.observe(Captures(target, AT, captures)), Parameters({}))
    return judgement


@pytest.mark.parametrize(
    ("key", "told", "advised"),
    [
        (":64:logon:cryptsetup:uuid-d0", "512 bits", False),
        ("0" * 128, "512 bits", False),
        ("0" * 14, "56 bits", True),
    ],
)
def test_the_length_of_a_key_is_told_without_the_key(key: str, told: str, advised: bool) -> None:
    disks = (SAMPLES / "luks2_lvm/disks.stdout").read_text(encoding="utf-8")
    table = f"locked: 0 360448 crypt aes-xts-plain64 {key} 0 254:0 32768\n"

    judgement = _judge(Platform.LINUX, disks=disks, dm_crypt=table)

    assert judgement.outcome is Outcome.PASS
    assert judgement.observed["mappings"] == (f"locked: LUKS2, aes-xts-plain64, {told}",)
    assert ("short_key" in {message.id for message in judgement.advice}) is advised


@needs_chroot
def test_a_mac_without_any_of_apple_s_tools_is_unknown(tmp_path: Path) -> None:
    script = (bundled.folder("checks") / "disk_encryption/macos_disks.sh").read_text("utf-8")
    judgement = _judge(Platform.MACOS, disks=run_script(make_root(tmp_path, {}), script))
    assert judgement.outcome is Outcome.UNKNOWN


@needs_chroot
def test_the_verdict_follows_filevault(tmp_path: Path) -> None:
    script = (bundled.folder("checks") / "disk_encryption/macos_disks.sh").read_text("utf-8")
    sample = (SAMPLES / "macos26_filevault_on/disks.stdout").read_text(encoding="utf-8")

    def part(name: str) -> str:
        lines = sample.split("\n")
        return "\n".join(line[len(name) + 1 :] for line in lines if line.startswith(f"{name} "))

    commands = {
        "/sbin/mount": says(part("mount")),
        "/usr/sbin/diskutil": says(part("apfs")),
        "/usr/sbin/sysctl": f"[ $2 = vm.swapusage ] && echo '{part('swap')}'",
    }
    outcomes = []
    for number, words in enumerate(("FileVault is On.", "FileVault is Off.")):
        folder = tmp_path / str(number)
        folder.mkdir()
        root = make_root(folder, {**commands, "/usr/bin/fdesetup": says(words)})
        outcomes.append(_judge(Platform.MACOS, disks=run_script(root, script)).outcome)
    assert outcomes == [Outcome.PASS, Outcome.FAIL]
