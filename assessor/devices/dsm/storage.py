"""A DSM's volumes: whether they are encrypted, and in good health.

A volume is encrypted as a whole (DSM 7.2 and later: it is mounted from ``/dev/mapper/cryptvol_N``),
or its shared folders are, each with a key of its own. So a volume that is not encrypted stands for
its shared folders: they are what the promise is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assessor.devices.device import Topic, Volume
from assessor.devices.dsm.parts import Parts
from assessor.devices.dsm.questions import Api, Ask
from assessor.devices.dsm.unread import Unread

_MOUNTED = re.compile(r"(?P<device>\S+) (?P<at>/volume(?P<number>\d{1,4})) (?P<kind>\S+) .*")
_PLAIN = re.compile(r"/dev/(?:mapper/cachedev_\d{1,4}|vg\d{1,5}/\w{1,40}|md\d{1,4})")
_ENCRYPTED = re.compile(r"/dev/mapper/cryptvol_\d{1,4}")
_RAID = re.compile(r"md(?P<number>\d{1,4}) : ")
_MEMBERS = re.compile(r"\[(?P<wanted>\d{1,3})/(?P<working>\d{1,3})\] \[[U_E]{1,64}\]")
# System and swap live on md0 and md1, which span empty bays too: they always look degraded.
_FIRST_DATA = 2
_HEALTH: Mapping[object, bool] = {
    "normal": True,
    "degrade": False,
    "degraded": False,
    "crashed": False,
}
_PLAIN_SHARE, _ENCRYPTED_SHARES = 0, frozenset({1, 2})


def read_volumes(parts: Parts, unread: Unread) -> tuple[Volume, ...] | None:
    """The volumes, or their shared folders; ``None`` where nothing was told."""
    health = _health(parts, unread)
    encrypted = _encrypted(parts, unread)
    if health is None and encrypted is None:
        return None
    told_shares = parts.data(Api.SHARES) or {}
    if told_shares.get("total", len(_all_shares(parts))) != len(_all_shares(parts)):
        unread.note(Topic.STORAGE, "not all shared folders are listed")
    paths = sorted({*(health or {}), *(encrypted or {})})
    raids = _raids(parts.text(Ask.RAIDS))
    found = []
    for path in paths:
        healthy = (health or {}).get(path, raids)
        told = (encrypted or {}).get(path)
        shares = tuple(_shares(parts, path, unread)) if told is False else ()
        name = path.removeprefix("/")
        if told is False and parts.data(Api.SHARES) is None:
            # Folders may be encrypted on a volume that is not.
            found.append(Volume(name, None, healthy))
        elif shares:
            found += [Volume(f"{name}/{share}", one, healthy) for share, one in shares]
        else:
            found.append(Volume(name, told, healthy))
    # A disk at a USB port: what lies on it may be encrypted by whoever put it there.
    found += [Volume(share, None) for share in _usb_shares(parts)]
    return tuple(found)


def _health(parts: Parts, unread: Unread) -> Mapping[str, bool | None] | None:
    data = parts.data(Api.STORAGE)
    if data is None:
        return None
    volumes = data.get("volumes")
    if not isinstance(volumes, list):
        unread.note(Topic.STORAGE, "the volumes are not told")
        return None
    found = {}
    for one in volumes:
        path = one.get("vol_path") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(path, str):
            unread.note(Topic.STORAGE, f"volume: {one}")
            continue
        status = one.get("status")
        found[path] = _HEALTH.get(status) if isinstance(status, str) else None
    return found


def _encrypted(parts: Parts, unread: Unread) -> Mapping[str, bool | None] | None:
    mounts = parts.text(Ask.MOUNTS)
    if mounts is None:
        return None
    mapper = parts.text(Ask.MAPPER)
    found: dict[str, bool | None] = {}
    for line in mounts.splitlines():
        match = _MOUNTED.fullmatch(line)
        if match is None:
            if re.search(r" /volume\d{1,4} ", line):
                unread.note(Topic.STORAGE, line)
            continue
        device = match["device"]
        if _ENCRYPTED.fullmatch(device):
            found[match["at"]] = True
        elif not _PLAIN.fullmatch(device):
            unread.note(Topic.STORAGE, line)
            found[match["at"]] = None
        elif mapper is not None:
            # A cache for the volume may lie over its encryption.
            found[match["at"]] = f"cryptvol_{match['number']}" in mapper.split()
        else:
            found[match["at"]] = None if device.startswith("/dev/mapper/") else False
    if not found:
        unread.note(Topic.STORAGE, "no volume is mounted")
    return found


def _raids(text: str | None) -> bool | None:
    """Whether all arrays of data have all their disks; ``None`` where that is not told."""
    whole: list[bool] = []
    number = 0
    for line in (text or "").splitlines():
        if match := _RAID.match(line):
            number = int(match["number"])
        elif (match := _MEMBERS.search(line)) and number >= _FIRST_DATA:
            whole.append(match["wanted"] == match["working"])
    return all(whole) if whole else None


def _all_shares(parts: Parts) -> list[object]:
    shares = (parts.data(Api.SHARES) or {}).get("shares")
    return shares if isinstance(shares, list) else []


def _shares(parts: Parts, path: str, unread: Unread) -> Iterator[tuple[str, bool | None]]:
    for one in _all_shares(parts):
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(name, str):
            unread.note(Topic.STORAGE, f"shared folder: {one}")
            continue
        if not isinstance(one.get("vol_path"), str):
            unread.note(Topic.STORAGE, f"shared folder {name}: no volume")
            continue
        if one["vol_path"] != path:
            continue
        told = one.get("encryption")
        if told == _PLAIN_SHARE and not isinstance(told, bool):
            yield name, False
        elif told in _ENCRYPTED_SHARES and not isinstance(told, bool):
            yield name, True
        else:
            unread.note(Topic.STORAGE, f"{name}: encryption: {told}")
            yield name, None


def _usb_shares(parts: Parts) -> Iterator[str]:
    for one in _all_shares(parts):
        path = one.get("vol_path") if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(path, str) and path.startswith("/volumeUSB"):
            yield str(one.get("name"))
