"""A worker: what collects in a client's network, by order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assessor.model.assessment import Signing
from assessor.model.engine import Broker
from assessor.model.limits import Limits
from assessor.model.target import Target


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """A worker's own settings, as ``worker.yaml`` says them.

    Attributes:
        folder: where they stand; its spool and its fingerprint key are kept there.
        site: the network that it stands in.
        broker: from which it takes its orders.
        hubs: files with the public keys of those whose orders are obeyed.
        signing: the key with which it signs what it collected.
        targets: all that it may touch, and how it is reached.
        checks: folders with checks of its own.
        packages: installed packages whose checks may be used.
        limits: how many targets at once, and how long each may take at most.
    """

    folder: Path
    site: str
    broker: Broker
    hubs: tuple[Path, ...]
    signing: Signing
    targets: tuple[Target, ...]
    checks: tuple[Path, ...]
    packages: tuple[str, ...]
    limits: Limits
