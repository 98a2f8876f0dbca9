"""What may stand in ``engine:`` of ``assessment.yaml``, and in a worker's ``worker.yaml``."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from assessor.inputs.settings import (
    InventorySettings,
    Name,
    Names,
    Paths,
    RunningSettings,
    Secret,
    Settings,
    SigningSettings,
    Text,
    refuse,
)
from assessor.model.engine import MOST_WAIT_S

_EXAMPLE = "write for example amqps://bakker@broker.example.nl/assess or rediss://broker.example.nl"
_WITH_TLS = {"amqps", "rediss"}
_WITHOUT_TLS = {"amqp", "redis"}


def _broker(value: str) -> str:
    """A broker's address: with TLS, without a password and without options."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        refuse("this is no address of a broker", _EXAMPLE)
    if parts.scheme not in _WITH_TLS | _WITHOUT_TLS or not host:
        refuse("this is no address of a broker", _EXAMPLE)
    if parts.password is not None:
        refuse(
            "a password never stands in this file itself",
            "leave it out of the address, and write beside it password: {env: NAME}; "
            "and change a password that has stood in a file",
        )
    # The library would take options from there that turn the check of certificates off.
    if parts.query or parts.fragment:
        refuse("a broker's address ends with its path", "leave out what begins with ? or #")
    if parts.scheme in _WITHOUT_TLS and not _is_loopback(host):
        refuse(
            "a broker on another machine is reached over TLS only",
            f"write {'amqps' if parts.scheme == 'amqp' else 'rediss'}:// and its TLS port",
        )
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class BrokerSettings(Settings):
    """The message broker between a run and its workers."""

    url: Annotated[str, AfterValidator(_broker), Field(max_length=2048)]
    """amqps://[user@]host[:port]/vhost for RabbitMQ, rediss://[user@]host[:port]/number for Redis;
    never a password."""
    password: Secret | None = None
    """Where its password comes from."""
    ca_file: Text | None = None
    """PEM file of the authority that signed its certificate; the system's own unless said."""
    certificate_file: Text | None = None
    """PEM file of your own certificate, where the broker wants one."""
    key_file: Text | None = None
    """PEM file of that certificate's key."""


class SiteSettings(Settings):
    """A client's network in which a worker stands."""

    key: Text
    """File with the public key of its worker (assess key export), relative to this one."""


class EngineSettings(Settings):
    """How targets with a site are reached: by a worker in the client's network (assess worker)."""

    broker: BrokerSettings
    """The message broker in between."""
    wait: Annotated[int, Field(ge=1, le=MOST_WAIT_S)] = 3600
    """Seconds that a run waits for its workers; what is missing then is said in the report."""
    sites: dict[Name, SiteSettings]
    """The workers that are believed, by the name of their site."""


class WorkerSettings(InventorySettings):
    """The settings of a worker, worker.yaml."""

    site: Name | None = None
    """The name of this network, as the targets in assessment.yaml have it (or --queue)."""
    broker: BrokerSettings
    """The message broker from which it takes its orders."""
    hubs: Paths
    """Files with the public keys of those whose orders are obeyed (assess key export)."""
    signing: SigningSettings
    """This worker's own key, with which it signs what it collected."""
    inventory: Paths | None = None
    """Further files with groups and targets, relative to this one."""
    checks: Paths | None = None
    """Folders with check folders of your own, relative to this file."""
    packages: Names | None = None
    """Installed packages with checks that may be used."""
    run: RunningSettings | None = None
    """How many targets side by side, and how long each may take at most."""
