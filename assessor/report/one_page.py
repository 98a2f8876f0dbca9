"""Writes a view as one page of A4: what was and what was not shown, for whoever was promised it.

It always is one page, because every line on it has a fixed height and the number of lines is
counted here. Where not all fits, every group keeps its count, and says how many it does not name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assessor.report.clean import cut
from assessor.report.house_view import house_css
from assessor.report.page import STYLE, render_page
from assessor.report.parts.report import ReportView
from assessor.report.parts.shown import ShownLine

TEMPLATE = "one-page.html.j2"
STYLES = (STYLE, "one-page.css")

ROOM_MM = 145.0
"""Height for lists, whatever stands above and below them; ``one-page.css`` leaves it."""
LINE_MM = {"grand": 5.6, "large": 4.3, "medium": 3.9, "small": 3.5}
"""Height of a line in each size of print; those of ``one-page.css``."""
HEAD_LINES = 1.4
"""What the title of a group takes, with the space above it."""
MAX_WARNINGS = 3
MAX_NUMBERS = 3
_MOST = 260
"""Characters of a line; what does not fit is cut by the browser, with an ellipsis."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the page.

    Attributes:
        code: a verdict, which chooses the sign; empty where the group's title has it.
        number: of the promise, or of those that a measure is part of; may be empty.
        note: what stands at the end of the line; may be empty.
        quoted: ``text`` is in the language of the statement.
    """

    code: str
    number: str
    text: str
    note: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A group of lines.

    Attributes:
        title: empty for the list of all promises, which has no title of its own.
        number: of how many promises or measures it tells.
        total: how many of them there are in all groups.
        count: how many lines it has.
        cells: those lines for which there is room.
    """

    code: str
    title: str
    meaning: str
    number: int
    total: int
    count: int
    cells: tuple[Cell, ...]

    @property
    def rest(self) -> int:
        """How many lines are left out."""
        return self.count - len(self.cells)

    def rows(self, columns: int) -> int:
        """How many rows of lines it takes; a rest takes the place of a line."""
        return math.ceil((len(self.cells) + (self.rest > 0)) / columns)

    def of_at_most(self, rows: int, columns: int) -> Box:
        """It, cut to ``rows`` rows."""
        room = rows * columns
        return self if self.count <= room else replace(self, cells=self.cells[: room - 1])


@dataclass(frozen=True, slots=True)
class Sheet:
    """How the page is filled.

    Attributes:
        size: of the print, a key of ``LINE_MM``.
        tall: a promise takes two lines.
        promise_columns: how many promises stand beside each other.
        shown_columns: the same for measures.
        promises: one group without a title, or one per verdict.
    """

    size: str
    tall: bool
    promise_columns: int
    shown_columns: int
    promises: tuple[Box, ...]
    shown: tuple[Box, ...]

    @property
    def height_mm(self) -> float:
        """What its lines and titles take."""
        titles = sum(bool(box.title) for box in (*self.promises, *self.shown))
        promised = sum(box.rows(self.promise_columns) for box in self.promises)
        shown = sum(box.rows(self.shown_columns) for box in self.shown)
        lines = HEAD_LINES * titles + promised * (2 if self.tall else 1) + shown
        return lines * LINE_MM[self.size]


def render_one_page(
    view: ReportView,
    templates: Path,
    own: Path | None = None,
    styles: tuple[str, ...] = STYLES,
) -> str:
    """The summary as a page of HTML that prints on one sheet of A4.

    Args:
        view: what to show; every text in it is escaped here.
        templates: the folder with ``one-page.html.j2``, ``one-page.css`` and ``style.css``.
        own: a folder of an organisation whose files go before those; ``None`` for none.
        styles: the style sheets: those of a screen and its printer, or of another maker of pages.

    Raises:
        InputError: a template of the organisation is broken; says where.
    """
    warnings = view.summary.warnings
    return render_page(
        TEMPLATE,
        templates,
        {
            "view": view,
            "label": view.labels,
            "sheet": fill(view),
            "warnings": warnings[:MAX_WARNINGS],
            "warnings_rest": max(0, len(warnings) - MAX_WARNINGS),
        },
        styles,
        own=own,
        house=house_css(view.house),
        pictures=view.house.logo is not None,
    )


def fill(view: ReportView) -> Sheet:
    """The fullest way to show ``view`` for which there is room."""
    warned = len(view.summary.warnings)
    taken = (HEAD_LINES + min(warned, MAX_WARNINGS + 1)) * LINE_MM["large"] if warned else 0
    room = ROOM_MM - taken
    promises = _promises(view)
    number = len(promises)
    flat = Box("", "", "", number, number, number, promises)
    whole = Sheet("large", True, 1, 2, (flat,), _shown(view))
    for sheet in (
        replace(whole, size="grand"),
        whole,
        replace(whole, tall=False, size="grand"),
        replace(whole, tall=False),
        replace(whole, tall=False, promise_columns=2),
        replace(whole, tall=False, promise_columns=2, size="medium"),
        replace(whole, tall=False, promise_columns=2, size="medium", shown_columns=3),
        replace(whole, tall=False, promise_columns=2, size="small", shown_columns=3),
    ):
        if sheet.height_mm <= room:
            return sheet
    return _cut(Sheet("small", False, 3, 3, _by_verdict(view, promises), _shown(view)), room)


def _cut(sheet: Sheet, room: float) -> Sheet:
    """The sheet with its longest groups cut so that it fits.

    Each group has one row at first; then the smallest that is not whole grows by one, as long as
    there is room. Ten titles with a row each always fit.
    """
    groups = (*sheet.promises, *sheet.shown)
    columns = sheet.promise_columns  # grouped, promises and measures have as many
    rows = [1] * len(groups)

    def filled() -> Sheet:
        cut_off = tuple(box.of_at_most(n, columns) for box, n in zip(groups, rows, strict=True))
        split = len(sheet.promises)
        return replace(sheet, promises=cut_off[:split], shown=cut_off[split:])

    fitting = filled()
    while growing := [n for n, box in enumerate(groups) if box.count > rows[n] * columns]:
        rows[min(growing, key=lambda n: rows[n])] += 1
        if filled().height_mm > room:
            break
        fitting = filled()
    return fitting


def _promises(view: ReportView) -> tuple[Cell, ...]:
    if view.statement:
        return tuple(
            Cell(claim.badge.code, str(claim.number), _flat(claim.quote), claim.badge.word, True)
            for claim in view.claims
        )
    return tuple(
        Cell(each.line.badge.code, str(number), _flat(each.line.link.text), each.line.badge.word)
        for number, each in enumerate(view.measures, 1)
    )


def _by_verdict(view: ReportView, promises: Sequence[Cell]) -> tuple[Box, ...]:
    """The promises under their verdicts; the word stands in the title once."""
    boxes = []
    for verdict in view.shown.counts:
        cells = tuple(
            replace(cell, code="", note="") for cell in promises if cell.code == verdict.code
        )
        if cells:
            number = len(cells)
            boxes.append(Box(verdict.code, verdict.word, "", number, len(promises), number, cells))
    return tuple(boxes)


def _shown(view: ReportView) -> tuple[Box, ...]:
    boxes = []
    for group in view.shown.groups:
        cells = tuple(
            Cell("", _numbers(line), _flat(line.title), line.extent) for line in group.lines
        )
        boxes.append(
            Box(
                group.code, group.title, group.meaning, group.number, view.shown.total,
                len(cells), cells,
            )
        )  # fmt: skip
    return tuple(boxes)


def _numbers(line: ShownLine) -> str:
    shown = ", ".join(map(str, line.numbers[:MAX_NUMBERS]))
    return f"{shown}, …" if len(line.numbers) > MAX_NUMBERS else shown


def _flat(text: str) -> str:
    return cut(" ".join(text.split()), _MOST)
