"""``assess ping``: reaches every target, and says what will be observable there and what not."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.assess import assess
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.sshd import SshLab

PROFILE = """
id: few
title: {nl: Enkele, en: Few}
checks: {ssh_login: {}, malware_protection: {}}
measures: [mfa]
"""


def test_it_tells_per_target_what_is_observable_and_how_to_get_the_rest(
    tmp_path: Path, ssh_lab: SshLab
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "few.yaml").write_text(PROFILE)
    plain, full = ssh_lab.host("dash"), ssh_lab.host("sudo")
    targets = [
        ssh_entry("plain", plain),
        ssh_entry("full", full, privilege="sudo"),
        ssh_entry("away", plain, port=1),
    ]
    write_assessment(tmp_path, targets, profile="few")

    done = assess(tmp_path, "ping")

    assert done.returncode == 3, done.stderr
    by_target = dict(zip(("plain", "full", "away"), _parts(done.stdout), strict=True))
    assert "malware_protection: observable" in by_target["plain"]
    assert "ssh_login: in part" in by_target["plain"]
    assert f"{plain.user} ALL=(root) NOPASSWD: /usr/sbin/sshd -T" in by_target["plain"]
    assert "ssh_login: observable" in by_target["full"]
    assert "NOT REACHED (unreachable)" in by_target["away"]
    assert "ssh_login: NOT observable" in by_target["away"]
    assert not (tmp_path / "runs").exists(), "nothing is stored"


def test_all_observable_exits_with_0(tmp_path: Path, ssh_lab: SshLab) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "few.yaml").write_text(PROFILE)
    target = ssh_entry("full", ssh_lab.host("sudo"), privilege="sudo")
    write_assessment(tmp_path, [target], profile="few")
    assert assess(tmp_path, "ping").returncode == 0


def _parts(told: str) -> list[str]:
    """What was told of each target, in order."""
    parts: list[str] = []
    for line in told.splitlines():
        if not line.startswith(" "):
            parts.append("")
        parts[-1] += f"{line}\n"
    return parts
