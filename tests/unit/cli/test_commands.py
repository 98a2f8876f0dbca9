"""The commands are listed without being loaded, and what is listed is what they say."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from assessor.cli.commands import ENTRIES, Entry
from tests.unit.cli.loading import loaded


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_summary_is_what_the_command_says(entry: Entry) -> None:
    command = entry.load()

    assert command.name == entry.name
    assert " ".join(command.help.partition("\n\n")[0].split()) == entry.summary


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_examples_of_a_command_are_shown(entry: Entry) -> None:
    place = entry.place.partition(":")[0]
    shown = {other.epilog for other in ENTRIES if other.place.partition(":")[0] == place}
    module = importlib.import_module(f"assessor.cli.{place}")

    if not hasattr(module, "app"):  # the commands of a group have their own
        assert {name for name in vars(module) if name.endswith("EPILOG")} == shown - {""}
    assert not entry.epilog or entry.load().epilog


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["rum"]], ids=" ".join)
def test_nothing_is_loaded_that_was_not_called(words: list[str]) -> None:
    modules = {name for name in loaded(*words) if name.startswith("assessor")}

    assert "assessor.cli.app" in modules
    assert modules <= {
        "assessor",
        "assessor.bundled",
        "assessor.cli",
        "assessor.cli.app",
        "assessor.cli.commands",
        "assessor.cli.console",
        "assessor.cli.exit_codes",
        "assessor.errors",
    }


def test_a_mistyped_command_is_guessed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assessor", "runn"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "Did you mean 'run'?" in done.stderr
