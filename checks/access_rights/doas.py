"""What doas lets each account do as root (``doas.conf(5)``): the last rule that matches counts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from .accounts import Account
from .escapes import root_program
from .sudoers import ALL, Grant

_OPTIONS = frozenset({"nopass", "nolog", "persist", "keepenv"})


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of doas.conf; ``command`` is empty where all commands are meant."""

    permits: bool
    asks: bool
    identity: str
    target: str
    command: str


def read_doas(lines: Iterable[str]) -> tuple[Rule, ...] | None:
    """Reads the lines of doas.conf; ``None`` when one is not of the known form."""
    rules = []
    for line in lines:
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            return None
        rule = _rule(words)
        if rule is None:
            return None
        rules.append(rule)
    return tuple(rules)


def _rule(words: list[str]) -> Rule | None:
    if not words or words[0] not in ("permit", "deny"):
        return None
    options, rest = set(), words[1:]
    while rest and (rest[0] in _OPTIONS or rest[0] == "setenv"):
        if rest[0] == "setenv" and "}" not in rest:
            return None
        options.add(rest[0])
        rest = rest[rest.index("}") + 1 if rest[0] == "setenv" else 1 :]
    if not rest:
        return None
    identity, rest = rest[0], rest[1:]
    target, command = "", ""
    if rest[:1] == ["as"] and len(rest) > 1:
        target, rest = rest[1], rest[2:]
    if rest[:1] == ["cmd"] and len(rest) > 1:
        command, rest = rest[1], rest[2:]
        if rest[:1] == ["args"]:
            command, rest = f"{command} {' '.join(rest[1:]) or chr(34) * 2}", []
    if rest:
        return None
    return Rule(words[0] == "permit", "nopass" not in options, identity, target, command)


def doas_grants(
    rules: Iterable[Rule], account: Account, groups: Iterable[str]
) -> tuple[Grant, ...]:
    """The rules that give ``account`` everything."""
    names = {account.name, str(account.uid), *(f":{group}" for group in groups)}
    grants: list[Grant] = []
    for rule in rules:
        if rule.identity not in names or rule.target not in ("", "root"):
            continue
        if not rule.command:
            grants = [Grant(ALL, rule.asks)] if rule.permits else []
            continue
        grants = [grant for grant in grants if grant.command != rule.command]
        program = root_program(rule.command, home=account.home, noexec=False, setenv=False)
        if rule.permits and program:
            grants.append(Grant(program, rule.asks, rule.command))
    return tuple(grants)
