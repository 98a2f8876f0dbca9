"""Validates what a YAML file says and tells every fault with its line and its mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from assessor.inputs.problems import Problems, did_you_mean, dotted, nearest, shown
from assessor.inputs.settings import ASK_INSTEAD, tells_secret
from assessor.yamlfile import Located, Step

Model = TypeVar("Model", bound=BaseModel)

_WANTED = {
    "string_type": ("must be a text", "put the value between quotes"),
    "int_type": ("must be a whole number", "write it without quotes"),
    "bool_type": ("must be true or false", ""),
    "list_type": ("must be a list", "write it as [a, b] or with a hyphen before each item"),
    "tuple_type": ("must be a text or a list of texts", "write it as [a, b]"),
    "dict_type": ("must be a mapping", "write it as key: value, one a line, indented"),
    "model_type": ("must be a mapping", "write it as key: value, one a line, indented"),
    "missing": ("is missing", ""),
}


def validate(model: type[Model], located: Located, problems: Problems) -> Model | None:
    """``located`` as a ``model``; ``None`` after noting every fault in ``problems``."""
    try:
        return model.model_validate(located.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    for detail in details:
        _note(model, detail, located, problems)
    return None


def require(model: type[Model], located: Located) -> Model:
    """``located`` as a ``model``; raises ``InputError`` or ``InputErrors``."""
    problems = Problems()
    value = validate(model, located, problems)
    problems.raise_any()
    assert value is not None  # noqa: S101 - no value means a problem, raised above
    return value


def _note(
    model: type[BaseModel], detail: ErrorDetails, located: Located, problems: Problems
) -> None:
    steps = _steps(detail["loc"], located)
    message, mend = _words(model, detail, steps)
    field = dotted((*located.base, *_full(detail, steps)))
    problems.add(message, located, *steps, field=field, mend=mend)


def _steps(loc: Sequence[Step], located: Located) -> tuple[Step, ...]:
    """The part of pydantic's place that stands in the file: it also names forms of a union."""
    steps: tuple[Step, ...] = ()
    for step in loc:
        if (*located.base, *steps, step) in located.lines:
            steps = (*steps, step)
    return steps


def _full(detail: ErrorDetails, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return (*steps, detail["loc"][-1]) if detail["type"] == "missing" else steps


def _words(
    model: type[BaseModel], detail: ErrorDetails, steps: tuple[Step, ...]
) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "assess":
        return str(context["problem"]), str(context["mend"])
    if kind == "extra_forbidden":
        return _unknown(model, steps)
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        given = detail["input"]
        near = nearest(given, allowed) if isinstance(given, str) else ""
        return f"must be one of {', '.join(allowed)}, not {shown(given)}", near
    if kind in _WANTED:
        return _WANTED[kind]
    if kind == "union_tag_invalid":
        return "must be a list or a mapping", "write '- name: web01' below it, one for each target"
    # pydantic's own words for limits ("Input should be less than or equal to 65535") name no value
    return detail["msg"].replace("Input should", "must", 1).replace("String should", "must", 1), ""


def _unknown(model: type[BaseModel], steps: tuple[Step, ...]) -> tuple[str, str]:
    name = str(steps[-1]) if steps else ""
    if tells_secret(name) or name in ("one_time_code", "sudo_password", "key_passphrase"):
        return "a secret does not stand here", f"under secrets: {ASK_INSTEAD}"
    return "is no setting of this place", did_you_mean(name, fields_at(model, steps[:-1]))


def fields_at(model: type[BaseModel], steps: Sequence[Step]) -> frozenset[str]:
    """The names that ``model`` knows at ``steps``."""
    schema = _schema(model)
    nodes = [schema]
    for step in steps:
        nodes = [child for node in nodes for child in _children(schema, node, step)]
    return frozenset(
        name for node in nodes for form in _forms(schema, node) for name in form["properties"]
    )


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _forms(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The mappings that ``node`` may stand for, behind references and alternatives."""
    if "$ref" in node:
        yield from _forms(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
    for alternative in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _forms(schema, alternative)
    if "properties" in node:
        yield node


def _children(schema: dict[str, Any], node: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]:
    if "$ref" in node:
        yield from _children(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]], step)
    for alternative in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _children(schema, alternative, step)
    if isinstance(step, int):
        found = [node.get("items")]
    else:
        found = [node.get("properties", {}).get(step), node.get("additionalProperties")]
        found += node.get("patternProperties", {}).values()
    yield from (child for child in found if isinstance(child, dict))
