"""Where a backup goes, judged by its address and by the disk that a path stands on."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assessor.api import Record

_NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.rclone")
_CLOUD_SCHEMES = frozenset({"b2", "azure", "gs", "gdrive", "onedrive", "swift", "dpbx"})
_LOCAL_NAMES = re.compile(r"(?:localhost|[^.]+|.*\.(?:local|lan|home|internal|intern|localdomain))")


class Whereabouts(StrEnum):
    """How far a backup stands from the machine."""

    ELSEWHERE = "elsewhere"
    SAME_MACHINE = "same-machine"
    NEARBY = "nearby"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Place:
    """The file system of a path: its kind, its source, and whether its disk hangs on USB."""

    kind: str
    usb: bool
    source: str


def read_places(found: tuple[Record, ...]) -> Mapping[str, Place]:
    """The ``place`` records, by path."""
    places = {}
    for kind, text in found:
        entry = re.fullmatch(r"(\S+) (yes|no) (\S+) (/.*)", text) if kind == "place" else None
        if entry is not None:
            places[entry[4]] = Place(entry[1], entry[2] == "yes", entry[3])
    return places


def whereabouts(destination: str, places: Mapping[str, Place], host: str) -> Whereabouts:
    """Where ``destination``, an address or a path, is.

    A public address is taken for another place. A private address or a plain name is another
    machine, which may stand beside this one. A disk on USB may be taken away, or not.
    """
    text = destination.removeprefix("file://")
    if text.startswith("/"):
        place = places.get(text.rstrip("/") or "/")
        if place is None:
            return Whereabouts.UNCLEAR
        if place.kind in _NETWORK_FILE_SYSTEMS:
            return Whereabouts.NEARBY
        return Whereabouts.UNCLEAR if place.usb else Whereabouts.SAME_MACHINE
    scheme = text.partition(":")[0].lower()
    if scheme in _CLOUD_SCHEMES:
        return Whereabouts.ELSEWHERE
    name = _host_of(text)
    if name is None:
        return Whereabouts.UNCLEAR
    return _by_name(name, host)


def _host_of(text: str) -> str | None:
    """The host in a URL, in restic's ``s3:https://host/bucket``, or in ``user@host:path``."""
    url = re.search(r"://(?:[^@/]*@)?(\[[^\]]+\]|[^:/@]+)", text)
    if url is not None:
        return url[1].strip("[]")
    bare = re.match(r"(?:sftp:|s3:)?(?:[^@/:]*@)?(\[[^\]]+\]|[A-Za-z0-9.-]+)(?:[:/]|$)", text)
    named_remote = re.match(r"(?:rclone:)?[A-Za-z0-9_-]+:", text)
    # "s3:s3.amazonaws.com/bucket" and "root@host:/path" name a host; rclone's "remote:" does not.
    if bare is not None and ("." in bare[1] or "@" in text or ":" in bare[1]):
        return bare[1].strip("[]")
    return None if named_remote else (bare[1] if bare is not None else None)


def _by_name(name: str, host: str) -> Whereabouts:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        if address.is_loopback:
            return Whereabouts.SAME_MACHINE
        return Whereabouts.ELSEWHERE if address.is_global else Whereabouts.NEARBY
    lower = name.lower().rstrip(".")
    if lower in ("localhost", host.lower()):
        return Whereabouts.SAME_MACHINE
    return Whereabouts.NEARBY if _LOCAL_NAMES.fullmatch(lower) else Whereabouts.ELSEWHERE


def nearest(found: Iterable[Whereabouts]) -> Whereabouts | None:
    """The best of several: one copy elsewhere is enough."""
    known = set(found)
    for place in (
        Whereabouts.ELSEWHERE,
        Whereabouts.NEARBY,
        Whereabouts.UNCLEAR,
        Whereabouts.SAME_MACHINE,
    ):
        if place in known:
            return place
    return None
