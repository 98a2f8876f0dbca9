"""Reads ``windows_update_agent.ps1``: what Windows Update installed, what waits, when it looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assessor.api import Fields, UnparsedError, read_object

from .facts import Pending
from .windows_installs import ARTICLE, OTHER, Install, install

SECURITY = "0fa1201d-4330-4fa8-8ae9-b877473b6441"
CRITICAL = "e6cf1350-c01b-414d-a61f-263d14d133b4"
DEFINITIONS = "e0789628-ce08-4437-be74-2495b842f43b"
"""Classifications of updates (Microsoft, "WSUS Classification GUIDs"). Definitions are for virus
scanners, of which another check judges the age."""
INSTALLATION, REMOVAL = 1, 2
SUCCEEDED = (2, 3)
"""OperationResultCode: succeeded, and succeeded with errors (wuapi.h)."""
COMPLETE = 2


@dataclass(frozen=True, slots=True)
class Agent:
    """What the Windows Update Agent knows.

    Attributes:
        fault: the HRESULT by which it refused to say what waits; 0 where it did say.
        complete: its search went without errors.
        pending: the security updates that wait.
        other: how many others wait.
        searched: when it last looked for updates with success.
        restart: it waits for a restart; ``None`` where it does not say.
        installs: the updates of Windows that it installed.
    """

    fault: int
    complete: bool
    pending: tuple[Pending, ...]
    other: int
    searched: datetime | None
    restart: bool | None
    installs: tuple[Install, ...]


def read_agent(text: str, build: int, exact: bool) -> Agent:
    """The answer; raises ``UnparsedError``.

    Args:
        text: the script's output.
        build: of this Windows.
        exact: the dates are Microsoft's own, and not those of a server of the organisation.
    """
    found = read_object(text)
    faults = found.part("faults")
    codes = {
        name: _code(faults, name) for name in ("agent", "history", "search", "results", "system")
    }
    rows = found.rows("pending")
    fault = codes["agent"] or codes["search"]
    if len(rows) != found.integer("waiting") and not fault:
        raise UnparsedError("waiting")
    secure = [row for row in rows if _is_security(row)]
    _moment(found, "installed")
    return Agent(
        fault=fault,
        complete=found.integer("result") == COMPLETE,
        pending=tuple(_pending(row, exact) for row in secure),
        other=len(rows) - len(secure),
        searched=_moment(found, "searched"),
        restart=found.optional_boolean("restart"),
        installs=tuple(_installs(found.rows("history"), build)),
    )


def _code(faults: Fields, name: str) -> int:
    code = faults.integer(name)
    if not 0 <= code < 1 << 32:
        raise UnparsedError(name)
    return code


def _moment(row: Fields, name: str) -> datetime | None:
    """A moment; the agent gives the year 1899 for what never was."""
    moment = None if row.value(name) is None else row.moment(name)
    return moment if moment is not None and moment.year > 2000 else None


def _is_security(row: Fields) -> bool:
    categories = {category.lower() for category in row.texts("categories")}
    rated = bool(row.text("severity"))
    if DEFINITIONS in categories or not OTHER.isdisjoint(row.texts("articles")):
        return False
    return rated or not categories.isdisjoint({SECURITY, CRITICAL})


def _pending(row: Fields, exact: bool) -> Pending:
    articles = row.texts("articles")
    name = f"KB{articles[0]}" if articles else row.text("title")
    published = _moment(row, "date")
    return Pending(name, published, exact and published is not None, row.boolean("hidden"))


def _installs(rows: tuple[Fields, ...], build: int) -> list[Install]:
    """The updates that were installed, without those that were removed again."""
    removed: dict[str, datetime] = {}
    found = []
    for row in rows:
        title, operation, result = (
            row.text("title"),
            row.integer("operation"),
            row.integer("result"),
        )
        at = _moment(row, "date")
        if at is None or result not in SUCCEEDED:
            continue
        article = ARTICLE.search(title)
        if operation == REMOVAL and article is not None:
            removed[article[1]] = max(at, removed.get(article[1], at))
        one = install(title, at, build) if operation == INSTALLATION else None
        if one is not None:
            found.append((at, one))
    return [one for at, one in found if removed.get(one.article, at) <= at]
