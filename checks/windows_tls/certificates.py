"""The certificates that http.sys shows (IIS, Exchange, WinRM), and until when they count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assessor.api import Registry, UnparsedError, read_object

_HTTP = r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
_SHA1_BYTES = 20


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the computer."""

    subject: str
    not_after: datetime


def read_certificates(text: str) -> dict[str, Certificate]:
    """Reads the answer of ``windows_certificates.ps1``: certificates by their thumbprints.

    Raises:
        UnparsedError: it is no whole answer.
    """
    return {
        row.text("thumbprint").lower(): Certificate(row.text("subject"), row.moment("not_after"))
        for row in read_object(text).rows("certificates")
    }


def bound(registry: Registry) -> dict[str, str]:
    """The thumbprints that http.sys shows, by the address or name at which it does.

    Raises:
        UnparsedError: a thumbprint is none.
    """
    found = {}
    for part in ("SslBindingInfo", "SslSniBindingInfo"):
        for key in registry.keys(rf"{_HTTP}\{part}\*"):
            thumbprint = key.data("SslCertHash")
            if thumbprint is None:
                continue
            if len(thumbprint) != _SHA1_BYTES:
                raise UnparsedError(f"{key.name}: SslCertHash")
            found[key.name] = thumbprint.hex()
    return found
