"""How far a run is: a line per check and target in a log, live bars on a terminal."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from assessor.cli.console import note, on_terminal, plain
from assessor.model.capture import Capture, NotCaptured
from assessor.model.plan import TargetPlan

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


@dataclass(slots=True)
class _Target:
    """A target under way: the probes that each of its checks still waits for."""

    waiting: dict[str, set[str]]
    checks: int
    bar: TaskID | None = None

    @property
    def done(self) -> int:
        return self.checks - len(self.waiting)


@dataclass(slots=True)
class RunProgress:
    """Implements ``collect.runner.Progress``; used as a context manager.

    Attributes:
        total: targets that will be asked.
        quiet: say nothing.
    """

    total: int
    quiet: bool = False
    _targets: dict[str, _Target] = field(default_factory=dict)
    _ended: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _bars: Bars | None = None

    def __enter__(self) -> Self:
        if not self.quiet and on_terminal():
            self._bars = _bars()
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars:
            self._bars.stop()

    def begun(self, plan: TargetPlan) -> None:
        """A target is being collected."""
        waiting = {planned.check: set(planned.keys.values()) for planned in plan.checks}
        with self._lock:
            target = _Target(waiting, len(waiting))
            self._targets[plan.target.name] = target
            if self._bars:
                target.bar = self._bars.add_task(plain(plan.target.name), total=target.checks)
            else:
                self._say(f"{plan.target.name}: {target.checks} checks")

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """A probe was stored; a check is through when all its probes are."""
        with self._lock:
            target = self._targets[plan.target.name]
            for check, keys in list(target.waiting.items()):
                keys.discard(capture.probe)
                if keys:
                    continue
                del target.waiting[check]
                if self._bars and target.bar is not None:
                    self._bars.update(
                        target.bar,
                        completed=target.done,
                        description=f"{plain(plan.target.name)}: {check}",
                    )
                else:
                    self._say(f"{plan.target.name}: {target.done}/{target.checks} {check}")

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """A target is done."""
        with self._lock:
            self._ended += 1
            target = self._targets.pop(plan.target.name)
            if self._bars and target.bar is not None:
                self._bars.remove_task(target.bar)
            word = "done" if gap is None else f"not complete: {gap.detail}"
            self.tell(f"[{self._ended}/{self.total}] {plan.target.name}: {word}")
            if gap is not None and gap.mend:
                self._say(f"    {gap.mend}")

    def tell(self, text: str) -> None:
        """Says something about the run as a whole."""
        if self._bars:
            self._bars.console.print(plain(text), markup=False, highlight=False)
        else:
            self._say(text)

    def _say(self, text: str) -> None:
        if not self.quiet:
            note(text)


def _bars() -> Bars:
    # Only a terminal shows them; a run from a script or a schedule does not wait for their library.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    return Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
