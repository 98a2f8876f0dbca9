"""What sudo lets each account do as root, from the JSON of ``cvtsudoers`` (sudoers(5)).

As in sudo itself the last rule that matches counts. What names people or machines in a way that
this machine cannot resolve (netgroups, addresses) is not guessed at: it makes the answer unclear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import cast

from .accounts import Account
from .escapes import has_wildcard, root_program

ALL = "ALL"
_DEPTH = 16
_ALIASES = {
    "useralias": "User_Aliases",
    "hostalias": "Host_Aliases",
    "runasalias": "Runas_Aliases",
    "cmndalias": "Command_Aliases",
}
_OTHERS_PASSWORD = ("rootpw", "targetpw", "runaspw")
_BARE = re.compile(r'(?m)^(\s*)("(?:runcwd|runchroot|role|type|privs|limitprivs)": ".*")(,?)$')

Member = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule that gives root's rights: by all commands (``ALL``), or by one programme."""

    program: str
    asks: bool
    """The account's own password is asked for."""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What an account may do: ``grants`` give everything; ``unclear`` where not all is known."""

    grants: tuple[Grant, ...] = ()
    wildcards: bool = False
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Sudoers:
    """The rules of sudo on one machine."""

    defaults: tuple[Mapping[str, object], ...]
    aliases: Mapping[str, Mapping[str, list[Member]]]
    rules: tuple[Mapping[str, object], ...]
    host: str

    def rights(self, account: Account, groups: Iterable[str]) -> Rights:
        """The rights of ``account``, which is in ``groups`` (names and numbers)."""
        return _Reader(self, account, frozenset(groups)).read()


def read_sudoers(output: str, again: str, host: str) -> Sudoers | None:
    """Reads two answers of ``cvtsudoers``; ``None`` unless they are whole and say the same."""
    first, second = _parse(output), _parse(again)
    if first is None or first != second:
        return None
    aliases = {kind: first.get(kind, {}) for kind in _ALIASES.values()}
    rules, defaults = first.get("User_Specs", []), first.get("Defaults", [])
    if not _formed(rules, defaults, aliases):
        return None
    return Sudoers(
        tuple(cast("list[Mapping[str, object]]", defaults)),
        cast("Mapping[str, Mapping[str, list[Member]]]", aliases),
        tuple(cast("list[Mapping[str, object]]", rules)),
        host.lower(),
    )


def _parse(text: str) -> dict[str, object] | None:
    # cvtsudoers writes these as members of an array, which is not JSON (sudo 1.9.13 and others).
    mended = _BARE.sub(r"\1{\2}\3", text)
    try:
        value = json.loads(mended)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value else None


def _formed(rules: object, defaults: object, aliases: Mapping[str, object]) -> bool:
    """Whether all parts have the known form, and none is empty."""
    return (
        isinstance(rules, list)
        and isinstance(defaults, list)
        and all(isinstance(entry, dict) and _objects(entry.get("Options")) for entry in defaults)
        and all("Binding" not in entry or _objects(entry["Binding"]) for entry in defaults)
        and all(
            isinstance(kind, dict) and all(_objects(members) for members in kind.values())
            for kind in aliases.values()
        )
        and all(
            isinstance(rule, dict)
            and all(_objects(rule.get(part)) for part in ("User_List", "Host_List", "Cmnd_Specs"))
            and all(_command_formed(spec) for spec in rule["Cmnd_Specs"])
            for rule in rules
        )
    )


def _command_formed(spec: Mapping[str, object]) -> bool:
    return _objects(spec.get("Commands")) and all(
        name not in spec or _objects(spec[name])
        for name in ("runasusers", "runasgroups", "Options")
    )


def _objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) and v for v in value)


class _Reader:
    """Reads the rules for one account."""

    def __init__(self, sudoers: Sudoers, account: Account, groups: frozenset[str]) -> None:
        self._sudoers = sudoers
        self._account = account
        self._groups = groups
        self._unclear = False
        self._runas_default = "root"

    def read(self) -> Rights:
        asks, others = self._password()
        grants: list[Grant] = []
        wildcards = False
        for rule in self._sudoers.rules:
            if not self._match(rule, "User_List", self._is_user):
                continue
            if not self._match(rule, "Host_List", self._is_host):
                continue
            for spec in cast("list[Mapping[str, object]]", rule["Cmnd_Specs"]):
                if not self._as_root(spec):
                    continue
                options = _options(spec)
                asked = options.get("authenticate", asks) is True
                for text, negated in self._commands(cast("list[Member]", spec["Commands"])):
                    grants = self._after(grants, text, negated, options, asked, asked and others)
                    wildcards = wildcards or (not negated and has_wildcard(text))
        return Rights(tuple(dict.fromkeys(grants)), wildcards, self._unclear)

    def _after(
        self,
        grants: list[Grant],
        text: str,
        negated: bool,
        options: Mapping[str, object],
        asked: bool,
        others: bool,
    ) -> list[Grant]:
        """The grants after one more command, which counts over those before it."""
        if text == ALL:
            # Where root's own password is asked, the rule gives nothing that su does not.
            return [] if negated or others else [Grant(ALL, asked)]
        rest = [grant for grant in grants if grant.command != text]
        if negated:
            return rest
        program = root_program(
            text,
            home=self._account.home,
            noexec=options.get("noexec") is True,
            setenv=options.get("setenv") is True,
        )
        return [*rest, Grant(program, asked, text)] if program and not others else rest

    def _password(self) -> tuple[bool, bool]:
        """Whether a password is asked for where a rule does not say, and whether another's."""
        asks, others = True, dict.fromkeys(_OTHERS_PASSWORD, False)
        for entry in self._sudoers.defaults:
            options = _options(entry)
            relevant = options.keys() & {"authenticate", "exempt_group", "runas_default", *others}
            if not relevant or not self._bound(entry):
                continue
            if isinstance(options.get("authenticate"), bool):
                asks = options["authenticate"] is True
            for name in others:
                if name in options:
                    others[name] = options[name] is True
            if options.get("exempt_group") in self._groups:
                asks = False
            if isinstance(options.get("runas_default"), str):
                self._runas_default = str(options["runas_default"])
        return asks, any(others.values())

    def _bound(self, entry: Mapping[str, object]) -> bool:
        """Whether a line of Defaults concerns this account on this machine."""
        if "Binding" not in entry:
            return True
        members = cast("list[Member]", entry["Binding"])
        if any("command" in member or "cmndalias" in member for member in members):
            self._unclear = True
            return False
        if any("hostname" in member or "hostalias" in member for member in members):
            return self._list(members, self._is_host)
        # "Defaults>root" and "Defaults:root" look the same here.
        if any(member.get("username") == "root" for member in members) and self._account.uid != 0:
            self._unclear = True
        return self._list(members, self._is_user)

    def _as_root(self, spec: Mapping[str, object]) -> bool:
        if "runasusers" not in spec:
            return "runasgroups" not in spec and self._runas_default == "root"
        return self._list(cast("list[Member]", spec["runasusers"]), self._is_root)

    def _match(self, rule: Mapping[str, object], part: str, test: Callable[[Member], bool]) -> bool:
        return self._list(cast("list[Member]", rule[part]), test)

    def _list(self, members: Iterable[Member], test: Callable[[Member], bool]) -> bool:
        return self._last_match(members, test, 0) is True

    def _last_match(
        self, members: Iterable[Member], test: Callable[[Member], bool], depth: int
    ) -> bool | None:
        """What the last member of a list that matches says; ``None`` where none does."""
        result: bool | None = None
        for member in members:
            name = next((kind for kind in _ALIASES if kind in member), "")
            if not name:
                matched = True if test(member) else None
            elif depth < _DEPTH:
                matched = self._last_match(self._alias(name, member), test, depth + 1)
            else:
                matched = None
            if matched is not None:
                result = matched != (member.get("negated") is True)
        return result

    def _alias(self, kind: str, member: Member) -> list[Member]:
        found = self._sudoers.aliases[_ALIASES[kind]].get(str(member[kind]))
        if found is None:
            self._unclear = True
        return found or []

    def _is_user(self, member: Member) -> bool:
        account = self._account
        if "username" in member:
            return member["username"] in (ALL, account.name)
        if "userid" in member:
            return member["userid"] == account.uid
        if "usergroup" in member:
            return member["usergroup"] in self._groups
        if "usergid" in member:
            return str(member["usergid"]) in self._groups
        self._unclear = True
        return False

    def _is_host(self, member: Member) -> bool:
        if "hostname" not in member:
            self._unclear = True
            return False
        pattern = str(member["hostname"]).lower()
        names = (self._sudoers.host, self._sudoers.host.partition(".")[0])
        return pattern == "all" or any(fnmatchcase(name, pattern) for name in names)

    def _is_root(self, member: Member) -> bool:
        return member.get("username") in (ALL, "root") or member.get("userid") == 0

    def _commands(
        self, members: Iterable[Member], negated: bool = False, depth: int = 0
    ) -> Iterable[tuple[str, bool]]:
        """The commands of a list with those of its aliases, and whether each is forbidden."""
        for member in members:
            forbidden = negated != (member.get("negated") is True)
            if "cmndalias" in member:
                if depth < _DEPTH:
                    alias = self._alias("cmndalias", member)
                    yield from self._commands(alias, forbidden, depth + 1)
            elif "command" in member:
                yield str(member["command"]), forbidden
            else:
                self._unclear = True


def _options(entry: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for option in cast("list[Mapping[str, object]]", entry.get("Options", [])):
        found.update(option)
    return found
