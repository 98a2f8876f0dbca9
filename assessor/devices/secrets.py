"""The marks that the redaction left in place of secrets."""

from __future__ import annotations

import re

from assessor.devices.device import Secret, Storage, Strength

MARK = re.compile(r"\[secret:(?P<mark>[0-9a-f]{16})(?::(?P<strength>[0-9a-z-]+))?\]")
_LEFT_OUT = re.compile(
    r"<(?:secret|removed|hidden|redacted|masked|stripped)\b[^>]*>|\*{4,}|x{6,}"
    r"|configuration removed",
    re.IGNORECASE,
)
"""What makers and backup tools (RANCID, Oxidized) write in place of a secret."""


def secret(text: str, storage: Storage, *, stable: bool = True) -> Secret:
    """The secret of which ``text`` is all that the redaction left.

    Args:
        text: a value of a configuration, with or without quotes.
        storage: how the configuration keeps it, by the words around it.
        stable: the same secret is written alike at every export.
    """
    found = MARK.search(text)
    if found is None:
        # What no rule took for a secret (too short, a word such as "none") has no mark.
        return Secret("", Storage.UNKNOWN if _LEFT_OUT.search(text) else storage)
    strength = found["strength"]
    clear = storage is Storage.CLEAR
    return Secret(
        found["mark"],
        storage,
        Strength(strength) if clear and strength in set(Strength) else None,
        stable,
    )
