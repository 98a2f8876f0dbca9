"""Finds the folders that travel with the programme: checks, profiles, reports.

In a checkout they stand beside ``assessor``; in an installed wheel they are inside it
(``hatch_build.py`` puts them there).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Folder = Literal["checks", "profiles", "reports"]

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Folder) -> Path:
    """The folder ``name``; raises ``FileNotFoundError`` where the installation is incomplete."""
    for candidate in (_PACKAGE / "_bundled" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the folder {name!r} is missing from this installation of assess")
