"""The forms of file that can be imported; loads nothing else, so that the command line may."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """Forms that can be imported."""

    AUTO = "auto"
    ANSIBLE_INI = "ansible-ini"
    ANSIBLE_YAML = "ansible-yaml"
    SSH_CONFIG = "ssh-config"
    CSV = "csv"
