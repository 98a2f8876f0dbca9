"""What a new user sees: an empty folder, one command, a report; and the stages by themselves."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import jsonschema
import pytest

from tests.end_to_end.assess import ROOT, assess, last_run, report


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``assess run --profile mkb`` was run once."""
    folder = tmp_path_factory.mktemp("empty")
    done = assess(folder, "run", "--profile", "mkb")
    assert done.returncode in {0, 1, 3}, done.stderr
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    return folder


def test_it_shows_progress_per_target_and_check(first: Path) -> None:
    progress = (first / "stderr").read_text()
    for check in ("host_firewall", "disk_encryption", "security_updates", "backups"):
        assert check in progress
    assert "[1/1]" in progress


def test_it_says_what_it_concluded_where_the_report_is_and_what_to_do_next(first: Path) -> None:
    told = (first / "stdout").read_text()
    counts = report(first)["summary"]["measures"]
    assert counts["total"] == len(report(first)["measures"]) > 10
    assert f"{counts['total']} in totaal" in told
    assert f"Rapport voor uzelf: {last_run(first) / 'report.nl.html'}\n" in told
    assert f"Rapport voor uw klant: {last_run(first) / 'report.nl.client.html'}\n" in told
    assert "assess init" in told


def test_nothing_but_the_run_and_the_key_is_written(first: Path) -> None:
    names = {path.name for path in first.iterdir()}
    assert names == {"runs", ".assess", "stdout", "stderr"}


def test_the_json_follows_its_published_schema(first: Path) -> None:
    schema = json.loads((ROOT / "reports" / "report.schema.json").read_text())
    jsonschema.validate(report(first), schema)


def test_every_measure_of_the_profile_has_a_verdict_and_every_check_a_finding(first: Path) -> None:
    told = report(first)
    checks = {finding["check"] for finding in told["findings"]}
    assert {"host_firewall", "disk_encryption", "security_updates", "password_policy"} <= checks
    assert {"ssh_login", "access_logging", "malware_protection", "backups"} <= checks
    assert {"firewall", "backup", "patching"} <= {item["measure"] for item in told["measures"]}


def test_evaluating_again_needs_no_connection_and_gives_the_same(first: Path) -> None:
    before = report(first)["findings"]
    again = assess(first, "evaluate", "--json")
    assert "The same findings" in again.stderr
    assert json.loads(again.stdout)["findings"] == before


def test_the_report_can_be_had_in_another_language(first: Path) -> None:
    done = assess(first, "report", "latest", "--lang", "en", "--lang", "nl")
    assert done.returncode == 0, done.stderr
    english = (last_run(first) / "report.en.html").read_text()
    assert '<html lang="en"' in english
    assert report(first, "en")["findings"]


def test_a_finished_run_verifies_until_a_byte_changes(first: Path) -> None:
    assert assess(first, "verify").returncode == 0
    path = next((last_run(first) / "observations").iterdir())
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"exit_status":0', b'"exit_status":1', 1))
    try:
        done = assess(first, "verify")
        assert done.returncode == 1
        assert path.name in done.stdout
    finally:
        path.write_bytes(whole)


def test_history_lists_the_run(first: Path) -> None:
    done = assess(first, "history", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["finished"] is True


def test_the_plan_prints_what_would_run_to_the_letter(first: Path) -> None:
    done = assess(first, "plan", "--profile", "mkb")
    assert done.returncode == 0
    assert "/usr/sbin/nft -j list ruleset" in done.stdout
    stored = json.loads(assess(first, "plan", "--profile", "mkb", "--json").stdout)
    assert stored["targets"][0]["probes"]


def test_access_linux_prints_every_privileged_command_of_the_plan(first: Path) -> None:
    plan = json.loads(assess(first, "plan", "--profile", "mkb", "--json").stdout)
    wanted = {
        probe["probe"]["text"]
        for target in plan["targets"]
        for probe in target["probes"]
        if probe["probe"]["privilege"] == "sudo"
    }
    sudoers = assess(first, "access", "linux", "--sudoers").stdout.replace("\\", "")
    assert wanted
    # sudo knows no quotes: it compares the words, joined by spaces.
    assert all(" ".join(shlex.split(command)) in sudoers for command in wanted)


@pytest.mark.parametrize("platform", ["linux", "macos"])
def test_a_printed_sudoers_file_is_one(first: Path, platform: str) -> None:
    printed = assess(first, "access", platform, "--sudoers")
    read = subprocess.run(
        ["cvtsudoers", "-f", "json"],
        input=printed.stdout,
        capture_output=True,
        text=True,
        check=True,
    )
    (rule,) = json.loads(read.stdout)["User_Specs"]
    assert rule["User_List"] == [{"username": "assess"}]
    assert rule["Cmnd_Specs"][0]["Options"] == [{"authenticate": False}]


def test_a_report_can_hide_whose_accounts_it_names(first: Path) -> None:
    done = assess(first, "report", "--pseudonyms", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        "report.en.pseudonyms.html",
        "report.en.pseudonyms.json",
        "report.en.client.pseudonyms.html",
        "report.en.client.pseudonyms.json",
    ]


def test_every_command_has_help(first: Path) -> None:
    commands = ["run", "init", "ping", "plan", "collect", "evaluate", "report", "open", "verify"]
    for words in [[name] for name in commands] + [
        ["history"],
        ["inventory", "import"],
        ["inventory", "list"],
        ["access", "linux"],
        ["checks", "list"],
        ["checks", "show"],
        ["checks", "new"],
        ["checks", "test"],
        ["statement", "show"],
        ["statement", "map"],
    ]:
        done = assess(first, *words, "--help")
        assert done.returncode == 0, words
        assert "Usage" in done.stdout
        assert "\x1b[" not in done.stdout
