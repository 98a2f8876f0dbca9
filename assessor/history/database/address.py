"""How PostgreSQL is connected to: what the settings say, and what is safe beside it."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from assessor.errors import UsageError

CONNECT_S = 5
"""A server that is down must not hold up a run for long."""
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


def address(url: str, password: Callable[[], str] | None) -> URL:
    """The address with its password; raises ``UsageError``, which does not repeat it.

    Args:
        url: ``postgresql+psycopg://user@host:port/database?option=value``, without a password.
        password: gives it; ``None`` where libpq finds it by itself (PGPASSWORD, ~/.pgpass, peer).
    """
    try:
        made = make_url(url).set(drivername="postgresql+psycopg")
        # A port that is no number is only seen when it is taken.
        return made if password is None else made.set(password=password())
    except (ArgumentError, ValueError):
        raise UsageError(
            "history: url is no address of a database",
            mend="write for example postgresql+psycopg://assess@db.example.nl/assess",
        ) from None


def arguments(url: URL, environment: Mapping[str, str]) -> dict[str, Any]:
    """What libpq is told beside the address.

    A server on another machine must show a certificate for its name, unless the address or libpq's
    own variables say otherwise: what is wrong with 50 machines goes over that line.
    """
    told: dict[str, Any] = {"connect_timeout": CONNECT_S, "application_name": "assess"}
    hosts = url.host or url.query.get("host") or environment.get("PGHOST", "")
    by_hand = "sslmode" in url.query or "PGSSLMODE" in environment or "service" in url.query
    if by_hand or (isinstance(hosts, str) and _here(hosts)):
        return told
    told["sslmode"] = "verify-full"
    if "sslrootcert" not in url.query and "PGSSLROOTCERT" not in environment:
        told["sslrootcert"] = _authorities()
    return told


def _here(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True  # libpq takes the socket of this machine
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _authorities() -> str:
    """The system's authorities: the libpq that comes with psycopg does not know where they are."""
    for path in (ssl.get_default_verify_paths().cafile, *_BUNDLES):
        if path and Path(path).is_file():
            return path
    return "system"
