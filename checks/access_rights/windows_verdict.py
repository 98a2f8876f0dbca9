"""The judgement of a Windows: who can do everything, and which accounts should not be open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from assessor.api import (
    Fact,
    Facts,
    Judgement,
    Message,
    Parameters,
    failed,
    not_applicable,
    nothing_told,
    passed,
    unknown,
)

from .windows import BUILT_IN, GUEST, Account, Computer, Machine, Service, Settings, Windows
from .windows_register import Administrator, administrators, among, deleted, others

RIGHTS, REGISTER = "user-rights", "authorisation-register"
_CLOCK_TOLERANCE = timedelta(days=2)
"""A clock that is further off says nothing on ages of months."""
_NO_PERSON = frozenset(
    {"nt authority", "nt service", "nt-autorität", "autorite nt", "iis apppool", "font driver host"}
)
"""The domain part of what Windows itself runs services as, also in German and French."""


def evaluate(seen: Windows, parameters: Parameters) -> list[Judgement]:
    """One judgement for each of the two measures."""
    computer, machine = seen.computer.answer, seen.machine.answer
    if computer is None:
        return [nothing_told(measure, seen.computer) for measure in (RIGHTS, REGISTER)]
    if computer.controller:
        return [not_applicable(measure, "on_controller") for measure in (RIGHTS, REGISTER)]
    if machine is None:
        return [nothing_told(measure, seen.machine) for measure in (RIGHTS, REGISTER)]
    return [
        _Rights(seen, computer, machine, parameters).judgement(),
        _judge_register(machine, parameters.texts("allowed_administrators")),
    ]


def _judge_register(machine: Machine, allowed: tuple[str, ...]) -> Judgement:
    found = administrators(machine)
    expected, observed = _named(allowed), _list(found)
    extra = _extra(machine, found, allowed)
    if extra:
        return failed(
            REGISTER, "register_differs", _list(extra), expected=expected, observed=observed
        )
    unclear = _unclear(machine, found, allowed)
    if unclear is not None:
        return unknown(REGISTER, unclear.id, unclear.facts, expected=expected, observed=observed)
    if not allowed:
        message = "register_to_check" if found else "register_empty_windows"
        facts = _list(found) if found else {}
        return unknown(REGISTER, message, facts, expected=expected, observed=observed)
    spare = [name for name in allowed if not any(among(machine, (name,), one) for one in found)]
    advice = (Message("register_names_others", {"accounts": tuple(sorted(spare))}),)
    return passed(
        REGISTER,
        "register_matches" if found else "no_administrators_windows",
        _list(found) if found else {},
        expected=expected,
        observed=observed,
        advice=advice if spare else (),
    )


def _extra(
    machine: Machine, found: Iterable[Administrator], allowed: tuple[str, ...]
) -> list[Administrator]:
    """Those with a name that the owner has not named; none where the owner named nobody."""
    return [
        one
        for one in found
        if allowed and one.resolved and not one.expected and not among(machine, allowed, one)
    ]


def _unclear(
    machine: Machine, found: Iterable[Administrator], allowed: tuple[str, ...]
) -> Message | None:
    """Members that nobody here can put a name to, unless the owner named them by their SID."""
    nameless = [one for one in found if not one.resolved and not among(machine, allowed, one)]
    cloud = tuple(one.sid for one in nameless if one.in_cloud)
    gone = tuple(one.sid for one in nameless if not one.in_cloud)
    if gone:
        return Message("members_nameless", {"administrators": gone})
    return Message("members_in_cloud", {"administrators": cloud}) if cloud else None


def _named(allowed: tuple[str, ...]) -> dict[str, Fact]:
    return {"administrators": tuple(sorted(allowed))} if allowed else {}


def _list(found: Iterable[Administrator]) -> dict[str, Fact]:
    """Names and rights apart, in the same order, so that the names can be covered."""
    some = tuple(found)
    return {
        "administrators": tuple(one.name for one in some),
        "rights": tuple("; ".join(one.rights) for one in some),
    }


def _accounts(names: Iterable[str]) -> dict[str, Fact]:
    return {"accounts": tuple(names)}


class _Rights:
    """The judgement of ``user-rights``."""

    def __init__(
        self, seen: Windows, computer: Computer, machine: Machine, parameters: Parameters
    ) -> None:
        self._seen = seen
        self._computer = computer
        self._machine = machine
        self._settings = seen.settings.answer or Settings()
        self._services = seen.services.answer or ()
        self._allowed = parameters.texts("allowed_administrators")
        self._free = parameters.texts("allowed_without_password")
        self._stale_days = parameters.integer("stale_days")
        self._administrators = administrators(machine)

    def judgement(self) -> Judgement:
        expected: Facts = {"stale_days": self._stale_days, **_named(self._allowed)}
        observed = self._observed()
        faults = [*self._account_faults(), *self._setting_faults(), *self._member_faults()]
        advice = tuple(self._advice())
        if faults:
            return failed(
                RIGHTS,
                faults[0].id,
                faults[0].facts,
                expected=expected,
                observed=observed,
                advice=(*faults[1:], *advice),
            )
        for told in (self._seen.settings, self._seen.services):
            if told.answer is None:
                return nothing_told(RIGHTS, told)
        unclear = self._unclear()
        if unclear is not None:
            return unknown(RIGHTS, unclear.id, unclear.facts, expected=expected, observed=observed)
        some = self._administrators
        return passed(
            RIGHTS,
            "few_rights_windows" if some else "no_administrators_windows",
            _list(some) if some else {},
            expected=expected,
            observed=observed,
            advice=advice,
        )

    def _unclear(self) -> Message | None:
        nameless = _unclear(self._machine, self._administrators, self._allowed)
        if nameless is not None:
            return nameless
        groups = [
            one.name
            for one in self._administrators
            if one.group and not one.expected and not among(self._machine, self._allowed, one)
        ]
        return Message("groups_elsewhere", {"administrators": tuple(groups)}) if groups else None

    def _observed(self) -> Facts:
        people = [each for each in self._machine.accounts if not each.disabled]
        in_others = others(self._machine)
        known = self._seen.settings.answer is not None
        return {
            **_list(self._administrators),
            "people": tuple(each.name for each in people),
            "last_log_in_days": tuple(self._days_since(self._last(each)) for each in people),
            "other_members": tuple(name for name, _ in in_others),
            "other_groups": tuple(group for _, group in in_others),
            "uac": self._settings.uac if known else None,
            "uac_for_built_in": self._settings.filtered if known else None,
            "laps": self._settings.laps is not None if known else None,
        }

    def _last(self, account: Account) -> datetime | None:
        """The last log-in on record, or when the profile was last loaded.

        The first is that of the local accounts only: a log-in that the cloud confirms (a Microsoft
        account, a PIN) may not stand in it, but does load the profile.
        """
        moments = [account.last, self._settings.loaded.get(account.sid)]
        return max((each for each in moments if each is not None), default=None)

    def _days_since(self, moment: datetime | None) -> int | None:
        return None if moment is None else max(0, (self._machine.now - moment).days)

    def _account_faults(self) -> Iterable[Message]:
        everyone = [one for one in self._administrators if one.everyone]
        if everyone:
            yield Message("everyone_administrator", _list(everyone))
        guest = self._machine.numbered(GUEST)
        if guest is not None and not guest.disabled:
            yield Message("guest_windows", _accounts([guest.name]))
        open_ones = [
            each.name
            for each in self._machine.accounts
            if not each.disabled and not each.password_required and each.number != GUEST
        ]
        if open_ones:
            yield Message("password_not_required", _accounts(open_ones))
        built_in = self._machine.numbered(BUILT_IN)
        if (
            built_in is not None
            and not built_in.disabled
            and self._computer.workstation
            # Without the settings nobody knows whether Windows looks after its password.
            and self._seen.settings.answer is not None
            and not self._managed(built_in)
        ):
            yield Message("built_in_open", _accounts([built_in.name]))
        stale = self._stale()
        if stale:
            yield Message(
                "stale_windows",
                {
                    **_accounts(each.name for each in stale),
                    "days": tuple(self._days_since(self._last(each)) for each in stale),
                    "stale_days": self._stale_days,
                },
            )

    def _managed(self, account: Account) -> bool:
        """Whether LAPS changes its password; where it names no account, that is Windows' own."""
        laps = self._settings.laps
        if laps is None:
            return False
        if laps.account:
            return laps.account.lower() == account.name.lower()
        return account.number == BUILT_IN

    def _clock_right(self) -> bool:
        return abs(self._machine.now - self._seen.at) <= _CLOCK_TOLERANCE

    def _people(self) -> list[Account]:
        return [
            each
            for each in self._machine.accounts
            if each.own and not each.disabled and not self._managed(each)
        ]

    def _stale(self) -> list[Account]:
        # Without the settings a log-in with a PIN may have been missed.
        if not self._clock_right() or self._seen.settings.answer is None:
            return []
        limit = self._machine.now - timedelta(days=self._stale_days)
        return [
            each
            for each in self._people()
            if (last := self._last(each)) is not None and last < limit
        ]

    def _setting_faults(self) -> Iterable[Message]:
        automatic = self._settings.automatic
        if automatic is not None:
            who = [o for o in self._administrators if self._same(o, *automatic)]
            if who:
                yield Message("automatic_administrator", _list(who))
        if not self._settings.uac:
            yield Message("uac_off")
        elif self._settings.consent == 0 and not all(
            among(self._machine, self._free, one) for one in self._administrators
        ):
            yield Message("uac_silent")

    def _same(self, one: Administrator, name: str, domain: str) -> bool:
        """Whether a name and domain, as a setting has them, mean this administrator."""
        if "\\" in name:
            domain, _, name = name.partition("\\")
        here = domain.lower() in ("", ".", self._machine.name.lower())
        if one.account is not None:
            return here and one.name.lower() == name.lower()
        return one.name.lower() == f"{domain}\\{name}".lower()

    def _member_faults(self) -> Iterable[Message]:
        extra = _extra(self._machine, self._administrators, self._allowed)
        if extra:
            yield Message("not_allowed", _list(extra))
        powerful = [
            (service, one)
            for service in self._of_people()
            for one in self._administrators
            if self._same(one, service.account, "")
        ]
        if powerful:
            yield Message(
                "service_administrator",
                {
                    "services": tuple(service.name for service, _ in powerful),
                    "accounts": tuple(one.name for _, one in powerful),
                },
            )

    def _of_people(self) -> list[Service]:
        """Services that run as an account with a password, which Windows then has to keep."""
        return [
            each
            for each in self._services
            if each.account.lower().removeprefix(".\\") != "localsystem"
            and each.account.partition("\\")[0].lower() not in _NO_PERSON
            # A managed account: nobody knows its password.
            and not each.account.endswith("$")
        ]

    def _advice(self) -> Iterable[Message]:
        some = self._administrators
        if some and not self._allowed:
            yield Message("administrators_not_named")
        by_group = [one for one in some if one.equal]
        if by_group:
            groups = tuple(", ".join(one.equal) for one in by_group)
            yield Message(
                "as_good_as_administrator",
                {**_accounts(one.name for one in by_group), "groups": groups},
            )
        left = deleted(self._machine)
        if left:
            yield Message("members_deleted", _accounts(left))
        weak = [s for s in self._of_people() if not any(self._same(o, s.account, "") for o in some)]
        if weak:
            yield Message(
                "service_accounts",
                {
                    "services": tuple(each.name for each in weak),
                    "accounts": tuple(each.account for each in weak),
                },
            )
        yield from self._account_advice()

    def _account_advice(self) -> Iterable[Message]:
        known = self._seen.settings.answer is not None
        built_in = self._machine.numbered(BUILT_IN)
        locals_ = [one for one in self._administrators if one.account is not None]
        on_server = known and not self._computer.workstation and built_in is not None
        if on_server and built_in and not built_in.disabled and not self._managed(built_in):
            yield Message("built_in_used", _accounts([built_in.name]))
        elsewhere = self._computer.in_domain or self._settings.joined
        if known and elsewhere and locals_ and self._settings.laps is None:
            yield Message("laps_missing", _accounts(one.name for one in locals_))
        if not self._clock_right():
            yield Message("log_ins_not_seen")
            return
        limit = timedelta(days=self._stale_days)
        # An account is at least as old as its password.
        never = [
            each.name
            for each in self._people()
            if self._last(each) is None
            and each.password_age is not None
            and each.password_age > limit
        ]
        if known and never:
            yield Message("never_used", {**_accounts(never), "stale_days": self._stale_days})
