"""Which commands there are, in the order in which the help lists them.

Each is loaded when it is called: neither the help nor ``--version`` nor a mistyped word waits for
what the commands need.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True)
class Entry:
    """A command, or a group of them.

    Attributes:
        name: as it is typed.
        summary: the beginning of its help; a test holds it equal to what the command says.
        place: the module in ``assessor.cli``, and the function or the group in it.
        epilog: the constant there that holds its examples; empty where it has none.
        command_class: the class there that reads its words; empty for the usual one.
    """

    name: str
    summary: str
    place: str
    epilog: str = ""
    command_class: str = ""

    def load(self) -> Any:
        """The command, ready to be called."""
        module_name, _, attribute = self.place.partition(":")
        module = importlib.import_module(f"assessor.cli.{module_name}")
        gc.freeze()  # as in app.main: what was loaded stays
        found = getattr(module, attribute)
        holder = typer.Typer(callback=_nothing, rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=self.name)
        else:
            epilog = getattr(module, self.epilog) if self.epilog else None
            kind = getattr(module, self.command_class) if self.command_class else None
            holder.command(self.name, epilog=epilog, cls=kind)(found)
        return typer.main.get_group(holder).commands[self.name]


def _nothing() -> None:
    """What a group of commands does before its command: it makes the holder a group."""


ENTRIES = (
    Entry(
        "init",
        "Make the folder of a new assessment, with a commented assessment.yaml.",
        "init:init",
        epilog="EPILOG",
    ),
    Entry(
        "run",
        "Verify every promise that can be verified, and write the report.",
        "run:run",
        epilog="EPILOG",
    ),
    Entry(
        "ping",
        "Connect to every target and say what will be observable there, and what not.",
        "ping:ping",
    ),
    Entry(
        "restore-test",
        "Restore a sample of a backup on a target, compare it, and remove it again.",
        "restore_test:restore_test",
        epilog="EPILOG",
    ),
    Entry(
        "plan", "Show to the letter what would run where. Nothing is connected to.", "stages:plan"
    ),
    Entry("collect", "Ask the targets and store what comes back; judge nothing.", "stages:collect"),
    Entry(
        "evaluate",
        "Judge a run again from its stored evidence, without any connection.",
        "stages:evaluate",
    ),
    Entry(
        "report",
        "Write the report of a run again, in any form and language, for any reader.",
        "report:report",
        epilog="EPILOG",
    ),
    Entry(
        "open",
        "Open the report of a run in the browser; it is written first where it is not there.",
        "open_report:open_report",
        epilog="EPILOG",
    ),
    Entry(
        "export",
        "Write a run as OSCAL, SARIF, JUnit, CSV, OCSF or HDF, for the tools that read these.",
        "export:export",
        epilog="EPILOG",
    ),
    Entry(
        "bundle",
        "Put a finished run into one file for the client: evidence, findings, reports, signature.",
        "verify:bundle",
        epilog="BUNDLE_EPILOG",
    ),
    Entry(
        "verify",
        "Hash every file again, check the signature, and judge again from the evidence.",
        "verify:verify",
        epilog="VERIFY_EPILOG",
    ),
    Entry(
        "history",
        "List the runs, the oldest first, and how each promise fared over the months.",
        "history:history",
        epilog="EPILOG",
    ),
    Entry(
        "diff",
        "Show what became worse, was mended, is new or gone, and what ends before the next run.",
        "diff:diff",
        epilog="EPILOG",
    ),
    Entry(
        "notify",
        "Tell people of a run: what changed, and what to do first.",
        "notify:notify",
        epilog="EPILOG",
        command_class="NotifyCommand",
    ),
    Entry(
        "attest",
        "Record a person's word, with evidence, for what no machine can show.",
        "attest:attest",
        epilog="EPILOG",
    ),
    Entry(
        "questionnaire",
        "Answer what the statement promises and machines cannot show: what is missing or expired.",
        "questionnaire:questionnaire",
    ),
    Entry(
        "waive",
        "Accept a deviation: who, why and until when. It is shown in the report, never hidden.",
        "waive:waive",
        epilog="EPILOG",
    ),
    Entry(
        "worker",
        "Collect in this network what a run elsewhere orders, and hand it over, signed.",
        "worker:worker",
        epilog="EPILOG",
    ),
    Entry(
        "inventory", "The targets of an assessment, and where to get them from.", "inventory:app"
    ),
    Entry("access", "What an account on a target needs.", "access:app"),
    Entry("key", "The keys that sign runs and bundles.", "key:app"),
    Entry("schedule", "Runs that start by themselves, month after month.", "schedule:app"),
    Entry(
        "evidence",
        "What is held of the machines: look for a text in it, and delete it after its time.",
        "evidence:app",
    ),
    Entry("checks", "The checks: what they ask and how they judge.", "checks:app"),
    Entry("statement", "What the privacy statement promises.", "statement:app"),
)


class _Commands(Mapping[str, Any]):
    """The commands by name, as click wants them."""

    _entries: Mapping[str, Entry] = {entry.name: entry for entry in ENTRIES}

    def __getitem__(self, name: str) -> Any:
        return self._entries[name].load()

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class LazyGroup(TyperGroup):
    """All of ``ENTRIES``, each loaded when it is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = _Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        """See ``click.Group``."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """See ``click.Group``; by their summaries, so that none of them is loaded."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.summary) for entry in ENTRIES])
