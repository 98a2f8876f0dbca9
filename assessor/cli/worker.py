"""``assess worker``: collects in a client's network, by order."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli.console import note, say, warn
from assessor.cli.engine import broker_password, celery_needed
from assessor.cli.own_key import own_key
from assessor.errors import EvidenceError

EPILOG = """
Examples:

  assess worker                          the worker in this folder (worker.yaml)

  assess worker -C /etc/assess/bakker    another folder

  assess worker --queue bakker           for this site, whatever the settings say

  assess worker --check                  its keys, its targets, and whether the broker is there

docs/workers.md shows how a worker is set up, and what it refuses.
"""


def worker(
    folder: Annotated[
        Path, typer.Option("--folder", "-C", help="The worker's folder; this folder unless said.")
    ] = Path(),
    queue: Annotated[
        str | None,
        typer.Option(
            "--queue",
            metavar="SITE",
            help="The site whose orders are taken; that of the settings unless said.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Try the settings, the keys and the broker, and end.")
    ] = False,
) -> None:
    """Collect in this network what a run elsewhere orders, and hand it over, signed."""
    from assessor.inputs.worker import load_worker
    from assessor.pipeline import Checks

    setup = load_worker(folder, queue)
    with celery_needed():
        from assessor.dispatching.broker import try_broker
        from assessor.dispatching.gathering import read_public_key
        from assessor.dispatching.worker import Worker
    hubs = [read_public_key(path) for path in setup.hubs]
    key = own_key(setup.signing)
    assert key is not None  # noqa: S101 - the settings name one
    password = broker_password(setup.broker)
    catalogue = Checks(setup.checks).read(setup.packages)
    note(f"assess worker of the site {setup.site}")
    note(f"  signs with     {key.public.spoken}")
    for hub in hubs:
        note(f"  takes orders of {hub.spoken}")
    note(f"  may touch      {', '.join(target.name for target in setup.targets)}")
    for broken, why in catalogue.broken.items():
        warn(f"warning: the check {broken} is broken, and what it asks is not asked here: {why}")
    if check:
        if trouble := try_broker(setup.broker, password):
            raise EvidenceError(f"the broker is not there: {trouble}")
        say("The broker is there.")
        return
    Worker(setup, key, hubs, catalogue.infos, password, _log).run()


def _log(line: str) -> None:
    note(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {line}")
