"""Renders values as YAML on one line."""

from __future__ import annotations

import yaml


def inline(value: object) -> str:
    """``value`` as YAML that stands behind ``key: `` and reads back as the same value."""
    broken = isinstance(value, str) and len(value.splitlines()) > 1
    dumped: str = yaml.safe_dump(
        [value],
        default_flow_style=True,
        default_style='"' if broken else None,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    return dumped.strip()[1:-1]


def quoted(text: str) -> str:
    """``text`` between double quotes, on one line."""
    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    return dumped.strip()
