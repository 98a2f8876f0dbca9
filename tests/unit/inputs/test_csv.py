"""Tables as spreadsheets save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError
from assessor.inputs.importers.forms import Format
from assessor.inputs.importers.imported import Imported
from assessor.inputs.importers.reading import detect, read_inventory


def _read(folder: Path, text: str) -> Imported:
    path = folder / "machines.csv"
    path.write_bytes(text.encode())
    return read_inventory(path, Format.AUTO, "workstation")


def test_a_dutch_spreadsheet(tmp_path: Path) -> None:
    text = (
        "\ufeffNaam;Rol;Adres;Poort;Gebruiker;Via;Rechten;Labels;Wachtwoord;Kleur\r\n"
        'nas-1;NAS;192.0.2.9;22;admin;"ops@gate:2222 b";sudo;a b;hunter2;rood\r\n'
        ";;;;;;;;;\r\n"
        "pc7;;;;;;;;;\r\n"
    )
    imported = _read(tmp_path, text)

    nas, pc7 = imported.candidates
    assert nas.settings == {
        "role": "nas",
        "address": "192.0.2.9",
        "port": 22,
        "user": "admin",
        "jump": ["ops@gate:2222", "b"],
        "privilege": "sudo",
        "tags": ["a", "b"],
    }
    assert (nas.assumed, nas.line) == ({}, 2)
    assert (pc7.settings, pc7.assumed, pc7.line) == ({}, {"role": "workstation"}, 4)
    assert [left.subject for left in imported.left_out] == ["column wachtwoord", "column kleur"]
    assert "hunter2" not in repr(imported)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = "name,address\nweb,192.0.2.1\n".replace(",", delimiter)

    assert _read(tmp_path, text).candidates[0].settings == {"address": "192.0.2.1"}


def test_a_table_of_names_only(tmp_path: Path) -> None:
    assert [found.name for found in _read(tmp_path, "name\nweb01\nweb02\n").candidates] == [
        "web01",
        "web02",
    ]


def test_a_cell_may_hold_line_ends_and_lines_are_counted_on(tmp_path: Path) -> None:
    imported = _read(tmp_path, 'name,tags\na,"x\ny"\nb,z\n')

    assert [(found.name, found.line) for found in imported.candidates] == [("a", 2), ("b", 4)]
    assert imported.candidates[0].settings["tags"] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("adres;rol\na;b\n", 1, "one of them 'name'"),
        ("name,naam\na,b\n", 1, "twice"),
        ('name,role\n"a,b\n', 2, "mind the quotes"),
        ("name\n" + "x\n" * 5001, 5002, "more than 5000"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, text)

    assert caught.value.line == line
    assert words in str(caught.value)


def test_rows_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    imported = _read(tmp_path, "name,role\n,nas\na,nas,too,many\n!!!,nas\nb\n")

    assert [found.name for found in imported.candidates] == ["b"]
    assert [left.line for left in imported.left_out] == [2, 3, 4]


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("hosts", "[web]\nweb1\n", Format.ANSIBLE_INI),
        ("hosts", "web1\nweb2\n", Format.ANSIBLE_INI),
        ("site", "# x\n[web:children]  # y\nweb1\n", Format.ANSIBLE_INI),
        ("x.ini", "web1\n", Format.ANSIBLE_INI),
        ("config", "Host a\n  User b\n", Format.SSH_CONFIG),
        ("config", "# c\nUser b\nhost=a\n", Format.SSH_CONFIG),
        ("x.yaml", "all:\n", Format.ANSIBLE_YAML),
        ("inv", "all:\n  hosts:\n    a:\n", Format.ANSIBLE_YAML),
        ("x.csv", "name\n", Format.CSV),
        ("list", "naam;adres\na;b\n", Format.CSV),
    ],
)
def test_the_form_of_a_file_is_told_from_its_name_and_text(
    name: str, text: str, form: Format
) -> None:
    assert detect(text, Path(name)) is form


def test_a_file_of_no_known_form_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--format ansible-ini"):
        detect("hello world\n", tmp_path / "readme")


def test_an_encrypted_inventory_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ansible-vault"):
        detect("$ANSIBLE_VAULT;1.1;AES256\n6162\n", tmp_path / "hosts.yml")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a\0b", "no text file"),
        (b"x" * 2_000_000, "larger than 1 MiB"),
    ],
)
def test_files_that_are_no_inventory_at_all(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(data)

    with pytest.raises(InputError, match=words):
        read_inventory(path, Format.AUTO, "server")


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder"):
        read_inventory(tmp_path, Format.AUTO, "server")
    with pytest.raises(InputError, match="cannot be read"):
        read_inventory(tmp_path / "gone", Format.AUTO, "server")
