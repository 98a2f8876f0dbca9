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


@app.command()
def linux(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    checks: options.ChecksFolders = None,
    user: Annotated[str, typer.Option("--user", help="The account's name.")] = "assess",
    sudoers: Annotated[
        bool, typer.Option("--sudoers", help="Print the sudoers file only.")
    ] = False,
) -> None:
    """Print the account set-up and the smallest sudoers file for the profile's probes."""
    from assessor import pipeline
    from assessor.inputs.settings import is_user_name
    from assessor.model.target import Platform
    from assessor.plan.access import privileged, sudoers_file

    if not is_user_name(user):
        raise UsageError(f"{user!r} is no name for an account", mend="small letters and digits")
    catalogue = pipeline.Checks(tuple(checks or ()))
    prepared = pipeline.prepare(folder, catalogue, profile=profile)
    probes = privileged(
        prepared.assessment.profile,
        catalogue.catalogue.infos,
        Platform.LINUX,
        [target for target in prepared.assessment.targets if target.platform is Platform.LINUX],
    )
    if not sudoers:
        say(_STEPS.format(user=user))
    say(sudoers_file(user, probes))
    if not sudoers:
        say(_AFTER.format(user=user))
