"""The MTA-STS policy of a domain (RFC 8461): what it asks, and whether it can be used."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import LookedUp

from .answers import Policy
from .dane import stands_for

_RECORD = "v=stsv1"
# Of these the domain is the cause; the others may as well be the way there.
_BROKEN = frozenset({"not-trusted", "no-tls", "not-http", "status", "no-address", "flood"})


@dataclass(frozen=True, slots=True)
class Sts:
    """What a sending mail server makes of a domain's MTA-STS.

    Attributes:
        state: ``none`` (not used), ``usable``, ``broken`` (a policy is announced that cannot be
            used) or ``unknown``.
        detail: what is broken or unknown.
        mode: ``enforce``, ``testing`` or ``none``.
        patterns: the names that mail servers may have.
        max_age: seconds for which it is remembered.
    """

    state: str
    detail: str = ""
    mode: str = ""
    patterns: tuple[str, ...] = ()
    max_age: int = 0

    def allows(self, host: str) -> bool:
        """Whether mail may be given to ``host``."""
        return any(stands_for(pattern, host) for pattern in self.patterns)


def read_sts(record: LookedUp, policy: Policy | None) -> Sts:
    """What the record in the DNS and the policy amount to."""
    if not record.usable:
        return Sts("unknown", "_mta-sts")
    announced = [text for text in record.records if _announces(text)]
    if not announced:
        return Sts("none")
    if len(announced) > 1:
        return Sts("broken", "_mta-sts: 2 × v=STSv1")
    if policy is None:
        return Sts("unknown", "mta-sts.txt")
    if policy.outcome != "fetched":
        state = "broken" if policy.outcome in _BROKEN else "unknown"
        said = str(policy.status) if policy.outcome == "status" else policy.detail
        return Sts(state, f"{policy.outcome}: {said}" if said else policy.outcome)
    return _read(policy.body)


def _announces(text: str) -> bool:
    first, _, rest = text.partition(";")
    return first.strip().lower() == _RECORD and any(
        word.strip().lower().startswith("id=") for word in rest.split(";")
    )


def _read(body: str) -> Sts:
    """RFC 8461, 3.2: lines of ``key: value``; of all keys but ``mx``, the first one counts."""
    values: dict[str, str] = {}
    patterns = []
    for line in body.splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            continue
        name, value = name.strip().lower(), value.strip()
        if name == "mx":
            patterns.append(value)
        else:
            values.setdefault(name, value)
    mode, age = values.get("mode", ""), values.get("max_age", "")
    if values.get("version") != "STSv1":
        return Sts("broken", "version")
    if mode not in ("enforce", "testing", "none"):
        return Sts("broken", "mode")
    if not age.isdigit() or len(age) > 10:
        return Sts("broken", "max_age")
    if not patterns and mode != "none":
        return Sts("broken", "mx")
    return Sts("usable", "", mode, tuple(patterns), int(age))
