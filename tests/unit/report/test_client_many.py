"""The client's version of a run of many systems, of which every check of ours saw something."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from assessor.model.language import Language
from assessor.report.texts import ReportTexts
from tests import factories as make
from tests.leaks import common_text, leaks, private_words, shown, told
from tests.unit.report.fleets import sampled_fleet
from tests.unit.report.test_client import documents


@pytest.mark.parametrize("hosts", [12, 40])
def test_no_word_of_a_fleet_is_told(texts: Mapping[Language, ReportTexts], hosts: int) -> None:
    """Twelve systems are told one by one, forty in groups."""
    result, reference = sampled_fleet(hosts)
    private = private_words(result)
    nothing = documents(texts, make.make_result(plan=[]), reference)
    page, document = documents(texts, result, reference)
    # The names of findings in the document ("f694") may be the beginning of some digest.
    ids = [each["id"] for each in json.loads(document)["findings"]]
    common = common_text(
        result,
        reference,
        [*texts[Language.NL].entries.values(), shown(nothing[0]), told(nothing[1]), *ids],
    )

    assert len(private) > 5_000
    assert leaks(shown(page), private, common) == set()
    assert leaks(told(document), private, common) == set()
