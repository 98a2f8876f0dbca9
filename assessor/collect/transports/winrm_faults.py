"""What goes wrong with WinRM, in words that say what to do on the Windows side."""

from __future__ import annotations

import ssl

import requests
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)

from assessor.collect.transports.guarded_http import NO_TLS, WRONG_NAMES, chain
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target, WinrmLogin

PLAN = "`assess access windows` prints the steps"

_ACCESS_DENIED = frozenset({5, 0x80070005})
_QUOTAS = frozenset(
    {
        *range(0x803381A5, 0x803381A9),  # shells, operations, one user's, the system's
        0x803381AB,  # users with shells
        *range(0x803381E4, 0x803381EB),  # the same, counted per quota pool
    }
)
"""ERROR_WSMAN_QUOTA_* of wsmerror.h."""

_UNAVAILABLE = 503
"""HTTP.sys gives it while the service starts or has too much to do, without judging a log-in."""

_EXPIRED, _NOT_YET = 10, 9
"""X509_V_ERR_* of OpenSSL's x509_vfy.h."""

_LOGIN_MENDS = {
    WinrmLogin.NTLM: "check the user (name@domain or DOMAIN\\name) and the password, and whether"
    " the account is locked, disabled or expired there; Service\\Auth\\Negotiate must be true",
    WinrmLogin.KERBEROS: "see with klist whether your ticket is valid, and whether the address is"
    " the name in the domain: the service is HTTP/that name",
    WinrmLogin.CERTIFICATE: "Service\\Auth\\Certificate must be true, and WSMan:\\localhost\\"
    "ClientCertificate must map the certificate to a local account whose password still holds",
    WinrmLogin.BASIC: "check the name of the local account and the password; Service\\Auth\\Basic"
    " must be true (better: login: ntlm)",
}


def translated(error: Exception, target: Target, place: str) -> TransportError:
    """``error``, raised by pywinrm or below it, as what the evidence keeps."""
    for fault in chain(error):
        match fault:
            case TransportError():
                return fault
            case ssl.SSLCertVerificationError():
                return _certificate(fault, target, place)
            case ssl.SSLEOFError():
                return _broken(place)
            case ssl.SSLError():
                return _tls(fault, target, place)
            case InvalidCredentialsError() | PermissionError():
                return _rejected(target, place)
            case WSManFaultError():
                return _fault(fault, target, place)
            case WinRMTransportError():
                return _status(fault, place)
            case requests.TooManyRedirects():
                return TransportError(
                    Reason.PROTOCOL,
                    f"what answers on {place} sends us elsewhere",
                    mend="see what listens on that port; WinRM's HTTPS port is 5986",
                )
            case requests.Timeout() | WinRMOperationTimeoutError():
                return TransportError(
                    Reason.TIMED_OUT,
                    f"the WinRM service on {place} does not answer",
                    mend="restart the service there: Restart-Service WinRM",
                )
    if any(isinstance(fault, OSError) for fault in chain(error)):
        return _broken(place)
    return TransportError(
        Reason.PROTOCOL,
        f"what answers on {place} is no WinRM service ({type(error).__name__})",
        mend="see what listens on that port; WinRM's HTTPS port is 5986",
    )


def _broken(place: str) -> TransportError:
    return TransportError(
        Reason.DROPPED,
        f"the connection to {place} broke off",
        mend="see whether the machine or its WinRM service restarted, and whether the listener"
        " has a certificate with its key",
    )


def _certificate(fault: ssl.SSLCertVerificationError, target: Target, place: str) -> TransportError:
    match fault.verify_code:
        case code if code == _EXPIRED:
            what, mend = "has expired", f"renew it and give the listener the new one; {PLAN}"
        case code if code == _NOT_YET:
            what, mend = "is not valid yet", "set the clocks right, there and here"
        case code if code in WRONG_NAMES:
            what = f"is not made out to {target.address}"
            mend = f"use the name that it bears as the address, or issue one for this name; {PLAN}"
        case _:
            what = f"cannot be trusted: {fault.verify_message}"
            mend = (
                "export the authority that signed it (or the certificate itself, where it is"
                " self-signed) as PEM, compare its fingerprint there, and name the file under"
                " winrm: {ca_file: ...}"
            )
    return TransportError(
        Reason.CERTIFICATE_REFUSED, f"the certificate of {place} {what}", mend=mend
    )


def _tls(fault: ssl.SSLError, target: Target, place: str) -> TransportError:
    said = fault.reason or ""
    if target.winrm.login is WinrmLogin.CERTIFICATE and "ALERT" in said:
        return _rejected(target, place)  # an alert is what the other side says
    if said in NO_TLS:
        return TransportError(
            Reason.PROTOCOL,
            f"{place} does not speak TLS: it looks like WinRM over HTTP",
            mend=f"make an HTTPS listener there (port 5986); {PLAN}",
        )
    return TransportError(
        Reason.PROTOCOL,
        f"no TLS could be agreed on with {place}: {said or type(fault).__name__}",
        mend="see whether the listener has a certificate with its key, and TLS 1.2 is on there",
    )


def _rejected(target: Target, place: str) -> TransportError:
    login = target.winrm.login
    who = target.user or "your account"
    return TransportError(
        Reason.AUTHENTICATION_FAILED,
        f"{place} refused the log-in of {who} by {login}",
        mend=_LOGIN_MENDS[login],
    )


def _fault(fault: WSManFaultError, target: Target, place: str) -> TransportError:
    said = " ".join(fault.reason.split())[:200]
    code = fault.wsman_fault_code
    subcode = (fault.fault_subcode or "").rpartition(":")[2]
    if code in _ACCESS_DENIED or subcode == "AccessDenied":
        who = target.user or "the account"
        return TransportError(
            Reason.SHELL_REFUSED,
            f"{who} may log in on {place}, but start no shell: {said}",
            mend="give Remote Management Users (S-1-5-32-580) Read and Execute in WinRM's RootSDDL"
            f" and make {who} a member; {PLAN}",
        )
    if code in _QUOTAS or subcode == "QuotaLimit":
        return TransportError(
            Reason.SHELL_REFUSED,
            f"a quota of the WinRM service on {place} is used up: {said}",
            mend="wait until other sessions have ended, restart the service"
            " (Restart-Service WinRM), or raise the quota in WSMan:\\localhost\\Shell",
        )
    number = "" if code is None else f" (0x{code:08X})"
    return TransportError(
        Reason.PROTOCOL,
        f"the WinRM service on {place} reports a fault{number}: {said}",
        mend="look it up with: winrm helpmsg 0x..., and see the log Windows Remote Management"
        " there (Microsoft-Windows-WinRM/Operational)",
    )


def _status(fault: WinRMTransportError, place: str) -> TransportError:
    if fault.code == 404:
        return TransportError(
            Reason.PROTOCOL,
            f"what answers on {place} knows no /wsman",
            mend=f"see what listens on that port; {PLAN}",
        )
    return TransportError(
        Reason.PROTOCOL,
        f"the WinRM service on {place} answers with HTTP status {fault.code}",
        mend="see the log Microsoft-Windows-WinRM/Operational there",
        passing=fault.code == _UNAVAILABLE,
    )
