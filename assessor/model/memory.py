"""What earlier runs saw of the secrets on a target: their marks, never the secrets.

A password's keyed fingerprint stays the same while the password does. So from run to run it is
known since when one has been in use, although it was never stored. Between two runs nothing was
seen: a change lies somewhere between the last run with the old mark and the first with the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Known:
    """One secret, as the runs before saw it.

    Attributes:
        mark: its fingerprint when it was last seen.
        since: the first run that saw this mark, in UTC.
        seen: the last run that saw it.
        before: the last run that saw another mark, after which it was changed; ``None`` where no
            run did.
    """

    mark: str
    since: datetime
    seen: datetime
    before: datetime | None = None

    def again(self, mark: str, at: datetime) -> Known:
        """What is known after a run at ``at`` saw ``mark``."""
        if at < self.seen:
            return self  # an older run, evaluated once more
        if mark == self.mark:
            return replace(self, seen=at)
        return Known(mark, at, at, self.seen)


Place = tuple[str, str]
"""A target's name and a check's id."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of the secrets of all targets, by target and check, then by label."""

    secrets: Mapping[str, Mapping[str, Mapping[str, Known]]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def of(self, target: str, check: str) -> Mapping[str, Known]:
        """The secrets that ``check`` saw on ``target``, by label."""
        return self.secrets.get(target, {}).get(check, {})

    def after(self, seen: Mapping[Place, Mapping[str, str]], at: datetime) -> Memory:
        """What is known after a run at ``at`` saw these marks, by label.

        What a run did not see (a machine that was off) stays as it was known.
        """
        secrets = {name: dict(checks) for name, checks in self.secrets.items()}
        for (target, check), marks in seen.items():
            known = dict(secrets.get(target, {}).get(check, {}))
            for label, mark in marks.items():
                earlier = known.get(label)
                known[label] = earlier.again(mark, at) if earlier else Known(mark, at, at)
            secrets.setdefault(target, {})[check] = known
        return Memory(secrets)
