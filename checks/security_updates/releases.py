"""Until when a release gets security updates: the dated table in ``releases.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROLLING = "rolling"
OPEN = "open-"
"""The maker has published no end, but keeps to a rule by which it lies at or after this day."""


@dataclass(frozen=True, slots=True)
class Support:
    """The last days of security updates for one release; ``None`` means there is no end.

    Attributes:
        maker: by the maker's own security team.
        free: at no cost, from whoever goes on after it (Debian LTS).
        paid: with a subscription; ``None`` where none is offered.
        sure: where the maker has published no end: until when there are updates for sure.
    """

    maker: date | None
    free: date | None
    paid: date | None = None
    sure: date | None = None


def _day(text: str) -> date | None:
    return None if text in ("", ROLLING) or text.startswith(OPEN) else date.fromisoformat(text)


def _sure(text: str) -> date | None:
    return date.fromisoformat(text.removeprefix(OPEN)) if text.startswith(OPEN) else None


def _table() -> dict[tuple[str, str], Support]:
    path = Path(__file__).with_name("releases.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {
        (row["id"], row["version"]): Support(
            _day(row["maker"]), _day(row["free"]), _day(row["paid"]), _sure(row["free"])
        )
        for row in rows
    }


TABLE = _table()


def support_of(os_release: dict[str, str]) -> Support | None:
    """What is known of the release that ``os-release`` names; ``None`` when nothing is.

    ``3.20.3`` is looked up as ``3.20.3``, ``3.20`` and ``3``. Where the table does not know it,
    the release's own ``SUPPORT_END`` counts (os-release(5)).
    """
    name = os_release.get("ID", "")
    version = os_release.get("VERSION_ID", "")
    parts = version.split(".")
    for length in range(len(parts), 0, -1):
        found = TABLE.get((name, ".".join(parts[:length])))
        if found is not None:
            return found
    rolling = TABLE.get((name, ""))
    if rolling is not None:
        return rolling
    try:
        own = date.fromisoformat(os_release.get("SUPPORT_END", ""))
    except ValueError:
        return None
    return Support(own, own)
