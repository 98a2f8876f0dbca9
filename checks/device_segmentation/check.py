"""Are the networks behind a router kept apart, those for guests above all?"""

from __future__ import annotations

from assessor.api import (
    Captures,
    Check,
    Device,
    Fact,
    Judgement,
    Parameters,
    Told,
    Topic,
    failed,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

MEASURE = "network-segmentation"


def observe(captures: Captures) -> Told[Device]:
    return told_of_device(captures)


def evaluate(told: Told[Device], parameters: Parameters) -> list[Judgement]:
    return [_judge(told.answer) if told.answer is not None else nothing_told(MEASURE, told)]


def _judge(device: Device) -> Judgement:
    segments = device.segments or ()
    guests = {one.name: one.isolated for one in segments if one.guest}
    guests |= {one.ssid: one.isolated for one in device.wifi or () if one.guest and one.enabled}
    observed: dict[str, Fact] = {"networks": tuple(one.name for one in segments)}
    if open_ := [name for name, isolated in guests.items() if isolated is False]:
        return failed(MEASURE, "guests_inside", {"networks": ", ".join(open_)}, observed=observed)
    topics = (Topic.SEGMENTS, Topic.FIREWALL, Topic.WIFI)
    if lines := [line for topic in topics for line in device.unread.get(topic, ())]:
        return unknown(MEASURE, "unread", {"lines": " / ".join(lines[:4])}, observed=observed)
    if device.segments is None:
        return unknown(MEASURE, "not_told")
    if len(segments) < 2 and not guests:
        return failed(MEASURE, "one_network", observed=observed)
    apart = {one.name: one.isolated for one in segments if one.isolated is not None} | guests
    if unclear := [name for name, isolated in guests.items() if isolated is None]:
        facts: dict[str, Fact] = {"networks": ", ".join(unclear)}
        return unknown(MEASURE, "isolation_unseen", facts, observed=observed)
    kept = [name for name, isolated in apart.items() if isolated]
    if not kept:
        if any(isolated is False for isolated in apart.values()):
            return failed(MEASURE, "not_apart", observed=observed)
        names: dict[str, Fact] = {"networks": ", ".join(one.name for one in segments)}
        return unknown(MEASURE, "isolation_unseen", names, observed=observed)
    return passed(MEASURE, "apart", {"networks": ", ".join(kept)}, observed=observed)


CHECK = Check(observe=observe, evaluate=evaluate)
