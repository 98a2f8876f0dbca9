"""The network transport against a real nginx, and against services that misbehave."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assessor.collect.transports import tls
from assessor.collect.transports.base import Deadline, RequestTransport
from assessor.collect.transports.network import NetworkTransport
from assessor.collect.transports.tcp import Address
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Platform, Role, Target, TransportKind
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.nginx import Site, lab_sites, nginx
from tests.lab.pki import Pki

REQUEST = '{"kind":"tls-handshake","port":443}'
MODERN = {"TLSv1": "refused", "TLSv1.1": "refused", "TLSv1.2": "accepted", "TLSv1.3": "accepted"}


@dataclass(frozen=True)
class Lab:
    folder: Path
    pki: Pki
    ports: dict[str, int]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    pki = Pki(folder)
    with nginx(folder, lab_sites(pki)) as ports:
        yield Lab(folder, pki, ports)


def planned(text: str = REQUEST, timeout_s: int = 30) -> PlannedProbe:
    return PlannedProbe("key", Probe("handshake", ProbeKind.REQUEST, text, timeout_s=timeout_s))


def site(address: str, port: int | None, **options: object) -> Target:
    return Target(
        name="site",
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=address,
        port=port,
        options={"connect_to": "127.0.0.1", **options},
    )


def ask(
    target: Target,
    *,
    transport: RequestTransport | None = None,
    timeout_s: int = 30,
    deadline_s: float = 60,
) -> dict[str, Any]:
    transport = transport or NetworkTransport()
    text = transport.answer(target, planned(timeout_s=timeout_s), Deadline.after(deadline_s))
    answer = json.loads(text)
    assert isinstance(answer, dict)
    assert text == json.dumps(answer, sort_keys=True, separators=(",", ":"))
    return answer


def ask_lab(lab: Lab, name: str) -> dict[str, Any]:
    target = site(f"{name}.lab.example", lab.ports[name], ca_file=str(lab.pki.root_file))
    return ask(target)


def refuses(target: Target, **how: Any) -> TransportError:
    with pytest.raises(TransportError) as raised:
        ask(target, **how)
    return raised.value


@pytest.mark.parametrize(
    ("name", "verify_code", "protocol", "accepted"),
    [
        ("good", None, "TLSv1.3", MODERN),
        ("soon", None, "TLSv1.3", MODERN),
        ("expired", 10, "TLSv1.3", MODERN),
        ("future", 9, "TLSv1.3", MODERN),
        ("wrong-name", 62, "TLSv1.3", MODERN),
        ("self-signed", 18, "TLSv1.3", MODERN),
        ("incomplete", 20, "TLSv1.3", MODERN),
        ("weak-key", 66, "TLSv1.3", MODERN),
        ("old-too", None, "TLSv1.3", dict.fromkeys(MODERN, "accepted")),
        ("only-12", None, "TLSv1.2", MODERN | {"TLSv1.3": "refused"}),
    ],
)
def test_what_nginx_shows(
    lab: Lab, name: str, verify_code: int | None, protocol: str, accepted: dict[str, str]
) -> None:
    answer = ask_lab(lab, name)

    assert answer["verified"] is (verify_code is None)
    assert answer["trusted_by"] == ("ca_file" if verify_code is None else None)
    assert (answer["verify_error"] or {}).get("code") == verify_code
    assert answer["modern_error"] is None
    assert answer["protocol"] == protocol
    assert answer["accepted"] == accepted
    assert answer["alpn"] == "h2"
    assert answer["server_name"] == f"{name}.lab.example"
    assert answer["address"] == "127.0.0.1"
    assert answer["port"] == lab.ports[name]


def test_a_site_of_the_last_century(lab: Lab) -> None:
    answer = ask_lab(lab, "old-only")

    assert answer["verified"] is False
    assert answer["verify_error"] is None
    assert "protocol version" in answer["modern_error"]
    assert answer["protocol"] == "TLSv1"
    assert answer["accepted"] == dict.fromkeys(MODERN, "refused") | {"TLSv1": "accepted"}
    assert answer["chain"][0]["subject_cn"] == "old-only.lab.example"


def test_the_certificates_are_described(lab: Lab) -> None:
    issued = lab.pki.issue("described.lab.example", "127.0.0.1", "*.described.lab.example")
    folder = lab.folder / "described"
    folder.mkdir()
    with nginx(folder, {"it": Site(issued)}) as ports:
        answer = ask(site("described.lab.example", ports["it"]))

    own, above = answer["chain"]
    assert own["subject_cn"] == "described.lab.example"
    assert own["names"] == ["described.lab.example", "127.0.0.1", "*.described.lab.example"]
    assert own["names_count"] == 3
    assert own["issuer_cn"] == above["subject_cn"] == "Lab Intermediate"
    certificate = issued.certificate
    assert own["not_before"] == certificate.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert own["not_after"] == certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert int(own["serial"], 16) == certificate.serial_number
    assert (own["key_type"], own["key_bits"]) == ("ec-secp256r1", 256)
    assert own["signature_hash"] == "sha256"
    assert own["self_signed"] is False
    assert answer["chain_length"] == 2
    assert answer["cipher"]["bits"] >= 128


def test_self_signed_is_seen(lab: Lab) -> None:
    (own,) = ask_lab(lab, "self-signed")["chain"]
    assert own["self_signed"] is True


def test_an_extra_authority_is_recorded_and_never_used_unnamed(lab: Lab) -> None:
    named = ask_lab(lab, "good")
    unnamed = ask(site("good.lab.example", lab.ports["good"]))

    assert named["trust"]["ca_file"]["name"] == str(lab.pki.root_file)
    assert len(named["trust"]["ca_file"]["sha256"]) == 64
    assert unnamed["trust"]["ca_file"] is None
    assert unnamed["verified"] is False
    assert unnamed["verify_error"]["code"] == 20


def test_the_system_is_asked_first(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(lab.pki.root_file))

    answer = ask_lab(lab, "good")

    assert answer["trusted_by"] == "system"
    assert str(lab.pki.root_file) in answer["trust"]["store"]


def test_without_authorities_nothing_is_called_untrusted(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    error = refuses(site("good.lab.example", lab.ports["good"]))

    assert error.reason is Reason.NOT_RUN
    assert "ca-certificates" in error.mend


def test_server_name_is_what_must_match(lab: Lab) -> None:
    root = str(lab.pki.root_file)
    port = lab.ports["wrong-name"]

    by_option = site("127.0.0.1", port, server_name="elsewhere.lab.example", ca_file=root)
    by_dot = site("elsewhere.lab.example.", port, ca_file=root)

    assert ask(by_option)["verified"] is True
    assert ask(by_dot)["verified"] is True


def test_an_ip_address_must_stand_in_the_certificate(lab: Lab, tmp_path: Path) -> None:
    with nginx(tmp_path, {"ip": Site(lab.pki.issue("127.0.0.1"))}) as up:
        with_ip = ask(site("127.0.0.1", up["ip"], ca_file=str(lab.pki.root_file)))
    without = ask(site("127.0.0.1", lab.ports["good"], ca_file=str(lab.pki.root_file)))

    assert with_ip["verified"] is True
    assert without["verify_error"]["code"] == 64


def test_nothing_but_handshakes_is_sent(lab: Lab) -> None:
    ask_lab(lab, "good")
    ask_lab(lab, "expired")
    assert (lab.folder / "access.log").read_bytes() == b""


def test_a_version_that_openssl_lacks_is_not_testable(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "offering", lambda: {"TLSv1": None, "TLSv1.2": tls.describing()})
    answer = ask_lab(lab, "good")
    assert answer["accepted"] == {"TLSv1": "not-testable", "TLSv1.2": "accepted"}


@pytest.mark.parametrize(
    ("manners", "reasons"),
    [
        (Manners.TARPIT, {Reason.TIMED_OUT}),
        (Manners.DRIP, {Reason.TIMED_OUT}),
        (Manners.GARBAGE, {Reason.PROTOCOL}),
        (Manners.PLAIN_HTTP, {Reason.PROTOCOL}),
        (Manners.FLOOD, {Reason.PROTOCOL}),
        (Manners.TLS_FLOOD, {Reason.PROTOCOL}),
        (Manners.CLOSE, {Reason.DROPPED}),
        # Whether the break comes before or after connecting is noticed is the kernel's affair.
        (Manners.RESET, {Reason.DROPPED, Reason.UNREACHABLE}),
    ],
)
def test_hostile_services(manners: Manners, reasons: set[Reason]) -> None:
    with hostile_tcp(manners) as service:
        error = refuses(site("hostile.example", service.port), timeout_s=1)
    assert error.reason in reasons
    assert error.detail
    assert error.mend
    for said in service.received:
        assert not said or said[0] == 0x16  # a TLS handshake record, and no request


def test_the_hosts_deadline_is_kept() -> None:
    with hostile_tcp(Manners.DRIP) as service:
        error = refuses(site("hostile.example", service.port), deadline_s=0.5)
    assert error.reason is Reason.DEADLINE


def test_an_interrupted_run_stops_at_once() -> None:
    class SetOnceTheHelloCame:
        def is_set(self) -> bool:
            return any(service.received)

    with hostile_tcp(Manners.TARPIT) as service:
        error = refuses(
            site("hostile.example", service.port), transport=NetworkTransport(SetOnceTheHelloCame())
        )
    assert error.reason is Reason.INTERRUPTED


def test_a_resolver_that_hangs_costs_the_time_limit_only() -> None:
    released = threading.Event()

    def hang(_host: str, _port: int) -> list[Address]:
        released.wait()
        return []

    try:
        error = refuses(
            site("slow.example", 443), transport=NetworkTransport(resolver=hang), timeout_s=1
        )
    finally:
        released.set()
    assert error.reason is Reason.TIMED_OUT
    assert "looking up" in error.detail


def test_an_unknown_name() -> None:
    def unknown(_host: str, _port: int) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    error = refuses(site("x.example", 443), transport=NetworkTransport(resolver=unknown))
    assert error.reason is Reason.NAME_NOT_FOUND


@pytest.mark.parametrize("name", ["\0", "a" * 300, "..", "-\ud800"])
def test_an_address_that_is_none(name: str) -> None:
    error = refuses(site("x.example", 443, connect_to=name))
    assert error.reason is Reason.NAME_NOT_FOUND


def test_the_second_address_is_tried(lab: Lab) -> None:
    with socket.create_server(("127.0.0.2", 0)) as closed:
        dead = closed.getsockname()[1]

    def two(_host: str, port: int) -> list[Address]:
        family = socket.AF_INET
        return [Address(family, ("127.0.0.2", dead)), Address(family, ("127.0.0.1", port))]

    transport = NetworkTransport(resolver=two)
    answer = ask(site("good.lab.example", lab.ports["good"]), transport=transport)
    assert answer["address"] == "127.0.0.1"


def test_a_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refuses(site("closed.example", port))
    assert error.reason is Reason.UNREACHABLE
    assert str(port) in error.detail
    assert error.mend


@pytest.mark.parametrize("name", ["", "a" * 300, ".example", "\0"])
def test_a_name_that_cannot_be_asked_for(lab: Lab, name: str) -> None:
    target = site("good.lab.example", lab.ports["good"], server_name=name)
    if name == "":
        assert ask(target)["server_name"] == "good.lab.example"
    else:
        assert refuses(target).reason is Reason.NAME_NOT_FOUND


@pytest.mark.parametrize("text", ['{"kind":"zone-transfer"}', "[]", "tls-handshake"])
def test_another_kind_of_request(text: str) -> None:
    with pytest.raises(TransportError) as raised:
        NetworkTransport().answer(site("x.example", 443), planned(text), Deadline.after(5))
    assert raised.value.reason is Reason.NOT_RUN


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\xff\xfe", b"x" * 2_000_000])
def test_a_bad_ca_file_is_not_the_sites_fault(
    lab: Lab, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    error = refuses(site("good.lab.example", lab.ports["good"], ca_file=str(path)))
    assert error.reason is Reason.NOT_RUN
    assert "ca_file" in error.mend


@pytest.mark.parametrize("options", [{"server_name": 5}, {"ca_file": ["a"]}, {"connect_to": True}])
def test_an_option_of_the_wrong_type(options: dict[str, object]) -> None:
    error = refuses(site("x.example", 443, **options))
    assert error.reason is Reason.NOT_RUN


def test_the_ports_order() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    transport = NetworkTransport()
    probe = planned(json.dumps({"kind": "tls-handshake", "port": port}))
    with pytest.raises(TransportError) as raised:
        transport.answer(site("x.example", None), probe, Deadline.after(5))
    assert f"port {port} " in raised.value.detail
