"""Collecting loads what it asks with, and nothing that only other commands or targets need."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assessor.catalogue.scaffold import write_check
from tests.unit.cli.loading import loaded

SETTINGS = """\
organisation: Bakker
language: en
profile: small
run: {{retries: 0}}
targets:
  web01: {{role: server, transport: ssh, address: 127.0.0.1, port: {port}, user: nobody}}
"""
PROFILE = """\
id: small
title: {nl: Klein, en: Small}
checks: {my_check: {}}
measures: [patching]
"""
OF_OTHERS = (
    "assessor.collect.powershell",
    "assessor.devices",
    "assessor.evaluate",
    "assessor.history",
    "assessor.report",
    "assessor.reporting",
    "assessor.signing",
    "assessor.statement",
    "assessor.web",
    "assessor_checks",
    "asyncio",
    "celery",
    "dns",
    "jinja2",
    "lxml",
    "netmiko",
    "psutil",
    "rich",
    "securesystemslib",
    "unittest",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An assessment of a machine where nobody listens."""
    write_check(tmp_path / "checks", "my_check", "patching", frozenset({"patching"}))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "small.yaml").write_text(PROFILE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (tmp_path / "assessment.yaml").write_text(SETTINGS.format(port=port))
    return tmp_path


def test_collecting_over_ssh_loads_nothing_of_other_commands_and_targets(folder: Path) -> None:
    modules = loaded("collect", "--checks", "checks", folder=folder)

    (run,) = (folder / "runs").iterdir()
    assert "unreachable" in (run / "observations" / "web01.jsonl").read_text()
    assert "paramiko" in modules
    assert [
        name
        for name in modules
        for other in OF_OTHERS
        if name == other or name.startswith(f"{other}.")
    ] == []


def test_a_broken_check_is_left_out_where_the_profile_names_it(folder: Path) -> None:
    write_check(folder / "checks", "another", "patching", frozenset({"patching"}))
    (folder / "checks" / "another" / "texts.yaml").write_text("nl: {}\n")
    command = [sys.executable, "-m", "assessor", "plan", "--checks", "checks", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert "another" not in done.stdout + done.stderr

    profile = folder / "profiles" / "small.yaml"
    profile.write_text(PROFILE.replace("my_check: {}", "my_check: {}, another: {}"))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert "the check another is broken and was left out" in done.stderr
    assert "texts.yaml:1: texts.yaml has the keys nl and en" in done.stderr
