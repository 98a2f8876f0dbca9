"""Judges what BitLocker says.

Decisions:

* Encrypted counts only with protection on. BitLocker that is suspended, and device encryption that
  waits for a first log-in, leave the key readable on the disk: the promise does not hold.
* Volumes that can be taken out are advice; nothing shows whether they hold the company's data.
* A plain volume may be encrypted by another product, or below a virtual machine: unknown, as on
  Linux. A virtual machine that encrypts some of its volumes has chosen to do so itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessor.api import (
    Fact,
    Judgement,
    Message,
    failed,
    nothing_told,
    passed,
    unknown,
)

from .windows import ISCSI, METHODS, PROTECTORS, State, Volume, Windows

MEASURE = "disk-encryption"
EXPECTED: Mapping[str, Fact] = {"volumes": "encrypted"}
_OLD = frozenset({1, 2, 3, 4})
_BY_DRIVE = 5
_TPM_ALONE = 1
_RECOVERY = frozenset({2, 3, 7})
"""External key, recovery password, and public key of a recovery agent."""


def judge(windows: Windows) -> Judgement:
    """One judgement on all volumes together."""
    if windows.silent is not None:
        return nothing_told(MEASURE, windows.silent)
    seen = _seen(windows)
    return (
        _plain(windows, seen)
        or _open(windows, seen)
        or _unseen(windows, seen)
        or _whole(windows, seen)
    )


def _names(volumes: Iterable[Volume]) -> str:
    return ", ".join(volume.name for volume in volumes)


def _label(volume: Volume) -> str:
    return volume.name.removesuffix(":")


def _in(windows: Windows, *states: State) -> list[Volume]:
    return [volume for volume in windows.volumes if volume.state in states]


def _seen(windows: Windows) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "bitlocker": windows.bitlocker,
        "volumes": tuple(f"{_label(volume)}: {volume.state.value}" for volume in windows.volumes),
        "methods": tuple(
            f"{_label(volume)}: {METHODS.get(volume.method, 'unknown')}"
            for volume in windows.volumes
            if volume.method
        ),
        "protectors": tuple(
            f"{_label(volume)}: {', '.join(PROTECTORS[kind] for kind in volume.protectors) or '-'}"
            for volume in windows.volumes
            if volume.protectors is not None
        ),
        "removable": tuple(
            f"{_label(volume)}: {volume.state.value}" for volume in windows.removable
        ),
    }
    if windows.virtual.answer is not None:
        facts["virtual_machine"] = windows.virtual.answer
    if windows.others.answer is not None:
        facts["edition"] = windows.others.answer.edition
        facts["other_encryption"] = windows.others.answer.mounting
    return facts


def _plain(windows: Windows, seen: Mapping[str, Fact]) -> Judgement | None:
    """What BitLocker does not encrypt; where there is none of it, nothing is."""
    if windows.bitlocker:
        plain = [volume for volume in _in(windows, State.PLAIN) if volume.bus != ISCSI]
    else:
        plain = [volume for volume in windows.volumes if volume.bus != ISCSI]
    if not plain:
        return None
    if windows.others.answer is None:
        return nothing_told(MEASURE, windows.others)
    if windows.virtual.answer is None:
        return nothing_told(MEASURE, windows.virtual)
    # Where disks were not seen, a data volume may be a file, or a disk of another machine.
    if windows.placement.answer is None and not any(volume.boot for volume in plain):
        return nothing_told(MEASURE, windows.placement)
    encrypted = _in(windows, State.ENCRYPTED)
    said: dict[str, Fact] = {"volumes": _names(plain)}
    products = windows.others.answer.whole_disk
    if products:
        facts: dict[str, Fact] = {**said, "products": ", ".join(products)}
        return unknown(MEASURE, "other_encryption", facts, expected=EXPECTED, observed=seen)
    if windows.virtual.answer and not encrypted:
        return unknown(MEASURE, "plain_in_guest", said, expected=EXPECTED, observed=seen)
    if not windows.bitlocker:
        return failed(MEASURE, "bitlocker_absent", said, expected=EXPECTED, observed=seen)
    home = windows.others.answer.edition.startswith("Core")
    return failed(
        MEASURE,
        "bitlocker_off_home" if home else "bitlocker_off",
        {**said, "encrypted": _names(encrypted) or "-"},
        expected=EXPECTED,
        observed=seen,
        advice=_advice(windows),
    )


def _open(windows: Windows, seen: Mapping[str, Fact]) -> Judgement | None:
    """What is encrypted in part, or with its key beside it."""
    for message, state in (
        ("bitlocker_decrypting", State.DECRYPTING),
        ("bitlocker_encrypting", State.ENCRYPTING),
    ):
        moving = _in(windows, state)
        if moving:
            far = ", ".join(f"{v.name} {v.percentage}%" for v in moving if v.percentage is not None)
            facts: dict[str, Fact] = {"volumes": _names(moving), "detail": far or "-"}
            return failed(MEASURE, message, facts, expected=EXPECTED, observed=seen)
    bare = _in(windows, State.OPEN_KEY)
    if not bare:
        return None
    # Without a protector it was never finished; with one, somebody suspended it.
    waiting = [volume for volume in bare if volume.protectors == ()]
    message = "bitlocker_waiting" if waiting == bare else "bitlocker_suspended"
    return failed(MEASURE, message, {"volumes": _names(bare)}, expected=EXPECTED, observed=seen)


def _unseen(windows: Windows, seen: Mapping[str, Fact]) -> Judgement | None:
    """What keeps the volumes that are seen from being all there is to see."""
    message, names = "", ""
    facts: dict[str, Fact] = {}
    unlisted = _in(windows, State.UNLISTED)
    others = windows.others.answer
    distant = [v for v in windows.volumes if v.bus == ISCSI and v.state is not State.ENCRYPTED]
    if windows.absent:
        message, names = "not_mounted", ", ".join(windows.absent)
    elif windows.elsewhere:
        message, names = "on_another_machine", ", ".join(windows.elsewhere)
    elif distant:
        message, names = "over_iscsi", _names(distant)
    elif unlisted and others is not None and others.mounting:
        message, names = "other_encryption", _names(unlisted)
        facts["products"] = ", ".join(others.mounting)
    elif unlisted:
        message, names = "bitlocker_unlisted", _names(unlisted)
    elif locked := _in(windows, State.LOCKED):
        message, names = "bitlocker_locked", _names(locked)
    elif strange := _in(windows, State.UNKNOWN):
        message, names = "bitlocker_unclear", _names(strange)
    elif not windows.volumes:
        return unknown(MEASURE, "no_volumes", expected=EXPECTED, observed=seen)
    if not message:
        return None
    return unknown(MEASURE, message, {"volumes": names, **facts}, expected=EXPECTED, observed=seen)


def _whole(windows: Windows, seen: Mapping[str, Fact]) -> Judgement:
    return passed(
        MEASURE,
        "all_encrypted",
        {"volumes": _names(windows.volumes)},
        expected=EXPECTED,
        observed=seen,
        advice=_advice(windows),
    )


def _advice(windows: Windows) -> tuple[Message, ...]:
    volumes = _in(windows, State.ENCRYPTED)
    opening = [v for v in volumes if v.boot and v.protectors and _TPM_ALONE in v.protectors]
    lost = [v for v in volumes if v.protectors and not _RECOVERY & set(v.protectors)]
    plain = [volume for volume in windows.removable if volume.state is State.PLAIN]
    old = [f"{v.name} ({METHODS[v.method]})" for v in volumes if v.method in _OLD]
    return tuple(
        Message(message, {"volumes": names})
        for message, names in (
            ("old_bitlocker", ", ".join(old)),
            ("drive_encrypts", _names(v for v in volumes if v.method == _BY_DRIVE)),
            ("opens_by_itself", _names(opening)),
            ("no_recovery_key", _names(lost)),
            ("removable_plain", _names(plain)),
            ("unmounted_plain", ", ".join(windows.unmounted)),
        )
        if names
    )
