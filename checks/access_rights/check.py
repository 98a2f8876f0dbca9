"""Who may do what on a machine: administrators, and accounts that should not be able to log in.

``user-rights`` fails on what refutes least privilege or "only those who need it", each named.
``authorisation-register`` compares the administrators with those that the owner has named: that a
list is kept and reviewed is for people to say, the machine only supplies what must stand in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from assessor.api import (
    Captured,
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Platform,
    failed,
    not_observed,
    passed,
    records,
    unknown,
)

from . import windows, windows_verdict
from .accounts import Account, Host, Password, read_host, read_signs, read_status
from .doas import read_doas
from .keys import Key, read_listing, read_root_keys
from .rights import ROOT, Administrator, Register, read_register
from .sudoers import read_sudoers
from .windows import Windows

RIGHTS = "user-rights"
REGISTER = "authorisation-register"
_NOT_INSTALLED = 127
_CLOCK_TOLERANCE = timedelta(days=2)
"""A clock that is further off says nothing on ages of months."""

Missing = NotCaptured | Message
"""Why something could not be told: a probe that gave nothing, or a message of our own."""


@dataclass(frozen=True, slots=True)
class Observation:
    """All that the judgement rests on.

    Attributes:
        at: the moment of the measurement.
        host: ``None`` when the script's answer was not whole.
        register: the administrators, as far as their rights could be read.
        rules_missing: why the register is not complete; ``None`` where it is.
        states: the password of each local account; ``None`` where that could not be seen.
        states_missing: why not.
        changed: when each password was last changed.
        keys: the authorised keys that could be read, by account.
        key_files: when the file of keys last changed, by account.
        mac: the machine is a Mac, where an empty password cannot be seen.
    """

    at: datetime
    host: Host | None
    register: Register = field(default_factory=lambda: Register(()))
    rules_missing: Missing | None = None
    states: Mapping[str, Password] | None = None
    states_missing: Missing | None = None
    changed: Mapping[str, datetime] = field(default_factory=dict)
    keys: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    key_files: Mapping[str, datetime] = field(default_factory=dict)
    mac: bool = False

    def accounts(self) -> tuple[Account, ...]:
        """All accounts of the machine."""
        return self.host.accounts if self.host else ()

    def has(self, account: Account, password: Password) -> bool:
        """Whether the account's password is seen to be so."""
        return self.states is not None and self.states.get(account.name) is password


def observe(captures: Captures) -> Observation | Windows:
    """Reads the accounts, their passwords' states, the rules of sudo and doas, and the keys."""
    if captures.target.platform is Platform.WINDOWS:
        return windows.observe(captures)
    answer = captures.answered("accounts")
    found = None if answer is None else records(answer.stdout)
    host = None if found is None else read_host(found)
    if host is None:
        missing: Missing = captures.gap("accounts") or Message("not_understood")
        return Observation(captures.at, None, rules_missing=missing, states_missing=missing)
    mac = captures.target.platform is Platform.MACOS
    register, rules_missing = _register(captures, host)
    states, days, states_missing = _states(captures, host, mac=mac)
    keys, files = _keys(captures, host)
    return Observation(
        captures.at,
        host,
        register,
        rules_missing,
        states,
        states_missing,
        days,
        keys,
        files,
        mac,
    )


def _register(captures: Captures, host: Host) -> tuple[Register, Missing | None]:
    sudoers = None
    missing: Missing | None = None
    if host.sudo:
        first, again = captures.answered("sudoers"), captures.answered("sudoers_again")
        if first is None or again is None:
            missing = captures.gap("sudoers", "sudoers_again")
        elif _NOT_INSTALLED in (first.exit_status, again.exit_status):
            missing = Message("sudoers_tool_missing")
        elif first.exit_status == 0 and again.exit_status == 0:
            sudoers = read_sudoers(first.stdout, again.stdout, host.name)
        if sudoers is None and missing is None:
            missing = Message("sudoers_not_read")
    doas = read_doas(host.doas)
    register = read_register(host, sudoers, doas or ())
    if missing is None and (doas is None or host.unread):
        missing = Message("doas_not_read", {"files": host.unread or ("/etc/doas.conf",)})
    if missing is None and register.unclear:
        missing = Message("sudoers_unclear")
    if missing is None and host.servers:
        missing = Message("accounts_elsewhere", {"servers": host.servers})
    return register, missing


def _states(
    captures: Captures, host: Host, *, mac: bool
) -> tuple[Mapping[str, Password] | None, Mapping[str, datetime], Missing | None]:
    """From ``passwd -Sa``; else by the signs in shadow; else as the script could see them."""
    local = {account.name for account in host.accounts if account.local}
    status = _done(captures, "passwd_status")
    if status is not None:
        read = read_status(status.stdout, host.accounts)
        if read is not None:
            days = {n: datetime(d.year, d.month, d.day, tzinfo=UTC) for n, d in read[1].items()}
            return read[0], days, None
    days = {n: datetime(d.year, d.month, d.day, tzinfo=UTC) for n, d in host.changed.items()}
    signs = _done(captures, "password_signs")
    if signs is not None:
        states = read_signs(signs.stdout, host.accounts)
        if states is not None:
            return states, days, None
    if local and local <= set(host.states):
        return host.states, days, None
    if mac:
        return None, {}, Message("accounts_not_read")
    gap = captures.gap("passwd_status", "password_signs")
    return None, {}, gap or Message("accounts_not_read")


def _done(captures: Captures, probe: str) -> Captured | None:
    answer = captures.answered(probe)
    return answer if answer is not None and answer.exit_status == 0 else None


def _keys(captures: Captures, host: Host) -> tuple[dict[str, tuple[Key, ...]], dict[str, datetime]]:
    keys, files = dict(host.keys), dict(host.key_files)
    listing = _done(captures, "key_files")
    if listing is not None:
        found = read_listing(listing.stdout, host.now)
        for account in host.accounts:
            path = f"{account.home}/.ssh/authorized_keys"
            if path in found:
                files.setdefault(account.name, found[path])
    of_root = _done(captures, "root_keys")
    if of_root is not None:
        keys.setdefault(ROOT, read_root_keys(of_root.stdout))
    return keys, files


def evaluate(seen: Observation | Windows, parameters: Parameters) -> list[Judgement]:
    """One judgement for each of the two measures."""
    if isinstance(seen, Windows):
        return windows_verdict.evaluate(seen, parameters)
    allowed = frozenset(parameters.texts("allowed_administrators"))
    free = frozenset(parameters.texts("allowed_without_password"))
    return [
        _judge_rights(seen, allowed, free, parameters.integer("stale_days")),
        _judge_register(seen, allowed),
    ]


def _judge_rights(
    seen: Observation, allowed: frozenset[str], free: frozenset[str], stale_days: int
) -> Judgement:
    expected: dict[str, Fact] = {"stale_days": stale_days, **_named(allowed)}
    observed = _observed(seen)
    faults = [*_account_faults(seen, stale_days), *_right_faults(seen, allowed, free)]
    advice = tuple(_advice(seen, allowed, stale_days))
    if faults:
        return failed(
            RIGHTS,
            faults[0].id,
            faults[0].facts,
            expected=expected,
            observed=observed,
            advice=(*faults[1:], *advice),
        )
    missing = seen.states_missing or seen.rules_missing
    if missing is not None:
        return _unknown(RIGHTS, missing, expected, observed)
    administrators = seen.register.administrators
    return passed(
        RIGHTS,
        "few_rights" if administrators else "no_administrators",
        _list(administrators) if administrators else {},
        expected=expected,
        observed=observed,
        advice=advice,
    )


def _judge_register(seen: Observation, allowed: frozenset[str]) -> Judgement:
    administrators = seen.register.administrators
    expected, observed = _named(allowed), _list(administrators)
    extra = [each for each in administrators if each.name not in allowed]
    if allowed and extra:
        return failed(
            REGISTER, "register_differs", _list(extra), expected=expected, observed=observed
        )
    if seen.rules_missing is not None:
        return _unknown(REGISTER, seen.rules_missing, expected, observed)
    if not allowed:
        message = "register_to_check" if administrators else "register_empty"
        facts = _list(administrators) if administrators else {}
        return unknown(REGISTER, message, facts, expected=expected, observed=observed)
    others = allowed - {each.name for each in administrators}
    advice = (Message("register_names_others", {"accounts": tuple(sorted(others))}),)
    return passed(
        REGISTER,
        "register_matches",
        _list(administrators),
        expected=expected,
        observed=observed,
        advice=advice if others else (),
    )


def _unknown(
    measure: str, missing: Missing, expected: Mapping[str, Fact], observed: Mapping[str, Fact]
) -> Judgement:
    if isinstance(missing, NotCaptured):
        return not_observed(measure, missing)
    return unknown(measure, missing.id, missing.facts, expected=expected, observed=observed)


def _named(allowed: frozenset[str]) -> dict[str, Fact]:
    return {"administrators": tuple(sorted(allowed))} if allowed else {}


def _list(administrators: Iterable[Administrator]) -> dict[str, Fact]:
    """Names and rights apart, in the same order, so that the names can be covered."""
    found = tuple(administrators)
    return {
        "administrators": tuple(each.name for each in found),
        "rights": tuple("; ".join(each.rights) for each in found),
    }


def _observed(seen: Observation) -> dict[str, Fact]:
    host = seen.host
    if host is None:
        return {}
    people = [a for a in host.accounts if host.person(a) and a.has_shell]
    with_keys = [a.name for a in host.accounts if a.name in seen.keys or a.name in seen.key_files]
    state = (seen.states or {}).get(ROOT)
    return {
        **_list(seen.register.administrators),
        "people": tuple(account.name for account in people),
        "last_log_in_days": tuple(_days_since(host, host.last.get(a.name)) for a in people),
        "root_password": state.value if state else None,
        "key_accounts": tuple(with_keys),
        "keys": tuple(
            ", ".join(key.text for key in seen.keys[name]) if name in seen.keys else None
            for name in with_keys
        ),
        "key_file_unchanged_days": tuple(
            _days_since(host, seen.key_files.get(name)) for name in with_keys
        ),
        "keys_hidden": tuple(sorted(host.keys_hidden - set(with_keys))),
        "keys_elsewhere": host.keys_elsewhere,
    }


def _days_since(host: Host, moment: datetime | None) -> int | None:
    return None if moment is None else max(0, (host.now - moment).days)


def _account_faults(seen: Observation, stale_days: int) -> Iterable[Message]:
    host = seen.host
    if host is None:
        return
    for message, accounts in (
        (
            "empty_password",
            [a for a in host.accounts if a.has_shell and seen.has(a, Password.EMPTY)],
        ),
        ("second_root", [a for a in host.accounts if a.uid == 0 and a.name != ROOT]),
        (
            "service_log_in",
            [
                a
                for a in host.accounts
                if not seen.mac and host.service(a) and a.has_shell and seen.has(a, Password.USABLE)
            ],
        ),
    ):
        if accounts:
            yield Message(message, {"accounts": tuple(a.name for a in accounts)})
    if seen.mac and (seen.states or {}).get(ROOT) is Password.USABLE:
        yield Message("root_enabled")
    if host.guest:
        yield Message("guest")
    if host.automatic:
        yield Message("automatic", {"accounts": (host.automatic,)})
    stale = _stale(seen, host, stale_days)
    if stale:
        yield Message(
            "stale",
            {
                "accounts": tuple(a.name for a in stale),
                "days": tuple(_days_since(host, host.last[a.name]) for a in stale),
                "stale_days": stale_days,
            },
        )


def _right_faults(
    seen: Observation, allowed: frozenset[str], free: frozenset[str]
) -> Iterable[Message]:
    administrators = seen.register.administrators
    extra = [each for each in administrators if allowed and each.name not in allowed]
    if extra:
        yield Message("not_allowed", _list(extra))
    unasked = [each for each in administrators if each.free and each.name not in free]
    if unasked:
        yield Message(
            "no_password_asked",
            {
                "accounts": tuple(each.name for each in unasked),
                "rights": tuple("; ".join(each.free) for each in unasked),
            },
        )
    hidden = [e for e in administrators if e.programs and not e.full and e not in unasked]
    if hidden:
        yield Message(
            "more_than_it_seems",
            {
                "accounts": tuple(each.name for each in hidden),
                "programs": tuple(", ".join(each.programs) for each in hidden),
            },
        )


def _can_log_in(seen: Observation, account: Account) -> bool:
    """Seen to have a way in: a password, or a file of keys."""
    open_to = seen.has(account, Password.USABLE) or seen.has(account, Password.EMPTY)
    return account.has_shell and (
        open_to or account.name in seen.key_files or bool(seen.keys.get(account.name))
    )


def _clock_right(seen: Observation, host: Host) -> bool:
    return abs(host.now - seen.at) <= _CLOCK_TOLERANCE


def _stale(seen: Observation, host: Host, stale_days: int) -> list[Account]:
    """People's accounts whose last log-in on record is too long ago, and that can still log in."""
    if not _clock_right(seen, host):
        return []
    limit = host.now - timedelta(days=stale_days)
    return [
        a
        for a in host.accounts
        if host.person(a)
        and _can_log_in(seen, a)
        and a.name in host.last
        and host.last[a.name] < limit
    ]


def _advice(seen: Observation, allowed: frozenset[str], stale_days: int) -> Iterable[Message]:
    host = seen.host
    if host is None:
        return
    administrators = seen.register.administrators
    if administrators and not allowed:
        yield Message("administrators_not_named")
    by_group = [each for each in administrators if each.groups]
    if by_group:
        yield Message(
            "as_good_as_root",
            {
                "accounts": tuple(each.name for each in by_group),
                "groups": tuple(", ".join(each.groups) for each in by_group),
            },
        )
    if seen.register.wildcards:
        yield Message("wildcards", {"accounts": seen.register.wildcards})
    if not seen.mac and (seen.states or {}).get(ROOT) is Password.USABLE and administrators:
        yield Message("root_has_password")
    weak = {name: [key for key in keys if key.weak] for name, keys in seen.keys.items()}
    if any(weak.values()):
        names = tuple(name for name in weak if weak[name])
        kinds = tuple(", ".join(key.text for key in weak[name]) for name in names)
        yield Message("weak_keys", {"accounts": names, "keys": kinds})
    services = tuple(
        a.name
        for a in host.accounts
        if host.service(a) and a.has_shell and (a.name in seen.key_files or seen.keys.get(a.name))
    )
    if services:
        yield Message("service_keys", {"accounts": services})
    yield from _unused_advice(seen, host, stale_days)


def _unused_advice(seen: Observation, host: Host, stale_days: int) -> Iterable[Message]:
    people = [a for a in host.accounts if host.person(a) and _can_log_in(seen, a)]
    if not host.recorded or not _clock_right(seen, host):
        if people:
            yield Message("log_ins_not_seen")
        return
    limit = host.now - timedelta(days=stale_days)
    # An account is at least as old as its password.
    never = tuple(
        a.name
        for a in people
        if a.name in host.never and a.name in seen.changed and seen.changed[a.name] < limit
    )
    if never:
        yield Message("never_used", {"accounts": never, "stale_days": stale_days})


CHECK = Check(observe=observe, evaluate=evaluate)
