"""``assess init`` and ``assess inventory`` as people use them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from assessor.cli import init, inventory
from assessor.errors import InputError, UsageError
from assessor.inputs.assessment import load_assessment
from assessor.model.language import Language

ROOT = Path(__file__).parents[3]


@pytest.fixture(name="app")
def _app() -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)
    app.command(epilog=init.EPILOG)(init.init)
    app.add_typer(inventory.app, name="inventory")
    return app


def _run(app: typer.Typer, *words: str) -> Result:
    return CliRunner().invoke(app, words)


def _done(app: typer.Typer, *words: str) -> str:
    result = _run(app, *words)
    if result.exception is not None:
        raise result.exception
    return result.output


def test_init_from_options(app: typer.Typer, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "bakker"
    statement = tmp_path / "privacy.md"
    statement.write_text("Wij maken back-ups.", encoding="utf-8")

    told = _done(
        app,
        "init",
        str(folder),
        *("--organisation", "Bakker", "--assessor", "Noord", "--language", "en"),
        *("--statement", str(statement), "--target", "root@web01:2222", "-t", "https://b.example"),
    )

    assessment = load_assessment(folder)
    assert assessment.organisation == "Bakker"
    assert assessment.assessor == "Noord"
    assert assessment.language is Language.EN
    assert assessment.statement == str(statement)
    assert [target.name for target in assessment.targets] == ["web01", "b.example"]
    for word in ("assess ping", "assess run", f"cd {folder}"):
        assert word in told


def test_init_without_options_and_without_a_terminal(app: typer.Typer, tmp_path: Path) -> None:
    _done(app, "init", str(tmp_path))

    assessment = load_assessment(tmp_path)
    assert assessment.statement is None
    assert len(assessment.targets) == 1
    assert not assessment.implicit


def test_a_statement_in_the_folder_is_named_relative_to_it(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "privacy.txt").write_text("x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    _done(app, "init", "c", "--statement", "c/privacy.txt")

    assert 'statement: "privacy.txt"' in (tmp_path / "c/assessment.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "options",
    [
        ("--statement", "gone.md"),
        ("--statement", "http://acme.example/privacy"),
        ("--target", "a b"),
        ("--profile", "mbk"),
        ("--organisation", "x" * 201),
        ("--organisation", "\udce9"),
    ],
)
def test_init_with_an_option_that_cannot_be_leaves_nothing_behind(
    app: typer.Typer, tmp_path: Path, options: tuple[str, str]
) -> None:
    result = _run(app, "init", str(tmp_path / "c"), *options)

    assert isinstance(result.exception, UsageError)
    assert not (tmp_path / "c").exists()


def test_init_never_overwrites(app: typer.Typer, tmp_path: Path) -> None:
    _done(app, "init", str(tmp_path))
    before = (tmp_path / "assessment.yaml").read_bytes()

    result = _run(app, "init", str(tmp_path), "--organisation", "Other")

    assert isinstance(result.exception, UsageError)
    assert (tmp_path / "assessment.yaml").read_bytes() == before


def test_init_asks_on_a_terminal_and_asks_again(tmp_path: Path) -> None:
    """A real pseudo-terminal: questions, a wrong answer, and what the answers become."""
    answers = [
        "Bakkerij Ünal",
        "",
        "fr",
        "en",
        "gone.md",
        "https://bakker.example/privacy",
        "a b",
        "jan@web01",
        "",
    ]
    ours, theirs = pty.openpty()
    script = "import typer; from assessor.cli.init import init; typer.run(init)"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "c")],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    told = process.communicate(timeout=60)[0].decode()
    os.close(ours)

    assert process.returncode == 0, told
    assessment = load_assessment(tmp_path / "c")
    assert assessment.organisation == "Bakkerij Ünal"
    assert assessment.language is Language.EN
    assert assessment.statement == "https://bakker.example/privacy"
    assert [(target.name, target.user) for target in assessment.targets] == [("web01", "jan")]
    for word in ("'fr' is neither", "no such file", "cannot be understood"):
        assert word in told
    assert "\x1b" not in told, "colours belong on a terminal only"


def test_import_adds_targets_and_says_what_is_missing(app: typer.Typer, tmp_path: Path) -> None:
    _done(app, "init", str(tmp_path), "--target", "web01")
    hosts = tmp_path / "hosts"
    hosts.write_text(
        "[web]\nweb01\nweb02 ansible_password=hunter2\nwin ansible_connection=psrp\n", "utf-8"
    )

    told = _done(app, "inventory", "import", str(hosts), "-C", str(tmp_path))

    assert "added (1): web02" in told
    assert "web01 (line 2): it already stands at" in told
    assert "host win (line 4): its connection is psrp" in told
    assert "inventory: [inventory.yaml]" in told
    assert "hunter2" not in told + (tmp_path / "inventory.yaml").read_text("utf-8")
    assert [target.name for target in load_assessment(tmp_path).targets] == ["web01"]

    settings = tmp_path / "assessment.yaml"
    text = settings.read_text("utf-8").replace("# inventory: [", "inventory: [")
    settings.write_text(text, "utf-8")
    assert [target.name for target in load_assessment(tmp_path).targets] == ["web01", "web02"]
    again = _done(app, "inventory", "import", str(hosts), "-C", str(tmp_path))
    assert "already so (1): web02" in again
    assert "not changed" in again


def test_import_changes_a_target_only_when_told_to(app: typer.Typer, tmp_path: Path) -> None:
    table = tmp_path / "m.csv"
    table.write_text("name,role,port\nnas1,nas,22\n", "utf-8")
    _done(app, "inventory", "import", str(table), "-C", str(tmp_path))
    inventory_file = tmp_path / "inventory.yaml"
    before = inventory_file.read_bytes()
    inventory_file.chmod(0o640)
    table.write_text("name,port\nnas1,2222\n", "utf-8")

    told = _done(app, "inventory", "import", str(table), "-C", str(tmp_path))
    assert "--replace changes it" in told
    assert inventory_file.read_bytes() == before

    told = _done(app, "inventory", "import", str(table), "-C", str(tmp_path), "--replace")
    assert "replaced (1): nas1" in told
    assert b"port: 2222" in inventory_file.read_bytes()
    assert b"role: nas" in inventory_file.read_bytes()
    assert inventory_file.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"m.csv", "inventory.yaml"}


def test_import_into_a_folder_with_broken_settings_writes_nothing(
    app: typer.Typer, tmp_path: Path
) -> None:
    (tmp_path / "assessment.yaml").write_text("targets: [\n", "utf-8")
    (tmp_path / "hosts").write_text("[a]\nb\n", "utf-8")

    result = _run(app, "inventory", "import", str(tmp_path / "hosts"), "-C", str(tmp_path))

    assert isinstance(result.exception, InputError)
    assert not (tmp_path / "inventory.yaml").exists()


def test_many_machines_left_out_for_one_reason_are_one_line(
    app: typer.Typer, tmp_path: Path
) -> None:
    (tmp_path / "hosts").write_text("[a]\nw[1:40] ansible_connection=psrp\n", "utf-8")

    told = _done(app, "inventory", "import", str(tmp_path / "hosts"), "-C", str(tmp_path))

    assert told.count("psrp") == 1
    assert "and 28 more" in told


def test_the_output_of_a_hostile_file_does_not_steer_the_terminal(
    app: typer.Typer, tmp_path: Path
) -> None:
    (tmp_path / "hosts").write_text("[a]\nx ansible_connection=\x1b[31mred\n", "utf-8")

    told = _done(app, "inventory", "import", str(tmp_path / "hosts"), "-C", str(tmp_path))

    assert "red" in told
    assert "\x1b" not in told


def test_list_shows_a_table_and_json(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "assessment.yaml").write_text(
        """\
targets:
  - name: web01
    role: server
    address: 2001:db8::1
    port: 2222
    user: jan
    jump: [gate]
    privilege: sudo
    tags: [a, b]
    secrets: {password: {env: NOT_SHOWN}}
    options: {data_volumes: [/srv], since: 2025-01-01, deep: {x: [1, true]}}
  - {name: here, role: workstation, transport: local}
""",
        "utf-8",
    )

    table = _done(app, "inventory", "list", "-C", str(tmp_path))
    listed = json.loads(_done(app, "inventory", "list", "-C", str(tmp_path), "--json"))

    assert "ssh jan@[2001:db8::1]:2222 via gate" in table
    assert [target["name"] for target in listed] == ["web01", "here"]
    assert listed[0]["secrets"] == {"password": "env"}
    assert listed[0]["options"] == {
        "data_volumes": ["/srv"],
        "since": "2025-01-01",
        "deep": {"x": [1, True]},
    }
    assert "NOT_SHOWN" not in table


def test_list_without_settings_shows_this_machine(app: typer.Typer, tmp_path: Path) -> None:
    told = _done(app, "inventory", "list", "-C", str(tmp_path))

    assert "only this machine" in told
    assert "local" in told


@pytest.mark.parametrize("words", [("init",), ("inventory", "import"), ("inventory", "list")])
def test_help_has_examples(app: typer.Typer, words: tuple[str, ...]) -> None:
    told = _done(app, *words, "--help")

    assert f"assess {' '.join(words)}" in told
