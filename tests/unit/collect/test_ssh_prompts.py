"""What the questions of a log-in ask for; one that is not understood is never answered."""

from __future__ import annotations

import pytest

from assessor.collect.transports.ssh_auth import Prompt, understood
from assessor.collect.transports.ssh_session import plain


@pytest.mark.parametrize(
    ("prompt", "echo", "expected"),
    [
        # pam_unix, also in other languages and as macOS and FreeBSD say it
        ("Password: ", False, Prompt.PASSWORD),
        ("Password:", False, Prompt.PASSWORD),
        ("(admin@web) Password: ", False, Prompt.PASSWORD),
        ("admin@web's password: ", False, Prompt.PASSWORD),
        ("Wachtwoord: ", False, Prompt.PASSWORD),
        ("Password for admin@web:", False, Prompt.PASSWORD),
        # pam_google_authenticator, pam_oath, Duo, RSA SecurID, privacyIDEA
        ("Verification code: ", False, Prompt.CODE),
        ("(admin@web) Verification code: ", False, Prompt.CODE),
        ("One-time password (OATH) for `admin': ", False, Prompt.CODE),
        ("Passcode or option (1-3): ", True, Prompt.CODE),
        ("Enter PASSCODE: ", False, Prompt.CODE),
        ("Please enter the OTP: ", False, Prompt.CODE),
        ("YubiKey for `admin': ", False, Prompt.CODE),
        ("Verificatiecode: ", False, Prompt.CODE),
        # what must not be answered
        ("Current password: ", False, Prompt.NEW_PASSWORD),
        ("(current) UNIX password: ", False, Prompt.NEW_PASSWORD),
        ("New password: ", False, Prompt.NEW_PASSWORD),
        ("Retype new password: ", False, Prompt.NEW_PASSWORD),
        ("Nieuw wachtwoord: ", False, Prompt.NEW_PASSWORD),
        ("Your password has expired. New password:", False, Prompt.NEW_PASSWORD),
        ("Password & verification code: ", False, Prompt.UNKNOWN),
        ("Password and OTP: ", False, Prompt.UNKNOWN),
        ("Password: ", True, Prompt.UNKNOWN),
        ("PIN: ", False, Prompt.UNKNOWN),
        ("Username: ", True, Prompt.UNKNOWN),
        ("Continue? ", True, Prompt.UNKNOWN),
        ("", False, Prompt.UNKNOWN),
    ],
)
def test_what_a_prompt_asks_for(prompt: str, echo: bool, expected: Prompt) -> None:
    assert understood(prompt, echo=echo) is expected


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("two\r\nlines\tand\x00more", "two lines and more"),
        ("\x1b[2J\x1b]0;title\x07text", "[2J ]0;title text"),
        ("right\u202eto left", "right to left"),
        (b"\xff\xfetext", "\ufffd\ufffdtext"),
        ("x" * 300, "x" * 200 + "..."),
        (b"", ""),
    ],
)
def test_what_a_peer_says_is_made_fit_to_show(said: str | bytes, shown: str) -> None:
    assert plain(said) == shown
