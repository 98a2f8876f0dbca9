"""Devices over SSH: prompts, pages, old cryptography, refusals and breaks; and exported files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assessor.collect.transports.base import Deadline
from assessor.collect.transports.device import FileDevices, SshDevices, ask_device
from assessor.devices import reading
from assessor.devices.answers import FILE, joined, parted
from assessor.devices.device import Device
from assessor.devices.system import DeviceSystem, Session
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import (
    DeviceOs,
    Platform,
    Role,
    SecretPurpose,
    SecretSource,
    Target,
    TransportKind,
)
from tests.lab.device_cli import PASSWORD, USER, Manners, device, numbered, plain_lines
from tests.transports.ssh_support import FixedSecrets, transport

LONG = numbered(300)
ANSWERS = {"show configuration": LONG, "show version": "Version 7.1\n", "show users": ""}
PLAIN = DeviceSystem(
    DeviceOs.DRAYOS,
    "a device of the lab",
    Session.CLI,
    tuple(ANSWERS),
    lambda answers: Device(),
    driver="plain",
)


@pytest.fixture(name="known_as")
def _known_as(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[DeviceSystem]]:
    """What ``drayos`` is for a test: the last of the list."""
    systems = [PLAIN]
    monkeypatch.setattr("assessor.devices.reading.system", lambda os: systems[-1])
    yield systems


def target(tmp_path: Path, port: int, key: str) -> Target:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key}\n")
    return Target(
        "device",
        Role.ROUTER,
        TransportKind.SSH,
        Platform.DEVICE,
        "127.0.0.1",
        port=port,
        user=USER,
        known_hosts=(str(known),),
        secrets={SecretPurpose.PASSWORD: SecretSource("env", ("X",))},
        device=DeviceOs.DRAYOS,
    )


def asked(
    tmp_path: Path, manners: Manners, *, password: str = PASSWORD, seconds: float = 30
) -> tuple[str, TransportError | None, list[str]]:
    secrets = FixedSecrets({SecretPurpose.PASSWORD: password})
    with device(manners) as lab, transport(secrets) as ssh:
        there = target(tmp_path, lab.port, lab.key)
        text, broken = ask_device(SshDevices(ssh), there, Deadline.after(seconds))
        return text, broken, lab.typed


STRANGE = {
    "plain": Manners(),
    "pages": Manners(page=24),
    "pages that are overwritten by backspaces": Manners(
        page=10, pager="<--- More --->", wipes="\b" * 14 + " " * 14 + "\b" * 14
    ),
    "pages in capitals": Manners(page=50, pager="--MORE--", wipes="\r\x1b[K"),
    "press any key": Manners(page=30, pager="-- Press any key to continue --", wipes="\r\x1b[2K\r"),
    "no echo": Manners(echo=False),
    "bare line feeds": Manners(ends="\n"),
    "doubled carriage returns": Manners(ends="\r\r\n"),
    "a banner with a prompt of its own": Manners(banner="Welcome > to # the router\n\n"),
    "a prompt with a path": Manners(prompt="admin@gate:~$ "),
    "a prompt that says more": Manners(prompt="FGT-60F (global) # "),
}


@pytest.mark.parametrize("manners", STRANGE.values(), ids=STRANGE)
def test_a_device_is_heard_to_the_end_however_it_talks(
    tmp_path: Path, known_as: list[DeviceSystem], manners: Manners
) -> None:
    text, broken, typed = asked(tmp_path, replace(manners, answers=ANSWERS))

    assert broken is None
    said = parted(text)
    assert list(said) == list(ANSWERS)
    assert plain_lines(said["show configuration"]) == plain_lines(LONG)
    assert plain_lines(said["show version"]) == ["Version 7.1"]
    assert said["show users"].strip() == ""
    assert typed == list(ANSWERS), "nothing but the questions is typed"


def test_a_command_that_is_refused_is_an_answer(
    tmp_path: Path, known_as: list[DeviceSystem]
) -> None:
    text, broken, _ = asked(tmp_path, Manners(answers={"show version": "Version 7.1\n"}))

    assert broken is None
    assert "Invalid input" in parted(text)["show configuration"]
    assert plain_lines(parted(text)["show version"]) == ["Version 7.1"]


def test_what_is_refused_is_asked_in_another_way(
    tmp_path: Path, known_as: list[DeviceSystem]
) -> None:
    other = {"show version": ("show release", "get version", "never asked")}
    known_as.append(replace(PLAIN, questions=("show version",), alternatives=other))
    text, _, typed = asked(tmp_path, Manners(answers={"get version": "Version 7.1\n"}))

    assert plain_lines(parted(text)["show version"]) == ["Version 7.1"]
    assert typed == ["show version", "show release", "get version"]


@pytest.mark.parametrize(
    ("manners", "reason"),
    [
        (Manners(answers=ANSWERS, breaks="show version"), Reason.DROPPED),
        (Manners(answers=ANSWERS, hangs="show version"), Reason.DEADLINE),
    ],
    ids=["breaks", "hangs"],
)
def test_what_was_said_before_a_break_is_kept(
    tmp_path: Path, known_as: list[DeviceSystem], manners: Manners, reason: Reason
) -> None:
    text, broken, _ = asked(tmp_path, manners, seconds=6)

    assert broken is not None
    assert broken.reason is reason
    assert list(parted(text)) == ["show configuration"]


def test_a_wrong_password_is_told(tmp_path: Path, known_as: list[DeviceSystem]) -> None:
    with pytest.raises(TransportError) as raised:
        asked(tmp_path, Manners(answers=ANSWERS), password="wrong")
    assert raised.value.reason is Reason.AUTHENTICATION_FAILED


def test_a_device_that_is_too_old_is_not_entered_and_its_owner_is_told_what_to_do(
    tmp_path: Path, known_as: list[DeviceSystem]
) -> None:
    with pytest.raises(TransportError) as raised:
        asked(tmp_path, Manners(answers=ANSWERS, old=True))
    assert raised.value.reason is Reason.PROTOCOL
    assert "no common cryptography" in raised.value.detail
    assert "exported configuration" in (raised.value.mend or "")


def test_a_changed_host_key_is_refused(tmp_path: Path, known_as: list[DeviceSystem]) -> None:
    secrets = FixedSecrets({SecretPurpose.PASSWORD: PASSWORD})
    with device(Manners()) as one, device(Manners()) as other, transport(secrets) as ssh:
        there = target(tmp_path, one.port, other.key)
        with pytest.raises(TransportError) as raised:
            ask_device(SshDevices(ssh), there, Deadline.after(20))
        assert one.typed == []
    assert raised.value.reason is Reason.HOST_KEY_CHANGED
    assert secrets.asked == [], "no password is given to a stranger"


def test_a_shell_that_is_no_command_line_is_told(
    tmp_path: Path, known_as: list[DeviceSystem]
) -> None:
    with pytest.raises(TransportError) as raised:
        asked(tmp_path, Manners(exec=True, answers=ANSWERS))
    assert raised.value.reason in {Reason.SHELL_REFUSED, Reason.PROTOCOL}


def test_single_commands_where_there_is_a_shell(
    tmp_path: Path, known_as: list[DeviceSystem]
) -> None:
    known_as.append(replace(PLAIN, session=Session.EXEC, questions=("uci show", "cat /x")))
    text, broken, typed = asked(tmp_path, Manners(exec=True, answers={"uci show": LONG}))

    assert broken is None
    assert plain_lines(parted(text)["uci show"]) == plain_lines(LONG)
    assert parted(text)["cat /x"].strip() == "[exit 127] sh: not found"
    assert typed == ["uci show", "cat /x"]


def exported(path: Path) -> Target:
    return Target(
        "device",
        Role.ROUTER,
        TransportKind.FILE,
        Platform.DEVICE,
        "device",
        device=DeviceOs.FORTIOS,
        file=str(path),
    )


@pytest.mark.parametrize(
    "raw",
    [
        "naam één\n".encode(),
        b"\xef\xbb\xbf" + "naam één\n".encode(),
        "naam één\n".encode("utf-16"),
        "naam één\n".encode("cp1252"),
    ],
    ids=["utf-8", "with a mark", "utf-16", "cp1252"],
)
def test_an_exported_file_is_one_answer(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "export.conf"
    path.write_bytes(raw)

    text, broken = ask_device(FileDevices(), exported(path), Deadline.after(5))

    assert broken is None
    assert text == joined([(FILE, "naam één\n")])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\x00\x01\x02config", "is no text"),
        (b"x" * (4 * 1024 * 1024 + 1), "is larger"),
    ],
    ids=["missing", "empty", "blank", "binary", "large"],
)
def test_a_file_that_is_no_configuration_is_told(
    tmp_path: Path, raw: bytes | None, said: str
) -> None:
    path = tmp_path / "export.conf"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(TransportError, match=said):
        ask_device(FileDevices(), exported(path), Deadline.after(5))


def test_an_interrupted_run_keeps_nothing_half(
    tmp_path: Path, known_as: list[DeviceSystem]
) -> None:
    abandoned = threading.Event()
    secrets = FixedSecrets({SecretPurpose.PASSWORD: PASSWORD})
    manners = Manners(answers=ANSWERS, hangs="show version")
    with device(manners) as lab, transport(secrets, abandoned=abandoned) as ssh:
        there = target(tmp_path, lab.port, lab.key)
        answers = SshDevices(ssh).answers(there, Deadline.after(60))
        assert next(answers)[0] == "show configuration"
        abandoned.set()
        with pytest.raises(TransportError) as raised:
            next(answers)
    assert raised.value.reason is Reason.INTERRUPTED


def test_every_system_can_be_found_by_its_name() -> None:
    assert set(reading._FOLDERS) == set(DeviceOs)
