"""``assess notify``: tells people of a run."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import typer
from typer.core import TyperCommand

from assessor.cli import options
from assessor.cli.console import note, on_terminal, say, warn
from assessor.cli.exit_codes import ExitCode
from assessor.errors import AssessError, EvidenceError, UsageError
from assessor.history.notify.failure import Failure

if TYPE_CHECKING:
    from assessor.history.notify.news import News
    from assessor.model.notice import Notice
    from assessor.notifying.sending import Outcome, Teller

EPILOG = """
Examples:

  assess notify --test                   does a message reach everybody that the settings name?

  assess notify --dry-run                what would be told of the last run, and to whom

  assess notify                          tell it; whoever was told before is not told again

  assess notify --failed unfinished      tell that a run was broken off

Exit codes: 0 everybody was told who should be, 2 wrong usage or settings, 3 somebody was not.
"""
_UNKNOWN = Failure.OTHER.value
Command = TypeVar("Command", bound=Callable[..., Any])


class NotifyCommand(TyperCommand):
    """Lets ``--failed`` stand without a reason, for whoever knows none."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See ``click.Command``."""
        for position, word in enumerate(args):
            if word == "--failed" and (args[position + 1 : position + 2] or ["-"])[0][:1] == "-":
                args = [*args[: position + 1], _UNKNOWN, *args[position + 1 :]]
                break
        return super().parse_args(ctx, args)


def notify(
    run: Annotated[
        str, typer.Argument(help="A run: its id, the beginning of one, a path, or latest.")
    ] = "latest",
    folder: options.Folder = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be told to whom; connect to nobody.")
    ] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Send everybody a message that says it is a test.")
    ] = False,
    failed: Annotated[
        Failure | None, typer.Option("--failed", help="Tell that a run failed, and why.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Tell those too who were told before.")
    ] = False,
) -> None:
    """Tell people of a run: what changed, and what to do first.

    Who is told, and when, stands under 'notify' in assessment.yaml.
    """
    if test and failed:
        raise UsageError("--test and --failed are two messages", mend="choose one of them")
    from assessor.inputs.notices import load_notices
    from assessor.notifying.sending import State

    listed = load_notices(folder)
    if not listed.notices:
        raise UsageError(
            f"{folder.resolve()}: the settings name nobody to tell",
            mend="write notify: in assessment.yaml (docs/notify.md)",
        )
    news = _news(folder, run, listed.organisation, listed.notices, test=test, failed=failed)
    teller = _teller(folder, news, again=again)
    if dry_run:
        _show(teller, listed.notices)
        return
    outcomes = teller.tell(listed.notices)
    for text in teller.notes:
        warn(f"warning: {text}")
    for outcome in outcomes:
        line = f"{outcome.name}: {outcome.state}"
        say(f"{line}: {outcome.why}" if outcome.why else line)
    if any(outcome.state is State.FAILED for outcome in outcomes):
        raise typer.Exit(ExitCode.INCOMPLETE)


def _news(
    folder: Path,
    run: str,
    organisation: str,
    notices: Sequence[Notice],
    *,
    test: bool,
    failed: Failure | None,
) -> News:
    from datetime import UTC, datetime

    from assessor.evidence.store import find_run
    from assessor.history.notify.news import News, Trial
    from assessor.notifying.news import failed_news, finished_news

    now = datetime.now(UTC)
    if test:
        return News(organisation, Trial(now.date()))
    if failed:
        return failed_news(folder, organisation, failed, now)
    return finished_news(folder, find_run(folder, run), [each.language for each in notices])


def _teller(folder: Path, news: News, *, again: bool = False) -> Teller:
    from assessor.collect.terminal import Terminal
    from assessor.notifying.sending import Teller

    return Teller(folder, news, Terminal(threading.Event()).ask, again=again)


def _show(teller: Teller, notices: Sequence[Notice]) -> None:
    """What would be told to whom; nothing is fetched, sent or written."""
    from assessor.history.notify.mail import as_text
    from assessor.notifying.sending import recipients

    shown = set()
    for number, notice in enumerate(notices, 1):
        due = teller.due(notice)
        state = "would be told" if due else f"not due (when: {notice.when})"
        for recipient in recipients(notice):
            to = f" to {recipient}" if recipient else ""
            say(f"{number}. {notice.place.kind}{to} in {notice.language}: {state}")
        text = as_text(teller.message(notice, teller.planned(notice)), title=True)
        if due and text not in shown:
            shown.add(text)
            say("\n" + "\n".join(f"    {line}".rstrip() for line in text.splitlines()) + "\n")


def after_run(folder: Path, run: str, notices: Sequence[Notice], *, quiet: bool = False) -> None:
    """Tells of a run that was just finished. Whatever goes wrong is a warning and no more."""
    if notices:
        _tell(lambda: _finished(folder, run, notices), folder, notices, quiet=quiet)


def _finished(folder: Path, run: str, notices: Sequence[Notice]) -> News:
    return _news(folder, run, "", notices, test=False, failed=None)


def _tell(
    news: Callable[[], News], folder: Path, notices: Sequence[Notice], *, quiet: bool
) -> None:
    try:
        teller = _teller(folder, news())
        outcomes = teller.tell(notices)
        for text in teller.notes:
            warn(f"warning: {text}")
        _told(outcomes, quiet=quiet)
    except AssessError as error:
        warn(f"warning: nobody was told: {error}")
    except KeyboardInterrupt:
        warn("warning: telling people was interrupted; 'assess notify' tells the rest")
    except Exception as error:  # a fault of ours must not cost the run its end
        warn(f"warning: nobody was told: a fault of assess ({type(error).__name__})")


def _told(outcomes: Sequence[Outcome], *, quiet: bool) -> None:
    from assessor.notifying.sending import State

    for outcome in outcomes:
        if outcome.state is State.FAILED:
            warn(f"warning: {outcome.name}: not told: {outcome.why}")
    told = [outcome.name for outcome in outcomes if outcome.state is State.TOLD]
    if told and not quiet:
        note(f"Told: {', '.join(told)}")


def telling_failures(command: Command) -> Command:
    """Lets a command that makes runs tell when one fails, where nobody watches.

    On a terminal somebody sees it; a mistyped option is nobody else's news.
    """

    @functools.wraps(command)
    def told(*words: Any, **more: Any) -> Any:
        try:
            return command(*words, **more)
        except (typer.Exit, KeyboardInterrupt):
            raise
        except Exception as error:
            watched = on_terminal() or more.get("all_below") is not None or more.get("dry_run")
            if more.get("notify", True) and not watched:
                _run_failed(Path(more.get("folder") or Path()), error)
            raise

    return cast("Command", told)


def _run_failed(folder: Path, error: Exception) -> None:
    from assessor.inputs.notices import load_notices

    try:
        listed = load_notices(folder)
    except AssessError:
        return  # the settings are unreadable: whoever reads the error below is told of that
    if not listed.notices:
        return
    reason = Failure.FAULT
    if isinstance(error, UsageError):
        reason = Failure.SETTINGS
    elif isinstance(error, EvidenceError):
        reason = Failure.STORAGE

    def news() -> News:
        return _news(folder, "", listed.organisation, listed.notices, test=False, failed=reason)

    _tell(news, folder, listed.notices, quiet=True)
