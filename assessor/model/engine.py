"""An engine: how a run reaches clients' networks that this machine cannot enter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from assessor.model.target import SecretSource

MOST_WAIT_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Broker:
    """The message broker that carries orders to workers, and what they collected back.

    Attributes:
        url: ``amqps://`` (RabbitMQ) or ``rediss://`` (Redis), without a password; without TLS only
            on this machine itself.
        password: where its password comes from; ``None`` where there is none.
        ca_file: the authority that signed its certificate (PEM); empty for the system's own.
        certificate_file: this client's own certificate (PEM), where the broker wants one.
        key_file: the key of that certificate.
    """

    url: str
    password: SecretSource | None = None
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class Engine:
    """Who collects the targets of sites.

    Attributes:
        broker: through which their workers are reached.
        wait_s: seconds that a run waits for its workers.
        sites: of each site, the file with the public key of its worker.
    """

    broker: Broker
    wait_s: int = 3600
    sites: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
