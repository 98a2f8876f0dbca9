"""All that a check may import of the engine.

A check is a folder (see ``docs/checks.md``). Its ``check.py`` defines ``CHECK``::

    from assessor.api import Captures, Check, Judgement, Parameters, failed, passed, unknown

    def observe(captures: Captures) -> Settings: ...
    def evaluate(settings: Settings, parameters: Parameters) -> list[Judgement]: ...

    CHECK = Check(observe=observe, evaluate=evaluate)

Both halves are pure: no clock (``captures.at`` is now), no file, no network.
"""

from __future__ import annotations

from typing import Any

from assessor.devices.device import (
    Account,
    BackupJob,
    Community,
    Device,
    Firewall,
    Firmware,
    Hole,
    Logging,
    Policy,
    Protection,
    Reach,
    Secret,
    Segment,
    Service,
    Storage,
    Strength,
    Topic,
    Volume,
    Vpn,
    WifiNetwork,
)
from assessor.devices.reading import read_device
from assessor.devices.releases import Branch, branch_of, older
from assessor.model.answers import (
    Fields,
    LookedUp,
    Told,
    UnparsedError,
    read_answer,
    read_lookup,
    told,
)
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Captures, Check, Parameters
from assessor.model.facts import NO_FACTS, Fact, Facts
from assessor.model.finding import Judgement, Message, Outcome
from assessor.model.memory import Known
from assessor.model.plists import read_plist
from assessor.model.records import Record, records, values, whole_lines
from assessor.model.target import DeviceOs, Platform, Role, Target
from assessor.model.tls_levels import TlsLevel, tls_suite_level, tls_version_level
from assessor.model.windows_answers import (
    CimAnswer,
    Registry,
    RegistryKey,
    read_cim,
    read_object,
    read_registry,
)

__all__ = [
    "NO_FACTS",
    "Account",
    "BackupJob",
    "Branch",
    "Capture",
    "Captured",
    "Captures",
    "Check",
    "CimAnswer",
    "Community",
    "Device",
    "DeviceOs",
    "Fact",
    "Facts",
    "Fields",
    "Firewall",
    "Firmware",
    "Hole",
    "Judgement",
    "Known",
    "Logging",
    "LookedUp",
    "Message",
    "NotCaptured",
    "Outcome",
    "Parameters",
    "Platform",
    "Policy",
    "Protection",
    "Reach",
    "Reason",
    "Record",
    "Registry",
    "RegistryKey",
    "Role",
    "Secret",
    "Segment",
    "Service",
    "Storage",
    "Strength",
    "Target",
    "TlsLevel",
    "Told",
    "Topic",
    "UnparsedError",
    "Volume",
    "Vpn",
    "WifiNetwork",
    "branch_of",
    "failed",
    "not_applicable",
    "not_observed",
    "nothing_told",
    "older",
    "passed",
    "read_answer",
    "read_cim",
    "read_lookup",
    "read_object",
    "read_plist",
    "read_registry",
    "records",
    "tls_suite_level",
    "tls_version_level",
    "told",
    "told_of_device",
    "unknown",
    "values",
    "whole_lines",
]


def told_of_device(captures: Captures, probe: str = "configuration") -> Told[Device]:
    """The device that answered ``probe``, or why there is nothing to read."""

    def read(text: str) -> Device:
        if captures.target.device is None:
            raise UnparsedError("no device")
        return read_device(captures.target.device, text)

    return told(captures, probe, read)


def _judge(
    outcome: Outcome,
    measure: str,
    message: str,
    facts: Facts,
    expected: Facts,
    observed: Facts,
    advice: tuple[Message, ...],
) -> Judgement:
    return Judgement(measure, outcome, Message(message, facts), expected, observed, advice)


def passed(
    measure: str,
    message: str,
    facts: Facts = NO_FACTS,
    *,
    expected: Facts = NO_FACTS,
    observed: Facts = NO_FACTS,
    advice: tuple[Message, ...] = (),
) -> Judgement:
    """The measure was seen to hold, on complete output."""
    return _judge(Outcome.PASS, measure, message, facts, expected, observed, advice)


def failed(
    measure: str,
    message: str,
    facts: Facts = NO_FACTS,
    *,
    expected: Facts = NO_FACTS,
    observed: Facts = NO_FACTS,
    advice: tuple[Message, ...] = (),
) -> Judgement:
    """The measure was seen not to hold; name the guilty object in ``facts``."""
    return _judge(Outcome.FAIL, measure, message, facts, expected, observed, advice)


def unknown(
    measure: str,
    message: str,
    facts: Facts = NO_FACTS,
    *,
    expected: Facts = NO_FACTS,
    observed: Facts = NO_FACTS,
    advice: tuple[Message, ...] = (),
) -> Judgement:
    """It could not be told; the message says why, and what would make it observable."""
    return _judge(Outcome.UNKNOWN, measure, message, facts, expected, observed, advice)


def not_applicable(measure: str, message: str, facts: Facts = NO_FACTS) -> Judgement:
    """The measure has no meaning on this target."""
    return _judge(Outcome.NOT_APPLICABLE, measure, message, facts, NO_FACTS, NO_FACTS, ())


def not_observed(measure: str, missing: NotCaptured) -> Judgement:
    """A probe gave nothing: the outcome is unknown and the report shows the reason and the mend.

    The message id ``not_observed`` is the engine's own; a check need not define it.
    """
    return unknown(
        measure,
        "not_observed",
        {
            "probe": missing.probe,
            "reason": missing.reason.value,
            "detail": missing.detail,
            "mend": missing.mend,
        },
    )


def nothing_told(measure: str, told: Told[Any]) -> Judgement:
    """There is no answer to judge: not observed, or the check's message ``unparsed``."""
    if told.gap is not None:
        return not_observed(measure, told.gap)
    return unknown(measure, "unparsed", {"part": told.unparsed})
