"""The assessment of a folder without settings: this machine only."""

from __future__ import annotations

import re
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from assessor.inputs.parameters import ChecksOf, KnownChecks
from assessor.inputs.profiles import load_profile
from assessor.inputs.targets import own_platform
from assessor.model.assessment import Assessment
from assessor.model.language import Language
from assessor.model.target import Platform, Role, Target, TransportKind

# SMBIOS specification (DMTF DSP0134) 3.7.0, table 17, "System enclosure or chassis types"
_PERSONAL_CHASSIS = frozenset({3, 4, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 30, 31, 32, 35, 36})
_SERVER_CHASSIS = frozenset({17, 23, 25, 28, 29})


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """What a machine seems to be for its owner, and from what that was taken."""

    role: Role
    reason: str


def implicit_assessment(
    folder: Path,
    *,
    profile: str = "mkb",
    profile_folders: Sequence[Path],
    known_checks: KnownChecks | ChecksOf | None = None,
    known_measures: Collection[str],
) -> Assessment:
    """This machine as the only target, without a statement.

    Raises:
        UsageError: the profile does not exist or is broken.
    """
    return Assessment(
        folder=folder,
        organisation="",
        assessor="",
        language=Language.NL,
        statement=None,
        targets=(this_machine(),),
        profile=load_profile(profile, profile_folders, known_checks, known_measures),
        implicit=True,
    )


def this_machine() -> Target:
    """This machine as a target; ``role_guessed_from`` among its options says why that role."""
    guess = guess_role()
    return Target(
        name=own_name(),
        role=guess.role,
        transport=TransportKind.LOCAL,
        platform=own_platform(),
        address="localhost",
        options=MappingProxyType({"role_guessed_from": guess.reason}),
    )


def own_name() -> str:
    """This machine's short host name, as a target may be called."""
    return safe_name(socket.gethostname().split(".")[0]) or "this-machine"


def safe_name(text: str) -> str:
    """``text`` with every character that a name may not have replaced by a hyphen."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:64]


def guess_role(root: Path = Path("/"), platform: Platform | None = None) -> RoleGuess:
    """Server or workstation: from the battery, the desktop and the case, in this order.

    Args:
        root: where the machine's files are.
        platform: what it runs; this machine's own unless said.
    """
    if (platform or own_platform()) is Platform.MACOS:
        return RoleGuess(Role.WORKSTATION, "macOS")
    for supply in sorted((root / "sys/class/power_supply").glob("*")):
        # a mouse or a UPS is a battery too; its scope is "Device", a laptop's own is not
        if _line(supply / "type") == "Battery" and _line(supply / "scope") != "Device":
            return RoleGuess(Role.WORKSTATION, "it has a battery")
    for manager in (
        "etc/systemd/system/display-manager.service",
        "etc/X11/default-display-manager",
    ):
        if (root / manager).is_symlink() or (root / manager).exists():
            return RoleGuess(Role.WORKSTATION, "it starts a graphical log-in screen")
    chassis = _line(root / "sys/class/dmi/id/chassis_type")
    if chassis.isdigit() and int(chassis) in _SERVER_CHASSIS:
        return RoleGuess(Role.SERVER, "its case is a server's, and it has no desktop")
    if chassis.isdigit() and int(chassis) in _PERSONAL_CHASSIS:
        return RoleGuess(Role.SERVER, "it has no desktop, though its case is a personal computer's")
    return RoleGuess(Role.SERVER, "it has no desktop and no battery")


def _line(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(64).decode("ascii", "replace").strip()
    except OSError:
        return ""
