"""Prints the JSON Schema of ``assessment.yaml``, for editors.

A test keeps ``profiles/assessment.schema.json`` equal to what ``python -m assessor.inputs.schema``
prints.
"""

from __future__ import annotations

import json
import sys

from assessor.inputs.folder_settings import FolderSettings


def assessment_schema() -> str:
    """The schema as the text of ``profiles/assessment.schema.json``."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **FolderSettings.model_json_schema(),
        "title": "assessment.yaml of assess",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(assessment_schema())
