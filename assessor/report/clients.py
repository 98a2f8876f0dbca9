"""One page over many clients: how each is, and where its report is."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assessor.model.statement import Language, Verdict

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
    style = (templates / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = load_words(templates, language)
    return environment.get_template(TEMPLATE).render(
        rows=rows,
        verdicts=[verdict for verdict in Verdict if any(row.counts.get(verdict) for row in rows)],
        word=words,
        language=language.value,
        day=f"{at:%Y-%m-%d %H:%M} UTC",
        style=Markup(style),  # noqa: S704 - our own file, not data
        policy=(
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        ),
    )
