"""Does every volume that holds data stand on encryption?

A plain volume inside a virtual machine is a special case: its disk may be encrypted by the host or
the storage below, which no guest can see. The promise is then not *shown*, but not *broken* either:
``unknown``, with the way to show it (the provider's word). Where the guest does encrypt some of its
volumes, its owner has chosen to encrypt inside the guest, and a volume left plain is what it looks
like: ``fail``. A container sees its host's disks: never judged here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assessor.api import (
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    Parameters,
    Platform,
    failed,
    not_observed,
    passed,
    unknown,
)

from .linux import observe_linux
from .macos import observe_macos
from .volumes import Observed, Shield, Volume
from .windows import Windows, observe_windows
from .windows_judgement import judge as judge_windows

MEASURE = "disk-encryption"
EXPECTED: Mapping[str, Fact] = {"volumes": "encrypted", "swap": "encrypted"}
_OLD_MODES = ("-cbc-", "-ecb")


def observe(captures: Captures) -> Observed | Windows:
    """Every volume with what it stands on."""
    if captures.target.platform is Platform.WINDOWS:
        return observe_windows(captures)
    if captures.target.platform is Platform.MACOS:
        return observe_macos(captures)
    return observe_linux(captures)


def evaluate(observed: Observed | Windows, parameters: Parameters) -> list[Judgement]:
    """One judgement; BitLocker has its own words for what it does."""
    return [judge_windows(observed) if isinstance(observed, Windows) else _judge(observed)]


def _names(volumes: Sequence[Volume]) -> str:
    return ", ".join(volume.name for volume in volumes)


def _judge(observed: Observed) -> Judgement:
    if observed.missing is not None:
        return not_observed(MEASURE, observed.missing)
    if not observed.complete:
        return unknown(MEASURE, "answer_cut_off", expected=EXPECTED)
    seen = _seen(observed)
    if observed.container:
        return unknown(
            MEASURE, "container", {"kind": observed.container}, expected=EXPECTED, observed=seen
        )
    return _plain(observed, seen) or _unseen(observed, seen) or _whole(observed, seen)


def _seen(observed: Observed) -> dict[str, Fact]:
    return {
        "volumes": tuple(
            f"{volume.name}: {volume.shield.value}"
            for volume in observed.volumes
            if not volume.swap
        ),
        "swap": tuple(
            f"{volume.name}: {volume.shield.value}" for volume in observed.volumes if volume.swap
        ),
        "ciphers": tuple(f"{name}: {cipher}" for name, cipher in observed.ciphers.items()),
        "mappings": observed.mappings,
        "key_slots": observed.key_slots,
        "virtual_machine": observed.virtual,
    }


def _plain(observed: Observed, seen: Mapping[str, Fact]) -> Judgement | None:
    """What is plain for sure; see the module's docstring for virtual machines."""
    plain = [volume for volume in observed.volumes if volume.shield is Shield.PLAIN]
    encrypted = [volume for volume in observed.volumes if volume.shield is Shield.ENCRYPTED]
    if observed.changing:
        return failed(
            MEASURE,
            observed.changing,
            {"volumes": _names(plain) or "/", "detail": observed.changing_detail or "-"},
            expected=EXPECTED,
            observed=seen,
        )
    advice = [
        Message(message, {"volumes": ", ".join(names)})
        for message, names in (
            ("fscrypt_seen", observed.fscrypt),
            ("folders_encrypted", observed.folders),
        )
        if names
    ]
    chosen = [v for v in encrypted if not (v.swap and observed.swap_by_system)]
    if plain and observed.virtual and not chosen:
        return unknown(
            MEASURE,
            "plain_in_guest",
            {"volumes": _names(plain)},
            expected=EXPECTED,
            observed=seen,
            advice=tuple(advice),
        )
    if plain:
        only_swap = all(volume.swap for volume in plain)
        return failed(
            MEASURE,
            "plain_swap" if only_swap else "plain_volumes",
            {"volumes": _names(plain), "encrypted": _names(encrypted) or "-"},
            expected=EXPECTED,
            observed=seen,
            advice=tuple(advice),
        )
    if observed.keys_in_reach:
        return failed(
            MEASURE,
            "key_beside_lock",
            {"volumes": ", ".join(observed.keys_in_reach)},
            expected=EXPECTED,
            observed=seen,
        )
    return None


def _unseen(observed: Observed, seen: Mapping[str, Fact]) -> Judgement | None:
    """What keeps the volumes that are seen from being all there is to see."""
    message, facts = "", {}
    unseen = [volume for volume in observed.volumes if volume.shield is Shield.UNSEEN]
    stored = [volume for volume in observed.volumes if volume.shield is Shield.ENCRYPTED]
    if observed.absent:
        message, facts = "not_mounted", {"volumes": ", ".join(observed.absent)}
    elif observed.elsewhere:
        message, facts = "on_another_machine", {"volumes": ", ".join(observed.elsewhere)}
    elif unseen:
        message, facts = "not_seen", {"volumes": _names(unseen)}
    elif observed.untold:
        message, facts = "answers_differ", {"volumes": ", ".join(observed.untold)}
    elif not observed.swaps_known:
        message = "swap_not_seen"
    elif not stored:
        # a system in memory alone, or an answer without any file system
        message = "no_volumes"
    return unknown(MEASURE, message, facts, expected=EXPECTED, observed=seen) if message else None


def _whole(observed: Observed, seen: Mapping[str, Fact]) -> Judgement:
    advice: list[Message] = []
    old = [
        f"{name} ({cipher})"
        for name, cipher in observed.ciphers.items()
        if any(mode in cipher for mode in _OLD_MODES)
    ]
    for message, names in (
        ("old_cipher", old),
        ("short_key", list(observed.short_keys)),
        ("old_header", list(observed.old_headers)),
        ("quick_slots", list(observed.quick_slots)),
        ("slots_unread", list(observed.slots_unread)),
        ("opens_by_itself", list(observed.automatic)),
        ("unmounted_plain", list(observed.unmounted)),
    ):
        if names:
            advice.append(Message(message, {"volumes": ", ".join(names)}))
    stored = [volume for volume in observed.volumes if volume.shield is Shield.ENCRYPTED]
    return passed(
        MEASURE,
        "all_encrypted",
        {"volumes": _names(stored)},
        expected=EXPECTED,
        observed=seen,
        advice=tuple(advice),
    )


CHECK = Check(observe=observe, evaluate=evaluate)
