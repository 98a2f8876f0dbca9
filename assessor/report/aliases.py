"""What clients call the targets of a run: the words in the place of names and addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from assessor.model.target import Target
from assessor.report.clean import one_line
from assessor.report.texts import ReportTexts

LONGEST_LABEL = 60


def aliases(targets: Iterable[Target], texts: ReportTexts) -> Mapping[str, str]:
    """What a client calls each target, by its name: its label, or its role with a number.

    A target is numbered within its role in the inventory's order, whether it has a label or not;
    labels that are not unique get numbers too.
    """
    listed = list(targets)
    labels = [one_line(target.label, LONGEST_LABEL) for target in listed]
    times = Counter(label.casefold() for label in labels)
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    found: dict[str, str] = {}
    for target, label in zip(listed, labels, strict=True):
        seen[target.role] += 1
        seen[key := f"label {label.casefold()}"] += 1
        if not label:
            alias = texts[f"client.alias.{target.role}"].replace("{n}", str(seen[target.role]))
        else:
            alias = f"{label} {seen[key]}" if times[label.casefold()] > 1 else label
        while alias.casefold() in taken:
            alias += "+"
        taken.add(alias.casefold())
        found[target.name] = alias
    return found
