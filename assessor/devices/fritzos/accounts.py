"""Who may log in to a box: its users, as far as TR-064 tells.

Their passwords are never told; that each has one of its own is what FRITZ!OS demands of every user,
and ``X_AVM-DE_IsDefaultPasswordActive`` says whether at least one still has the one from the label
(AVM, "TR-064 LANConfigSecurity", 2.1). ``UserInterface:GetInfo``'s ``PasswordRequired`` says
whether one must be chosen, not whether there is one (DSL Forum TR-064, 6.1.3): it is not used.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from assessor.devices.device import Account, Secret, Topic
from assessor.devices.fritzos.questions import LOGIN
from assessor.devices.fritzos.said import Box

USERS = "LANConfigSecurity:1 X_AVM-DE_GetUserList"
CURRENT = "LANConfigSecurity:1 X_AVM-DE_GetCurrentUser"
SECURITY = "LANConfigSecurity:1 GetInfo"
ANONYMOUS = "LANConfigSecurity:1 X_AVM-DE_GetAnonymousLogin"
SECOND_FACTOR = "X_AVM-DE_Auth:1 GetInfo"
ANYBODY = "(anybody in the network)"
NAMELESS = "(password without a name)"
ONE_OF_THEM = "(one of the users)"
_MADE_BY_THE_BOX = re.compile(r"fritz\d{4}")
"""The user that a box makes by itself, with the password of its label."""


def read_accounts(box: Box) -> tuple[Account, ...] | None:
    """The accounts; ``None`` where the box does not tell of them."""
    if box.answers[LOGIN].strip().endswith("no"):
        # Whoever is in the network has read the box's settings without logging in.
        return (Account(ANYBODY, empty=True),)
    security = box.fields(SECURITY, Topic.ACCOUNTS)
    users = _users(box)
    if users is None or security is None:
        return None
    factor = _second_factor(box)
    current, administrator = _current(box)
    accounts = [
        Account(
            name,
            administrator=administrator if name == current else None,
            secret=Secret(),
            second_factor=factor,
        )
        for name in users
    ]
    if _nameless(box):
        accounts.append(Account(NAMELESS, secret=Secret(), second_factor=factor))
    name = "NewX_AVM-DE_IsDefaultPasswordActive"
    default = box.flag(SECURITY, security, name, Topic.ACCOUNTS) if name in security else None
    if default is None:
        # Older boxes do not tell; a password of their own is then not shown.
        accounts = [replace(each, secret=None) for each in accounts]
    elif default:
        accounts = _with_default(accounts)
    return tuple(accounts)


def _users(box: Box) -> list[str] | None:
    fields = box.fields(USERS, Topic.ACCOUNTS)
    if fields is None:
        return None
    text = box.text(USERS, fields, "NewX_AVM-DE_UserList", Topic.ACCOUNTS)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        box.note([Topic.ACCOUNTS], f"{USERS}: {text}")
        return None
    names = [(each.text or "").strip() for each in root if each.tag == "Username"]
    if root.tag != "List" or len(names) != len(root) or not all(names):
        box.note([Topic.ACCOUNTS], f"{USERS}: {text}")
        return None
    return names


def _current(box: Box) -> tuple[str, bool | None]:
    fields = box.fields(CURRENT)
    if fields is None:
        return "", None
    rights = fields.get("NewX_AVM-DE_CurrentUserRights", "")
    found = re.search(r"<path>BoxAdmin</path>\s*<access>(\w{1,20})</access>", rights)
    if found is None:
        return fields.get("NewX_AVM-DE_CurrentUsername", ""), None
    return fields.get("NewX_AVM-DE_CurrentUsername", ""), found[1] == "readwrite"


def _nameless(box: Box) -> bool:
    fields = box.fields(ANONYMOUS, Topic.ACCOUNTS)
    if fields is None:
        return False
    name = "NewX_AVM-DE_AnonymousLoginEnabled"
    return bool(box.flag(ANONYMOUS, fields, name, Topic.ACCOUNTS))


def _second_factor(box: Box) -> bool | None:
    """Off is off. On, it is asked for at some changes only, not at every log-in."""
    if box.missing(SECOND_FACTOR):
        return False
    fields = box.fields(SECOND_FACTOR, Topic.ACCOUNTS)
    if fields is None:
        return None
    enabled = box.flag(SECOND_FACTOR, fields, "NewEnabled", Topic.ACCOUNTS)
    return False if enabled is False else None


def _with_default(accounts: list[Account]) -> list[Account]:
    """... one of which has the password of the label."""
    factory = Secret(factory=True)
    likely = [each for each in accounts if _MADE_BY_THE_BOX.fullmatch(each.name)]
    if len(accounts) == 1:
        likely = accounts
    if len(likely) == 1:
        return [replace(each, secret=factory) if each in likely else each for each in accounts]
    return [*accounts, Account(ONE_OF_THEM, secret=factory)]
