"""``--dry-run`` connects to nothing; what ``--limit`` leaves out never passes for kept."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from assessor.catalogue.scaffold import write_check
from tests.end_to_end.assess import assess, last_run, report

SETTINGS = """
language: nl
profile: quick
report: {formats: [html, json], audiences: [internal, client]}
targets:
  - {name: srv01, role: server, transport: local, tags: [here]}
  - {name: zolder-nas, role: nas, transport: local, groups: backups}
groups: {backups: }
run: {jobs: 8, run_deadline: 600}
"""
PROFILE = """
id: quick
title: {nl: Snel, en: Quick}
checks: {quick_check: {}}
measures: [patching]
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    write_check(tmp_path / "checks", "quick_check", "patching", frozenset({"patching"}))
    manifest = tmp_path / "checks" / "quick_check" / "check.yaml"
    manifest.write_text(
        manifest.read_text().replace("[server, workstation]", "[server, workstation, nas]")
    )
    (tmp_path / "assessment.yaml").write_text(SETTINGS)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "quick.yaml").write_text(PROFILE)
    return tmp_path


def run(folder: Path, *words: str) -> dict[str, object]:
    """A run that ends well or incomplete; its one measure."""
    done = assess(folder, "run", "--checks", "checks", "--quiet", *words)
    assert done.returncode in {0, 3}, done.stderr
    (measure,) = report(folder, "nl")["measures"]
    return {**measure, "exit": done.returncode}


def test_a_promise_is_not_kept_where_targets_were_left_out(folder: Path) -> None:
    whole = run(folder)
    assert (whole["verdict"], whole["rule"], whole["exit"]) == ("kept", "all-pass", 0)
    assert report(folder)["run"]["not_asked"] == []

    limited = run(folder, "--limit", "!@backups")
    assert (limited["verdict"], limited["rule"], limited["exit"]) == ("partly", "some-unknown", 3)
    assert report(folder)["run"]["not_asked"] == ["zolder-nas"]
    assert [target["name"] for target in report(folder)["targets"]] == ["srv01"]
    assert assess(folder, "verify", "--checks", "checks").returncode == 0
    again = assess(folder, "evaluate", "--checks", "checks")
    assert "The same findings" in again.stderr

    own = text_of(last_run(folder) / "report.nl.html")
    assert "1 van de 2 systemen is niet bevraagd (zolder-nas)" in own
    for_client = text_of(last_run(folder) / "report.nl.client.html")
    assert "1 van de 2 systemen is niet bevraagd." in for_client
    assert "zolder" not in (last_run(folder) / "report.nl.client.html").read_text(encoding="utf-8")


def text_of(page: Path) -> str:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return " ".join(soup.get_text(" ").split())


@pytest.mark.parametrize("option", ["--limit", "-l", "--target", "-t"])
def test_one_option_has_four_names(folder: Path, option: str) -> None:
    for command in ("run --dry-run", "plan"):
        done = assess(folder, *command.split(), "--checks", "checks", "--json", option, "tag:here")
        assert [each["target"]["name"] for each in json.loads(done.stdout)["targets"]] == ["srv01"]
    refused = assess(folder, "ping", "--checks", "checks", option, "svr01")
    assert refused.returncode == 2
    assert "did you mean 'srv01'?" in refused.stderr


@pytest.fixture(name="port")
def _port() -> Iterator[int]:
    """A port that must see no connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield int(listening.getsockname()[1])
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_dry_run_says_what_would_go_where_and_connects_to_nothing(
    tmp_path: Path, port: int
) -> None:
    (tmp_path / "assessment.yaml").write_text(
        f"""
language: en
targets:
  - {{name: web, role: server, address: 127.0.0.1, port: {port}, user: jan, privilege: sudo,
     site: haarlem, jump: [ops@127.0.0.1:{port}, "far.example"]}}
  - {{name: site, role: site, address: 127.0.0.1, port: {port}}}
run: {{per_jump: 3, connections_per_second: 2.5, retries: 1}}
"""
    )
    before = sorted(tmp_path.rglob("*"))
    words = ("--jobs", "7", "--deadline", "40", "--run-deadline", "90")
    done = assess(tmp_path, "run", "--dry-run", "--profile", "mkb", *words)
    assert done.returncode == 0, done.stderr
    for line in (
        "web (ssh, linux):",
        f"to 127.0.0.1, port {port}, as jan; through ops@127.0.0.1:{port}, then far.example; ",
        "then far.example; in the site haarlem; with sudo",
        f"to 127.0.0.1, port {port}, from outside",
        "At most 7 targets side by side, 3 of them through one jump host and 10 in one site.",
        "At most 2.5 are begun in a second.",
        "Each is given up after 40 s.",
        "Nothing more is asked after 90 s.",
        "is tried once more; a log-in never is.",
        "/usr/sbin/nft",
    ):
        assert line in done.stdout, line
    assert sorted(tmp_path.rglob("*")) == before, "nothing was written"

    told = json.loads(assess(tmp_path, "run", "--dry-run", "--json", *words).stdout)
    assert told["limits"]["jobs"] == 7
    assert told["limits"]["connections_per_s"] == 2.5
    assert told["targets"][0]["target"]["jump"] == [f"ops@127.0.0.1:{port}", "far.example"]
    assert told == {
        **json.loads(assess(tmp_path, "plan", "--json").stdout),
        "limits": told["limits"],
    }


def test_a_share_of_the_jobs_only_lowers(folder: Path) -> None:
    def jobs(*words: str) -> int:
        done = assess(folder, "run", "--dry-run", "--json", "--checks", "checks", *words)
        return int(json.loads(done.stdout)["limits"]["jobs"])

    assert jobs() == 8
    assert jobs("--jobs-at-most", "3") == 3
    assert jobs("--jobs-at-most", "30") == 8
    assert jobs("--jobs-at-most", "3", "--jobs", "2") == 2


@pytest.mark.parametrize("words", [("--resume",), ("--all", ".")])
def test_a_dry_run_is_of_a_new_run_of_one_client(folder: Path, words: tuple[str, ...]) -> None:
    done = assess(folder, "run", "--dry-run", *words)
    assert done.returncode == 2
    assert "--dry-run" in done.stderr
