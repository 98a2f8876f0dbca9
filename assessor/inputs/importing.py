"""Imports the machines of another tool's file into an assessment folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assessor.errors import InputError, UsageError
from assessor.inputs.assessment import INVENTORY_FILE, SETTINGS_FILE, other_targets
from assessor.inputs.files import write_whole
from assessor.inputs.importers.forms import Format
from assessor.inputs.importers.imported import Imported
from assessor.inputs.importers.reading import read_inventory
from assessor.inputs.inventory_file import Change, plan_change
from assessor.yamlfile import read_yaml


@dataclass(frozen=True, slots=True)
class Import:
    """What was imported.

    Attributes:
        file: the inventory file.
        imported: what the other file says.
        change: what was changed in the inventory file.
        has_settings: the folder has an ``assessment.yaml``.
        is_named: ... which names the inventory file, so that its targets are assessed.
    """

    file: Path
    imported: Imported
    change: Change
    has_settings: bool
    is_named: bool


def import_into(folder: Path, source: Path, form: Format, role: str, *, replace: bool) -> Import:
    """Adds the machines of ``source`` to ``folder/inventory.yaml``.

    Args:
        folder: the assessment folder.
        source: the other tool's file.
        form: its form.
        role: the role of a machine for which it says none.
        replace: whether targets that stand in the inventory file already may be changed.

    Raises:
        UsageError: the folder does not exist or cannot be written.
        InputError: a file is broken; nothing was written.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", mend=f"make it with: assess init {folder}")
    path = folder / INVENTORY_FILE
    imported = read_inventory(source, form, role)
    elsewhere, named = other_targets(folder, path)
    text = _text(path)
    change = plan_change(imported, path, text, elsewhere, replace=replace)
    if change.text is not None:
        try:
            write_whole(path, change.text, replace=text is not None)
        except FileExistsError:
            raise InputError("has just been made by someone else", path=path) from None
    return Import(path, imported, change, (folder / SETTINGS_FILE).exists(), named)


def _text(path: Path) -> str | None:
    """The text of the inventory file with its own line ends; ``None`` where there is none."""
    if not path.exists():
        return None
    read_yaml(path)  # complains in full about what is no text or no YAML
    return path.read_bytes().decode("utf-8-sig")
