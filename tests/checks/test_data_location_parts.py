"""Records of several makers' databases, and answers that lack something."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from assessor.api import Captured, Captures, Outcome, Parameters
from assessor.collect.questions.place_records import place_in
from checks.data_location.check import CHECK
from tests.transports.website_support import site, without_each_field

SAMPLES = Path(__file__).resolve().parents[2] / "checks" / "data_location" / "samples"
NOTHING = {"country": None, "network": None, "organisation": None, "anycast": None}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([{"country": {"iso_code": "NL"}}], {"country": "NL"}),
        ([{"country_code": "nl", "asn": "AS64496", "as_name": "A"}], {"country": "NL"}),
        ([{"country": "DE"}, {"country": {"iso_code": "NL"}}], {"country": "DE"}),
        ([{"country": "Netherlands"}], {"country": None}),
        ([{"registered_country": {"iso_code": "US"}}], {"country": None}),
        ([{"autonomous_system_number": 64496}], {"network": 64496}),
        ([{"asn": "AS64496"}], {"network": 64496}),
        ([{"asn": "ASX"}], {"network": None}),
        ([{"asn": True}], {"network": None}),
        ([{"traits": {"is_anycast": True}}], {"anycast": True}),
        ([{"traits": {"is_anycast": "yes"}}], {"anycast": None}),
        ([None, "text", 5, [], {}], {}),
        ([{"country": {"iso_code": 5}, "traits": []}], {}),
        ([], {}),
    ],
)
def test_records(records: list[object], expected: dict[str, object]) -> None:
    found = place_in(records)
    assert {name: found[name] for name in expected} == expected
    assert set(found) == set(NOTHING)


READ = {
    "kind",
    "name",
    "databases",
    "databases.name",
    "databases.type",
    "databases.built",
    "null_mx",
    "hosts",
    "addresses",
    "addresses.host",
    "addresses.ip",
    "addresses.public",
    "addresses.country",
    "addresses.network",
    "addresses.organisation",
    "addresses.anycast",
    "left_out",
}


def test_an_answer_that_lacks_a_field_never_passes() -> None:
    folder = SAMPLES / "site_nl"
    whole = json.loads((folder / "place.stdout").read_text(encoding="utf-8"))
    at: datetime = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))["at"]

    def judged(answer: Any) -> Outcome:
        captured = Captured("place", json.dumps(answer), "", 0, at)
        captures = Captures(site("nl.example", 443), at, {"place": captured})
        parameters = Parameters({"region": "EEA", "max_database_age_days": 180})
        (judgement,) = CHECK.evaluate(CHECK.observe(captures), parameters)
        return judgement.outcome

    assert judged(whole) is Outcome.PASS
    refused = {p for p, changed in without_each_field(whole) if judged(changed) is not Outcome.PASS}
    assert refused == READ
