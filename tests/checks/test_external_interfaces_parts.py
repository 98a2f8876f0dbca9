"""The readers of the check on external interfaces."""

from __future__ import annotations

import pytest

from checks.external_interfaces.modules import Driver, driver, read_modules
from checks.external_interfaces.usbguard import read_policy

CONFIG = "/etc/usbguard/usbguard-daemon.conf"
RULES = "/etc/usbguard/rules.conf"
LAST = "/proc/sys/kernel/ostype"
KERNEL = (("modprobe", "kmod"), ("modules", "seen"), ("driver", "usb-storage"), ("driver", "uas"))


def _answers(settings: list[str], rules: list[str]) -> tuple[str, str]:
    """The two answers of grep for these lines."""
    files = {CONFIG: settings, RULES: rules, LAST: ["Linux"]}
    lines = [f"{p}:{n}:{line}" for p, all_ in files.items() for n, line in enumerate(all_, 1)]
    counts = [f"{path}:{len(all_)}" for path, all_ in files.items()]
    return "\n".join(lines) + "\n", "\n".join(counts) + "\n"


def test_no_line_of_the_policy_can_be_missed() -> None:
    settings = ["# made by hand", "", "ImplicitPolicyTarget=block", "IPCAllowedGroups=root wheel"]
    lines, counts = _answers(settings, ["allow id 046d:c31c", "allow"])
    policy = read_policy(lines, counts)
    assert policy is not None
    assert (policy.wide, policy.groups, policy.refuses) == (("allow",), ("wheel",), False)
    every = lines.splitlines(keepends=True)
    for lost in range(len(every)):
        assert read_policy("".join(every[:lost] + every[lost + 1 :]), counts) is None
    numbers = counts.splitlines(keepends=True)
    for lost in range(len(numbers)):
        assert read_policy(lines, "".join(numbers[:lost] + numbers[lost + 1 :])) is None


@pytest.mark.parametrize(
    ("rule", "refuses"),
    [
        ('allow id 1d6b:0002 serial "0000:00:14.0" name "xHCI" hash "abc=" via-port "usb1"', True),
        ('allow serial "123"', True),
        ("allow with-interface 03:00:01", True),
        ("allow id 0781:* with-interface 08:06:50", False),
        ("allow id *:*", False),
        ('allow name "any stick"', False),
        ('allow via-port "1-1"', False),
        ("allow with-interface one-of { 03:00:01 08:*:* }", False),
        ("allow with-interface *:*:*", False),
        ("allow id one-of { 0781:5567 0781:5568 }", False),
        ("allow if rule-applied", False),
        ('allow name "unfinished', False),
        ("permit id 1234:5678", False),
        ("block", True),
        ("# allow", True),
        ("", True),
    ],
)
def test_rules(rule: str, refuses: bool) -> None:
    policy = read_policy(*_answers(["ImplicitPolicyTarget=block"], [rule] if rule else []))
    assert policy is not None
    assert policy.refuses is refuses


def test_rules_in_another_file_are_not_seen() -> None:
    policy = read_policy(*_answers(["RuleFile=/srv/rules.conf"], []))
    assert policy is not None
    assert policy.unclear == ("/srv/rules.conf",)
    assert not policy.refuses


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("module_blacklist=usb_storage,uas", Driver.BLOCKED),
        ("module_blacklist=usb-storage", Driver.BLOCKED),
        ("modprobe.blacklist=usb_storage", Driver.PULLED_IN),
        ("modprobe.blacklist=usb_storage,uas", Driver.UNLISTED),
        ("module_blacklist=floppy", Driver.OPEN),
    ],
)
def test_words_of_the_kernel(word: str, result: Driver) -> None:
    assert driver(read_modules((*KERNEL, ("kernel", word)))) is result


def test_a_command_that_loads_something_blocks_nothing() -> None:
    for command, result in (
        ("/bin/false", Driver.BLOCKED),
        ("/usr/bin/true", Driver.BLOCKED),
        ("/bin/true # as CIS says", Driver.BLOCKED),
        ("/bin/true; /sbin/insmod /root/usb-storage.ko", Driver.OPEN),
        ("/bin/false || /sbin/modprobe -i usb-storage", Driver.OPEN),
        ("/usr/local/bin/ask", Driver.OPEN),
        ("", Driver.OPEN),
    ):
        path = "/etc/modprobe.d/a.conf"
        found = (
            *KERNEL,
            ("modprobe_file", path),
            ("in", path),
            ("line", f"install usb-storage {command}"),
        )
        assert driver(read_modules(found)) is result, command
