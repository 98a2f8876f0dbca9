"""Secrets never reach the disk, and what the checks read does."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import string
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessor import bundled
from assessor.catalogue.catalogue import read_catalogue
from assessor.catalogue.samples import Sample, judge_sample, read_samples
from assessor.catalogue.sources import Source
from assessor.evidence.redact import Redactor, bundled_rules, device_rules
from assessor.model.capture import Capture, Captured
from assessor.model.check import Captures
from assessor.model.target import Platform
from assessor.yamlfile import read_yaml

KEY = bytes(range(32))
REDACTOR = Redactor(KEY)
OF_DEVICES = Redactor(KEY, device_rules(), classes=True)
MARK = re.compile(r"\[secret:[0-9a-f]{16}\]")
SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples"

# A line as it comes, and the secrets in it: none may be left, and all else must be.
SECRETS = [
    # Linux accounts
    ("root:$6$rounds=5000$saltsalt$Abcdefgh0123/ijk.:19000:0:99999:7:::", ["Abcdefgh0123/ijk."]),
    ("bob:!$y$j9T$SaLtSaLt$HashHashHashHash:19000:0:99999:7:::", ["j9T$SaLtSaLt$HashHashHashHash"]),
    ("old:$1$abcdefgh$0123456789abcdefghijkl:1:2:3:4:5:6:", ["abcdefgh$0123456789abcdefghijkl"]),
    ("des:abJnggxhB/yWI:19000:0:99999:7:::", ["abJnggxhB/yWI"]),
    ("odd:$sm3$salty$hashy:19000:0:99999:7:::", ["$sm3$salty$hashy"]),
    ("root:abJnggxhB/yWI:0:0:root:/root:/bin/sh", ["abJnggxhB/yWI"]),
    ("x $2y$10$YRVoF4SgskIsrXOvOQjGieB9XqHPRra9R7d80B3BZdbY z", ["YRVoF4SgskIsrXOvOQjGieB9XqHP"]),
    ("web:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", ["r31.....$HqJZimcKQFAMYayBlzkrA/"]),
    ("$7$C6..../....SaltSalt$HashHash", ["SaltSalt"]),
    (
        "Admin:500:aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::",
        ["31d6cfe0d1"],
    ),
    ("userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3", ["DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"]),
    ("'*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'", ["2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"]),
    ("app | SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy", ["c2FsdA==$c3RvcmVk:c2VydmVy"]),
    ("app | md5a3556571e93b0d20722ba62be61e8c2d", ["a3556571e93b0d20722ba62be61e8c2d"]),
    ("password_pbkdf2 root grub.pbkdf2.sha512.10000.AB12CD.34EF56", ["AB12CD.34EF56"]),
    # wireless and VPN
    ('  psk="correct horse battery"', ["correct horse battery"]),
    ('  #psk="in clear text"', ["in clear text"]),
    ("wpa_passphrase=my own wifi phrase", ["my own wifi phrase"]),
    ("wpa_psk=0123456789abcdef0123456789abcdef", ["0123456789abcdef0123456789abcdef"]),
    ("sae_password=geheim123", ["geheim123"]),
    ("    wpa-psk geheimgeheim", ["geheimgeheim"]),
    ("802-11-wireless-security.psk:             a phrase", ["a phrase"]),
    ("Passphrase=iwd-geheim", ["iwd-geheim"]),
    ("PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", ["yAnz5TF+lXXJte14tji3zlMNq+hd"]),
    ("PresharedKey=FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=", ["FpCyhws9cxwWoV4xELtfJvjJN+zQ"]),
    (
        "w\tyAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\t" + "x" * 43 + "=\t51820\toff",
        ["yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="],
    ),
    ('conn : PSK "ipsec-geheim"', ["ipsec-geheim"]),
    # uci of OpenWrt
    ("wireless.default_radio0.key='wifi geheim'", ["wifi geheim"]),
    ("\toption key 'wifi-geheim'", ["wifi-geheim"]),
    ("network.wg0.private_key='AbCdEf=='", ["AbCdEf=="]),
    # RouterOS
    ("set name=x wpa2-pre-shared-key=geheim1 comment=y", ["geheim1"]),
    ('add name=vpn password="met spatie \\" en" service=l2tp', ['met spatie \\" en']),
    ("add name=vpn secret=abc,def profile=x", ["abc,def"]),
    ("    wpa-pre-shared-key=eerste wpa2-pre-shared-key=tweede \\", ["eerste", "tweede"]),
    ('add comment=x passphrase=\\\n    "over de regel"', ["over de regel"]),
    (
        "/snmp community\nset [ find default=yes ] addresses=10.0.0.0/8 name=mijngroep\n/x",
        ["mijngroep"],
    ),
    # EdgeOS and VyOS
    ("    encrypted-password $6$abcdefgh$ijklmnopqrstuv", ["abcdefgh$ijklmnopqrstuv"]),
    ("    plaintext-password zichtbaar", ["zichtbaar"]),
    ("set system login user ubnt authentication plaintext-password 'zicht baar'", ["zicht baar"]),
    (
        "set vpn ipsec site-to-site peer 1.2.3.4 authentication pre-shared-secret geheimpje",
        ["geheimpje"],
    ),
    ("    community prive {", ["prive"]),
    ("set service snmp community prive authorization ro", ["prive"]),
    # FortiOS
    ("        set password ENC SH2abcdefgh+/==", ["SH2abcdefgh+/=="]),
    ("        set passphrase ENC abcdefghijkl", ["abcdefghijkl"]),
    ("        set secondary-key ENC abcdefghijkl", ["abcdefghijkl"]),
    ('        set psksecret "in klare taal"', ["in klare taal"]),
    ('config system snmp community\n edit 1\n  set name "prive"\n next\nend', ["prive"]),
    # Cisco IOS
    ("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", ["mERr$hx5rVt7rPNoS4wqbXKX7m0"]),
    (
        "enable secret 9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM",
        ["X.HsgL6x1il0"],
    ),
    (
        "enable secret 8 $8$mTj4RZG8N9ZDOk$elY/asfm8kD3iDmkBe3hD2r4xcA/0oWS5V3os.O91u.",
        ["elY/asfm8kD3"],
    ),
    ("username admin privilege 15 password 7 0822455D0A16", ["0822455D0A16"]),
    ("username admin secret 0 klaretaal", ["klaretaal"]),
    (" password cisco123", ["cisco123"]),
    (" password 7 0822455D0A16", ["0822455D0A16"]),
    ("snmp-server community geheim RO 10", ["geheim"]),
    ("snmp-server host 10.0.0.1 version 2c geheim", ["geheim"]),
    ("snmp-server host 10.0.0.1 traps geheim", ["geheim"]),
    ("tacacs-server host 10.0.0.1 key 7 0822455D0A16", ["0822455D0A16"]),
    ("crypto isakmp key geheimpje address 0.0.0.0", ["geheimpje"]),
    (" wpa-psk ascii 0 wifigeheim", ["wifigeheim"]),
    (" security wpa psk set-key ascii 0 wifigeheim", ["wifigeheim"]),
    (" neighbor 10.0.0.2 password 7 0822455D0A16", ["0822455D0A16"]),
    ("ntp authentication-key 1 md5 0822455D 7", ["0822455D"]),
    # net-snmp
    ("rocommunity prive default", ["prive"]),
    ("com2sec readonly 10.0.0.0/8 prive", ["prive"]),
    ('createUser jan SHA "auth geheim" AES "x"', ["auth geheim"]),
    # settings of programs
    ("password=geheim", ["geheim"]),
    ("password = drie losse woorden", ["drie losse woorden"]),
    ("PASSWORD=geheim", ["geheim"]),
    ("export RESTIC_PASSWORD='met spatie'", ["met spatie"]),
    ("RESTIC_PASSWORD=geheim restic -r /srv/backup backup /home", ["geheim"]),
    ("0 2 * * * BORG_PASSPHRASE=geheim borg create", ["geheim"]),
    (
        "Environment=AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ["wJalrXUtnFEMI"],
    ),
    ("MYSQL_PWD=geheim", ["geheim"]),
    ("db_pass: 'gehe''im'", ["gehe"]),
    ('{"user": "a", "password": "b\\"c", "n": 1}', ['b\\"c']),
    ('{"apiKey":"0a1b2c","api_key":"3d4e5f","x-api-key":"6a7b"}', ["0a1b2c", "3d4e5f", "6a7b"]),
    ('"{\\"token\\":\\"binnenin\\"}"', ["binnenin"]),
    ("{password: geheim, user: x}", ["geheim"]),
    ("token: abcdef", ["abcdef"]),
    ("secret: |\n  regel een\n  regel twee\nuser: x", ["regel een", "regel twee"]),
    ("<httpdPassword>geheim</httpdPassword>", ["geheim"]),
    ("<rocommunity>prive</rocommunity>", ["prive"]),
    ("<secret><![CDATA[ge]heim]]></secret>", ["ge]heim"]),
    ("<password>afgekn", ["afgekn"]),
    ("BACKUP_PWD=/ge/heim", ["/ge/heim"]),
    ("requirepass geheim", ["geheim"]),
    ('<pre-shared-key type="x">geheim</pre-shared-key>', ["geheim"]),
    ('<user name="x" password="geheim"/>', ["geheim"]),
    ("<key>wifiPassword</key>\n\t<string>geheim</string>", ["geheim"]),
    ("HTTPProxyPassword geheim", ["geheim"]),
    ("requirepass geheim", ["geheim"]),
    ("ldap_default_authtok = geheim", ["geheim"]),
    ("machine x.example login jan password geheim", ["geheim"]),
    ("db.example:5432:app:jan:geheim", ["geheim"]),
    ("CREATE ROLE app LOGIN PASSWORD 'geheim';", ["geheim"]),
    ("CREATE USER app IDENTIFIED BY 'geheim';", ["geheim"]),
    ("wachtwoord = geheim", ["geheim"]),
    ("    Key Content            : wifi geheim", ["wifi geheim"]),
    ("//nas/x /mnt cifs username=jan,password=geheim,uid=1000 0 0", ["geheim"]),
    ("SetCredential=db:geheim", ["geheim"]),
    # addresses, headers, command lines
    ("repository rest:https://jan:geheim@backup.example:8000/x", ["geheim"]),
    ("redis://:ge@heim@db.example/0", ["ge@heim"]),
    (
        "https://0123456789abcdef0123456789abcdef@git.example/x.git",
        ["0123456789abcdef0123456789abcdef"],
    ),
    ("Authorization: Basic amFuOmdlaGVpbQ==", ["amFuOmdlaGVpbQ=="]),
    ("proxy_set_header Authorization 'Bearer abcdefghijklmnop1234';", ["abcdefghijklmnop1234"]),
    ('-H "X-Api-Key: abcdef"', ["abcdef"]),
    ("Set-Cookie: sid=abcdef; HttpOnly", ["sid=abcdef"]),
    ("mysqldump -u root -pgeheim --all-databases", ["geheim"]),
    ("sshpass -p geheim ssh x", ["geheim"]),
    ("curl -s -u jan:geheim https://x.example", ["geheim"]),
    ("tool --password geheim --verbose", ["geheim"]),
    ("tool --api-key=geheim --verbose", ["geheim"]),
    # by their own form
    ("aws_access_key_id = AKIAIOSFODNN7EXAMPLE", ["AKIAIOSFODNN7EXAMPLE"]),
    ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl y", ["eyJzdWIiOiIxIn0"]),
    ("x ghp_0123456789abcdefghijABCDEFGHIJ012345 y", ["ghp_0123456789abcdefghijABCDEFGHIJ012345"]),
    ("otpauth://totp/x:jan?secret=JBSWY3DPEHPK3PXP&issuer=x", ["JBSWY3DPEHPK3PXP"]),
    (
        'JBSWY3DPEHPK3PXPJBSWY3DPEH\n" RATE_LIMIT 3 30\n" TOTP_AUTH\n12345678\n87654321\n',
        ["JBSWY3DPEHPK3PXPJBSWY3DPEH", "12345678", "87654321"],
    ),
]

# What the checks read, and what people say: not a character may change.
HARMLESS = [
    "PasswordAuthentication yes",
    "#PasswordAuthentication yes",
    "PermitEmptyPasswords no",
    "passwordauthentication no",
    "permitemptypasswords no",
    "authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2",
    "hostkey /etc/ssh/ssh_host_ed25519_key",
    "authenticationmethods publickey,password",
    "pubkeyacceptedalgorithms ssh-ed25519,sk-ssh-ed25519@openssh.com",
    "password requisite pam_pwquality.so minlen=12",
    "password\trequisite\tpam_pwquality.so retry=3",
    "password\t[success=1 default=ignore]\tpam_unix.so obscure use_authtok try_first_pass yescrypt",
    "-password optional pam_gnome_keyring.so use_authtok",
    "password include system-auth",
    "password substack password-auth",
    "/etc/pam.d/common-password:password required pam_permit.so",
    "auth required pam_google_authenticator.so nullok secret=/home/${USER}/.ga",
    "root P 2024-01-01 0 99999 7 -1",
    "bob L 2023-05-04 0 90 7 30",
    "minlen = 12",
    "minlen=12",
    "dcredit = -1",
    "PASS_MAX_DAYS\t90",
    "PASS_MIN_LEN 8",
    "ENCRYPT_METHOD YESCRYPT",
    "Last password change\t\t\t\t\t: never",
    "Password expires\t\t\t\t\t: Apr 01, 2025",
    "Password inactive\t\t\t\t\t: never",
    "Minimum number of days between password change\t\t: 0",
    "root:x:0:0:root:/root:/bin/bash",
    "root:*:19000:0:99999:7:::",
    "daemon:!:19000:0:99999:7:::",
    "bob:!!:19000:0:99999:7:::",
    "ssh_keys:x:997:",
    "/etc/passwd:root:x:0:0:root:/root:/bin/bash",
    "passwd:         files systemd",
    "shadow:         files",
    "passwd: Permission denied.",
    "passwd: password updated successfully",
    "sudo: a password is required",
    "[sudo] password for jan: ",
    "Permission denied (publickey,password).",
    "%admin ALL=(ALL) NOPASSWD: ALL",
    "jan ALL=(root) NOPASSWD:/usr/sbin/nft -j list ruleset",
    "    (root) PASSWD: /usr/bin/apt, NOPASSWD: /usr/bin/id",
    "Defaults passwd_tries=3, passwd_timeout=1",
    "Defaults !targetpw, timestamp_timeout=5",
    "-w /etc/passwd -p wa -k passwd_changes",
    "-w /etc/shadow -p wa -k identity",
    'type=SYSCALL msg=audit(1.2:3): success=yes exe="/usr/bin/passwd" key="identity"',
    "passwd\t1:4.13+dfsg1-1+deb12u1",
    "base-passwd\t3.6.1",
    "gir1.2-secret-1:amd64\t0.20.5-3",
    "PWD=/work/main",
    '  passwd=$(getent passwd "$user")',
    "usage: tool <keystore-password> file\nand more <file>",
    "ii  passwd  1:4.13+dfsg1-1+deb12u1  amd64  change and administer password and group data",
    "libsecret 0.21.4-1",
    "systemd-ask-password-console.path   loaded active waiting Dispatch Password Requests",
    "RESTIC_PASSWORD_FILE=/root/.restic",
    "RESTIC_PASSWORD_COMMAND=pass show restic",
    "RESTIC_PASSWORD=${FROM_VAULT}",
    "restic -r sftp:backup@nas.example:/srv backup /home --password-file /root/.restic",
    "encryption_passcommand: secret-tool lookup borg x",
    "password_encryption = scram-sha-256",
    "validate_password.policy = MEDIUM",
    "host all all 10.0.0.0/8 scram-sha-256",
    "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd",
    "ssl_certificate_key /etc/nginx/x.key;",
    "private_key: /etc/ssl/private/x.pem",
    "unix password sync = yes",
    "passwd program = /usr/bin/passwd %u",
    "LUKS2 keyslot 0: pbkdf argon2id",
    "Primary Key Size: 256 bits",
    "Key ID 24c6a8a7f4a80eb5",
    "256 SHA256:9yTqrT3b1hMGe2Tk7oZ5Ny5qvCF4w9a+3jpYPS2Nbqs root@x (ED25519)",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0z0dT3qv0dHeJbT0n7e5oYy6bX2b6n0Hn1xw1o jan@x",
    '{"chain":[{"key_type":"rsa","key_bits":2048,"sha256":"850772cc76612903697f68a71b0be0b5"}]}',
    '"admin_using_default_password":false,',
    '"password": "",',
    "<password/>",
    "<passwordauth>1</passwordauth>",
    "<password></password>\n  <user>jan</user>",
    "set community 65000:100 additive",
    "neighbor 10.0.0.2 send-community both",
    "set allowaccess ping https ssh snmp http fgfm ftm",
    "set authentication-types=wpa2-psk mode=dynamic-keys",
    "option encryption 'psk2+ccmp'",
    "key_mgmt=WPA-PSK",
    "SSID-1 00:68:eb:2b:b7:3b -91  6  Y  -- WPA2(PSK/AES/AES)",
    "pushd; PWD=/root",
    "https://www.ncsc.nl/documenten/publicaties",
    "https://jan@git.example/x.git",
    "[::1]:443 and fe80::1",
    "mysql -u backup -e 'select 1'",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----",
]


@pytest.mark.parametrize(("text", "secrets"), SECRETS)
def test_a_secret_is_replaced_and_nothing_else_is_lost(text: str, secrets: list[str]) -> None:
    redacted = REDACTOR.redact(text)

    for secret in secrets:
        assert secret not in redacted.text
    assert redacted.count >= 1
    assert redacted.count == len(MARK.findall(redacted.text))
    # Every stretch between two marks stands in the text, in order.
    rest = text
    for kept in MARK.split(redacted.text):
        assert kept in rest
        rest = rest[rest.index(kept) + len(kept) :]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_the_checks_read_stays(text: str) -> None:
    assert REDACTOR.redact(text).text == text
    assert REDACTOR.redact(f"before\n{text}\nafter\n").count == 0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("RESTIC_PASSWORD=geheim restic -r /srv backup /home", "restic -r /srv backup /home"),
        ("root:$6$saltsalt$hashhash:19000:0:90:7:::", "root:$6$["),
        ("bob:!$y$j9T$saltsalt$hash:19000:0:90:7:::", ":19000:0:90:7:::"),
        ("snmp-server community geheim RO 10", " RO 10"),
        ("rest:https://jan:geheim@backup.example:8000/x", "@backup.example:8000/x"),
        ("set name=x wpa2-pre-shared-key=geheim1 comment=y", "comment=y"),
        ("mysqldump -u root -pgeheim --all-databases", "--all-databases"),
        ("//nas/x /mnt cifs username=jan,password=geheim,uid=1000", ",uid=1000"),
        ("password = geheim\r\nminlen = 12\r\n", "\r\nminlen = 12\r\n"),
    ],
)
def test_what_stands_beside_a_secret_stays(text: str, kept: str) -> None:
    redacted = REDACTOR.redact(text)
    assert kept in redacted.text
    assert redacted.count == 1


def test_the_same_secret_has_the_same_mark_wherever_it_stands() -> None:
    texts = ["psk=geheim99", '{"password": "geheim99"}', "<secret>geheim99</secret>",
             "snmp-server community geheim99 RO", "https://jan:geheim99@x.example/"]  # fmt: skip
    marks = {MARK.findall(REDACTOR.redact(text).text)[0] for text in texts}
    assert len(marks) == 1


def test_other_secrets_and_other_keys_have_other_marks() -> None:
    one = REDACTOR.redact("psk=geheim99").text
    assert one != REDACTOR.redact("psk=geheim98").text
    assert one != Redactor(bytes(32)).redact("psk=geheim99").text


def test_a_mark_is_the_documented_fingerprint() -> None:
    """The expected digits were computed with ``openssl mac``, not with our own code."""
    assert REDACTOR.redact("psk=geheim99").text == "psk=[secret:b30c3b983e4aead5]"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Redactor(b"short")


def test_redacting_twice_changes_nothing() -> None:
    for text, _ in SECRETS:
        once = REDACTOR.redact(text).text
        assert REDACTOR.redact(once).text == once


def test_json_stays_json() -> None:
    document = {"users": [{"name": "jan", "password": 'a"b\\c\nd'}], "psk": "x y", "n": 1}
    redacted = json.loads(REDACTOR.redact(json.dumps(document)).text)
    assert redacted["n"] == 1
    assert redacted["users"][0]["name"] == "jan"
    assert MARK.fullmatch(redacted["users"][0]["password"])
    assert MARK.fullmatch(redacted["psk"])


# --- private keys ----------------------------------------------------------------------------


def private_key(kind: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    formats = {
        "pkcs8": serialization.PrivateFormat.PKCS8,
        "ec": serialization.PrivateFormat.TraditionalOpenSSL,
        "openssh": serialization.PrivateFormat.OpenSSH,
    }
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if kind == "encrypted":
        encryption = serialization.BestAvailableEncryption(b"x")
    form = formats.get(kind, serialization.PrivateFormat.PKCS8)
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def material(pem: str) -> list[str]:
    return [line for line in pem.splitlines() if not line.startswith("-----")]


KINDS = ["pkcs8", "ec", "openssh", "encrypted"]
LAYOUTS: list[Callable[[str], str]] = [
    lambda pem: pem,
    lambda pem: pem.replace("\n", "\r\n"),
    lambda pem: "".join(f"        {line}\n" for line in pem.splitlines()),
    lambda pem: "".join(f"> {line}\n" for line in pem.splitlines()),
    lambda pem: json.dumps({"private_key": pem}),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_private_keys(kind: str, layout: Callable[[str], str]) -> None:
    pem = private_key(kind)
    redacted = REDACTOR.redact(f"before\n{layout(pem)}\nPermitRootLogin no\n")
    for line in material(pem):
        assert line not in redacted.text
    assert redacted.count == 1
    assert redacted.text.startswith("before\n")
    assert redacted.text.endswith("\nPermitRootLogin no\n")


@pytest.mark.parametrize("layout", [LAYOUTS[0], LAYOUTS[1], LAYOUTS[2], LAYOUTS[4]])
def test_the_same_key_has_the_same_mark_in_every_layout(layout: Callable[[str], str]) -> None:
    pem = private_key("pkcs8")
    plain, laid_out = REDACTOR.redact(pem).text, REDACTOR.redact(layout(pem)).text
    assert MARK.findall(plain) == MARK.findall(laid_out)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_private_key_cut_off_anywhere(data: st.DataObject) -> None:
    """The output limit may fall anywhere within a key."""
    pem = data.draw(st.sampled_from([private_key(kind) for kind in KINDS]))
    layout = data.draw(st.sampled_from(LAYOUTS))
    text = f"before\n{layout(pem)}"
    cut = text[: data.draw(st.integers(min_value=text.index("KEY-----") + 8, max_value=len(text)))]

    redacted = REDACTOR.redact(cut).text

    for line in material(pem):
        for start in range(max(1, len(line) - 8)):
            assert line[start : start + 8] not in redacted


def test_a_line_that_only_speaks_of_a_key_takes_no_settings_with_it() -> None:
    text = "file x: -----BEGIN RSA PRIVATE KEY-----\nPermitRootLogin no\nPort 22\n"
    assert "\nPermitRootLogin no\nPort 22\n" in REDACTOR.redact(text).text


PUTTY = """PuTTY-User-Key-File-3: ssh-ed25519
Encryption: none
Comment: jan
Public-Lines: 2
AAAAC3NzaC1lZDI1NTE5AAAAIJ0z0dT3
qv0dHeJbT0n7e5oYy6bX
Private-Lines: 1
AAAAIGeheimGeheimGeheimGeheim01234567
Private-MAC: 0123456789abcdef
"""


@pytest.mark.parametrize("end", [len(PUTTY), PUTTY.index("34567")])
def test_putty_keys(end: int) -> None:
    redacted = REDACTOR.redact(PUTTY[:end]).text
    assert "GeheimGeheim" not in redacted
    assert "AAAAC3NzaC1lZDI1NTE5AAAAIJ0z0dT3\nqv0dHeJbT0n7e5oYy6bX\n" in redacted


def test_a_key_in_base64_as_firewalls_store_it() -> None:
    encoded = base64.b64encode(private_key("pkcs8").encode()).decode()
    certificate = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB").decode()
    redacted = REDACTOR.redact(f"<x>{encoded}</x><crt>{certificate}</crt>").text
    assert encoded[:60] not in redacted
    assert certificate in redacted


def test_an_ansible_vault() -> None:
    text = "pw: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  616263646566\n  31323334\nuser: jan\n"
    redacted = REDACTOR.redact(text).text
    assert "616263646566" not in redacted
    assert "31323334" not in redacted
    assert redacted.endswith("\nuser: jan\n")


# --- any input, in bounded time --------------------------------------------------------------

PIECES = st.sampled_from(
    ["password", "secret", "psk", "=", ": ", " ", "\n", '"', "'", "\\", "<", ">", "</", "://", "@",
     "$6$", "$", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "{", "}", ",", "set ",
     "ENC ", "community", "snmp-server ", "[secret:", "]", "a", "0", "é", "\u2028", "\r", "\t"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=6), max_size=60).map("".join))
@example("")
@example("password=")
@example('password="')
def test_any_text_is_redacted_without_fault(text: str) -> None:
    redacted = REDACTOR.redact(text)
    assert redacted.count == 0 or MARK.search(redacted.text)
    if redacted.count == 0:
        assert redacted.text == text


SECRET_LETTERS = string.ascii_letters + string.digits + "!#%*+-./:?@^_~"


@given(st.text(SECRET_LETTERS, min_size=10, max_size=60))
def test_any_secret_in_quotes_disappears(secret: str) -> None:
    for text in (
        f'password="{secret}"',
        f"psk='{secret}'",
        json.dumps({"token": secret}),
        f"RESTIC_PASSWORD={secret}",
        f"set password ENC {secret}",
        f"wpa_passphrase={secret}",
        f"<password>{secret}</password>",
    ):
        redacted = REDACTOR.redact(text).text
        if not bundled_rules().harmless.compiled.fullmatch(secret):
            assert secret not in redacted
            assert secret[2:-2] not in redacted


HOSTILE = {
    "one long line": "a",
    "words": "password",
    "words with a sign": "password=",
    "words and spaces": "password ",
    "words on lines": "password\n",
    "quotes": 'password="',
    "escapes": 'psk=\\"',
    "backslashes": "\\",
    "addresses": "://a:",
    "one address": "a:b@",
    "beginnings of keys": "-----BEGIN PRIVATE KEY-----\n",
    "hashes": "$6$a",
    "tags": "<password ",
    "more tags": "<a.password>",
    "blanks": " ",
    "lines": "\n",
    "indented": "                    x\n",
    "set": "set password",
    "set lines": "set a b c password\n",
    "accounts": "username a b c\n",
    "options": "-a-a-a-a ",
    "tokens": "eyJaaaaaaaa.",
    "base64": "LS0tLS1CRUdJTi",
    "vaults": "$ANSIBLE_VAULT;1.1;AES256\n61\n",
    "sections": "/snmp community\n",
    "commands": "mysql curl ldapsearch ",
    "cisco": "tacacs snmp-server user crypto isakmp ",
    "mixed": 'db_password: "x" psk=y token z <secret>q</secret> https://a:b@c/ password q\n',
}


def _seconds(text: str) -> float:
    """The least of three: what else the machine does can only add to it."""
    taken = []
    for _ in range(3):
        redactor = Redactor(KEY)  # a new one, which remembers nothing
        began = time.process_time()
        redactor.redact(text)
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_and_no_faster(name: str) -> None:
    """Eight times as long may take eight times as long; the square would be sixty-four."""
    piece = HOSTILE[name]
    short = (piece * (8_192 // len(piece) + 1))[:8_192]
    long = (piece * (65_536 // len(piece) + 1))[:65_536]

    assert _seconds(long) < 24 * max(_seconds(short), 0.002)


# --- the shared samples ----------------------------------------------------------------------


def sample_files() -> Iterator[Path]:
    return (path for path in sorted(SAMPLES.rglob("*")) if path.is_file())


def xml_secrets(text: str) -> Iterator[str]:
    """Found by the XML parser and the names of elements, not by any of our patterns."""
    for element in ElementTree.fromstring(text).iter():  # noqa: S314 - files of our own
        name = str(element.tag).lower()
        value = (element.text or "").strip()
        if value and not len(element) and name.endswith(("password", "community", "secret", "prv")):
            yield value


def line_secrets(text: str) -> Iterator[str]:
    """Found by splitting lines at blanks."""
    for line in text.splitlines():
        words = line.split()
        if "ENC" in words[:-1]:
            yield words[words.index("ENC") + 1]
        if len(words) == 2 and words[0].endswith("-password") and words[1] != '""':
            yield words[1]
        fields = line.split(":")
        if len(fields) > 6 and len(fields[1]) > 2 and line == "".join(words):
            yield fields[1]
    for part in text.split("PRIVATE KEY-----")[1::2]:
        # Where whoever published the sample has blacked the key out, nothing is left to hide.
        yield from (word for word in part.rpartition("-----END")[0].split() if word != "MASKED")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"needs {SAMPLES}, the shared samples")
def test_no_secret_of_the_shared_samples_survives() -> None:
    found = 0
    for path in sample_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        redacted = REDACTOR.redact(text).text
        is_xml = text.lstrip().startswith("<?xml")
        extract = xml_secrets if is_xml else line_secrets
        secrets = [secret for secret in extract(text) if not secret.startswith("[secret:")]
        found += len(secrets)
        left = [secret for secret in extract(redacted) if not MARK.search(secret)]
        assert left == [], path
        for secret in secrets:
            if len(secret) > 12:
                assert secret not in redacted, path
    assert found >= 20  # else the extraction found nothing to test with


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"needs {SAMPLES}, the shared samples")
def test_the_shared_samples_lose_nothing_else() -> None:
    """Every changed line held a secret that a person would have blacked out."""
    expected = re.compile(
        r"password|-pwd|key ENC|private-key|community|<prv>|PRIVATE KEY",
        re.I,
    )
    for path in sample_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        redacted = REDACTOR.redact(text).text
        for line in redacted.splitlines():
            if MARK.search(line):
                assert expected.search(line), f"{path}: {line[:200]}"


def redacted_sample(sample: Sample) -> Sample:
    of_device = sample.captures.target.platform is Platform.DEVICE
    redactor = OF_DEVICES if of_device else REDACTOR

    def redact(capture: Capture) -> Capture:
        if not isinstance(capture, Captured):
            return capture
        return dataclasses.replace(capture, stdout=redactor.redact(capture.stdout).text)

    old = sample.captures
    by_probe = {name: redact(capture) for name, capture in old.by_probe.items()}
    captures = Captures(old.target, old.at, by_probe, old.clock_skew_s)
    return dataclasses.replace(sample, captures=captures)


def test_no_verdict_of_a_bundled_check_depends_on_what_is_redacted() -> None:
    measures = read_yaml(bundled.folder("profiles") / "measures.yaml").value
    assert isinstance(measures, dict)
    sources = [Source("bundled", bundled.folder("checks"))]
    catalogue = read_catalogue(sources, frozenset(measures))
    texts = catalogue.texts()
    judged = 0
    for check_id, info in catalogue.infos.items():
        check = catalogue.check(check_id)
        for sample in read_samples(info):
            before = judge_sample(info, check, texts[check_id], sample)
            after = judge_sample(info, check, texts[check_id], redacted_sample(sample))
            assert after == before, sample.folder
            judged += 1
    assert judged >= 30
