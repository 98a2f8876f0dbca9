"""Wireless networks and how they are secured, whoever tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Security(StrEnum):
    """How a network is secured, as people call it."""

    NONE = "open"
    WEP = "WEP"
    WPA = "WPA (TKIP)"
    OWE = "OWE, no password"
    """Encrypted, though anybody may join (Wi-Fi Enhanced Open)."""
    WPA2 = "WPA2"
    WPA3 = "WPA3"
    STRANGE = "unknown"


WEAK = frozenset({Security.NONE, Security.WEP, Security.WPA})
SECURED = frozenset({Security.WPA2, Security.WPA3})


@dataclass(frozen=True, slots=True)
class Network:
    """A network that a machine remembers.

    Attributes:
        name: its SSID.
        security: the weakest that the machine takes for it.
        detail: the words in which the system itself has it, where they are strange.
        automatic: the machine joins it by itself.
        hidden: the machine calls for it wherever it is, since it does not announce itself.
        enterprise: people log in with an account of their own (802.1X).
        server_checked: with 802.1X, whether the machine checks to whom it gives the account;
            ``None`` where that was not seen.
    """

    name: str
    security: Security
    detail: str = ""
    automatic: bool = True
    hidden: bool = False
    enterprise: bool = False
    server_checked: bool | None = None

    @property
    def shown(self) -> str:
        """The network for a message, such as ``Office (WPA2)``."""
        return f"{self.name} ({self.detail or self.security})"


def shown(networks: Iterable[Network]) -> tuple[str, ...]:
    """Networks for a message, each once."""
    return tuple(dict.fromkeys(network.shown for network in networks))
