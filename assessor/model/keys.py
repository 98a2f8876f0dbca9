"""Where the private part of a signing key is kept."""

from __future__ import annotations

from enum import StrEnum

DEFAULT_KEY = "default"
"""The key that signs where the settings name none."""


class Place(StrEnum):
    """Where the private part of a key is."""

    KEYRING = "keyring"
    FILE = "file"
