"""Asks a device for its configuration: over SSH, or from a file that somebody exported."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assessor.collect.transports.base import Deadline
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target, TransportKind

if TYPE_CHECKING:
    from assessor.collect.transports.ssh_session import Session
    from assessor.collect.transports.watch import Guard
    from assessor.devices.system import DeviceSystem

# What reads devices is imported where it is used: most runs have none.

LARGEST = 4 * 1024 * 1024
"""Bytes of configuration that are taken from one device."""


class DeviceTransport(Protocol):
    """A way to the answers of a device."""

    def answers(self, target: Target, deadline: Deadline) -> Iterator[tuple[str, str]]:
        """Each question with what the device said, as it comes.

        Raises:
            TransportError: the device could not be reached, entered, or asked to the end.
        """


class Sessions(Protocol):
    """Opens SSH sessions (``SshTransport``)."""

    def session(
        self, target: Target, deadline: Deadline
    ) -> contextlib.AbstractContextManager[tuple[Session, Guard]]:
        """A session with a target, entered, and the guard that watches over it."""


def ask_device(
    transport: DeviceTransport, target: Target, deadline: Deadline
) -> tuple[str, TransportError | None]:
    """All that the device said, as one text, and why it did not say more.

    Raises:
        TransportError: it said nothing at all.
    """
    from assessor.devices.answers import joined

    heard: list[tuple[str, str]] = []
    try:
        for answer in transport.answers(target, deadline):
            heard.append(answer)
            if sum(len(text) for _, text in heard) > LARGEST:
                raise TransportError(
                    Reason.PROTOCOL, f"it says more than {LARGEST // 1024 // 1024} MiB"
                )
    except TransportError as error:
        if not heard or error.reason is Reason.INTERRUPTED:
            raise
        return joined(heard), error
    return joined(heard), None


class SshDevices:
    """Devices that are asked over SSH, as strict about host keys as any other target."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def answers(self, target: Target, deadline: Deadline) -> Iterator[tuple[str, str]]:
        """See ``DeviceTransport.answers``."""
        from assessor.devices.system import Session as Kind

        asked = _system(target)
        with self._sessions.session(target, deadline) as (session, guard):
            if asked.session is Kind.EXEC:
                from assessor.collect.transports.device_exec import ask_each
            else:
                # Netmiko takes its time to load, which runs without a device need not wait for.
                from assessor.collect.transports.device_cli import ask_each
            yield from ask_each(asked, session, guard)


class FileDevices:
    """Configurations that were exported into files: nothing is connected to."""

    def answers(self, target: Target, deadline: Deadline) -> Iterator[tuple[str, str]]:
        """See ``DeviceTransport.answers``."""
        from assessor.devices.answers import FILE

        deadline.require("reading the file")
        path = Path(target.file)
        try:
            with path.open("rb") as stream:
                raw = stream.read(LARGEST + 1)
        except OSError as error:
            raise TransportError(
                Reason.UNREACHABLE,
                f"{path} cannot be read: {error.strerror}",
                mend="name the exported configuration under file: in the inventory",
            ) from None
        if len(raw) > LARGEST:
            raise TransportError(
                Reason.PROTOCOL, f"{path} is larger than {LARGEST // 1024 // 1024} MiB"
            )
        if not raw.strip():
            raise TransportError(
                Reason.PROTOCOL, f"{path} is empty", mend="export the configuration once more"
            )
        yield FILE, _text(raw, path)


def _text(raw: bytes, path: Path) -> str:
    """The text of an exported file; makers write UTF-8, UTF-16 or Windows' own letters."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            if "\x00" not in text:
                return text
    raise TransportError(
        Reason.PROTOCOL,
        f"{path} is no text",
        mend="export the configuration as text, not as the device's binary backup",
    )


def _system(target: Target) -> DeviceSystem:
    if target.device is None:
        raise TransportError(Reason.WRONG_PLATFORM, f"{target.name} is no device")
    from assessor.devices.reading import system

    return system(target.device)


Devices = dict[TransportKind, DeviceTransport]
