"""HTTP for pywinrm: verified TLS, and no answer in the clear where messages are encrypted.

pywinrm itself is used as it is; what is here is mounted on its ``requests`` session.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

import requests
from urllib3.response import BaseHTTPResponse

from assessor.collect.transports.guarded_http import Bound, GuardedAdapter
from assessor.collect.transports.watch import Guard
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

MOST_BYTES = 2 * 1024 * 1024
"""The largest answer taken; Windows keeps to the 150 kB that pywinrm asks for."""

_BOUND = Bound(MOST_BYTES, "the WinRM service sends far more than it was asked for")


def tls_context(target: Target, passphrase: Callable[[], str | None]) -> ssl.SSLContext:
    """A context that verifies, with the target's own authority and the client's certificate.

    Args:
        target: names the files.
        passphrase: asked for when the client's key is encrypted.

    Raises:
        TransportError: a file cannot be read, or is no certificate or key.
    """
    winrm = target.winrm
    try:
        context = ssl.create_default_context(cafile=winrm.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise _unreadable(winrm.ca_file, error) from None
    # A listener's own self-signed certificate may be what is trusted.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if winrm.certificate_file:
        try:
            context.load_cert_chain(
                winrm.certificate_file, winrm.key_file, lambda: passphrase() or ""
            )
        except (OSError, ssl.SSLError) as error:
            raise _unreadable(f"{winrm.certificate_file} or {winrm.key_file}", error) from None
    return context


def _unreadable(files: str, error: OSError) -> TransportError:
    return TransportError(
        Reason.SECRET_MISSING,
        f"{files} cannot be used: {error.strerror or type(error).__name__}",
        mend="see whether the files are there, are PEM, belong together, and may be read",
    )


class WinrmAdapter(GuardedAdapter):
    """Guarded connections to a WinRM service, over HTTPS or with encryption of messages.

    Args:
        guard: the time of the target.
        context: for TLS.
        connect_s: what looking up the name and connecting may take.
    """

    def __init__(self, guard: Guard, context: ssl.SSLContext, connect_s: float) -> None:
        self.sealed = False
        """From now on every answer has to be encrypted, or it may be anybody's."""
        super().__init__(guard, context, connect_s, _BOUND)

    def build_response(
        self, req: requests.PreparedRequest, resp: BaseHTTPResponse
    ) -> requests.Response:
        """A response that is read to a bound only.

        Raises:
            TransportError: it is not encrypted and has to be. pywinrm would take it all the same.
        """
        response = super().build_response(req, resp)
        kind = response.headers.get("Content-Type", "")
        if self.sealed and response.status_code != 401 and not kind.startswith("multipart/"):
            raise TransportError(
                Reason.PROTOCOL,
                f"the answer (HTTP status {response.status_code}) is not encrypted,"
                " so anybody may have given it",
                mend="reach the target over HTTPS: leave winrm's encryption out",
            )
        return response
