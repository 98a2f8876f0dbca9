"""OPNsense and pfSense: secrets that few configurations have."""

from __future__ import annotations

import pytest

from tests.devices.cases import REDACTOR


@pytest.mark.parametrize(
    "text",
    [
        "<carppass>Een-Geheim-Woord</carppass>",
        "<smtp><passwordagain>Een-Geheim-Woord</passwordagain></smtp>",
        "<enroll_key>Een-Geheim-Woord</enroll_key>",
        "<smtpauthpass>Een-Geheim-Woord</smtpauthpass>",
        "<custom_options>&lt;auth-user-pass&gt;\njan\nEen-Geheim-Woord\n&lt;/auth-user-pass&gt;",
        "<custom_options><![CDATA[<auth-user-pass>\njan\nEen-Geheim-Woord\n</auth-user-pass>]]>",
    ],
)
def test_secrets_are_marked(text: str) -> None:
    stored = REDACTOR.redact(text).text
    assert "Een-Geheim-Woord" not in stored
    assert REDACTOR.redact(stored).text == stored
