"""What changed, in lines for people, by what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assessor.history.comparison import Comparison, PromiseChange
from assessor.history.drift import Change, Drift
from assessor.history.notify.clean import is_address, one_line
from assessor.history.notify.news import Names
from assessor.history.notify.texts import Texts
from assessor.history.records import RunSummary
from assessor.model.finding import Outcome

MOST_LINES = 8
"""Of one kind; the report has the rest."""


@dataclass(slots=True)
class _Lines:
    """The lines of each kind of change, in the order in which they are shown."""

    kinds: dict[Change, list[str]] = field(default_factory=lambda: {each: [] for each in Change})

    def add(self, change: Change, line: str) -> None:
        self.kinds[change].append(line)


def change_lines(
    comparison: Comparison, run: RunSummary, names: Names, texts: Texts
) -> Mapping[Change, tuple[str, ...]]:
    """The lines of each kind of change, at most ``MOST_LINES`` of each; no empty kinds."""
    lines = _Lines()
    about = "promise" if run.claims else "measure"
    for item in comparison.promises:
        lines.add(item.change, _promise(item, run, names, texts, about))
    if comparison.silent_targets:
        silent = where((row.name for row in comparison.silent_targets), names, texts)
        lines.add(Change.WORSE, texts.text("change.silent", where=silent))
    if comparison.new_targets:
        new = where((row.name for row in comparison.new_targets), names, texts)
        lines.add(Change.NEW, texts.text("change.target_new", where=new))
    if comparison.lost_targets:
        lost = where((row.name for row in comparison.lost_targets), names, texts)
        lines.add(Change.GONE, texts.text("change.target_lost", where=lost))
    for (change, measure, before, after), targets in _grouped(comparison).items():
        lines.add(change, _finding(change, measure, before, after, targets, names, texts))
    return {
        change: _bounded(tuple(dict.fromkeys(found)), texts)
        for change, found in lines.kinds.items()
        if found
    }


def where(targets: Iterable[str], names: Names, texts: Texts) -> str:
    """Targets by name; one whose name is an address by what it is."""
    return texts.join([system(name, names, texts) for name in targets])


def system(name: str, names: Names, texts: Texts) -> str:
    """A target by its name, or by what it is where its name is the address of a machine."""
    if not is_address(name):
        return one_line(name, 64)
    role = names.roles.get(name)
    return texts.text(f"role.{role}") if role else "…"


def measure(name: str, names: Names, texts: Texts) -> str:
    """A measure's title."""
    return one_line(names.measures.get(name, {}).get(texts.language, name), 80)


def _promise(item: PromiseChange, run: RunSummary, names: Names, texts: Texts, about: str) -> str:
    titles = [measure(each, names, texts) for each in item.measures]
    words = {"measures": texts.join(titles, 4)}
    about_words = "claims" if about == "promise" else "measures"
    if about == "promise":
        words["number"] = _number(item, run)
    if item.before is not None:
        words["before"] = texts.text(f"verdict.{item.before}.{about_words}")
    if item.after is None:
        # What the earlier run knew may be a promise although this one has none, or the reverse.
        return texts.text(f"change.{about}_gone", measures=words["measures"])
    words["after"] = texts.text(f"verdict.{item.after}.{about_words}")
    if item.before is None:
        return texts.text(f"change.{about}_new", **words)
    kind = about if item.before is not item.after else f"{about}_reworded"
    return texts.text(f"change.{kind}", **words)


def _number(item: PromiseChange, run: RunSummary) -> str:
    """Its number in the report."""
    for number, row in enumerate(run.claims, 1):
        if " ".join(row.quote.split()) == item.text:
            return str(number)
    return "…"


_Group = tuple[Change, str, Outcome | None, Outcome | None]


def _grouped(comparison: Comparison) -> Mapping[_Group, list[str]]:
    """The targets of equal changes; without what the lines on whole targets say already."""
    new = {row.name for row in comparison.new_targets}
    lost = {row.name for row in comparison.lost_targets}
    silent = {row.name for row in comparison.silent_targets}
    groups: dict[_Group, list[str]] = {}
    for item in comparison.findings:
        if not _said_already(item, new, lost, silent):
            group = (item.change, item.measure, item.before, item.after)
            groups.setdefault(group, []).append(item.target)
    return groups


def _said_already(item: Drift, new: set[str], lost: set[str], silent: set[str]) -> bool:
    return (
        (item.target in new and item.after is not Outcome.FAIL)
        or item.target in lost
        or (item.target in silent and item.after is Outcome.UNKNOWN)
    )


def _finding(
    change: Change,
    about: str,
    before: Outcome | None,
    after: Outcome | None,
    targets: Iterable[str],
    names: Names,
    texts: Texts,
) -> str:
    words = {"measure": measure(about, names, texts), "where": where(targets, names, texts)}
    if before is not None:
        words["before"] = texts.text(f"outcome.{before}")
    if after is not None:
        words["after"] = texts.text(f"outcome.{after}")
    suffix = {Change.NEW: "_new", Change.GONE: "_gone"}.get(change, "")
    return texts.text(f"change.finding{suffix}", **words)


def _bounded(lines: tuple[str, ...], texts: Texts) -> tuple[str, ...]:
    if len(lines) <= MOST_LINES:
        return lines
    rest = len(lines) - MOST_LINES + 1
    return (*lines[: MOST_LINES - 1], texts.count("change.rest", rest))
