"""OpenSSH client configurations, written for these tests after ssh_config(5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError
from assessor.inputs.importers.forms import Format
from assessor.inputs.importers.imported import Imported
from assessor.inputs.importers.reading import read_inventory

CONFIG = """\
Include other
Host *
  ServerAliveInterval 30
Host gate
  HostName gate.example.nl
  User ops
  Port 2222
Host nas? *.lan
  IdentityFile ~/.ssh/id_nas
Host nas1 nas2
  ProxyJump gate
  HostName %h.lan
  IdentityFile keys/%r
  User=admin
Host far
  ProxyJump nas1
Host two
  ProxyJump ops@a:2200,gate
Host loop
  ProxyJump loop
Host github.com
  User git
Host old
  ProxyCommand ssh -W %h:%p gate
  UserKnownHostsFile /dev/null ~/.ssh/known_old
  HostKeyAlias old.example.nl
Host weird
  ProxyCommand nc -x proxy %h %p
Host six
  HostName 2001:db8::6
Match host six exec "touch MARK"
  User wrong
Host *.example.com !x
  User pattern
Host "quoted" web.example.com
Host broken "quote
  User nobody
Host *
  User beheer
  CanonicalizeHostname yes
  CanonicalDomains example.nl
"""


def _read(folder: Path, text: str, form: Format = Format.AUTO) -> Imported:
    path = folder / "config"
    path.write_text(text.replace("MARK", str(folder / "mark")), encoding="utf-8")
    return read_inventory(path, form, "server")


@pytest.fixture(autouse=True)
def _no_names_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the DNS was asked")

    for name in ("getfqdn", "gethostbyname", "getaddrinfo"):
        monkeypatch.setattr(f"socket.{name}", asked)


def test_hosts_with_what_holds_for_them(tmp_path: Path) -> None:
    imported = _read(tmp_path, CONFIG)

    found = {candidate.name: candidate.settings for candidate in imported.candidates}
    assert imported.format == "ssh-config"
    assert found == {
        "gate": {"address": "gate.example.nl", "port": 2222, "user": "ops"},
        "nas1": {
            "address": "nas1.lan",
            "user": "admin",
            "jump": ["ops@gate.example.nl:2222"],
            "identity_files": ["~/.ssh/id_nas", str(tmp_path / "keys" / "admin")],
        },
        "nas2": {
            "address": "nas2.lan",
            "user": "admin",
            "jump": ["ops@gate.example.nl:2222"],
            "identity_files": ["~/.ssh/id_nas", str(tmp_path / "keys" / "admin")],
        },
        "far": {"user": "beheer", "jump": ["ops@gate.example.nl:2222", "admin@nas1.lan"]},
        "two": {"user": "beheer", "jump": ["ops@a:2200", "ops@gate.example.nl:2222"]},
        "old": {
            "user": "beheer",
            "jump": ["ops@gate.example.nl:2222"],
            "known_hosts": ["~/.ssh/known_old"],
        },
        "six": {"address": "2001:db8::6", "user": "beheer"},
        "quoted": {"user": "beheer"},
        "web.example.com": {"user": "pattern"},
    }


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    imported = _read(tmp_path, CONFIG)

    told = [(left.line, left.subject, left.reason) for left in imported.left_out]
    assert [place[:2] for place in told] == [
        (1, "line 1"),
        (31, "line 31"),
        (36, "line 36"),
        (40, "line 40"),
        (41, "line 41"),
        (19, "host loop"),
        (21, "host github.com"),
        (23, "old, in part"),
        (23, "old, in part"),
        (27, "host weird"),
    ]
    reasons = " ".join(place[2] for place in told)
    for word in ("Include", "Match", "canonicalised", "circle", "Git service", "HostKeyAlias"):
        assert word in reasons


def test_no_command_of_the_file_is_run(tmp_path: Path) -> None:
    _read(tmp_path, CONFIG)

    assert not (tmp_path / "mark").exists()


def test_a_file_without_hosts_gives_none(tmp_path: Path) -> None:
    assert _read(tmp_path, "Host *\n  User jan\n").candidates == ()


def test_lines_that_are_no_options_are_told(tmp_path: Path) -> None:
    imported = _read(tmp_path, "Host a\n  !!!\n  User jan\n")

    assert [left.line for left in imported.left_out] == [2]
    assert imported.candidates[0].settings == {"user": "jan"}


def test_too_many_hosts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than 1000 hosts"):
        _read(tmp_path, "".join(f"Host h{number}\n" for number in range(1001)))
