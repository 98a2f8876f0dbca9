"""Which probes go to which target. Equal probes of several checks run once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from assessor.model.check import CheckInfo, Probe, ProbeKind
from assessor.model.facts import Facts
from assessor.model.filling import filled
from assessor.model.plan import Plan, PlannedCheck, PlannedProbe, TargetPlan
from assessor.model.profile import Profile
from assessor.model.target import Privilege, Target


def make_plan(
    targets: Iterable[Target],
    profile: Profile,
    checks: Mapping[str, CheckInfo],
    not_asked: Iterable[Target] = (),
) -> Plan:
    """The plan of a run.

    A check goes to a target when the profile names it, its roles hold the target's role, and it
    has probes for the target's platform and options. A target to which no check goes stays in the
    plan: that nothing is asked of it must be seen.

    Args:
        targets: in the inventory's order.
        profile: names the checks and overrides parameters.
        checks: what is known of each check; those that the profile names and that are missing
            here were reported when the catalogue was read.
        not_asked: the targets of the inventory that the run was limited not to ask.

    Raises:
        UsageError: an option of a target cannot fill in the probe that asks for it.
    """
    chosen = [checks[check_id] for check_id in profile.checks if check_id in checks]
    alike: dict[object, TargetPlan] = {}
    others = (_shared(_plan_target(each, chosen, profile), alike) for each in not_asked)
    return Plan(
        tuple(_shared(_plan_target(each, chosen, profile), alike) for each in targets),
        tuple(replace(other, probes=()) for other in others),
    )


def _shared(planned: TargetPlan, alike: dict[object, TargetPlan]) -> TargetPlan:
    """``planned`` with the values of an earlier one that is like it: most hosts are asked alike.

    A plan of a thousand hosts would take as many times the memory otherwise.
    """
    asked = planned.probes, tuple((each.check, *each.keys.items()) for each in planned.checks)
    known = alike.setdefault(asked, planned)
    return TargetPlan(planned.target, known.probes, known.checks)


def _plan_target(target: Target, chosen: Iterable[CheckInfo], profile: Profile) -> TargetPlan:
    probes: dict[str, Probe] = {}
    planned: list[PlannedCheck] = []
    for info in chosen:
        if target.role not in info.roles or target.platform not in info.probes:
            continue
        keys: dict[str, str] = {}
        for declared in info.probes[target.platform]:
            for probe in filled(declared, target):
                key = _key(probe)
                keys[probe.name] = key
                probes[key] = _wider(probes.get(key), probe)
        if not keys:
            continue  # all that it asks is about what the inventory names, and it names nothing
        planned.append(
            PlannedCheck(info.id, info.measures, keys, parameters(info, profile.checks[info.id]))
        )
    ordered = sorted(probes.items(), key=lambda item: _order(item[1]))
    return TargetPlan(
        target, tuple(PlannedProbe(key, probe) for key, probe in ordered), tuple(planned)
    )


def parameters(info: CheckInfo, overrides: Facts) -> Facts:
    """The check's defaults with ``overrides`` over them, for the names that the check knows."""
    return {
        name: overrides.get(name, parameter.default) for name, parameter in info.parameters.items()
    }


@lru_cache(4096)  # the same for every target that is asked it
def _key(probe: Probe) -> str:
    """Names a probe by what is asked, so that two checks that ask the same share the answer."""
    asked = "\0".join((probe.kind, probe.privilege, probe.text, *probe.arguments)).encode()
    name = probe.kind.value
    if probe.kind is ProbeKind.COMMAND:
        name = PurePosixPath(probe.text.split(" ")[0]).name
    return f"{name}-{hashlib.sha256(asked).hexdigest()[:12]}"


def _wider(known: Probe | None, probe: Probe) -> Probe:
    """One probe that serves both: the longer time and the larger limit."""
    if known is None:
        return probe
    return replace(
        known,
        timeout_s=max(known.timeout_s, probe.timeout_s),
        limit_bytes=max(known.limit_bytes, probe.limit_bytes),
    )


def _order(probe: Probe) -> tuple[bool, int]:
    """Unprivileged and quick ones first: what hangs must cost the others nothing."""
    return probe.privilege is Privilege.SUDO, probe.timeout_s
