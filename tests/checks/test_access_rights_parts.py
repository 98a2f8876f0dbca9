"""The readers of the check on rights: rules of sudo and doas, commands, keys, passwords."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.access_rights.accounts import Account, Password, read_host, read_signs, read_status
from checks.access_rights.doas import doas_grants, read_doas
from checks.access_rights.escapes import has_wildcard, root_program
from checks.access_rights.keys import Key, read_listing, read_root_keys
from checks.access_rights.sudoers import Grant, Rights, read_sudoers

PIET = Account("piet", 1001, 1001, "/home/piet", "/bin/bash", local=True)
GROUPS = ("piet", "1001", "ops", "27")


def _rights(folder: Path, text: str, host: str = "pc1.example") -> Rights | None:
    """What the real cvtsudoers makes of a file of rules, read for piet."""
    if shutil.which("cvtsudoers") is None:
        pytest.skip("cvtsudoers is not installed (sudo)")
    path = folder / "sudoers"
    path.write_text(text)
    done = subprocess.run(
        ["cvtsudoers", "-f", "json", path], capture_output=True, text=True, timeout=60, check=True
    )
    sudoers = read_sudoers(done.stdout, done.stdout, host)
    return None if sudoers is None else sudoers.rights(PIET, GROUPS)


ALL = Grant("ALL", asks=True)
FREE = Grant("ALL", asks=False)


@pytest.mark.parametrize(
    ("text", "grants"),
    [
        ("piet ALL=(ALL) ALL", (ALL,)),
        ("piet ALL=ALL", (ALL,)),
        ("#1001 ALL=(root) NOPASSWD: ALL", (FREE,)),
        ("%ops ALL=(#0) ALL", (ALL,)),
        ("%#27 ALL=ALL", (ALL,)),
        ("%others ALL=ALL", ()),
        ("ALL, !piet ALL=ALL", ()),
        ("User_Alias A = piet, jan\nA ALL=ALL", (ALL,)),
        ("User_Alias A = piet, jan\nALL, !A ALL=ALL", ()),
        ("User_Alias A = ALL, !piet\npiet, A ALL=ALL", ()),
        ("User_Alias A = jan, !piet\n!A ALL=ALL", (ALL,)),
        ("piet pc1=ALL", (ALL,)),
        ("piet pc1.example=ALL", (ALL,)),
        ("piet pc*=ALL", (ALL,)),
        ("piet pc2=ALL", ()),
        ("Host_Alias H = pc2, pc1\npiet H=ALL", (ALL,)),
        ("piet ALL, !pc1=ALL", ()),
        ("Runas_Alias R = postgres\npiet ALL=(R) ALL", ()),
        ("piet ALL=(ALL, !root) ALL", ()),
        ("piet ALL=(:docker) ALL", ()),
        ("Defaults runas_default=www\npiet ALL=ALL", ()),
        ("%ops ALL=NOPASSWD: ALL\npiet ALL=ALL", (ALL,)),
        ("piet ALL=ALL\n%ops ALL=NOPASSWD: ALL", (FREE,)),
        ("piet ALL=NOPASSWD: /bin/true, PASSWD: ALL", (ALL,)),
        ("Defaults !authenticate\npiet ALL=ALL", (FREE,)),
        ("Defaults !authenticate\npiet ALL=PASSWD: ALL", (ALL,)),
        ("Defaults:jan !authenticate\npiet ALL=ALL", (ALL,)),
        ("Defaults:%ops !authenticate\npiet ALL=ALL", (FREE,)),
        ("Defaults@pc2 !authenticate\npiet ALL=ALL", (ALL,)),
        ("Defaults exempt_group=ops\npiet ALL=ALL", (FREE,)),
        ("Defaults rootpw\npiet ALL=ALL", ()),
        ("Defaults rootpw\npiet ALL=NOPASSWD: ALL", (FREE,)),
        ("piet ALL=ALL, !/bin/su", (ALL,)),
        ("piet ALL=ROLE=a_r TYPE=a_t ALL", (ALL,)),
        ("piet ALL=CWD=/tmp CHROOT=/srv ALL", (ALL,)),
        ("piet ALL=/usr/bin/less", (Grant("less", asks=True, command="/usr/bin/less"),)),
        ("piet ALL=NOEXEC: /usr/bin/less", ()),
        ("piet ALL=/usr/bin/less, !/usr/bin/less", ()),
        ("piet ALL=SETENV: /opt/x", (Grant("own environment", asks=True, command="/opt/x"),)),
        (
            "Cmnd_Alias C = /bin/a, /bin/sh\npiet ALL=C",
            (Grant("sh", asks=True, command="/bin/sh"),),
        ),
        ("Cmnd_Alias C = /bin/sh\npiet ALL=ALL, !C", (ALL,)),
    ],
)
def test_rules_of_sudo(tmp_path: Path, text: str, grants: tuple[Grant, ...]) -> None:
    rights = _rights(tmp_path, f"{text}\n")
    assert rights is not None
    assert (rights.grants, rights.unclear) == (grants, False)


@pytest.mark.parametrize(
    "text",
    [
        "+staff ALL=ALL",
        "%:windows ALL=ALL",
        "piet 192.0.2.0/24=ALL",
        "Defaults!/bin/sh !authenticate\npiet ALL=ALL",
        "Defaults>root !authenticate\npiet ALL=ALL",
    ],
)
def test_what_this_machine_cannot_resolve_is_unclear(tmp_path: Path, text: str) -> None:
    rights = _rights(tmp_path, f"{text}\n")
    assert rights is not None
    assert rights.unclear


def test_wildcards_are_noticed_but_not_those_that_are_escaped(tmp_path: Path) -> None:
    rights = _rights(tmp_path, "piet ALL=/bin/cat /var/log/*\n")
    assert rights == Rights((), wildcards=True)
    rights = _rights(tmp_path, "piet ALL=/bin/grep -oE \\^\\[a\\]\\*\\? /etc/shadow\n")
    assert rights == Rights()


RULE = {
    "User_List": [{"username": "piet"}],
    "Host_List": [{"hostname": "ALL"}],
    "Cmnd_Specs": [{"Commands": [{"command": "ALL"}]}],
}


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"User_Specs": {}}',
        json.dumps({"User_Specs": [{**RULE, "User_List": []}]}),
        json.dumps({"User_Specs": [{**RULE, "Cmnd_Specs": [{"Commands": []}]}]}),
        json.dumps({"User_Specs": [{**RULE, "Cmnd_Specs": ["ALL"]}]}),
        json.dumps({"User_Specs": [RULE], "Defaults": [{"Binding": "x", "Options": [{"a": 1}]}]}),
        json.dumps({"User_Specs": [RULE], "User_Aliases": {"A": []}}),
        "[" * 100_000,
    ],
)
def test_damaged_rules_are_no_rules(damaged: str) -> None:
    assert read_sudoers(damaged, damaged, "pc1") is None


def test_two_readings_must_agree() -> None:
    text = json.dumps({"User_Specs": [RULE]})
    assert read_sudoers(text, text, "pc1") is not None
    assert read_sudoers(text, text.replace("piet", "jan"), "pc1") is None


def test_an_alias_that_is_not_there_is_unclear() -> None:
    text = json.dumps({"User_Specs": [{**RULE, "User_List": [{"useralias": "GONE"}]}]})
    sudoers = read_sudoers(text, text, "pc1")
    assert sudoers is not None
    assert sudoers.rights(PIET, GROUPS).unclear


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("/usr/bin/vim /etc/hosts", "vim"),
        ('/usr/bin/vim ""', "vim"),
        ("/bin/bash", "bash"),
        ("/bin/bash -i", "bash"),
        ("/bin/bash /opt/backup.sh", ""),
        ("/bin/bash /opt/backup.sh *", ""),
        ("/bin/su -", "su"),
        ("/bin/su - postgres", ""),
        ("/usr/bin/tee", "tee"),
        ("/usr/bin/tee /etc/motd", ""),
        ("/usr/bin/tee /etc/*", "tee"),
        ("/usr/bin/tee /etc/\\*", ""),
        ('/usr/bin/tee ""', ""),
        ("/usr/bin/systemctl", "systemctl"),
        ("/usr/bin/systemctl restart *", ""),
        ("/usr/bin/systemctl *", "systemctl"),
        ("/usr/bin/python3 /opt/a.py *", ""),
        ("/usr/bin/python3", "python3"),
        ("/usr/bin/passwd", "passwd"),
        ("/usr/bin/passwd root", "passwd"),
        ("/usr/bin/passwd jan", ""),
        ("/usr/bin/passwd -Sa", ""),
        ("/usr/bin/mysql", "mysql"),
        ("/usr/bin/mysql -u root", "mysql"),
        ("/usr/bin/mysql --batch -e select 1", ""),
        ("/usr/bin/mysql -e *", "mysql"),
        ("/usr/bin/psql -At -c select 1", ""),
        ("/usr/bin/apt-get update", ""),
        ("/usr/bin/apt-get install *", "apt-get"),
        ("/usr/bin/less /var/log/syslog", "less"),
        ("/usr/bin/", "folder"),
        ("/usr/bin/*", "adduser"),
        ("/usr/bin/vi*", "vi"),
        ("^/usr/bin/(vi|ed)$", "ed"),
        ("^/usr/bin/(vi$", "folder"),
        ("/home/piet/run.sh", "own file"),
        ("/home/pieter/run.sh", ""),
        ("/tmp/run.sh", "own file"),
        ("sudoedit", "sudoedit"),
        ("sudoedit /etc/hosts", ""),
        ("sudoedit /etc/*", "sudoedit"),
        ("sudoedit /etc/sudoers.d/x", "sudoedit"),
        ("/usr/local/bin/report", ""),
        ("", ""),
    ],
)
def test_commands_that_give_everything(command: str, program: str) -> None:
    assert root_program(command, home="/home/piet", noexec=False, setenv=False) == program


def test_pagers_are_tamed_by_noexec_and_editors_are_not() -> None:
    for command, program in (("/usr/bin/less /x", ""), ("/usr/bin/vi /x", "vi")):
        assert root_program(command, home="/", noexec=True, setenv=False) == program


def test_wildcards() -> None:
    assert has_wildcard("a*")
    assert has_wildcard("a\\\\*")
    assert not has_wildcard("a\\*\\?\\[")


@pytest.mark.parametrize(
    ("rules", "grants"),
    [
        (("permit piet",), (ALL,)),
        (("permit persist :ops",), (ALL,)),
        (("permit nopass keepenv piet as root",), (FREE,)),
        (("permit setenv { A B=c -D } nopass piet",), (FREE,)),
        (("permit nopass piet as www",), ()),
        (("permit nopass piet", "deny piet"), ()),
        (("deny piet", "permit piet"), (ALL,)),
        (("permit jan",), ()),
        (("permit piet cmd vi",), (Grant("vi", asks=True, command="vi"),)),
        (("permit piet cmd tee args /etc/motd",), ()),
        (("permit piet cmd tee args",), ()),
        (("permit nopass piet cmd reboot",), ()),
        (("permit piet # who knows",), (ALL,)),
    ],
)
def test_rules_of_doas(rules: tuple[str, ...], grants: tuple[Grant, ...]) -> None:
    read = read_doas(rules)
    assert read is not None
    assert doas_grants(read, PIET, GROUPS) == grants


@pytest.mark.parametrize(
    "line", ["", "allow piet", "permit", "permit piet as", "permit setenv { A piet", 'permit "piet']
)
def test_rules_of_doas_that_are_not_understood(line: str) -> None:
    assert read_doas((line,)) is None


@pytest.mark.parametrize(
    ("blob", "text", "weak"),
    [
        ("AAAAB3NzaC1yc2EAAAADAQABAAABAQC0lHFwjbB4I/FbjulTRqeUutP4", "RSA 2048", False),
        ("AAAAB3NzaC1yc2EAAAADAQABAAAAgQCiF/164hGYEmcPvZaFPI/lDuwd", "RSA 1024", True),
        ("AAAAB3NzaC1kc3MAAACBAJbVx8x1x4kMKh8cb1KqDvhv9vYQd/F74mlS", "DSA 1024", True),
        ("AAAAC3NzaC1lZDI1NTE5AAAAICJWTtogRmQgBM8DOPgjTYCyx9NHkBgD", "Ed25519 256", False),
        ("AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBNTe", "ECDSA 384", False),
        ("AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAAA", "Ed25519-SK 256", False),
        ("AAAAB3NzaC1yc2EAAAAD", "RSA", False),
        ("AAAA", "?", False),
        ("no key", "?", False),
    ],
)
def test_kinds_of_keys(blob: str, text: str, weak: bool) -> None:
    key = Key.read(blob)
    assert (key.text, key.weak) == (text, weak)


def test_a_key_on_a_line_that_is_struck_out_does_not_count() -> None:
    output = "1:#\n1:AAAAB3NzaC1kc3MAAACBAJbVx8x1\n2:AAAAC3NzaC1lZDI1NTE5AAAAICJW\n"
    assert [key.text for key in read_root_keys(output)] == ["Ed25519 256"]


def test_listing_of_key_files() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    output = (
        "  131  4 -rw-------   1 piet  piet    563 Feb 28 13:07 /home/piet/.ssh/authorized_keys\n"
        "  132  4 -rw-------   1 anna  anna    563 Nov  8 13:07 /home/anna/.ssh/authorized_keys\n"
        "  133  4 -rw-------   1 root  root    563 Feb 29  2020 /root/.ssh/authorized_keys\n"
        "  134  0 -rw-------   1 jan   jan       0 Feb 28 13:07 /home/jan/.ssh/authorized_keys\n"
        "  135  4 -rw-------   1 x     x        10 Foo 99 13:07 /home/x/.ssh/authorized_keys\n"
        "find: something else\n"
    )
    assert {path: when.date().isoformat() for path, when in read_listing(output, now).items()} == {
        "/home/piet/.ssh/authorized_keys": "2026-02-28",
        "/home/anna/.ssh/authorized_keys": "2025-11-08",
        "/root/.ssh/authorized_keys": "2020-02-29",
    }


def test_states_of_passwords() -> None:
    accounts = (PIET,)
    line = "piet NP 2026-01-02 0 99999 7 -1\n"
    read = read_status(line, accounts)
    assert read is not None
    assert read[0] == {"piet": Password.EMPTY}
    assert read[1]["piet"].isoformat() == "2026-01-02"
    for damaged in ("", line[:-1], line + "x\n", line * 2, line.replace("piet", "jan")):
        assert read_status(damaged, accounts) is None


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("piet::", Password.EMPTY),
        ("piet:!", Password.LOCKED),
        ("piet:*", Password.LOCKED),
        ("piet:$", Password.USABLE),
        ("piet:_", Password.USABLE),
        ("piet:", Password.USABLE),
    ],
)
def test_signs_of_passwords(line: str, state: Password) -> None:
    assert read_signs(f"{line}\n", (PIET,)) == {"piet": state}
    for damaged in (line, f"{line}\n{line}\n", f"{line}6$x\n", "jan:!\n"):
        assert read_signs(damaged, (PIET,)) is None


def test_the_first_group_counts_as_well() -> None:
    host = read_host(
        [
            ("now", "1795872397"),
            ("account", "anna:set:1000:27:/home/anna:"),
            ("group", "sudo:27:piet"),
        ]
    )
    assert host is not None
    assert host.groups["anna"] == {"sudo", "27"}
    assert host.accounts[0].has_shell


def test_log_ins_keep_the_newest() -> None:
    host = read_host(
        [
            ("now", "1795872397"),
            ("account", "anna:set:1000:1000:/home/anna:/bin/sh"),
            ("group", "anna:1000:"),
            ("records", "lastlog"),
            ("last", "anna Jan 14 16:29:24 +0130 2025"),
            ("never", "jan"),
            ("never", "anna"),
            ("last", "anna 2026-02-03T04:05:06+00:00"),
            ("last", "anna nonsense"),
            ("keys_setting", ".ssh/authorized_keys"),
        ]
    )
    assert host is not None
    assert host.last == {"anna": datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)}
    assert host.never == {"jan"}
    assert not host.keys_elsewhere


def test_keys_in_another_place_are_said() -> None:
    host = read_host(
        [
            ("now", "1795872397"),
            ("account", "anna:set:1000:1000:/home/anna:/bin/sh"),
            ("group", "anna:1000:"),
            ("keys_setting", "/etc/ssh/keys/%u"),
        ]
    )
    assert host is not None
    assert host.keys_elsewhere
