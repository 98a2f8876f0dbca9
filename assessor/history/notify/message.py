"""A message in one language: a subject, and sections of short lines. Pure.

Every form of it (the parts of an e-mail, a card, a push message) is made from the same value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from assessor.history.comparison import Comparison
from assessor.history.drift import Change
from assessor.history.notify import due
from assessor.history.notify.changes import change_lines
from assessor.history.notify.clean import one_line
from assessor.history.notify.news import Failed, Finished, News, Todo, Trial
from assessor.history.notify.texts import Texts
from assessor.history.records import RunSummary
from assessor.model.statement import Verdict

LONGEST_SUBJECT = 140
LONGEST_LINE = 400


class Tone(StrEnum):
    """How grave it is."""

    FAILED = "failed"
    WORSE = "worse"
    CHANGED = "changed"
    SAME = "same"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a heading; a heading that is empty is not shown."""

    title: str
    lines: tuple[str, ...]


class Whole(StrEnum):
    """Where the whole report is, as a message says it."""

    ATTACHED = "attached"
    BUNDLE = "bundle"
    TOO_LARGE = "too_large"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the report is.

    Attributes:
        whole: what goes with the message.
        link: an address where people find it; may be empty.
        path: in the assessment's folder; may be empty.
    """

    whole: Whole = Whole.NONE
    link: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message, ready to be shown: bounded, and with nothing in it that cannot be seen.

    Attributes:
        lead: what this is about, in sentences.
        link: the address of the report; may be empty.
    """

    language: str
    subject: str
    tone: Tone
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: str
    link: str = ""

    def with_report(self, where: Whereabouts, texts: Texts) -> Message:
        """The message with a section that says where the report is."""
        lines = []
        if where.whole is not Whole.NONE:
            lines.append(texts.text(f"report.{where.whole}"))
        if where.link:
            lines.append(texts.text("report.link", link=where.link))
        elif where.path and where.whole in {Whole.NONE, Whole.TOO_LARGE}:
            lines.append(texts.text("report.path", path=where.path))
        if not lines:
            return self
        section = Section(texts.text("section.report"), tuple(lines))
        return replace(self, sections=(*self.sections, section), link=where.link)


def write(news: News, texts: Texts) -> Message:
    """Tells ``news`` in the language of ``texts``."""
    match news.what:
        case Finished() as finished:
            return _finished(news, finished, texts)
        case Failed() as failed:
            return _failed(news, failed, texts)
        case Trial():
            lead = (texts.text("lead.test"),)
            what = texts.text("subject.test")
            footer = texts.text("footer_no_run")
            return Message(texts.language, _subject(news, texts, what), Tone.TEST, lead, (), footer)


def _subject(news: News, texts: Texts, what: str) -> str:
    who = one_line(news.organisation, 60) or texts.text("subject.nobody")
    return one_line(texts.text("subject.line", who=who, what=what), LONGEST_SUBJECT)


def _failed(news: News, failed: Failed, texts: Texts) -> Message:
    day = texts.day(failed.day)
    lead = (
        texts.text("lead.failed", day=day),
        texts.text(f"failed.{failed.reason}"),
        texts.text("lead.failed_meaning"),
        texts.text("lead.failed_todo"),
    )
    footer = _footer(failed.run, texts)
    subject = _subject(news, texts, texts.text("subject.failed", day=day))
    return Message(texts.language, subject, Tone.FAILED, lead, (), footer)


def _footer(run: str, texts: Texts) -> str:
    return texts.text("footer", run=one_line(run, 40)) if run else texts.text("footer_no_run")


def _finished(news: News, finished: Finished, texts: Texts) -> Message:
    run, comparison = finished.run, finished.comparison
    about = "claims" if run.claims else "measures"
    seen = sum(row.seen for row in run.targets)
    lead = [
        texts.text(f"lead.{about}", day=texts.day(run.started_at.date())),
        texts.count("lead.systems", len(run.targets), seen=seen),
    ]
    sections = [Section(texts.text("section.standing"), _standing(run, about, texts))]
    if comparison is None or finished.before is None:
        lead.append(texts.text("lead.first"))
    else:
        key = "compared" if due.changed(comparison) else "same"
        lead.append(texts.text(f"lead.{key}", day=texts.day(finished.before)))
        sections += [
            Section(texts.text(f"section.{change}"), tuple(map(_line, lines)))
            for change, lines in change_lines(comparison, run, finished.names, texts).items()
        ]
    todos = finished.todos.get(texts.language, ())
    if todos:
        lines = [_todo(number, todo, texts) for number, todo in enumerate(todos, 1)]
        if finished.more > 0:
            lines.append(texts.count("action.rest", finished.more))
        sections.append(Section(texts.text("section.actions"), tuple(lines)))
    subject = _subject(news, texts, _what(run, comparison, about, texts))
    return Message(
        texts.language,
        subject,
        _tone(run, comparison),
        tuple(lead),
        tuple(sections),
        _footer(run.run, texts),
    )


def _standing(run: RunSummary, about: str, texts: Texts) -> tuple[str, ...]:
    counts = run.verdicts()
    lines = [
        texts.text("standing_line.verdict", n=n, word=texts.text(f"verdict.{verdict}.{about}"))
        for verdict, n in counts.items()
    ]
    return (*lines, texts.count("standing_line.total", sum(counts.values())))


def _what(run: RunSummary, comparison: Comparison | None, about: str, texts: Texts) -> str:
    """What changed, in the subject's few words."""
    counts = run.verdicts()
    standing = texts.count(
        f"standing.{about}", sum(counts.values()), kept=counts.get(Verdict.KEPT, 0)
    )
    if comparison is None:
        return f"{texts.text('subject.first')}, {standing}"
    if not due.changed(comparison):
        return f"{texts.text('subject.same')}, {standing}"
    parts = []
    worse, mended = (_promises(comparison, each) for each in (Change.WORSE, Change.MENDED))
    if worse:
        suffix = "" if about == "claims" else "_measures"
        parts.append(texts.count(f"subject.worse{suffix}", worse))
    elif systems := _systems(comparison, Change.WORSE):
        parts.append(texts.count("subject.worse_systems", systems))
    if comparison.silent_targets:
        parts.append(texts.count("subject.silent", len(comparison.silent_targets)))
    if comparison.lost_targets:
        parts.append(texts.count("subject.lost", len(comparison.lost_targets)))
    if mended:
        parts.append(texts.count("subject.mended", mended))
    elif systems := _systems(comparison, Change.MENDED):
        parts.append(texts.count("subject.mended_systems", systems))
    return ", ".join(parts) if parts else texts.text("subject.other")


def _promises(comparison: Comparison, change: Change) -> int:
    return sum(item.change is change for item in comparison.promises)


def _systems(comparison: Comparison, change: Change) -> int:
    silent = {row.name for row in comparison.silent_targets}
    return len({i.target for i in comparison.findings if i.change is change} - silent)


def _tone(run: RunSummary, comparison: Comparison | None) -> Tone:
    if due.worse(comparison, run):
        return Tone.WORSE
    return Tone.CHANGED if due.changed(comparison) else Tone.SAME


def _todo(number: int, todo: Todo, texts: Texts) -> str:
    said = todo.todo or texts.text("action.in_report")
    line = (
        texts.text("action.line_where", title=todo.title, where=todo.where, todo=said)
        if todo.where
        else texts.text("action.line", title=todo.title, todo=said)
    )
    who = texts.text("action.who", who=todo.who)
    return f"{number}. {_line(line)} {who}"


def _line(text: str) -> str:
    return one_line(text, LONGEST_LINE)
