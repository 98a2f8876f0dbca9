"""Puts checks, profiles and reports inside the package, in a wheel only.

An editable install reads them from the checkout, so that a new check folder is seen at once.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the top-level folders as ``assessor/_bundled/<folder>``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a build; ``version`` is ``standard`` or ``editable``."""
        if version == "standard":
            for folder in ("checks", "profiles", "reports"):
                build_data["force_include"][folder] = f"assessor/_bundled/{folder}"
