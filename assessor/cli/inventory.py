"""``assess inventory``: the targets, and importing them from other tools' files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, plain, say, warn
from assessor.inputs.importers.forms import Format
from assessor.model.target import Role, Target, TransportKind

if TYPE_CHECKING:
    from assessor.inputs.importers.imported import LeftOut
    from assessor.inputs.importing import Import

app = typer.Typer(
    no_args_is_help=True, help="The targets of an assessment, and where to get them from."
)

IMPORT_EPILOG = """
FILE is an Ansible inventory (INI or YAML, with group_vars and host_vars beside it), an OpenSSH
client configuration, or a CSV file whose first row names its columns: name, role, transport,
platform, address, port, user, jump, privilege, identity_files, known_hosts, groups, tags.

Examples:

  assess inventory import /etc/ansible/hosts

  assess inventory import ~/.ssh/config --role workstation

  assess inventory import machines.csv -C clients/bakker --replace
"""

LIST_EPILOG = """
Examples:

  assess inventory list

  assess inventory list -C clients/bakker --json
"""

_NAMES_SHOWN = 12


@app.command("import", epilog=IMPORT_EPILOG)
def import_(
    file: Annotated[Path, typer.Argument(help="The file to read.")],
    form: Annotated[Format, typer.Option("--format", "-f", help="What FILE is.")] = Format.AUTO,
    role: Annotated[
        Role, typer.Option("--role", help="Of machines for which FILE says none.")
    ] = Role.SERVER,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Change targets that are there already; what FILE does not say stays.",
        ),
    ] = False,
    folder: options.Folder = Path(),
) -> None:
    """Read machines from another tool's file into inventory.yaml.

    Takes how each machine is reached, and never a password.
    """
    from assessor.inputs.importing import import_into

    result = import_into(folder, file.expanduser(), form, role.value, replace=replace)
    change = result.change
    count = len(result.imported.candidates)
    say(f"{file}, read as {result.imported.format}: {count} machine{'s' * (count != 1)}")
    _names("added", change.added)
    _names("replaced", change.replaced)
    _names("already so", change.unchanged)
    if change.left_out:
        warn(f"left out ({len(change.left_out)}):")
        for line in _left_out(change.left_out):
            note(f"  {line}")
    _say_what_next(result, role)


def _names(word: str, names: Sequence[str]) -> None:
    if names:
        more = len(names) - _NAMES_SHOWN
        shown = ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        say(f"  {word} ({len(names)}): {shown}")


def _left_out(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """One line for each reason, with all that it holds for."""
    by_reason: dict[str, list[str]] = {}
    for left in left_out:
        line = "" if left.line is None else f"line {left.line}"
        subject = "" if left.subject == line else left.subject
        where = f"{subject} ({line})" if subject and line else subject or line
        by_reason.setdefault(left.reason, []).append(where)
    for reason, places in by_reason.items():
        more = len(places) - _NAMES_SHOWN
        shown = ", ".join(places[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        yield f"{shown}: {reason}"


def _say_what_next(result: Import, role: Role) -> None:
    if result.change.text is None:
        say(f"{result.file.name} was not changed.")
    else:
        say(f"Wrote {result.file}.")
        assumed = any("role" in candidate.assumed for candidate in result.imported.candidates)
        if assumed and result.change.added:
            note(f"Where the file says no role, {role.value} was taken: mind those in it.")
    if not result.file.exists():
        return
    if not result.has_settings:
        note("There is no assessment.yaml here yet: make it with 'assess init'.")
    if not result.is_named:
        note(f"Add this line to assessment.yaml:  inventory: [{result.file.name}]")
    if result.has_settings and result.is_named:
        note("Next: 'assess ping' tests every connection and the rights.")


@app.command("list", epilog=LIST_EPILOG)
def list_(folder: options.Folder = Path(), json: options.Json = False) -> None:
    """List the targets, with the settings of their groups applied."""
    from assessor.inputs.assessment import load_assessment
    from assessor.yamlfile import canonical_json

    assessment = load_assessment(folder)
    if json:
        typer.echo(canonical_json([_as_json(target) for target in assessment.targets]))
        return
    if assessment.implicit:
        note("There is no assessment.yaml here: only this machine is assessed.")
    rows = [("NAME", "ROLE", "REACHED", "PRIVILEGE", "TAGS")]
    rows += [_row(target) for target in assessment.targets]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(map(str.ljust, row, widths)).rstrip())


def _row(target: Target) -> tuple[str, str, str, str, str]:
    cells = (target.name, target.role, reached(target), target.privilege, " ".join(target.tags))
    name, role, how, privilege, tags = (plain(cell).replace("\n", " ") for cell in cells)
    return name, role, how, privilege, tags


def reached(target: Target) -> str:
    """How a target is reached, in one line such as ``ssh assess@web01:2222 via gate``."""
    if target.transport is TransportKind.LOCAL:
        return "local"
    if target.transport is TransportKind.FILE:
        return f"file {target.file}"
    user = f"{target.user}@" if target.user else ""
    port = f":{target.port}" if target.port else ""
    address = f"[{target.address}]" if ":" in target.address and port else target.address
    via = f" via {', '.join(target.jump)}" if target.jump else ""
    return f"{target.transport} {user}{address}{port}{via}"


def _as_json(target: Target) -> dict[str, object]:
    """A target as JSON holds it; of secrets only the kind of source."""
    return {
        "name": target.name,
        "role": target.role,
        "transport": target.transport,
        "platform": target.device or target.platform,
        "address": target.address,
        "port": target.port,
        "user": target.user,
        "jump": target.jump,
        "privilege": target.privilege,
        "identity_files": target.identity_files,
        "known_hosts": target.known_hosts,
        "secrets": {purpose: source.kind for purpose, source in target.secrets.items()},
        "winrm": asdict(target.winrm) if target.transport is TransportKind.WINRM else None,
        "file": target.file or None,
        "tags": target.tags,
        "options": _thawed(target.options),
    }


def _thawed(value: object) -> object:
    """A frozen option as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _thawed(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_thawed(item) for item in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
