"""What an account on a target needs so that everything can be observed: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessor.model.check import CheckInfo, Probe
from assessor.model.profile import Profile
from assessor.model.sudoers import sudoers_command
from assessor.model.target import Platform, Privilege


def privileged(
    profile: Profile, checks: Mapping[str, CheckInfo], platform: Platform
) -> tuple[Probe, ...]:
    """The probes of the profile's checks that need root's rights, each once, by their text."""
    found: dict[str, Probe] = {}
    for check_id in profile.checks:
        if check_id in checks:
            for probe in checks[check_id].probes.get(platform, ()):
                if probe.privilege is Privilege.SUDO:
                    found.setdefault(probe.text, probe)
    return tuple(found[text] for text in sorted(found))


def sudoers_file(user: str, probes: Iterable[Probe]) -> str:
    """The smallest sudoers file: every command to the letter, no wildcards, reads only."""
    commands = ", \\\n    ".join(sudoers_command(probe) for probe in probes)
    return (
        f"# What assess may do as root on this machine: read, and nothing else.\n"
        f"Defaults:{user} !requiretty\n"
        f"Cmnd_Alias ASSESS = \\\n    {commands}\n"
        f"{user} ALL=(root) NOPASSWD: ASSESS\n"
    )
