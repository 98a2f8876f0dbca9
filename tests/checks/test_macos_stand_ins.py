"""The scripts for macOS of some checks, with stand-ins for the tools of macOS.

No Mac is at hand. This shows that each script runs in every shell, ends with its count, and gives
its parser what the parser reads.
"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.model.capture import Captured
from assessor.model.check import Captures, Parameters
from assessor.model.finding import Judgement
from assessor.model.target import Platform, Role, Target, TransportKind
from tests.checks.realhost import ENVIRONMENT, available_shells

TOOLS = {
    "ps": "/sbin/launchd\n/usr/libexec/logd\n/usr/sbin/auditd\n/Applications/Mail.app/Mail\n",
    "sw_vers": "15.6.1\n",
    "last": (
        "piet      console                   Tue Jul  2 08:52 - 08:52  (00:00)\n"
        "\nwtmp begins Fri Jun 20 15:54 \n"
    ),
    "launchctl": (
        '\tdisabled services = {\n\t\t"com.apple.smbd" => disabled\n'
        '\t\t"com.openssh.sshd" => enabled\n\t}\n'
    ),
    "netstat": (
        "Active Internet connections (including servers)\n"
        "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)\n"
        "tcp4       0      0  192.168.1.4.49152      17.57.146.20.5223      ESTABLISHED\n"
        "tcp4       0      0  *.22                   *.*                    LISTEN\n"
        "tcp6       0      0  *.22                   *.*                    LISTEN\n"
        "tcp4       0      0  127.0.0.1.631          *.*                    LISTEN\n"
    ),
    "dscl": "_www      /usr/bin/false\npiet      /bin/zsh\nroot      /bin/sh\n",
    "id": "wheel daemon kmem sys\n",
    "sysctl": "{ sec = 1764300000, usec = 123456 } Fri Nov 28 03:20:00 2025\n",
    "uname": "macbook.local\n",
    "defaults": "",
}
SCRIPTS = (
    ("access_logging", "logging"),
    ("ssh_login", "log_in"),
    ("ssh_login", "sshd_config"),
    ("backups", "backups"),
    ("host_firewall", "network"),
)


@pytest.fixture
def stand_ins(tmp_path: Path) -> dict[str, str]:
    """An environment in which the tools of macOS come first."""
    for name, text in TOOLS.items():
        (tmp_path / f"{name}.txt").write_text(text)
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\ncat {tmp_path}/{name}.txt\n")
        tool.chmod(0o755)
    return {**ENVIRONMENT, "PATH": f"{tmp_path}:{ENVIRONMENT['PATH']}"}


def _run(
    check: str, name: str, environment: dict[str, str], shell: tuple[str, ...] = ("sh",)
) -> Captured:
    info = read_check(bundled.folder("checks") / check, "bundled")
    probe = next(probe for probe in info.probes[Platform.MACOS] if probe.name == name)
    done = subprocess.run(
        [*shell, "-s"],
        input=probe.text,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )
    return Captured(name, done.stdout, done.stderr, done.returncode, datetime.now(UTC))


def _judge(check: str, *answers: Captured) -> dict[str, Judgement]:
    info = read_check(bundled.folder("checks") / check, "bundled")
    loaded = load(info)
    target = Target(
        "mac", Role.WORKSTATION, TransportKind.SSH, Platform.MACOS, address="mac.example.nl"
    )
    captures = Captures(target, datetime.now(UTC), {answer.probe: answer for answer in answers})
    defaults = Parameters({name: known.default for name, known in info.parameters.items()})
    return {
        judgement.measure: judgement
        for judgement in loaded.evaluate(loaded.observe(captures), defaults)
    }


@pytest.mark.parametrize(("check", "name"), SCRIPTS)
def test_script_ends_with_its_count_in_every_shell(
    check: str, name: str, stand_ins: dict[str, str]
) -> None:
    shells = available_shells()
    if not shells:
        pytest.skip("none of dash, busybox and bash is installed")
    for shell in shells:
        answer = _run(check, name, stand_ins, shell)
        lines = answer.stdout.splitlines()
        assert lines[-2:] == ["complete", f"end {len(lines) - 1}"], shell
        assert answer.stderr == "", shell


@pytest.mark.parametrize(("check", "name"), SCRIPTS)
def test_script_without_the_tools_of_macos_gives_no_pass(check: str, name: str) -> None:
    answer = _run(check, name, {**ENVIRONMENT, "PATH": ENVIRONMENT["PATH"]})
    assert all(judged.outcome.value != "pass" for judged in _judge(check, answer).values())


def test_records_of_log_ins(stand_ins: dict[str, str]) -> None:
    answer = _run("access_logging", "logging", stand_ins)
    assert "piet" not in answer.stdout
    assert "process auditd" in answer.stdout.splitlines()
    judged = _judge("access_logging", answer)["access-logging"]
    assert judged.message.id == "not_observed"


def test_remote_log_in(stand_ins: dict[str, str]) -> None:
    answer = _run("ssh_login", "log_in", stand_ins)
    lines = answer.stdout.splitlines()
    assert "socket com.openssh.sshd" in lines
    assert [line for line in lines if line.startswith("open ")] == [
        "open *.22",
        "open *.22",
        "open 127.0.0.1.631",
    ]
    judged = _judge("ssh_login", answer)["mfa"]
    # sshd is there, so that its settings are what is missing.
    assert judged.message.facts["probe"] == "sshd_effective"


def test_what_listens(stand_ins: dict[str, str]) -> None:
    state = Captured(
        "application_firewall", "Firewall is enabled. (State = 1)\n", "", 0, datetime.now(UTC)
    )
    judged = _judge("host_firewall", state, _run("host_firewall", "network", stand_ins))["firewall"]
    assert judged.observed["listening"] == ("tcp 22 (Remote Login)",)
