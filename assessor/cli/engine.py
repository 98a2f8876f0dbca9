"""The options of ``assess run`` that say which engine collects, and what they come to."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli.console import warn
from assessor.errors import UsageError
from assessor.model.engine import MOST_WAIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessor.cli.progress import RunProgress
    from assessor.evidence.signing import PublicKey, SigningKey
    from assessor.evidence.store import RunFolder
    from assessor.model.engine import Broker, Engine
    from assessor.model.limits import Limits
    from assessor.pipeline import Prepared


class EngineName(StrEnum):
    """Who collects."""

    LOCAL = "local"
    CELERY = "celery"


Chosen = Annotated[
    EngineName | None,
    typer.Option(
        "--engine",
        help="Who collects: this machine alone (local), or also the workers at sites (celery); "
        "celery where the settings have an engine.",
    ),
]
Wait = Annotated[
    int | None,
    typer.Option("--wait", min=1, max=MOST_WAIT_S, help="Seconds to wait for the workers."),
]


@dataclass(frozen=True, slots=True)
class Ready:
    """An engine with all that it needs, known before anything is asked.

    Attributes:
        keys: of each site that has a target, the key of its worker.
        password: of the broker; empty where there is none.
    """

    engine: Engine
    key: SigningKey
    keys: Mapping[str, PublicKey]
    password: str

    def gather(
        self, prepared: Prepared, run: RunFolder, progress: RunProgress, limits: Limits
    ) -> None:
        """See ``dispatching.gathering.gather``; says on ``progress`` what it waits for."""
        from assessor.dispatching.gathering import gather

        engine = self.engine
        if limits.run_deadline_s is not None:
            engine = replace(engine, wait_s=min(engine.wait_s, int(limits.run_deadline_s)))
        gather(
            prepared,
            run,
            progress,
            threading.Event(),
            limits,
            engine=engine,
            key=self.key,
            keys=self.keys,
            password=self.password,
            say=progress.tell,
            warn=warn,
        )


def made_ready(
    prepared: Prepared,
    name: EngineName | None,
    wait: int | None,
    key: Callable[[], SigningKey | None],
) -> Ready | None:
    """The engine that the options and the settings name; ``None`` where this machine collects all.

    Args:
        prepared: the assessment, and what is to be asked.
        name: goes before the settings.
        wait: goes before the settings.
        key: gives the key that signs the run, where there is one.

    Raises:
        UsageError: something is missing that the engine needs.
    """
    engine = prepared.assessment.engine
    if name is EngineName.LOCAL or (engine is None and name is None):
        return None
    if engine is None:
        raise UsageError(
            "the settings name no engine",
            mend="write engine: with broker: and sites: in assessment.yaml (docs/workers.md)",
        )
    if not any(planned.target.site for planned in prepared.plan.targets):
        return None  # there is nothing to order
    with celery_needed():
        from assessor.dispatching.gathering import keys_of_sites
    keys = keys_of_sites(engine, prepared.plan)
    signing = key()
    if signing is None:
        raise UsageError(
            "orders to workers are signed, and there is no key",
            mend="make one with: assess key new, and give its public part to the sites "
            "(assess key export)",
        )
    if wait is not None:
        engine = replace(engine, wait_s=wait)
    return Ready(engine, signing, keys, broker_password(engine.broker))


def broker_password(broker: Broker) -> str:
    """The broker's password from its source; raises ``UsageError`` where that gives none."""
    if broker.password is None:
        return ""
    from assessor.collect.secrets import SourcedSecrets
    from assessor.collect.terminal import Terminal

    ask = Terminal(threading.Event()).ask
    return SourcedSecrets(ask).named(broker.password, "the password of the broker")


@contextmanager
def celery_needed() -> Iterator[None]:
    """Says what to install where Celery, or Redis' client, is not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"celery", "kombu", "redis"}:
            raise
        raise UsageError(
            f"workers need Celery, and {error.name} is not installed",
            mend=f"{sys.executable} -m pip install 'celery[redis]>=5.4'",
        ) from None
