"""Where check folders are found, without importing any of them.

Third-party checks are code that decides what runs on a client's machines, so an installed
package is looked at only when a profile names it, and two sources for one id are an error.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assessor.errors import CheckError

ENTRY_POINTS = "assess.checks"
"""The entry-point group; a value is the name of a top-level package with a folder ``checks``."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder that holds check folders.

    Attributes:
        origin: for people: ``bundled``, the folder's path, or the package's name.
        folder: the folder.
    """

    origin: str
    folder: Path

    def check_folders(self) -> tuple[Path, ...]:
        """The check folders, by name."""
        return tuple(sorted(path.parent for path in self.folder.glob("*/check.yaml")))


def directory(path: Path) -> Source:
    """A folder named by the user; raises ``CheckError`` where it holds no check folder."""
    source = Source(str(path), path.resolve())
    if not path.is_dir():
        raise CheckError(f"--checks {path}: there is no such folder")
    if not source.check_folders():
        raise CheckError(
            f"--checks {path}: holds no check folders",
            mend="name the folder above the check folders; each has a check.yaml",
        )
    return source


def packages(names: Iterable[str]) -> tuple[Source, ...]:
    """The installed packages ``names`` (entry-point names); raises ``CheckError`` if missing."""
    wanted = tuple(names)
    if not wanted:
        return ()  # nothing installed is looked at
    known = {
        point.name: point.value for point in importlib.metadata.entry_points(group=ENTRY_POINTS)
    }
    found = []
    for name in wanted:
        if name not in known:
            raise CheckError(
                f"the profile names the package {name!r}, which is not installed",
                mend=f"install it, or take it out of the profile; installed: {sorted(known)}",
            )
        if "." in known[name]:
            raise CheckError(
                f"the package {name!r} points at {known[name]!r}: it must be a top-level package"
            )
        spec = importlib.util.find_spec(known[name])
        if spec is None or not spec.submodule_search_locations:
            raise CheckError(f"the package {name!r} points at {known[name]!r}, which is no package")
        found.append(Source(name, Path(spec.submodule_search_locations[0]) / "checks"))
    return tuple(found)
