"""The house stays as it was drawn: who may import whom, what a wheel holds, what the docs say."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assessor import bundled
from assessor.cli.commands import ENTRIES
from assessor.cli.exit_codes import ExitCode, FailOn
from assessor.yamlfile import read_yaml

ROOT = Path(__file__).resolve().parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_stages_never_import_each_other() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_a_wheel_holds_one_package_only(wheel: list[str]) -> None:
    top = {name.split("/")[0] for name in wheel}
    assert {name for name in top if not name.endswith(".dist-info")} == {"assessor"}


@pytest.mark.parametrize("folder", ["checks", "profiles", "reports"])
def test_a_wheel_holds_every_file_of_the_bundled_folders(wheel: list[str], folder: str) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert tracked
    assert {f"assessor/_bundled/{name}" for name in tracked} <= set(wheel)


def test_the_bundled_folders_are_found_in_a_checkout() -> None:
    for name in ("checks", "profiles", "reports"):
        assert bundled.folder(name) == ROOT / name


def test_every_profile_names_checks_that_exist() -> None:
    checks = {path.parent.name for path in (ROOT / "checks").glob("*/check.yaml")}
    for path in (ROOT / "profiles").glob("*.yaml"):
        value = read_yaml(path).value
        if isinstance(value, dict) and "checks" in value:
            assert set(value["checks"]) <= checks, path


def test_every_rule_of_the_verdicts_stands_in_the_docs() -> None:
    code = text("assessor/statement/verdicts.py")
    rules = set(re.findall(r'"((?:[a-z]+-)+[a-z]+)"', code))
    assert len(rules) > 20
    documented = text("docs/verdicts.md")
    assert [rule for rule in sorted(rules) if f"`{rule}`" not in documented] == []


def test_every_exit_code_stands_in_the_docs() -> None:
    documented = text("docs/exit-codes.md")
    for code in ExitCode:
        assert f"| {code.value} |" in documented
    for choice in FailOn:
        assert f"`{choice.value}`" in documented


def test_every_command_in_the_readme_exists() -> None:
    known = {entry.name for entry in ENTRIES}
    named = set(re.findall(r"(?:`|\n)assess ([a-z-]+)", text("README.md")))
    assert named <= known
    assert {"run", "init", "ping", "statement", "inventory"} <= named


def test_every_document_that_is_named_exists() -> None:
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        *map(str, (ROOT / "docs").glob("*.md")),
    ):
        for path in re.findall(
            r"`(docs/[a-z-]+\.md|profiles/[a-z.-]+|scripts/[a-z.-]+)`", text(name)
        ):
            assert (ROOT / path).exists(), f"{name} names {path}"


def test_no_test_or_code_names_an_address_outside_this_machine() -> None:
    private = re.compile(r"\b(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d{1,3}){2,3}\b")
    for folder in ("assessor", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not private.search(path.read_text(encoding="utf-8")), path
