"""Whether every account of the domain is shielded, in use, and known to the domain's own key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from assessor.api import Fact, Message

from .directory import ADMINISTRATOR, GUEST, KRBTGT, Account, Directory

_SERVER_2016 = 7


def _people(directory: Directory) -> list[Account]:
    """Accounts that are on; krbtgt never is."""
    return [each for each in directory.users if each.enabled]


def _names(accounts: Iterable[Account]) -> tuple[str, ...]:
    return tuple(each.name for each in accounts)


def _staff(directory: Directory) -> list[Account]:
    """All but the built-in administrator, which is for emergencies and had better be unused."""
    return [each for each in _people(directory) if each.rid != ADMINISTRATOR]


def _limit(directory: Directory, stale_days: int) -> datetime:
    """Who was last noted before this, has not been used for ``stale_days``."""
    return directory.now - timedelta(days=stale_days + directory.interval)


def _unused(found: Iterable[Account], limit: datetime) -> list[Account]:
    return [each for each in found if each.last is not None and each.last < limit]


def _days(directory: Directory, moment: datetime | None) -> int | None:
    return None if moment is None else max(0, (directory.now - moment).days)


def krbtgt_days(directory: Directory) -> int | None:
    """How old the password of krbtgt is."""
    account = directory.user(KRBTGT)
    return _days(directory, account.password_set) if account is not None else None


def faults(
    directory: Directory, stale_days: int, key_days: int, *, clock_right: bool
) -> Iterator[Message]:
    """Accounts that are not shielded, or stand open unused."""
    people = _people(directory)
    guest = directory.user(GUEST)
    if guest is not None and guest.enabled:
        yield Message("guest_enabled", {"accounts": (guest.name,)})
    open_ones = [each for each in people if each.needs_no_password and each.rid != GUEST]
    if open_ones:
        yield Message("no_password_needed", {"accounts": _names(open_ones)})
    roastable = [each for each in people if each.without_preauthentication]
    if roastable:
        yield Message("without_preauthentication", {"accounts": _names(roastable)})
    if not clock_right:
        return
    if directory.interval:
        stale = _unused(_staff(directory), _limit(directory, stale_days))
        if stale:
            facts: dict[str, Fact] = {
                "accounts": _names(stale),
                "days": tuple(_days(directory, each.last) for each in stale),
                "stale_days": stale_days,
            }
            yield Message("stale", facts)
    age = krbtgt_days(directory)
    if age is not None and age > key_days:
        yield Message("domain_key_old", {"days": age, "krbtgt_days": key_days})


def unsure(directory: Directory, *, clock_right: bool) -> Iterator[Message]:
    """Why not everything could be judged."""
    if directory.cut:
        yield Message("too_many_accounts")
    hidden = [each.name for each in directory.users if each.flags is None]
    if hidden:
        yield Message("flags_not_seen", {"accounts": tuple(hidden), "number": len(hidden)})
    if not directory.interval:
        yield Message("log_ins_not_noted")
    if not clock_right:
        yield Message("clock_off")
    if krbtgt_days(directory) is None:
        yield Message("domain_key_not_seen")


def advice(directory: Directory, stale_days: int, *, clock_right: bool) -> Iterator[Message]:
    """Good practice for the domain."""
    if clock_right and directory.interval:
        limit = _limit(directory, stale_days)
        never = [
            each
            for each in _staff(directory)
            if each.last is None and each.created is not None and each.created < limit
        ]
        if never:
            yield Message("never_used", {"accounts": _names(never), "stale_days": stale_days})
        machines = _unused([each for each in directory.computers if each.enabled], limit)
        if machines:
            facts: dict[str, Fact] = {"computers": _names(machines), "stale_days": stale_days}
            yield Message("stale_computers", facts)
    levels = [level for level in (directory.level, directory.forest_level) if level is not None]
    if levels and min(levels) < _SERVER_2016:
        yield Message("old_level", {"level": min(levels)})
    if not directory.recycle_bin:
        yield Message("no_recycle_bin")
