"""One page over many clients: how each is, and where its report is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.report.page import render_page

TEMPLATE = "clients.html.j2"


@dataclass(frozen=True, slots=True)
class ClientRow:
    """What came of one client's run.

    Attributes:
        name: the organisation, or its folder.
        folder: relative to the root, as people know it.
        exit_code: of its run.
        counts: how many claims (or measures, without a statement) have each verdict; empty where
            the run came to no conclusion.
        report: the report's path relative to the page; empty where there is none.
        problem: the last line that it complained of; empty where it did not.
    """

    name: str
    folder: str
    exit_code: int
    counts: Mapping[Verdict, int]
    report: str
    problem: str


def load_words(templates: Path, language: Language) -> Mapping[str, str]:
    """The page's texts in one language."""
    words: dict[str, Mapping[str, str]] = yaml.safe_load(
        (templates / "clients.yaml").read_text(encoding="utf-8")
    )
    return words[language.value]


def render_clients(
    rows: Sequence[ClientRow], at: datetime, language: Language, templates: Path
) -> str:
    """The page; every text in it is escaped, and it runs and loads nothing."""
    return render_page(
        TEMPLATE,
        templates,
        {
            "rows": rows,
            "verdicts": [
                verdict for verdict in Verdict if any(row.counts.get(verdict) for row in rows)
            ],
            "word": load_words(templates, language),
            "language": language.value,
            "day": f"{at:%Y-%m-%d %H:%M} UTC",
        },
    )
