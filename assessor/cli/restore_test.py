"""``assess restore-test``: restores a sample and compares it; the one that writes."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, on_terminal, warn
from assessor.cli.exit_codes import ExitCode
from assessor.errors import TransportError, UsageError
from assessor.model.target import Platform, Privilege, Target, TransportKind
from assessor.restore.order import (
    FILES,
    LARGEST_LIMIT_MB,
    LIMIT_MB,
    MOST_FILES,
    SCRATCH_PARENT,
    Tool,
)

if TYPE_CHECKING:
    from assessor.cli.restore_session import Session
    from assessor.restore.answers import Answers
    from assessor.restore.order import Order
    from assessor.restore.outcome import Outcome
    from assessor.restore.record import Line, Record

FOLDER = "restore-tests"

EPILOG = """
Examples:

  assess restore-test web01 --tool restic --repository /srv/backup --password-file /root/.restic

  assess restore-test web01 --tool restic --env-file /etc/restic.env --sample /etc/hosts

  assess restore-test nas --tool borg --repository ssh://box/./web01 --host web01
  --against /srv/web01 --password env:BORG_PASSWORD --yes

  assess restore-test files --tool rclone --repository cloud:files --against /srv/files

  assess restore-test web01 --tool tar --repository /backup --snapshot full.tar.gz

Exit codes: 0 restored, compared and equal; 1 it differs, is not whole, or the backup is damaged;
2 wrong usage, or not confirmed: nothing was written; 3 not tested, or restored and not compared;
130 interrupted: the scratch folder is removed.
"""

_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


def restore_test(
    target: Annotated[str, typer.Argument(help="The target of the inventory that restores.")],
    tool: Annotated[Tool, typer.Option("--tool", help="What made the backup.")],
    repository: Annotated[
        str | None,
        typer.Option("--repository", "-r", help="Where it is, as that tool names it."),
    ] = None,
    snapshot: Annotated[
        str, typer.Option("--snapshot", help="Which backup: its id or name.")
    ] = "latest",
    sample: Annotated[
        list[str] | None,
        typer.Option(
            "--sample",
            "-s",
            help="A file or folder to restore. May be repeated; chance decides unless said.",
        ),
    ] = None,
    files: Annotated[
        int, typer.Option("--files", min=1, max=MOST_FILES, help="How many chance chooses.")
    ] = FILES,
    limit_mb: Annotated[
        int,
        typer.Option(
            "--limit-mb", min=1, max=LARGEST_LIMIT_MB, help="Megabytes to restore at most."
        ),
    ] = LIMIT_MB,
    scratch: Annotated[
        str, typer.Option("--scratch", help="A folder on the target to restore below.")
    ] = SCRATCH_PARENT,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="Compare with this file, or with the paths below this folder; with what is live "
            "unless said.",
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option("--host", help="Whose backups are meant; the target's own unless said."),
    ] = None,
    password_file: Annotated[
        str | None,
        typer.Option(
            "--password-file", help="A file on the target with the repository's password."
        ),
    ] = None,
    env_file: Annotated[
        str | None,
        typer.Option(
            "--env-file", help="A file on the target with RESTIC_..., BORG_... and the like."
        ),
    ] = None,
    password: Annotated[
        str | None,
        typer.Option("--password", help="The repository's password: env:NAME (here), or ask."),
    ] = None,
    no_sudo: Annotated[
        bool, typer.Option("--no-sudo", help="Restore as the account itself.")
    ] = False,
    deadline: Annotated[
        int, typer.Option("--deadline", min=10, help="Seconds that it may take.")
    ] = 3600,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    folder: options.Folder = Path(),
    json: options.Json = False,
) -> None:
    """Restore a sample of a backup on a target, compare it, and remove it again.

    This is the one command that writes on a target. It says what, where and how much, and asks.
    """
    from assessor.cli.restore_session import Session
    from assessor.cli.restore_words import plan
    from assessor.restore.order import make_order

    order = make_order(
        tool,
        repository=repository,
        snapshot=snapshot,
        samples=tuple(sample or ()),
        files=files,
        limit_mb=limit_mb,
        parent=scratch,
        against=against,
        host=host,
        env_file=env_file,
        password_file=password_file,
    )
    _check_password(password, order)
    where = _target(folder, target)
    sudo = where.privilege is Privilege.SUDO and not no_sudo
    for line in plan(where, order, folder, sudo=sudo):
        note(line)
    _ask(yes=yes)
    kept_in = _make_folder(folder)
    secret = _secret(password)
    session = Session(where, sudo=sudo, deadline_s=float(deadline))
    raise typer.Exit(_test(session, where, order, secret, kept_in, json=json))


def _check_password(source: str | None, order: Order) -> None:
    if source is None:
        return
    if source != "ask" and not _VARIABLE.fullmatch(source):
        raise UsageError(
            "--password says where the password comes from; it never stands there itself",
            mend="write env:NAME or ask, and change a password that was on a command line",
        )
    if order.tool is Tool.TAR or order.password_file:
        raise UsageError(
            "--password and --password-file are two ways for the same"
            if order.password_file
            else "tar has no password",
            mend="leave --password out",
        )


def _target(folder: Path, name: str) -> Target:
    from assessor.inputs.assessment import load_assessment
    from assessor.inputs.problems import did_you_mean

    targets = {each.name: each for each in load_assessment(folder).targets}
    if name not in targets:
        raise UsageError(
            f"the inventory has no target {name!r}",
            mend=did_you_mean(name, targets) or f"it has: {', '.join(targets)}",
        )
    if targets[name].transport is TransportKind.NETWORK:
        raise UsageError(
            f"{name} is looked at from outside only: nothing can be restored there",
            mend="name the machine that is to restore",
        )
    if targets[name].platform is Platform.WINDOWS:
        raise UsageError(
            f"{name} runs Windows: a restore is tried out on Linux and macOS only",
            mend="name another machine that can reach the backup",
        )
    return targets[name]


def _ask(*, yes: bool) -> None:
    if yes:
        return
    if not on_terminal(sys.stdin):
        raise UsageError(
            "this writes on the target, and there is nobody to ask",
            mend="add --yes if that is meant; nothing was written",
        )
    try:
        agreed = typer.confirm("Go on?", default=False, err=True)
    except typer.Abort:
        note("\nNothing was written.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if not agreed:
        note("Nothing was written.")
        raise typer.Exit(ExitCode.USAGE)


def _make_folder(folder: Path) -> Path:
    place = folder / FOLDER
    try:
        place.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {place}: {error.strerror}") from None
    return place


def _secret(source: str | None) -> str:
    """The repository's password; the empty string where the target knows it."""
    if source is None:
        return ""
    if source == "ask":
        import threading

        from assessor.collect.terminal import Terminal

        try:
            given = Terminal(threading.Event()).ask("Password of the repository: ")
        except TransportError as error:
            raise UsageError(error.detail, mend=error.mend) from None
        if given is None:
            raise UsageError("there is no terminal to ask on", mend="use --password env:NAME")
    else:
        name = source.removeprefix("env:")
        given = os.environ.get(name, "")
        if not given:
            raise UsageError(f"the variable {name} is not set", mend=f"set {name}")
    if not given or set(given) & set("\0\r\n"):
        raise UsageError("the password is no line of text", mend="check its source")
    return given


def _test(
    session: Session, target: Target, order: Order, secret: str, place: Path, *, json: bool
) -> ExitCode:
    from assessor.cli.restore_words import tell, tell_left_behind
    from assessor.restore.outcome import Result, judge
    from assessor.restore.record import make_record

    try:
        answers = session.work(order, secret)
    except TransportError as error:
        return _not_reached(target, error, json=json)
    except KeyboardInterrupt as interruption:
        (heard,) = interruption.args or (None,)
        if heard is not None:
            tell_left_behind(target, order, heard)
        raise KeyboardInterrupt from None
    outcome = judge(order, answers, (secret,))
    ended = datetime.now(UTC).replace(microsecond=0)
    record = make_record(target.name, order, answers, outcome, ended)
    path = _keep_here(place, record)
    if json:
        _print_json(record)
    else:
        tell(target, answers, outcome)
    tell_left_behind(target, order, answers)
    match outcome.result:
        case Result.PROVEN:
            _leave(session, target, order, answers, outcome, ended, path)
            return ExitCode.SHOWN
        case Result.BROKEN:
            note(f"The record is {path}")
            return ExitCode.BROKEN
    note(f"The record is {path}")
    return ExitCode.INCOMPLETE


def _leave(
    session: Session,
    target: Target,
    order: Order,
    answers: Answers,
    outcome: Outcome,
    ended: datetime,
    path: Path,
) -> None:
    """Leaves the record's line on the target where root's rights are had, or says how to."""
    from assessor.cli.restore_words import needs_root, tell_kept
    from assessor.restore.record import make_line

    line = make_line(order, outcome, ended)
    kept, why = False, needs_root(target)
    if answers.head is not None and answers.head.uid == 0:
        kept, why = _left(session, line)
    tell_kept(target, line, path, kept=kept, why=why)


def _left(session: Session, line: Line) -> tuple[bool, str]:
    try:
        answers = session.keep(line)
    except TransportError as error:
        return False, error.detail
    said = [each for lines in answers.said.values() for each in lines]
    return answers.kept, said[-1] if said else "the target did not say why"


def _keep_here(place: Path, record: Record) -> Path:
    from assessor.inputs.files import write_whole
    from assessor.inputs.yaml_text import block

    path = place / f"{record.id}.yaml"
    write_whole(path, block(record.entry), replace=False)
    return path


def _not_reached(target: Target, error: TransportError, *, json: bool) -> ExitCode:
    if json:
        from assessor.yamlfile import canonical_json

        typer.echo(
            canonical_json(
                {
                    "target": target.name,
                    "result": "failed",
                    "fault": error.reason.value,
                    "message": error.detail,
                }
            )
        )
    warn(f"{target.name}: not tested ({error.reason}): {error.detail}")
    if error.mend:
        note(f"    {error.mend}")
    return ExitCode.INCOMPLETE


def _print_json(record: Record) -> None:
    from assessor.yamlfile import canonical_json

    told = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in record.entry.items()
    }
    typer.echo(canonical_json({"id": record.id, **told}))
