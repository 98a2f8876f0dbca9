"""The page's texts say the same in both languages, and every key that is asked for is there."""

from __future__ import annotations

import re
import string

from assessor.model.language import Language
from assessor.web.pages import FOLDER, load_texts
from tests.end_to_end.assess import ROOT

NL, EN = (load_texts(ROOT / "reports", language) for language in Language)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_every_text_with_the_same_facts() -> None:
    assert set(NL) == set(EN)
    assert {key for key in NL if _fields(NL[key]) != _fields(EN[key])} == set()


def test_every_text_that_a_template_names_is_there() -> None:
    named = {
        key
        for path in (ROOT / "reports" / FOLDER).glob("*.j2")
        for key in re.findall(r"\bt\('(\w+)'[,)]", path.read_text("utf-8"))
    }
    assert len(named) > 20
    assert named - set(NL) == set()
