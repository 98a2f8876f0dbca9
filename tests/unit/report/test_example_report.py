"""The example reports in ``docs/example`` are those that the report makes today."""

from __future__ import annotations

from pathlib import Path

from tests.scripts import script

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docs" / "example"


def test_the_examples_are_as_they_are_made() -> None:
    files = script("example_report").example_files()
    assert {path.name for path in FOLDER.iterdir() if path.is_file()} == set(files)
    for name, text in files.items():
        # Not told line by line: both are whole pages.
        same = (FOLDER / name).read_text(encoding="utf-8") == text
        assert same, f"{name}: make it again with scripts/example_report.py --pictures"


def test_every_picture_of_the_readme_is_made_by_the_script() -> None:
    made = {each[0] for each in script("example_report").SHOTS}
    assert {path.name for path in (FOLDER / "pictures").iterdir()} == made
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"docs/example/pictures/{name}" in readme for name in made - {"matrix.png"})
