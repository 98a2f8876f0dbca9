"""``assess access windows``: steps for people, and a script that can be piped."""

from __future__ import annotations

from pathlib import Path

from assessor.model.windows import GROUPS
from tests.unit.cli.conftest import Assess


def test_the_steps_by_hand_and_as_policy(assess: Assess, tmp_path: Path) -> None:
    done = assess(tmp_path, "access", "windows")
    assert done.code == 0
    for word in ("RootSDDL", "5986", "By hand", "By group policy", "S-1-5-32-580", "ca_file"):
        assert word in done.out
    assert "{" not in done.out.replace("{password: ask}", "").replace("{ca_file: ", "")


def test_the_script_alone(assess: Assess, tmp_path: Path) -> None:
    done = assess(tmp_path, "access", "windows", "--script")
    assert done.code == 0
    script = Path("assessor/cli/access_windows.ps1")
    root = Path(__file__).parents[3]
    assert done.out == (root / script).read_text()
    # Nothing is opened wider than it has to be.
    for never in ("AllowUnencrypted", "TrustedHosts", "LocalAccountTokenFilterPolicy", "Basic"):
        assert never not in done.out
    assert {sid for sid in GROUPS if sid in done.out} == {
        "S-1-5-32-580",
        "S-1-5-32-573",
        "S-1-5-32-558",
    }
