"""Collects a run: what has a site by its worker, and everything else from this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from assessor import pipeline
from assessor.collect.runner import Progress
from assessor.dispatching.broker import make_app
from assessor.dispatching.hub import Dispatch, Hub
from assessor.errors import EvidenceError, UsageError
from assessor.evidence.signing import PublicKey, SigningKey
from assessor.evidence.store import RunFolder
from assessor.model.engine import Engine
from assessor.model.limits import Limits
from assessor.model.plan import Plan, TargetPlan

Say = Callable[[str], None]


def read_public_key(path: Path) -> PublicKey:
    """The public key in a file; raises ``UsageError`` where there is none."""
    try:
        return PublicKey.from_pem(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except EvidenceError as error:
        raise UsageError(f"{path}: {error}", mend="write it with: assess key export") from None


def keys_of_sites(engine: Engine, plan: Plan) -> Mapping[str, PublicKey]:
    """The key of each site that has a target in ``plan``.

    Raises:
        UsageError: the settings name no key for one of them, or it cannot be read.
    """
    keys: dict[str, PublicKey] = {}
    for planned in plan.targets:
        site = planned.target.site
        if not site or site in keys:
            continue
        if site not in engine.sites:
            raise UsageError(
                f"the target {planned.target.name!r} is at the site {site!r}, which has no worker",
                mend=f"name its key in assessment.yaml under engine: sites: {site}: {{key: FILE}}",
            )
        keys[site] = read_public_key(engine.sites[site])
    return keys


def gather(
    prepared: pipeline.Prepared,
    run: RunFolder,
    progress: Progress,
    abandoned: threading.Event,
    limits: Limits,
    *,
    engine: Engine,
    key: SigningKey,
    keys: Mapping[str, PublicKey],
    password: str,
    say: Say,
    warn: Say,
) -> None:
    """Asks all targets of ``prepared`` and stores what comes back in ``run``.

    What no worker answered in time is stored as the reason why it is missing. When the run is
    interrupted nothing is, and a resumed run orders it again.

    Args:
        prepared: what is left to ask.
        run: where it is kept.
        progress: hears how far it is.
        abandoned: set when the run was interrupted.
        limits: of one target.
        engine: the broker, and how long to wait.
        key: signs the orders.
        keys: of each site the key of its worker.
        password: of the broker; empty where there is none.
        say: takes lines for whoever watches.
        warn: takes what must be known also where nobody watches.
    """
    far = tuple(each for each in prepared.plan.targets if each.target.site and each.probes)
    names = {each.target.name for each in far}
    # They stay in the plan, without a question: a redirect may lead from one site to another.
    near = tuple(
        TargetPlan(each.target, (), ()) if each.target.name in names else each
        for each in prepared.plan.targets
    )
    dispatch = Dispatch(run, far, key, keys, limits.deadline_s, float(engine.wait_s))
    hub = Hub(dispatch, make_app(engine.broker, password), progress, say)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            hub.work(abandoned)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work, name="hub", daemon=True)
    if far:
        thread.start()
    try:
        pipeline.gather(replace(prepared, plan=Plan(near)), run, progress, abandoned, limits)
        while thread.is_alive():
            thread.join(0.5)
    except BaseException:
        abandoned.set()
        if far:
            thread.join()
        raise
    if failures:
        raise failures[0]
    for why, count in hub.refused.items():
        warn(f"warning: refused {count} message{'s' if count > 1 else ''} from the broker: {why}")
    hub.give_up()
