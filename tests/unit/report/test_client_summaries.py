"""The client's summaries hold nothing that helps an attacker, as the client's report holds none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.model.run import Reference, RunResult
from assessor.report.markdown import render_markdown
from assessor.report.one_page import render_one_page
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.leaks import common_text, leaks, private_words
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.secretive import PORT, secretive_run
from tests.unit.report.test_injection import docx_parts

Texts = Mapping[Language, ReportTexts]

FORMS: dict[str, Callable[[ReportView], str]] = {
    "markdown": render_markdown,
    "docx": docx_parts,
    "one page": lambda view: render_one_page(view, TEMPLATES),
}


def written(
    texts: Texts,
    form: str,
    run: tuple[RunResult, Reference],
    audience: Audience = Audience.CLIENT,
    language: Language = Language.NL,
) -> str:
    return FORMS[form](build_view(*run, language, texts[language], Presentation(audience)))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("form", FORMS)
def test_no_word_of_the_example_is_told(texts: Texts, form: str, language: Language) -> None:
    run = result, reference = example_result(), example_reference()
    private = private_words(result)
    nothing = written(texts, form, (make.make_result(plan=[]), reference), language=language)
    common = common_text(result, reference, [*texts[language].entries.values(), nothing])

    summary = written(texts, form, run, language=language)

    assert leaks(summary, private, common) == set()


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("form", FORMS)
def test_no_word_stays_wherever_it_stands(texts: Texts, form: str, language: Language) -> None:
    run = secretive_run(lambda purpose: f"zq8{purpose}")
    hidden = rf"zq8\w+|192\.0\.2|198\.51|2001:db8|{PORT}|60123|/srv|/usr/"

    assert re.findall(hidden, written(texts, form, run, language=language).lower()) == []
    assert re.findall(hidden, written(texts, form, run, Audience.INTERNAL, language).lower()) != []
