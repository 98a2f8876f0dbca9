"""How hard the passwords of a LUKS volume are to guess: ``cryptsetup luksDump`` of named devices.

A slot turns a password into the key. Argon2 makes each guess cost memory; PBKDF2 costs time only,
as much as its iterations say (cryptsetup(8)). The devices are those that the inventory names in
``luks_devices``: no fixed command could read them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assessor.api import Captures

PROBE = "key_slots"
_LUKS1_SLOTS = 8
_SLOT_1 = re.compile(r"^Key Slot (\d): (ENABLED|DISABLED)$", re.MULTILINE)
_SLOT_2 = re.compile(r"^  (\d+): luks2$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class KeySlot:
    """A password's slot.

    Attributes:
        iterations: of PBKDF2; ``None`` for Argon2.
    """

    device: str
    number: str
    function: str
    iterations: int | None

    def __str__(self) -> str:
        times = f", {self.iterations}" if self.iterations is not None else ""
        return f"{self.device} {self.number}: {self.function}{times}"


def read_key_slots(captures: Captures) -> tuple[tuple[KeySlot, ...], tuple[str, ...]]:
    """The slots of the devices that the inventory names, and the devices that gave none."""
    named = captures.target.options.get("luks_devices", ())
    devices = [str(item) for item in named] if isinstance(named, list | tuple) else []
    slots: list[KeySlot] = []
    unread: list[str] = []
    for position, device in enumerate(devices):
        answer = captures.answered(f"{PROBE}[{position}]")
        found = _slots(device, answer.stdout) if answer and not answer.exit_status else ()
        slots += found
        if not found:
            unread.append(device)
    return tuple(slots), tuple(unread)


def _slots(device: str, dump: str) -> tuple[KeySlot, ...]:
    """The slots in use; none where the dump is not whole."""
    version = re.search(r"^Version:\s+(\d)$", dump, re.MULTILINE)
    match version[1] if version else "":
        case "1":
            return _luks1(device, dump)
        case "2":
            return _luks2(device, dump)
        case _:
            return ()


def _luks1(device: str, dump: str) -> tuple[KeySlot, ...]:
    marks = list(_SLOT_1.finditer(dump))
    if [mark[1] for mark in marks] != [str(number) for number in range(_LUKS1_SLOTS)]:
        return ()
    ends = [mark.start() for mark in marks[1:]] + [len(dump)]
    slots = []
    for mark, end in zip(marks, ends, strict=True):
        if mark[2] == "DISABLED":
            continue
        times = re.search(r"^\tIterations:\s+(\d{1,10})$", dump[mark.end() : end], re.MULTILINE)
        if times is None:
            return ()
        slots.append(KeySlot(device, mark[1], "pbkdf2", int(times[1])))
    return tuple(slots)


def _luks2(device: str, dump: str) -> tuple[KeySlot, ...]:
    parts = re.search(r"^Keyslots:$(.*)^Tokens:$.*^Digests:$.*\n$", dump, re.MULTILINE | re.DOTALL)
    if parts is None or "Digest:" not in dump:
        return ()
    marks = list(_SLOT_2.finditer(parts[1]))
    if not marks:
        return ()
    ends = [mark.start() for mark in marks[1:]] + [len(parts[1])]
    slots = []
    for mark, end in zip(marks, ends, strict=True):
        text = parts[1][mark.end() : end]
        function = re.search(r"^\tPBKDF:\s+(argon2id|argon2i|pbkdf2)$", text, re.MULTILINE)
        times = re.search(r"^\tIterations:\s*(\d{1,10})$", text, re.MULTILINE)
        if function is None or (function[1] == "pbkdf2") != (times is not None):
            return ()
        slots.append(KeySlot(device, mark[1], function[1], int(times[1]) if times else None))
    return tuple(slots)
