"""The JSON Schema for editors says what the models say."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from assessor import bundled
from assessor.inputs.first_settings import FirstSettings, first_targets, render
from assessor.inputs.schema import assessment_schema
from assessor.model.language import Language
from tests.unit.inputs.test_assessment import WHOLE
from tests.unit.inputs.test_reporting import WHOLE as WHOLE_REPORT

FILE = bundled.folder("profiles") / "assessment.schema.json"


@pytest.fixture(name="validator")
def _validator() -> Any:
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_file_is_what_the_models_give() -> None:
    assert FILE.read_text(encoding="utf-8") == assessment_schema(), (
        "run: python -m assessor.inputs.schema > profiles/assessment.schema.json"
    )


def test_every_setting_has_an_explanation() -> None:
    schema = json.loads(assessment_schema())

    named = {"assessment": schema, **schema["$defs"]}
    silent = [
        f"{place}.{name}"
        for place, model in named.items()
        for name, setting in model.get("properties", {}).items()
        if "description" not in setting
    ]

    assert silent == []


def test_good_settings_are_good_for_an_editor_too(validator: Any) -> None:
    first = FirstSettings("Acme", "", Language.NL, None, "mkb", first_targets(["local", "a@b:22"]))
    for text in (WHOLE, WHOLE_REPORT, render(first), "targets: {a: {role: nas}}"):
        validator.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        "organisatoin: x",
        "language: fr",
        "targets: [{role: nas}]",
        "targets: [{name: a b, role: nas}]",
        "targets: [{name: a, role: printer}]",
        "targets: [{name: a, port: '22'}]",
        "targets: [{name: a, secrets: {password: hunter2}}]",
        "targets: [{name: a, secrets: {password: {env: A, command: b}}}]",
        "run: {jobs: 0}",
        "report: {formats: [xml]}",
        "report: {audiences: everybody}",
        "report: {colour: red}",
        "report: {contact: {mail: a@b.example}}",
    ],
)
def test_faults_are_faults_for_an_editor_too(validator: Any, text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(yaml.safe_load(text))
