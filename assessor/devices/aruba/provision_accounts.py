"""Who may log in to an ArubaOS-Switch, and how its passwords are kept.

``password manager`` and ``password operator`` are the two accounts of old; since 16.x there may be
local users of groups besides. Their secrets are only shown after ``include-credentials``.
"""

from __future__ import annotations

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Account, Secret, Storage, Strength, Topic
from assessor.devices.secrets import secret

# SHA-1 is kept without salt, and of SHA-256 no page of the maker's that was read says more.
_KEPT = {
    "plaintext": Storage.CLEAR,
    "sha1": Storage.WEAK_HASH,
    "sha-1": Storage.WEAK_HASH,
    "sha256": Storage.UNKNOWN,
    "sha-256": Storage.UNKNOWN,
    "bcrypt": Storage.HASH,
}
_SETTINGS = known(
    "minimum-length configuration configuration-control complexity composition"
    " non-plaintext-sha256 alert-before-expiry aging expired-user-login"
)
_AAA = known("authorization accounting port-access server-group")
_WAYS = known("console telnet ssh web rest login local-user num-attempts lockout-delay")
_OTHER_WAYS = known(
    "mac-based port-access web-based captive-portal-profile user-role unlock allow-any-user"
    " disable-username bypass-username"
)
_METHODICAL = known("console telnet ssh web rest")
# Words of the switch's own checking; all others lead to another server or to a second factor.
_METHODS = known("login enable local none authorized public-key")
_ELSEWHERE = known("radius tacacs peap-mschapv2 server-group certificate two-factor")


def read_accounts(
    tree: Tree, notes: Notes
) -> tuple[tuple[Account, ...] | None, int | None, bool | None]:
    """Accounts, the length that a new password must have, and whether wrong ones lock out."""
    factor, lockout = _ways(tree, notes)
    found: dict[str, Account] = {}
    least: int | None = None
    for node in tree.take("password"):
        kind = _kind(node)
        if kind in {"manager", "operator"} and not node.no:
            account = _account(node, kind, factor)
            if account is None:
                notes.add(node.text, Topic.ACCOUNTS)
            else:
                found[account.name] = account
        elif kind == "minimum-length" and node.word(2).isdecimal():
            least = int(node.word(2)[:4])
        elif kind not in _SETTINGS:
            notes.add(node.text, Topic.ACCOUNTS)
    for node in tree.take("aaa", "authentication", "local-user"):
        local = _local(node, factor)
        if local is None:
            notes.add(node.text, Topic.ACCOUNTS)
        else:
            found[local.name] = local
    # Without such a line it cannot be told whether there is no password, or another server's only.
    return (tuple(found.values()) or None), least, lockout


def _kind(node: Node) -> str:
    """What a ``password`` line is about.

    Of "password manager" alone, as exports without credentials have it, the redaction takes the
    second word for a password. Its class tells which of the two it was: "manager" is one that
    everybody tries first.
    """
    hidden = secret(node.word(1), Storage.CLEAR)
    if not hidden.mark or len(node.words) != 2:
        return node.word(1)
    return "manager" if hidden.strength is Strength.COMMON else "operator"


def _account(node: Node, kind: str, factor: bool | None) -> Account | None:
    rest = list(node.words[2:])
    name = kind
    if rest[:1] == ["user-name"] and len(rest) > 1:
        name, rest = rest[1], rest[2:]
    # A long line that was pasted may go on below.
    for child in node.children:
        rest += child.words
    kept = _kept(rest)
    if kept is None:
        return None
    return Account(
        name,
        administrator=kind == "manager",
        secret=kept,
        empty=rest[:1] == ["plaintext"] and not rest[1],
        second_factor=factor,
    )


def _kept(rest: list[str]) -> Secret | None:
    if not rest:
        return Secret()  # there is one; the export leaves it out
    if len(rest) != 2 or rest[0] not in _KEPT:
        return None
    return secret(rest[1], _KEPT[rest[0]])


def _local(node: Node, factor: bool | None) -> Account | None:
    """``aaa authentication local-user "x" group "g" password sha1 "..."``."""
    words = node.words[3:]
    if node.no or len(words) < 6 or words[1] != "group" or words[3] != "password":
        return None
    kept = _kept(list(words[4:6]))
    if kept is None:
        return None
    # What a group may do stands in its rules of "aaa authorization group".
    manager = {"level-15": True, "manager": True, "operator": False}.get(words[2].lower())
    return Account(words[0], administrator=manager, secret=kept, second_factor=factor)


def _ways(tree: Tree, notes: Notes) -> tuple[bool | None, bool | None]:
    """Whether a second factor is demanded, and whether wrong passwords lock out."""
    factor: bool | None = False
    lockout: bool | None = None
    for node in tree.take("aaa"):
        if node.word(1) in _AAA:
            continue
        way = node.word(2)
        if node.word(1) != "authentication" or (way not in _WAYS and way not in _OTHER_WAYS):
            notes.add(node.text, Topic.ACCOUNTS)
        elif way == "lockout-delay":
            if node.word(3).isdecimal():
                lockout = int(node.word(3)[:6]) > 0
            else:
                notes.add(node.text, Topic.ACCOUNTS)
        elif way in _METHODICAL and not set(node.words[3:]) <= _METHODS:
            # Another server may ask for more, or only one way in does.
            factor = None
            if not set(node.words) & _ELSEWHERE:
                notes.add(node.text, Topic.ACCOUNTS)
    return factor, lockout
