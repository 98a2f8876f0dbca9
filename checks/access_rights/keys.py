"""Authorised keys: the kind and length from the beginning of a key, and when its file changed.

A key's blob (RFC 4253, section 6.6; RFC 5656; OpenSSH's PROTOCOL.u2f) begins with its kind, and for
RSA goes on with the exponent and the modulus, each after its length. So that much of it is enough.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SHORTEST_RSA = 2048
"""Bits below which RSA counts as weak."""
_KINDS: Mapping[str, tuple[str, int]] = {
    "ssh-rsa": ("RSA", 0),
    "ssh-dss": ("DSA", 1024),
    "ssh-ed25519": ("Ed25519", 256),
    "ecdsa-sha2-nistp256": ("ECDSA", 256),
    "ecdsa-sha2-nistp384": ("ECDSA", 384),
    "ecdsa-sha2-nistp521": ("ECDSA", 521),
    "sk-ssh-ed25519@openssh.com": ("Ed25519-SK", 256),
    "sk-ecdsa-sha2-nistp256@openssh.com": ("ECDSA-SK", 256),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its kind, and its length in bits; an empty kind and 0 where they are not known."""

    kind: str
    bits: int

    @classmethod
    def read(cls, blob: str) -> Key:
        """The key that begins with ``blob``, in base64."""
        try:
            raw = base64.b64decode(blob[: len(blob) // 4 * 4], validate=True)
        except (binascii.Error, ValueError):
            return cls("", 0)
        word, rest = _string(raw)
        kind, bits = _KINDS.get(word.decode("ascii", errors="replace"), ("", 0))
        if kind == "RSA":
            _, modulus = _string(rest)
            size = int.from_bytes(modulus[:4], "big")
            # A positive number whose first bit is set has a zero byte before it.
            lead = modulus[4:6]
            if len(lead) == 2 and 64 <= size <= 2052:
                top = int.from_bytes(lead, "big")
                bits = (size - 2) * 8 + top.bit_length()
        return cls(kind, bits)

    @property
    def weak(self) -> bool:
        """Whether the key is of a kind or a length that is no longer safe."""
        return self.kind == "DSA" or (self.kind == "RSA" and 0 < self.bits < SHORTEST_RSA)

    @property
    def text(self) -> str:
        """Kind and length, such as ``RSA 4096``."""
        return f"{self.kind} {self.bits}" if self.kind and self.bits else self.kind or "?"


def _string(raw: bytes) -> tuple[bytes, bytes]:
    """The string that ``raw`` begins with (RFC 4251, section 5), and what follows it."""
    end = 4 + int.from_bytes(raw[:4], "big")
    return raw[4:end], raw[end:]


def read_root_keys(output: str) -> tuple[Key, ...]:
    """Root's keys from lines ``number:#`` and ``number:AAAA...``; the former do not count."""
    found = [line.partition(":") for line in output.splitlines()]
    struck = {number for number, _, text in found if text.strip() == "#"}
    return tuple(
        Key.read(text) for number, _, text in found if text[:4] == "AAAA" and number not in struck
    )


_LISTED = re.compile(
    r"\s*\d+\s+\d+\s+-\S+\s+\d+\s+\S+\s+\S+\s+(\d+)\s+"
    r"([A-Z][a-z]{2})\s+(\d{1,2})\s+(?:(\d{4})|(\d{2}:\d{2}))\s+(/.*)"
)


def read_listing(output: str, now: datetime) -> dict[str, datetime]:
    """When each file of keys that is not empty last changed, by its path, from ``find -ls``.

    The listing names the year only of what is older than half a year (``find(1)``, -ls).
    """
    files = {}
    for line in output.splitlines():
        entry = _LISTED.fullmatch(line)
        if entry is None or int(entry[1]) == 0:
            continue
        words = f"{entry[4] or now.year} {entry[2]} {entry[3]} {entry[5] or '00:00'}"
        try:
            changed = datetime.strptime(words, "%Y %b %d %H:%M").replace(tzinfo=UTC)
            if entry[4] is None and changed > now + timedelta(days=1):
                changed = changed.replace(year=now.year - 1)
        except ValueError:
            continue
        files[entry[6]] = changed
    return files
