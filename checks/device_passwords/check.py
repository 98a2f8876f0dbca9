"""Were the passwords of the Wi-Fi and of the device's administrators changed in time?

A configuration does not say when a password was set. So its keyed fingerprint is compared with what
earlier runs saw. A change lies somewhere between the last run with the old mark and the first with
the new one; before two runs span the interval nothing is proven, and the report names the day from
which it can be. Where the device's own log or history names the day of a change, that counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from assessor.api import (
    Captures,
    Check,
    Device,
    Fact,
    Judgement,
    Known,
    Parameters,
    Secret,
    Told,
    Topic,
    failed,
    not_applicable,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

MEASURE = "password-rotation"
MOST = 6


@dataclass(frozen=True, slots=True)
class Use:
    """How long one secret has been in use.

    Attributes:
        least: it has been in use since this moment at the least.
        most: it was set after this moment; ``None`` where nothing says so.
    """

    label: str
    least: datetime
    most: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judgement rests on.

    Attributes:
        uses: the secrets of which something is known.
        marks: what the next run has to know.
        hidden: secrets that the export left out.
        unstable: secrets that are written otherwise at every export, so that nothing can be seen.
    """

    at: datetime
    told: Told[Device]
    uses: tuple[Use, ...] = ()
    marks: Mapping[str, str] | None = None
    hidden: tuple[str, ...] = ()
    unstable: tuple[str, ...] = ()


def observe(captures: Captures) -> Facts:
    told = told_of_device(captures)
    device = told.answer
    if device is None:
        return Facts(captures.at, told)
    secrets = device.secrets()
    visible = {label: one for label, one in secrets.items() if one.mark and one.stable}
    uses = tuple(
        use
        for label, secret in secrets.items()
        if (use := _use(label, secret, device, captures)) is not None
    )
    dated = {use.label for use in uses}
    return Facts(
        captures.at,
        told,
        uses,
        {label: secret.mark for label, secret in visible.items()},
        tuple(label for label, one in secrets.items() if not one.mark and label not in dated),
        tuple(
            label
            for label, one in secrets.items()
            if one.mark and not one.stable and label not in dated
        ),
    )


def _use(label: str, secret: Secret, device: Device, captures: Captures) -> Use | None:
    """What is known of a secret's age: from the device's own log, or from earlier runs."""
    now = captures.at
    if (logged := device.secret_changes.get(label)) is not None and logged <= now:
        return Use(label, logged, logged)
    # Whatever stands in a configuration has stood there since its last change at the least.
    least = device.changed_at if device.changed_at and device.changed_at <= now else now
    if not secret.mark or not secret.stable:
        return Use(label, least, None) if least < now else None
    known = captures.known.get(label)
    if known is None:
        return Use(label, least, None)
    return _compared(label, secret.mark, known, least, now)


def _compared(label: str, mark: str, known: Known, least: datetime, now: datetime) -> Use:
    if known.mark == mark:
        return Use(label, min(known.since, least), known.before)
    return Use(label, now, known.seen)


def evaluate(facts: Facts, parameters: Parameters) -> list[Judgement]:
    return [_judge(facts, parameters.integer("interval_days"))]


def _judge(facts: Facts, interval: int) -> Judgement:
    device = facts.told.answer
    if device is None:
        return nothing_told(MEASURE, facts.told)
    if device.accounts is None and not device.wifi:
        return unknown(MEASURE, "not_told")
    limit = facts.at - timedelta(days=interval)
    expected: dict[str, Fact] = {"interval_days": interval}
    observed: dict[str, Fact] = {"secrets": len(facts.uses)}
    if overdue := [use for use in facts.uses if use.least < limit]:
        oldest = min(use.least for use in overdue)
        found: dict[str, Fact] = {
            "names": _labels(use.label for use in overdue),
            "since": oldest.date().isoformat(),
            "interval": interval,
        }
        return failed(MEASURE, "overdue", found, expected=expected, observed=observed)
    if lines := [*device.unread.get(Topic.ACCOUNTS, ()), *device.unread.get(Topic.WIFI, ())]:
        return unknown(MEASURE, "unread", {"lines": " / ".join(lines[:4])}, expected=expected)
    if facts.unstable:
        return unknown(MEASURE, "unstable", {"names": _labels(facts.unstable)}, expected=expected)
    if facts.hidden:
        return unknown(MEASURE, "hidden", {"names": _labels(facts.hidden)}, expected=expected)
    if waiting := [use for use in facts.uses if use.most is None or use.most < limit]:
        # By then the mark has either changed, or has been in use for too long.
        shown = max(use.least for use in waiting) + timedelta(days=interval + 1)
        found = {
            "names": _labels(use.label for use in waiting),
            "since": min(use.least for use in waiting).date().isoformat(),
            "from": shown.date().isoformat(),
        }
        return unknown(MEASURE, "not_yet", found, expected=expected, observed=observed)
    if not facts.uses and any(account.enabled for account in device.accounts or ()):
        return unknown(MEASURE, "not_told", expected=expected)
    if not facts.uses:
        return not_applicable(MEASURE, "no_secrets")
    oldest = min(use.most for use in facts.uses if use.most is not None)
    found = {"number": len(facts.uses), "after": oldest.date().isoformat(), "interval": interval}
    return passed(MEASURE, "changed_in_time", found, expected=expected, observed=observed)


def _labels(labels: Iterable[str]) -> str:
    texts = list(labels)
    return ", ".join([*texts[:MOST], *(["..."] if len(texts) > MOST else [])])


def remember(facts: Facts) -> Mapping[str, str]:
    return facts.marks or {}


CHECK = Check(observe=observe, evaluate=evaluate, remember=remember)
