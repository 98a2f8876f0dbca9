"""What a summary for mailing says, in which order: once, for every form that is a document.

A form writes the blocks as it can; none adds or leaves out. Texts are those of the view: visible,
bounded and not escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assessor.report.clean import cut
from assessor.report.parts.claims import ClaimView, MeasureLine, Word
from assessor.report.parts.common import Badge, Item, Link, Note
from assessor.report.parts.first_screen import Action
from assessor.report.parts.past import CourseView
from assessor.report.parts.report import ReportView
from assessor.report.parts.targets import GapView

SIGNS = {
    "kept": "✓", "pass": "✓", "partly": "◐", "broken": "✗", "fail": "✗", "attested": "✎",
    "expired": "◷", "unproven": "?", "unknown": "?", "not-applicable": "–",
}  # fmt: skip
"""A sign for each verdict and outcome; it always stands beside the word."""
FIRST_WORDS = 160
"""Characters of a promise in the table of all; its whole text follows after it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line.

    Attributes:
        literal: it is a machine's or a file's own text.
        tone: the verdict that colours it, where the form has colours; may be empty.
    """

    text: str
    strong: bool = False
    literal: bool = False
    tone: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title of the whole and stands there once."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``lead`` where it is the verdict in one sentence."""

    line: Line
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Quotation:
    """Somebody's own words, in their language; lines are kept."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list: its lines, and a command or line of settings that may be empty."""

    lines: tuple[Line, ...]
    command: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of entries, numbered where their order matters."""

    entries: tuple[Entry, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one row of headings; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


Block = Heading | Paragraph | Quotation | Listing | Table


def outline(view: ReportView) -> Iterator[Block]:
    """The summary of a run, block by block."""
    yield from _opening(view)
    yield from _actions(view)
    yield from _warnings(view)
    yield from _promises(view)
    yield from _not_shown(view)
    yield from _closing(view)


def _opening(view: ReportView) -> Iterator[Block]:
    summary, label = view.summary, view.labels
    yield Heading(1, _plain(summary.title))
    if summary.subtitle != summary.title:
        yield Paragraph(_plain(summary.subtitle))
    yield Paragraph((Span(summary.headline, tone=summary.tone),), lead=True)
    yield _facts(summary.facts)
    if not summary.total:
        return
    yield Heading(2, _plain(label["outcome"]))
    yield Listing(
        tuple(
            _entry(
                _verdict(each.code, each.word),
                Span(f": {each.number} {label['of']} {summary.total}"),
            )
            for each in view.shown.counts
        )
    )


def _actions(view: ReportView) -> Iterator[Block]:
    summary, label = view.summary, view.labels
    yield Heading(2, _plain(label["actions"] if summary.actions else label["no_actions"]))
    if summary.actions:
        yield Listing(tuple(_action(view, each) for each in summary.actions), numbered=True)
    if summary.more:
        yield Paragraph(_plain(summary.more))


def _action(view: ReportView, action: Action) -> Entry:
    label = view.labels
    lines = [
        (Span(action.title, strong=True), Span(f" ({action.weight})")),
        _plain(action.problem),
        _plain(action.todo),
        _labelled(label["who"], action.who),
    ]
    if action.where:
        lines.append(_labelled(label["where"], action.where))
    if view.statement and action.links:  # else the title says it
        lines.append(_labelled(label["about"], _named(action.links)))
    return Entry(tuple(line for line in lines if _says(line)), action.hint)


def _warnings(view: ReportView) -> Iterator[Block]:
    if view.summary.warnings:
        yield Heading(2, _plain(view.labels["warnings"]))
        yield Listing(tuple(Entry((_plain(each),)) for each in view.summary.warnings))


def _promises(view: ReportView) -> Iterator[Block]:
    label = view.labels
    if view.statement:
        rows = tuple(_row(claim.name, claim.quote, claim.badge) for claim in view.claims)
        head, title = label["promise"], label["claims"]
    else:
        rows = tuple(
            _row(str(number), each.line.link.text, each.line.badge)
            for number, each in enumerate(view.measures, 1)
        )
        head, title = label["measure"], label["measures"]
    if not rows:
        return
    yield Heading(2, _plain(title))
    yield Table(title, (label["number"], head, label["verdict"]), rows)
    for claim in view.claims:
        yield from _claim(view, claim)
    if not view.statement:
        for each in view.measures:
            yield _verdict_heading(3, each.line.link.text, each.line.badge)
            yield from _course(each.course)
            yield from _measure(view, each.line)


def _row(name: str, text: str, badge: Badge) -> tuple[Line, ...]:
    words = cut(" ".join(text.split()), FIRST_WORDS)
    return _plain(name), _plain(words), (_verdict(badge.code, badge.word),)


def _claim(view: ReportView, claim: ClaimView) -> Iterator[Block]:
    label = view.labels
    yield _verdict_heading(3, claim.name, claim.badge)
    if claim.heading:
        yield Paragraph(_labelled(label["under"], claim.heading))
    yield Quotation(claim.quote, view.statement.language if view.statement else view.language)
    single = len(claim.measures) == 1
    if not single and claim.why:
        yield Paragraph(_plain(claim.why))
    yield from _course(claim.course)
    for line in claim.measures:
        if single:
            yield Paragraph((Span(line.link.text, strong=True),))
        else:
            yield _verdict_heading(4, line.link.text, line.badge)
        yield from _measure(view, line)


def _course(course: CourseView | None) -> Iterator[Block]:
    if course and course.since:
        yield Paragraph(_plain(course.since))


def _measure(view: ReportView, line: MeasureLine) -> Iterator[Block]:
    label = view.labels
    if line.why:
        yield Paragraph(_plain(line.why))
    noted = (*line.failures, *line.gaps)
    if noted:
        rest = (Entry((_plain(f"{label['and_more']} {line.rest}"),)),) if line.rest else ()
        yield Listing((*(_note(view, each) for each in noted), *rest))
    for word in line.words:
        yield from _word(view, word)
    for each in line.settings:
        promised = each.promised or label["not_named"]
        used = each.used or label["not_tested"]
        yield Paragraph(
            _labelled(each.label, f"{label['promised']} {promised}; {label['used']} {used}")
        )
    for advice in line.advice:
        yield Paragraph(_labelled(label["advice"], advice))
    for remedy in line.remedies:
        yield Paragraph(_labelled(label["remedy"], remedy))


def _note(view: ReportView, note: Note) -> Entry:
    where = _named(note.targets)
    if where and note.more:
        where = f"{where} {view.labels['and_more']} {note.more}"
    about = " · ".join(filter(None, (_named(note.subjects), where)))
    sign = Span(f"{SIGNS[note.code]} ", tone=note.code)
    said = f": {note.text}" if note.text and about else note.text
    line = (sign, Span(about, strong=True), Span(said))
    detail = ((Span(note.detail, literal=True),),) if note.detail else ()
    return Entry((line, *detail))


def _word(view: ReportView, word: Word) -> Iterator[Block]:
    subject = Span(f" {word.subject}" if word.subject else "")
    yield Paragraph((_verdict(word.badge.code, word.badge.word), subject))
    yield Quotation(word.said, view.language)
    yield Paragraph(_plain(f"{word.by}. {word.until}"))
    if word.files:
        yield _facts(word.files)


def _not_shown(view: ReportView) -> Iterator[Block]:
    """The last group of what was and was not shown, why, and what would make it visible."""
    missing = view.shown.groups[-1]
    yield Heading(2, _plain(missing.title))
    if not missing.lines and not view.gaps:
        yield Paragraph(_plain(view.labels["no_gaps"]))
        return
    yield Paragraph(_plain(missing.meaning))
    if missing.lines:
        yield Listing(
            tuple(
                _entry(
                    Span(line.title, strong=True),
                    Span(f" ({line.promises})" if line.promises else ""),
                    Span(f": {line.extent}" if line.extent else ""),
                )
                for line in missing.lines
            )
        )
    if view.gaps:
        yield Heading(3, _plain(view.labels["mend"]))
        yield Listing(tuple(_gap(gap) for gap in view.gaps))


def _gap(gap: GapView) -> Entry:
    title = gap.title.rstrip(".")
    return Entry(((Span(title, strong=True), Span(f". {gap.mend}")),), "\n".join(gap.hints))


def _closing(view: ReportView) -> Iterator[Block]:
    yield Heading(2, _plain(view.labels["about_report"]))
    for sentence in (*view.summary.scope, view.shown.whereabouts, view.shown.disclaimer):
        yield Paragraph(_plain(sentence))
    house = view.house
    if house.name or house.contact:
        yield Heading(2, _plain(view.labels["questions_about"]))
        if house.name:
            yield Paragraph(_plain(house.name))
        if house.contact:
            entries = (Entry((_labelled(each.label, each.text),)) for each in house.contact)
            yield Listing(tuple(entries))


def _facts(items: Iterable[Item]) -> Listing:
    return Listing(
        tuple(Entry((_labelled(item.label, item.value, literal=item.literal),)) for item in items)
    )


def _verdict_heading(level: int, name: str, badge: Badge) -> Heading:
    return Heading(level, (Span(f"{name}: "), _verdict(badge.code, badge.word)))


def _verdict(code: str, word: str) -> Span:
    return Span(f"{SIGNS[code]} {word}", tone=code)


def _labelled(label: str, value: str, *, literal: bool = False) -> Line:
    return Span(f"{label}:", strong=True), Span(" "), Span(value, literal=literal)


def _entry(*spans: Span) -> Entry:
    return Entry((spans,))


def _plain(text: str) -> Line:
    return (Span(text),)


def _named(links: Iterable[Link]) -> str:
    return ", ".join(link.text for link in links)


def _says(line: Line) -> bool:
    return any(span.text.strip() for span in line)
