"""Judges the DKIM keys that were found (RFC 6376, RFC 8301, RFC 8463)."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import Facts, Fields, LookedUp, Message, read_lookup

from .verdict import Part

SHORTEST_BITS = 1024
GOOD_BITS = 2048
"""RFC 8301, 3.2: RSA keys of less than 1024 bits must not be used, 2048 is advised."""


@dataclass(frozen=True, slots=True)
class Key:
    """The record of one selector; kind and bits of its key, where there is one."""

    selector: str
    record: LookedUp
    kind: str
    bits: int | None


@dataclass(frozen=True, slots=True)
class Dkim:
    """What was found.

    Attributes:
        below: the look-up of the name that all keys stand below.
        named: the selectors that the inventory names.
        asked: the selectors that were looked up.
        keys: those with a record, and those that the inventory names.
    """

    below: LookedUp
    named: tuple[str, ...]
    asked: tuple[str, ...]
    keys: tuple[Key, ...]


def read_dkim(answer: Fields) -> Dkim:
    """Reads the answer's part; raises ``UnparsedError`` where it is not as documented."""
    keys = []
    for part in answer.parts("dkim"):
        key = part.optional_part("key")
        keys.append(
            Key(
                part.text("selector"),
                read_lookup(part.part("found")),
                key.text("type") if key else "",
                key.optional_integer("bits") if key else None,
            )
        )
    return Dkim(
        read_lookup(answer.part("dkim_below")),
        answer.texts("dkim_named"),
        answer.texts("dkim_asked"),
        tuple(keys),
    )


def judge_dkim(dkim: Dkim, domain: str) -> Part:
    """What the keys are worth."""
    facts: Facts = {"domain": domain}
    found = [key for key in dkim.keys if key.record.usable and _is_key(key.record)]
    valid = [key for key in found if key.bits is not None and not _testing(key)]
    observed: Facts = {"dkim": tuple(_in_short(key) for key in found)}
    weak = [key for key in valid if key.kind == "rsa" and (key.bits or 0) < SHORTEST_BITS]
    if weak:
        facts = {**facts, "selector": weak[0].selector, "bits": weak[0].bits}
        return Part(wrong=Message("dkim_weak", facts), observed=observed)
    if not valid:
        return Part(*_without(dkim, found, facts), observed=observed)
    advice = [
        Message("dkim_short", {**facts, "selector": key.selector, "bits": key.bits})
        for key in valid
        if key.kind == "rsa" and (key.bits or 0) < GOOD_BITS
    ]
    lost = [key.selector for key in dkim.keys if key.record.usable and key not in found]
    if lost:
        advice.append(Message("dkim_lost", {**facts, "selectors": ", ".join(lost)}))
    return Part(advice=tuple(advice), observed=observed)


def _without(dkim: Dkim, found: list[Key], facts: Facts) -> tuple[Message | None, Message | None]:
    """What is wrong, or why it is not known, where there is no key to go by."""
    if not dkim.below.usable or any(not key.record.usable for key in dkim.keys):
        return None, Message("dkim_not_resolved", facts)
    if found and dkim.named:
        selectors = ", ".join(key.selector for key in found)
        return Message("dkim_invalid", {**facts, "selectors": selectors}), None
    if dkim.named:
        return Message("dkim_missing", {**facts, "selectors": ", ".join(dkim.named)}), None
    # RFC 8020: where this name does not exist, nothing stands below it.
    if dkim.below.outcome == "no-name":
        return Message("no_dkim", facts), None
    return None, Message("dkim_not_found", facts)


def _is_key(record: LookedUp) -> bool:
    """Whether it is about a key at all: a wildcard answers under every selector."""
    return any(word.strip().startswith("p=") for text in record.records for word in text.split(";"))


def _testing(key: Key) -> bool:
    """RFC 6376, 3.6.1: with the flag ``y``, receivers do as if the mail were not signed."""
    for text in key.record.records:
        for word in text.split(";"):
            name, _, value = word.partition("=")
            if name.strip() == "t" and "y" in [flag.strip() for flag in value.split(":")]:
                return True
    return False


def _in_short(key: Key) -> str:
    return f"{key.selector}: {key.kind} {key.bits}" if key.bits else f"{key.selector}: -"
