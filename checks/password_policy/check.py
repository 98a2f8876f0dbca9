"""Passwords: what a new one must satisfy, and when people's passwords were last changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assessor.api import (
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Outcome,
    Parameters,
    Platform,
    failed,
    not_applicable,
    not_observed,
    passed,
    unknown,
    values,
    whole_lines,
)

from . import windows, windows_policy, windows_rotation
from .accounts import Account, Password, read_shadow, read_status
from .macos import FIRST_UID as FIRST_UID_OF_A_MAC
from .macos import read_policies, read_users
from .pam import stack
from .rules import WEAK_HASHES, Rules, read_rules
from .windows import Windows

POLICY = "password-policy"
ROTATION = "password-rotation"
NAMES = 5
FIRST_UID = 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judgement rests on.

    Attributes:
        today: the day of the measurement.
        rules: ``None`` when the script's output was not whole.
        accounts: the local accounts; ``None`` when they could not be read.
        accounts_gap: why not, where a probe gave nothing.
        directory: where accounts come from besides this machine, for people.
        locks_out: repeated wrong passwords lock an account for a while.
        maximum_age: the age that new accounts get in login.defs, in days; ``None`` for no limit.
        no_pam: passwords are not changed through PAM at all; the program that does it instead.
        first_uid: the number from which on accounts are people's.
        mac: it is a Mac, where other remedies help.
    """

    today: date
    rules: Rules | None
    accounts: tuple[Account, ...] | None
    policy_gap: NotCaptured | None = None
    accounts_gap: NotCaptured | None = None
    directory: str = ""
    locks_out: bool = False
    maximum_age: int | None = None
    no_pam: str = ""
    first_uid: int = FIRST_UID
    mac: bool = False

    @property
    def people(self) -> tuple[Account, ...]:
        """The accounts of people and of root."""
        return tuple(account for account in self.accounts or () if account.human(self.first_uid))


def observe(captures: Captures) -> Facts | Windows:
    """Reads the rules and the accounts."""
    if captures.target.platform is Platform.WINDOWS:
        return windows.observe(captures)
    if captures.target.platform is Platform.MACOS:
        return _observe_mac(captures)
    today = captures.at.date()
    policy = captures.answered("policy")
    lines = None if policy is None else whole_lines(policy.stdout)
    if lines is None:
        return Facts(today, None, None, policy_gap=captures.gap("policy"))
    defaults = _defaults(values(lines, "login-defs"))
    uids = _uids(values(lines, "account"))
    accounts, gap = _accounts(captures, uids)
    program = " ".join(values(lines, "program"))
    files = _services(values(lines, "pam"))
    return Facts(
        today,
        _rules(lines, files, defaults.get("ENCRYPT_METHOD", "")),
        accounts,
        accounts_gap=gap,
        directory=", ".join(values(lines, "directory")),
        locks_out=bool(values(lines, "lockout")),
        maximum_age=_limit(defaults.get("PASS_MAX_DAYS", "")),
        no_pam="" if files else program or "passwd",
        first_uid=int(defaults["UID_MIN"])
        if defaults.get("UID_MIN", "").isdecimal()
        else FIRST_UID,
    )


def _observe_mac(captures: Captures) -> Facts:
    answer, users = captures.answered("account_policies"), captures.answered("users")
    found = None
    if answer is not None and answer.exit_status == 0:
        found = read_policies(answer.stdout)
    longest = found.maximum_age if found is not None else None
    read = None
    if users is not None and users.exit_status == 0:
        read = read_users(users.stdout, longest)
    return Facts(
        captures.at.date(),
        found.rules if found is not None else None,
        read[0] if read is not None else None,
        policy_gap=captures.gap("account_policies"),
        accounts_gap=captures.gap("users"),
        directory="Active Directory / LDAP" if read is not None and read[1] else "",
        locks_out=found is not None and found.locks_out,
        maximum_age=longest,
        first_uid=FIRST_UID_OF_A_MAC,
        mac=True,
    )


def _defaults(lines: list[str]) -> dict[str, str]:
    pairs = [line.split(None, 1) for line in lines]
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def _limit(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 5 else None


def _uids(lines: list[str]) -> dict[str, int]:
    uids = {}
    for line in lines:
        words = line.split(" ")
        if len(words) >= 2 and words[1].isdecimal() and len(words[1]) < 11:
            uids[words[0]] = int(words[1])
    return uids


def _services(lines: list[str]) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    for line in lines:
        name, _, rule = line.partition(" ")
        files.setdefault(name, []).append(rule)
    return files


def _rules(lines: Sequence[str], files: dict[str, list[str]], method: str) -> Rules:
    unreadable = values(lines, "unreadable")
    if unreadable:
        return Rules(unclear=unreadable[0])
    entries = stack(files) if files else []
    if entries is None:
        return Rules(unclear="/etc/pam.d/passwd")
    return read_rules(
        entries,
        installed=frozenset(values(lines, "module")),
        pwquality=values(lines, "pwquality"),
        passwdqc=values(lines, "passwdqc"),
        encrypt_method=method,
    )


def _accounts(
    captures: Captures, uids: dict[str, int]
) -> tuple[tuple[Account, ...] | None, NotCaptured | None]:
    """From ``passwd -Sa``, or where that does not exist so, from shadow without hashes."""
    if not uids:
        return None, None
    status = captures.answered("passwd_status")
    if status is not None and status.exit_status == 0:
        return read_status(status.stdout, uids), None
    signs, days = captures.answered("password_signs"), captures.answered("password_days")
    if signs is not None and days is not None and signs.exit_status == days.exit_status == 0:
        return read_shadow(signs.stdout, days.stdout, uids), None
    return None, captures.gap("passwd_status")


def evaluate(facts: Facts | Windows, parameters: Parameters) -> list[Judgement]:
    """One judgement for each of the two measures."""
    wanted, interval = parameters.integer("min_length"), parameters.integer("interval_days")
    if isinstance(facts, Windows):
        return [windows_policy.judge(facts, wanted), windows_rotation.judge(facts, interval)]
    return [_judge_policy(facts, wanted), _judge_rotation(facts, interval)]


def _judge_policy(facts: Facts, wanted: int) -> Judgement:
    rules = facts.rules
    if rules is None:
        return _unread(POLICY, facts)
    said: dict[str, Fact] = {"wanted": wanted}
    observed: dict[str, Fact] = {
        "shortest": rules.shortest,
        "module": rules.module,
        "enforced": rules.enforced,
        "hash_method": rules.hash_method or None,
        "locks_out": facts.locks_out,
        "directory": facts.directory or None,
    }
    advice = [Message("lockout_off")] if not facts.locks_out else []
    if rules.composition:
        advice.append(Message("composition_rules"))
    outcome, message = _policy_verdict(facts, rules, said)
    if outcome is Outcome.FAIL and message.id != "empty_password" and _nobody_has_one(facts):
        return not_applicable(POLICY, "no_passwords", {"number": len(facts.people)})
    if outcome is Outcome.PASS and not rules.dictionary:
        advice.append(Message("no_dictionary_check"))
    return Judgement(POLICY, outcome, message, {"shortest": wanted}, observed, tuple(advice))


def _policy_verdict(facts: Facts, rules: Rules, said: dict[str, Fact]) -> tuple[Outcome, Message]:
    empty = [account for account in facts.accounts or () if account.password is Password.EMPTY]
    if empty:
        return Outcome.FAIL, Message("empty_password", {"names": _names(empty)})
    if facts.directory:
        return Outcome.UNKNOWN, Message("policy_elsewhere", {"directory": facts.directory})
    if rules.unclear:
        return Outcome.UNKNOWN, Message("rules_unclear", {"setting": rules.unclear})
    if facts.no_pam:
        if facts.no_pam.endswith("busybox"):
            return Outcome.FAIL, Message("no_quality_check", said)
        return Outcome.UNKNOWN, Message("no_pam", {"program": facts.no_pam})
    if rules.hash_method in WEAK_HASHES:
        return Outcome.FAIL, Message("weak_hash", {"method": rules.hash_method})
    if rules.module and not rules.enforced and rules.shortest is None:
        return Outcome.FAIL, Message("not_enforced", {**said, "module": rules.module})
    if rules.shortest is None:
        return Outcome.FAIL, Message("no_policy_on_mac" if facts.mac else "no_quality_check", said)
    found = {**said, "shortest": rules.shortest}
    wanted = said["wanted"]
    if isinstance(wanted, int) and rules.shortest < wanted:
        return Outcome.FAIL, Message("too_short_on_mac" if facts.mac else "too_short", found)
    if not rules.hash_method:
        return Outcome.UNKNOWN, Message("hash_unknown", found)
    return Outcome.PASS, Message("strong", found)


def _nobody_has_one(facts: Facts) -> bool:
    return facts.accounts is not None and all(
        account.password is Password.NONE for account in facts.accounts
    )


def _judge_rotation(facts: Facts, interval: int) -> Judgement:
    if facts.rules is None and not facts.mac:
        # The list of accounts, by which the other answers are checked, comes with the rules.
        return _unread(ROTATION, facts)
    if facts.accounts is None:
        if facts.accounts_gap is not None:
            return not_observed(ROTATION, facts.accounts_gap)
        return unknown(ROTATION, "accounts_unread")
    having = [account for account in facts.people if account.password is Password.USABLE]
    if not having and not facts.directory:
        return not_applicable(ROTATION, "no_passwords", {"number": len(facts.people)})
    ages = {
        account: (facts.today - account.changed).days
        for account in having
        if account.changed is not None and account.changed <= facts.today
    }
    undated = [account for account in having if account not in ages]
    overdue = sorted((a for a in ages if ages[a] > interval), key=lambda a: -ages[a])
    oldest = max(ages.values(), default=None)
    expected: dict[str, Fact] = {"interval_days": interval}
    observed: dict[str, Fact] = {
        "passwords": len(having),
        "overdue": len(overdue),
        "oldest_days": oldest,
        "undated": len(undated),
        "maximum_age_new_accounts": facts.maximum_age,
    }
    advice = [Message("forced_rotation_discouraged")]
    if overdue:
        said: dict[str, Fact] = {
            "number": len(overdue),
            "days": ages[overdue[0]],
            "interval": interval,
            "names": _names(overdue),
        }
        return failed(
            ROTATION, "overdue", said, expected=expected, observed=observed, advice=tuple(advice)
        )
    if facts.directory:
        return unknown(
            ROTATION,
            "accounts_elsewhere",
            {"directory": facts.directory},
            expected=expected,
            observed=observed,
        )
    if undated:
        return unknown(
            ROTATION,
            "date_unknown",
            {"names": _names(undated), "number": len(undated)},
            expected=expected,
            observed=observed,
        )
    if any(account.longest is None or account.longest > interval for account in having):
        advice.insert(0, Message("not_demanded", {"interval": interval}))
    return passed(
        ROTATION,
        "rotated",
        {"number": len(having), "days": oldest or 0, "interval": interval},
        expected=expected,
        observed=observed,
        advice=tuple(advice),
    )


def _unread(measure: str, facts: Facts) -> Judgement:
    if facts.policy_gap is not None:
        return not_observed(measure, facts.policy_gap)
    return unknown(measure, "unparsed")


def _names(accounts: list[Account]) -> str:
    names = [account.name for account in accounts]
    shown = ", ".join(names[:NAMES])
    return shown if len(names) <= NAMES else f"{shown}, … (+{len(names) - NAMES})"


CHECK = Check(observe=observe, evaluate=evaluate)
