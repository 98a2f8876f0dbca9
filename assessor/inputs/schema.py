"""Prints the JSON Schema of ``assessment.yaml``, for editors.

A test keeps ``profiles/assessment.schema.json`` equal to what ``python -m assessor.inputs.schema``
prints.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from assessor.inputs.folder_settings import FolderSettings
from assessor.inputs.settings import Settings


def assessment_schema() -> str:
    """The schema as the text of ``profiles/assessment.schema.json``."""
    schema = FolderSettings.model_json_schema()
    models = {model.__name__: model for model in _below(Settings)}
    _describe(FolderSettings, schema)
    for name, definition in schema["$defs"].items():
        _describe(models[name], definition)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "assessment.yaml of assess",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


def _describe(model: type[BaseModel], schema: dict[str, Any]) -> None:
    """Adds to each setting what is written below it in the code.

    Pydantic can do this too (``use_attribute_docstrings``), but reads all the code again for it
    whenever the models are imported: every command would wait for what only this file says.
    """
    words = {name: text for each in reversed(model.__mro__) for name, text in _written(each)}
    for name, field in model.model_fields.items():
        if text := words.get(name):
            settings, said = schema["properties"], field.alias or name
            settings[said] = dict(sorted({**settings[said], "description": text}.items()))


def _written(model: type) -> Iterator[tuple[str, str]]:
    """The names that a model itself declares, and the text below each; empty where none is."""
    if model is BaseModel or not issubclass(model, BaseModel):
        return
    (declared,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(declared, ast.ClassDef)  # noqa: S101 - what a class' code is
    for statement, below in pairwise([*declared.body, ast.Pass()]):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, _text(below)


def _text(statement: ast.stmt) -> str:
    match statement:
        case ast.Expr(ast.Constant(str() as text)):
            return inspect.cleandoc(text)
    return ""


if __name__ == "__main__":
    sys.stdout.write(assessment_schema())
