"""Renders values as YAML: on one line, or as a block that people read."""

from __future__ import annotations

from datetime import UTC, datetime

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


def block(value: object) -> str:
    """``value`` as YAML in several lines, with texts of several lines as they are read."""
    dumped: str = yaml.dump(
        value, Dumper=_BlockDumper, allow_unicode=True, sort_keys=False, width=100
    )
    return dumped


class _BlockDumper(yaml.SafeDumper):
    pass


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _moment(dumper: yaml.SafeDumper, moment: datetime) -> yaml.ScalarNode:
    written = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", written)


_BlockDumper.add_representer(str, _text)
_BlockDumper.add_representer(datetime, _moment)
