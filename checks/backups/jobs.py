"""The jobs that make or test backups: services of systemd, and lines of cron."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from assessor.api import Record

from .commands import Action, Level, actions

# Copies of a distribution's own lists, not of data.
_OWN_OF_SYSTEM = frozenset(
    {
        "/etc/cron.daily/dpkg",
        "/etc/cron.daily/passwd",
        "/etc/cron.daily/aptitude",
        "/etc/cron.daily/apt-compat",
    }
)
ROOTS_CRONTAB = "crontab(root)"
_SHELL = re.compile(r"(?:/\S*/)?(?:ba|da|k|z|a)?sh(?: -[a-z]+)* -[a-z]*c (.*)", re.DOTALL)


class Result(StrEnum):
    """How the last run ended, as far as the machine shows."""

    SUCCESS = "success"
    FAILED = "failed"
    NEVER = "never"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Job:
    """Something that makes or tests backups.

    Attributes:
        name: the unit, or the file of cron that holds the line.
        actions: what it does; empty when only its name speaks of backups.
        scheduled: it runs by itself; ``None`` when it is started in another way.
        result: how the last run ended.
        finished: when that was, in seconds since 1970.
        triggered: when its timer last went off, in seconds since 1970.
        destinations: where the backups go; empty when that cannot be seen.
        by_cron: cron runs it.
    """

    name: str
    actions: tuple[Action, ...]
    scheduled: bool | None
    result: Result
    finished: int | None = None
    triggered: int | None = None
    destinations: tuple[str, ...] = ()
    by_cron: bool = False

    @property
    def makes_backups(self) -> bool:
        """Whether it makes backups, or may do so by its name."""
        return not self.actions or any(a.level is Level.COPY_MADE for a in self.actions)

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs it runs."""
        return tuple(dict.fromkeys(action.tool for action in self.actions))

    @property
    def unencrypted(self) -> bool:
        """Whether it makes plain copies: whoever gets hold of the backup can read it."""
        makers = [a for a in self.actions if a.level is Level.COPY_MADE]
        return bool(makers) and all(action.plain for action in makers)

    def shown(self, level: Level) -> bool:
        """Whether its last success shows an action of ``level``."""
        return self.result is Result.SUCCESS and any(
            action.level is level and action.proven for action in self.actions
        )


@dataclass(slots=True)
class _Script:
    lines: list[str] = field(default_factory=list)
    stops_at_errors: bool = False
    last_matters: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """The scripts and settings of the machine that jobs may use.

    Attributes:
        scripts: what the scripts do, by path.
        destinations: the destinations that a script or settings file names, by path.
        by_tool: the destinations that the settings of a program name, by program.
        kept: for how long backups are kept, in the words of the settings and commands.
    """

    scripts: Mapping[str, tuple[Action, ...]]
    destinations: Mapping[str, tuple[str, ...]]
    by_tool: Mapping[str, tuple[str, ...]]
    kept: tuple[str, ...] = ()


def read_texts(found: tuple[Record, ...]) -> Texts:
    """Reads the records on scripts and settings."""
    scripts: dict[str, _Script] = {}
    configs: dict[str, list[str]] = {}
    path = ""
    for kind, text in found:
        if kind == "script":
            path = text
            scripts[path] = _Script()
        elif kind == "script_line" and path in scripts:
            _script_line(scripts[path], text)
        elif kind == "config":
            path = text
            configs.setdefault(path, [])
        elif kind == "config_line" and path in configs:
            configs[path].append(text)
    destinations = {
        path: tuple(_named_destinations(path, lines)) for path, lines in configs.items()
    }
    named = dict(destinations)
    for path, script in scripts.items():
        inside = list(_named_destinations(path, script.lines))
        for line in script.lines:
            sourced = re.match(r"\s*(?:\.|source)\s+(\S+)", line)
            if sourced is not None:
                inside += destinations.get(sourced[1].strip("\"'"), ())
        named[path] = tuple(dict.fromkeys(inside))
    by_tool: dict[str, list[str]] = {}
    for path, places in destinations.items():
        for tool in (
            "restic",
            "borgmatic",
            "rsnapshot",
            "autorestic",
            "duply",
            "borg",
            "pgbackrest",
        ):
            if tool in path:
                by_tool.setdefault(tool, []).extend(places)
                break
    return Texts(
        {path: _script_actions(script) for path, script in scripts.items()},
        named,
        {tool: tuple(dict.fromkeys(places)) for tool, places in by_tool.items()},
        tuple(dict.fromkeys(_kept(found))),
    )


def _kept(found: tuple[Record, ...]) -> Iterable[str]:
    for kind, text in found:
        if kind == "config_line" and _KEPT.fullmatch(text):
            yield " ".join(text.split())
        elif kind in ("script_line", "service", "cron", "user_timer"):
            yield from _KEPT_BY_COMMAND.findall(text)


def _script_line(script: _Script, text: str) -> None:
    if text == "errexit":
        script.stops_at_errors = True
    elif text == "last":
        script.last_matters = True
    elif text.startswith("text "):
        script.lines.append(text.removeprefix("text "))


def _script_actions(script: _Script) -> tuple[Action, ...]:
    """What a script does; without "set -e" only its last line decides how it ends."""
    found: list[Action] = []
    for position, line in enumerate(script.lines):
        is_last = script.last_matters and position == len(script.lines) - 1
        decides = script.stops_at_errors or is_last
        found += [action if decides else action.doubted() for action in actions(line)]
    return tuple(found)


_ASSIGNED = re.compile(
    r"\s*(?:export\s+)?(?:(?:RESTIC_REPOSITORY|BORG_REPO|TARGET)=|repository\s*[=:]|snapshot_root\s)"
    r"\s*(.+)"
)
_PGBACKREST = re.compile(
    r"\s*repo[0-9]*-(path|host|sftp-host|s3-endpoint|azure-container|gcs-bucket)\s*=\s*(\S+)\s*"
)
_PGBACKREST_ADDRESSES: Mapping[str, str] = {
    "host": "ssh://{}",
    "sftp-host": "sftp://{}",
    "s3-endpoint": "s3:{}/",
    "azure-container": "azure:{}",
    "gcs-bucket": "gs:{}",
}
_KEPT = re.compile(
    r"\s*(keep_\w+:\s*\S+|retain\s+\S+\s+[0-9]+|repo[0-9]*-retention-full\s*=\s*[0-9]+"
    r"|(?:MAX_AGE|MAX_FULL_BACKUPS)=\S+)\s*"
)
_KEPT_BY_COMMAND = re.compile(r"--keep-(?:last|hourly|daily|weekly|monthly|yearly|within)[ =]\S+")


def _named_destinations(path: str, lines: Iterable[str]) -> Iterable[str]:
    in_list = False
    if "pgbackrest" in path:
        yield from _of_pgbackrest(lines)
        return
    for line in lines:
        assigned = _ASSIGNED.match(line)
        if assigned is not None:
            yield assigned[1].strip().strip("\"'")
        elif line.strip() == "repositories:":
            in_list = True
        elif in_list:
            item = re.fullmatch(r"\s*(?:-\s+)?(?:path:\s*)?[\"']?([^\"']+?)[\"']?\s*", line)
            is_label = re.match(r"\s*(?:-\s+)?(label|name|frequency|checks):", line) is not None
            if item is not None and not is_label and item[1] not in ("-", ""):
                yield item[1]


def _of_pgbackrest(lines: Iterable[str]) -> Iterable[str]:
    """Its repositories: an address where there is one, else the folder here."""
    found = [entry.groups() for line in lines if (entry := _PGBACKREST.fullmatch(line))]
    far = [_PGBACKREST_ADDRESSES[key].format(value) for key, value in found if key != "path"]
    yield from far or [value for key, value in found if key == "path"]


def read_jobs(
    found: tuple[Record, ...], texts: Texts, root_lines: tuple[str, ...] = ()
) -> tuple[Job, ...]:
    """All jobs, those of systemd first."""
    timers = {timer["Unit"]: timer for timer in _blocks(found, "timer") if timer.get("Unit")}
    services = [
        job
        for service in _blocks(found, "service")
        if (job := _service(service, timers, texts)) is not None
    ]
    tables = [text for kind, text in found if kind == "cron"]
    tables += [f"{ROOTS_CRONTAB} {line}" for line in root_lines]
    return (*services, *_user_timers(found, texts), *_cron(tables, texts))


def _blocks(found: tuple[Record, ...], kind: str) -> Iterable[dict[str, str]]:
    """The blocks of ``systemctl show``; a repeated property is joined by line breaks."""
    block: dict[str, str] = {}
    for name, text in (*found, (kind, "")):
        if name != kind:
            continue
        key, equals, value = text.partition("=")
        if not equals:
            if block.get("Id"):
                yield block
            block = {}
        else:
            block[key] = f"{block[key]}\n{value}" if key in block else value


def _service(
    block: Mapping[str, str], timers: Mapping[str, Mapping[str, str]], texts: Texts
) -> Job | None:
    name = block["Id"]
    commands = list(_exec_starts(block.get("ExecStart", "")))
    done: list[Action] = []
    places: list[str] = block.get("Repository", "").split()
    for command, ignored in commands:
        shell = _SHELL.fullmatch(command)
        inner = shell[1] if shell is not None else command
        found = actions(inner) or tuple(
            action for word in inner.split() for action in texts.scripts.get(word, ())
        )
        done += [action.doubted() if ignored else action for action in found]
        for word in inner.split():
            places += texts.destinations.get(word.strip("\"'"), ())
    for line in block.get("EnvironmentFiles", "").split("\n"):
        places += texts.destinations.get(line.partition(" ")[0].removeprefix("-"), ())
    named = re.search(r"backup|back-up", name, re.IGNORECASE) is not None
    timer = timers.get(name)
    if not done and not (named and timer is not None):
        return None
    if block.get("LoadState") != "loaded":
        return None
    result, finished = _result(block)
    return Job(
        name=name,
        actions=tuple(done),
        scheduled=None if timer is None else timer.get("ActiveState") == "active",
        result=result,
        finished=finished,
        triggered=timestamp(timer.get("LastTriggerUSec", "")) if timer is not None else None,
        destinations=_destinations(done, places, texts),
    )


def _destinations(done: Iterable[Action], places: Iterable[str], texts: Texts) -> tuple[str, ...]:
    """Where a job's backups go: as its commands say, else as its own or its program's settings."""
    told = [place for action in done for place in action.destinations]
    own = told or list(places)
    if not own:
        own = [place for action in done for place in texts.by_tool.get(action.tool, ())]
    # What a variable stands for is not known here.
    return tuple(dict.fromkeys(place for place in own if place and "$" not in place))


def _exec_starts(text: str) -> Iterable[tuple[str, bool]]:
    """The command lines of ``ExecStart``, and whether their failure is ignored."""
    for line in text.split("\n"):
        found = re.match(r"\{ path=(.*?) ; argv\[\]=(.*) ; ignore_errors=(yes|no) ; ", line)
        if found is not None:
            yield found[2], found[3] == "yes"


def _result(block: Mapping[str, str]) -> tuple[Result, int | None]:
    finished = timestamp(block.get("ExecMainExitTimestamp", ""))
    if block.get("ActiveState") not in ("inactive", "failed", "active"):
        return Result.UNSEEN, None
    if finished is None:
        # systemd forgets at a restart: never, or not since then.
        return Result.NEVER, None
    if block.get("Result") == "success" and block.get("ExecMainStatus") == "0":
        return Result.SUCCESS, finished
    return (Result.FAILED if block.get("Result") else Result.UNSEEN), finished


def timestamp(text: str) -> int | None:
    """``Wed 2026-11-25 02:26:58 UTC`` in seconds since 1970; ``None`` for anything else."""
    found = re.fullmatch(
        r"[A-Z][a-z]{2} ([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) UTC", text
    )
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - UTC, below
    except ValueError:
        return None
    return int(moment.replace(tzinfo=UTC).timestamp())


def _user_timers(found: tuple[Record, ...], texts: Texts) -> Iterable[Job]:
    """Timers of people, of which neither the state nor the result can be seen by others."""
    for kind, text in found:
        path, _, command = text.partition(" ")
        if kind != "user_timer":
            continue
        done = actions(command) or tuple(
            action for word in command.split() for action in texts.scripts.get(word, ())
        )
        places = [p for word in command.split() for p in texts.destinations.get(word, ())]
        yield Job(path, done, None, Result.UNSEEN, destinations=_destinations(done, places, texts))


def _cron(tables: Iterable[str], texts: Texts) -> Iterable[Job]:
    for text in tables:
        path, _, line = text.partition(" ")
        if path in _OWN_OF_SYSTEM:
            continue
        done = actions(line) or tuple(
            action for word in line.split() for action in texts.scripts.get(word, ())
        )
        if not done and not re.search(r"backup|back-up", line, re.IGNORECASE):
            continue
        places = [p for word in line.split() for p in texts.destinations.get(word, ())]
        # cron keeps no result: it may mail it, to someone.
        yield Job(
            name=path,
            actions=done,
            scheduled=True,
            result=Result.UNSEEN,
            destinations=_destinations(done, places, texts),
            by_cron=True,
        )
