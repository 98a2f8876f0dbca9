"""Who may log in to a QTS, and what SNMP lets read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from assessor.devices.device import Account, Community, Storage, Topic
from assessor.devices.dsm.shadow import members, read_shadow, read_users
from assessor.devices.dsm.unread import Unread
from assessor.devices.qts.ini import truth
from assessor.devices.qts.parts import Parts
from assessor.devices.qts.questions import Ask
from assessor.devices.secrets import secret

# "admin" is number 0; people are numbered from 500 (QTS 4), or from 1000 (QTS 5).
_ADMIN, _FIRST_USER, _FIRST_SYSTEM = 0, 500, 60_000
_LOCAL_NAMES = frozenset({"files", "compat", "db"})
_COMMUNITY = re.compile(r"\s*(?P<kind>r[ow])community6?\s+(?P<name>\S+)(?:\s+(?P<source>\S+))?.*")
_USER = re.compile(r"\s*(?P<kind>r[ow])user\s+\S+(?:\s+(?P<level>noauth|auth|priv))?.*")
_ANYWHERE = frozenset({"default", "0.0.0.0/0", "::/0"})


def read_accounts(
    parts: Parts, unread: Unread
) -> tuple[tuple[Account, ...] | None, Mapping[str, datetime]]:
    """The accounts, and when their passwords were set; ``None`` where nothing was told of them."""
    text, kept = parts.text(Ask.USERS), parts.text(Ask.SHADOW)
    if text is None:
        return None, {}
    users, unknown = read_users(text)
    passwords, more = read_shadow(kept) if kept is not None else ({}, ())
    if kept is None:
        unread.note(Topic.ACCOUNTS, "/etc/shadow is not told")
    for line in (*unknown, *more):
        unread.note(Topic.ACCOUNTS, line)
    for line in (parts.text(Ask.NAMES) or "").splitlines():
        words = line.split()
        if words[:1] != ["passwd:"] or not set(words[1:]) <= _LOCAL_NAMES:
            unread.note(Topic.ACCOUNTS, f"accounts from elsewhere: {line}")
    administrators = members(parts.text(Ask.ADMINISTRATORS), "administrators")
    accounts, changes = [], {}
    for name, uid in users:
        if uid != _ADMIN and not _FIRST_USER <= uid < _FIRST_SYSTEM:
            continue
        password = passwords.get(name)
        account = Account(
            name=name,
            # A password that is locked opens neither QTS nor its files.
            enabled=not (password is not None and password.locked),
            administrator=_administrator(name, uid, administrators),
            secret=password.secret if password is not None else None,
            empty=password.empty if password is not None else False,
        )
        accounts.append(account)
        if password is not None and account.secret is not None and password.changed is not None:
            changes[f"account {name}"] = password.changed
    return tuple(accounts), changes


def _administrator(name: str, uid: int, administrators: frozenset[str] | None) -> bool | None:
    if uid == _ADMIN:
        return True
    return None if administrators is None else name in administrators


def read_snmp(parts: Parts, unread: Unread) -> tuple[Community, ...] | None:
    """The communities of SNMP; none where it is off."""
    section = parts.section(Ask.SETTINGS, "snmp")
    enabled = truth((section or {}).get("service enable"))
    if enabled is False:
        return ()
    text = parts.text(Ask.SNMP)
    if text is None or enabled is None:
        if parts.document is None:
            unread.note(Topic.SNMP, f"SNMP: {dict(section) if section else 'not told'}")
        if text is None:
            return None
    found = []
    for line in text.splitlines():
        if match := _COMMUNITY.fullmatch(line):
            source = match["source"]
            found.append(
                Community(
                    "2c",
                    writable=match["kind"] == "rw",
                    secret=secret(match["name"], Storage.CLEAR),
                    sources=(source,) if source and source not in _ANYWHERE else (),
                )
            )
        elif match := _USER.fullmatch(line):
            found.append(
                Community("3", writable=match["kind"] == "rw", encrypted=match["level"] == "priv")
            )
        elif line.strip():
            unread.note(Topic.SNMP, line)
    if enabled and not found:
        unread.note(Topic.SNMP, "SNMP is on; no community is told")
    return tuple(found)
