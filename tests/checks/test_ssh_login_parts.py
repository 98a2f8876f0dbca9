"""The readers of the SSH check: old versions of sshd, the command line, ports, accounts."""

from __future__ import annotations

import pytest

from assessor.api import Record, records
from checks.ssh_login.host import Passwords, read_host, read_passwords
from checks.ssh_login.patterns import in_list
from checks.ssh_login.settings import effective, from_grep, from_script

# The keywords that OpenSSH 7.4 (Red Hat 7) shows of those that matter, in its order.
OPENSSH_7_4 = """\
port 22
protocol 2
usepam yes
permitrootlogin yes
hostbasedauthentication no
pubkeyauthentication yes
gssapiauthentication yes
passwordauthentication yes
kbdinteractiveauthentication no
challengeresponseauthentication no
permitemptypasswords no
pubkeyacceptedkeytypes ssh-ed25519,ssh-rsa
authenticationmethods any
rekeylimit 0 0
permitopen any
"""


def _without(keyword: str) -> str:
    return "".join(
        line for line in OPENSSH_7_4.splitlines(keepends=True) if not line.startswith(keyword)
    )


def test_old_sshd_is_understood() -> None:
    values = effective(OPENSSH_7_4)
    assert values is not None
    assert values["permitrootlogin"] == "yes"
    assert values["kbdinteractiveauthentication"] == "no"
    assert values["pubkeyacceptedalgorithms"] == "ssh-ed25519,ssh-rsa"


def test_either_of_two_old_settings_turns_keyboard_interactive_on() -> None:
    values = effective(
        OPENSSH_7_4.replace(
            "challengeresponseauthentication no", "challengeresponseauthentication yes"
        )
    )
    assert values is not None
    assert values["kbdinteractiveauthentication"] == "yes"


@pytest.mark.parametrize(
    "output",
    [
        "",
        "\n",
        _without("permitrootlogin"),
        _without("authenticationmethods"),
        _without("permitopen"),
        OPENSSH_7_4 + "permitrootlogin no\n",
        OPENSSH_7_4.replace("permitrootlogin yes", "permitrootlogin maybe"),
        OPENSSH_7_4.replace("authenticationmethods any", "authenticationmethods any,"),
        OPENSSH_7_4.replace("passwordauthentication yes", "passwordauthentication ye"),
        # From 8.5 on the keyword is another one, and more lines follow.
        OPENSSH_7_4.replace("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms"),
        "sshd: no hostkeys available -- exiting.\n",
    ],
)
def test_damaged_settings_are_not_understood(output: str) -> None:
    assert effective(output) is None


def _script(*lines: str) -> tuple[Record, ...]:
    text = [*lines, "complete"]
    found = records("\n".join([*text, f"end {len(text)}"]) + "\n")
    assert found is not None
    return found


def test_first_value_counts_and_a_block_ends_with_its_file() -> None:
    files = from_script(
        _script(
            "file /etc/ssh/sshd_config",
            "| Include /etc/ssh/sshd_config.d/*.conf",
            "file /etc/ssh/sshd_config.d/a.conf",
            '| "PermitRootLogin" = no # for now',
            "| Match User=alice Address 10.0.0.0/8,192.168.0.0/16",
            "|   PasswordAuthentication no",
            "leave /etc/ssh/sshd_config.d/a.conf",
            "| PermitRootLogin yes",
            "| ChallengeResponseAuthentication yes",
            "leave /etc/ssh/sshd_config",
        )
    )
    assert files is not None
    assert files.values["permitrootlogin"] == "no"
    assert files.values["kbdinteractiveauthentication"] == "yes"
    (block,) = files.blocks
    assert block.criteria == (
        ("user", ("alice",)),
        ("address", ("10.0.0.0/8", "192.168.0.0/16")),
    )
    assert block.values == {"passwordauthentication": "no"}


def test_a_file_within_a_block_belongs_to_it() -> None:
    files = from_script(
        _script(
            "file /etc/ssh/sshd_config",
            "| Match Group office",
            "| Include office.conf",
            "file /etc/ssh/office.conf",
            "| PermitEmptyPasswords yes",
            "leave /etc/ssh/office.conf",
            "leave /etc/ssh/sshd_config",
        )
    )
    assert files is not None
    assert files.values == {}
    assert files.blocks[0].values == {"permitemptypasswords": "yes"}


def test_missing_main_file_is_unread() -> None:
    files = from_script(_script("absent /etc/ssh/sshd_config"))
    assert files is not None
    assert files.unread == ("/etc/ssh/sshd_config",)


LAST = "/proc/sys/kernel/ostype:1:Linux\n"


def test_grep_of_a_closed_configuration() -> None:
    main = "/etc/ssh/sshd_config:1:Include /etc/ssh/sshd_config.d/*.conf\n"
    other = "/etc/ssh/sshd_config.d/x.conf:1:Match User root\n"
    setting = "/etc/ssh/sshd_config.d/x.conf:2:  AuthenticationMethods publickey\n"
    files = from_grep(main + other + setting + LAST)
    assert files is not None
    assert files.unread == ()
    assert files.blocks[0].values == {"authenticationmethods": "publickey"}
    elsewhere = from_grep("/etc/ssh/sshd_config:1:Include /opt/x.conf\n" + LAST)
    assert elsewhere is not None
    assert elsewhere.unread == ("/opt/x.conf",)
    for damaged in (main + other, other + LAST, main + "grep: x: Permission denied\n" + LAST, ""):
        assert from_grep(damaged) is None


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", ()),
        ("/usr/sbin/sshd -D -oCiphers=aes256-ctr -oMACs=hmac-sha2-512", ()),
        ("/usr/sbin/sshd -D -f /etc/ssh/sshd_config", ()),
        ("/usr/sbin/sshd -f /opt/sshd.conf", ("-f /opt/sshd.conf",)),
        ("/usr/sbin/sshd -o PermitRootLogin=yes", ("-o PermitRootLogin=yes",)),
    ],
)
def test_options_of_the_listener(command: str, options: tuple[str, ...]) -> None:
    assert read_host(_script(f"listener {command}")).sshd_options == options


def test_listeners_on_loopback_are_left_out() -> None:
    host = read_host(
        _script(
            "listen 0100007F:0017",  # 127.0.0.1
            "listen 00000000000000000000000001000000:0017",  # ::1
            "listen 0000000000000000FFFF00000100007F:0017",  # ::ffff:127.0.0.1
            "listen 0A01A8C0:0201",  # 192.168.1.10
            "listen 00000000000000000000000000000000:170C",  # [::]
        )
    )
    assert [(item.address, item.port) for item in host.listeners] == [
        ("192.168.1.10", 513),
        ("::", 5900),
    ]


def test_accounts_without_a_password() -> None:
    accounts = read_host(
        _script(
            "account root:set:0:/bin/bash",
            "account guest:set:1000:/bin/sh",
            "account sync:set:4:/bin/sync",
            "account daemon:set:1:/usr/sbin/nologin",
        )
    ).accounts
    root = "root L 2025-05-20 0 99999 7 -1\n"
    guest = "guest NP 05/20/2025 0 99999 7 -1\n"
    rest = "sync NP 2025-05-20 0 99999 7 -1\ndaemon NP 2025-05-20 0 99999 7 -1\n"
    assert read_passwords(root + guest + rest, accounts) == Passwords(("guest",), ())
    assert read_passwords(root + rest, accounts) is None
    assert read_passwords(root + guest + rest[:-4], accounts) is None
    assert read_passwords("", accounts) is None


@pytest.mark.parametrize(
    "line",
    [
        "root P 2024-01-01 0 99999 7",
        "root P 2024-01-01 0 99999 7 -1 more",
        "root P  2024-01-01 0 99999 7 -1",
        "root X 2024-01-01 0 99999 7 -1",
        "root P 2024-01-01 0 99999 7 --1",
        "root P 2024-01-01 0 99999 7 -1\r",
        "root PX 2024-01-01 0 99999 7 -1",
    ],
)
def test_a_line_of_another_form_makes_all_of_it_unknown(line: str) -> None:
    assert read_passwords("root P 2024-01-01 0 99999 7 -1\n", ()) == Passwords((), ())
    assert read_passwords(line + "\n", ()) is None


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (("*",), "root", True),
        (("*", "!root"), "root", False),
        (("!root",), "alice", False),
        (("r??t",), "root", True),
        (("ro.t",), "root", False),
    ],
)
def test_pattern_lists(patterns: tuple[str, ...], name: str, expected: bool) -> None:
    assert in_list(patterns, name) is expected


def test_ports_of_a_mac() -> None:
    host = read_host(
        (
            ("open", "*.22"),
            ("open", "127.0.0.1.631"),
            ("open", "::1.88"),
            ("open", "fe80::1%lo0.500"),
            ("open", "192.168.1.4.5900"),
            ("table", "netstat"),
            ("account", "piet:set:501:/bin/zsh"),
        )
    )
    assert {(item.address, item.port) for item in host.listeners} == {
        ("0.0.0.0", 22),  # noqa: S104
        ("fe80::1", 500),
        ("192.168.1.4", 5900),
    }
    assert host.complete
    assert not read_host((("open", "nonsense"), ("table", "netstat"))).complete
