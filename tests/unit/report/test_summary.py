"""The summary for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from assessor.model.language import Language
from assessor.report.parts.report import ReportView
from assessor.report.summary import MOST_LINES, summary_lines
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.unit.report.test_html import MISLEADING, hostile_run


def test_the_worst_comes_first_and_every_count_has_its_whole(
    views: Mapping[Language, ReportView],
) -> None:
    lines = summary_lines(views[Language.EN])

    assert lines[0].startswith("1 of the 12 promises is broken, 5 are kept only in part")
    assert [line.split() for line in lines[1:8]] == [
        ["1", "broken"],
        ["1", "not", "shown"],
        ["1", "expired"],
        ["5", "partly", "kept"],
        ["1", "attested"],
        ["3", "kept"],
        ["12", "in", "all"],
    ]
    assert lines[8].startswith("1. Security updates (kassa): 12 security updates are pending")
    assert len(lines) <= MOST_LINES


def test_nothing_in_it_can_steer_a_terminal(texts: Mapping[Language, ReportTexts]) -> None:
    result, reference = hostile_run(MISLEADING)
    view = build_view(result, reference, Language.NL, texts[Language.NL])

    text = "".join(summary_lines(view))

    assert not [char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs"}]


def test_an_empty_run_has_a_summary(texts: Mapping[Language, ReportTexts]) -> None:
    view = build_view(make.make_result(), make.make_reference(), Language.EN, texts[Language.EN])

    assert summary_lines(view) == ("Nothing was assessed.",)
