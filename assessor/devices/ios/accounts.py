"""Who may log in: local users, the ``enable`` password, and the passwords of lines.

How Cisco keeps passwords: type 0 in clear, 7 by a cipher that anyone can undo, 4 (SHA-256 without
salt) and 5 (MD5) as weak hashes, 6 encrypted with a master key, 8 (PBKDF2) and 9 (scrypt) as hashes
(NSA, "Cisco Password Types: Best Practices", 17 February 2022).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assessor.devices.device import Account, Secret, Storage, Topic
from assessor.devices.ios.aaa import Methods
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.lines import Line
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY
from assessor.devices.secrets import secret

STORAGES: Mapping[str, Storage] = {
    "0": Storage.CLEAR,
    "4": Storage.WEAK_HASH,
    "5": Storage.WEAK_HASH,
    "6": Storage.ENCRYPTED,
    "7": Storage.REVERSIBLE,
    "8": Storage.HASH,
    "9": Storage.HASH,
}
_SCHEME = re.compile(r"\$\w{1,3}\$")
_SCHEMES: Mapping[str, Storage] = {
    "$1$": Storage.WEAK_HASH,
    "$8$": Storage.HASH,
    "$9$": Storage.HASH,
    "$14$": Storage.HASH,
}
ADMINISTRATOR = 15

_LOCAL = frozenset({"enable", "line", "local", "local-case", "none", "if-authenticated"})

# Words of "username" that take one more, and those that take none.
_ONE = VOCABULARY.words("user one")
_NONE = VOCABULARY.words("user none")


def kept(words: Sequence[str]) -> Secret:
    """A secret by its type and what follows: ``5 $1$...``, ``7 0822``, or the password alone."""
    if len(words) >= 2 and words[0] in STORAGES:
        storage, value = STORAGES[words[0]], " ".join(words[1:])
        if storage is Storage.CLEAR:
            storage = _by_scheme(value, storage)
        return secret(value, storage)
    if len(words) >= 2:
        return secret(" ".join(words[1:]), Storage.UNKNOWN)  # a type that nobody here knows
    value = " ".join(words)
    return secret(value, _by_scheme(value, Storage.CLEAR))


def _by_scheme(value: str, otherwise: Storage) -> Storage:
    scheme = _SCHEME.match(value)
    return _SCHEMES.get(scheme[0], Storage.UNKNOWN) if scheme else otherwise


@dataclass(slots=True)
class _User:
    name: str
    level: int = 1
    secret: Secret | None = None
    empty: bool = False
    policy: str = ""
    lists: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class People:
    """What is known of those who log in.

    Attributes:
        min_length: ``None`` where nothing demands one of everybody.
    """

    accounts: tuple[Account, ...]
    min_length: int | None
    lockout: bool


def read_people(tree: Tree, lines: Sequence[Line], methods: Methods, notes: Notes) -> People:
    """The accounts and what is demanded of them."""
    users = _users(tree, notes)
    keys = _keys(tree, notes)
    enable = _enable(tree, notes)
    tree.take("service", "password-encryption")
    for node in tree.take("privilege"):
        # What levels below 15 may do; a level for everybody would make all administrators.
        if {"0", "1"} & set(node.words[1:]) and "configure" in node.words:
            notes.add(node.text, Topic.ACCOUNTS)
    remote = _asks_servers(methods, lines)
    accounts = [
        Account(
            user.name,
            administrator=_may_change(user.level),
            secret=user.secret,
            empty=user.empty,
            keys=keys.get(user.name, 0),
            # IOS itself knows no second factor; a server that is asked first may.
            second_factor=None if remote else False,
        )
        for user in users.values()
    ]
    if enable is not None:
        accounts.append(Account("enable", secret=enable, second_factor=None if remote else False))
    accounts += _of_lines(lines, methods, enable, remote)
    if "none" in methods.enable:
        accounts.append(Account("aaa enable", empty=True, second_factor=False))
    return People(
        tuple(accounts), _min_length(tree, list(users.values()), notes), _lockout(tree, notes)
    )


def _may_change(level: int) -> bool | None:
    """Levels between 1 and 15 may do what their administrator chose."""
    if level >= ADMINISTRATOR:
        return True
    return False if level <= 1 else None


def _users(tree: Tree, notes: Notes) -> dict[str, _User]:
    found: dict[str, _User] = {}
    for node in tree.take("username"):
        if len(node.words) < 2:
            notes.add(node.text, Topic.ACCOUNTS)
            continue
        name = node.words[1]
        if node.no:
            found.pop(name, None)
            continue
        user = found.setdefault(name, _User(name))
        if not _settings(user, node.after(2)):
            notes.add(node.text, Topic.ACCOUNTS)
    for node in tree.take("user-name"):
        _named_user(node, found, notes)
    return found


def _settings(user: _User, words: Sequence[str]) -> bool:
    """Takes the settings of a user; whether all were understood."""
    position = 0
    while position < len(words):
        word = words[position].lower()
        rest = words[position + 1 :]
        if word in ("password", "secret") and rest:
            if rest[0].lower() == "algorithm-type":
                rest = rest[2:]
            user.secret = kept(rest)
            return len(rest) == 1 or rest[0] in STORAGES
        if word == "privilege" and rest and rest[0].isdecimal():
            user.level = int(rest[0])
        elif word == "nopassword":
            user.empty = True
            position += 1
            continue
        elif word == "algorithm-type" and rest:
            pass
        elif word == "common-criteria-policy" and rest:
            user.policy = rest[0]
        elif word in _NONE:
            position += 1
            continue
        elif word not in _ONE or not rest:
            return False
        position += 2
    return True


def _named_user(node: Node, found: dict[str, _User], notes: Notes) -> None:
    """The section ``user-name`` of wireless controllers; guests of the network are no accounts."""
    if any(child.begins("type", "network-user") for child in node.children):
        return
    user = found.setdefault(node.words[-1], _User(node.words[-1]))
    for child in node.children:
        words = child.after(0)
        if child.word(0) in ("creation-time", "description", "exit", "type", "mac"):
            continue
        if child.no or not _settings(user, words):
            notes.add(f"user-name {user.name}: {child.text}", Topic.ACCOUNTS)


def _keys(tree: Tree, notes: Notes) -> dict[str, int]:
    """How many keys for SSH each user has."""
    found: dict[str, int] = {}
    for node in tree.take("ip", "ssh", "pubkey-chain"):
        for child in node.children:
            if child.word(0) == "username" and len(child.words) > 1:
                found[child.words[1]] = sum(
                    one.word(0) in ("key-hash", "key-string") for one in child.children
                )
            elif child.word(0) not in ("exit", "server"):
                notes.add(child.text, Topic.ACCOUNTS)
    return found


def _enable(tree: Tree, notes: Notes) -> Secret | None:
    """The password for becoming administrator; ``secret`` goes before ``password``."""
    chosen: dict[str, Secret] = {}
    for node in tree.take("enable"):
        words = list(node.after(2))
        kind = node.word(1)
        if kind == "algorithm-type" and len(words) > 2:
            kind, words = words[1].lower(), words[2:]
        if kind not in ("secret", "password") or not words:
            if kind != "last-resort":
                notes.add(node.text, Topic.ACCOUNTS)
            continue
        if words[0].lower() == "level" and len(words) > 2:
            level, words = words[1], words[2:]
            if level != str(ADMINISTRATOR):
                continue
        if not node.no:
            chosen[kind] = kept(words)
            if len(words) > 1 and words[0] not in STORAGES:
                notes.add(node.text, Topic.ACCOUNTS)
    return chosen.get("secret", chosen.get("password"))


def _asks_servers(methods: Methods, lines: Sequence[Line]) -> bool:
    """Whether some list by which people log in asks a server first, or what nobody here knows."""
    names = {"default"} | {
        line.login.removeprefix("list ") for line in lines if line.login.startswith("list ")
    }
    return methods.on and any(
        method not in _LOCAL and (position == 0 or not method.startswith("group "))
        for name in names
        for position, method in enumerate(methods.of(name))
    )


def _of_lines(
    lines: Sequence[Line], methods: Methods, enable: Secret | None, remote: bool
) -> list[Account]:
    found = []
    for line in lines:
        if line.remote and line.transports == frozenset():
            continue  # nothing comes in over it
        account = _of_line(line, methods, enable, remote)
        if account is not None:
            found.append(account)
    return found


def _of_line(line: Line, methods: Methods, enable: Secret | None, remote: bool) -> Account | None:
    """A line's own password as an account, or the way in that needs none."""
    name = f"line {line.name}"
    administrator = _may_change(line.level)
    factor = None if remote else False
    by_line = Account(
        name,
        administrator=administrator,
        secret=kept(line.password) if line.password else None,
        second_factor=factor,
    )
    if methods.on:
        chosen = methods.of(line.login.removeprefix("list ") or "default")
        if "none" in chosen:
            return Account(name, administrator=administrator, empty=True, second_factor=False)
        return by_line if "line" in chosen and line.password else None
    if not line.executes:
        return None
    if line.remote:
        # Without "login" on a line for Telnet and SSH nobody is asked for anything.
        if line.login == "none":
            return Account(name, administrator=administrator, empty=True, second_factor=False)
        return by_line if line.login in ("", "line") and line.password else None
    if line.login == "line" and line.password:
        return by_line
    if line.name.startswith("aux") and line.login == "none":
        return Account(name, administrator=administrator, empty=True, second_factor=False)
    # Whoever stands before the console is let in; further only with the password of "enable".
    further = line.login == "none" or line.level >= ADMINISTRATOR or enable is None
    if line.name.startswith("con") and line.login in ("", "none") and further:
        return Account(name, administrator=administrator, empty=True, second_factor=False)
    return None


def _min_length(tree: Tree, users: Sequence[_User], notes: Notes) -> int | None:
    found: int | None = None
    for node in tree.take("security"):
        if node.begins("security", "passwords", "min-length") and node.word(3).isdecimal():
            found = None if node.no else int(node.word(3))
        elif not node.begins("security", "authentication"):
            notes.add(node.text, Topic.ACCOUNTS)
    if found is not None:
        return found
    policies: dict[str, int] = {}
    for node in tree.take("aaa", "common-criteria", "policy"):
        for child in node.children:
            if child.word(0) == "min-length" and child.word(1).isdecimal():
                policies[node.words[-1]] = int(child.word(1))
    having = [user for user in users if user.secret is not None]
    if having and all(user.policy in policies for user in having):
        return min(policies[user.policy] for user in having)
    return None


def _lockout(tree: Tree, notes: Notes) -> bool:
    """Whether wrong passwords lock out; off unless configured (Cisco, "Login Enhancements")."""
    locked = False
    for node in tree.take("login"):
        if node.word(1) == "block-for" and (node.word(3), node.word(5)) == ("attempts", "within"):
            locked = locked or not node.no
        elif node.word(1) not in ("delay", "quiet-mode", "on-failure", "on-success"):
            notes.add(node.text, Topic.ACCOUNTS)
    for node in tree.take("aaa", "local"):
        if node.begins("aaa", "local", "authentication", "attempts", "max-fail"):
            locked = locked or not node.no
        elif not node.begins("aaa", "local", "authentication", "default"):
            notes.add(node.text, Topic.ACCOUNTS)
    return locked
