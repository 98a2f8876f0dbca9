"""How long does the report of a fleet take to make, how large is it, and when can it be used?

Run it in a checkout::

    .venv/bin/python benchmarks/report.py         # --hosts 5 50 500 --checks 40 --rounds 5 --seed 1

It makes two runs of each size: *sampled*, in which the systems answer as the samples of the bundled
checks do (the profile ``mkb``, 43 checks, each where it fits), and *even*, in which every check is
on every system and no two answers or findings are alike. Of each it makes the internal report in
Dutch and prints:

* seconds of CPU for the view and for the page (median), and the page's size;
* what it is to a reader, in Debian's Chromium where Playwright is there: *interactive* is the time
  from the start of loading until the page is drawn and its script has run, by the browser's own
  clock, with the ratio to the smallest page; *CPU* is what the page's main thread did until then;
  *search* is the time from the last key to the counted hits.

It ends with 1 when a bar is not met: for up to 50 systems 2 s of CPU, 3 MB and 1 s to interactive,
by the clock or, where other work shares the cores, by the CPU time; above that 10 s and 6 MB. With
``--profile`` it prints what the time of the last run went to.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT))

from assessor import bundled  # noqa: E402
from assessor.model.language import Language  # noqa: E402
from assessor.model.run import Reference, RunResult  # noqa: E402
from assessor.report.html import render_html  # noqa: E402
from assessor.report.texts import load_texts  # noqa: E402
from assessor.report.view import build_view  # noqa: E402
from tests.lab.browser import CHROMIUM, QUIET  # noqa: E402
from tests.unit.report.fleets import even_fleet, sampled_fleet  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEMPLATES = bundled.folder("reports")
WORD = "wachtwoord"
"""What is searched for: it stands in many places."""

# After the first picture that follows the load, by the browser's clock.
_INTERACTIVE = """() => new Promise((done) => {
  const told = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() / 1000)));
  document.readyState === 'complete' ? told() : addEventListener('load', told);
})"""
_SEARCH = """(word) => new Promise((done) => {
  const field = document.querySelector('#find');
  const told = document.querySelector('.tools [role=status]');
  const began = performance.now();
  new MutationObserver(() => requestAnimationFrame(() =>
    setTimeout(() => done((performance.now() - began) / 1000)))).observe(told, {childList: true});
  field.value = word;
  field.dispatchEvent(new Event('input'));
})"""


@dataclass(frozen=True, slots=True)
class Bar:
    """Seconds of CPU, megabytes, and seconds until a reader can use it."""

    cpu_s: float
    megabytes: float
    interactive_s: float


def bar(hosts: int) -> Bar:
    """The bar for a run of so many systems."""
    return Bar(2.0, 3.0, 1.0) if hosts <= 50 else Bar(10.0, 6.0, float("inf"))


@dataclass(frozen=True, slots=True)
class Made:
    """A report with what it took."""

    view_s: float
    page_s: float
    html: str

    @property
    def megabytes(self) -> float:
        """Its size."""
        return len(self.html.encode("utf-8")) / 1e6


@dataclass(frozen=True, slots=True)
class Seen:
    """What it is to a reader, in seconds."""

    interactive_s: float
    cpu_s: float
    search_s: float


def make_report(result: RunResult, reference: Reference, rounds: int) -> Made:
    """The report of a run, as often as asked; the median of what it took."""
    texts = load_texts(TEMPLATES, Language.NL)
    times: list[tuple[float, float]] = []
    html = ""
    for _ in range(rounds):
        began = time.process_time()
        view = build_view(result, reference, Language.NL, texts)
        built = time.process_time()
        html = render_html(view, TEMPLATES)
        times.append((built - began, time.process_time() - built))
    view_s, page_s = (statistics.median(each) for each in zip(*times, strict=True))
    return Made(view_s, page_s, html)


def look(browser: Browser, html: str, folder: Path, rounds: int) -> Seen:
    """Opens the page as often as asked; the median of what a reader waits for."""
    path = folder / "report.nl.html"
    path.write_text(html, encoding="utf-8")
    waits: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(path.as_uri(), wait_until="commit")
        interactive = page.evaluate(_INTERACTIVE)
        metrics = tools.send("Performance.getMetrics")["metrics"]
        (cpu,) = (each["value"] for each in metrics if each["name"] == "TaskDuration")
        waits.append((interactive, cpu, page.evaluate(_SEARCH, WORD)))
        context.close()
    return Seen(*(statistics.median(each) for each in zip(*waits, strict=True)))


@contextmanager
def a_browser() -> Iterator[Browser | None]:
    """Debian's Chromium; ``None`` where it is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    if CHROMIUM is None:
        yield None
        return
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


def misses(hosts: int, made: Made, seen: Seen | None) -> list[str]:
    """What of the bar is not met."""
    asked = bar(hosts)
    return [
        name
        for name, value, most in (
            ("time", made.view_s + made.page_s, asked.cpu_s),
            ("size", made.megabytes, asked.megabytes),
            (
                "interactive",
                min(seen.interactive_s, seen.cpu_s) if seen else 0.0,
                asked.interactive_s,
            ),
        )
        if value > most
    ]


def main() -> int:
    """Runs the benchmark; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hosts", type=int, nargs="+", default=[5, 50, 500])
    for name, value in (("checks", 40), ("rounds", 5), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--profile", action="store_true", help="what the time went to")
    parser.add_argument("--keep", type=Path, help="a folder for the pages")
    given = parser.parse_args()
    runs: dict[str, Callable[[int], tuple[RunResult, Reference]]] = {
        "sampled": lambda hosts: sampled_fleet(hosts, seed=given.seed),
        "even": lambda hosts: even_fleet(hosts, given.checks),
    }
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':24}{'view':>8}{'page':>8}{'size':>11}{'interactive':>20}{'CPU':>9}{'search':>8}")
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="assess-report-") as place, a_browser() as browser:
        for kind, make_run in runs.items():
            first: Seen | None = None
            for hosts in given.hosts:
                result, reference = make_run(hosts)
                made = make_report(result, reference, given.rounds)
                seen = look(browser, made.html, Path(place), given.rounds) if browser else None
                first = first or seen
                name = f"{kind}, {hosts} hosts"
                print(f"{name:24}{_told(made, seen, first)}", flush=True)
                missed += [f"{name}: {each}" for each in misses(hosts, made, seen)]
                if given.keep:
                    shutil.copy(Path(place) / "report.nl.html", given.keep / f"{kind}-{hosts}.html")
            if given.profile:
                _profile(result, reference)
    print(f"\nthe bars: {'not met by ' + '; '.join(missed) if missed else 'met'}")
    return 1 if missed else 0


def _told(made: Made, seen: Seen | None, first: Seen | None) -> str:
    told = f"{made.view_s:7.2f}s{made.page_s:7.2f}s{made.megabytes:8.2f} MB"
    if seen is None or first is None:
        return f"{told}   (no browser)"
    ratio = seen.interactive_s / first.interactive_s
    return (
        f"{told}{seen.interactive_s:11.2f}s ({ratio:4.1f}x){seen.cpu_s:8.2f}s{seen.search_s:7.2f}s"
    )


def _profile(result: RunResult, reference: Reference) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(make_report, result, reference, 1)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(20)


if __name__ == "__main__":
    sys.exit(main())
