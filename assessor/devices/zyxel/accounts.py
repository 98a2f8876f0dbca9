"""Who may log in to a ZLD device.

Types of users: ``admin`` may change the configuration, ``limited-admin`` may look at it, ``user``
may browse commands; ``guest`` and the accounts of other servers only use the network (CLI Reference
Guide, "User/Group"). Passwords that begin with ``$4$`` are kept by a key that is the same in every
device, for which tools are published.
"""

from __future__ import annotations

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Account, Secret, Storage, Topic
from assessor.devices.secrets import secret

_LOGGING_IN = {"admin": True, "limited-admin": False, "user": False}
_OTHERS = known(
    "guest ext-user ext-group-user guest-manager dynamic-guest mac-address pre-subscriber"
)
_SETTINGS = known(
    "description logon-time-setting logon-lease-time logon-re-auth-time email phone expiration-time"
    " vpn-two-factor-auth rename"
)
_USERS = known(
    "default-setting idle-detection retry-limit retry-count lockout-period simultaneous-logon"
    " update-lease force-auth limited-admin pwd-expiry"
)


def read_accounts(tree: Tree, notes: Notes) -> tuple[tuple[Account, ...] | None, bool | None]:
    """Accounts, and whether wrong passwords lock out."""
    # How a second factor is written was not found; where one is mentioned, it is not judged.
    factor = None if tree.take("two-factor-auth") else False
    found: dict[str, Account] = {}
    for node in tree.take("username"):
        if node.word(2) in _SETTINGS:
            continue
        kind = _after(node, "user-type")
        if kind in _OTHERS and not node.no:
            continue
        account = _account(node, kind, factor)
        if account is None:
            notes.add(node.text, Topic.ACCOUNTS)
        else:
            found[account.name] = account
    lockout = tree.state("users", "retry-limit")
    for node in tree.take("users"):
        if node.word(1) not in _USERS:
            notes.add(node.text, Topic.ACCOUNTS)
    for node in tree.take("password"):
        if node.word(1) not in {"complexity-verify", "complexity"}:
            notes.add(node.text, Topic.ACCOUNTS)
    return (tuple(found.values()) or None), lockout


def _after(node: Node, word: str) -> str:
    words = node.words
    return words[words.index(word) + 1] if word in words[:-1] else ""


def _account(node: Node, kind: str, factor: bool | None) -> Account | None:
    """``username X {encrypted-password|password} Y user-type T``, or ``nopassword``."""
    if kind not in _LOGGING_IN or node.no or node.words.index("user-type") != len(node.words) - 2:
        return None
    way = node.word(2)
    kept: Secret | None = None
    if way == "nopassword":
        if len(node.words) != 5:
            return None
    elif len(node.words) != 6:
        return None
    elif way == "encrypted-password":
        kept = secret(node.word(3), _kept(node.word(3)))
    elif way == "password":
        kept = secret(node.word(3), Storage.CLEAR)
    else:
        return None
    return Account(
        node.word(1),
        administrator=_LOGGING_IN[kind],
        secret=kept,
        empty=way == "nopassword",
        second_factor=factor,
    )


def _kept(value: str) -> Storage:
    """By the scheme before the secret."""
    if value.startswith("$4$"):
        return Storage.REVERSIBLE
    return Storage.HASH if value.startswith(("$5$", "$6$")) else Storage.UNKNOWN
