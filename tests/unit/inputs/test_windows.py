"""Windows machines in an inventory: how they are reached and entered, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.inputs.assessment import load_assessment
from assessor.model.target import (
    Platform,
    SecretPurpose,
    SecretSource,
    TransportKind,
    Winrm,
    WinrmLogin,
)
from tests.unit.inputs.folders import folder_with, refused

MIXED = r"""
groups:
  windows:
    transport: winrm
    user: ACME\assess
    secrets: {password: ask}
    winrm: {ca_file: acme-ca.pem}
targets:
  - {name: web01, role: server}
  - {name: pc01, role: workstation, groups: windows}
  - name: dc01
    role: server
    groups: windows
    user: assess@ACME.EXAMPLE
    port: 5985
    winrm: {login: kerberos, encryption: messages-over-http}
  - name: kiosk
    role: workstation
    transport: winrm
    winrm: {login: certificate, certificate_file: a.pem, key_file: /etc/a.key}
  - {name: old, role: server, transport: ssh, platform: windows, user: assess}
"""

OVER_HTTP = (
    "transport: winrm, user: a, secrets: {password: ask},"
    " winrm: {login: basic, encryption: messages-over-http}"
)


def test_what_may_be_said_of_windows(tmp_path: Path) -> None:
    web, pc, dc, kiosk, old = load_assessment(folder_with(tmp_path, MIXED)).targets
    ca_file = str(tmp_path / "acme-ca.pem")
    assert web.platform is Platform.LINUX
    assert (pc.transport, pc.platform, pc.port) == (TransportKind.WINRM, Platform.WINDOWS, None)
    assert pc.user == r"ACME\assess"
    assert pc.secrets == {SecretPurpose.PASSWORD: SecretSource("ask")}
    assert pc.winrm == Winrm(WinrmLogin.NTLM, ca_file)
    assert dc.winrm == Winrm(WinrmLogin.KERBEROS, ca_file, over_http=True)
    assert (dc.user, dc.port) == ("assess@ACME.EXAMPLE", 5985)
    assert kiosk.winrm == Winrm(
        WinrmLogin.CERTIFICATE,
        certificate_file=str(tmp_path / "a.pem"),
        key_file="/etc/a.key",
    )
    assert (old.transport, old.platform) == (TransportKind.SSH, Platform.WINDOWS)


@pytest.mark.parametrize(
    ("target", "field", "says"),
    [
        ("transport: winrm, secrets: {password: ask}", "user", "missing"),
        ("transport: winrm, user: a", "secrets", "needs a password"),
        ("transport: winrm, user: a, winrm: {login: basic}", "secrets", "needs a password"),
        (
            OVER_HTTP,
            "winrm",
            "never used without TLS",
        ),
        (
            "transport: winrm, winrm: {login: certificate, certificate_file: a.pem}",
            "winrm",
            "certificate_file and key_file",
        ),
        ("transport: winrm, platform: linux, winrm: {login: kerberos}", "platform", "only Windows"),
        ("transport: winrm, winrm: {login: kerberos}, jump: gate", "jump", "no jump host"),
        ("transport: local, platform: windows", "platform", "does not run Windows"),
    ],
)
def test_what_is_refused(tmp_path: Path, target: str, field: str, says: str) -> None:
    text = f"targets: [{{name: pc, role: workstation, {target}}}]"
    (problem,) = refused(folder_with(tmp_path, text))
    assert problem.field == f"targets[0].{field}"
    assert says in problem.message
    assert problem.mend


@pytest.mark.parametrize(
    "winrm",
    [
        "{verify: false}",
        "{login: credssp}",
        "{encryption: none}",
        "{server_cert_validation: ignore}",
    ],
)
def test_there_is_no_switch_that_trusts_everybody(tmp_path: Path, winrm: str) -> None:
    text = f"targets: [{{name: pc, role: workstation, transport: winrm, winrm: {winrm}}}]"
    assert refused(folder_with(tmp_path, text))
