"""Whole configurations of devices with what must be judged of them.

A case is a folder ``tests/devices/<os>/<name>/``::

    configuration.*     an exported file; or
    answers/01.txt ...  what the device says to each question of its system, in their order
    origin.md           where it comes from, its licence, what was altered
    expected.yaml       role, at, secrets, and the verdict of each device check

``expected.yaml``::

    role: router
    at: 2026-11-20T09:00:00Z
    secrets: [Winter2025!, public]      # must stand nowhere after the redaction
    device: {name: gw, firmware: {version: "7.16"}}    # some of what is read, if wanted
    verdicts:
      device_firewall: {firewall: [pass, closed_but]}
      device_accounts: {access-control: [fail, default_password], mfa: [...], ...}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assessor import bundled
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.devices.answers import FILE, joined
from assessor.devices.reading import system
from assessor.evidence.redact import Redactor, device_rules
from assessor.model.capture import Captured
from assessor.model.check import Captures, Check, CheckInfo, Parameters
from assessor.model.target import DeviceOs, Platform, Role, Target, TransportKind

HERE = Path(__file__).parent
KEY = b"the key of these tests, 32 bytes"
REDACTOR = Redactor(KEY, device_rules(), classes=True)


@dataclass(frozen=True)
class Case:
    """A configuration, and what must be judged of it."""

    os: DeviceOs
    folder: Path
    expected: Mapping[str, Any]

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.os}-{self.folder.name}"

    def raw(self) -> str:
        """The answers as the device gave them, secrets and all."""
        files = sorted(self.folder.glob("configuration.*"))
        if files:
            return joined([(FILE, files[0].read_text(encoding="utf-8"))])
        questions = system(self.os).questions
        answers = sorted((self.folder / "answers").glob("*.txt"))
        said = [path.read_text(encoding="utf-8") for path in answers]
        return joined(zip(questions, said, strict=True))

    def redacted(self) -> str:
        """... and as they are stored."""
        return REDACTOR.redact(self.raw()).text


def cases(os: DeviceOs | None = None) -> Iterator[Case]:
    """All cases, or those of one system."""
    for one in DeviceOs if os is None else [os]:
        for path in sorted((HERE / one.value).glob("*/expected.yaml")):
            yield Case(one, path.parent, yaml.safe_load(path.read_text(encoding="utf-8")))


@cache
def device_checks() -> Mapping[str, tuple[CheckInfo, Check[object]]]:
    """Every bundled check that asks devices."""
    infos = [
        read_check(path.parent, "bundled")
        for path in sorted(bundled.folder("checks").glob("*/check.yaml"))
    ]
    return {info.id: (info, load(info)) for info in infos if Platform.DEVICE in info.probes}


def judged(
    case: Case, text: str, *, at: datetime | None = None
) -> Mapping[str, Mapping[str, list[str]]]:
    """The verdicts on ``text``: by check, then by measure, outcome and message."""
    role = Role(case.expected["role"])
    target = Target("device", role, TransportKind.SSH, Platform.DEVICE, "192.0.2.1", device=case.os)
    when = at or case.expected["at"]
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    captures = Captures(
        target, when, {"configuration": Captured("configuration", text, "", 0, when)}
    )
    verdicts: dict[str, dict[str, list[str]]] = {}
    for name, (info, check) in device_checks().items():
        if role not in info.roles:
            continue
        parameters = Parameters({key: each.default for key, each in info.parameters.items()})
        verdicts[name] = {
            judgement.measure: [judgement.outcome.value, judgement.message.id]
            for judgement in check.evaluate(check.observe(captures), parameters)
        }
    return verdicts
