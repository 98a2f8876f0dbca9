"""``assess run --all ROOT``: every client's assessment, each in a process of its own.

One client's fault, however bad, is another process's: it cannot stop the others, and their folders,
keys and secrets are not in its memory.
"""

from __future__ import annotations

import concurrent.futures
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import typer

from assessor.cli.console import note, plain, say
from assessor.cli.exit_codes import ExitCode
from assessor.errors import AssessError, UsageError
from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.report.clients import ClientRow

DEEPEST = 4
MOST_CLIENTS = 2000
WORST = (
    ExitCode.INTERRUPTED,
    ExitCode.INTERNAL,
    ExitCode.USAGE,
    ExitCode.BROKEN,
    ExitCode.INCOMPLETE,
    ExitCode.SHOWN,
)
"""Exit codes from the worst to the best."""
_LONGEST_LINE = 300


def clients(root: Path) -> Iterator[Path]:
    """The assessment folders beneath ``root``, in the order of their names; links are not followed.

    A folder within an assessment folder (its runs) is not looked into.
    """
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        if (folder / "assessment.yaml").is_file():
            yield folder
            continue
        if depth < DEEPEST:
            below = sorted(
                (
                    path
                    for path in folder.iterdir()
                    if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
                ),
                reverse=True,
            )
            waiting += [(path, depth + 1) for path in below]


def divided(jobs: int, side_by_side: int) -> tuple[int, int]:
    """How many clients side by side, and how many targets of each: in all never above ``jobs``."""
    clients_at_once = min(side_by_side, jobs)
    return clients_at_once, jobs // clients_at_once


def run_all(
    root: Path, words: Sequence[str], side_by_side: int, jobs: int | None, lang: Language | None
) -> None:
    """Runs every assessment beneath ``root`` and writes one page about all.

    Args:
        root: the folder.
        words: the options that each run is given.
        side_by_side: how many clients at the same time.
        jobs: how many targets at the same time, of all clients together; as each client's own
            settings say where it is ``None``.
        lang: of the page; Dutch unless said.

    Raises:
        UsageError: there is no assessment beneath ``root``.
    """
    folders = list(clients(root)) if root.is_dir() else []
    if not folders or len(folders) > MOST_CLIENTS:
        raise UsageError(
            f"{root}: {len(folders) or 'no'} assessments beneath it",
            mend="each client's folder has an assessment.yaml (assess init FOLDER)",
        )
    if jobs is not None:
        side_by_side, share = divided(jobs, min(side_by_side, len(folders)))
        words = [*words, "--jobs-at-most", str(share)]
    rows: dict[Path, ClientRow] = {}
    abandoned = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
        futures = {
            pool.submit(_run_one, root, folder, words, abandoned): folder for folder in folders
        }
        try:
            for number, future in enumerate(concurrent.futures.as_completed(futures), 1):
                row = future.result()
                rows[futures[future]] = row
                note(f"[{number}/{len(folders)}] {plain(row.folder)}: exit {row.exit_code}")
        except KeyboardInterrupt:
            # The children got the interruption as well, and keep what they have.
            abandoned.set()
            pool.shutdown(cancel_futures=True)
    listed = [rows[folder] for folder in folders if folder in rows]
    page = _write_page(root, listed, lang or Language.NL)
    for row in listed:
        counts = ", ".join(f"{number} {verdict}" for verdict, number in row.counts.items())
        say(f"{plain(row.name)}: {counts or plain(row.problem) or 'no conclusion'}")
    say(str(page.resolve()))
    codes = {row.exit_code for row in listed}
    if abandoned.is_set():
        codes.add(ExitCode.INTERRUPTED)
    raise typer.Exit(next((code for code in WORST if code in codes), ExitCode.INTERNAL))


def _run_one(
    root: Path, folder: Path, words: Sequence[str], abandoned: threading.Event
) -> ClientRow:
    name = str(folder.relative_to(root)) or folder.resolve().name
    if abandoned.is_set():
        return ClientRow(name, name, ExitCode.INTERRUPTED, {}, "", "")
    before = set(_runs(folder))
    done = subprocess.run(
        [sys.executable, "-m", "assessor", "run", "-q", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    complaint = next((line for line in reversed(said) if line.startswith("assess:")), "")
    code = done.returncode if done.returncode in set(ExitCode) else int(ExitCode.INTERNAL)
    return _row(root, folder, name, code, complaint[:_LONGEST_LINE], before)


def _runs(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "runs").glob("*") if path.is_dir())


def _row(
    root: Path, folder: Path, name: str, code: int, complaint: str, before: set[str]
) -> ClientRow:
    """What the newest run of a client came to; nothing of an older one is taken for it."""
    from assessor.evidence.store import RunFolder
    from assessor.reporting import page_of

    made = [run for run in _runs(folder) if run not in before]
    if not made:
        return ClientRow(name, name, code, {}, "", complaint or "no run was made")
    run = RunFolder(folder / "runs" / made[-1])
    try:
        facts, found = run.facts(), run.conclusions()
    except AssessError as error:
        return ClientRow(name, name, code, {}, "", str(error)[:_LONGEST_LINE])
    verdicts = [each.verdict for each in (found.claims or found.measures)] if found else []
    counted = Counter(verdicts)
    counts = {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}
    page = page_of(run.path, facts.language)
    where = quote(str(page.relative_to(root))) if page else ""
    return ClientRow(facts.organisation or name, name, code, counts, where, complaint)


def _write_page(root: Path, rows: Sequence[ClientRow], language: Language) -> Path:
    from assessor import bundled
    from assessor.evidence.store import write_whole
    from assessor.report.clients import render_clients

    page = root / f"clients.{language}.html"
    html = render_clients(rows, datetime.now(UTC), language, bundled.folder("reports"))
    write_whole(page, html.encode())
    return page
