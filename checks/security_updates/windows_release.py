"""Which Windows it is, and until when Microsoft publishes security updates for it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assessor.api import CimAnswer, Registry, UnparsedError, read_registry

from .releases import Support

CURRENT = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("core", "coren", "coresinglelanguage", "corecountryspecific"), "pro"),
    **dict.fromkeys(("professional", "professionaln"), "pro"),
    **dict.fromkeys(("professionaleducation", "professionaleducationn"), "pro"),
    **dict.fromkeys(("professionalworkstation", "professionalworkstationn"), "pro"),
    **dict.fromkeys(
        ("enterprise", "enterprisen", "education", "educationn", "iotenterprise", "serverrdsh"),
        "ent",
    ),
    **dict.fromkeys(("enterprises", "enterprisesn", "enterpriseseval", "enterprisesneval"), "ltsc"),
    **dict.fromkeys(("iotenterprises", "iotenterprisesk"), "iot"),
}
"""The kinds of the table by ``EditionID`` in small letters."""
ANNUAL = "acor"
"""How the editions of the old semi-annual servers end; only 23H2 is in the table."""
STACK = "azurestackhci"

ESU_YEARS: Mapping[str, date] = {
    "f520e45e-7413-4a34-a497-d2765967d094": date(2026, 10, 13),
    "1043add5-23b1-4afb-9a0f-64343c8f3f8d": date(2027, 10, 12),
    "83d49986-add3-41d7-ba33-87c7bfb5c0fb": date(2028, 10, 10),
}
"""An organisation's licences for Windows 10, by activation id (Microsoft, "Enable Extended Security
Updates")."""
ESU_BUILD, ESU_REVISION = 19045, 6575
"""KB5068781 of 2025-11-11: the first that needs ESU; without, revision 6466 is the last."""
CONSUMER_ESU = date(2027, 10, 12)
LICENSED = 1


@dataclass(frozen=True, slots=True)
class Release:
    """The installed Windows.

    Attributes:
        name: for people.
        build: such as 26200.
        revision: of the build; it rises with every update.
        support: ``None`` where the table does not know it.
    """

    name: str
    build: int
    revision: int
    support: Support | None

    @property
    def version(self) -> str:
        """As Windows shows it."""
        return f"{self.build}.{self.revision}"


def _table() -> dict[tuple[int, str], tuple[str, Support]]:
    path = Path(__file__).with_name("windows_releases.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    found = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        until = date.fromisoformat(row["until"])
        paid = date.fromisoformat(row["paid"]) if row["paid"] else None
        found[int(row["build"]), row["kind"]] = (row["release"], Support(None, until, paid))
    return found


TABLE = _table()


def read_release(text: str) -> Release:
    """The installed Windows; raises ``UnparsedError``."""
    registry = read_registry(text)
    build = _text(registry, "CurrentBuild")
    edition = _text(registry, "EditionID")
    # Absent from Windows 8.1 and Server 2012 R2 (UBR came with their updates): no revision then.
    revision = registry.number(CURRENT, "UBR") or 0
    if not build.isascii() or not build.isdecimal() or len(build) > 6 or revision >= 1 << 32:
        raise UnparsedError("CurrentBuild")
    kind = _kind(edition.lower(), _text(registry, "InstallationType").lower(), int(build))
    label, support = TABLE.get((int(build), kind), ("", None))
    if not label:
        words = (registry.text(CURRENT, name) or "" for name in ("ProductName", "DisplayVersion"))
        label = " ".join(filter(None, words)) or "Windows"
    return Release(f"{label} ({edition}, {build}.{revision})", int(build), revision, support)


def _text(registry: Registry, name: str) -> str:
    value = registry.text(CURRENT, name)
    if not value:
        raise UnparsedError(name)
    return value


def _kind(edition: str, installation: str, build: int) -> str:
    if installation == "client":
        return KINDS.get(edition, "")
    if installation not in ("server", "server core", "nano server") or STACK in edition:
        return ""
    annual = edition.endswith(ANNUAL)
    return "server" if annual is (build == 25398) else ""


def extended_until(
    release: Release, licences: CimAnswer | None, subscribed: bool
) -> tuple[date | None, bool]:
    """Until when Extended Security Updates reach this machine, and whether that is all that counts.

    That it has a revision which only comes with them is the proof; a licence tells for how long.
    The second is false where licences could not be seen that might tell more.
    """
    if release.build != ESU_BUILD or release.revision < ESU_REVISION:
        return None, True
    if subscribed:
        return max(ESU_YEARS.values()), True
    if licences is None:
        return CONSUMER_ESU, False
    years = [
        ESU_YEARS[row.text("ID").lower()]
        for row in licences.rows
        if row.text("ID").lower() in ESU_YEARS and row.integer("LicenseStatus") == LICENSED
    ]
    return max(years, default=CONSUMER_ESU), True
