"""FortiOS: every secret is marked on its own, and what is none stays readable."""

from __future__ import annotations

import re

import pytest

from tests.devices.cases import REDACTOR
from tests.unit.devices.fortios_text import entry, section

GEHEIM = "Ge#heim7woord"
SETTINGS = re.findall(
    r"\S+",
    """
    password passwd passwd1 login-passwd authpasswd uploadpass passphrase sae-password psksecret
    psksecret-remote ppk-secret group-authentication-secret secret secondary-secret rsso-secret key
    tertiary-key key-string authentication-key inter-controller-key auth-pwd priv-pwd auth-string
    auth-password-l1 ddns-password ddns-key api-key client-secret secret-key scep-password
    logon-password captive-portal-radius-secret eap-password activation-code seed
    """,
)
# The second community stands behind the hosts of the first, in an export without indentation.
TWO_COMMUNITIES = section(
    "system snmp community",
    entry(1, section("hosts", entry(1, ip="10.0.0.9")), name="eerste"),
    entry(2, name=GEHEIM),
)


@pytest.mark.parametrize(
    "line",
    [
        *(f"    set {name} {GEHEIM}" for name in SETTINGS),
        f'    set psksecret "{GEHEIM}"',
        f'    set md5-key 1 "{GEHEIM}"',
        f"    set keytab {GEHEIM}",
        f"    set pin {GEHEIM}",
        f"set password {GEHEIM}",
        f"execute backup config ftp fw.conf 10.0.0.9 jan {GEHEIM}",
        f'    set script "execute backup full-config sftp fw.conf 10.0.0.9 jan {GEHEIM}"',
        f"execute backup config tftp fw.conf 10.0.0.9 {GEHEIM}",
        f'    set uri "hooks.slack.com/services/{GEHEIM}"',
        f'    set key "Authorization-Token"\n    set value "{GEHEIM}"',
        f'config system snmp community\n    edit 1\n        set name "{GEHEIM}"\n    next\nend',
        f"config switch-controller snmp-community\nedit 1\nset name {GEHEIM}\nnext\nend",
        TWO_COMMUNITIES,
    ],
)
def test_secrets_are_marked_on_their_own(line: str) -> None:
    found = REDACTOR.redact(f"{line}\n").text
    assert GEHEIM not in found
    mark = REDACTOR.redact(f"password={GEHEIM}\n").text.partition("=")[2].strip()
    assert mark.startswith("[secret:")
    assert mark in found
    assert found.count("\n") == line.count("\n") + 1


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("quote", ["", '"'])
def test_ciphertexts_keep_the_word_before_them(name: str, quote: str) -> None:
    text = f"    set {name} ENC {quote}kG9QpZrT2xVnB6mLwYc1+/=={quote}\n"
    found = REDACTOR.redact(text).text
    assert found.startswith(f"    set {name} ENC {quote}[secret:")
    assert "kG9Q" not in found


@pytest.mark.parametrize(
    "line",
    [
        "    set apply-to admin-password ipsec-preshared-key",
        "    set password-expire 2026-12-01 09:12:44",
        "    set passwd-time 2019-11-14 07:38:19",
        "    set force-password-change enable",
        "    set reuse-password disable",
        '    set ssh-public-key1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA jan@laptop"',
        '    set ssid "Kantoor"',
        "    set admin-ssh-password enable",
        '    set name "Webserver"',
        "    set key-id 1",
        "    set private-data-encryption enable",
        "    set security wpa2-only-personal",
        '    set username "1234567@provider"',
        "    set proposal aes256-sha256",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert REDACTOR.redact(f"config firewall policy\n{line}\nend\n").count == 0
