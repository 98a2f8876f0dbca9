"""The report for programs as one text."""

from __future__ import annotations

from typing import Any

from assessor.report.json import json_pieces


def render_json(*given: Any) -> str:
    """All pieces of it; takes what ``json_pieces`` takes."""
    return "".join(json_pieces(*given))
