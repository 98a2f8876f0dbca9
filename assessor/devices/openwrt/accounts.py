"""Who may log in: the users of the system with a shell, and what ``rpcd`` lets into LuCI.

The field of the shadow file that tells when a password was changed is set by BusyBox's ``passwd``
(``libbb/update_passwd.c``), which LuCI uses too. A device without a clock of its own may have set
it before it knew the time; a date before OpenWrt's own time is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assessor.devices.device import Account, Secret, Storage, Topic
from assessor.devices.openwrt.said import KEYS, PASSWD, SHADOW, Said
from assessor.devices.openwrt.uci import Section
from assessor.devices.secrets import secret

_TOPICS = (Topic.ACCOUNTS,)
_NO_SHELL = re.compile(r".*/(?:false|nologin|sync|true)")
_SCHEMES = {
    "1": Storage.WEAK_HASH,  # MD5, which BusyBox takes unless it was built otherwise
    "2a": Storage.HASH,
    "2b": Storage.HASH,
    "2y": Storage.HASH,
    "5": Storage.HASH,
    "6": Storage.HASH,
    "7": Storage.HASH,
    "y": Storage.HASH,
    "gy": Storage.HASH,
}
_OLD_CRYPT = re.compile(r"\[secret:[0-9a-f]{16}(?::12-19)?\]|[\w./]{13}")
_EARLIEST_DAY = 14_610
"""1 January 2010, in days since 1970: BusyBox has told the day since about then."""
_LOCKERS = ("fail2ban", "sshguard", "bearDropper", "crowdsec", "crowdsec-firewall-bouncer", "banip")


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts, and when the passwords of some of them were changed, by label."""

    all: tuple[Account, ...] | None
    changes: Mapping[str, datetime]
    lockout: bool | None


def read_accounts(said: Said) -> Accounts:
    """Reads them; what is not understood goes on record."""
    changes: dict[str, datetime] = {}
    system = _of_system(said, changes)
    web = _of_web(said)
    # Without the shadow file nobody can tell which of the system's accounts there are.
    accounts = None if system is None else (*system, *web)
    if accounts is None and web:
        accounts = (Account("root"), *web)
    return Accounts(accounts, changes, _lockout(said))


def _lockout(said: Said) -> bool | None:
    """Dropbear and LuCI themselves lock nobody out; packages do, if they are started."""
    return said.started(*_LOCKERS)


def _of_system(said: Said, changes: dict[str, datetime]) -> list[Account] | None:
    if said.from_file:
        return None
    passwd, shadow = said.other.get(PASSWD), said.other.get(SHADOW)
    if passwd is None or shadow is None:
        said.note(_TOPICS, f"{PASSWD if passwd is None else SHADOW}: not answered")
        return None
    secrets = _lines(said, SHADOW, shadow, 9)
    keys = _keys(said)
    accounts = []
    for name, fields in _lines(said, PASSWD, passwd, 7).items():
        if _NO_SHELL.fullmatch(fields[6]):
            continue
        kept = fields[1] if fields[1] != "x" else secrets.get(name, ["", "*"])[1]
        account = _account(said, name, fields[2] == "0", kept, keys if name == "root" else 0)
        accounts.append(account)
        day = secrets.get(name, [""] * 9)[2]
        if account.secret and re.fullmatch(r"\d{5}", day) and int(day) >= _EARLIEST_DAY:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day))
            changes[f"account {name}"] = moment
    return accounts


def _lines(said: Said, question: str, text: str, fields: int) -> dict[str, list[str]]:
    """The lines of a file of accounts, by name. A mark may hold colons of its own."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        parts = re.sub(r"\[secret:[0-9a-f:a-z-]*\]", _hidden, line).split(":")
        if len(parts) != fields or parts[0] in found:
            said.note(_TOPICS, f"{question}: {line}")
            continue
        found[parts[0]] = [each.replace("\x00", ":") for each in parts]
    return found


def _hidden(mark: re.Match[str]) -> str:
    return mark[0].replace(":", "\x00")


def _keys(said: Said) -> int:
    text = said.other.get(KEYS, "").strip()
    return int(text) if re.fullmatch(r"\d{1,4}", text) else 0


def _account(said: Said, name: str, administrator: bool, kept: str, keys: int) -> Account:
    if not kept:
        return Account(
            name, administrator=administrator, empty=True, keys=keys, second_factor=False
        )
    if kept.startswith(("*", "!")) or kept == "x":
        return Account(
            name, bool(keys), administrator=administrator, keys=keys, second_factor=False
        )
    return Account(
        name,
        administrator=administrator,
        secret=_hashed(said, name, kept),
        keys=keys,
        # Neither Dropbear nor LuCI asks for a second one.
        second_factor=False,
    )


def _hashed(said: Said, name: str, kept: str) -> Secret:
    match = re.match(r"\$(\w{1,4})\$", kept)
    if match is not None:
        storage = _SCHEMES.get(match[1])
    else:
        # The crypt of old has no scheme, and 13 characters: DES. Of a scheme that the redaction
        # does not know nothing is left to see.
        storage = Storage.WEAK_HASH if _OLD_CRYPT.fullmatch(kept) else None
    if storage is None:
        said.note(_TOPICS, f"how the password of {name} is kept is not known")
    return secret(kept, storage or Storage.UNKNOWN)


def _of_web(said: Said) -> list[Account]:
    """Log-ins of LuCI with a password of their own; ``$p$root`` stands for the system's."""
    found = []
    for section in said.of("rpcd", "login"):
        kept, name = section.get("password"), section.get("username")
        if not name or not kept:
            said.note(_TOPICS, f"rpcd.{section.key}: a log-in without a name or password")
            continue
        if re.fullmatch(r"\$p\$[\w.-]{1,32}", kept):
            continue
        scheme = re.match(r"\$(\w{1,4})\$", kept)
        storage = _SCHEMES.get(scheme[1], Storage.UNKNOWN) if scheme else Storage.CLEAR
        found.append(
            Account(
                f"LuCI {name}",
                administrator=_writes(section),
                secret=secret(kept, storage),
                second_factor=False,
            )
        )
    return found


def _writes(section: Section) -> bool:
    return "*" in section.words("write")
