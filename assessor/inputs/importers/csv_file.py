"""Reads a table of machines: CSV with a header row, as a spreadsheet saves it.

Columns, in any order, by their English or Dutch name: name (naam), role (rol), transport,
platform, address (adres), port (poort), user (gebruiker), jump (via), privilege (rechten),
identity_files (sleutels), known_hosts, groups (groepen), tags (labels). Only the name is
required. Several values in one cell are separated by spaces.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from assessor.errors import InputError
from assessor.inputs.implicit import safe_name
from assessor.inputs.importers.imported import MAX_HOSTS, Candidate, LeftOut
from assessor.inputs.problems import did_you_mean
from assessor.inputs.settings import tells_secret

COLUMNS = {
    "name": ("naam", "host", "hostname"),
    "role": ("rol",),
    "transport": (),
    "platform": (),
    "address": ("adres", "ip"),
    "port": ("poort",),
    "user": ("gebruiker",),
    "jump": ("via",),
    "privilege": ("rechten",),
    "identity_files": ("sleutels",),
    "known_hosts": (),
    "groups": ("groepen",),
    "tags": ("labels",),
}
_LISTS = frozenset({"jump", "identity_files", "known_hosts", "groups", "tags"})
_DELIMITERS = ";,\t"


def read_csv(text: str, path: Path, role: str) -> tuple[list[Candidate], list[LeftOut]]:
    """A candidate for each row.

    Raises:
        InputError: there is no header row with a name column, or there are too many rows.
    """
    header_line = next(line for line in text.splitlines() if line.strip())
    delimiter = max(_DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    candidates: list[Candidate] = []
    left_out: list[LeftOut] = []
    columns: list[str | None] | None = None
    before = 0
    try:
        for row in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = _columns(row, path, line, left_out)
            elif len(row) > len(columns):
                left_out.append(LeftOut(f"line {line}", "it has more cells than the header", line))
            else:
                _take_row(row, columns, line, role, candidates, left_out)
            if len(candidates) > MAX_HOSTS:
                raise InputError(f"names more than {MAX_HOSTS} machines", path=path, line=line)
    except csv.Error:
        raise InputError(
            "not a table that can be read", path=path, line=before + 1, mend="mind the quotes"
        ) from None
    return candidates, left_out


def _columns(row: list[str], path: Path, line: int, left_out: list[LeftOut]) -> list[str | None]:
    known = {word: name for name, others in COLUMNS.items() for word in (name, *others)}
    columns: list[str | None] = []
    for cell in row:
        word = cell.strip().lower().replace(" ", "_")
        name = known.get(word)
        if name is not None and name in columns:
            raise InputError(f"the column {name} stands here twice", path=path, line=line)
        columns.append(name)
        if name is None and tells_secret(word):
            left_out.append(LeftOut(f"column {word}", "secrets are never read from a file", line))
        elif name is None and word:
            left_out.append(LeftOut(f"column {word}", did_you_mean(word, COLUMNS), line))
    if "name" not in columns:
        raise InputError(
            "the first row must name the columns, one of them 'name'",
            path=path,
            line=line,
            mend=f"columns are {', '.join(COLUMNS)}",
        )
    return columns


def _take_row(
    row: list[str],
    columns: list[str | None],
    line: int,
    role: str,
    candidates: list[Candidate],
    left_out: list[LeftOut],
) -> None:
    cells = {
        column: cell.strip()
        for column, cell in zip(columns, row, strict=False)
        if column is not None and cell.strip()
    }
    said = cells.pop("name", "")
    name = safe_name(said)
    if not name:
        left_out.append(LeftOut(f"line {line}", "it has no name", line))
        return
    settings: dict[str, object] = {}
    if name != said and "address" not in cells:
        settings["address"] = said
    for column in COLUMNS:
        if column not in cells:
            continue
        value = cells[column]
        if column in _LISTS:
            settings[column] = value.split()
        elif column == "port":
            settings[column] = int(value) if value.isdecimal() and len(value) < 10 else value
        else:
            words = column in ("role", "transport", "platform", "privilege")
            settings[column] = value.lower() if words else value
    assumed = {} if "role" in settings else {"role": role}
    candidates.append(Candidate(name, settings, assumed, line))
