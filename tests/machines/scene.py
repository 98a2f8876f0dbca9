"""Assesses a machine of the lab over SSH, as a run does, with the checks that a test names."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from assessor.concluding import conclude
from assessor.model.capture import Capture, NotCaptured
from assessor.model.finding import Finding
from assessor.model.limits import Limits
from assessor.model.plan import TargetPlan
from assessor.model.target import Platform
from assessor.pipeline import Checks, begin, gather, prepare
from assessor.plan.access import privileged, sudoers_file
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.machine import USER, Machine


class Silent:
    """Shows nothing of a run's progress."""

    def begun(self, plan: TargetPlan) -> None:
        """A target is being collected."""

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """A probe was stored."""

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """A target is done."""
        if gap is not None:
            raise AssertionError(f"{plan.target.name}: {gap.detail}")


def findings(
    machines: Mapping[str, Machine] | Machine,
    checks: Mapping[str, Mapping[str, object]] | Sequence[str],
    *,
    sudo: bool = True,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Finding, ...]:
    """What the checks find.

    Args:
        machines: by the name that the inventory gives them; one alone is ``host``.
        checks: their ids, with parameters that differ from the defaults.
        sudo: whether the account may use sudo, with the file that ``assess access`` prints.
        more: what the inventory says besides of a machine, by its name.
    """
    named = machines if isinstance(machines, Mapping) else {"host": machines}
    chosen = checks if isinstance(checks, Mapping) else {check: {} for check in checks}
    catalogue = Checks()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "profiles").mkdir()
        infos = catalogue.catalogue.infos
        measures = sorted({m for check in chosen for m in infos[check].measures})
        profile = {
            "id": "scene",
            "title": {"nl": "x", "en": "x"},
            "checks": {check: dict(parameters) for check, parameters in chosen.items()},
            "measures": measures,
        }
        (folder / "profiles/scene.yaml").write_text(yaml.safe_dump(profile))
        write_assessment(
            folder,
            [
                ssh_entry(name, machine.host, privilege="sudo" if sudo else "none")
                | dict((more or {}).get(name, {}))
                for name, machine in named.items()
            ],
            organisation="Lab",
            profile="scene",
        )
        prepared = prepare(folder, catalogue)
        if sudo:
            for target in prepared.assessment.targets:
                probes = privileged(prepared.assessment.profile, infos, Platform.LINUX, [target])
                named[target.name].allow(sudoers_file(USER, probes) if probes else "")
        run = begin(prepared)
        gather(prepared, run, Silent(), threading.Event(), Limits(jobs=2))
        return conclude(run, catalogue).findings


def finding(machine: Machine, check: str, measure: str = "", **options: Any) -> Finding:
    """The one finding of a check, or of one measure of it, on a machine."""
    parameters = options.pop("parameters", {})
    found = findings(machine, {check: parameters}, **options)
    (one,) = [each for each in found if measure in {"", each.measure}]
    return one


def token() -> str:
    """A name for a machine's network."""
    return secrets.token_hex(4)
