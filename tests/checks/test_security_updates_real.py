"""Security updates on this machine, by its real apt, and with some of its files replaced."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.finding import Outcome
from tests.checks.realhost import (
    ENVIRONMENT,
    SHELLS,
    TIMEOUT_S,
    RealHost,
    few_lists,
    needs_replacing,
)

pytestmark = [
    needs_replacing,
    pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt-get is not installed"),
]

MEASURE = "patching"
LISTS = "/var/lib/apt/lists"
NOBODY = "65534"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> RealHost:
    """The check on this machine, with its smaller package lists only."""
    lists = few_lists(tmp_path_factory.mktemp("apt"))
    if not list(lists.glob("*security*Release")):
        pytest.skip("apt has no package lists here: run apt-get update first")
    return RealHost("security_updates", {LISTS: lists})


@pytest.fixture(scope="module")
def system(host: RealHost) -> Captured:
    """What the machine says of itself."""
    return host.run("system")


@pytest.fixture(scope="module")
def apt(host: RealHost) -> Captured:
    """What apt says to an ordinary user."""
    return host.run("apt", user=NOBODY)


def test_counts_what_apt_itself_counts(host: RealHost, system: Captured, apt: Captured) -> None:
    """A simulated upgrade, which takes apt four times the work, names the same packages."""
    judged = host.judge(system, apt)[MEASURE]
    command = "apt-get -s -o Debug::NoLocking=true --ignore-hold dist-upgrade"
    lists = host.replaced[LISTS]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"mount --bind {lists} {LISTS} && exec {command}"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env=ENVIRONMENT,
        check=True,
    )
    origins = re.findall(r"^Inst \S+ \[\S+\] \(\S+ (.*) \[", done.stdout, re.MULTILINE)
    secure = [origin for origin in origins if "security" in origin.lower()]
    assert "_InRelease|Debian-Security|" in apt.stdout
    assert judged.observed["manager"] == "apt"
    # apt's choice may come from the main archive and hold a security update all the same
    waiting, other = (judged.observed[f"{kind}_updates_waiting"] for kind in ("security", "other"))
    assert isinstance(waiting, int)
    assert isinstance(other, int)
    assert waiting >= len(secure)
    assert waiting + other == len(origins)


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_every_shell_reads_the_same(host: RealHost, apt: Captured, shell: tuple[str, ...]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    answer = host.run("apt", user=NOBODY, shell=shell)
    assert answer.stderr == ""
    assert answer.stdout == apt.stdout


def test_a_pin_against_a_security_update_fails(
    host: RealHost, system: Captured, apt: Captured, tmp_path: Path
) -> None:
    judged = host.judge(system, apt)[MEASURE]
    if not judged.observed["security_updates_waiting"]:
        pytest.skip("no security update waits here, so none can be pinned away")
    preferences = tmp_path / "preferences.d"
    preferences.mkdir()
    (preferences / "no-security").write_text(
        "Package: *\nPin: release l=Debian-Security\nPin-Priority: -1\n"
    )
    pinned = RealHost("security_updates", {**host.replaced, "/etc/apt/preferences.d": preferences})
    found = pinned.judge(system, pinned.run("apt", user=NOBODY))[MEASURE]
    messages = {found.message.id, *(message.id for message in found.advice)}
    assert found.outcome is Outcome.FAIL
    assert "pending_held" in messages
    assert found.observed["security_updates_waiting"] == judged.observed["security_updates_waiting"]


def test_the_same_lists_prove_nothing_ten_weeks_later(
    host: RealHost, system: Captured, apt: Captured
) -> None:
    later = apt.at + timedelta(days=70)
    judged = host.judge(system, apt, at=later, parameters={"max_age_days": 100_000})[MEASURE]
    assert judged.outcome is not Outcome.PASS


def test_empty_lists_are_unknown_though_apt_knows_of_nothing_newer(tmp_path: Path) -> None:
    bare = RealHost("security_updates", {LISTS: tmp_path})
    answer = bare.run("apt")
    assert "\npolicy " not in answer.stdout
    judged = bare.judge(bare.run("system"), answer)[MEASURE]
    assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "no_lists")


def test_a_release_without_support_fails_whatever_apt_says(tmp_path: Path, apt: Captured) -> None:
    release = tmp_path / "os-release"
    release.write_text('ID=debian\nVERSION_ID="10"\nPRETTY_NAME="Debian GNU/Linux 10 (buster)"\n')
    old = RealHost("security_updates", {"/etc/os-release": release})
    judged = old.judge(old.run("system"), apt)[MEASURE]
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "release_ended")
    assert judged.message.facts["until"] == "2024-06-30"


def test_lists_without_a_security_source_fail(tmp_path: Path) -> None:
    """The release files of the main archive alone, on a release that is supported."""
    lists, release = tmp_path / "lists", tmp_path / "debian-13"
    lists.mkdir()
    for path in Path(LISTS).glob("*Release"):
        if "security" not in path.name:
            shutil.copy2(path, lists)
    if not list(lists.iterdir()):
        pytest.skip("apt has no package lists here: run apt-get update first")
    release.write_text('ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
    bare = RealHost("security_updates", {LISTS: lists, "/etc/os-release": release})
    judged = bare.judge(bare.run("system"), bare.run("apt"))[MEASURE]
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "no_security_source")
