"""Plain values that may stand in a finding."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Fact = str | int | float | bool | None | tuple["Fact", ...]
"""A value that may stand in a finding: plain, so that it can be stored, compared and shown."""

Facts = Mapping[str, Fact]

NO_FACTS: Facts = MappingProxyType({})
