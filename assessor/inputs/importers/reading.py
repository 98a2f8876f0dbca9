"""Reads a file of another tool, in the form that is named or that it seems to have."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from assessor.errors import InputError
from assessor.inputs.importers.ansible import AnsibleInventory, candidates
from assessor.inputs.importers.ansible_ini import SECTION, read_ansible_ini
from assessor.inputs.importers.ansible_yaml import read_ansible_yaml, read_variable_files
from assessor.inputs.importers.csv_file import COLUMNS, read_csv
from assessor.inputs.importers.forms import Format
from assessor.inputs.importers.imported import Candidate, Imported, LeftOut, read_text
from assessor.inputs.importers.ssh_config import read_ssh_config

_HOST_BLOCK = re.compile(r"(?im)^\s*(host|match)[\s=]")
_GROUP_KEY = re.compile(r"(?m)^\s*(hosts|children|vars)\s*:")


def read_inventory(path: Path, form: Format, role: str) -> Imported:
    """The machines of the file ``path``.

    Args:
        path: the file.
        form: its form, or ``AUTO`` to tell from its name and its text.
        role: the role of a machine for which the file says none.

    Raises:
        InputError: the file cannot be read, its form cannot be told, or it is broken.
    """
    text = read_text(path)
    if form is Format.AUTO:
        form = detect(text, path)
    found: list[Candidate]
    left_out: list[LeftOut]
    match form:
        case Format.ANSIBLE_INI:
            found, left_out = _ansible(read_ansible_ini(text, path), path, role)
        case Format.ANSIBLE_YAML:
            found, left_out = _ansible(read_ansible_yaml(text, path), path, role)
        case Format.SSH_CONFIG:
            found, left_out = read_ssh_config(text, path, role)
        case Format.CSV:
            found, left_out = read_csv(text, path, role)
    found = [_with_absolute_files(candidate, path.parent) for candidate in found]
    return Imported(path, form.value, tuple(found), tuple(left_out))


def _with_absolute_files(candidate: Candidate, folder: Path) -> Candidate:
    """Key files as they are found from elsewhere: the inventory will stand in another folder."""
    settings = dict(candidate.settings)
    for field in ("identity_files", "known_hosts"):
        files = settings.get(field)
        if isinstance(files, list):
            settings[field] = [
                file if file.startswith("~") else str(folder.resolve() / file)
                for file in map(str, files)
            ]
    return replace(candidate, settings=settings)


def _ansible(
    inventory: AnsibleInventory, path: Path, role: str
) -> tuple[list[Candidate], list[LeftOut]]:
    read_variable_files(inventory, path.parent)
    found = candidates(inventory, role)
    return found, inventory.left_out


def detect(text: str, path: Path) -> Format:
    """The form of a file; raises ``InputError`` where it cannot be told."""
    suffix = path.suffix.lower()
    if text.startswith("$ANSIBLE_VAULT;"):
        raise InputError(
            "ansible-vault has encrypted this file",
            path=path,
            line=1,
            mend="decrypt a copy outside the client's folder, import that, and remove it",
        )
    if suffix in (".csv", ".tsv"):
        return Format.CSV
    if suffix in (".yml", ".yaml"):
        return Format.ANSIBLE_YAML
    if suffix == ".ini":
        return Format.ANSIBLE_INI
    lines = [line.strip() for line in text.splitlines()]
    telling = [line for line in lines if line and line[0] not in "#;"]
    if any(SECTION.fullmatch(line) for line in telling):
        return Format.ANSIBLE_INI
    if _HOST_BLOCK.search(text):
        return Format.SSH_CONFIG
    if _GROUP_KEY.search(text):
        return Format.ANSIBLE_YAML
    header = (
        {word.strip().lower() for word in re.split(r"[;,\t]", telling[0])} if telling else set()
    )
    if len(header) > 1 and header & {
        word for name, more in COLUMNS.items() for word in (name, *more)
    }:
        return Format.CSV
    if path.name in ("hosts", "inventory") and telling:
        return Format.ANSIBLE_INI
    raise InputError(
        "cannot tell what kind of file this is",
        path=path,
        mend=f"say it: --format {', '.join(f.value for f in Format if f is not Format.AUTO)}",
    )
