"""The samples of a check: recorded outputs with the judgement that must follow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assessor.errors import CheckError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Captures, Check, CheckInfo, Parameters, Probe
from assessor.model.facts import Fact
from assessor.model.filling import filled
from assessor.model.finding import Judgement, Outcome
from assessor.model.language import Language
from assessor.model.target import DeviceOs, Platform, Role, Target, TransportKind
from assessor.model.texts import CheckTexts
from assessor.yamlfile import read_yaml

ENGINE_MESSAGES = frozenset({"not_observed", "check_failed"})
"""Message ids that every check may use without a text of its own."""


class _Expected(BaseModel):
    model_config = ConfigDict(extra="forbid")
    outcome: Outcome
    message: str
    observed: dict[str, Any] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)
    advice: list[str] | None = None


class _Sample(BaseModel):
    model_config = ConfigDict(extra="forbid")
    platform: Platform
    device: DeviceOs | None = None
    role: Role | None = None
    at: datetime
    clock_skew_s: float | None = None
    exit_status: dict[str, int] = Field(default_factory=dict)
    not_captured: dict[str, Reason] = Field(default_factory=dict)
    truncated: list[str] = Field(default_factory=list)
    options: dict[str, Any] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    beside: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    expect: dict[str, _Expected]


@dataclass(frozen=True, slots=True)
class Sample:
    """One case of a check, ready to be judged.

    Attributes:
        name: the folder's name.
        captures: what the probes "answered".
        parameters: the defaults with the sample's own values over them.
        expect: the outcome, message and values that must follow, by measure.
        beside: other targets that the check compares it with: the captures of other samples.
    """

    name: str
    folder: Path
    captures: Captures
    parameters: Parameters
    expect: Mapping[str, _Expected]
    beside: Mapping[str, Captures] = field(default_factory=dict)


def read_samples(info: CheckInfo) -> tuple[Sample, ...]:
    """Reads every folder of ``samples/``; raises ``CheckError`` at a fault in one."""
    root = info.folder / "samples"
    folders = sorted(path for path in root.glob("*") if path.is_dir())
    return tuple(_read(info, folder) for folder in folders)


def _read(info: CheckInfo, folder: Path, *, alone: bool = False) -> Sample:
    document = read_yaml(folder / "expected.yaml")
    try:
        sample = _Sample.model_validate(document.value)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        steps = [step for step in fault["loc"] if isinstance(step, str | int)]
        raise CheckError(f"{document.place(*steps)}: {fault['msg']}") from None
    if not (folder / "origin.md").is_file():
        raise CheckError(f"{folder}: origin.md is missing: say where the sample comes from")
    if sample.platform not in info.probes:
        raise CheckError(f"{folder}: the check has no probes for {sample.platform}")
    if set(sample.expect) != set(info.measures):
        raise CheckError(f"{folder}: expect names {set(sample.expect)}, not {set(info.measures)}")
    target = Target(
        name="sample",
        role=sample.role or min(info.roles),
        transport=TransportKind.NETWORK
        if sample.platform is Platform.NETWORK
        else TransportKind.SSH,
        platform=sample.platform,
        address="sample.example",
        tags=tuple(sample.tags),
        options=sample.options,
        device=sample.device,
    )
    probes = {
        probe.name: probe
        for declared in info.probes[sample.platform]
        for probe in filled(declared, target)
    }
    known = {f"{name}.{kind}" for name in probes for kind in ("stdout", "stderr")}
    for path in folder.iterdir():
        if path.name not in known | {"expected.yaml", "origin.md"}:
            raise CheckError(f"{path}: belongs to no probe of {info.id}")
    captures = {
        name: capture
        for name, probe in probes.items()
        if (capture := _capture(folder, probe, sample)) is not None
    }
    defaults = {name: parameter.default for name, parameter in info.parameters.items()}
    for name in sample.parameters:
        if name not in defaults:
            raise CheckError(f"{folder}: {info.id} has no parameter {name}")
    at = sample.at if sample.at.tzinfo else sample.at.replace(tzinfo=UTC)
    return Sample(
        folder.name,
        folder,
        Captures(target, at, captures, sample.clock_skew_s),
        Parameters({**defaults, **{name: plain(v) for name, v in sample.parameters.items()}}),
        sample.expect,
        {
            name: _read(info, folder.with_name(other), alone=True).captures
            for name, other in sample.beside.items()
            if not alone
        },
    )


def observed(check: Check[Any], captures: Captures, beside: Mapping[str, Captures]) -> Any:
    """The facts of a sample, after the check has compared it with those beside it."""
    facts = check.observe(captures)
    if check.compare is None:
        return facts
    others = {name: check.observe(other) for name, other in beside.items()}
    return check.compare({captures.target.name: facts, **others})[captures.target.name]


def _capture(folder: Path, probe: Probe, sample: _Sample) -> Capture | None:
    if probe.name in sample.not_captured:
        reason = sample.not_captured[probe.name]
        return NotCaptured(probe.name, reason, f"sample: {reason.value}", sample.at)
    path = folder / f"{probe.name}.stdout"
    if not path.is_file():
        return None
    errors = folder / f"{probe.name}.stderr"
    raw = path.read_bytes()
    text = raw.decode("utf-8", errors="replace")
    return Captured(
        probe.name,
        text,
        errors.read_text(encoding="utf-8") if errors.is_file() else "",
        sample.exit_status.get(probe.name, 0),
        sample.at,
        truncated=probe.name in sample.truncated,
        undecodable="\ufffd" in text or "\0" in text,
    )


def judge_sample(
    info: CheckInfo, check: Check[Any], texts: Mapping[Language, CheckTexts], sample: Sample
) -> list[str]:
    """Every way in which ``sample`` is judged otherwise than expected; empty when it is right."""
    facts = observed(check, sample.captures, sample.beside)
    judgements = list(check.evaluate(facts, sample.parameters))
    faults = []
    seen = [judgement.measure for judgement in judgements]
    if sorted(seen) != sorted(info.measures):
        faults.append(f"judged {seen}, where check.yaml names {list(info.measures)}")
    for judgement in judgements:
        if judgement.measure in sample.expect:
            faults += _compare(judgement, sample.expect[judgement.measure])
        for message in (judgement.message, *judgement.advice):
            faults += message_faults(message.id, message.facts, texts)
        if (
            judgement.outcome in (Outcome.FAIL, Outcome.UNKNOWN)
            and judgement.message.id not in ENGINE_MESSAGES
            and judgement.message.id not in texts[Language.NL].remedies
        ):
            faults.append(f"texts.yaml has no remedy for {judgement.message.id}")
    return faults


def message_faults(
    message: str, facts: Mapping[str, Fact], texts: Mapping[Language, CheckTexts]
) -> list[str]:
    """What is wrong with a message: no text for its id, or a placeholder without a fact."""
    if message in ENGINE_MESSAGES:
        return []
    text = texts[Language.NL].messages.get(message)
    if text is None:
        return [f"texts.yaml has no message {message}"]
    names = re.findall(r"\{([A-Za-z0-9_]+)\}", text + texts[Language.NL].remedies.get(message, ""))
    return [f"{message}: no fact for {{{name}}}" for name in names if name not in facts]


def _compare(judgement: Judgement, expected: _Expected) -> list[str]:
    faults = []
    for name, value, actual in (
        ("outcome", expected.outcome, judgement.outcome),
        ("message", expected.message, judgement.message.id),
    ):
        if actual != value:
            faults.append(
                f"{judgement.measure}: {name} is {actual!s}, expected {value!s}; "
                f"facts {dict(judgement.message.facts)}"
            )
    for kind, wanted, values in (
        ("observed", expected.observed, judgement.observed),
        ("facts", expected.facts, judgement.message.facts),
    ):
        faults += [
            f"{judgement.measure}: {kind}.{name} is {values.get(name)!r}, expected {plain(value)!r}"
            for name, value in wanted.items()
            if values.get(name) != plain(value)
        ]
    if expected.advice is not None:
        advice = [message.id for message in judgement.advice]
        if advice != expected.advice:
            faults.append(f"{judgement.measure}: advice is {advice}, expected {expected.advice}")
    return faults


def plain(value: object) -> Fact:
    """YAML's lists as tuples, so that they compare with facts; raises ``TypeError`` otherwise."""
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{value!r} is no plain fact")
