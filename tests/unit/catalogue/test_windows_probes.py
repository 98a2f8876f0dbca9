"""Probes of Windows: scripts of PowerShell that say which group or right they need."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.catalogue.manifest import read_check
from assessor.catalogue.scaffold import write_check
from assessor.errors import CheckError
from assessor.model.check import ProbeKind
from assessor.model.target import Platform
from assessor.model.windows import GROUPS, RIGHTS, how_to_allow

MEASURES = frozenset({"patching"})
PROBE = "windows:\n    os: {script: windows_os.ps1}\n  linux:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_check(tmp_path, "my_check", "patching", MEASURES)
    (tmp_path / "my_check/windows_os.ps1").write_text("# Needs: S-1-5-32-573\n'os'\n")
    edit(tmp_path / "my_check/check.yaml", "linux:", PROBE)
    return tmp_path / "my_check"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_script_of_powershell_is_a_probe(folder: Path) -> None:
    (probe,) = read_check(folder, "test", MEASURES).probes[Platform.WINDOWS]
    assert (probe.name, probe.kind) == ("os", ProbeKind.SCRIPT)
    assert "Event Log Readers (S-1-5-32-573)" in how_to_allow("assess", probe.text)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{script: windows_os.ps1}", "{command: /bin/true}", "scripts, no commands"),
        ("{script: windows_os.ps1}", "{script: linux_release.sh}", "PowerShell"),
        ("script: linux_release.sh", "script: windows_os.ps1", "PowerShell"),
    ],
)
def test_what_is_no_probe_of_windows(folder: Path, old: str, new: str, says: str) -> None:
    edit(folder / "check.yaml", old, new)
    with pytest.raises(CheckError, match=says):
        read_check(folder, "test", MEASURES)


def test_a_need_that_nobody_knows_is_a_fault(folder: Path) -> None:
    (folder / "windows_os.ps1").write_text("# Needs: Gebeurtenislogboeklezers\n'os'\n")
    with pytest.raises(CheckError, match="no group or right"):
        read_check(folder, "test", MEASURES)


@pytest.mark.parametrize("need", [*GROUPS, *RIGHTS])
def test_every_need_names_what_to_give(need: str) -> None:
    said = how_to_allow("assess", f"'x'\r\n# Needs: {need}\r\n")
    assert need in said
    assert {**GROUPS, **RIGHTS}[need] in said


def test_without_a_need_it_is_administrators() -> None:
    assert "Administrators" in how_to_allow("assess", "# Needs nothing\n'x'")
