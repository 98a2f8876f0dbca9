"""Where a question goes, and the settings of a target that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from assessor.collect.transports.tcp import Clock
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

Request = Mapping[str, object]
"""What ``request:`` of a check's probe says."""


class Question(Protocol):
    """One kind of question to a service. One object serves all targets and threads."""

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer as plain data.

        Raises:
            TransportError: there was no answer.
        """


@dataclass(frozen=True, slots=True)
class Service:
    """Where to connect and whom to expect there."""

    host: str
    port: int
    server_name: str


def service_of(target: Target, request: Request, usual: int) -> Service:
    """The service that a question is about; ``usual`` is the port where nothing names one.

    Raises:
        TransportError: the inventory says what cannot be (reason ``not-run``).
    """
    port = target.port or request.get("port", usual)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65_536:
        raise TransportError(
            Reason.NOT_RUN,
            f"{port!r} is not a port",
            mend="set the port of this target to a number from 1 to 65535",
        )
    return Service(
        host=option(target, "connect_to") or target.address,
        port=port,
        server_name=(option(target, "server_name") or target.address).rstrip("."),
    )


def option(target: Target, name: str) -> str | None:
    """The text that a target's options give under ``name``, or ``None``.

    Raises:
        TransportError: it is no text (reason ``not-run``).
    """
    value = target.options.get(name)
    if value is None or isinstance(value, str):
        return value
    raise TransportError(
        Reason.NOT_RUN,
        f"the option {name} of {target.name} is not a text",
        mend=f"write {name} as a text in the inventory, in quotes if need be",
    )
