"""Who writes a template finds every field of the view in the docs, with its meaning."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from tests.scripts import script

MODEL = script("view_model")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reports.md"


def test_every_field_has_a_meaning_and_no_other_is_told() -> None:
    fields = {kind: [field.name for field in dataclasses.fields(kind)] for kind in MODEL.model()}

    assert len(fields) > 30
    assert {kind.__name__: sorted(MODEL.meanings(kind)) for kind in fields} == {
        kind.__name__: sorted(names) for kind, names in fields.items()
    }


def test_the_docs_end_with_the_model_as_it_is() -> None:
    told = PAGE.read_text(encoding="utf-8")

    assert told[told.index(MODEL.BEGIN) :] == MODEL.view_model(), (
        "run: python scripts/view_model.py --write"
    )


def test_every_template_that_the_docs_name_exists() -> None:
    told = PAGE.read_text(encoding="utf-8")
    reports = PAGE.parents[1] / "reports"
    for name in re.findall(r"`((?:parts/)?[a-z-]+\.(?:html\.j2|css))`", told):
        assert (reports / name).is_file(), name
