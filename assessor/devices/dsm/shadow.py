"""``/etc/passwd`` and ``/etc/shadow``, as shadow(5) describes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assessor.devices.device import Secret, Storage
from assessor.devices.secrets import MARK, secret

# A mark of the redaction has a colon of its own.
_FIELD = r"(?:\[secret:[0-9a-f]{16}(?::[0-9a-z-]{1,20})?\]|[^:\[\n])*"
_SHADOW = re.compile(
    rf"(?P<name>[^:\s]{{1,64}}):(?P<hash>{_FIELD}):(?P<changed>\d{{0,6}}):\d{{0,6}}:\d{{0,6}}"
    r":\d{0,6}:\d{0,6}:(?P<expires>\d{0,6}):\d{0,6}\s*"
)
_PASSWD = re.compile(rf"(?P<name>[^:\s]{{1,64}}):{_FIELD}:(?P<uid>\d{{1,10}}):\d{{1,10}}:.*")
_SCHEMES: Mapping[str, Storage] = {
    "$1$": Storage.WEAK_HASH,
    "$5$": Storage.HASH,
    "$6$": Storage.HASH,
    "$y$": Storage.HASH,
    "$2a$": Storage.HASH,
    "$2b$": Storage.HASH,
    "$2y$": Storage.HASH,
}
_SCHEME = re.compile(r"\$\w{1,3}\$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Password:
    """How an account's password is kept.

    Attributes:
        secret: ``None`` where there is none, or none that opens anything.
        empty: there is none, and none is needed.
        locked: no password opens the account.
        changed: the day on which it was set, where that is told.
    """

    secret: Secret | None
    empty: bool
    locked: bool
    changed: datetime | None


def read_shadow(text: str) -> tuple[Mapping[str, Password], tuple[str, ...]]:
    """The passwords by account, and the lines that are none."""
    found, unknown = {}, []
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _SHADOW.fullmatch(line)
        if match is None:
            unknown.append(line)
            continue
        found[match["name"]] = _password(match)
    return found, tuple(unknown)


def _password(match: re.Match[str]) -> Password:
    kept = match["hash"]
    days = int(match["changed"]) if match["changed"] else 0
    # Day 1 is how DSM writes an account that was switched off (synouser --modify).
    expired = match["expires"] in {"0", "1"}
    return Password(
        secret=_kept(kept) if kept and kept[0] not in "!*" else None,
        empty=not kept,
        locked=expired or kept.startswith(("!", "*")),
        changed=_EPOCH + timedelta(days=days) if days else None,
    )


def _kept(kept: str) -> Secret:
    if scheme := _SCHEME.match(kept):
        return secret(kept, _SCHEMES.get(scheme[0], Storage.UNKNOWN))
    # Without a scheme it is DES, which is cut off at eight characters (crypt(5)).
    return secret(kept, Storage.WEAK_HASH if MARK.fullmatch(kept) else Storage.UNKNOWN)


def read_users(text: str) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """The accounts with their numbers, and the lines that are none."""
    found, unknown = [], []
    for line in text.splitlines():
        if match := _PASSWD.fullmatch(line):
            found.append((match["name"], int(match["uid"])))
        elif line.strip():
            unknown.append(line)
    return tuple(found), tuple(unknown)


def members(text: str | None, group: str) -> frozenset[str] | None:
    """Who belongs to ``group``, by its line of ``/etc/group``; ``None`` where it has none."""
    for line in (text or "").splitlines():
        match = re.fullmatch(rf"{re.escape(group)}:[^:]*:\d{{1,10}}:(?P<names>[^:]*)", line.strip())
        if match:
            return frozenset(name for name in match["names"].split(",") if name)
    return None
