"""Nothing is said to a server before its host key is known to be the right one."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from assessor.model.capture import Reason
from tests.lab.servers import known_name, public_line
from tests.lab.sshd import LabHost, SshLab
from tests.transports.ssh_support import refusal, run_on


def _known(host: LabHost, path: Path, text: str) -> LabHost:
    path.write_text(text)
    return replace(host, known_hosts=path)


def _logged(host: LabHost) -> str:
    assert host.server is not None
    return host.server.log.read_text()


def test_an_unknown_key_is_refused_with_fingerprint_and_command(
    ssh_lab: SshLab, tmp_path: Path
) -> None:
    host = _known(ssh_lab.host("unknown"), tmp_path / "known", "")
    assert host.server is not None
    blob = base64.b64decode(public_line(host.server.host_keys[0]).split()[1])
    fingerprint = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

    error = refusal(host)

    assert error.reason is Reason.HOST_KEY_UNKNOWN
    assert f"SHA256:{fingerprint}" in error.detail
    # The command is the real mend: after it the host is known.
    command = error.mend.partition("if they are equal: ")[2]
    subprocess.run(["sh", "-c", command], check=True, timeout=10)
    assert run_on(host).finished


def test_no_user_name_is_told_to_a_server_that_is_not_known(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("changed")

    refusal(host)

    assert host.user not in _logged(host)


def test_a_changed_key_is_refused_and_the_old_line_named(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("changed")

    error = refusal(host)

    assert error.reason is Reason.HOST_KEY_CHANGED
    assert f"{host.known_hosts}:2" in error.detail


def test_a_revoked_key_is_refused_though_it_is_known(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("revoked")

    error = refusal(host)

    assert error.reason is Reason.HOST_KEY_CHANGED
    assert f"revoked by {host.known_hosts}:2" in error.detail


def test_the_known_type_of_key_is_asked_for(ssh_lab: SshLab) -> None:
    # known_hosts has the RSA key only; the server would rather show its Ed25519 key.
    assert run_on(ssh_lab.host("multi-key")).finished


def test_a_server_that_lost_the_known_type_of_key_has_changed(
    ssh_lab: SshLab, tmp_path: Path
) -> None:
    host = ssh_lab.host("bash")
    multi = ssh_lab.host("multi-key")
    assert multi.server is not None
    rsa = public_line(multi.server.host_keys[2])
    host = _known(host, tmp_path / "known", f"{known_name(host.address, host.port)} {rsa}\n")

    assert refusal(host).reason is Reason.HOST_KEY_CHANGED


def test_hashed_names_are_found(ssh_lab: SshLab, tmp_path: Path) -> None:
    host = ssh_lab.host("bash")
    host = _known(host, tmp_path / "known", host.known_hosts.read_text())
    subprocess.run(
        ["ssh-keygen", "-q", "-H", "-f", str(host.known_hosts)], check=True, capture_output=True
    )
    assert host.known_hosts.read_text().startswith("|1|")

    assert run_on(host).finished


def test_a_key_known_without_the_port_is_good(ssh_lab: SshLab, tmp_path: Path) -> None:
    host = ssh_lab.host("bash")
    assert host.server is not None
    line = f"{host.address} {public_line(host.server.host_keys[0])}\n"

    assert run_on(_known(host, tmp_path / "known", line)).finished


def test_a_certificate_of_a_known_authority_is_good(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("host-certificate")
    assert host.server is not None
    assert public_line(host.server.host_keys[0]) not in host.known_hosts.read_text()

    assert run_on(host).finished


@pytest.mark.parametrize(
    ("kind", "options", "principals", "why"),
    [
        ("expired", ("-h", "-V", "-2d:-1d"), "127.0.0.2", "it expired at"),
        ("early", ("-h", "-V", "+1d:+2d"), "127.0.0.2", "it is not valid before"),
        ("other", ("-h", "-V", "+1h"), "other.example.org", "it is for other.example.org"),
        ("nobody", ("-h", "-V", "+1h"), "", "it names no host"),
        ("user-kind", ("-V", "+1h"), "127.0.0.2", "user's certificate"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused(
    ssh_lab: SshLab, kind: str, options: tuple[str, ...], principals: str, why: str
) -> None:
    host = ssh_lab.certified(kind, *options, principals=principals)

    error = refusal(host)

    assert error.reason is Reason.HOST_KEY_UNKNOWN
    assert why in error.detail


def test_a_certificate_of_another_authority_is_refused(ssh_lab: SshLab, tmp_path: Path) -> None:
    host = ssh_lab.host("host-certificate")
    other = f"@cert-authority * {public_line(ssh_lab.user_ca)}\n"

    error = refusal(_known(host, tmp_path / "known", other))

    assert error.reason is Reason.HOST_KEY_UNKNOWN
    assert "another authority" in error.detail


def test_a_certificate_of_a_revoked_authority_is_refused(ssh_lab: SshLab, tmp_path: Path) -> None:
    host = ssh_lab.host("host-certificate")
    revoked = f"@revoked * {public_line(ssh_lab.host_ca)}\n"

    error = refusal(_known(host, tmp_path / "known", host.known_hosts.read_text() + revoked))

    assert error.reason is Reason.HOST_KEY_CHANGED


def test_the_key_in_a_bad_certificate_may_still_be_known(ssh_lab: SshLab, tmp_path: Path) -> None:
    host = ssh_lab.certified("expired", "-h", "-V", "-2d:-1d")
    assert host.server is not None
    name = known_name(host.address, host.port)
    line = f"{name} {public_line(host.server.host_keys[0])}\n"

    assert run_on(_known(host, tmp_path / "known", host.known_hosts.read_text() + line)).finished


def test_an_authority_is_no_host_key(ssh_lab: SshLab, tmp_path: Path) -> None:
    # The CA's line must not make a host with the CA's own key acceptable as a plain key.
    host = ssh_lab.host("bash")
    assert host.server is not None
    line = f"@cert-authority * {public_line(host.server.host_keys[0])}\n"

    assert refusal(_known(host, tmp_path / "known", line)).reason is Reason.HOST_KEY_UNKNOWN


def test_a_named_file_that_is_not_there_is_told(ssh_lab: SshLab, tmp_path: Path) -> None:
    host = replace(ssh_lab.host("bash"), known_hosts=tmp_path / "absent")

    error = refusal(host)

    assert error.reason is Reason.HOST_KEY_UNKNOWN
    assert f"{tmp_path / 'absent'} does not exist" in error.detail
