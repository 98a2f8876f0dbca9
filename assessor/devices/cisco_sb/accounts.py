"""Who may log in to a small-business switch.

Cisco, "CBS 250 and 350 CLI Guide: username, enable password, passwords complexity, aaa
authentication login". As long as no user is configured, the factory's user counts: ``cisco`` with
the password ``cisco``. Releases 1 and 2 keep passwords as SHA-1 without salt, release 3 as PBKDF2
(``$15$``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assessor.devices.device import Account, Secret, Storage, Topic
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.secrets import secret

FACTORY_NAME = "cisco"
# SHA-1 of "cisco", left readable by the redaction.
_FACTORY_HASH = "7af78c911d5b48bea1dc2449d9d89513abeb4be5"
_PBKDF2 = "$15$"
_ADMINISTRATOR = 15
_FIRST_PBKDF2 = 3
_OF_LINES = frozenset(
    {"password", "exec-timeout", "history", "login", "enable", "speed", "autobaud", "exit"}
)
_LISTS = (["aaa", "authentication", "login"], ["aaa", "authentication", "enable"])
_WEB_LIST = ["ip", "http", "authentication", "aaa", "login-authentication"]
_LOCAL = frozenset({"local", "line", "enable", "none"})
_METHODS = frozenset({"local", "line", "enable", "radius", "tacacs"})
# "passwords complexity" is on unless it is switched off, and then demands eight characters.
_DEFAULT_LENGTH = 8


def kept(words: Sequence[str]) -> Secret:
    """``encrypted HASH``, or the password alone."""
    if len(words) >= 2 and words[0].lower() == "encrypted":
        if words[1] == _FACTORY_HASH:
            return Secret("", Storage.WEAK_HASH, factory=True)
        return secret(words[1], _scheme(words[1], Storage.WEAK_HASH))
    value = words[0] if words else ""
    return secret(value, _scheme(value, Storage.CLEAR))


def _scheme(value: str, otherwise: Storage) -> Storage:
    """By what a hash begins with; one that nobody here knows tells nothing."""
    if not value.startswith("$"):
        return otherwise
    return Storage.HASH if value.startswith(_PBKDF2) else Storage.UNKNOWN


def read_accounts(tree: Tree, major: int, notes: Notes) -> tuple[Account, ...]:
    """The users, the passwords of lines, and that of ``enable``."""
    remote, open_ = _methods(tree, notes)
    factor = None if remote else False
    keys = _keys(tree, notes)
    found: dict[str, Account] = {}
    for node in tree.take("username"):
        account = _user(node, keys, factor)
        if account is None:
            notes.add(node.text, Topic.ACCOUNTS)
        elif not node.no:
            found[account.name] = account
    if not found:
        factory = Secret(
            "", Storage.HASH if major >= _FIRST_PBKDF2 else Storage.WEAK_HASH, factory=True
        )
        found[FACTORY_NAME] = Account(FACTORY_NAME, secret=factory, second_factor=factor)
    for node in tree.take("enable"):
        words = list(node.after(2))
        if words[:1] == ["level"]:
            level, words = words[1:2], words[2:]
            if level != [str(_ADMINISTRATOR)]:
                continue
        if node.word(1) == "password" and words:
            found["enable"] = Account("enable", secret=kept(words), second_factor=factor)
        else:
            notes.add(node.text, Topic.ACCOUNTS)
    for name in open_:
        found[name] = Account(name, empty=True, second_factor=False)
    found |= {account.name: account for account in _of_lines(tree, notes)}
    return tuple(found.values())


def _user(node: Node, keys: dict[str, int], factor: bool | None) -> Account | None:
    """``username NAME password encrypted HASH privilege 15``, in either order."""
    if len(node.words) < 2:
        return None
    account = Account(
        node.words[1], administrator=False, keys=keys.get(node.words[1], 0), second_factor=factor
    )
    words = node.after(2)
    position = 0
    while position < len(words):
        word, rest = words[position].lower(), words[position + 1 :]
        if word == "nopassword":
            account = replace(account, empty=True)
            position += 1
        elif word in ("privilege", "level") and rest and rest[0].isdecimal():
            level = int(rest[0])
            # Level 7 may change some things.
            administrator = level >= _ADMINISTRATOR or (None if level > 1 else False)
            account = replace(account, administrator=administrator)
            position += 2
        elif word in ("password", "unencrypted-password") and rest:
            used = 2 if rest[0].lower() == "encrypted" else 1
            account = replace(account, secret=kept(rest[:used]))
            position += 1 + used
        else:
            return None
    return account


def _keys(tree: Tree, notes: Notes) -> dict[str, int]:
    """How many keys for SSH each user has."""
    found: dict[str, int] = {}
    for chain in tree.take("crypto", "key", "pubkey-chain"):
        for child in chain.children:
            if child.word(0) == "user-key" and len(child.words) > 1:
                found[child.words[1]] = found.get(child.words[1], 0) + 1
            elif child.word(0) != "key-string":
                notes.add(child.text, Topic.ACCOUNTS)
    return found


def _methods(tree: Tree, notes: Notes) -> tuple[bool, list[str]]:
    """Whether a server, or something not known here, is asked; and the lists that let all in."""
    remote = False
    open_: list[str] = []
    for node in (*tree.take("aaa"), *tree.take("ip", "http", "authentication")):
        words = [word.lower() for word in node.words]
        if node.no or "accounting" in words:
            continue
        if words[:3] in _LISTS and len(words) > 4:
            methods = [word for word in words[3:] if word != "authorization"][1:]
        elif words[:5] == _WEB_LIST and len(words) > 5:
            methods = [word for word in words[5:] if word not in ("http", "https")]
        else:
            notes.add(node.text, Topic.ACCOUNTS)
            continue
        if set(methods) - _METHODS - {"none"}:
            notes.add(node.text, Topic.ACCOUNTS)
        remote = remote or bool(set(methods[:1]) - _LOCAL or set(methods) - _METHODS - {"none"})
        if "none" in methods:
            open_.append(" ".join(words[:4]))
    return remote, open_


def _of_lines(tree: Tree, notes: Notes) -> list[Account]:
    """The passwords of lines; they are asked for where the method ``line`` is chosen."""
    lists = {
        "line" for node in tree.take("aaa", "authentication", "login") if "line" in node.words[3:]
    }
    found = []
    for node in tree.take("line"):
        for child in node.children:
            first = child.word(0)
            if first == "password" and len(child.words) > 1 and lists:
                name = f"line {node.word(1)}"
                found.append(Account(name, secret=kept(child.after(1)), second_factor=False))
            elif first not in _OF_LINES:
                notes.add(child.text, Topic.ACCOUNTS, Topic.MANAGEMENT)
    return found


def min_length(tree: Tree, version: str, notes: Notes) -> int | None:
    """How many characters a new password must have; ``None`` where the release decides."""
    enabled = True
    length: int | None = None
    for node in tree.take("passwords"):
        second, third = node.word(1), node.word(2)
        if second == "complexity" and third == "enable":
            enabled = not node.no
        elif second == "complexity" and third == "min-length" and node.word(3).isdecimal():
            length = int(node.word(3))
        elif second == "min-length" and third.isdecimal():
            length = int(third)  # of the first releases
        elif second not in ("complexity", "aging", "history", "strength-check", "lockout"):
            notes.add(node.text, Topic.ACCOUNTS)
    if not version:
        return None
    return length or _DEFAULT_LENGTH if enabled else 0
