"""Makes targets of the groups and targets that files name."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from assessor.inputs.devices import check_device
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.settings import (
    GroupSettings,
    InventorySettings,
    SecretSettings,
    TargetSettings,
    WinrmSettings,
)
from assessor.inputs.windows import check_windows
from assessor.model.target import (
    DeviceOs,
    Platform,
    Privilege,
    Role,
    SecretPurpose,
    SecretSource,
    Target,
    TransportKind,
    Winrm,
    WinrmLogin,
)
from assessor.yamlfile import Located, Step

EVERY_TARGET = "all"
"""The group that every target is in."""

SEEN_FROM_OUTSIDE = frozenset({Role.SITE, Role.MAIL_DOMAIN})
"""Roles that have no shell to enter."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A target as one file names it."""

    name: str
    settings: TargetSettings
    located: Located


@dataclass(frozen=True, slots=True)
class _Group:
    """A group as one file names it."""

    settings: GroupSettings
    folder: Path


def make_targets(
    sheets: Iterable[tuple[InventorySettings, Located]], problems: Problems
) -> tuple[Target, ...]:
    """The targets of all files, in their order, with the settings of their groups applied.

    Faults are noted in ``problems``; a target that has one is left out.
    """
    groups: dict[str, _Group] = {}
    entries: list[_Entry] = []
    for settings, located in sheets:
        _take_groups(settings, located, groups, problems)
        entries.extend(_entries(settings, located))
    names: dict[str, Located] = {}
    targets = []
    for entry in entries:
        first = names.setdefault(entry.name.casefold(), entry.located)
        if first is not entry.located:
            problems.add(
                f"the target {entry.name!r} stands here and at {first.place()}",
                entry.located,
                mend="give one of them another name (capitals make no difference)",
            )
            continue
        target = _target(entry, groups, problems)
        if target is not None:
            targets.append(target)
    return tuple(targets)


def _take_groups(
    settings: InventorySettings, located: Located, groups: dict[str, _Group], problems: Problems
) -> None:
    for name, group in (settings.groups or {}).items():
        if name in groups:
            problems.add(
                f"the group {name!r} stands in another file as well",
                located,
                "groups",
                name,
                mend="keep one of them",
            )
        groups[name] = _Group(group or GroupSettings(), located.path.parent)


def named_targets(settings: InventorySettings, located: Located) -> Iterator[tuple[str, Located]]:
    """Name and place of every target that a file names."""
    for entry in _entries(settings, located):
        yield entry.name, entry.located


def _entries(settings: InventorySettings, located: Located) -> Iterator[_Entry]:
    if isinstance(settings.targets, dict):
        for name, target in settings.targets.items():
            yield _Entry(name, target or TargetSettings(), located.at("targets", name))
    else:
        for position, named in enumerate(settings.targets or ()):
            yield _Entry(named.name, named, located.at("targets", position))


def _target(entry: _Entry, groups: Mapping[str, _Group], problems: Problems) -> Target | None:
    layers = _layers(entry, groups, problems)
    if layers is None:
        return None
    faults = len(problems)
    role = _last(layer.role for layer, _ in layers)
    if role is None:
        problems.add(
            "is missing",
            entry.located,
            field=f"{_field(entry)}.role",
            mend=f"write role: and one of {', '.join(Role)}",
        )
        return None
    platform_word = _last(layer.platform for layer, _ in layers)
    transport = TransportKind(
        _last(layer.transport for layer, _ in layers)
        or _usual_transport(Role(role), platform_word, entry.settings.file)
    )
    _check_transport(entry, Role(role), transport, problems)
    address = entry.settings.address or entry.name
    if len(problems) > faults:
        return None
    secrets, options = _merged(layers)
    target = Target(
        name=entry.name,
        role=Role(role),
        transport=transport,
        platform=_platform(transport, platform_word),
        address=address,
        port=_last(layer.port for layer, _ in layers),
        user=_last(layer.user for layer, _ in layers),
        jump=_last(layer.jump for layer, _ in layers) or (),
        privilege=Privilege(_last(layer.privilege for layer, _ in layers) or Privilege.NONE),
        identity_files=_paths((layer.identity_files, folder) for layer, folder in layers),
        known_hosts=_paths((layer.known_hosts, folder) for layer, folder in layers),
        secrets=MappingProxyType(secrets),
        tags=tuple(dict.fromkeys(tag for layer, _ in layers for tag in layer.tags or ())),
        options=MappingProxyType(options),
        winrm=_winrm(layers),
        device=_device(platform_word),
        file=located_path(entry.settings.file, layers[-1][1]) if entry.settings.file else "",
        certificate_sha256=_last(layer.certificate_sha256 for layer, _ in layers) or "",
        label=entry.settings.label or "",
        groups=tuple(dict.fromkeys(entry.settings.groups or ())),
        site=_last(layer.site for layer, _ in layers) or "",
    )
    check_windows(target, entry.located, _field(entry), problems)
    check_device(target, entry.located, _field(entry), problems)
    return None if len(problems) > faults else target


def _layers(
    entry: _Entry, groups: Mapping[str, _Group], problems: Problems
) -> list[tuple[GroupSettings, Path]] | None:
    """The settings that hold for a target, each with its file's folder; the last goes first."""
    wanted = entry.settings.groups or ()
    strangers = [name for name in wanted if name not in groups]
    for name in strangers:
        problems.add(
            f"the group {name!r} does not exist",
            entry.located,
            "groups",
            mend=did_you_mean(name, groups) or "write it under groups:",
        )
    if strangers:
        return None
    names = dict.fromkeys([*([EVERY_TARGET] if EVERY_TARGET in groups else []), *wanted])
    layers: list[tuple[GroupSettings, Path]] = [
        (groups[name].settings, groups[name].folder) for name in names
    ]
    return [*layers, (entry.settings, entry.located.path.parent)]


def _check_transport(
    entry: _Entry, role: Role, transport: TransportKind, problems: Problems
) -> None:
    if role in SEEN_FROM_OUTSIDE and transport is not TransportKind.NETWORK:
        problems.add(
            f"a {role} is looked at from outside: its transport is network, not {transport}",
            entry.located,
            field=f"{_field(entry)}.transport",
            mend="leave transport out here; list the machine behind it as a target of its own",
        )
    if transport is TransportKind.LOCAL:
        for name in ("port", "user", "jump"):
            if getattr(entry.settings, name) is not None:
                problems.add(
                    "means nothing for this machine itself (transport: local)",
                    entry.located,
                    name,
                    mend=f"leave {name} out, or write transport: ssh",
                )


def _field(entry: _Entry) -> str:
    where: Step = entry.located.base[-1]
    return f"targets[{where}]" if isinstance(where, int) else f"targets.{where}"


def _usual_transport(role: Role, platform: str | None, file: str | None) -> TransportKind:
    """How a target is reached that does not say it."""
    if role in SEEN_FROM_OUTSIDE:
        return TransportKind.NETWORK
    if file:
        return TransportKind.FILE
    return TransportKind.TR064 if platform == DeviceOs.FRITZOS else TransportKind.SSH


def _device(said: str | None) -> DeviceOs | None:
    return DeviceOs(said) if said in set(DeviceOs) else None


def _platform(transport: TransportKind, said: str | None) -> Platform:
    if transport is TransportKind.NETWORK:
        return Platform.NETWORK
    if _device(said) is not None:
        return Platform.DEVICE
    if said is not None:
        return Platform(said)
    if transport is TransportKind.WINRM:
        return Platform.WINDOWS
    return own_platform() if transport is TransportKind.LOCAL else Platform.LINUX


def own_platform() -> Platform:
    """What this machine runs, as far as this version knows platforms."""
    return Platform.MACOS if sys.platform == "darwin" else Platform.LINUX


def _last(values: Iterable[_Value | None]) -> _Value | None:
    """The last value that was said."""
    found = None
    for value in values:
        found = found if value is None else value
    return found


def _paths(layers: Iterable[tuple[tuple[str, ...] | None, Path]]) -> tuple[str, ...]:
    """The paths of the last layer that names any, seen from the folder of its file."""
    said = _last(None if paths is None else (paths, folder) for paths, folder in layers)
    return () if said is None else tuple(located_path(path, said[1]) for path in said[0])


def located_path(text: str, folder: Path) -> str:
    """``text`` as a path: ``~`` is the user's home, and it is relative to ``folder``."""
    path = Path(text)
    if text.startswith("~"):
        try:
            path = path.expanduser()
        except RuntimeError:  # no such user: the path is kept, and whoever opens it will say so
            return text
    return str(folder / path)


def _winrm(layers: Iterable[tuple[GroupSettings, Path]]) -> Winrm:
    """What the layers say of WinRM, each setting by the last that says it."""
    said = [(layer.winrm or WinrmSettings(), folder) for layer, folder in layers]

    def path(name: str) -> str:
        value = _last(
            None if (text := getattr(settings, name)) is None else located_path(text, folder)
            for settings, folder in said
        )
        return value or ""

    return Winrm(
        login=WinrmLogin(_last(settings.login for settings, _ in said) or WinrmLogin.NTLM),
        ca_file=path("ca_file"),
        certificate_file=path("certificate_file"),
        key_file=path("key_file"),
        over_http=_last(settings.encryption for settings, _ in said) == "messages-over-http",
    )


def _merged(
    layers: Iterable[tuple[GroupSettings, Path]],
) -> tuple[dict[SecretPurpose, SecretSource], dict[str, object]]:
    secrets: dict[SecretPurpose, SecretSource] = {}
    options: dict[str, object] = {}
    for layer, _ in layers:
        for purpose in SecretPurpose:
            source = getattr(layer.secrets or SecretSettings(), purpose.value)
            if source is not None:
                secrets[purpose] = source
        options |= {name: frozen(value) for name, value in (layer.options or {}).items()}
    return secrets, options


def frozen(value: object) -> object:
    """Lists as tuples and mappings read-only, all the way down."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    return value
