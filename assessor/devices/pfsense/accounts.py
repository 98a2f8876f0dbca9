"""Who may log in: ``<system><user>`` and ``<group>``.

A password is kept as a hash. The makers' own hash of the factory password is in every download of
theirs, so it is no secret: the redaction leaves it as it is, and it is recognised here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from assessor.devices.device import Account, Secret, Storage, Topic
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    check,
    child,
    children,
    flag,
    listed,
    on,
    text,
)
from assessor.devices.pfsense.names import GROUP, USER
from assessor.devices.secrets import MARK, secret

FACTORY = frozenset(
    {
        # OPNsense, src/etc/config.xml.sample: "opnsense"
        "$2y$10$YRVoF4SgskIsrXOvOQjGieB9XqHPRra9R7d80B3BZdbY/j21TwBfS",
        # pfSense 2.3 and later, src/conf.default/config.xml: "pfsense"
        "$2b$10$13u6qwCOwODv34GyCMgdWub6oQF3RX0rG7c3d3X4JvzuEmAXLYDd2",
        "$2y$10$AMCpA.Z.RNaferLp1yzFq.BvaGgfqaJKtQug7OErbocyNagsEK6xW",
        # pfSense before: "pfsense"
        "$1$dSJImFph$GvZ7.1UbuWu.Yb8etC0re.",
    }
)
HASHES = ("bcrypt-hash", "sha512-hash", "password", "md5-hash")
"""Where the password's hash may stand; the first that is there counts (auth.inc)."""
_SCHEMES: tuple[tuple[re.Pattern[str], Storage], ...] = (
    (re.compile(r"\$(?:2[abxy]?|5|6|7|y|gy|argon2(?:id|i|d))\$.+", re.DOTALL), Storage.HASH),
    (re.compile(r"\$(?:1|md5|sha1|apr1)\$.+", re.DOTALL), Storage.WEAK_HASH),
)
_LOCKED = re.compile(r"[*!x]{1,2}|\*LOCKED\*.*|\*0")
_SHELLS_OFF = frozenset({"", "/sbin/nologin", "/usr/sbin/nologin", "/bin/false"})
_NOT_PAGES = re.compile(
    r"user-(?!shell-access)[\w-]+|page-dashboard[\w-]*|page-help[\w-]*|page-status[\w-]*"
    r"|page-getstats|page-getserviceproviders|page-system-login-logout|page-ajax[\w-]*"
    r"|page-system-usermanager-passwordmg|page-system-usermanager-settings-ldappicker"
    r"|page-diagnostics-(?:arptable|systemactivity|cpuutilization|traceroute|ping|ndptable"
    r"|routingtables|logs[\w-]*|system-pftop|sockets|dns|networktraffic|interfaces?)"
    r"|page-(?:services-)?captiveportal[\w-]*login[\w-]*",
    re.IGNORECASE,
)
"""Privileges by which nothing of the configuration can be changed."""
_READ_ONLY = "user-config-readonly"


def read_accounts(
    system: Element | None, unread: Unread, *, second_factor: bool | None
) -> tuple[Account, ...] | None:
    """Everybody who may log in; ``None`` where nobody is told of."""
    users = list(children(system, "user"))
    if not users:
        return None
    groups = _groups(system, unread)
    found: dict[str, Account] = {}
    for each in users:
        check(each, (USER,), unread, Topic.ACCOUNTS, many=frozenset({"priv", "cert", "groupname"}))
        name = text(each, "name")
        if not name or name in found:
            unread.add(f"<user> {name or 'without a name'} more than once", Topic.ACCOUNTS)
            continue
        kept = _password(each, unread)
        found[name] = Account(
            name=name,
            enabled=not (on(each, "disabled") or _presence(each, "disabled")),
            administrator=_administrator(each, groups),
            secret=kept,
            keys=_keys(text(each, "authorizedkeys")),
            second_factor=second_factor,
        )
    return tuple(found.values())


def _presence(each: Element, name: str) -> bool:
    """A flag of the older kind; OPNsense's MVC, which writes a uuid, leaves an empty one."""
    return "uuid" not in each.attrib and flag(each, name)


def _groups(system: Element | None, unread: Unread) -> Mapping[str, frozenset[str]]:
    """The privileges that each user, by uid, has from groups."""
    found: dict[str, frozenset[str]] = {}
    for each in children(system, "group"):
        check(each, (GROUP,), unread, Topic.ACCOUNTS, many=frozenset({"member", "priv"}))
        given = _privileges(each)
        for member in children(each, "member"):
            for uid in listed(text(member)):
                found[uid] = found.get(uid, frozenset()) | given
    return found


def _privileges(each: Element) -> frozenset[str]:
    return frozenset(word for one in children(each, "priv") for word in listed(text(one)))


def _administrator(each: Element, groups: Mapping[str, frozenset[str]]) -> bool:
    """Whether a user can change the configuration, or have a shell."""
    uid = text(each, "uid")
    if uid == "0":
        return True
    privileges = _privileges(each) | groups.get(uid, frozenset())
    if "user-shell-access" in privileges or text(each, "shell") not in _SHELLS_OFF:
        return True
    if _READ_ONLY in privileges:
        return False
    return any(not _NOT_PAGES.fullmatch(one) for one in privileges)


def kept_password(each: Element) -> str:
    """The hash of a user's password as it stands there."""
    return next((said for name in HASHES if (said := text(each, name))), "")


def _password(each: Element, unread: Unread) -> Secret | None:
    said = kept_password(each)
    if not said or _LOCKED.fullmatch(said):
        return None
    if said in FACTORY:
        weak = said.startswith("$1$")
        return Secret("", Storage.WEAK_HASH if weak else Storage.HASH, factory=True)
    for scheme, storage in _SCHEMES:
        if scheme.fullmatch(said):
            return secret(said, storage)
    if child(each, "md5-hash") is not None and text(each, "md5-hash") == said:
        return secret(said, Storage.WEAK_HASH)
    found = secret(said, Storage.UNKNOWN)
    if MARK.search(said) is None:
        unread.add(f"<user> {text(each, 'name')}: a password of another kind", Topic.ACCOUNTS)
    return found


def _keys(said: str) -> int:
    """How many SSH keys a user has; they are kept in base64."""
    if not said:
        return 0
    try:
        lines = base64.b64decode(said, validate=False).decode("utf-8", "replace").splitlines()
    except (binascii.Error, ValueError):
        return 1
    return max(1, sum(bool(line.strip()) and not line.startswith("#") for line in lines))
