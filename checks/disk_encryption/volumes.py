"""What the judgement rests on, on Linux and on macOS alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assessor.api import Captures, NotCaptured


class Shield(StrEnum):
    """What is known of one volume."""

    ENCRYPTED = "encrypted"
    PLAIN = "plain"
    MEMORY = "memory"
    UNSEEN = "unseen"


def weakest(shields: Iterable[Shield]) -> Shield:
    """The shield of something spread over several devices."""
    found = set(shields)
    for shield in (Shield.PLAIN, Shield.UNSEEN, Shield.ENCRYPTED, Shield.MEMORY):
        if shield in found:
            return shield
    return Shield.UNSEEN


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume that may hold data, or swap."""

    name: str
    shield: Shield
    swap: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """What the probes say.

    Attributes:
        missing: why the script gave nothing usable; ``None`` when it did.
        swap_by_system: the system encrypts swap, whatever its owner chose (macOS).
        absent: data volumes that the inventory names and that are not mounted.
        elsewhere: data volumes that lie on another machine.
        keys_in_reach: mappings whose key lies on a plain volume.
        automatic: mappings that open without a person.
        ciphers: the cipher of each mapping, where it may be asked.
        mappings: each mapping with all that is known of its strength.
        old_headers: mappings of LUKS1, whose passwords are hardened the old way only.
        short_keys: mappings whose key has fewer than 128 bits.
        key_slots: each password's slot with what hardens it, of the devices that were named.
        quick_slots: those that are quick to guess.
        slots_unread: named devices that gave no slots.
        unmounted: plain file systems that are not mounted.
        folders: folders that are encrypted by themselves, whatever they stand on.
        changing: encryption has been asked for but is not complete, as a message id (macOS).
        changing_detail: how far it is, as macOS says it.
        untold: mappings in sysfs that dmsetup, although it answered, does not name.
    """

    missing: NotCaptured | None
    complete: bool
    volumes: tuple[Volume, ...] = ()
    swaps_known: bool = False
    swap_by_system: bool = False
    absent: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    keys_in_reach: tuple[str, ...] = ()
    automatic: tuple[str, ...] = ()
    ciphers: Mapping[str, str] = field(default_factory=dict)
    unmounted: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()
    old_headers: tuple[str, ...] = ()
    short_keys: tuple[str, ...] = ()
    key_slots: tuple[str, ...] = ()
    quick_slots: tuple[str, ...] = ()
    slots_unread: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    fscrypt: tuple[str, ...] = ()
    changing: str = ""
    changing_detail: str = ""
    virtual: str = ""
    container: str = ""


def named_volumes(captures: Captures) -> tuple[str, ...]:
    """The volumes that the inventory says must be there (option ``data_volumes``)."""
    value = captures.target.options.get("data_volumes", ())
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        return ()
    return tuple("/" + str(item).strip("/") for item in listed)
