"""What apt's policy means for security: pins, other releases, mends in the main archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor import bundled
from checks.security_updates.apt import read_apt
from checks.security_updates.facts import Updates
from checks.security_updates.macos import read_macos
from checks.security_updates.policy import Origin, read_policy
from tests.checks.macos_stubs import make_root, needs_chroot, run_script, says

SECURITY = "http://deb.debian.org/debian-security bookworm-security/main amd64 Packages"
MAIN = "http://deb.debian.org/debian bookworm/main amd64 Packages"
BACKPORTS = "http://deb.debian.org/debian bookworm-backports/main amd64 Packages"
TRIXIE = "http://deb.debian.org/debian-security trixie-security/main amd64 Packages"
SECURITY_DATE = "Thu, 26 Nov 2026 21:03:35 UTC"
POINT_RELEASE = "Sat, 11 Jul 2026 10:16:37 UTC"
SOURCES = (
    f"source deb.debian.org_debian-security_dists_bookworm-security_InRelease|Debian-Security|12"
    f"|oldstable-security|bookworm-security|{SECURITY_DATE}\n"
    f"source deb.debian.org_debian_dists_bookworm_InRelease|Debian|12.15|oldstable|bookworm"
    f"|{POINT_RELEASE}"
).split("\n")


def _block(candidate: str, *versions: tuple[str, str], installed: str = "1.0") -> list[str]:
    lines = ["curl:", f"  Installed: {installed}", f"  Candidate: {candidate}", "  Version table:"]
    for number, origin in versions:
        lines += [f"     {number} 500", f"        500 {origin}"]
    return [*lines, f" *** {installed} 100"]


def _updates(block: list[str], *more: str, split: bool = True) -> Updates:
    lines = [
        *SOURCES,
        *more,
        "asked 2",
        *(f"policy {line}" for line in block),
        "answered 2",
        "status 0",
        "complete",
    ]
    text = "\n".join([*lines, f"end {len(lines)}"])
    return read_apt(text, codename="bookworm", split=split)


def test_a_later_version_of_the_main_archive_holds_the_mend_too() -> None:
    """And the point release's date says since when at the latest."""
    updates = _updates(_block("1.2", ("1.2", MAIN), ("1.1", SECURITY)))
    (pending,) = updates.pending
    assert not pending.held
    assert pending.published is not None
    assert pending.published.date().isoformat() == "2026-07-11"


def test_a_mend_that_is_installed_already_does_not_wait() -> None:
    block = [
        *_block("1.2", ("1.2", MAIN)),
    ]
    assert _updates(block).pending == ()
    assert _updates(block).other == 1


def test_backports_that_apt_would_not_take_are_no_updates() -> None:
    updates = _updates(_block("1.0", ("2.0", BACKPORTS)))
    assert (updates.pending, updates.other) == ((), 0)
    assert _updates(_block("1.0", ("2.0", BACKPORTS)), split=False).pending == ()


def test_a_security_update_that_a_pin_forbids_is_held() -> None:
    (pending,) = _updates(_block("1.0", ("1.1", SECURITY))).pending
    assert pending.held


def test_another_release_s_security_update_is_not_ours() -> None:
    assert _updates(_block("1.0", ("2.1", TRIXIE))).pending == ()


def test_without_a_security_source_of_its_own_every_update_counts() -> None:
    (pending,) = _updates(_block("1.1", ("1.1", MAIN)), split=False).pending
    assert pending.name == "curl"


@pytest.mark.parametrize(
    ("settings", "automatic"),
    [
        ([], False),
        (["trigger apt-daily-upgrade.timer enabled"], True),
        (["trigger apt-daily-upgrade.timer disabled"], False),
        (["trigger apt-daily.timer enabled"], False),
        (["trigger /etc/cron.daily/apt-compat cron"], True),
    ],
)
def test_automatic_updates_need_something_that_starts_them(
    settings: list[str], automatic: bool
) -> None:
    updates = _updates(
        _block("1.1", ("1.1", MAIN)),
        'setting APT::Periodic::Unattended-Upgrade "1";',
        'setting Unattended-Upgrade::Allowed-Origins:: "${distro_id}:${distro_codename}-security";',
        "tool unattended-upgrade",
        *settings,
    )
    assert updates.automatic is automatic


def test_automatic_updates_without_the_security_source_are_none() -> None:
    updates = _updates(
        _block("1.1", ("1.1", MAIN)),
        'setting APT::Periodic::Unattended-Upgrade "1";',
        'setting Unattended-Upgrade::Allowed-Origins:: "${distro_id}:${distro_codename}";',
        "tool unattended-upgrade",
        "trigger apt-daily-upgrade.timer enabled",
    )
    assert updates.automatic is False


@pytest.mark.parametrize("lost", [0, 1, 2, 4, 5, 6, 7, 8])  # the third is a heading
def test_a_lost_line_is_noticed(lost: int) -> None:
    block = _block("1.2", ("1.2", MAIN), ("1.1", SECURITY))
    whole = read_policy(block)
    assert whole is not None
    assert read_policy(block[:lost] + block[lost + 1 :]) != whole


def test_a_source_s_file_is_named_as_apt_names_it() -> None:
    origin = Origin("https://user_name.example/a~b/", "stable/updates")
    assert origin.file == "user%5fname.example_a%7eb_dists_stable_updates"


BANNER = "echo 'Software Update Tool'; echo; echo 'Finding available software'"
NOTHING = f"{BANNER}; echo 'No new software available.' >&2"
PREFERENCES = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>LastSuccessfulDate</key><date>2026-11-28T06:40:51Z</date>
{more}
</dict></plist>
"""


def _mac(folder: Path, softwareupdate: str, more: str = "") -> Updates | None:
    script = (bundled.folder("checks") / "security_updates/macos_updates.sh").read_text("utf-8")
    root = make_root(
        folder,
        {
            "/usr/bin/sw_vers": says("ProductName:\t\tmacOS\nProductVersion:\t\t26.8"),
            "/usr/sbin/softwareupdate": softwareupdate,
        },
        {"/Library/Preferences/com.apple.SoftwareUpdate.plist": PREFERENCES.format(more=more)},
    )
    read = read_macos(run_script(root, script))
    return None if read is None else read[1]


@needs_chroot
def test_nothing_waits_only_when_macos_says_so(tmp_path: Path) -> None:
    """It says so on standard error; the banner alone is no answer."""
    said, silent = tmp_path / "said", tmp_path / "silent"
    said.mkdir()
    silent.mkdir()
    told = _mac(said, NOTHING)
    assert told is not None
    assert (told.problem, told.pending) == ("", ())
    untold = _mac(silent, BANNER)
    assert untold is not None
    assert untold.problem == "unparsed"


@needs_chroot
def test_a_recommended_update_that_the_list_leaves_out_waits_too(tmp_path: Path) -> None:
    key = "MSU_UPDATE_25H112_patch_26.8.1_minor"
    more = (
        f"<key>FirstOfferDateDictionary</key><dict><key>{key}</key>"
        "<date>2026-11-02T18:11:00Z</date></dict>"
        "<key>RecommendedUpdates</key><array><dict>"
        f"<key>Display Name</key><string>macOS Tahoe 26.8.1</string>"
        f"<key>Product Key</key><string>{key}</string></dict></array>"
    )
    told = _mac(tmp_path, NOTHING, more)
    assert told is not None
    (pending,) = told.pending
    assert pending.name == "macOS Tahoe 26.8.1"
    assert pending.published is not None
    assert pending.published.date().isoformat() == "2026-11-02"
