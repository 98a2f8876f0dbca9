"""The news of a run, from its folder and that of the run before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assessor import bundled, pipeline
from assessor.chronicle import record_of
from assessor.errors import EvidenceError
from assessor.evidence.seals import is_sealed
from assessor.evidence.store import RunFolder, list_runs
from assessor.history.comparison import compare
from assessor.history.notify.clean import is_address, one_line
from assessor.history.notify.failure import Failure
from assessor.history.notify.news import Failed, Finished, Names, News, Todo
from assessor.history.notify.texts import load_texts
from assessor.history.records import RunRecord
from assessor.model.capture import Reason
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Finding, Message
from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.model.statement import MeasureVerdict
from assessor.model.target import Role
from assessor.report.actions import build_actions
from assessor.report.context import NOT_OBSERVED, Context
from assessor.report.parts.first_screen import Action
from assessor.report.phrases import MISSING
from assessor.report.summary_view import FIRST_ACTIONS
from assessor.report.texts import load_texts as load_report_texts
from assessor.statement.decisions import changes as statement_changes

LONGEST_TODO = 300
_RECENT = timedelta(days=2)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def finished_news(folder: Path, run: RunFolder, languages: Iterable[Language]) -> News:
    """The news of a finished run.

    Raises:
        EvidenceError: it was not finished, or is damaged.
    """
    if not is_sealed(run):
        raise EvidenceError(
            f"run {run.id} was not finished: 'assess run --resume' does that, "
            "and 'assess notify --failed unfinished' tells that it was broken off"
        )
    after = record_of(run)
    before = _before(folder, run)
    comparison = None
    if before is not None:
        comparison = compare(before, after, lambda old, new: statement_changes(old, new).changed)
    result, reference = _stored(run), pipeline.checks_of(run).reference()
    targets = {planned.target.name: planned.target for planned in result.plan.targets}
    roles = {name: target.role for name, target in targets.items()}
    if before is not None:
        for row in before.summary.targets:
            roles.setdefault(row.name, Role(row.role))
    titles = {
        name: {each: measure.title.get(each, name) for each in Language}
        for name, measure in reference.measures.items()
    }
    names = Names(titles, roles)
    todos, more = {}, 0
    for language in set(languages):
        actions = _actions(result, reference, language)
        todos[language] = tuple(_todo(each, names, language) for each in actions[:FIRST_ACTIONS])
        more = max(0, len(actions) - FIRST_ACTIONS)
    day = before.summary.started_at.date() if before else None
    finished = Finished(after.summary, comparison, day, names, todos, more)
    return News(result.facts.organisation, finished)


def failed_news(folder: Path, organisation: str, reason: Failure, now: datetime) -> News:
    """The news that a run failed: the one that was broken off last, or one that never began."""
    runs = list_runs(folder)
    run = runs[-1].id if runs and not is_sealed(runs[-1]) else ""
    if run and now - runs[-1].facts().started_at > _RECENT:
        run = ""  # broken off long ago, and not what is told now
    return News(organisation, Failed(run, now.astimezone(UTC).date(), reason))


def _before(folder: Path, run: RunFolder) -> RunRecord | None:
    """The last finished run before ``run`` that can be read."""
    for earlier in reversed(list_runs(folder)):
        if earlier.id < run.id and is_sealed(earlier):
            try:
                return record_of(earlier)
            except EvidenceError:
                continue  # 'assess verify' says what is wrong with it
    return None


def _stored(run: RunFolder) -> RunResult:
    """A run as it was concluded then, without its evidence."""
    conclusions = run.conclusions()
    if conclusions is None:
        raise EvidenceError(f"{run.path}: holds no conclusions")
    statement = run.statement()
    return RunResult(
        facts=run.facts(),
        finished_at=conclusions.finished_at,
        plan=run.plan(),
        evidence={},
        findings=conclusions.findings,
        statement=statement.statement if statement else None,
        claims=conclusions.claims,
        measures=conclusions.measures,
    )


def _actions(result: RunResult, reference: Reference, language: Language) -> tuple[Action, ...]:
    """What needs doing, as the report has it, but with nothing in it that a machine said."""
    silent = replace(
        result,
        findings=(),
        claims=tuple(
            replace(claim, measures=tuple(map(_without_answers, claim.measures)))
            for claim in result.claims
        ),
        measures=tuple(map(_without_answers, result.measures)),
    )
    texts = load_report_texts(bundled.folder("reports"), language)
    return build_actions(Context(silent, reference, language, texts))


def _without_answers(line: MeasureVerdict) -> MeasureVerdict:
    return replace(line, findings=tuple(map(_without_answer, line.findings)))


def _without_answer(finding: Finding) -> Finding:
    judgement = finding.judgement
    said = judgement.message
    message = Message(said.id, _harmless(said.facts, reason=said.id == NOT_OBSERVED))
    bare = replace(judgement, message=message, expected={}, observed={}, advice=())
    return replace(finding, judgement=bare, error="")


def _harmless(facts: Facts, *, reason: bool) -> Mapping[str, Fact]:
    """Numbers and days; what a machine wrote is left out, and shows as an ellipsis."""
    kept: dict[str, Fact] = {
        name: value
        for name, value in facts.items()
        if isinstance(value, (bool, int, float))
        or (isinstance(value, str) and _DAY.fullmatch(value))
    }
    if reason and facts.get("reason") in set(Reason):
        kept["reason"] = facts["reason"]
    return kept


def _todo(action: Action, names: Names, language: Language) -> Todo:
    said = next(
        (text for text in (action.todo, action.problem) if text and MISSING not in text), ""
    )
    where = action.where
    texts = load_texts(bundled.folder("reports"), language)
    for name in sorted(filter(is_address, names.roles), key=len, reverse=True):
        where = where.replace(name, texts.text(f"role.{names.roles[name]}"))
    return Todo(
        one_line(action.title, 160), one_line(where, 160), one_line(said, LONGEST_TODO), action.who
    )
