"""Writes the first, commented ``assessment.yaml`` of a client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from assessor.errors import UsageError
from assessor.inputs.assessment import SETTINGS_FILE
from assessor.inputs.files import write_whole
from assessor.inputs.implicit import own_name, safe_name, this_machine
from assessor.inputs.problems import did_you_mean
from assessor.inputs.settings import NamedTargetSettings
from assessor.inputs.yaml_text import inline, quoted
from assessor.model.language import Language
from assessor.model.target import Role

_TARGET_MEND = (
    "write local, [user@]host[:port], https://www.example.nl or mail:example.nl; "
    "for another role put it in front: nas=admin@192.0.2.10"
)
_SSH = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@/\s\[\]]+)(?::(?P<port>[0-9]{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class FirstSettings:
    """The answers that a first ``assessment.yaml`` is made of.

    Attributes:
        statement: as it is written: a path relative to the folder or absolute, an https
            address, or ``None``.
        targets: the settings of each target as they are written, its name first.
    """

    organisation: str
    assessor: str
    language: Language
    statement: str | None
    profile: str
    targets: tuple[dict[str, object], ...]


def first_targets(texts: Iterable[str]) -> tuple[dict[str, object], ...]:
    """The targets that short texts such as ``admin@nas.lan:2222`` name.

    Raises:
        UsageError: one of them names no target.
    """
    targets: list[dict[str, object]] = []
    taken: set[str] = set()
    for text in texts:
        target = _target(text.strip())
        name = wished = str(target["name"])
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{wished[:60]}-{count}"
        if name != wished:
            # the name was the address: it must not be lost with the name
            target.setdefault("address", wished)
            target["name"] = name
        taken.add(name.casefold())
        try:
            TypeAdapter(NamedTargetSettings).validate_python(target)
        except ValidationError as error:
            context = error.errors(include_url=False)[0].get("ctx", {})
            problem = context.get("problem", "it has a setting that cannot be")
            raise UsageError(f"--target {text}: {problem}", mend=_TARGET_MEND) from None
        targets.append(target)
    return tuple(targets)


def _target(text: str) -> dict[str, object]:
    role, equals, rest = text.partition("=")
    if equals and role not in list(Role):
        raise UsageError(f"--target {text}: no role {role!r}", mend=did_you_mean(role, Role))
    if not equals:
        role, rest = "", text
    if rest == "local":
        return {
            "name": own_name(),
            "role": role or this_machine().role.value,
            "transport": "local",
        }
    if rest.lower().startswith(("https://", "http://")):
        return _site(text, rest, role)
    if rest.lower().startswith(("mail:", "mailto:")):
        domain = rest.partition(":")[2].rpartition("@")[2]
        return _named(text, domain, role or Role.MAIL_DOMAIN.value)
    matched = _SSH.fullmatch(rest.removeprefix("ssh://").rstrip("/"))
    if matched is None:
        raise UsageError(f"--target {text}: cannot be understood", mend=_TARGET_MEND)
    target = _named(text, matched["host"].strip("[]"), role or Role.SERVER.value)
    if matched["port"]:
        target["port"] = int(matched["port"])
    if matched["user"]:
        target["user"] = matched["user"]
    return target


def _site(text: str, address: str, role: str) -> dict[str, object]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.username is not None:
        raise UsageError(f"--target {text}: no address of a site", mend=_TARGET_MEND)
    if parts.scheme.lower() != "https":
        raise UsageError(
            f"--target {text}: a site is looked at over https", mend=f"write https://{host}"
        )
    target = _named(text, host, role or Role.SITE.value)
    if port not in (None, 443):
        target["port"] = port
    return target


def _named(text: str, host: str, role: str) -> dict[str, object]:
    name = safe_name(host)
    if not name:
        raise UsageError(f"--target {text}: names no host", mend=_TARGET_MEND)
    target: dict[str, object] = {"name": name, "role": role}
    if name != host:
        target["address"] = host
    return target


def write_first_settings(folder: Path, settings: FirstSettings) -> Path:
    """Makes ``folder`` where it is missing and writes its ``assessment.yaml``.

    Raises:
        UsageError: there is one already, or it cannot be written.
    """
    path = folder / SETTINGS_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror}") from None
    try:
        write_whole(path, render(settings), replace=False)
    except FileExistsError:
        raise UsageError(
            f"{path} exists already", mend="change it by hand, or name another folder"
        ) from None
    return path


def render(settings: FirstSettings) -> str:
    """The text of the file."""
    statement = (
        "# statement: privacy.md        # the file or https address of the privacy statement"
        if settings.statement is None
        else f"statement: {quoted(settings.statement)}"
    )
    return f"""\
# Settings of one assessment. Every line that begins with # is an explanation or an example.
# After a change, see what it amounts to with: assess inventory list

# The company whose promises are assessed, and who assesses: both stand in the report.
organisation: {quoted(settings.organisation)}
assessor: {quoted(settings.assessor)}

# The language of the report: nl or en.
language: {settings.language.value}

# How reports look and who they are for (docs/reports.md explains it).
# report:
#   formats: [html, json, pdf]        # also md, docx, and summary (one page)
#   audiences: [internal, client]     # all of it, and what may be handed over
#   region: BE                        # the Dutch of Flanders
#   logo: logo.png                    # PNG, JPEG or SVG, at most 200 kB
#   colour: "#16303f"                 # of the head of the page
#   accent: "#1a5276"                 # of links and lines
#   contact: {{name: Helpdesk, email: help@example.be, phone: "+32 2 555 01 23"}}

# The privacy statement: a file (relative to this one) or an https address. Without a statement,
# the measures of the profile are assessed instead of promises.
{statement}

# Which checks apply: the name of a profile, or the path of a profile file of your own.
profile: {inline(settings.profile)}

# What is assessed. Each target has a name (letters, digits, dots and hyphens) and a role:
#   server, workstation, router, nas    reached by SSH, unless transport: local is said
#   site, mail-domain                   looked at from outside
# Its other settings may all be left out:
#   address: 192.0.2.10                 where the name is not the address
#   port: 2222
#   user: assess                        where your own name here is not the one there
#   jump: ops@gate.example.nl           or a list, from near to far
#   privilege: sudo                     where the user may run the probes that need root's rights
#   identity_files: ~/.ssh/id_client    otherwise your agent and your usual keys
#   groups: linux                       shared settings, see below
#   tags: [production]
#   label: de webwinkel                 what your client calls it: shown in the client's report
#   options: {{data_volumes: [/srv]}}     what only some checks know
#   secrets:                            where secrets come from; never the secrets themselves
#     password: ask                     asked for once, at the start of a run
#     sudo_password: {{env: CLIENT_SUDO}}
#     key_passphrase: {{command: pass show clients/example/key}}
targets:
{_targets(settings.targets)}
# Settings that several targets share; the group 'all' holds for every target.
# groups:
#   linux:
#     user: assess
#     privilege: sudo

# Further files with targets and groups. Machines of an Ansible inventory, ~/.ssh/config or a
# CSV file are read into one with: assess inventory import FILE
# inventory: [inventory.yaml]

# Parameters of checks that differ here (assess checks show ID explains them).
# checks:
#   password_policy: {{min_length: 14}}

# How many targets at once, how many of them through one jump host or in one site, and after how
# many seconds a target, or the whole run, is given up (docs/limits.md has the others).
# run: {{jobs: 16, per_jump: 10, per_site: 10, deadline: 120, run_deadline: 3600}}
"""


def _targets(targets: Sequence[dict[str, object]]) -> str:
    lines = []
    for target in targets:
        for position, (key, value) in enumerate(target.items()):
            lines.append(f"  {'- ' if position == 0 else '  '}{key}: {inline(value)}\n")
    return "".join(lines)
