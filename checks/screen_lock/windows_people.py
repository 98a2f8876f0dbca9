"""What each person who uses a Windows has as a lock, as far as the registry shows it.

The settings of somebody who is not logged in are in a file that is not loaded: they are not seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assessor.api import Registry, RegistryKey, UnparsedError

_PROFILES = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\*"
_SESSIONS = r"HKU\*\Volatile Environment\*"
_POLICY = r"HKU\*\Software\Policies\Microsoft\Windows\Control Panel\Desktop"
_OWN = r"HKU\*\Control Panel\Desktop"
_WINLOGON = r"HKU\*\Software\Microsoft\Windows NT\CurrentVersion\Winlogon"
_RESTRICTED = r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Policies\System"

_PERSON = re.compile(r"S-1-(?:5-21|12-1)(?:-\d{1,10}){4}")
"""Accounts of the machine or a domain, and of Microsoft Entra ID; a SID of another kind is Windows'
own or a service's."""

_ACTIVE, _SECURE, _TIMEOUT = "ScreenSaveActive", "ScreenSaverIsSecure", "ScreenSaveTimeOut"
_PROGRAM = "SCRNSAVE.EXE"
_DEFAULT_S = 900
"""ScreenSaveTimeOut where it is not set: 15 minutes (the policy of that name explains it)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a profile on this machine.

    Attributes:
        loaded: the settings are loaded, so that they could be read.
        sits: has a session at a screen, here or by remote desktop.
        seconds: until the screen saver asks for the password; ``None`` for never.
        program: there is a screen saver; without one Microsoft's explanation says that nothing
            happens, though some versions of Windows lock all the same.
        fixed: policy sets all of it.
        saver_off: the screen saver is switched off.
        dynamic: Windows locks when this person's telephone is out of reach.
        lock_barred: policy keeps this person from locking the screen.
    """

    name: str
    sid: str
    loaded: bool
    sits: bool = False
    seconds: int | None = None
    program: bool = False
    fixed: bool = False
    saver_off: bool = False
    dynamic: bool = False
    lock_barred: bool = False

    @property
    def locks(self) -> bool:
        """Whether the screen locks by itself, for all that is documented."""
        return self.seconds is not None and self.program


def read_people(found: Registry) -> tuple[Person, ...]:
    """The people by their profiles, and what is loaded of their settings.

    Raises:
        UnparsedError: a value is none that Windows documents.
    """
    policies, own = _by_sid(found, _POLICY), _by_sid(found, _OWN)
    dynamic, restricted = _by_sid(found, _WINLOGON), _by_sid(found, _RESTRICTED)
    sitting = {_sid(key) for key in found.keys(_SESSIONS) if key.text("SESSIONNAME") is not None}
    names = _names(found)
    for sid in own:
        names.setdefault(sid, sid)
    return tuple(
        _person(
            name,
            sid,
            sid in sitting,
            own.get(sid),
            policies.get(sid),
            _is_one(dynamic.get(sid), "EnableGoodbye"),
            _is_one(restricted.get(sid), "DisableLockWorkstation"),
        )
        for sid, name in sorted(names.items(), key=lambda item: item[1].lower())
    )


def _names(found: Registry) -> dict[str, str]:
    """People's names by the folders of their profiles; a name with $ is a service's."""
    names = {}
    for key in found.keys(_PROFILES):
        folder = (key.text("ProfileImagePath") or key.name).rpartition("\\")[2]
        if _PERSON.fullmatch(key.name) and not folder.endswith("$"):
            names[key.name] = folder
    return names


def _sid(key: RegistryKey) -> str:
    return key.path.split("\\")[1]


def _by_sid(found: Registry, path: str) -> dict[str, RegistryKey]:
    keys = {_sid(key): key for key in found.keys(path)}
    return {sid: key for sid, key in keys.items() if _PERSON.fullmatch(sid)}


def _is_one(key: RegistryKey | None, name: str) -> bool:
    return key is not None and key.whole(name) == 1


def _person(
    name: str,
    sid: str,
    sits: bool,
    own: RegistryKey | None,
    policy: RegistryKey | None,
    dynamic: bool,
    barred: bool,
) -> Person:
    if own is None:
        return Person(name, sid, loaded=False, sits=sits)
    active = _switch(_number(_ACTIVE, policy, own), default=True)
    secure = _switch(_number(_SECURE, policy, own), default=False)
    seconds = _number(_TIMEOUT, policy, own)
    if seconds is None:
        seconds = _DEFAULT_S
    fixed = policy is not None and None not in (
        *(policy.whole(each) for each in (_ACTIVE, _SECURE, _TIMEOUT)),
        policy.text(_PROGRAM),
    )
    return Person(
        name,
        sid,
        loaded=True,
        sits=sits,
        seconds=seconds if active and secure and seconds else None,
        program=bool(_text(_PROGRAM, policy, own)),
        fixed=fixed,
        saver_off=not active,
        dynamic=dynamic,
        lock_barred=barred,
    )


def _number(name: str, policy: RegistryKey | None, own: RegistryKey) -> int | None:
    """Policy beats what the person chose."""
    value = policy.whole(name) if policy is not None else None
    return own.whole(name) if value is None else value


def _text(name: str, policy: RegistryKey | None, own: RegistryKey) -> str:
    value = policy.text(name) if policy is not None else None
    return ((own.text(name) if value is None else value) or "").strip()


def _switch(value: int | None, *, default: bool) -> bool:
    if value is None:
        return default
    if value not in (0, 1):
        raise UnparsedError(f"switch {value}")
    return value == 1
