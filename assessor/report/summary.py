"""The report in a dozen lines of plain text, for a terminal. Pure."""

from __future__ import annotations

from assessor.report.clean import cut
from assessor.report.parts.report import ReportView

MOST_LINES = 12
WIDTH = 100


def summary_lines(view: ReportView) -> tuple[str, ...]:
    """The verdict, the counts, and what needs doing, the worst first.

    Every text of a view has its control characters already made visible, so nothing here can
    steer a terminal. The lines hold no markup: print them as they are.
    """
    summary = view.summary
    lines = [summary.headline]
    lines += [f"  {count.number:>3} {count.badge.word}" for count in reversed(summary.counts)]
    if summary.counts:
        lines.append(f"  {summary.total:>3} {view.labels['in_all']}")
    for number, action in enumerate(summary.actions, 1):
        if len(lines) < MOST_LINES:
            where = f" ({action.where})" if action.where else ""
            lines.append(f"{number}. {action.title}{where}: {action.problem}")
    return tuple(cut(" ".join(line.split("\n")), WIDTH * 2) for line in lines)
