"""What was seen of logging in: the probes' answers as typed facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assessor.api import (
    Captures,
    Facts,
    Judgement,
    NotCaptured,
    Platform,
    not_observed,
    records,
    unknown,
)

from .duo import Duo, read_duo
from .host import Host, Passwords, read_host, read_passwords
from .pam import Stack, Surroundings, read_stack, weakest
from .paths import Background, Ways, ways_in
from .settings import DEFAULTS, Files, Values, effective, from_grep, from_script


class Server(StrEnum):
    """Which SSH server answers on the machine."""

    NONE = "none"
    OPENSSH = "openssh"
    OTHER = "other"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why something is not known: a probe gave nothing, or gave what was not understood."""

    message: str
    gap: NotCaptured | None = None

    def about(self, measure: str, observed: Facts) -> Judgement:
        """The judgement that follows for ``measure``."""
        if self.gap is not None:
            return not_observed(measure, self.gap)
        return unknown(measure, self.message, observed=observed)


@dataclass(frozen=True, slots=True)
class LogIn:
    """What was seen of logging in.

    Attributes:
        host: the machine around sshd.
        server: which SSH server is in use.
        values: the settings outside Match blocks, as sshd or else as the files say.
        values_doubt: why ``values`` may not be what sshd works with, or ``None``.
        files: the configuration files; a ``Doubt`` where they could not be had.
        stack: PAM's stack for sshd.
        ways: the ways in over SSH.
        passwords: who has a password; a ``Doubt`` if not known.
        duo: the settings of Duo's programs, as far as they were seen.
        duo_gap: why they were not seen.
    """

    host: Host
    server: Server
    values: Values
    values_doubt: Doubt | None
    files: Files | Doubt
    stack: Stack
    ways: Ways
    passwords: Passwords | Doubt
    duo: Mapping[str, Duo]
    duo_gap: NotCaptured | None

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, str | bool | tuple[str, ...]] = {"ssh_server": self.server.value}
        if self.server is Server.OPENSSH:
            blocks = () if isinstance(self.files, Doubt) else self.files.blocks
            facts |= {
                "as_sshd_says": self.values_doubt is None,
                "root_log_in": self.values["permitrootlogin"],
                "password": self.values["passwordauthentication"],
                "keyboard_interactive": self.values["kbdinteractiveauthentication"],
                "public_key": self.values["pubkeyauthentication"],
                "methods": self.values["authenticationmethods"],
                "pam_second_factors": self.stack.second_factors(),
                "match_blocks": tuple(block.label for block in blocks),
            }
        if self.host.vpn:
            facts["vpn"] = self.host.vpn
        return facts


def observe(captures: Captures) -> LogIn | Doubt:
    """Joins the answers; a ``Doubt`` when the machine itself could not be looked at."""
    around = captures.answered("log_in")
    found = records(around.stdout) if around is not None else None
    if found is None:
        return Doubt("not_understood", captures.gap("log_in"))
    host = read_host(found)
    stack = read_stack(found, "sshd")
    files = _files(captures)
    values, values_doubt = _values(captures, files)
    passwords, duo = _passwords(captures, host), read_duo(captures)
    surroundings = Surroundings(
        local_passwords=not host.directory
        or isinstance(passwords, Doubt)
        or bool(passwords.usable),
        directory=host.directory,
        duo=duo,
    )
    return LogIn(
        host=host,
        server=_server(host, values),
        values=values,
        values_doubt=values_doubt,
        files=files,
        stack=stack,
        ways=ways_in(
            values,
            () if isinstance(files, Doubt) else files.blocks,
            Background(
                weakest(stack, surroundings), host.keytab, host.root_groups, duo.get("login_duo")
            ),
        ),
        passwords=passwords,
        duo=duo,
        duo_gap=captures.gap("duo_groups"),
    )


def _files(captures: Captures) -> Files | Doubt:
    plain = captures.answered("sshd_config")
    found = records(plain.stdout) if plain is not None else None
    files = from_script(found) if found is not None else None
    if files is not None and not files.unread:
        return files
    # Some distributions close the configuration to ordinary users. Status 2: no sshd_config.d.
    lines = captures.answered("sshd_config_lines")
    if lines is not None and lines.exit_status in (0, 2):
        as_root = from_grep(lines.stdout)
        if as_root is not None:
            return as_root
    return files or Doubt("settings_not_read", captures.gap("sshd_config", "sshd_config_lines"))


def _values(captures: Captures, files: Files | Doubt) -> tuple[Values, Doubt | None]:
    answer = captures.answered("sshd_effective")
    values = effective(answer.stdout) if answer is not None and answer.exit_status == 0 else None
    written = {} if isinstance(files, Doubt) else files.values
    if values is not None:
        # The one way in that some builds of sshd do not show: then it is as the files say.
        gssapi = {k: v for k, v in written.items() if k == "gssapiauthentication"}
        return {**gssapi, **values}, None
    return {**DEFAULTS, **written}, Doubt("settings_not_read", captures.gap("sshd_effective"))


def _passwords(captures: Captures, host: Host) -> Passwords | Doubt:
    if captures.target.platform is Platform.MACOS:
        # Nothing there tells an empty password from another one.
        return Doubt("passwords_not_seen")
    answer = captures.answered("account_status")
    if answer is not None and answer.exit_status == 0:
        found = read_passwords(answer.stdout, host.accounts)
        if found is not None:
            return found
    return Doubt("passwords_not_seen", captures.gap("account_status"))


def _server(host: Host, values: Values) -> Server:
    ports = {int(port) for port in values["port"].split() if port.isdecimal()}
    listening = any(item.port in ports for item in host.listeners)
    if host.sshd_seen or (host.sshd_installed and listening):
        return Server.OPENSSH
    if host.other_ssh or listening:
        return Server.OTHER
    return Server.UNCLEAR if host.hidden or not host.complete else Server.NONE
