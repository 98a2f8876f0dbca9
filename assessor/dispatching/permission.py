"""What a worker does of an order: only what its own inventory and its own checks allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from assessor.dispatching.messages import Order, OrderedProbe, probe_digest
from assessor.errors import UsageError
from assessor.model.capture import NotCaptured, Reason
from assessor.model.check import CheckInfo, Probe
from assessor.model.plan import PlannedProbe, TargetPlan
from assessor.model.profile import Profile
from assessor.model.target import Target
from assessor.plan.planner import make_plan

SAME_VERSION = "install the same version of assess, and the same checks of your own, at both ends"
SAME_OPTIONS = "give the target the same options in worker.yaml as in assessment.yaml"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is done of an order, and what is not.

    Attributes:
        plan: what is asked; ``None`` where the target is not touched at all.
        refused: of each question that is not put, why.
    """

    plan: TargetPlan | None
    refused: tuple[NotCaptured, ...]


def allowed(
    order: Order, targets: Iterable[Target], checks: Mapping[str, CheckInfo], now: datetime
) -> Allowed:
    """What of ``order`` may be done.

    Args:
        order: what is to be asked, by digests.
        targets: the worker's own inventory, which says how each is reached.
        checks: the worker's own checks, which hold what is asked.
        now: for the record of what is refused.
    """

    def refusal(probes: Iterable[OrderedProbe], why: str, mend: str) -> tuple[NotCaptured, ...]:
        return tuple(NotCaptured(each.key, Reason.NOT_RUN, why, now, mend) for each in probes)

    target = next((each for each in targets if each.name == order.target), None)
    if target is None:
        why = f"the worker at {order.site} has no target of this name"
        return Allowed(None, refusal(order.probes, why, "list it in the site's worker.yaml"))
    if other := _difference(order, target):
        why = f"the worker at {order.site} knows this target with another {other}"
        mend = f"give it the same {other} in worker.yaml as in assessment.yaml"
        return Allowed(None, refusal(order.probes, why, mend))
    own = _own_probes(target, checks)
    asked = []
    unknown = []
    for ordered in order.probes:
        known = own.get(ordered.sha256)
        if known is None or known.key != ordered.key:
            unknown.append(ordered)
        else:
            # Its own words, not the order's: they end up in a script that runs on the target.
            asked.append(PlannedProbe(known.key, _narrower(known.probe, ordered)))
    why = f"the checks of the worker at {order.site} do not hold this question"
    refused = refusal(unknown, why, f"{SAME_VERSION}; {SAME_OPTIONS}")
    return Allowed(TargetPlan(target, tuple(asked), ()) if asked else None, refused)


def _difference(order: Order, target: Target) -> str:
    """The first thing by which the two inventories do not mean the same kind of target."""
    pairs = {
        "role": (order.role, target.role),
        "platform": (order.platform, target.platform),
        "transport": (order.transport, target.transport),
        "system": (order.device, target.device),
    }
    return next((name for name, (theirs, ours) in pairs.items() if theirs is not ours), "")


def _own_probes(target: Target, checks: Mapping[str, CheckInfo]) -> Mapping[str, PlannedProbe]:
    """All that the worker's checks could ask of ``target``, by digest, with the widest limits."""
    found: dict[str, PlannedProbe] = {}
    for name, info in checks.items():
        try:
            (plan,) = make_plan(
                [target], Profile("worker", {}, {name: {}}, ()), {name: info}
            ).targets
        except UsageError:
            continue  # its options fill in nothing that may be asked
        for planned in plan.probes:
            digest = probe_digest(planned.probe)
            known = found.get(digest, planned).probe
            widest = replace(
                known,
                timeout_s=max(known.timeout_s, planned.probe.timeout_s),
                limit_bytes=max(known.limit_bytes, planned.probe.limit_bytes),
            )
            found[digest] = PlannedProbe(planned.key, widest)
    return found


def _narrower(probe: Probe, ordered: OrderedProbe) -> Probe:
    """As ordered, and never with more time or output than the worker's own checks allow."""
    return replace(
        probe,
        timeout_s=max(1, min(probe.timeout_s, ordered.timeout_s)),
        limit_bytes=max(1, min(probe.limit_bytes, ordered.limit_bytes)),
    )
