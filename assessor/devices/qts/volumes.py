"""A QTS' volumes: ``/etc/volume.conf`` (github.com/ngardiner/qnap_tricks) and the arrays below."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.device import Topic, Volume
from assessor.devices.dsm.unread import Unread
from assessor.devices.qts.ini import Section, read_ini, truth
from assessor.devices.qts.parts import Parts
from assessor.devices.qts.questions import Ask

_VOLUME = re.compile(r"vol_\d{1,4}")
_RAID = re.compile(r"(?P<name>md\d{1,4}) : ")
_MEMBERS = re.compile(r"\[(?P<wanted>\d{1,3})/(?P<working>\d{1,3})\] \[[U_E]{1,64}\]")


def read_volumes(parts: Parts, unread: Unread) -> tuple[Volume, ...] | None:
    """The volumes; ``None`` where nothing was told of them."""
    if parts.document is not None:
        return _of_document(parts, unread)
    text = parts.text(Ask.VOLUMES)
    if text is None:
        return None
    sections, unknown = read_ini(text)
    for line in unknown:
        unread.note(Topic.STORAGE, line)
    whole = _arrays(parts.text(Ask.RAIDS))
    found = []
    for name, section in sections.items():
        if not _VOLUME.fullmatch(name):
            unread.note(Topic.STORAGE, f"[{name}]")
        elif truth(section.get("invisible", "no")) is not True:
            found.append(_volume(name, section, whole, unread))
    if not found:
        unread.note(Topic.STORAGE, "no volume is told")
    return tuple(found)


def _volume(name: str, section: Section, whole: Mapping[str, bool], unread: Unread) -> Volume:
    encrypted = truth(section.get("encryption"))
    if encrypted is None:
        unread.note(Topic.STORAGE, f"{name}: encryption: {section.get('encryption')}")
    if truth(section.get("internal", "1")) is False and not encrypted:
        # A disk at a USB port: what lies on it may be encrypted by whoever put it there.
        encrypted = None
    array = section.get("raidname", "").removeprefix("/dev/")
    return Volume(f"{section.get('volname', '')} ({name})".strip(), encrypted, whole.get(array))


def _arrays(text: str | None) -> Mapping[str, bool]:
    """By array, whether it has all its disks."""
    found: dict[str, bool] = {}
    name = ""
    for line in (text or "").splitlines():
        if match := _RAID.match(line):
            name = match["name"]
        elif match := _MEMBERS.search(line):
            found[name] = match["wanted"] == match["working"]
    return found


def _of_document(parts: Parts, unread: Unread) -> tuple[Volume, ...] | None:
    document = parts.document
    if document is None or not document.health:
        return None
    if document.healthy is None:
        unread.note(Topic.STORAGE, f"health of the system: {document.health}")
    # It says how the storage as a whole does, and nothing of encryption.
    return (Volume("all volumes", None, document.healthy),)


def note_backups(parts: Parts, unread: Unread) -> None:
    """Hybrid Backup Sync keeps its jobs in a database, which is not read."""
    if parts.section(Ask.PACKAGES, "hybridbackup") is not None:
        unread.note(Topic.BACKUP, "Hybrid Backup Sync is installed; its jobs are not read")
