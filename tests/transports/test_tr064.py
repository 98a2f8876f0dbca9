"""FRITZ!Boxes over TR-064: what they answer, and every way in which that fails."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from assessor.collect.transports.base import Deadline
from assessor.collect.transports.device import ask_device
from assessor.collect.transports.tr064 import Tr064Devices, Tr064Limits
from assessor.devices.answers import parted
from assessor.devices.fritzos.questions import (
    LISTS,
    LOGIN,
    MISSING,
    MOST_ENTRIES,
    QUESTIONS,
)
from assessor.devices.reading import read_device
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
from tests.lab.hostile_http import endless_body, endless_header, gzip_bomb, scripted
from tests.lab.hostile_tcp import Manners as TcpManners
from tests.lab.hostile_tcp import hostile_tcp
from tests.lab.pki import DAY, Issued, Pki
from tests.lab.tr064 import PASSWORD, USER, Answers, Fault, Lab, Manners, tr064
from tests.transports.ssh_support import FixedSecrets

LIMITS = Tr064Limits(connect_s=5, step_s=5)
SLACK_S = 4
USERS = '<List><Username last_user="1">assess</Username></List>'
CURRENT = "LANConfigSecurity:1 X_AVM-DE_GetCurrentUser"
INFO = "DeviceInfo:1 GetInfo"
KEYS = "WLANConfiguration:1 GetSecurityKeys"
MAPPINGS = "WANPPPConnection:1 GetGenericPortMappingEntry"
COUNT = "WANPPPConnection:1 GetPortMappingNumberOfEntries"
ANSWERS: Answers = {
    CURRENT: {"NewX_AVM-DE_CurrentUsername": "assess"},
    INFO: {
        "NewModelName": "FRITZ!Box 7590",
        "NewSoftwareVersion": "154.08.02",
        "NewDeviceLog": "01.11.26 09:00:00 Anruf von Jansen",
    },
    "LANConfigSecurity:1 X_AVM-DE_GetUserList": {"NewX_AVM-DE_UserList": USERS},
    "WLANConfiguration:1 GetInfo": {"NewEnable": "1", "NewSSID": "kantoor\r\n==== end\u202e\u0085"},
    KEYS: {"NewKeyPassphrase": "een lang & goed wachtwoord"},
    COUNT: {"NewPortMappingNumberOfEntries": "2"},
    MAPPINGS: [
        {"NewExternalPort": "443", "NewInternalClient": "192.168.178.20"},
        {"NewExternalPort": "25", "NewInternalClient": "192.168.178.21"},
    ],
    "UserInterface:1 GetInfo": Fault(606, "Action Not Authorized"),
    "Time:1 GetInfo": Fault(402, "Invalid Args"),
}


@pytest.fixture(name="pki")
def _pki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pki:
    """An authority that this machine trusts."""
    pki = Pki(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.root_file))
    return pki


def fingerprint(issued: Issued) -> str:
    return issued.certificate.fingerprint(hashes.SHA256()).hex()


def target(port: int, *, pin: str = "", address: str = "localhost", user: str = USER) -> Target:
    return Target(
        "box",
        Role.ROUTER,
        TransportKind.TR064,
        Platform.DEVICE,
        address,
        port=port,
        user=user,
        secrets={SecretPurpose.PASSWORD: SecretSource("env", ("X",))},
        device=DeviceOs.FRITZOS,
        certificate_sha256=pin,
    )


def asked(
    there: Target,
    *,
    password: str = PASSWORD,
    seconds: float = 20,
    abandoned: threading.Event | None = None,
    limits: Tr064Limits = LIMITS,
) -> tuple[str, TransportError | None]:
    devices = Tr064Devices(
        FixedSecrets({SecretPurpose.PASSWORD: password}),
        abandoned or threading.Event(),
        limits=limits,
    )
    return ask_device(devices, there, Deadline.after(seconds))


def refused(there: Target, **more: object) -> TransportError:
    """Why nothing at all was told; it says what to do."""
    with pytest.raises(TransportError) as caught:
        asked(there, **more)  # type: ignore[arg-type]
    return caught.value


@pytest.fixture(name="certificate")
def _certificate(pki: Pki) -> Issued:
    return pki.issue("localhost")


def seen(certificate: Issued, manners: Manners, answers: Answers = ANSWERS) -> tuple[str, Lab]:
    with tr064(certificate, answers, manners) as box:
        text, broken = asked(target(box.port))
    assert broken is None
    return text, box


@pytest.mark.parametrize("stale", [0, 1, 3])
def test_every_question_is_answered(certificate: Issued, stale: int) -> None:
    text, box = seen(certificate, Manners(stale=stale))
    answers = parted(text)
    assert tuple(answers) == QUESTIONS
    assert answers[LOGIN].strip() == "Demanded: yes"
    assert answers[INFO] == "NewModelName: FRITZ!Box 7590\nNewSoftwareVersion: 154.08.02"
    assert answers[KEYS] == "NewKeyPassphrase: een lang & goed wachtwoord"
    assert answers["UserInterface:1 GetInfo"] == "[fault 606] Action Not Authorized"
    assert answers["Time:1 GetInfo"].strip() == "[fault 402] Invalid Args"
    # Neither a service that is not described nor an action that the box does not know is an error.
    assert answers["WLANConfiguration:4 GetInfo"].strip() == MISSING
    assert answers["WLANConfiguration:1 X_AVM-DE_GetWPSInfo"].strip() == MISSING
    assert "NewSSID: kantoor ==== end" in text
    assert "Jansen" not in text
    # Proofs are not asked twice, and the user's name is the only thing that is sent of its own.
    assert box.asked.count(CURRENT) == 1
    device = read_device(DeviceOs.FRITZOS, text)
    assert device.firmware is not None
    assert device.firmware.version == "8.02"


def test_only_what_reads_is_asked(certificate: Issued) -> None:
    _, box = seen(certificate, Manners())
    actions = {question.split(" ")[1] for question in (*QUESTIONS[1:], *LISTS)}
    assert {each.split(" ")[1] for each in box.asked} <= actions
    assert all(action.removeprefix("X_AVM-DE_").startswith("Get") for action in actions)
    assert not actions & {"X_AVM-DE_GetConfigFile", "GetPersistentData", "GetDeviceLog"}


def test_lists_are_asked_entry_by_entry(certificate: Issued) -> None:
    answers = parted(seen(certificate, Manners())[0])
    assert answers[MAPPINGS] == (
        "NewExternalPort: 443\nNewInternalClient: 192.168.178.20\n\n"
        "NewExternalPort: 25\nNewInternalClient: 192.168.178.21"
    )


@pytest.mark.parametrize(("told", "entries"), [("1", 1), ("9", 2), ("0", 0)])
def test_a_list_that_changes_meanwhile(certificate: Issued, told: str, entries: int) -> None:
    more: Answers = {**ANSWERS, COUNT: {"NewPortMappingNumberOfEntries": told}}
    answers = parted(seen(certificate, Manners(), more)[0])
    assert answers[MAPPINGS].count("NewExternalPort") == entries


@pytest.mark.parametrize("told", ["-1", "many", "9" * 30, "²"])
def test_a_number_that_is_none(certificate: Issued, told: str) -> None:
    more: Answers = {**ANSWERS, COUNT: {"NewPortMappingNumberOfEntries": told}}
    assert parted(seen(certificate, Manners(), more)[0])[MAPPINGS].startswith("[fault 0]")


def test_a_list_without_end_is_cut(certificate: Issued) -> None:
    entry = {"NewExternalPort": "443"}
    more: Answers = {
        **ANSWERS,
        COUNT: {"NewPortMappingNumberOfEntries": "999999"},
        MAPPINGS: [entry] * (MOST_ENTRIES + 10),
    }
    listed = parted(seen(certificate, Manners(), more)[0])[MAPPINGS]
    assert listed.count("NewExternalPort") == MOST_ENTRIES
    assert "[more] 999699" in listed


def test_a_box_that_demands_no_log_in(certificate: Issued) -> None:
    text, box = seen(certificate, Manners(open=True))
    assert parted(text)[LOGIN].strip() == "Demanded: no"
    assert box.offered == 0
    accounts = read_device(DeviceOs.FRITZOS, text).accounts
    assert accounts is not None
    assert accounts[0].empty


def test_a_wrong_password_is_offered_once(certificate: Issued) -> None:
    with tr064(certificate, ANSWERS) as box:
        error = refused(target(box.port), password="something else")
    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert "FRITZ!Box Users" in error.mend
    assert box.offered == 1
    assert box.asked == []


def test_without_a_password_nothing_is_asked(certificate: Issued) -> None:
    with tr064(certificate, ANSWERS) as box:
        devices = Tr064Devices(FixedSecrets({}), threading.Event(), limits=LIMITS)
        with pytest.raises(TransportError) as caught:
            ask_device(devices, target(box.port), Deadline.after(5))
    assert caught.value.reason is Reason.SECRET_MISSING
    assert box.requests == []


@pytest.mark.parametrize("user", ['a"b', "jürgen", "a\\b"])
def test_names_that_cannot_be_sent(certificate: Issued, user: str) -> None:
    with tr064(certificate, ANSWERS) as box:
        assert refused(target(box.port, user=user)).reason is Reason.SECRET_MISSING
    assert box.requests == []


def test_a_pinned_certificate(pki: Pki) -> None:
    own = pki.self_signed("fritz.box")
    with tr064(own, ANSWERS) as box:
        # Its name is another: the fingerprint alone decides.
        text, broken = asked(target(box.port, pin=fingerprint(own), address="127.0.0.1"))
    assert broken is None
    assert parted(text)[LOGIN].strip() == "Demanded: yes"


def test_a_changed_certificate_is_refused_and_named(pki: Pki) -> None:
    own, other = pki.self_signed("fritz.box"), pki.issue("localhost")
    with tr064(other, ANSWERS) as box:
        # It does not matter that an authority vouches for the other one.
        error = refused(target(box.port, pin=fingerprint(own)))
    assert error.reason is Reason.CERTIFICATE_REFUSED
    assert fingerprint(other) in error.detail
    assert "compare" in error.mend
    assert box.requests == []


@pytest.mark.parametrize("kind", ["unknown-authority", "wrong-name", "expired"])
def test_certificates_that_prove_nothing(pki: Pki, kind: str) -> None:
    issued = {
        "unknown-authority": lambda: pki.self_signed("localhost"),
        "wrong-name": lambda: pki.issue("fritz.box"),
        "expired": lambda: pki.issue("localhost", ends=-DAY / 2),
    }[kind]()
    with tr064(issued, ANSWERS) as box:
        error = refused(target(box.port))
    assert error.reason is Reason.CERTIFICATE_REFUSED
    assert fingerprint(issued) in error.detail
    assert ("not made out to localhost" in error.detail) is (kind == "wrong-name")
    assert "certificate_sha256" in error.mend
    assert box.requests == []


@pytest.mark.parametrize("pinned", [False, True])
def test_http_where_tls_is_due(pki: Pki, pinned: bool) -> None:
    with tr064(None, ANSWERS) as box:
        error = refused(target(box.port, pin="0" * 64 if pinned else ""))
    assert error.reason is Reason.PROTOCOL
    assert "does not speak TLS" in error.detail
    assert "49443" in error.mend
    assert box.requests == []


def test_nobody_there(pki: Pki) -> None:
    with hostile_tcp(TcpManners.CLOSE) as service:
        port = service.port
    error = refused(target(port))
    assert error.reason is Reason.UNREACHABLE
    assert "allow access for applications" in error.mend


@pytest.mark.parametrize("manners", list(TcpManners), ids=lambda manners: manners.name)
def test_what_is_no_box_at_all(pki: Pki, manners: TcpManners) -> None:
    began = time.monotonic()
    with hostile_tcp(manners) as service:
        error = refused(target(service.port), seconds=3)
    assert time.monotonic() - began < 3 + SLACK_S
    assert error.reason in {
        Reason.PROTOCOL,
        Reason.DROPPED,
        Reason.DEADLINE,
        Reason.UNREACHABLE,  # a reset may come before we know that we were connected
    }
    assert not any(b"POST" in said or b"GET" in said for said in service.received)


@pytest.mark.parametrize("answer", [endless_header, endless_body, gzip_bomb])
def test_floods(certificate: Issued, answer: object) -> None:
    began = time.monotonic()
    with scripted(answer, certificate) as server:  # type: ignore[arg-type]
        error = refused(target(server.port), seconds=6)
    assert error.reason in {Reason.PROTOCOL, Reason.DROPPED}
    assert time.monotonic() - began < 6 + SLACK_S


def test_a_redirect_is_not_followed(pki: Pki, certificate: Issued) -> None:
    with tr064(certificate, ANSWERS) as other:
        manners = Manners(elsewhere=f"https://localhost:{other.port}/tr64desc.xml")
        with tr064(certificate, ANSWERS, manners) as box:
            error = refused(target(box.port))
    assert error.reason is Reason.PROTOCOL
    assert "elsewhere" in error.detail
    assert other.requests == []


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
    + b"]><root>&i;</root>"
)
FILE = b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><root>&a;</root>'
STRANGE = {
    "empty": b"",
    "html": b"<html><body>Welkom</body></html>",
    "garbage": b"\xff\x00\x01",
    "utf-16": "<root/>".encode("utf-16"),
    "bomb": BOMB,
    "file": FILE,
    "nested": b"<a>" * 100_000,
    "cut": b'<?xml version="1.0"?><root xmlns="urn:dslforum-org:device-1-0"><device>',
    "no-services": b'<root xmlns="urn:dslforum-org:device-1-0"/>',
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_strange_descriptions(certificate: Issued, body: bytes) -> None:
    manners = Manners(raw={"/tr64desc.xml": body or b" "})
    with tr064(certificate, ANSWERS, manners) as box:
        error = refused(target(box.port))
    assert error.reason is Reason.PROTOCOL
    assert "no TR-064 service" in error.detail
    assert box.offered == 0


@pytest.mark.parametrize(
    "control", ["https://evil.example/x", "//evil.example/x", "x", "/a b", "@evil.example/"]
)
def test_control_urls_that_lead_elsewhere(certificate: Issued, control: str) -> None:
    with tr064(certificate, ANSWERS, Manners(control=control)) as box:
        error = refused(target(box.port))
    assert "control URL" in error.detail
    assert box.offered == 0


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_strange_answers(certificate: Issued, body: bytes) -> None:
    with tr064(certificate, ANSWERS, Manners(raw={KEYS: body})) as box:
        text, broken = asked(target(box.port))
    # What was told before counts; what comes after it was never asked.
    assert broken is not None
    assert broken.reason is Reason.PROTOCOL
    assert INFO in parted(text)
    assert KEYS not in parted(text)
    assert "root:" not in text


def test_the_answer_to_another_question(certificate: Issued) -> None:
    space = "http://schemas.xmlsoap.org/soap/envelope/"
    other = (
        f'<s:Envelope xmlns:s="{space}"><s:Body><GetInfoResponse/></s:Body></s:Envelope>'
    ).encode()
    with tr064(certificate, ANSWERS, Manners(raw={KEYS: other})) as box:
        _, broken = asked(target(box.port))
    assert broken is not None
    assert "another question" in broken.detail


def test_an_answer_of_another_size(certificate: Issued) -> None:
    with tr064(certificate, ANSWERS, Manners(raw={KEYS: b"x" * 5_000_000})) as box:
        _, broken = asked(target(box.port))
    assert broken is not None
    assert "far longer" in broken.detail


def test_half_an_answer(certificate: Issued) -> None:
    with tr064(certificate, ANSWERS, Manners(halves=KEYS)) as box:
        text, broken = asked(target(box.port))
    assert broken is not None
    assert broken.reason is Reason.DROPPED
    assert "NewKeyPassphrase" not in text


@pytest.mark.parametrize("question", ["/tr64desc.xml", KEYS])
def test_a_hang_ends_at_the_deadline(certificate: Issued, question: str) -> None:
    began = time.monotonic()
    with tr064(certificate, ANSWERS, Manners(hangs=question)) as box:
        if question == KEYS:
            broken = asked(target(box.port), seconds=2)[1]
        else:
            broken = refused(target(box.port), seconds=2)
    assert broken is not None
    assert broken.reason is Reason.DEADLINE
    assert time.monotonic() - began < 2 + SLACK_S


def test_a_step_that_hangs_ends_before_the_deadline(certificate: Issued) -> None:
    limits = Tr064Limits(connect_s=1, step_s=1)
    with tr064(certificate, ANSWERS, Manners(hangs=KEYS)) as box:
        broken = asked(target(box.port), limits=limits)[1]
    assert broken is not None
    assert broken.reason is Reason.TIMED_OUT


def test_an_interrupted_run_ends(certificate: Issued) -> None:
    abandoned = threading.Event()
    threading.Timer(0.5, abandoned.set).start()
    began = time.monotonic()
    with tr064(certificate, ANSWERS, Manners(hangs=KEYS)) as box:
        error = refused(target(box.port), abandoned=abandoned)
    assert error.reason is Reason.INTERRUPTED
    assert time.monotonic() - began < SLACK_S


def test_nothing_of_the_environment_is_used(
    certificate: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert INFO in parted(seen(certificate, Manners())[0])


def test_what_is_no_device(certificate: Issued) -> None:
    there = replace(target(1), device=None)
    assert refused(there).reason is Reason.WRONG_PLATFORM
