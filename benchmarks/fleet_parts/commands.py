"""Twenty questions that need no privilege, as the checks ask them, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COMMANDS = (
    "/usr/bin/uname -r",
    "/usr/bin/uname -m",
    "/usr/bin/id -u",
    "/usr/bin/cat /etc/os-release",
    "/usr/bin/cat /etc/login.defs",
    "/usr/bin/cat /etc/nsswitch.conf",
    "/usr/bin/cat /etc/pam.d/common-auth",
    "/usr/bin/cat /etc/pam.d/common-password",
    "/usr/bin/cat /etc/ssh/sshd_config",
    "/usr/bin/cat /etc/fstab",
    "/usr/bin/cat /etc/timezone",
    "/usr/bin/cat /proc/sys/kernel/hostname",
    "/usr/bin/ls -l /etc/apt/apt.conf.d",
    "/usr/bin/stat -c %a:%U:%G /etc/shadow",
    "/usr/bin/getent passwd root",
    "/usr/sbin/sysctl -n kernel.randomize_va_space",
    "/usr/bin/openssl version",
    "/usr/bin/systemctl --version",
    "/usr/sbin/nft list ruleset",
    "/usr/sbin/sshd -T",
)
"""What they say changes neither with the time nor with what else the machine does. Without root
the last two are refused, which is an answer too."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said to one command.

    Attributes:
        status: the exit status.
        text: standard output, without line ends at its end.
    """

    status: int
    text: str


Answers = Mapping[tuple[str, str], Answer]
"""By the host's address and the command."""


def differences(addresses: Sequence[str], by_tool: Mapping[str, Answers]) -> list[str]:
    """Where a tool lacks an answer, or has another one than the first of the tools.

    Args:
        addresses: the hosts that must have been asked.
        by_tool: the answers that each tool brought home.
    """
    first = next(iter(by_tool.values()))
    found = []
    for tool, answers in by_tool.items():
        for address in addresses:
            for command in COMMANDS:
                place = (address, command)
                if place not in answers:
                    found.append(f"{tool}: no answer of {address} to {command}")
                elif answers[place] != first.get(place):
                    found.append(
                        f"{tool}: {address}: {command}: {answers[place]} is not {first.get(place)}"
                    )
    return found
