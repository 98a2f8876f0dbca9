"""Is the software of a device still mended, and mended here?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from assessor.api import (
    Branch,
    Captures,
    Check,
    Device,
    Fact,
    Firmware,
    Judgement,
    Message,
    Parameters,
    Told,
    branch_of,
    failed,
    nothing_told,
    older,
    passed,
    told_of_device,
    unknown,
)

MEASURE = "patching"


@dataclass(frozen=True, slots=True)
class Facts:
    """What runs, and what its maker says of that."""

    at: datetime
    told: Told[Device]
    branch: Branch | None = None


def observe(captures: Captures) -> Facts:
    told = told_of_device(captures)
    firmware = told.answer.firmware if told.answer is not None else None
    if firmware is None or captures.target.device is None:
        return Facts(captures.at, told)
    return Facts(captures.at, told, branch_of(captures.target.device, firmware.version))


def evaluate(facts: Facts, parameters: Parameters) -> list[Judgement]:
    return [_judge(facts, parameters.integer("table_days"))]


def _judge(facts: Facts, table_days: int) -> Judgement:
    device, branch = facts.told.answer, facts.branch
    if device is None:
        return nothing_told(MEASURE, facts.told)
    firmware = device.firmware
    if firmware is None or not firmware.version:
        return unknown(MEASURE, "not_told")
    today = facts.at.date()
    version: dict[str, Fact] = {"version": firmware.version}
    advice = tuple(_advice(device, firmware))
    if branch is not None and branch.until is not None and branch.until < today:
        until = {**version, "until": branch.until.isoformat()}
        return failed(MEASURE, "ended", until, observed=version, advice=advice)
    if firmware.newer:
        return failed(MEASURE, "newer_offered", version, observed=version, advice=advice)
    if branch is None:
        return unknown(MEASURE, "not_in_table", version, observed=version, advice=advice)
    behind = older(firmware.version, branch.least) if branch.least else False
    if behind:
        least = {**version, "least": branch.least}
        return failed(MEASURE, "known_hole", least, observed=version, advice=advice)
    if behind is None:
        return unknown(MEASURE, "not_in_table", version, observed=version, advice=advice)
    read_on: dict[str, Fact] = {**version, "read_on": branch.read_on.isoformat()}
    if (today - branch.read_on).days > table_days:
        return unknown(MEASURE, "table_old", read_on, observed=version, advice=advice)
    if firmware.newer is False:
        return passed(MEASURE, "newest", version, observed=version, advice=advice)
    behind = older(firmware.version, branch.newest) if branch.newest else None
    if behind:
        advice = (*advice, Message("newer_known", {"newest": str(branch.newest)}))
    if branch.least is None and behind is not False:
        # That the maker mends a line of versions does not show that this one was mended.
        return unknown(MEASURE, "only_maintained", read_on, observed=version, advice=advice)
    return passed(MEASURE, "maintained", read_on, observed=version, advice=advice)


def _advice(device: Device, firmware: Firmware) -> Iterable[Message]:
    if firmware.automatic is False:
        yield Message("not_automatic")
    if device.config_backup is False:
        yield Message("no_config_backup")


CHECK = Check(observe=observe, evaluate=evaluate)
