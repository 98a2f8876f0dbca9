"""What an account on a target needs so that everything can be observed: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessor.model.check import CheckInfo, Probe
from assessor.model.filling import filled
from assessor.model.profile import Profile
from assessor.model.sudoers import sudoers_command
from assessor.model.target import Platform, Privilege, Target


def privileged(
    profile: Profile,
    checks: Mapping[str, CheckInfo],
    platform: Platform,
    targets: Iterable[Target] = (),
) -> tuple[Probe, ...]:
    """The probes of the profile's checks that need root's rights, each once, by their text.

    Args:
        profile: names the checks.
        checks: what is known of each.
        platform: the platform whose probes are wanted.
        targets: the inventory; probes that a target's options fill in are those of all of these.
    """
    found: dict[str, Probe] = {}
    for check_id in profile.checks:
        if check_id not in checks:
            continue
        for probe in checks[check_id].probes.get(platform, ()):
            if probe.privilege is not Privilege.SUDO:
                continue
            asked = (
                [each for target in targets for each in filled(probe, target)]
                if probe.option
                else [probe]
            )
            found.update({each.text: each for each in asked})
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
