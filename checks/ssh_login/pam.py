"""Which factors a PAM stack asks for at the least.

Follows the control values of Linux-PAM (``pam.conf(5)``; ``_pam_dispatch_aux`` in libpam) through
every result that each module may give, and keeps the factors of the runs that end in success.
A stack is as strong as its weakest run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from assessor.api import Record

from .duo import Duo

Factors = frozenset[str]

PASSWORD = "password"  # noqa: S105 - the name of a factor
CODE = "code"
DIRECTORY = "directory"
"""The password of a domain whose server may ask for more than that, as FreeIPA's does."""
UNKNOWN = "unknown:"
"""Begins the factor of a module that is not known here."""

_PASSWORD_MODULES = frozenset(
    {"unix", "unix_auth", "sss", "ldap", "krb5", "winbind", "lsass", "userdb", "pwdb"}
    | {"systemd_home", "tacplus", "mysql", "pgsql", "heimdal", "opendirectory"}
)
# An extra code, token, approval or certificate besides the password.
_CODE_MODULES = frozenset(
    {"google_authenticator", "oath", "u2f", "yubico", "duo", "radius", "radius_auth", "otpw"}
    | {"privacyidea", "linotp", "securid", "pkcs11", "p11", "ssh_agent_auth", "ussh", "totp"}
    | {"multiotp", "okta", "rsa", "authy", "fprintd", "smartcard"}
)
# Say nothing on who someone is; they only prepare, count, delay or note.
_NEUTRAL_MODULES = frozenset(
    {"env", "faildelay", "faillock", "tally", "tally2", "nologin", "securetty", "warn", "motd"}
    | {"issue", "cap", "group", "keyinit", "limits", "mail", "lastlog", "loginuid", "selinux"}
    | {"sepermit", "umask", "gnome_keyring", "kwallet", "kwallet5", "ecryptfs", "mount", "echo"}
    | {"systemd", "fscrypt", "permit", "ntlm"}
)
# May let someone through or not, by who or where they are.
_CONDITION_MODULES = frozenset(
    {"succeed_if", "access", "listfile", "localuser", "usertype", "time", "rootok", "wheel"}
    | {"shells", "ftp", "rhosts", "canonicalize_user"}
)

_KEYWORDS: Mapping[str, Mapping[str, str]] = {
    "required": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "bad"},
    "requisite": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "die"},
    "sufficient": {"success": "done", "new_authtok_reqd": "done", "default": "ignore"},
    "optional": {"success": "ok", "new_authtok_reqd": "ok", "default": "ignore"},
}
_FAILURES = ("auth_err", "user_unknown", "authinfo_unavail", "cred_unavail", "acct_expired")
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a stack's modules depend on.

    Attributes:
        local_passwords: an account of this machine has a password, which ``pam_unix`` may take.
        directory: the domain behind ``pam_sss`` may ask for a second factor.
        duo: the settings of Duo's programs, as far as they were seen.
    """

    local_passwords: bool = True
    directory: bool = False
    duo: Mapping[str, Duo] = field(default_factory=lambda: MappingProxyType({}))


_PLAIN = Surroundings()


@dataclass(frozen=True, slots=True)
class Module:
    """A line of a stack: a module, or a stack within the stack."""

    control: Mapping[str, str]
    name: str = ""
    arguments: tuple[str, ...] = ()
    substack: tuple[Module, ...] | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """The ``auth`` part of a service.

    Attributes:
        modules: its lines with all includes filled in.
        unread: what could not be read or understood.
    """

    modules: tuple[Module, ...]
    unread: tuple[str, ...]

    def second_factors(self) -> tuple[str, ...]:
        """The modules that ask for a code or token, such as ``pam_google_authenticator``."""
        names = (module.name for module in _all(self.modules) if module.name in _CODE_MODULES)
        return tuple(f"pam_{name}" for name in dict.fromkeys(names))

    def skippable_factor(self) -> str:
        """The module of a second factor that lets through who has set none up, or nothing."""
        for module in _all(self.modules):
            if module.name in _CODE_MODULES and _skippable(module):
                return f"pam_{module.name}"
        return ""


@dataclass(frozen=True, slots=True)
class _State:
    """How far a run has come: libpam's impression and status, and who was asked for what."""

    impression: str = "undefined"
    success: bool = False
    factors: Factors = frozenset()


def read_stack(found: tuple[Record, ...], service: str) -> Stack:
    """The ``auth`` stack of ``service`` as the script's ``pam`` records give it."""
    files: dict[str, list[str]] = {}
    unread: list[str] = []
    current: list[str] = []
    for kind, text in found:
        if kind == "pam_file":
            # /etc comes first in the output and wins from the vendor's folders.
            name = text.rpartition("/")[2]
            current = []
            files.setdefault(name, current)
        elif kind == "pam":
            current.append(text)
        elif kind == "unreadable" and "/pam.d/" in text:
            files.setdefault(text.rpartition("/")[2], ["unreadable"])
    name = service if service in files else "other"
    modules = tuple(_expand(files, name, unread, 1))
    return Stack(modules, tuple(dict.fromkeys(unread)))


def _expand(
    files: Mapping[str, list[str]], name: str, unread: list[str], depth: int
) -> Iterable[Module]:
    lines = files.get(name)
    if lines is None or lines == ["unreadable"] or depth > _MAX_DEPTH:
        unread.append(f"/etc/pam.d/{name}")
        return
    for line in _joined(lines):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if words[0] == "@include" and len(words) > 1:
            yield from _expand(files, words[1], unread, depth + 1)
            continue
        if words[0].lstrip("-").lower() != "auth":
            continue
        found = re.fullmatch(r"\s*-?\w+\s+(\[[^\]]*\]|\S+)\s+(\S+)\s*(.*)", line.partition("#")[0])
        if found is None:
            unread.append(f"/etc/pam.d/{name}: {line.strip()}")
            continue
        control, target, arguments = found[1].lower(), found[2], tuple(found[3].split())
        if control == "include":
            yield from _expand(files, target, unread, depth + 1)
        elif control == "substack":
            inner = tuple(_expand(files, target, unread, depth + 1))
            yield Module({}, substack=inner)
        else:
            actions = _control(control)
            if actions is None:
                unread.append(f"/etc/pam.d/{name}: {line.strip()}")
            else:
                module = target.rpartition("/")[2].removesuffix(".so").removeprefix("pam_")
                yield Module(actions, module, arguments)


def _joined(lines: list[str]) -> Iterable[str]:
    held = ""
    for line in lines:
        if line.endswith("\\"):
            held += line[:-1] + " "
        else:
            yield held + line
            held = ""
    if held:
        yield held


def _control(text: str) -> Mapping[str, str] | None:
    if not text.startswith("["):
        return _KEYWORDS.get(text)
    actions = {}
    for item in text[1:-1].split():
        name, equals, action = item.partition("=")
        if not equals or not re.fullmatch(r"ignore|bad|die|ok|done|reset|[0-9]+", action):
            return None
        actions[name] = action
    return actions


def _all(modules: Iterable[Module]) -> Iterable[Module]:
    for module in modules:
        yield from (module,) if module.substack is None else _all(module.substack)


def _skippable(module: Module) -> bool:
    return "nullok" in module.arguments or "nouserok" in module.arguments


def weakest(stack: Stack, around: Surroundings = _PLAIN) -> frozenset[Factors]:
    """The smallest sets of factors with which the stack can end in success.

    A module that is not known here counts as a factor ``unknown:NAME`` of its own.
    """
    if stack.unread:
        return frozenset({frozenset({f"{UNKNOWN}unread"})})
    ends = _run(stack.modules, _State(), around)
    found = {state.factors for state in ends if state.impression == "positive" and state.success}
    return frozenset(one for one in found if not any(other < one for other in found))


def _run(modules: tuple[Module, ...], start: _State, around: Surroundings) -> set[_State]:
    """Every state in which a run of the modules may end."""
    at: list[set[_State]] = [set() for _ in range(len(modules) + 1)]
    at[0] = {start}
    ended: set[_State] = set()
    for position, module in enumerate(modules):
        for state in at[position]:
            if module.substack is not None:
                # "done" and "die" end the substack only (pam.conf(5)).
                at[position + 1] |= _run(module.substack, state, around)
                continue
            for result, factor in _results(module, around):
                action = module.control.get(result, module.control.get("default", "bad"))
                shown = replace(state, factors=state.factors | {factor}) if factor else state
                if action.isdecimal():
                    target = position + 1 + int(action)
                    if target <= len(modules):
                        at[target].add(shown)
                    else:
                        ended.add(replace(shown, impression="negative", success=False))
                    continue
                after, stop = _step(shown, result, action, start)
                (ended if stop else at[position + 1]).add(after)
    return ended | at[-1]


def _step(state: _State, result: str, action: str, start: _State) -> tuple[_State, bool]:
    """The state after a module, and whether the stack ends there."""
    match action:
        case "ok" | "done":
            # "ignore" is a result like any other here: it sticks, and the stack then fails.
            if state.impression == "undefined" or (
                state.impression == "positive" and state.success
            ):
                state = replace(state, impression="positive", success=result == "success")
            return state, action == "done" and state.impression == "positive"
        case "bad" | "die":
            return replace(state, impression="negative", success=False), action == "die"
        case "reset":
            return replace(start, factors=state.factors), False
        case _:
            return state, False


def _results(module: Module, around: Surroundings) -> Iterable[tuple[str, str]]:
    """What a module may return, each with the factor that was then shown."""
    name = module.name
    if name == "deny":
        return [("auth_err", "")]
    if name == "debug":
        # pam_debug(8) returns what its arguments say, "success" if they say nothing.
        told = [a.removeprefix("auth=") for a in module.arguments if a.startswith("auth=")]
        return [(told[-1] if told else "success", "")]
    if name in _NEUTRAL_MODULES:
        return [("success", "")] if name == "permit" else [("success", ""), ("ignore", "")]
    failures = [(failure, "") for failure in _FAILURES]
    if name in ("unix", "unix_auth") and not around.local_passwords:
        return failures
    if name == "sss" and around.directory:
        return [("success", DIRECTORY), *failures]
    if name == "duo":
        return [*_duo_results(module, around), *failures]
    if name in _PASSWORD_MODULES:
        return [("success", PASSWORD), *failures]
    if name in _CODE_MODULES:
        skipped = [("success", ""), ("ignore", "")] if _skippable(module) else []
        return [("success", CODE), *skipped, *failures]
    if name in _CONDITION_MODULES:
        return [("success", ""), ("ignore", ""), *failures]
    return [("success", f"{UNKNOWN}{name}"), *failures]


def _duo_results(module: Module, around: Surroundings) -> Iterable[tuple[str, str]]:
    settings = around.duo.get("pam_duo")
    if settings is None or any(word.startswith("conf=") for word in module.arguments):
        return [("success", f"{UNKNOWN}duo")]
    return [("success", CODE)] if settings.for_everyone else [("success", CODE), ("success", "")]
