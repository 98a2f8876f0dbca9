"""Who may log in to an AOS-CX switch, and how its passwords are kept.

``ciphertext`` is encrypted with a key of the switch's, or with the passphrase of its exports.
"""

from __future__ import annotations

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Account, Storage, Topic
from assessor.devices.secrets import secret

_GROUPS = {"administrators": True, "operators": False, "auditors": False}
_COMPLEXITY = known(
    "enable minimum-length lowercase-count uppercase-count numeric-count special-char-count"
    " history-count position-changes username-check enabled repeat sequence"
)


def read_accounts(
    tree: Tree, notes: Notes
) -> tuple[tuple[Account, ...] | None, int | None, bool | None]:
    """Accounts, the length that a new password must have, and whether wrong ones lock out."""
    factor, lockout = _ways(tree, notes)
    found: dict[str, Account] = {}
    keys: dict[str, int] = {}
    for node in tree.take("user"):
        if node.word(2) == "authorized-key":
            keys[node.word(1)] = keys.get(node.word(1), 0) + 1
            continue
        account = _account(node, factor)
        if account is None or node.no:
            notes.add(node.text, Topic.ACCOUNTS)
        else:
            found[account.name] = account
    accounts = tuple(
        Account(
            each.name,
            administrator=each.administrator,
            secret=each.secret,
            empty=each.empty,
            keys=keys.get(each.name, 0),
            second_factor=each.second_factor,
        )
        for each in found.values()
    )
    return (accounts or None), _min_length(tree, notes), lockout


def _account(node: Node, factor: bool | None) -> Account | None:
    """``user X group administrators password ciphertext Y``."""
    words = node.words
    if len(words) < 4 or words[2] != "group":
        return None
    name, group, rest = words[1], words[3], words[4:]
    manager = _GROUPS.get(group)
    if not rest:
        return Account(name, administrator=manager, empty=True, second_factor=factor)
    if len(rest) != 3 or rest[0] != "password" or rest[1] not in {"ciphertext", "plaintext"}:
        return None
    # Whether ciphertext stays the same over exports was not found in a page of the maker's.
    kept = (
        secret(rest[2], Storage.CLEAR)
        if rest[1] == "plaintext"
        else secret(rest[2], Storage.ENCRYPTED, stable=False)
    )
    return Account(name, administrator=manager, secret=kept, second_factor=factor)


def _min_length(tree: Tree, notes: Notes) -> int | None:
    least: int | None = None
    on = False
    for node in tree.take("password", "complexity"):
        parts = [*node.children]
        if len(node.words) > 2:
            parts.append(Node(node.no, node.words[2:], node.text))
        for each in parts:
            if each.word(0) in {"enable", "enabled"}:
                on = not each.no
            elif each.begins("minimum-length") and each.word(1).isdecimal():
                least = int(each.word(1)[:4])
            elif each.word(0) not in _COMPLEXITY:
                notes.add(each.text, Topic.ACCOUNTS)
    return least if on else None


def _ways(tree: Tree, notes: Notes) -> tuple[bool | None, bool | None]:
    factor: bool | None = False
    lockout: bool | None = None
    for node in tree.take("aaa"):
        if node.begins("aaa", "authentication", "limit-login-attempts"):
            lockout = node.word(3).isdecimal() and not node.no
        elif node.begins("aaa", "authentication", "login"):
            if set(node.words[4:]) - {"local", "group"}:
                factor = None  # another server may ask for more
        elif node.begins("aaa", "authentication"):
            if node.word(2) not in {
                "port-access",
                "allow-fail-through",
                "minimum-password-length",
                "console-login-attempts",
                "mac-auth",
            }:
                notes.add(node.text, Topic.ACCOUNTS)
        elif node.word(1) not in {"authorization", "accounting", "group", "radius-attribute"}:
            notes.add(node.text, Topic.ACCOUNTS)
    if any(node.word(1).startswith("two-factor") for node in tree.take("ssh")):
        factor = None
    return factor, lockout
