"""``assess access``: the account and the rights that the profile's probes need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import say
from assessor.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="What an account on a target needs.")

_STEPS = """\
# On each machine, as root. The account can read what the checks ask for, and nothing more.

# 1. An account without a password, for log-in with a key:
useradd --create-home --shell /bin/sh {user}
usermod --password '*' {user}
install -d -m 700 -o {user} -g {user} ~{user}/.ssh
# 2. The public key of whoever runs assess (from "ssh-keygen -t ed25519"):
printf 'restrict %s\\n' 'PASTE THE PUBLIC KEY HERE' > ~{user}/.ssh/authorized_keys
chown {user}: ~{user}/.ssh/authorized_keys
# 3. Groups that may read logs, where they exist:
for group in adm systemd-journal; do getent group $group && usermod -aG $group {user}; done
# 4. This file as /etc/sudoers.d/assess (mode 440); visudo -cf checks it first:
"""

_AFTER = """\
# A command that is not installed on a machine may stay in the file. Where one stands at another
# path than here (Alpine, for one), write that path.
# To take it all away again: userdel --remove {user}; rm /etc/sudoers.d/assess
"""


_STEPS_MACOS = """\
# On each Mac, as an administrator. The account can read what the checks ask for, and nothing more.

# 1. An account that is no administrator; its password is asked for (make a long one and forget it):
sudo sysadminctl -addUser {user} -fullName {user} -shell /bin/sh -password -
# 2. Log-in over SSH, for this account too: System Settings, General, Sharing, Remote Login
sudo dseditgroup -o edit -a {user} -t user com.apple.access_ssh
# 3. The public key of whoever runs assess (from "ssh-keygen -t ed25519"):
sudo install -d -m 700 -o {user} ~{user}/.ssh
printf 'restrict %s\\n' 'PASTE THE PUBLIC KEY HERE' | sudo tee ~{user}/.ssh/authorized_keys
sudo chown {user} ~{user}/.ssh/authorized_keys
# 4. This file as /etc/sudoers.d/assess (mode 440); visudo -cf checks it first:
"""

_AFTER_MACOS = """\
# To take it all away again: sudo sysadminctl -deleteUser {user}; sudo rm /etc/sudoers.d/assess
"""

_User = Annotated[str, typer.Option("--user", help="The account's name.")]
_SudoersOnly = Annotated[bool, typer.Option("--sudoers", help="Print the sudoers file only.")]


@app.command()
def linux(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    checks: options.ChecksFolders = None,
    user: _User = "assess",
    sudoers: _SudoersOnly = False,
) -> None:
    """Print the account set-up and the smallest sudoers file for the profile's probes."""
    text = _sudoers_file("linux", profile, folder, checks, user)
    _tell(text if sudoers else f"{_STEPS.format(user=user)}{text}{_AFTER.format(user=user)}")


@app.command()
def macos(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    checks: options.ChecksFolders = None,
    user: _User = "assess",
    sudoers: _SudoersOnly = False,
) -> None:
    """The same for Macs."""
    text = _sudoers_file("macos", profile, folder, checks, user)
    steps, after = _STEPS_MACOS.format(user=user), _AFTER_MACOS.format(user=user)
    _tell(text if sudoers else f"{steps}{text}{after}")


@app.command()
def windows(
    script: Annotated[bool, typer.Option("--script", help="Print the script only.")] = False,
) -> None:
    """Print the account and the WinRM set-up for Windows, by hand and as group policy."""
    from assessor.cli import access_windows
    from assessor.model.windows import ADMINISTRATORS, GROUPS

    needs = f"{GROUPS[ADMINISTRATORS]}, {ADMINISTRATORS}, where nothing less will do"
    _tell(access_windows.script() if script else access_windows.STEPS.format(needs=needs))


def _sudoers_file(
    platform: str, profile: str | None, folder: Path, checks: list[Path] | None, user: str
) -> str:
    from assessor import pipeline
    from assessor.inputs.settings import is_user_name
    from assessor.model.target import Platform
    from assessor.plan.access import privileged, sudoers_file

    if not is_user_name(user):
        raise UsageError(f"{user!r} is no name for an account", mend="small letters and digits")
    wanted = Platform(platform)
    catalogue = pipeline.Checks(tuple(checks or ()))
    prepared = pipeline.prepare(folder, catalogue, profile=profile)
    targets = [each for each in prepared.assessment.targets if each.platform is wanted]
    probes = privileged(prepared.assessment.profile, catalogue.catalogue.infos, wanted, targets)
    return sudoers_file(user, probes)


def _tell(text: str) -> None:
    say(text.rstrip("\n"))
