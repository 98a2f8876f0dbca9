"""Runs and comparisons as values, for the tests of notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from assessor import bundled
from assessor.history.comparison import Comparison, compare
from assessor.history.notify.news import Finished, Names, News, Todo
from assessor.history.notify.texts import Texts, load_texts
from assessor.history.records import ClaimRow, FindingRow, RunRecord, RunSummary, TargetRow
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.model.target import Role

TITLES = {
    "firewall": {Language.NL: "Firewall", Language.EN: "Firewall"},
    "backups": {Language.NL: "Back-ups", Language.EN: "Backups"},
}
QUOTES = {"firewall": "Wij hebben een firewall.", "backups": "Wij maken back-ups."}


def texts(language: Language = Language.EN) -> Texts:
    return load_texts(bundled.folder("reports"), language)


def claim(measure: str, verdict: Verdict, quote: str = "") -> ClaimRow:
    said = quote or QUOTES[measure]
    return ClaimRow(measure, said, 0, len(said), "", (measure,), verdict, "rule")


def finding(target: str, outcome: Outcome, measure: str = "firewall") -> FindingRow:
    return FindingRow(target, measure, f"{measure}_check", 1, outcome, "message")


def run(
    claims: Iterable[ClaimRow] = (),
    findings: Iterable[FindingRow] = (),
    *,
    targets: Mapping[str, bool] | None = None,
    month: int = 11,
) -> RunRecord:
    """A run of these claims and findings; ``targets`` and whether each gave an answer."""
    seen = {"srv1": True} if targets is None else targets
    at = datetime(2026, month, 24, 9, 5, tzinfo=UTC)
    summary = RunSummary(
        run=f"2026{month}24T090500Z-4f2a",
        manifest="0" * 64,
        started_at=at,
        finished_at=at,
        organisation="Bakkerij Zoet",
        profile="mkb",
        assess_version="0.1.0",
        vantage="here",
        statement="",
        outcomes={},
        claims=tuple(claims),
        targets=tuple(TargetRow(name, "server", "linux", yes) for name, yes in seen.items()),
    )
    return RunRecord(summary, tuple(findings))


def comparison(before: RunRecord, after: RunRecord) -> Comparison:
    return compare(before, after, lambda _old, _new: ())


def finished(
    after: RunRecord,
    before: RunRecord | None = None,
    *,
    todos: tuple[Todo, ...] = (),
    more: int = 0,
    organisation: str = "Bakkerij Zoet",
) -> News:
    """The news of ``after``."""
    roles = {row.name: Role.SERVER for one in (after, before) if one for row in one.summary.targets}
    return News(
        organisation,
        Finished(
            after.summary,
            comparison(before, after) if before else None,
            date(2026, 10, 24) if before else None,
            Names(TITLES, roles),
            dict.fromkeys(Language, todos),
            more,
        ),
    )
